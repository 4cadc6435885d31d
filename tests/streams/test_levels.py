"""Laws of money between levels, live: a notice is written once into the other region's partition, whatever dies."""

from __future__ import annotations

import json
from datetime import date
from functools import cache
from typing import Any

import pytest

from domain.identifiers import partition_of
from domain.intake import Reference
from domain.topics import DEAD_LETTERS, JOURNAL, LINKAGE_DERIVED
from fundwatch.journal_file import FileEvent, steps
from fundwatch.judging import FileJudge
from rules.catalogue import RULES
from rules.thresholds import rule_set_of
from streams.desk import DeskStage
from streams.driver import Crash, Driver
from streams.intake import IntakeStage
from streams.judge import JudgeStage
from streams.stage import Stage
from tests.rules.tape import opening
from tests.rules.test_linkage import ALLOCATION, FLAG, LOWER, QUOTA, RECEPTION, REDUCTION, SUPERIOR
from tests.streams.stories import alerts_of, feed, timeless

PARTITIONS = 4
RULE_SET = rule_set_of(RULES)
FIRST, LAST = date(2019, 1, 1), date(2019, 4, 1)
EVENTS: list[dict[str, Any]] = [
    *(opening(region, "xinjiang", "opened", "2019-01-01") for region in (SUPERIOR, LOWER)),
    QUOTA,
    ALLOCATION,
    RECEPTION,
    REDUCTION,
    FLAG,
]
LINES = [json.dumps(event).encode() for event in EVENTS]


@cache
def played(crashing: str = "", moment: Crash = Crash.BEFORE_COMMIT) -> Driver:
    """The events and their ticks, one by one; with each event the worker of a stage dies in every partition."""
    stages: list[Stage] = [
        IntakeStage(Reference(partitions=PARTITIONS)),
        JudgeStage(RULES, RULE_SET),
        DeskStage(RULES, RULE_SET),
    ]
    driver = Driver(stages, partitions=PARTITIONS)
    for step in steps(LINES, FIRST, LAST):
        if isinstance(step, FileEvent) and crashing:
            for partition in range(PARTITIONS):
                driver.crash(crashing, moment, partition=partition)
        feed(driver, step)
        driver.run()
    return driver


def test_the_regions_of_the_story_lie_in_different_partitions() -> None:
    """Else the laws below would say nothing."""
    assert partition_of(SUPERIOR.encode(), PARTITIONS) != partition_of(LOWER.encode(), PARTITIONS)


def test_a_notice_lies_in_the_partition_of_the_region_that_it_is_for() -> None:
    """Issued, received, and changed twice; all journaled there, none refused."""
    driver = played()
    notices = driver.records(LINKAGE_DERIVED)
    assert len(notices) == 4
    assert all(record.partition == partition_of(record.key or b"", PARTITIONS) for record in notices)
    journaled = [record for record in driver.records(JOURNAL) if b'"monitor:quota_' in (record.value or b"")]
    assert len(journaled) == len(notices)
    assert driver.records(DEAD_LETTERS) == []


def test_levels_live_and_from_a_file_give_the_same_records() -> None:
    """Byte for byte, positions included."""
    judge = FileJudge(RULES, RULE_SET, emitted_at="", partitions=PARTITIONS)
    expected = timeless(judge.run(LINES, FIRST, LAST))
    assert expected
    assert sorted(timeless(alerts_of(played()))) == sorted(expected)


@pytest.mark.parametrize("moment", list(Crash))
@pytest.mark.parametrize("stage", ["intake", "judge"])
def test_a_crash_doubles_and_loses_no_notice(stage: str, moment: Crash) -> None:
    """At each moment that makes a difference."""
    crashed, clean = played(stage, moment), played()
    assert crashed.values(LINKAGE_DERIVED) == clean.values(LINKAGE_DERIVED)
    assert sorted(timeless(alerts_of(crashed))) == sorted(timeless(alerts_of(clean)))
