"""Stage ``desk``: every finding of the judge becomes the next record of its alert, in journal order.

Its rows hold the current record of each alert (key ``alert:<alert_id>``, value the JSON of topic ``alerts.current``).
The shard applies a batch exactly once; that a finding seen twice changes nothing is a second lock on the same door.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from enum import StrEnum

import msgspec

from alerts.alert import AlertRecord, TransitionRefused, decode, encode, record_of
from alerts.deadlines import Deadlines
from alerts.lifecycle import Command
from domain.findings import Finding
from domain.ticks import moment_text
from domain.topics import ALERTS, ALERTS_CURRENT, FINDINGS
from streams.stage import Output, Record, Rows

log = logging.getLogger("fundwatch.desk")


class Outcome(StrEnum):
    """What became of a finding."""

    RECORDED = "recorded"
    SEEN_BEFORE = "seen_before"
    REFUSED = "refused"  # the lifecycle knows no such step: judge and desk disagree, which is a defect


class FindingUnreadable(Exception):
    """A record of topic ``findings`` is no finding: the judge is newer than this worker, or the record is damaged.

    Not to be skipped: an alert would be lost without a trace. The worker stops and the record waits.
    """

    def __init__(self, record: Record, why: str) -> None:
        super().__init__(f"{record.topic}[{record.partition}] offset {record.offset}: {why}")
        self.partition, self.offset = record.partition, record.offset


class DeskStage:
    """The stage as the worker knows it."""

    name = "desk"
    inputs = (FINDINGS,)

    def __init__(self, deadlines: Deadlines | None = None) -> None:
        """``deadlines``: the working-day limits in force, by default the proposed ones."""
        self._deadlines = deadlines or Deadlines()

    def open(self, partition: int, rows: Rows) -> Desk:  # noqa: ARG002 - a desk is the same on every partition
        """See `Stage`."""
        return Desk(rows, self._deadlines)


class Desk:
    """The desk of one partition. ``outcomes`` counts what became of the findings since it was opened."""

    def __init__(self, rows: Rows, deadlines: Deadlines) -> None:
        self._rows, self._deadlines = rows, deadlines
        self._decoder = msgspec.json.Decoder(Finding)
        self.outcomes: Counter[Outcome] = Counter()

    def step(self, records: Sequence[Record], now_ms: int) -> Sequence[Output]:
        """See `Processor`. Raises FindingUnreadable."""
        emitted_at = moment_text(now_ms)
        outputs: list[Output] = []
        for record in records:
            finding = self._read(record)
            row = b"alert:" + finding.alert_id.encode()
            held = self._rows.get(row)
            outcome, alert = self._decide(finding, decode(held) if held else None, emitted_at)
            self.outcomes[outcome] += 1
            if alert is not None:
                value = encode(alert)
                self._rows.put(row, value)
                outputs.append(Output(ALERTS, alert.region.encode(), value))
                outputs.append(Output(ALERTS_CURRENT, alert.alert_id.encode(), value))
        return outputs

    def _read(self, record: Record) -> Finding:
        try:
            return self._decoder.decode(record.value or b"")
        except ValueError as error:
            raise FindingUnreadable(record, str(error)) from error

    def _decide(
        self,
        finding: Finding,
        previous: AlertRecord | None,
        emitted_at: str,
    ) -> tuple[Outcome, AlertRecord | None]:
        if previous is not None and is_seen(finding, previous):
            return Outcome.SEEN_BEFORE, None
        try:
            return Outcome.RECORDED, record_of(finding, previous, emitted_at=emitted_at, deadlines=self._deadlines)
        except TransitionRefused:
            log.exception("judge and desk disagree at journal position %d", finding.position)
            return Outcome.REFUSED, None


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
