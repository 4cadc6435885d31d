"""Free TCP ports for local servers, chosen so that a server which is down for a moment gets its port back."""

from __future__ import annotations

import secrets
import socket
from pathlib import Path

HOST = "127.0.0.1"

# Where the kernel takes the near end of outgoing connections from. A listening port inside it could be taken by any
# client while its server restarts, even by one that is trying to reach that server (it then connects to itself).
_EPHEMERAL = Path("/proc/sys/net/ipv4/ip_local_port_range")
_LOWEST = 15_000
_TRIES = 200


class NoFreePortError(OSError):
    """Not one of the ports that were tried could be bound."""


def is_free(port: int) -> bool:
    """Whether a server could listen on ``port`` now (connections of an earlier server in TIME_WAIT do not matter)."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def is_listening(port: int) -> bool:
    """Whether something accepts connections on ``port``."""
    try:
        socket.create_connection((HOST, port), timeout=1).close()
    except OSError:
        return False
    return True


def free_port(remembered: int | None = None, *, taken: frozenset[int] = frozenset()) -> int:
    """A port to listen on: the ``remembered`` one if it is still free, else one drawn at random.

    Drawn, not counted up: two systems that start at the same moment then do not try the same ports.
    """
    if remembered is not None and remembered not in taken and is_free(remembered):
        return remembered
    highest = _first_ephemeral() - 1
    for _ in range(_TRIES):
        port = _LOWEST + secrets.randbelow(highest - _LOWEST)
        if port not in taken and is_free(port):
            return port
    raise NoFreePortError(f"no free port between {_LOWEST} and {highest} in {_TRIES} tries")


def _first_ephemeral() -> int:
    try:
        return max(int(_EPHEMERAL.read_text().split()[0]), _LOWEST + 5_000)
    except (OSError, ValueError):
        return 32_768
