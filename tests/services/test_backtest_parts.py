"""Laws of the parts of a backtest: they give what the whole gives, wherever state is kept and however it ends."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from domain.identifiers import partition_of
from domain.journal import read
from domain.topics import JOURNAL
from fundwatch.backtest.courses import Life, Lives
from fundwatch.backtest.file_journals import EventFile
from fundwatch.backtest.judges import FactsJudge, JournalJudge, Side
from fundwatch.backtest.running import Asked, backtest
from fundwatch.judging import FileJudge
from fundwatch.scratch import Scratch
from rules.catalogue import RULES
from rules.facts.telling import TOPICS
from rules.selection import chosen_rules
from rules.thresholds import BUILT_IN, rule_set_of
from tests.waiting import until

PROJECT = Path(__file__).parents[2]
PARTITIONS = 4
CASES = [
    json.loads(line)
    for line in gzip.decompress((PROJECT / "tests/data/contract/sample_cases.jsonl.gz").read_bytes()).splitlines()
]
# Persons and enterprises in several regions, levels, and alerts on alerts.
SEVERAL = [case for case in CASES if len({event["region"] for event in case["events"]}) > 1][:8]
HASTY = {"version": "h", "author": "li", "basis": "b", "rules": {"funds_idle": {"yellow_after_days": 30}}}

Case = dict[str, Any]


def written(case: Case, folder: Path) -> EventFile:
    """The case as a file."""
    path = folder / "events.jsonl"
    path.write_text("".join(json.dumps(event) + "\n" for event in case["events"]), encoding="utf-8")
    return EventFile(path, date.fromisoformat(case["start"]), date.fromisoformat(case["end"]))


def is_left(group: int) -> bool:
    """Whether any process of the group lives."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def whole(events: EventFile, rules: list[str]) -> Mapping[str, Life]:
    """What the file as a whole gives."""
    judge, lives = FileJudge(chosen_rules(RULES, rules), rule_set_of(RULES), emitted_at="", partitions=4), Lives()
    with events.path.open("rb") as lines:
        for record in judge.run(lines, events.first, events.last):
            lives.take_record(record, is_shadow=False)
    return lives.by_id


def by_parts(events: EventFile, rules: list[str], folder: Path) -> Mapping[str, Life]:
    """What the journals of the file give, each partition by itself."""
    chosen, terms = chosen_rules(RULES, rules), Side(BUILT_IN).terms()
    journals = events.write_journals(folder, chosen, PARTITIONS, Scratch(None), lambda _: None).journals
    facts = [FactsJudge(stage, chosen, terms, number) for stage in TOPICS for number in range(PARTITIONS)]
    places = [(topic, number) for topic in TOPICS.values() for number in range(PARTITIONS)]
    for judge, (topic, number) in zip(facts, places, strict=True):
        for batch in journals.batches(topic, number):
            for value in batch.values:
                judge.take(value)
    found = {alert_id: life for judge in facts for alert_id, life in judge.lives.by_id.items()}
    for number in range(PARTITIONS):
        heard = [
            finding
            for judge in facts
            for finding in judge.heard
            if partition_of(finding.region.encode(), PARTITIONS) == number
        ]
        journal = JournalJudge(chosen, terms, number, heard)
        for batch in journals.batches(JOURNAL, number):
            for value in batch.values:
                journal.take(*read(value), value)
        found |= journal.lives.by_id
    return found


@pytest.mark.parametrize("case", SEVERAL, ids=lambda case: str(case["case"]))
def test_parts_give_what_the_whole_gives(case: Case, tmp_path: Path) -> None:
    """Each partition of the journals that a file makes, judged by itself: the alerts of the file."""
    events = written(case, tmp_path)
    found = by_parts(events, case["enabled_rules"], tmp_path)
    assert len(found) > 5
    assert found == whole(events, case["enabled_rules"])


def test_state_on_disk_changes_nothing(tmp_path: Path) -> None:
    """The same differences as with all of it in memory."""
    events = written(CASES[0], tmp_path)
    sides = Side(BUILT_IN), Side("h", HASTY)
    asked = Asked(*sides, (), None, events.last, PARTITIONS)
    in_memory = backtest(asked, events, lambda _: None).comparison
    assert in_memory.alerts
    assert backtest(asked._replace(records_in_memory_max=0), events, lambda _: None).comparison == in_memory


@pytest.fixture
def hears_interrupts() -> Iterator[None]:
    """A shell starts what runs in its background with interrupts ignored, and children inherit that."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("hears_interrupts")
def test_an_interrupted_backtest_leaves_nothing(tmp_path: Path) -> None:
    """Ctrl-C goes to all its processes: it says so, and neither process nor file is left."""
    events = written(CASES[0], tmp_path)
    (tmp_path / "rules.toml").write_text('version = "2"\nauthor = "li"\nbasis = "b"\n', encoding="utf-8")
    (tmp_path / "tmp").mkdir()
    command = ["backtest", str(events.path), "--to", "2099-12-31", "--rule-set", str(tmp_path / "rules.toml")]
    with subprocess.Popen(
        [sys.executable, "-m", "fundwatch", *command],
        cwd=PROJECT,
        env=os.environ | {"TMPDIR": str(tmp_path / "tmp")},
        stderr=subprocess.PIPE,
        process_group=0,
    ) as running:
        until(lambda: list((tmp_path / "tmp").glob("*/journals")) != [], "journals are made")
        os.killpg(running.pid, signal.SIGINT)
        _, told = running.communicate(timeout=60)
    assert (running.returncode, told.decode().split()) == (130, ["stopped;", "nothing", "was", "changed"])
    assert list((tmp_path / "tmp").iterdir()) == []
    until(lambda: not is_left(running.pid), "no process is left")
