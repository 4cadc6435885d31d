"""Laws of signalling processes, and of the supervisor's decisions."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from fundwatch.services import processes, upkeep
from fundwatch.services.processes import Identity
from fundwatch.services.upkeep import Action, Seen


def test_a_reused_pid_is_never_signalled() -> None:
    """A signal for a process that had the same pid earlier reaches nobody."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        alive = processes.identity_of(child.pid)
        assert alive is not None
        earlier = Identity(child.pid, alive.start_ticks - 1)
        processes.send(earlier, signal.SIGKILL)
        assert not processes.is_alive(earlier)
        assert processes.is_alive(alive)
        child.communicate(b"\n")
    assert child.returncode == 0


def test_stop_kills_what_does_not_end() -> None:
    """A process that ignores the request to end is killed when patience is over."""
    deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", deaf], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"deaf\n"
        alive = processes.identity_of(child.pid)
        assert alive is not None
        processes.stop([alive], patience_s=0.05)
        assert not processes.is_alive(alive)


def test_what_is_wanted_and_not_there_is_started() -> None:
    """Starts come in the order in which parts are wanted."""
    assert upkeep.due(["kafka", "worker-1"], {}, 1.0) == [(Action.START, "kafka"), (Action.START, "worker-1")]


def test_what_runs_and_is_wanted_is_left_alone() -> None:
    """No action for a part that runs and should."""
    assert upkeep.due(["kafka"], {"kafka": Seen(is_alive=True, start_at_s=0.0)}, 1.0) == []


def test_what_runs_and_is_not_wanted_is_stopped() -> None:
    """A part that nobody wants any more is stopped."""
    assert upkeep.due([], {"worker-2": Seen(is_alive=True, start_at_s=0.0)}, 1.0) == [(Action.STOP, "worker-2")]


def test_an_ended_part_waits_for_its_back_off() -> None:
    """A part that ended is started when its time has come, not before."""
    ended = {"worker-1": Seen(is_alive=False, start_at_s=5.0)}
    assert upkeep.due(["worker-1"], ended, 4.9) == []
    assert upkeep.due(["worker-1"], ended, 5.0) == [(Action.START, "worker-1")]


@pytest.mark.parametrize(
    ("quick_ends", "wait_s"),
    [(0, 0.1), (1, 0.2), (2, 0.4), (4, 1.6), (5, 2.0), (1000, 2.0)],
)
def test_back_off_doubles_up_to_two_seconds(quick_ends: int, wait_s: float) -> None:
    """The wait doubles with each quick end and never exceeds 2 s."""
    assert upkeep.delay_s(quick_ends) == pytest.approx(wait_s)


@pytest.mark.parametrize(("ran_s", "count"), [(0.0, 4), (9.9, 4), (10.0, 0)])
def test_a_part_that_ran_long_begins_anew(ran_s: float, count: int) -> None:
    """Only ends soon after a start make the next wait longer."""
    assert upkeep.quick_ends_after(3, ran_s) == count
