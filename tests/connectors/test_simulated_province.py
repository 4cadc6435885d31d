"""A whole province, two years, more than two million events: runs only when asked for, by `--long`."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from connectors.simulator.disorder import disordered
from connectors.simulator.province import Province
from fundwatch.commands.simulate import HOUSEHOLDS
from tests.connectors.test_simulator import OURS, expected_at_end, judged, open_at_end, told, truth

REGIONS, YEARS, SEED = 100, 2, 1
EVENTS_MIN, PLANTED_MIN = 2_000_000, 50

# Hours long, and memory for two million events.
pytestmark = [pytest.mark.province, pytest.mark.timeout(0), pytest.mark.usefixtures("only_long")]


def whole(corrected_percent: int = 0) -> Province:
    """The province that `fundwatch simulate --regions 100 --years 2` writes."""
    return Province(REGIONS, YEARS, SEED, households=HOUSEHOLDS, corrected_percent=corrected_percent)


def report(found: Counter[str], planted: Counter[str], both: Counter[str]) -> dict[str, tuple[float, float]]:
    """Precision and recall of each rule."""
    rules = sorted(found.keys() | planted.keys())
    return {rule: (both[rule] / max(found[rule], 1), both[rule] / max(planted[rule], 1)) for rule in rules}


def test_every_rule_is_planted_fifty_times() -> None:
    """Fifty faults and fifty near misses of each rule."""
    made = whole()
    counts = Counter((each.rule_id, each.is_near_miss) for each in made.planted if each.rule_id in OURS)
    assert {kind: count for kind, count in counts.items() if count < PLANTED_MIN} == {}
    assert {rule for rule, _ in counts} == OURS


def test_precision_and_recall_of_every_rule_are_one() -> None:
    """Every alert record of two million events, to the day."""
    assert sum(len(records) for _, records in whole().days()) >= EVENTS_MIN
    made = whole()
    records, _ = judged(made, made.days())
    found, planted = Counter(map(told, records)), truth(made)
    by_rule = (Counter(each[2] for each in which.elements()) for which in (found, planted, found & planted))
    assert set(report(*by_rule).values()) == {(1.0, 1.0)}


def test_what_is_open_in_the_end_is_the_same_in_disorder() -> None:
    """Up to three days late, a tenth sent twice, two of a hundred corrected later."""
    made = whole(corrected_percent=2)
    days = disordered(made.days(), made.last, Random(SEED), days_late=3, redelivered_percent=10)  # noqa: S311  # no secret
    records, _ = judged(made, days)
    found, planted = open_at_end(records), expected_at_end(made)
    by_rule = (Counter(rule for rule, *_ in which) for which in (found, planted, found & planted))
    assert set(report(*by_rule).values()) == {(1.0, 1.0)}
