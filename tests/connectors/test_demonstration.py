"""Laws of `fundwatch demo`: it erases nothing but its own, names every difference, and plays what the rules judge."""

from __future__ import annotations

import asyncio
import dataclasses
import os
from datetime import date
from pathlib import Path

import pytest

from alerts.alert import AlertRecord
from connectors.demo_county.truth import RULES as DEMO_RULES
from connectors.demo_county.truth import Truth
from connectors.demo_county.year import DemoYear, demo_year, write_files
from domain.settings import Settings
from fundwatch import demonstration
from fundwatch.cli import main
from fundwatch.replaying import Answer, DeadLetter, Order, Player, Refusal
from fundwatch.services import parts, processes, system
from fundwatch.services.part import ServiceError
from rules.catalogue import RULES
from rules.thresholds import rule_set_of
from tests.connectors.test_demo_year import Played, year


def answer(records: list[AlertRecord], **changes: int) -> Answer:
    """What a system would say that got everything right, but for the changes."""
    truth = year().truth
    codes = [code for code, count in truth.dead_letters.items() for _ in range(count + changes.get(code, 0))]
    letters = [Refusal(number, DeadLetter("t", 0, number, code, None, "")) for number, code in enumerate(codes)]
    return Answer(records, letters, truth.accepted + changes.get("journaled", 0))


@pytest.fixture(scope="module")
def records() -> list[AlertRecord]:
    """The alerts of the whole year."""
    return list(Played(year()).current.values())


def test_a_right_answer_is_equal(records: list[AlertRecord]) -> None:
    """Counts, dead letters and every alert."""
    found = demonstration.outcome(answer(records), year().truth)
    assert found.differences == []
    assert found.is_equal
    assert found.sections == year().truth.by_section()


def test_every_difference_is_named(records: list[AlertRecord]) -> None:
    """A lost event, a dead letter too many, a missing alert: a line each, saying what was expected."""
    strange = Truth(1, 0, {}, [])
    assert not demonstration.outcome(answer(records), strange).is_equal
    found = demonstration.outcome(answer(records[1:], journaled=-1, field_bad=1), year().truth)
    missing = records[0]
    assert (
        found.differences[0] == f"events in the journal: {year().truth.accepted - 1}, expected {year().truth.accepted}"
    )
    assert found.differences[1] == "dead letters field_bad: 6, expected 5"
    assert found.differences[2].startswith(f"{missing.rule_id} {missing.subject.key} #")
    assert len(found.differences) == 3


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home folder, and no servers named."""
    for name in ("KAFKA", "REDIS", "NAMESPACE", "CLOCK", "RULES"):
        monkeypatch.delenv(f"FUNDWATCH_{name}", raising=False)
    monkeypatch.setenv("FUNDWATCH_HOME", str(tmp_path))
    return tmp_path


def used(folder: Path) -> None:
    """Make it look like a system that somebody used."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "runtime.json").write_text("{}")


def test_a_new_folder_is_taken(home: Path) -> None:
    """On a fresh machine the demonstration is the system here, so every command shows it."""
    assert demonstration.free_system(print).folder == str(home)


def test_its_own_system_is_taken_again(home: Path) -> None:
    """The second run begins anew where the first one was."""
    used(home)
    demonstration.mark(demonstration.free_system(print))
    used(home / "namespaces/demo")
    (home / demonstration.MARK).write_text("")
    assert demonstration.free_system(print).folder == str(home)


def test_a_system_with_other_data_is_left_alone(home: Path) -> None:
    """It plays beside it and says so."""
    used(home)
    said: list[str] = []
    assert demonstration.free_system(said.append).namespace == "demo"
    assert said == ["the system here holds other data: playing beside it, in namespace demo"]


def test_where_all_is_in_use_it_refuses(home: Path) -> None:
    """Rather than erase what somebody keeps under the name demo."""
    used(home)
    used(home / "namespaces/demo")
    with pytest.raises(ServiceError, match="FUNDWATCH_HOME"):
        demonstration.free_system(print)


def test_servers_of_others_get_a_namespace(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On an existing broker nothing without the demonstration's own prefix is touched."""
    assert home.exists()
    monkeypatch.setenv("FUNDWATCH_KAFKA", "broker:9092")
    monkeypatch.setenv("FUNDWATCH_NAMESPACE", "province")
    assert demonstration.free_system(print).namespace == "province-demo"


def test_the_data_can_be_written_without_a_system(tmp_path: Path) -> None:
    """`fundwatch demo --write` gives the files that `judge` reads."""
    with pytest.raises(SystemExit) as ended:
        main(["demo", "--write", str(tmp_path)])
    assert ended.value.code == 0
    assert len((tmp_path / "events.jsonl").read_bytes().splitlines()) == year().truth.events_in


def weeks(whole: DemoYear, last: date) -> DemoYear:
    """The beginning of the year; its truth is the whole year's and does not hold for it."""
    return DemoYear({day: records for day, records in whole.days.items() if day <= last}, whole.truth)


@pytest.mark.broker
@pytest.mark.timeout(600)
def test_played_day_by_day_the_system_says_what_the_engine_says(topics: Settings) -> None:
    """Three months over the real topics: the same alerts and the same fate of every record as in memory."""
    beginning = weeks(demo_year(), date(2019, 4, 1))
    mine = dataclasses.replace(topics, rules=",".join(DEMO_RULES))
    system.start(mine, parts.worker_names(1), print, owner=processes.identity_of(os.getpid()))

    async def play() -> Answer:
        async with Player(mine, rule_set_of(RULES).version).opened() as player:
            return await player.play_steps(demonstration.steps(beginning), Order.DAY)

    said, expected = asyncio.run(play()), Played(beginning)
    current = {record.alert_id: (record.severity, record.status) for record in said.records}
    assert current == {name: (record.severity, record.status) for name, record in expected.current.items()}
    assert len(current) >= 3
    fates = [type(verdict).__name__ for verdict in expected.verdicts]
    assert (said.journaled, len(said.refusals)) == (fates.count("Accepted"), fates.count("Refused"))


def test_kept_data_replaces_that_of_the_run_before(tmp_path: Path) -> None:
    """A file of an older seed would contradict what the system holds."""
    settings = Settings(home=str(tmp_path))
    (tmp_path / "demo-data").mkdir()
    (tmp_path / "demo-data/old.jsonl").write_text("")
    folder = demonstration.keep_data(year(), settings, write_files)
    assert sorted(path.name for path in folder.iterdir()) == ["events.jsonl", "truth.json"]
