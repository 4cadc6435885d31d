"""The runtime file: what runs where. Written by the supervisor alone, read by every command.

``wanted.json`` beside it is the other direction: what should run, written by `up`, read by the supervisor.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TypeVar

import msgspec

from fundwatch.services.processes import Identity

_RUNTIME = "runtime.json"
_WANTED = "wanted.json"
_Kept = TypeVar("_Kept", bound=msgspec.Struct)


class State(StrEnum):
    """Where a part is in its life, as the supervisor sees it."""

    STARTING = "starting"
    RUNNING = "running"
    RESTARTING = "restarting"  # it ended by itself; the next start waits for its back-off
    STOPPED = "stopped"


class Part(msgspec.Struct, frozen=True):
    """One supervised process. ``ports`` are kept when it stops, so that it gets the same ones again."""

    state: State
    process: Identity | None
    ports: dict[str, int]
    started: str  # moment of the last start, RFC 3339
    restarts: int  # how often it ended by itself since `up`


class Runtime(msgspec.Struct, frozen=True):
    """The state of one system. Addresses are empty until the supervisor has chosen them, and hold no password."""

    kafka: str = ""
    redis: str = ""
    feed: str = ""
    supervisor: Identity | None = None
    clock: str = "live"
    rules: str = ""
    parts: dict[str, Part] = {}  # msgspec copies defaults


class Wanted(msgspec.Struct, frozen=True):
    """The parts that should run: ``kafka``, ``redis``, ``worker-1`` …, ``feed``, and for whom."""

    parts: tuple[str, ...] = ()
    owner: Identity | None = None  # when this process ends, everything is stopped (tests leave nothing behind)


def read_runtime(folder: str) -> Runtime:
    """The runtime file of the system in ``folder``; an empty one where nothing was ever started."""
    return _read(Path(folder) / _RUNTIME, Runtime) or Runtime()


def write_runtime(folder: str, runtime: Runtime) -> None:
    """Replace the runtime file as a whole: a reader never sees half of it."""
    _write(Path(folder) / _RUNTIME, runtime)


def read_wanted(folder: str) -> Wanted:
    """What should run in ``folder``."""
    return _read(Path(folder) / _WANTED, Wanted) or Wanted()


def write_wanted(folder: str, wanted: Wanted) -> None:
    """Tell the supervisor what should run from now on."""
    _write(Path(folder) / _WANTED, wanted)


def _read(path: Path, kind: type[_Kept]) -> _Kept | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except FileNotFoundError:
        return None


def _write(path: Path, value: msgspec.Struct) -> None:
    fresh = path.with_suffix(".new")
    fresh.write_bytes(msgspec.json.format(msgspec.json.encode(value)) + b"\n")
    fresh.replace(path)
