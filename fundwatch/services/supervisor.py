"""The process that owns a local system's parts: starts them, restarts those that end, stops them all at its own end.

Started by `fundwatch up` in a session of its own. It reads ``wanted.json``, writes ``runtime.json`` and keeps no other
state: killed with kill -9, it leaves its parts running, and the next supervisor takes them over from the runtime file.
"""

from __future__ import annotations

import dataclasses
import fcntl
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from domain.settings import Settings, without_password
from fundwatch.environment import declared, environ_of
from fundwatch.services import kafka, parts, processes, upkeep, valkey
from fundwatch.services.part import Kind, Launch, ServiceError
from fundwatch.services.ports import HOST, free_port
from fundwatch.services.processes import Identity
from fundwatch.services.runtime import Part, Runtime, State, Wanted, read_runtime, read_wanted, write_runtime
from fundwatch.services.scrape import write_targets

NAME = "supervisor"
# How soon an end is noticed. Looking at five parts takes 0.5 ms, so this is half a percent of one core.
_LOOK_S = 0.1
# A log that has grown beyond this is set aside (one older generation is kept) when its part starts again.
_LOG_BYTES_MAX = 50_000_000


@dataclass(slots=True)
class _Charge:
    """One part in the supervisor's hands."""

    kind: Kind
    ports: dict[str, int]
    state: State = State.STOPPED
    process: Identity | None = None
    started: str = ""
    started_s: float = 0.0
    start_at_s: float = 0.0
    quick_ends: int = 0
    restarts: int = 0

    def note_end(self, now_s: float) -> None:
        """It ended by itself: start it again after its back-off."""
        self.process, self.state = None, State.RESTARTING
        self.restarts += 1
        self.start_at_s = now_s + upkeep.delay_s(self.quick_ends)
        self.quick_ends = upkeep.quick_ends_after(self.quick_ends, now_s - self.started_s)

    def part(self) -> Part:
        """What the runtime file says of it."""
        return Part(self.state, self.process, dict(self.ports), self.started, self.restarts)


@dataclass(slots=True)
class Supervisor:
    """Keeps the parts of one system as they are wanted."""

    settings: Settings  # as declared: addresses are empty where this system has its own servers
    charges: dict[str, _Charge] = field(default_factory=dict)
    is_ending: bool = False
    _written: Runtime = field(default_factory=Runtime)

    def run(self) -> None:
        """Look after the parts until asked to end, or until the owner is gone."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._end)
        self._take_over()
        while not self.is_ending:
            wanted = read_wanted(self.settings.folder)
            if wanted.owner is not None and not processes.is_alive(wanted.owner):
                break
            self._look()
            self._act(wanted)
            self._write()
            time.sleep(_LOOK_S)
        self._stop([name for name, charge in self.charges.items() if charge.process is not None])
        self._write()

    def _end(self, _number: int, _frame: object) -> None:
        self.is_ending = True

    def _take_over(self) -> None:
        """Adopt what an earlier supervisor left running, whether it could write it down or not."""
        before = read_runtime(self.settings.folder)
        for name, part in before.parts.items():
            self._charge(name, part.ports).restarts = part.restarts
        left = processes.marked(self.settings.folder)
        for name in left.keys() & before.parts.keys():
            charge, running = self.charges[name], left[name]
            charge.process, charge.state = running[0], State.STARTING
            charge.started, charge.started_s = before.parts[name].started, time.monotonic()
            processes.stop(running[1:], 0.0)  # never two of one part

    def _charge(self, name: str, remembered: dict[str, int]) -> _Charge:
        kind = parts.kind(name, self._settings_now())
        charge = _Charge(kind, {port: remembered[port] for port in kind.ports if port in remembered})
        self.charges[name] = charge
        return charge

    def _look(self) -> None:
        now_s = time.monotonic()
        for charge in self.charges.values():
            if charge.process is None:
                continue
            processes.reap(charge.process)
            if not processes.is_alive(charge.process):
                charge.note_end(now_s)
            elif charge.state is State.STARTING and charge.kind.is_ready(charge.ports):
                charge.state = State.RUNNING

    def _act(self, wanted: Wanted) -> None:
        seen = {
            name: upkeep.Seen(charge.process is not None, charge.start_at_s) for name, charge in self.charges.items()
        }
        for action, name in upkeep.due(wanted.parts, seen, time.monotonic()):
            if action is upkeep.Action.START:
                self._start(name)
            else:
                self._stop([name])
        for name, charge in self.charges.items():
            if name not in wanted.parts:
                charge.state = State.STOPPED  # also one that was waiting to be started again

    def _start(self, name: str) -> None:
        charge = self.charges.get(name) or self._charge(name, {})
        # Addresses of servers may have changed since the last start: the kind is made anew with the ones of now.
        charge.kind = parts.kind(name, self._settings_now())
        if charge.state is not State.RESTARTING:
            charge.restarts = charge.quick_ends = 0
            self._choose_ports(charge)
        charge.state, charge.started = State.STARTING, datetime.now(UTC).astimezone().isoformat(timespec="milliseconds")
        charge.started_s = time.monotonic()
        self._write()  # ports are known before the process is: one that nobody could write down is still found
        try:
            charge.process = self._spawn(name, charge.kind.launch(charge.ports))
        except (OSError, ServiceError) as error:
            print(f"{name}: {error}", flush=True)  # noqa: T201  # the supervisor's own log
        if charge.process is None:
            charge.note_end(time.monotonic())
        self._write()

    def _spawn(self, name: str, launch: Launch) -> Identity | None:
        with _open_log(self.settings.folder, name) as log:
            child = subprocess.Popen(
                launch.argv,
                cwd=launch.folder,
                env={**os.environ, **launch.environ, **_marks(self.settings.folder, name)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        return processes.identity_of(child.pid)

    def _choose_ports(self, charge: _Charge) -> None:
        taken = frozenset(
            port for other in self.charges.values() if other is not charge for port in other.ports.values()
        )
        for port in charge.kind.ports:
            charge.ports[port] = free_port(charge.ports.get(port), taken=taken)
            taken |= {charge.ports[port]}

    def _stop(self, names: list[str]) -> None:
        running = ((name, self.charges[name].process) for name in names)
        parts.stop_in_order((name, process) for name, process in running if process is not None)
        for name in names:
            self.charges[name].process, self.charges[name].state = None, State.STOPPED

    def _settings_now(self) -> Settings:
        """Settings with the addresses of this system's own servers, as far as they are chosen."""
        servers = {name: self.charges[name].ports for name in parts.SERVERS if name in self.charges}
        kafka_here = kafka.address(servers[parts.KAFKA]) if servers.get(parts.KAFKA) else ""
        redis_here = valkey.address(servers[parts.REDIS]) if servers.get(parts.REDIS) else ""
        return dataclasses.replace(
            self.settings, kafka=self.settings.kafka or kafka_here, redis=self.settings.redis or redis_here
        )

    def _write(self) -> None:
        now = self._settings_now()
        feed = self.charges.get(parts.FEED)
        runtime = Runtime(
            kafka=now.kafka,
            redis=without_password(now.redis),
            feed=f"http://{HOST}:{feed.ports['http']}" if feed and feed.ports else "",
            supervisor=None if self.is_ending else processes.identity_of(os.getpid()),
            clock=now.clock,
            rules=now.rules,
            parts={name: charge.part() for name, charge in self.charges.items()},
        )
        if runtime != self._written:
            write_runtime(self.settings.folder, runtime)
            write_targets(self.settings.folder, runtime)
            self._written = runtime


def start_detached(settings: Settings) -> None:
    """Start the supervisor of this system in a session of its own, with its output in the system's logs."""
    with _open_log(settings.folder, NAME) as log:
        # Not subprocess: this child is meant to outlive us, which subprocess warns of.
        os.posix_spawn(
            sys.executable,
            [sys.executable, "-m", "fundwatch.services.supervisor"],
            {**os.environ, **environ_of(settings), **_marks(settings.folder, NAME)},
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                (os.POSIX_SPAWN_DUP2, log.fileno(), 1),
                (os.POSIX_SPAWN_DUP2, log.fileno(), 2),
            ],
            setsid=True,  # a Ctrl-C in the terminal is not for it
        )


def _marks(folder: str, name: str) -> dict[str, str]:
    # Faust sets its process title, which would overwrite the environment that the process is recognised by.
    return {processes.SYSTEM_MARK: folder, processes.PART_MARK: name, "SPT_NOENV": "1"}


def log_path(folder: str, name: str) -> Path:
    """Where the output of a part goes."""
    return Path(folder) / "logs" / f"{name}.log"


def _open_log(folder: str, name: str) -> BinaryIO:
    path = log_path(folder, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > _LOG_BYTES_MAX:
        path.replace(path.with_suffix(".log.1"))
    return path.open("ab")


def main() -> None:
    """Run the supervisor of the system that the environment names; a second one ends at once."""
    settings = declared()
    os.chdir(settings.folder)
    # Held until the process ends, however it ends. Children do not inherit it.
    with (Path(settings.folder) / "supervisor.lock").open("w", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        Supervisor(settings).run()


if __name__ == "__main__":
    main()
