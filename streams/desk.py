"""Stage ``desk``: every finding becomes the next record of its alert, and alerts themselves are judged.

Findings on trial become records of a topic of their own, which nobody is told of and the desk does not judge.

Its rows hold the current record of each alert (key ``alert:<alert_id>``, value the JSON of topic ``alerts.current``)
beside the state of `rules.desk`. The shard applies a batch exactly once; that a finding seen twice changes nothing is a
second lock on the same door.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from functools import partial

import msgspec

from alerts.alert import AlertRecord, TransitionRefused, decode, encode, record_of
from alerts.deadlines import Deadlines
from alerts.lifecycle import Command
from domain import journal
from domain.findings import Finding
from domain.passed_on import journal_record_of
from domain.ticks import moment_text
from domain.topics import ALERTS, ALERTS_CURRENT, ALERTS_SHADOW, FINDINGS
from rules.desk import DeskEngine
from rules.rule import Rule
from rules.thresholds import RuleSet, rule_set_of
from streams.stage import Failure, Output, Record, Rows, StepFailed


class Outcome(StrEnum):
    """What became of a finding."""

    RECORDED = "recorded"
    SEEN_BEFORE = "seen_before"


class DeskStage:
    """The stage as the worker knows it: which rules it judges alerts by, and the limits it sets on them."""

    name = "desk"
    inputs = (FINDINGS,)

    def __init__(
        self,
        rules: tuple[Rule, ...] = (),
        rule_set: RuleSet | None = None,
        deadlines: Deadlines | None = None,
        rule_sets: Mapping[str, RuleSet] | None = None,
    ) -> None:
        """Of ``rules`` it judges those of stage desk; ``deadlines``: by default the proposed ones.

        ``rule_sets``: those that ticks may name, as `Engine` takes them.
        """
        self._rule_sets = rule_sets
        self._rules, self._rule_set = rules, rule_set or rule_set_of(rules)
        self._deadlines = deadlines or Deadlines()

    def open(self, partition: int, rows: Rows) -> Desk:
        """See `Stage`."""
        engine = DeskEngine(self._rules, self._rule_set, rows, partition, rule_sets=self._rule_sets)
        return Desk(rows, engine, self._deadlines)


class Desk:
    """The desk of one partition. ``outcomes`` counts what became of the findings since it was opened."""

    def __init__(self, rows: Rows, engine: DeskEngine, deadlines: Deadlines) -> None:
        self._rows, self._engine, self._deadlines = rows, engine, deadlines
        self._decoder = msgspec.json.Decoder(Finding)
        self.outcomes: Counter[Outcome] = Counter()

    def step(self, records: Iterable[Record], now_ms: int) -> Sequence[Output]:
        """See `Processor`. Raises StepFailed."""
        emitted_at = moment_text(now_ms)
        outputs: list[Output] = []
        for record in records:
            outputs += self._take(record, emitted_at)
        self._engine.flush()
        return outputs

    def _take(self, record: Record, emitted_at: str) -> list[Output]:
        """A finding with what is judged of its alert, or a journal record that the judge passed on."""
        passed = journal_record_of(record.value or b"")
        try:
            if passed is None:
                return self._hear(self._read(record), emitted_at)
            position, event = journal.read(passed)
            return self._record_all(
                self._engine.take_event(position, event, partial(journal.event_bytes, passed)), emitted_at
            )
        except TransitionRefused as error:
            raise StepFailed(Failure.REFUSED, record, str(error)) from error

    def _read(self, record: Record) -> Finding:
        try:
            return self._decoder.decode(record.value or b"")
        except ValueError as error:
            raise StepFailed(Failure.UNREADABLE, record, str(error)) from error

    def _hear(self, finding: Finding, emitted_at: str) -> list[Output]:
        outputs = self._record(finding, emitted_at)
        if finding.is_shadow:
            return outputs
        return outputs + self._record_all(self._engine.hear(finding), emitted_at) if outputs else []

    def _record_all(self, findings: Sequence[Finding], emitted_at: str) -> list[Output]:
        return [output for finding in findings for output in self._record(finding, emitted_at)]

    def _record(self, finding: Finding, emitted_at: str) -> list[Output]:
        """The next record of the finding's alert; nothing when it is there already. Raises TransitionRefused."""
        row = b"alert:" + finding.alert_id.encode()
        held = self._rows.get(row)
        previous = decode(held) if held else None
        if previous is not None and is_seen(finding, previous):
            self.outcomes[Outcome.SEEN_BEFORE] += 1
            return []
        alert = record_of(finding, previous, emitted_at=emitted_at, deadlines=self._deadlines)
        self.outcomes[Outcome.RECORDED] += 1
        value = encode(alert)
        self._rows.put(row, value)
        if finding.is_shadow:
            return [Output(ALERTS_SHADOW, alert.region.encode(), value)]
        return [
            Output(ALERTS, alert.region.encode(), value),
            Output(ALERTS_CURRENT, alert.alert_id.encode(), value),
        ]


def is_seen(finding: Finding, previous: AlertRecord) -> bool:
    """Whether ``previous`` already includes the finding.

    Positions only grow within a journal partition; what other regions bring to an alert about a person has theirs. At
    one position an alert may be raised and cleared (rules.md "done late, seen late"), so there the transition decides:
    a raised one that meets a cleared alert of its own position has been through.
    """
    if finding.partition != previous.position.partition:
        return False
    if finding.position != previous.position.offset:
        return finding.position < previous.position.offset
    command = Command(finding.transition)
    return command is previous.transition or (command, previous.transition) == (Command.RAISED, Command.CLEARED)
