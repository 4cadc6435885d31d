"""Why an alert: judged again from the events by the values that its record carries, and what would have prevented it.

What would have had to differ is tried, not guessed: the history is judged once more without each record that the alert
rests on, as if it had never been sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

import msgspec

from alerts.alert import AlertRecord, Proof
from fundwatch.backtest.courses import Step
from fundwatch.judging import FileJudge
from rules.catalogue import RULES
from rules.selection import chosen_rules
from rules.thresholds import RuleSet, Setting, rule_set_of

# An alert on a line may rest on fifty payments; each costs one judging of the file.
_TRIED_MAX = 12


class History(NamedTuple):
    """What is judged: a file of wire events, the days of its ticks, and the rules that may speak (none: all)."""

    path: Path
    first: date
    last: date
    rules: tuple[str, ...] = ()
    partitions: int = 1


class _Outline(msgspec.Struct):
    event_id: str
    type: str
    occurred_on: str
    source: str
    body: msgspec.Raw


class Link(NamedTuple):
    """One record that the alert rests on, as it was sent; ``without``: the alert's course had it never come."""

    proof: Proof
    type: str
    occurred_on: str
    source: str
    body: bytes
    without: tuple[Step, ...] | None  # None: not tried


class Explained(NamedTuple):
    """An alert's records in order, whether its numbers come out again from what it carries, and what it rests on."""

    records: tuple[AlertRecord, ...]
    is_confirmed: bool
    chain: tuple[Link, ...]


class AlertUnknown(LookupError):
    """No alert of this id follows from the history; carries the id."""

    def __init__(self, alert_id: str) -> None:
        super().__init__(f"no alert {alert_id} follows from these events and days")
        self.alert_id = alert_id


def explained(history: History, rule_set: RuleSet, alert_id: str) -> Explained:
    """Everything about one alert. Raises AlertUnknown."""
    lines = history.path.read_bytes().splitlines()
    records = _records(history, lines, rule_set, history.rules, alert_id)
    if not records:
        raise AlertUnknown(alert_id)
    last = records[-1]
    carried = _carried(last, rule_set)
    again = _records(history, lines, carried, (last.rule_id,), alert_id)
    chain = [link for link in (_link(lines, proof) for proof in last.evidence) if link is not None]
    for number, link in enumerate(chain[:_TRIED_MAX]):
        others = [line for line in lines if not _is_of(line, link.proof.event_id)]
        course = _course(_records(history, others, carried, (last.rule_id,), alert_id))
        chain[number] = link._replace(without=course)
    return Explained(records, _numbers(again) == _numbers(records), tuple(chain))


def _carried(last: AlertRecord, rule_set: RuleSet) -> RuleSet:
    """The alert's own rule by the values that its record carries; a custom one as the rule set defines it."""
    customs = tuple(rule for rule in rule_set.customs if rule.id == last.rule_id)
    conditions = {name for rule in customs for name in rule.conditions}
    values = {name: each.value for name, each in last.thresholds.items() if name not in conditions}
    return rule_set_of(RULES, {last.rule_id: Setting(parameters=values)}, customs=customs)


def _records(
    history: History, lines: Sequence[bytes], rule_set: RuleSet, rules: tuple[str, ...], alert_id: str
) -> tuple[AlertRecord, ...]:
    customs = {rule.id for rule in rule_set.customs}
    # Of the catalogue, those named; where a custom rule alone is, none of it.
    chosen = () if rules and customs.issuperset(rules) else chosen_rules(RULES, rules)
    judge = FileJudge(chosen, rule_set, emitted_at="", partitions=history.partitions)
    records = judge.run(lines, history.first, history.last)
    return tuple(record for record in records if record.alert_id == alert_id)


def _numbers(records: Sequence[AlertRecord]) -> list[tuple[object, ...]]:
    """What must come out again: everything that the rule says."""
    return [
        (each.log_on, each.transition, each.severity, each.observed, each.limit, each.amount_fen) for each in records
    ]


def _course(records: Sequence[AlertRecord]) -> tuple[Step, ...]:
    return tuple(Step(each.log_on, each.transition, each.severity) for each in records)


def _link(lines: Sequence[bytes], proof: Proof) -> Link | None:
    """The record as it was sent; None of this system's own, such as a notice between levels."""
    event = next((event for event in map(_outlined, lines) if event and event.event_id == proof.event_id), None)
    if event is None:
        return None
    return Link(proof, event.type, event.occurred_on, event.source, bytes(event.body), None)


def _is_of(line: bytes, event_id: str) -> bool:
    event = _outlined(line)
    return event is not None and event.event_id == event_id


def _outlined(line: bytes) -> _Outline | None:
    try:
        return msgspec.json.decode(line, type=_Outline)
    except ValueError:
        return None
