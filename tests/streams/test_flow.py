"""The whole flow, intake to desk, on the in-memory driver: what each stage promises, they keep together."""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from random import Random

import msgspec
import pytest

from alerts.alert import AlertRecord
from domain.intake import Reference
from domain.topics import ALERTS, JOURNAL
from fundwatch.journal_file import DayBegins, FileEvent
from fundwatch.judging import FileJudge
from rules.catalogue import RULES
from rules.facts.telling import TOPICS
from rules.rule import Stage as RuleStage
from rules.state import LineRow
from rules.thresholds import rule_set_of
from streams.desk import DeskStage
from streams.driver import Crash, Driver
from streams.facts import FactStage
from streams.intake import IntakeStage
from streams.judge import JudgeStage
from streams.partition import StagePartition
from streams.stage import Stage
from streams.state import MemoryRows
from tests.streams.stories import Case, alerts_of, days_of, feed, lines_of, played, timeless, told

DATA = Path(__file__).parent.parent / "data" / "contract" / "sample_cases.jsonl.gz"
OURS = {rule.id for rule in RULES}
SAMPLES = [json.loads(line) for line in gzip.decompress(DATA.read_bytes()).splitlines()]
# Cases in which our rules have much to say.
CASES = [case for case in SAMPLES if sum(a["rule_id"] in OURS for a in case["expected_alerts"]) > 20][:12]
RULE_SET = rule_set_of(RULES)
DESK_RULES = {rule.id for rule in RULES if rule.stage is RuleStage.DESK}
MOMENTS = (Crash.BEFORE_COMMIT, Crash.AFTER_COMMIT, Crash.AFTER_APPLY)


def flow(batch_records_max: int = 100, outputs_max: int = sys.maxsize) -> Driver:
    """All stages on one partition."""
    return Driver([IntakeStage(Reference()), *judges(outputs_max)], batch_records_max=batch_records_max)


def judges(outputs_max: int = sys.maxsize) -> list[Stage]:
    """The stages that judge, the desk last."""
    second = (FactStage(stage, RULES, RULE_SET) for stage in TOPICS)
    return [JudgeStage(RULES, RULE_SET, outputs_max=outputs_max), *second, DeskStage(RULES, RULE_SET)]


@cache
def undisturbed(number: int) -> Driver:
    """The flow after a case in which nothing dies; only to be read."""
    return played(flow(), told(next(case for case in CASES if case["case"] == number)))


def open_alerts(records: Iterable[AlertRecord]) -> set[tuple[str, str, str]]:
    """Rule, subject and severity of what is open at the end, alerts about alerts left out."""
    last = {record.alert_id: record for record in records if record.rule_id not in DESK_RULES}
    return {(r.rule_id, r.subject.key, r.severity) for r in last.values() if r.status == "open"}


def paid(driver: Driver) -> dict[bytes, int]:
    """What the judge holds as paid, line by line."""
    lines = {
        key: msgspec.msgpack.decode(row, type=LineRow) for key, row in driver.rows("judge").items() if key[:1] == b"L"
    }
    return {key: line.paid_fen for key, line in lines.items() if line.paid_fen}


@pytest.mark.parametrize("case", CASES[:6], ids=lambda case: f"sample-{case['case']}")
def test_the_stages_say_what_the_file_judge_says(case: Case) -> None:
    """Live and judged from a file: the same records, byte for byte."""
    judging = FileJudge(RULES, RULE_SET, emitted_at="")
    expected = judging.run(lines_of(case), *days_of(case))
    alerts = alerts_of(undisturbed(case["case"]))
    assert sorted(timeless(alerts)) == sorted(timeless(expected))


@pytest.mark.parametrize("case", CASES[:3], ids=lambda case: f"sample-{case['case']}")
@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("stage", ["intake", "judge", "person", "enterprise", "desk"])
def test_a_crash_at_any_batch_changes_no_byte(case: Case, stage: str, moment: Crash) -> None:
    """Every third batch of the stage dies, at each moment that makes a difference; the judge's are cut in parts."""
    driver = flow(batch_records_max=7, outputs_max=2)
    for number, step in enumerate(told(case)):
        feed(driver, step)
        if number % 3 == 0:
            driver.crash(stage, moment)
        driver.run()
    assert timeless(alerts_of(driver)) == timeless(alerts_of(undisturbed(case["case"])))


@pytest.mark.parametrize("case", CASES[:3], ids=lambda case: f"sample-{case['case']}")
def test_a_journal_judged_twice_from_scratch_gives_identical_bytes(case: Case) -> None:
    """Same journal, same alerts, whatever the size of the batches, and however little the judge may write in one."""
    journal = undisturbed(case["case"]).records(JOURNAL)
    answers = []
    for batch_records_max, outputs_max in ((1, sys.maxsize), (1_000, sys.maxsize), (1_000, 1)):
        driver = Driver(judges(outputs_max), batch_records_max=batch_records_max)
        for record in journal:
            driver.feed(JOURNAL, record.key, record.value)
        driver.run()
        answers.append(driver.values(ALERTS))
    assert answers[0] == answers[1] == answers[2]
    assert len(answers[0]) > 0


def test_what_the_judge_has_no_room_for_waits_for_the_next_batch() -> None:
    """It ends a batch with the record whose findings fill it; where that was is in the state."""
    journal = undisturbed(CASES[0]["case"]).records(JOURNAL)
    judge = StagePartition(JudgeStage(RULES, RULE_SET, outputs_max=1), 0, MemoryRows(), lineage=b"test")
    turn = judge.take(journal, 0)
    assert turn.outputs
    assert 0 < len(turn.records) < len(journal)
    assert [*turn.records, *turn.left] == journal
    assert turn.next_offsets == {JOURNAL: turn.left[0].offset}
    judge.settle()
    assert judge.take(journal, 0).records[0] == turn.left[0]


@pytest.mark.parametrize("case", CASES[6:12], ids=lambda case: f"sample-{case['case']}")
def test_shuffled_across_topics_and_redelivered_the_figures_and_open_alerts_are_the_same(case: Case) -> None:
    """Each day's events in another order between topics, 20 % sent again: sums and open alerts rest on the set alone.

    Desk actions are left out: what a person says of an alert counts only while it is open, so there order matters. So
    it does for the rules about alerts, which count each that was raised, if only for a moment.
    """
    story = [step for step in told(case) if isinstance(step, DayBegins) or step.topic != "desk.actions"]
    in_order = played(flow(), story)
    draw = Random(7)  # noqa: S311 - repeatable, not secret
    shuffled = flow(batch_records_max=5)
    for step in story:
        if isinstance(step, DayBegins):
            shuffled.run(order=draw)
        feed(shuffled, step)
        if isinstance(step, FileEvent) and draw.random() < 0.2:
            feed(shuffled, step)
        if isinstance(step, DayBegins):
            shuffled.run()
    shuffled.run(order=draw)
    assert open_alerts(alerts_of(shuffled)) == open_alerts(alerts_of(in_order))
    assert paid(shuffled) == paid(in_order)
