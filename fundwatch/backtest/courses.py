"""What two judgements of one history differ in: alerts that one of them lacks, or that took another course. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

import msgspec

from alerts.alert import AlertRecord
from domain.findings import Finding

# Rule, region, whether the rule is on trial.
Key = tuple[str, str, bool]


class Change(StrEnum):
    """What the second judgement makes of an alert."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"  # raised by both, but on other days or as other severities


class Step(NamedTuple):
    """One transition of an alert."""

    log_on: str
    transition: str
    severity: str


class Alert(NamedTuple):
    """What an alert is about, the same in each of its transitions."""

    alert_id: str
    rule_id: str
    region: str
    subject_key: str
    title: str
    is_shadow: bool

    @property
    def key(self) -> Key:
        """What it is counted under."""
        return self.rule_id, self.region, self.is_shadow


class Life(NamedTuple):
    """An alert from its first transition to its last."""

    alert: Alert
    steps: tuple[Step, ...]

    def since(self, day: str) -> tuple[Step, ...]:
        """Its steps from a day (ISO) on."""
        return tuple(step for step in self.steps if step.log_on >= day)


class Lives:
    """The alerts of one judgement, built up transition by transition."""

    def __init__(self) -> None:
        self.by_id: dict[str, Life] = {}

    def take(self, finding: Finding) -> None:
        """What was found."""
        about = finding.alert_id, finding.rule_id, finding.region, finding.subject_key, finding.subject_title
        step = Step(finding.log_on, finding.transition.value, finding.severity.value)
        self._add(Alert(*about, finding.is_shadow), step)

    def take_record(self, record: AlertRecord, *, is_shadow: bool) -> None:
        """What a system has told; what people did with the alert is no rule's to say."""
        if not record.is_a_rules:
            return
        about = record.alert_id, record.rule_id, record.region, record.subject.key, record.subject.title
        step = Step(record.log_on, record.transition.value, record.severity.value)
        self._add(Alert(*about, is_shadow), step)

    def _add(self, alert: Alert, step: Step) -> None:
        """What its first transition said of an alert stays, such as its title."""
        life = self.by_id.get(alert.alert_id) or Life(alert, ())
        self.by_id[alert.alert_id] = life._replace(steps=(*life.steps, step))


class Differing(msgspec.Struct, frozen=True):
    """One alert in which two judgements differ; ``before`` and ``after`` are all its steps in each."""

    change: Change
    alert: Alert
    before: tuple[Step, ...]
    after: tuple[Step, ...]


class Tally(msgspec.Struct, frozen=True):
    """How many alerts of one rule in one region: of each judgement, and how many differ."""

    rule_id: str
    region: str
    is_shadow: bool
    before: int
    after: int
    added: int
    removed: int
    changed: int


class Comparison(msgspec.Struct, frozen=True):
    """What differs, by rule, region and subject; and how many alerts there are by `Key` in each judgement."""

    alerts: list[Differing]
    before: Counter[Key]
    after: Counter[Key]

    def tallied(self) -> list[Tally]:
        """By rule and region how many alerts differ, and how; where none does there is no tally."""
        counts: dict[Key, Counter[Change]] = {}
        for each in self.alerts:
            counts.setdefault(each.alert.key, Counter())[each.change] += 1
        return [
            Tally(
                *key,
                self.before[key],
                self.after[key],
                count[Change.ADDED],
                count[Change.REMOVED],
                count[Change.CHANGED],
            )
            for key, count in sorted(counts.items())
        ]


def compared(before: Mapping[str, Life], after: Mapping[str, Life], since: str = "") -> Comparison:
    """Alerts by their ids. Only transitions from the day ``since`` (ISO) on are compared and counted."""
    found: list[Differing] = []
    for alert_id in before.keys() | after.keys():
        was, now = before.get(alert_id), after.get(alert_id)
        either = was or now
        if either is not None and (was.since(since) if was else ()) != (now.since(since) if now else ()):
            found.append(_differing(either.alert, was, now))
    return Comparison(_in_order(found), _counted(before.values(), since), _counted(after.values(), since))


def together(parts: Sequence[Comparison]) -> Comparison:
    """Comparisons of parts that have no alert in common."""
    return Comparison(
        _in_order(each for part in parts for each in part.alerts),
        sum((part.before for part in parts), Counter()),
        sum((part.after for part in parts), Counter()),
    )


def _differing(alert: Alert, was: Life | None, now: Life | None) -> Differing:
    change = Change.ADDED if was is None else Change.REMOVED if now is None else Change.CHANGED
    return Differing(change, alert, was.steps if was else (), now.steps if now else ())


def _in_order(found: Iterable[Differing]) -> list[Differing]:
    def place(each: Differing) -> tuple[object, ...]:
        return each.alert.rule_id, each.alert.region, each.alert.subject_key, each.before, each.after

    return sorted(found, key=place)


def _counted(lives: Iterable[Life], since: str) -> Counter[Key]:
    return Counter(life.alert.key for life in lives if life.since(since))
