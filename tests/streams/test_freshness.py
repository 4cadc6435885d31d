"""Laws of what a worker says of freshness: on its metrics page, and in `fundwatch status`."""

from __future__ import annotations

import asyncio
import json
from datetime import date

import pytest
from msgspec import Raw

from domain.journal import JournalRecord, encode
from domain.settings import Settings
from domain.topics import JOURNAL
from fundwatch.replaying import Player
from fundwatch.status import not_evaluable, status
from rules.catalogue import RULES
from rules.thresholds import rule_set_of
from streams.freshness import FreshnessWatch
from streams.judge import JudgeStage
from streams.metrics import PREFIX, Metrics
from streams.stage import Processor, Record
from streams.state import MemoryRows
from tests.rules.tape import read_lines, with_ticks
from tests.waiting import until

TAPE = """
region 410324 henan opened 2019-07-01
2019-07-01  quota.arranged     Q1  yuan=200,000.00
2019-07-08  quota.arranged     Q2  yuan=100,000.00
"""
STORY = read_lines(TAPE.splitlines(), "source_silent")


def processor() -> Processor:
    """A judge that took the story: budgets come in, payments never did."""
    judge = JudgeStage(RULES, rule_set_of(RULES)).open(0, MemoryRows())
    events = [json.dumps(event, ensure_ascii=False).encode() for _, event in with_ticks(STORY)]
    values = [encode(JournalRecord(number, "", (), Raw(event))) for number, event in enumerate(events)]
    judge.step([Record(JOURNAL, 0, offset, b"410324", value, 0) for offset, value in enumerate(values)], 0)
    return judge


@pytest.fixture
def metrics() -> Metrics:
    """Of a worker with all rules."""
    return Metrics({"stage": ("judge",), "rule": [rule.id for rule in RULES]})


def sample(metrics: Metrics, name: str, **labels: str) -> float | None:
    """The value of one series."""
    return metrics.registry.get_sample_value(PREFIX + name, labels)


def test_sources_are_measured_by_region(metrics: Metrics) -> None:
    """Age by days of the log, and whether one that must be heard from is silent."""
    FreshnessWatch(lambda: [processor()], metrics).look()
    treasury = {"region": "410324", "source": "treasury_payment"}
    budget = {"region": "410324", "source": "budget_execution"}
    assert (sample(metrics, "source_age_seconds", **treasury), sample(metrics, "source_silent", **treasury)) == (
        7 * 86_400,
        1,
    )
    assert (sample(metrics, "source_age_seconds", **budget), sample(metrics, "source_silent", **budget)) == (0, 0)


def test_rules_are_measured_by_what_they_lack(metrics: Metrics) -> None:
    """The number of regions; 0 from the start."""
    watch = FreshnessWatch(lambda: [processor()], metrics)
    assert sample(metrics, "rules_not_evaluable", rule="funds_idle", lack="source_silent") == 0
    watch.look()
    assert sample(metrics, "rules_not_evaluable", rule="funds_idle", lack="source_silent") == 1
    assert sample(metrics, "rules_not_evaluable", rule="posts_improper", lack="source_silent") == 0
    missing = {"rule": "recipient_not_registered_poor", "lack": "register_missing"}
    assert sample(metrics, "rules_not_evaluable", **missing) == 1


def test_a_region_that_went_to_another_worker_is_measured_there(metrics: Metrics) -> None:
    """What this one last knew of it would only mislead."""
    held = [processor()]
    watch = FreshnessWatch(lambda: held, metrics)
    watch.look()
    held.clear()
    watch.look()
    assert sample(metrics, "source_age_seconds", region="410324", source="treasury_payment") is None
    assert sample(metrics, "source_silent", region="410324", source="treasury_payment") is None
    assert sample(metrics, "rules_not_evaluable", rule="funds_idle", lack="source_silent") == 0
    assert watch.regions == ()


@pytest.mark.broker
def test_a_running_system_says_which_rules_cannot_be_judged(running: Settings) -> None:
    """In `fundwatch status`, as data and as lines for people."""
    lines = [json.dumps(event).encode() for event in STORY.events]

    async def play() -> None:
        async with Player(running, "builtin-1").opened() as player:
            await player.play(lines, date(2019, 7, 1), date(2019, 7, 8))

    asyncio.run(play())
    until(lambda: [each.log_on for each in status(running).regions] == ["2019-07-08"], "the region on its last day")
    found = status(running)
    (region,) = found.regions
    hearing = {each.source: (each.heard_on, each.hearing.value) for each in region.sources}
    assert hearing["treasury_payment"] == ("2019-07-01", "silent")
    assert hearing["budget_execution"] == ("2019-07-08", "heard")
    (silent,) = [line for line in not_evaluable(found) if "source_silent" in line]
    assert silent.startswith("not evaluable, source_silent treasury_payment, in 410324: ")
    assert "funds_idle" in silent
