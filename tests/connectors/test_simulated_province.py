"""A whole province, two years, more than two million events: runs only when asked for, by `--long`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from alerts.alert import AlertRecord
from connectors.simulator.province import Province
from fundwatch.commands.simulate import HOUSEHOLDS
from fundwatch.judging import FileJudge
from fundwatch.scratch import Scratch
from rules.catalogue import RULES
from tests.connectors.courses import (
    LATE_DAYS,
    OF_MONTHS,
    Rectified,
    arriving_late,
    courses_meant,
    courses_of,
    courses_of_months,
    wrong_for_days,
)
from tests.connectors.test_simulator import (
    EMITTED_AT,
    OURS,
    RULE_SET,
    expected_at_end,
    open_at_end,
    told,
    truth,
)

REGIONS, YEARS, SEED = 100, 2, 1
EVENTS_MIN, PLANTED_MIN = 2_000_000, 50

# An hour of one core or so, twice.
pytestmark = [pytest.mark.province, pytest.mark.timeout(0), pytest.mark.usefixtures("only_long")]


def whole(corrected_percent: int = 0) -> Province:
    """The province that `fundwatch simulate --regions 100 --years 2` writes."""
    return Province(REGIONS, YEARS, SEED, households=HOUSEHOLDS, corrected_percent=corrected_percent)


def found_of(made: Province, lines: Iterable[bytes], folder: Path) -> tuple[list[AlertRecord], FileJudge]:
    """What all rules find; state is kept in the folder, so that memory does not grow with the events."""
    with closing(Scratch(folder)) as scratch:
        judging = FileJudge(RULES, RULE_SET, emitted_at=EMITTED_AT, scratch=scratch)
        return list(judging.run(lines, made.first, made.last)), judging


def test_every_rule_is_planted_fifty_times() -> None:
    """Fifty faults and fifty near misses of each rule."""
    made = whole()
    counts = Counter((each.rule_id, each.is_near_miss) for each in made.planted if each.rule_id in OURS)
    assert {kind: count for kind, count in counts.items() if count < PLANTED_MIN} == {}
    assert {rule for rule, _ in counts} == OURS


def test_precision_and_recall_of_every_rule_are_one(tmp_path: Path) -> None:
    """Every alert record of two million events, to the day."""
    made, count = whole(), 0

    def lines() -> Iterator[bytes]:
        nonlocal count
        for _, records in made.days():
            count += len(records)
            yield from (sent.value for sent in records)

    records, judging = found_of(made, lines(), tmp_path)
    assert count >= EVENTS_MIN
    assert judging.dead_letters == []
    found, planted = Counter(map(told, records)), truth(made)
    assert (found - planted, planted - found) == (Counter(), Counter())


def test_in_disorder_nothing_is_said_longer_than_records_are_late(tmp_path: Path) -> None:
    """Up to three days late, a tenth sent twice, two of a hundred corrected later: in the end all is as if in order."""
    made, rectified = whole(corrected_percent=2), Rectified()
    records, judging = found_of(made, rectified.noted(arriving_late(made)), tmp_path)
    assert judging.dead_letters == []
    differing = open_at_end(records) ^ expected_at_end(made)
    assert {alert for alert in differing if alert[0] not in OF_MONTHS} == set()
    found = courses_of(records)
    assert wrong_for_days(found, courses_meant(made.expected), LATE_DAYS) == {}
    of_months = {alert: course for alert, course in found.items() if alert[0] in OF_MONTHS}
    assert of_months == courses_of_months(records, rectified.days, made.last)
