"""What is counted of a batch, read off its records and outputs: stages know nothing of metrics.

Each output is looked at through a few fields only (about 1 µs); a redelivery is what intake took without writing
anything for it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from domain.events import EVENT_TYPES
from domain.passed_on import journal_record_of
from domain.topics import ALERTS, DEAD_LETTERS, FINDINGS, INTAKE, JOURNAL, RULE_FAILURES
from streams.metrics import Leg, Metrics, Outcome, leg_of
from streams.partition import Turn
from streams.stage import Output, Record

_TICK = "clock.tick"
_UNKNOWN_FIELD = "unknown_field"


class _Tick(msgspec.Struct, gc=False):
    tick_at: datetime


class _Event(msgspec.Struct, gc=False):
    type: str
    recorded_at: str
    body: msgspec.Raw


class _Journaled(msgspec.Struct, gc=False):
    flags: tuple[str, ...]
    event: _Event


class _Refused(msgspec.Struct, gc=False):
    code: str
    topic: str


class _Found(msgspec.Struct, gc=False):
    rule_id: str
    severity: str
    is_shadow: bool = False


class _Failed(msgspec.Struct, gc=False):
    new: dict[str, int]


class _Alerted(msgspec.Struct, gc=False):
    section: str
    status: str


_journaled = msgspec.json.Decoder(_Journaled).decode
_refused = msgspec.json.Decoder(_Refused).decode
_found = msgspec.json.Decoder(_Found).decode
_failed = msgspec.json.Decoder(_Failed).decode
_alerted = msgspec.json.Decoder(_Alerted).decode
_tick = msgspec.json.Decoder(_Tick).decode


class BatchMeter(Protocol):
    """What a shard reports of itself."""

    def restored(self, verdict: str, records: int, seconds: float) -> None:
        """The local copy is up to date."""

    def batch(self, turn: Turn, step_s: float, commit_s: float) -> None:
        """A batch is committed."""

    def failed(self, reason: str) -> None:
        """A stage could not take a batch (`streams.stage.StepFailed`); the worker stops."""

    def delivered(self, records: Sequence[Record], step_s: float) -> None:
        """A sink has delivered a batch."""


class Instruments:
    """The metrics of a worker as its parts use them, and the last tick of each partition that it holds."""

    def __init__(self, metrics: Metrics, clock: Callable[[], int]) -> None:
        """``clock`` gives the wall clock in milliseconds."""
        self.metrics, self.clock = metrics, clock
        self.last_ticks: dict[int, datetime] = {}

    def meter(self, stage: str, partition: int) -> ShardMeter:
        """For one shard."""
        return ShardMeter(self, stage, partition)

    def ticked(self, partition: int, moment: datetime) -> None:
        """A tick was found, sent or journaled."""
        self.last_ticks[partition] = moment
        self.metrics.set("last_tick_timestamp_seconds", str(partition), to=moment.timestamp())

    def lagged(self, stage: str, partition: int, records: int) -> None:
        """A shard's lag was measured."""
        self.metrics.set("lag_records", stage, str(partition), to=records)

    def opened(self, stage: str, partition: int, *, is_ready: bool) -> None:
        """A shard is being opened or is ready."""
        self.metrics.set("shard_ready", stage, str(partition), to=is_ready)

    def closed(self, stage: str, partition: int) -> None:
        """A shard is another worker's business: what this one last knew of it would only mislead."""
        self.metrics.forget("shard_ready", stage, str(partition))
        self.metrics.forget("lag_records", stage, str(partition))
        if stage == INTAKE and self.last_ticks.pop(partition, None) is not None:
            self.metrics.forget("last_tick_timestamp_seconds", str(partition))


class ShardMeter:
    """Counts one shard's batches."""

    def __init__(self, instruments: Instruments, stage: str, partition: int) -> None:
        self._instruments, self._stage, self._partition = instruments, stage, partition
        self._metrics, self._clock = instruments.metrics, instruments.clock

    def restored(self, verdict: str, records: int, seconds: float) -> None:
        """The local copy is up to date."""
        self._metrics.observe("restore_seconds", self._stage, value=seconds)
        self._metrics.count("restored_rows", self._stage, by=records)
        self._metrics.count("restores", self._stage, verdict)

    def batch(self, turn: Turn, step_s: float, commit_s: float) -> None:
        """A batch is committed."""
        if not turn.records:
            return
        metrics = self._metrics
        metrics.count("records", self._stage, by=len(turn.records))
        metrics.observe("batch_records", self._stage, value=len(turn.records))
        metrics.observe("step_seconds", self._stage, value=step_s)
        metrics.observe("commit_seconds", self._stage, value=commit_s)
        self._delay(turn.records)
        if self._stage == INTAKE:
            self._intake(turn.records, turn.outputs)
        else:
            self._findings_and_alerts(turn.outputs)

    def failed(self, reason: str) -> None:
        """A stage could not take a batch; the worker stops."""
        self._metrics.count("step_failures", self._stage, reason)

    def delivered(self, records: Sequence[Record], step_s: float) -> None:
        """A sink has delivered a batch."""
        self._metrics.count("records", self._stage, by=len(records))
        self._metrics.observe("batch_records", self._stage, value=len(records))
        self._metrics.observe("step_seconds", self._stage, value=step_s)
        self._delay(records)

    def _delay(self, records: Sequence[Record]) -> None:
        """The oldest record's time from being written to now."""
        leg = leg_of(records[0].topic)
        if leg is not None:
            oldest_ms = min(record.timestamp_ms for record in records)
            self._metrics.observe("delay_seconds", leg, value=max(0, self._clock() - oldest_ms) / 1000)

    def _intake(self, records: Sequence[Record], outputs: Sequence[Output]) -> None:
        taken = Counter(record.topic for record in records)
        written: Counter[tuple[str, str]] = Counter()
        oldest_recorded_at = ""
        for output in outputs:
            if output.topic == JOURNAL:
                journaled = _journaled(output.value or b"")
                event = journaled.event
                topic = _topic_of(event.type, taken)
                written[topic, Outcome.JOURNALED] += 1
                taken[topic] -= 1
                if _UNKNOWN_FIELD in journaled.flags:
                    self._metrics.count("unknown_fields", topic)
                if event.type == _TICK:
                    self._instruments.ticked(self._partition, _tick(event.body).tick_at)
                elif not oldest_recorded_at or event.recorded_at < oldest_recorded_at:
                    oldest_recorded_at = event.recorded_at
            elif output.topic == DEAD_LETTERS:
                refused = _refused(output.value or b"")
                written[refused.topic, Outcome.REFUSED] += 1
                taken[refused.topic] -= 1
                self._metrics.count("dead_letters", refused.code)
        for (topic, outcome), number in written.items():
            self._metrics.count("events", topic, outcome, by=number)
        for topic, number in taken.items():
            if number > 0:
                self._metrics.count("events", topic, Outcome.REDELIVERED, by=number)
        if oldest_recorded_at:
            seconds = self._clock() / 1000 - datetime.fromisoformat(oldest_recorded_at).timestamp()
            self._metrics.observe("delay_seconds", Leg.RECORDED_TO_JOURNAL, value=max(0.0, seconds))

    def _findings_and_alerts(self, outputs: Sequence[Output]) -> None:
        for output in outputs:
            if output.topic == FINDINGS and journal_record_of(output.value or b"") is None:
                finding = _found(output.value or b"")
                name = "shadow_findings" if finding.is_shadow else "findings"
                self._metrics.count(name, finding.rule_id, finding.severity)
            elif output.topic == RULE_FAILURES:
                for reason, number in _failed(output.value or b"").new.items():
                    self._metrics.count("custom_rule_failures", reason, by=number)
            elif output.topic == ALERTS:
                alert = _alerted(output.value or b"")
                self._metrics.count("alerts", alert.section, alert.status)


def _topic_of(event_type: str, left: Counter[str]) -> str:
    """The topic an event came on; of a type with two topics one that the batch still has a record of."""
    topics = (*EVENT_TYPES[event_type].topics, EVENT_TYPES[event_type].own_topic)
    return next((topic for topic in topics if left[topic] > 0), topics[0])
