"""A local system as a whole: start it, stop it, erase it. What `up`, `down`, the demo, replays and the tests call."""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from domain.settings import Settings, without_password
from fundwatch.services import kafka, parts, processes, supervisor, valkey
from fundwatch.services.part import ServiceError, Tell
from fundwatch.services.processes import Identity
from fundwatch.services.runtime import Runtime, State, Wanted, read_runtime, read_wanted, write_wanted

# Kafka starts in 4 s on two idle cores, a worker in about as much; a busy machine may take several times that.
_START_S_MAX = 90.0
# The supervisor gives each of its two groups of parts 20 s to end, and kills what has not ended by then.
_STOP_S_MAX = 60.0
# A part that ended this often while starting will not start.
_ENDS_MAX = 4
_POLL_S = 0.05


def start(settings: Settings, names: Sequence[str], tell: Tell, *, owner: Identity | None = None) -> Runtime:
    """Have these parts run beside those that already do, and return when all of them are ready.

    ``settings`` as declared (`fundwatch.environment.declared`). ``owner``: stop everything when this process is gone.
    Raises ServiceError with one line that says what is missing or what did not start.
    """
    folder = settings.folder
    with _alone(folder):
        runtime = read_runtime(folder)
        is_supervised = runtime.supervisor is not None and processes.is_alive(runtime.supervisor)
        if is_supervised:
            _refuse_other_settings(settings, runtime, read_wanted(folder))
        _prepare(settings, names, tell)
        before = read_wanted(folder) if is_supervised else Wanted()
        others = tuple(name for name in before.parts if name not in names)
        write_wanted(folder, Wanted((*others, *names), owner or before.owner))
        if not is_supervised:
            supervisor.start_detached(settings)
        try:
            return _wait_until_ready(folder, names, tell)
        except ServiceError:
            write_wanted(folder, Wanted(others, owner or before.owner))  # no use in trying for ever
            raise


def stop(settings: Settings, tell: Tell) -> None:
    """Stop everything of this system and return when nothing of it runs any more.

    Raises ServiceError naming what could not be stopped.
    """
    folder = settings.folder
    with _alone(folder):
        write_wanted(folder, Wanted())
        if names := [name for name, _ in _left(folder) if name != supervisor.NAME]:
            tell(f"stopping {', '.join(names)} …")
        processes.stop((process for name, process in _left(folder) if name == supervisor.NAME), _STOP_S_MAX)
        # What a killed supervisor left behind; normally nothing.
        parts.stop_in_order(_left(folder))
        if still := _left(folder):
            raise ServiceError("still running: " + ", ".join(f"{name} (pid {process.pid})" for name, process in still))
        kafka.keep_archive(settings.home, folder)


def erase(settings: Settings) -> None:
    """Delete all that a stopped system kept in its folder; jars and other systems of the home folder stay."""
    folder = Path(settings.folder)
    for entry in folder.iterdir() if folder.is_dir() else ():
        if entry.name in ("namespaces", f"kafka-{kafka.VERSION}"):
            continue
        if entry.is_dir():
            shutil.rmtree(entry)
        else:
            entry.unlink()
    if settings.namespace:
        folder.rmdir()


def running(settings: Settings) -> bool:
    """Whether a supervisor looks after this system now."""
    found = read_runtime(settings.folder).supervisor
    return found is not None and processes.is_alive(found)


def namespaces(home: str) -> tuple[str, ...]:
    """Namespaces that have a state folder under ``home``; the first is the one without name."""
    folder = Path(home) / "namespaces"
    return ("", *sorted(entry.name for entry in folder.iterdir())) if folder.is_dir() else ("",)


def _prepare(settings: Settings, names: Sequence[str], tell: Tell) -> None:
    if parts.KAFKA in names:
        kafka.prepare(settings.home, settings.folder, tell)
    if parts.REDIS in names:
        valkey.prepare()


def _refuse_other_settings(settings: Settings, runtime: Runtime, wanted: Wanted) -> None:
    """A supervisor starts everything with the settings that it was started with itself."""
    for name, running_with, asked in (
        ("clock", runtime.clock, settings.clock),
        ("rules", runtime.rules, settings.rules),
        ("kafka", "" if parts.KAFKA in wanted.parts else runtime.kafka, settings.kafka),
        ("redis", "" if parts.REDIS in wanted.parts else runtime.redis, without_password(settings.redis)),
    ):
        if asked not in (running_with, getattr(runtime, name)):
            raise ServiceError(f"already running with {name}={running_with!r}, not {asked!r}: `fundwatch down` first")


def _wait_until_ready(folder: str, names: Sequence[str], tell: Tell) -> Runtime:
    began_s = time.monotonic()
    waiting, least = list(names), dict[str, int]()
    while True:
        runtime = read_runtime(folder)
        for name in list(waiting):
            part = runtime.parts.get(name)
            if part is None or runtime.supervisor is None or not processes.is_alive(runtime.supervisor):
                continue  # what a file of before says of it
            if part.state is State.RUNNING:
                waiting.remove(name)
                tell(f"{name:<10} ready after {time.monotonic() - began_s:4.1f} s   {_where(part.ports)}")
            # Counted from the least that was seen: the file may still tell of earlier ends.
            least[name] = min(least.get(name, part.restarts), part.restarts)
            if part.restarts - least[name] >= _ENDS_MAX:
                raise ServiceError(f"{name} does not start: {_last_line(folder, name)}")
        if not waiting:
            return runtime
        if time.monotonic() - began_s > _START_S_MAX:
            raise ServiceError(f"{', '.join(waiting)} not ready after {_START_S_MAX:.0f} s: see {folder}/logs")
        time.sleep(_POLL_S)


def _where(ports: dict[str, int]) -> str:
    return ", ".join(f"{name} {port}" for name, port in ports.items())


def _last_line(folder: str, name: str) -> str:
    path = supervisor.log_path(folder, name)
    lines = path.read_text(encoding="utf-8", errors="replace").strip().splitlines() if path.exists() else []
    return f"{lines[-1] if lines else 'it said nothing'} (see {path})"


def _left(folder: str) -> list[tuple[str, Identity]]:
    """Every living process of the system but this one, by part."""
    return [
        (name, process)
        for name, found in processes.marked(folder).items()
        for process in found
        if process.pid != os.getpid()
    ]


@contextmanager
def _alone(folder: str) -> Iterator[None]:
    """One `up` or `down` of a system at a time; a second one waits."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    with (Path(folder) / "command.lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
