"""Laws of the second stages: persons and enterprises are judged once over all regions, whatever dies or comes twice."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from random import Random

import pytest

from alerts.alert import decode
from domain.identifiers import partition_of
from domain.intake import Reference
from domain.topics import ALERTS, ENTERPRISE_FACTS, FINDINGS, PERSON_FACTS
from fundwatch.judging import FileJudge
from rules.catalogue import RULES
from rules.facts.engine import FactEngine
from rules.facts.records import Common
from rules.facts.records import decode as decode_fact
from rules.facts.telling import TOPICS
from rules.thresholds import rule_set_of
from streams.desk import DeskStage
from streams.driver import Crash, Driver
from streams.facts import FactStage
from streams.intake import IntakeStage
from streams.judge import JudgeStage
from streams.stage import Record, Stage
from tests.streams.stories import Case, alerts_of, days_of, feed, lines_of, timeless, told

DATA = Path(__file__).parent.parent / "data" / "contract" / "sample_cases.jsonl.gz"
PARTITIONS = 4
RULE_SET = rule_set_of(RULES)
SECOND = frozenset(rule.id for rule in RULES if rule.stage in TOPICS)
SAMPLES = [json.loads(line) for line in gzip.decompress(DATA.read_bytes()).splitlines()]


def partitions_of(case: Case) -> set[int]:
    """Where the regions of a case lie that have alerts about persons or enterprises."""
    keys = {alert["subject_key"][:6] for alert in case["expected_alerts"] if alert["rule_id"] in SECOND}
    return {partition_of(region.encode(), PARTITIONS) for region in keys}


# Cases whose persons and enterprises are of regions in several partitions.
CASES = [case for case in SAMPLES if len(partitions_of(case)) > 1][:3]


def played(case: Case, crashing: str = "", moment: Crash = Crash.BEFORE_COMMIT) -> Driver:
    """A case record by record; every third one some worker of a stage dies in every partition."""
    second = (FactStage(stage, RULES, RULE_SET) for stage in TOPICS)
    stages: list[Stage] = [
        IntakeStage(Reference(partitions=PARTITIONS)),
        JudgeStage(RULES, RULE_SET),
        *second,
        DeskStage(RULES, RULE_SET),
    ]
    driver = Driver(stages, partitions=PARTITIONS)
    for number, step in enumerate(told(case)):
        if crashing and number % 3 == 0:
            for partition in range(PARTITIONS):
                driver.crash(crashing, moment, partition=partition)
        feed(driver, step)
        driver.run()
    return driver


@cache
def undisturbed(number: int) -> Driver:
    """A case in which nothing dies; only to be read."""
    return played(next(case for case in CASES if case["case"] == number))


def is_for_all(record: Record) -> bool:
    """Whether a fact concerns a region as a whole."""
    return isinstance(decode_fact(record.value or b"").fact, Common)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"sample-{case['case']}")
def test_several_partitions_say_what_the_file_judge_says(case: Case) -> None:
    """Byte for byte, positions included; each alert at the desk of its own region."""
    judge = FileJudge(RULES, RULE_SET, emitted_at="", partitions=PARTITIONS)
    expected = judge.run(lines_of(case), *days_of(case))
    driver = undisturbed(case["case"])
    assert sorted(timeless(alerts_of(driver))) == sorted(timeless(expected))
    assert all(
        record.partition == partition_of(decode(record.value or b"").region.encode(), PARTITIONS)
        for record in driver.records(ALERTS)
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"sample-{case['case']}")
def test_a_fact_lies_in_the_partition_of_its_key_or_in_all(case: Case) -> None:
    """What names a person or enterprise meets there; days, exemptions and registers are known everywhere."""
    for topic in (PERSON_FACTS, ENTERPRISE_FACTS):
        facts = undisturbed(case["case"]).records(topic)
        keyed = [record for record in facts if not is_for_all(record)]
        assert keyed
        assert all(record.partition == partition_of(record.key or b"", PARTITIONS) for record in keyed)
        common = [[r.value or b"" for r in facts if is_for_all(r) and r.partition == n] for n in range(PARTITIONS)]
        assert all(sorted(part) == sorted(common[0]) for part in common)


@pytest.mark.parametrize("moment", list(Crash))
@pytest.mark.parametrize("stage", ["judge", "person", "enterprise", "desk"])
def test_a_crash_doubles_and_loses_nothing(stage: str, moment: Crash) -> None:
    """At each moment that makes a difference."""
    crashed, clean = played(CASES[0], stage, moment), undisturbed(CASES[0]["case"])
    for topic in (PERSON_FACTS, ENTERPRISE_FACTS):
        assert crashed.values(topic) == clean.values(topic)
    assert sorted(timeless(alerts_of(crashed))) == sorted(timeless(alerts_of(clean)))


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"sample-{case['case']}")
def test_the_same_facts_give_the_same_findings(case: Case) -> None:
    """Whatever the size of the batches, and however often the broker hands them over."""
    facts = undisturbed(case["case"])
    answers = []
    for batch_records_max in (1, 1_000):
        stages = [FactStage(stage, RULES, RULE_SET) for stage in TOPICS]
        driver = Driver(stages, partitions=PARTITIONS, batch_records_max=batch_records_max)
        for topic in (PERSON_FACTS, ENTERPRISE_FACTS):
            for record in facts.records(topic):
                driver.feed(topic, record.key, record.value, partition=record.partition)
            driver.run()
            driver.replay(topic.partition(".")[0])
            driver.run()
        answers.append(sorted(value for value in driver.values(FINDINGS) if value is not None))
    assert answers[0] == answers[1]
    assert answers[0]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"sample-{case['case']}")
@pytest.mark.parametrize("topic", [PERSON_FACTS, ENTERPRISE_FACTS])
def test_the_order_of_facts_of_different_objects_makes_no_difference_in_the_end(case: Case, topic: str) -> None:
    """Facts are upserts by their own id: what is open at the end rests on the last fact of each."""
    records = [record for record in undisturbed(case["case"]).records(topic) if not is_said_by_people(record)]
    assert open_findings(shuffled(records), topic) == open_findings(records, topic)


def is_said_by_people(record: Record) -> bool:
    """What people say of alerts counts for the alerts that are open, so there order matters."""
    return type(decode_fact(record.value or b"").fact).__name__ in ("FoundFalse", "Exempted")


def shuffled(records: Sequence[Record]) -> list[Record]:
    """The records of several objects in another order, those of one journal record and object in theirs."""
    draw = Random(7)  # noqa: S311 - repeatable, not secret
    queues: dict[object, list[Record]] = {}
    for record in records:
        fact = decode_fact(record.value or b"").fact
        queues.setdefault((record.partition, getattr(fact, "id", fact.partition)), []).append(record)
    mixed: list[Record] = []
    while waiting := [queue for queue in queues.values() if queue]:
        mixed.append(draw.choice(waiting).pop(0))
    return mixed


def open_findings(records: Sequence[Record], topic: str) -> set[tuple[str, str, str]]:
    """Rule, subject and severity of what is open after the facts."""
    stage = next(stage for stage, name in TOPICS.items() if name == topic)
    engines = [FactEngine(stage, RULES, RULE_SET, partition=number) for number in range(PARTITIONS)]
    last = {
        (finding.rule_id, finding.subject_key): finding
        for record in records
        for finding in engines[record.partition].take(record.value or b"")
    }
    return {(*subject, finding.severity) for subject, finding in last.items() if finding.transition != "cleared"}
