"""(e) The backtest: the same journal judged by two rule sets at once, in processes side by side, from real topics.

And what each rule costs: the records judged once more in one process, with a clock around every rule.
"""

from __future__ import annotations

import dataclasses
import resource
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, NamedTuple

from bench.machine import Rate, fill
from bench.records import DAYS, FIRST_DAY, Journaled, wire_records
from domain.settings import Settings, names_in
from domain.topics import ALERTS, ALERTS_SHADOW, ENTERPRISE_FACTS, JOURNAL, PERSON_FACTS
from fundwatch.backtest.journals import journals_now
from fundwatch.backtest.judges import Side
from fundwatch.backtest.running import Asked, backtest
from fundwatch.environment import configured
from fundwatch.judging import FileJudge
from rules.catalogue import RULES
from rules.rule import Rule, Steps
from rules.selection import chosen_rules
from rules.thresholds import BUILT_IN, rule_set_of

TOPICS = (JOURNAL, PERSON_FACTS, ENTERPRISE_FACTS, ALERTS, ALERTS_SHADOW)
# Rules by name in the results: all are kept, so many are shown.
SLOWEST = 10
_CLOCK_CALLS = 100_000


class Cost(NamedTuple):
    """What one rule took: processor time of its judging alone, by record of the journal, and by call."""

    us_per_record: float
    calls_per_record: float
    us_per_call: float


def measure(settings: Settings, journals: Sequence[Sequence[Journaled]]) -> Rate:
    """Events a second, each judged twice, from start to answer; processor time of all its processes."""
    fill(settings, JOURNAL, journals)
    names = names_in(configured().rules)
    same = Side(BUILT_IN)
    before_s = _children_cpu_s()
    done = backtest(
        Asked(same, same, names, None, None, settings.partitions), journals_now(settings, TOPICS), lambda _: None
    )
    assert done.comparison.alerts == []
    return Rate(done.records / done.took_s, done.records / (_children_cpu_s() - before_s))


def costs() -> dict[str, Cost]:
    """Of every rule that was asked at all, the dearest per record first."""
    tallies: dict[str, _Tally] = {}
    rules = tuple(_timed(rule, tallies) for rule in chosen_rules(RULES, names_in(configured().rules)))
    lines = [sent.value for sent in wire_records() if sent.topic != "clock.ticks"]
    judge = FileJudge(rules, rule_set_of(RULES), emitted_at="", partitions=4)
    for _ in judge.run(lines, FIRST_DAY, FIRST_DAY + timedelta(days=DAYS - 1)):
        pass
    clock_ns = _clock_ns()
    found = {
        rule_id: Cost(
            round((tally.ns - tally.calls * clock_ns) / 1_000 / len(lines), 3),
            round(tally.calls / len(lines), 3),
            round((tally.ns / tally.calls - clock_ns) / 1_000, 3),
        )
        for rule_id, tally in tallies.items()
        if tally.calls
    }
    return dict(sorted(found.items(), key=lambda each: -each[1].us_per_record))


class _Tally:
    """Nanoseconds and calls of one rule."""

    def __init__(self) -> None:
        self.ns = self.calls = 0


def _timed(rule: Rule, tallies: dict[str, _Tally]) -> Rule:
    tally = tallies[rule.id] = _Tally()
    judgements = {
        kind: dataclasses.replace(judgement, judge=_clocked(judgement.judge, tally))
        for kind, judgement in rule.judgements.items()
    }
    return dataclasses.replace(rule, judgements=judgements)


def _clocked(judge: Callable[[Any, Any, Any], Steps], tally: _Tally) -> Callable[[Any, Any, Any], Steps]:
    clock = time.thread_time_ns  # processor time: who else works on the machine is not in it

    def judged(subject: Any, view: Any, values: Any) -> Steps:
        began = clock()
        steps = judge(subject, view, values)
        tally.ns += clock() - began
        tally.calls += 1
        return steps

    return judged


def _clock_ns() -> float:
    """What the clock itself adds to a call: a rule that does nothing."""
    tally = _Tally()
    judge = _clocked(lambda subject, view, values: (), tally)  # noqa: ARG005 - as rules are called
    for _ in range(_CLOCK_CALLS):
        judge(None, None, None)
    return tally.ns / _CLOCK_CALLS


def _children_cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
