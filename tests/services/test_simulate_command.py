"""Laws of `fundwatch simulate --kafka` as somebody types it: a system lives through the province, or none is there."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import date
from itertools import islice
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from connectors.simulator.book import Sent
from connectors.simulator.province import Province
from domain.settings import Settings
from fundwatch.cli import main
from fundwatch.environment import environ_of
from fundwatch.status import status
from tests.chaos.outcome import event_ids, journaled

REGIONS, HOUSEHOLDS, PLAYED_DAYS, RATE = 6, 2, 10, 100


@pytest.fixture
def some_days(monkeypatch: pytest.MonkeyPatch) -> int:
    """Provinces end after some days; how many events these have."""
    days = Province.days

    def first_days(self: Province) -> Iterator[tuple[date, list[Sent]]]:
        return islice(days(self), PLAYED_DAYS)

    monkeypatch.setattr(Province, "days", first_days)
    return sum(len(records) for _, records in Province(REGIONS, 1, 1, households=HOUSEHOLDS, per_rule=1).days())


def simulated(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Result:
    """The command in the environment of a system."""
    for name, value in environ_of(settings).items():
        monkeypatch.setenv(name, value)
    size = ("--regions", str(REGIONS), "--years", "1", "--households", str(HOUSEHOLDS), "--per-rule", "1")
    return CliRunner().invoke(main, ["simulate", *size, "--kafka", "--rate", str(RATE)])


@pytest.mark.broker
@pytest.mark.timeout(600)
def test_a_system_with_a_manual_clock_lives_through_the_province(
    running: Settings, some_days: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every event is journaled and every day begins, no faster than asked; it cannot be lived through twice."""
    began_s = time.monotonic()
    told = simulated(running, monkeypatch)
    assert told.exit_code == 0, told.stderr
    assert time.monotonic() - began_s >= some_days / RATE
    assert told.stderr.startswith(f"{some_days} events, ")
    assert {str(shard.last_tick)[:10] for shard in status(running).stages["intake"]} == {f"2019-01-{PLAYED_DAYS}"}
    assert sum(not event_id.startswith("monitor:") for event_id in event_ids(journaled(running))) == some_days
    again = simulated(running, monkeypatch)
    assert again.exit_code == 1
    assert f"this system is already at 2019-01-{PLAYED_DAYS}" in again.stderr


def test_without_a_system_it_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No Kafka is known here."""
    monkeypatch.delenv("FUNDWATCH_KAFKA", raising=False)
    told = simulated(Settings(home=str(tmp_path)), monkeypatch)
    assert told.exit_code == 2
    assert "no Kafka: run `fundwatch up --clock manual` first, or set FUNDWATCH_KAFKA" in told.stderr


def test_a_broker_that_does_not_answer_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is sent into the void."""
    told = simulated(Settings(home=str(tmp_path), kafka="127.0.0.1:1"), monkeypatch)
    assert told.exit_code == 1
    assert "no Kafka broker answers at 127.0.0.1:1" in told.stderr


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--kafka", "--out", "events.jsonl"], "to a file or to the system"),
        (["--rate", "5"], "--rate is for --kafka"),
        (["--per-rule", "-1"], "--per-rule"),
    ],
)
def test_options_that_do_not_go_together_are_refused(options: list[str], said: str) -> None:
    """Nothing that was asked for is left out in silence."""
    told = CliRunner().invoke(main, ["simulate", *options])
    assert told.exit_code == 2
    assert said in told.stderr
