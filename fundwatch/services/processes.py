"""Processes as one may safely signal them: a pid together with its start time, so a reused pid is never killed.

Linux only (``/proc``, pidfds), like the servers that are started here.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import msgspec

# Every process of a system carries these two in its environment. So even one whose pid nobody could write down (the
# supervisor was killed right after starting it) is found again by `marked`.
SYSTEM_MARK = "FUNDWATCH_SYSTEM"
PART_MARK = "FUNDWATCH_PART"

_POLL_S = 0.02


class Identity(msgspec.Struct, frozen=True):
    """One process, for as long as the machine is up: pids are reused, a pid with a start time is not."""

    pid: int
    start_ticks: int  # field 22 of /proc/<pid>/stat: clock ticks after boot


def identity_of(pid: int) -> Identity | None:
    """Identity of the living process ``pid``; None when there is none, or only a zombie."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return None
    # The program's name, in brackets, may hold anything; the fields begin after the last bracket: state is the third.
    fields = stat[stat.rindex(b")") + 2 :].split()
    if fields[0] in (b"Z", b"X"):
        return None
    return Identity(pid, int(fields[19]))


def is_alive(process: Identity) -> bool:
    """Whether this very process still runs."""
    return identity_of(process.pid) == process


def send(process: Identity, number: signal.Signals) -> None:
    """Signal this very process; nothing happens when it is gone.

    The pidfd holds on to the process, so between the check and the signal the pid cannot become another's.
    """
    try:
        handle = os.pidfd_open(process.pid)
    except ProcessLookupError:
        return
    try:
        if identity_of(process.pid) == process:
            signal.pidfd_send_signal(handle, number)
    except ProcessLookupError:
        pass  # it ended by itself in between
    finally:
        os.close(handle)


def stop(processes: Iterable[Identity], patience_s: float) -> None:
    """Ask all to end (SIGTERM), kill those that have not within ``patience_s``; return when none is left."""
    left = tuple(processes)
    for process in left:
        send(process, signal.SIGTERM)
        send(process, signal.SIGCONT)  # one that is stopped (SIGSTOP) would never see the request
    left = wait_for_end(left, patience_s)
    for process in left:
        send(process, signal.SIGKILL)
    wait_for_end(left, patience_s)


def wait_for_end(processes: Iterable[Identity], patience_s: float) -> tuple[Identity, ...]:
    """Wait until none of them runs, at most ``patience_s``; return those that still do."""
    deadline_s = time.monotonic() + patience_s
    left = tuple(processes)
    while True:
        for process in left:
            reap(process)
        left = tuple(process for process in left if is_alive(process))
        if not left or time.monotonic() > deadline_s:
            return left
        time.sleep(_POLL_S)


def reap(process: Identity) -> None:
    """Collect this process if it is a child of ours that has ended, so that it leaves no zombie."""
    with suppress(ChildProcessError):  # not ours: init collects it
        os.waitpid(process.pid, os.WNOHANG)


def marked(folder: str) -> dict[str, list[Identity]]:
    """Living processes of the system in ``folder``, by the name of their part, found by their environment."""
    found: dict[str, list[Identity]] = {}
    for process, environ in _environments():
        if environ.get(SYSTEM_MARK) == folder:
            found.setdefault(environ.get(PART_MARK, ""), []).append(process)
    return found


def _environments() -> Iterator[tuple[Identity, dict[str, str]]]:
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        process = identity_of(int(entry.name))
        try:
            raw = (entry / "environ").read_bytes()
        except OSError:
            continue  # ended meanwhile, or another user's
        if process is not None:
            pairs = (item.partition("=") for item in os.fsdecode(raw).split("\0"))
            yield process, {name: value for name, _, value in pairs}
