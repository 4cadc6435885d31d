"""An alert of a file of wire events, read as often as it is judged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from alerts.alert import AlertRecord, Proof
from fundwatch.explain.trial import AlertUnknown, EvidenceEvent, Said, event_of, said
from fundwatch.journal_file import opened
from fundwatch.judging import FileJudge
from rules.catalogue import RULES
from rules.rule import Stage
from rules.selection import chosen_rules
from rules.thresholds import RuleSet


class History(NamedTuple):
    """What is judged: a file, the days of its ticks, the rules that may speak (none: all), and the rule sets by day."""

    path: Path
    first: date
    last: date
    rules: tuple[str, ...]
    partitions: int
    rule_set: RuleSet
    changes: Mapping[date, RuleSet]


def file_trial(history: History, alert_id: str) -> FileTrial:
    """The alert of this id, or beginning of it, after judging the file once. Raises AlertUnknown."""
    records = [record for record in _judged(history, "") if record.alert_id.startswith(alert_id)]
    if len({record.alert_id for record in records}) != 1:
        how_many = "several alerts begin with" if records else "no alert"
        raise AlertUnknown(f"{how_many} {alert_id}: what follows from these events and days is told by `judge`")
    return FileTrial(history, records)


class FileTrial:
    """See `fundwatch.explain.trial.Trial`."""

    def __init__(self, history: History, records: Sequence[AlertRecord]) -> None:
        """``records``: all of the alert."""
        self._history, self.records = history, records
        self._alone = _alone(history, records[-1].rule_id)

    def again(self, without: str = "") -> tuple[Said, ...]:
        """See `Trial`."""
        alert_id = self.records[-1].alert_id
        return tuple(said(record) for record in _judged(self._alone, without) if record.alert_id == alert_id)

    def event(self, proof: Proof) -> EvidenceEvent | None:
        """See `Trial`; None of this system's own, such as a notice between levels."""
        return self._events.get(proof.event_id)

    @cached_property
    def _events(self) -> dict[str, EvidenceEvent]:
        ids = {proof.event_id for record in self.records for proof in record.evidence}
        with opened(self._history.path) as lines:
            found = (event_of(line) for line in lines)
            return {event.event_id: event for event in found if event is not None and event.event_id in ids}


def _judged(history: History, without: str) -> Iterator[AlertRecord]:
    judge = FileJudge(
        chosen_rules(RULES, history.rules),
        history.rule_set,
        emitted_at="",
        partitions=history.partitions,
        changes=history.changes,
    )
    with opened(history.path) as lines:
        kept = (line for line in lines if not without or not _is_of(line, without))
        yield from judge.run(kept, history.first, history.last)
        yield from judge.shadow


def _is_of(line: bytes, event_id: str) -> bool:
    event = event_of(line)
    return event is not None and event.event_id == event_id


def _alone(history: History, rule_id: str) -> History:
    """The same with this rule alone, where it needs no others: what it says is the same, and sooner there."""
    rule = next((rule for rule in RULES if rule.id == rule_id), None)
    return history if rule is None or rule.stage is Stage.DESK else history._replace(rules=(rule_id,))
