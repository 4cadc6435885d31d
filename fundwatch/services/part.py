"""What a part of a local system is, and the one exception of starting it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

Tell = Callable[[str], None]  # shows one line of progress to whoever waits


class ServiceError(RuntimeError):
    """A local service cannot be had; the message is the one line that the user needs."""


class Launch(NamedTuple):
    """How to start one part."""

    argv: tuple[str, ...]
    folder: Path  # its working directory
    environ: Mapping[str, str]  # added to the supervisor's own


class Kind(NamedTuple):
    """What the supervisor must know of one kind of part."""

    ports: tuple[str, ...]  # names of the ports it listens on
    launch: Callable[[Mapping[str, int]], Launch]  # may write configuration; called before every start
    is_ready: Callable[[Mapping[str, int]], bool]  # cheap; asked while it starts
