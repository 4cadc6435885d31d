"""Laws of a worker's metrics: declared once, there from the start, and counted from what a batch really wrote."""

from __future__ import annotations

from datetime import datetime

import pytest

from domain.ticks import CHINA
from domain.topics import ALERTS, DEAD_LETTERS, FINDINGS, JOURNAL
from streams.meters import Instruments
from streams.metrics import METRICS, PREFIX, Metrics
from streams.partition import Turn
from streams.stage import Output, Record

NOW_MS = int(datetime(2019, 10, 9, 12, tzinfo=CHINA).timestamp() * 1_000)
EVENT = b'{"type":"payment.recorded","recorded_at":"2019-10-09T11:59:00+08:00","body":{"amount_fen":1}}'
TICK = b'{"type":"clock.tick","recorded_at":"2019-10-09T11:00:00+08:00","body":{"tick_at":"2019-10-09T11:00:00+08:00"}}'


def journaled(event: bytes) -> Output:
    """A journal record."""
    return Output(JOURNAL, b"k", b'{"position":0,"accepted_at":"","flags":[],"event":' + event + b"}")


def record(topic: str, age_ms: int = 0) -> Record:
    """An input record written so long ago."""
    return Record(topic, 0, 0, b"k", b"v", NOW_MS - age_ms)


@pytest.fixture
def instruments() -> Instruments:
    """Of a worker with all stages and one rule."""
    return Instruments(Metrics({"stage": ("intake", "judge", "desk"), "rule": ("funds_idle",)}), lambda: NOW_MS)


def sample(instruments: Instruments, name: str, **labels: str) -> float | None:
    """The value of one series."""
    return instruments.metrics.registry.get_sample_value(PREFIX + name, labels)


def measured(instruments: Instruments, stage: str, records: list[Record], *outputs: Output) -> None:
    """A batch of a stage is committed."""
    instruments.meter(stage, 0).batch(Turn(records, [], outputs, {}, {}), 0.001, 0.01)


def test_what_intake_did_is_counted_by_topic_and_outcome(instruments: Instruments) -> None:
    """Journaled, refused, and what is neither was there before."""
    letter = Output(DEAD_LETTERS, b"k", b'{"code":"field_bad","topic":"treasury.payments"}')
    measured(instruments, "intake", [record("treasury.payments")] * 4, journaled(EVENT), letter)
    counts = {
        outcome: sample(instruments, "events_total", topic="treasury.payments", outcome=outcome)
        for outcome in ("journaled", "refused", "redelivered")
    }
    assert counts == {"journaled": 1, "refused": 1, "redelivered": 2}
    assert sample(instruments, "dead_letters_total", code="field_bad") == 1


def test_a_journaled_tick_is_the_last_tick(instruments: Instruments) -> None:
    """Its age is what the alert rule on a silent clock looks at."""
    measured(instruments, "intake", [record("clock.ticks")], journaled(TICK))
    moment = datetime(2019, 10, 9, 11, tzinfo=CHINA)
    assert instruments.last_ticks == {0: moment}
    assert sample(instruments, "last_tick_timestamp_seconds", partition="0") == moment.timestamp()


@pytest.mark.parametrize(
    ("stage", "topic", "leg", "seconds"),
    [
        ("intake", "treasury.payments", "published_to_journal", 2.0),
        ("judge", JOURNAL, "journal_to_finding", 2.0),
        ("desk", FINDINGS, "finding_to_alert", 2.0),
    ],
)
def test_the_delay_of_a_batch_is_that_of_its_oldest_record(
    instruments: Instruments, stage: str, topic: str, leg: str, seconds: float
) -> None:
    """Each stage covers its part of the way."""
    measured(instruments, stage, [record(topic, 500), record(topic, 2_000), record(topic, 10)])
    assert sample(instruments, "delay_seconds_sum", leg=leg) == seconds


def test_the_way_from_the_source_is_measured_from_its_own_time_stamp(instruments: Instruments) -> None:
    """recorded_at 11:59, journaled at 12:00."""
    measured(instruments, "intake", [record("treasury.payments")], journaled(EVENT))
    assert sample(instruments, "delay_seconds_sum", leg="recorded_to_journal") == 60


def test_findings_and_alerts_are_counted_by_what_they_say(instruments: Instruments) -> None:
    """By rule and severity, by section and status."""
    measured(
        instruments, "judge", [record(JOURNAL)], Output(FINDINGS, b"k", b'{"rule_id":"funds_idle","severity":"red"}')
    )
    measured(instruments, "desk", [record(FINDINGS)], Output(ALERTS, b"k", b'{"section":"budget","status":"open"}'))
    assert sample(instruments, "findings_total", rule="funds_idle", severity="red") == 1
    assert sample(instruments, "alerts_total", section="budget", status="open") == 1


def test_what_is_known_of_a_partition_leaves_with_it(instruments: Instruments) -> None:
    """After a rebalance a worker must not go on telling a lag that is another one's."""
    instruments.lagged("intake", 0, 7)
    instruments.opened("intake", 0, is_ready=True)
    instruments.ticked(0, datetime(2019, 10, 9, tzinfo=CHINA))
    instruments.closed("intake", 0)
    names = ("lag_records", "shard_ready")
    assert [sample(instruments, name, stage="intake", partition="0") for name in names] == [None, None]
    assert sample(instruments, "last_tick_timestamp_seconds", partition="0") is None


def test_every_series_with_bounded_labels_is_there_from_the_start(instruments: Instruments) -> None:
    """What did not happen yet is 0; only partitions come and go."""
    assert sample(instruments, "dead_letters_total", code="classified_fund") == 0
    assert sample(instruments, "findings_total", rule="funds_idle", severity="yellow") == 0
    assert sample(instruments, "delay_seconds_count", leg="alert_to_queue") == 0


def test_metrics_are_declared_once_with_a_sentence_each() -> None:
    """A name that is declared twice would be counted in two places."""
    names = [metric.name for metric in METRICS]
    assert len(names) == len(set(names))
    assert [metric.name for metric in METRICS if not metric.help.endswith(".")] == []
