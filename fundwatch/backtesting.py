"""Backtest: one history judged by two rule sets with the very engine that judges live, and what differs.

Each rule set is judged in a process of its own: regions tell each other of money, and persons claim in several, so one
history cannot be cut into parts that know nothing of each other.
"""

from __future__ import annotations

import multiprocessing
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, wait
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from alerts.alert import AlertRecord
from fundwatch.judging import FileJudge
from rules.catalogue import RULES
from rules.rule_set_text import Content, rule_set_from
from rules.selection import chosen_rules
from rules.thresholds import RuleSet, rule_set_of

# How often progress is told.
_TELL_EVERY_S = 0.5


class Change(StrEnum):
    """What the second rule set makes of an alert."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"  # raised by both, but on other days or as other severities


class Step(NamedTuple):
    """One transition of an alert."""

    log_on: str
    transition: str
    severity: str


class Life(NamedTuple):
    """An alert from its first transition to its last."""

    alert_id: str
    rule_id: str
    region: str
    subject_key: str
    is_shadow: bool
    steps: tuple[Step, ...]


class Differing(msgspec.Struct, frozen=True):
    """One alert in which two rule sets differ; ``before`` and ``after`` are its steps under each."""

    change: Change
    rule_id: str
    region: str
    subject_key: str
    is_shadow: bool
    before: tuple[Step, ...]
    after: tuple[Step, ...]


class Tally(msgspec.Struct, frozen=True):
    """How many alerts of one rule in one region."""

    rule_id: str
    region: str
    is_shadow: bool
    added: int
    removed: int
    changed: int


class History(NamedTuple):
    """What is judged: a file of wire events, the days of its ticks, and the rules that may speak (none: all)."""

    path: Path
    first: date
    last: date
    rules: tuple[str, ...] = ()
    partitions: int = 1


def backtest(
    history: History, before: Content | None, after: Content | None, told: Callable[[float], None]
) -> list[Differing]:
    """What ``after`` says otherwise than ``before`` (None: the catalogue's values); ``told`` is the share that is done.

    Raises RuleSetRefused.
    """
    context = multiprocessing.get_context("spawn")
    read: Any = context.Array("q", 2)  # bytes, by process; its type is the context's own
    whole = 2 * max(1, history.path.stat().st_size)
    with ProcessPoolExecutor(2, mp_context=context, initializer=_share, initargs=(read,)) as pool:
        runs = [pool.submit(_lives_in_process, number, history, each) for number, each in enumerate((before, after))]
        while wait(runs, timeout=_TELL_EVERY_S).not_done:
            told(sum(read) / whole)
        told(1.0)
        return compared(*(run.result() for run in runs))


def compared(before: Sequence[Life], after: Sequence[Life]) -> list[Differing]:
    """The alerts that only one of two judgements has, or that took another course; by rule, region and subject."""
    old, new = ({life.alert_id: life for life in lives} for lives in (before, after))
    found: list[Differing] = []
    for alert_id in old.keys() | new.keys():
        was, now = old.get(alert_id), new.get(alert_id)
        either = was or now
        if either is not None and (was is None or now is None or was.steps != now.steps):
            change = Change.ADDED if was is None else Change.REMOVED if now is None else Change.CHANGED
            steps = (was.steps if was else ()), (now.steps if now else ())
            found.append(Differing(change, either.rule_id, either.region, either.subject_key, either.is_shadow, *steps))
    return sorted(found, key=lambda each: (each.rule_id, each.region, each.subject_key, each.before, each.after))


def tallied(found: Sequence[Differing]) -> list[Tally]:
    """By rule and region how many alerts differ, and how."""
    counts: dict[tuple[str, str, bool], Counter[Change]] = {}
    for each in found:
        counts.setdefault((each.rule_id, each.region, each.is_shadow), Counter())[each.change] += 1
    return [
        Tally(*key, count[Change.ADDED], count[Change.REMOVED], count[Change.CHANGED])
        for key, count in sorted(counts.items())
    ]


def lives_of(records: Sequence[AlertRecord], shadow: Sequence[AlertRecord]) -> list[Life]:
    """Alerts from their records; those of rules on trial apart."""
    return [*_lives(records, is_shadow=False), *_lives(shadow, is_shadow=True)]


def _lives(records: Sequence[AlertRecord], *, is_shadow: bool) -> Iterator[Life]:
    steps: dict[str, list[Step]] = {}
    firsts: dict[str, AlertRecord] = {}
    for record in records:
        firsts.setdefault(record.alert_id, record)
        steps.setdefault(record.alert_id, []).append(Step(record.log_on, record.transition, record.severity))
    for alert_id, first in firsts.items():
        yield Life(alert_id, first.rule_id, first.region, first.subject.key, is_shadow, tuple(steps[alert_id]))


# The shared count of bytes read, set once in each process.
_read: list[Any] = []


def _share(read: Any) -> None:
    _read.append(read)


def _lives_in_process(number: int, history: History, content: Content | None) -> list[Life]:
    rule_set: RuleSet = rule_set_of(RULES) if content is None else rule_set_from(content, RULES)
    rules = chosen_rules(RULES, history.rules)
    judge = FileJudge(rules, rule_set, emitted_at="", partitions=history.partitions)
    with history.path.open("rb") as lines:
        records = list(judge.run(_counted(lines, number), history.first, history.last))
    return lives_of(records, judge.shadow)


def _counted(lines: Iterable[bytes], number: int) -> Iterator[bytes]:
    read = _read[0]
    for line in lines:
        read[number] += len(line)
        yield line
