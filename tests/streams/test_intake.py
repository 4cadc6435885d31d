"""The intake stage: what it writes, what it remembers, and that neither depends on when it was interrupted."""

from __future__ import annotations

import base64
from datetime import date
from functools import cache
from typing import Any

import pytest

from domain.dead_letters import decode as decode_letter
from domain.events import TOPIC_OF_TYPE
from domain.identifiers import partition_of
from domain.intake import Reference
from domain.journal import decode
from domain.ticks import daily_tick, tick_event
from domain.topics import DEAD_LETTERS, JOURNAL
from streams.driver import Crash, Driver
from streams.intake import IntakeStage
from streams.stage import Record
from streams.state import MemoryRows
from tests.domain.examples import EXAMPLES, example, key_of, wire
from tests.domain.sample import SAMPLE, Fate, Sent

NOW_MS = 1_570_588_200_123  # 2019-10-09T10:30:00.123+08:00


def record(event: dict[str, Any] | bytes | None, *, key: bytes = b"652722", offset: int = 0) -> Record:
    """A record of an event on its own topic, in partition 0."""
    topic = TOPIC_OF_TYPE[event["type"]] if isinstance(event, dict) else "treasury.payments"
    value = wire(event) if isinstance(event, dict) else event
    return Record(topic, 0, offset, key_of(event) if isinstance(event, dict) else key, value, 0)


def fate_of(sent: Sent, rows: MemoryRows) -> Fate:
    """What the stage makes of one record of the sample, opened anew for it: nothing lives outside the rows."""
    stage = IntakeStage().open(0, rows)
    outputs = stage.step([Record(sent.topic, 0, sent.number, sent.key, sent.value, 0)], NOW_MS)
    if not outputs:
        return Fate("redelivered", None, is_redacted=False, flags=frozenset())
    (output,) = outputs
    if output.topic == JOURNAL:
        journaled = decode(output.value or b"")
        assert bytes(journaled.event) == (sent.value or b"").strip()
        assert output.key == sent.key
        return Fate("accepted", None, is_redacted=False, flags=frozenset(journaled.flags))
    letter = decode_letter(output.value or b"")
    kept = base64.b64decode(letter.value_base64) if letter.value_base64 is not None else None
    assert kept == (None if letter.is_redacted else sent.value)
    assert (output.topic, letter.topic, letter.offset) == (DEAD_LETTERS, sent.topic, sent.number)
    return Fate("dead_letter", letter.code, letter.is_redacted, frozenset())


def test_every_record_of_the_sample_meets_its_fate() -> None:
    """All 3,000 records of the contract go into the journal or the dead letters as said, over a restart at each."""
    rows = MemoryRows()
    fates = [(sent, fate_of(sent, rows)) for sent in SAMPLE]
    assert [(sent.number, sent.note, fate, sent.fate) for sent, fate in fates if fate != sent.fate] == []


def test_positions_count_the_journal_without_gaps() -> None:
    """Refused and redelivered records take no position, and a restart goes on where the rows say."""
    rows = MemoryRows()
    records = [Record(sent.topic, 0, sent.number, sent.key, sent.value, 0) for sent in SAMPLE]
    outputs = [
        output
        for start in range(0, len(records), 250)
        for output in IntakeStage().open(0, rows).step(records[start : start + 250], NOW_MS)
    ]
    positions = [decode(output.value or b"").position for output in outputs if output.topic == JOURNAL]
    assert positions == list(range(sum(sent.fate.outcome == "accepted" for sent in SAMPLE)))


def test_a_journal_record_says_when_it_was_accepted() -> None:
    """`accepted_at` is the wall clock that the step was given, in China's time."""
    (output,) = IntakeStage().open(0, MemoryRows()).step([record(EXAMPLES["payment.recorded"])], NOW_MS)
    assert decode(output.value or b"").accepted_at == "2019-10-09T10:30:00.123+08:00"


def test_a_tick_is_journaled_under_its_partition() -> None:
    """A tick is a journal record like any other, with the partition's number as key."""
    tick = tick_event(daily_tick(date(2019, 10, 9)), 0, "2019.10.1")
    (output,) = (
        IntakeStage(Reference(partitions=4))
        .open(0, MemoryRows())
        .step([Record("clock.ticks", 0, 0, b"0", tick, 0)], NOW_MS)
    )
    assert (output.topic, output.key) == (JOURNAL, b"0")


@pytest.mark.parametrize("partition", range(4))
def test_a_record_in_a_foreign_partition_is_refused(partition: int) -> None:
    """With the number of partitions known, a record is taken only where its region's others are."""
    event = EXAMPLES["payment.recorded"]
    stage = IntakeStage(Reference(partitions=4)).open(partition, MemoryRows())
    (output,) = stage.step([record(event)._replace(partition=partition)], NOW_MS)
    assert output.topic == (JOURNAL if partition == partition_of(b"652722", 4) else DEAD_LETTERS)


def test_a_dead_letter_lies_under_its_region() -> None:
    """Letters are keyed by region, those of nowhere by nothing."""
    stage = IntakeStage().open(0, MemoryRows())
    records = [record(example("payment.recorded", amount_fen=0)), record(b"{"), record(None)]
    assert [output.key for output in stage.step(records, NOW_MS)] == [b"652722", b"", b""]


def test_a_repaired_event_may_be_sent_again_under_its_id() -> None:
    """A refused event never entered the journal, so its id is free."""
    stage = IntakeStage().open(0, MemoryRows())
    outputs = stage.step([record(example("payment.recorded", amount_fen=0)), record(EXAMPLES["payment.recorded"])], 0)
    assert [output.topic for output in outputs] == [DEAD_LETTERS, JOURNAL]


def test_nothing_is_written_for_nothing() -> None:
    """A batch of redeliveries leaves no output and no row."""
    rows = MemoryRows()
    stage = IntakeStage().open(0, rows)
    stage.step([record(EXAMPLES["payment.recorded"])], NOW_MS)
    before = rows.snapshot()
    assert list(stage.step([record(EXAMPLES["payment.recorded"], offset=1)] * 3, NOW_MS)) == []
    assert rows.snapshot() == before


@cache
def played(crash: Crash | None = None, *, replays: bool = False) -> tuple[list[bytes | None], list[bytes | None]]:
    """Journal and dead letters of the sample in ten portions, with a crash in the first batch of each."""
    driver = Driver([IntakeStage()], batch_records_max=40, now_ms=NOW_MS)
    for start in range(0, len(SAMPLE), 300):
        for sent in SAMPLE[start : start + 300]:
            driver.feed(sent.topic, sent.key, sent.value)
        if crash is not None:
            driver.crash("intake", crash)
        driver.run()
        if replays:
            driver.replay("intake")
            driver.run()
    return driver.values(JOURNAL), driver.values(DEAD_LETTERS)


@pytest.mark.parametrize("moment", Crash)
def test_a_crash_changes_no_byte(moment: Crash) -> None:
    """Killed at any moment, the intake writes journal and dead letters as if nothing had been."""
    assert played(moment) == played()


def test_offsets_that_come_again_change_no_byte() -> None:
    """A broker that hands out everything again from the beginning adds nothing."""
    assert played(replays=True) == played()
