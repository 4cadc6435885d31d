"""Laws of what waits for a shard: batches are bounded, nothing is lost or reordered, and a slow shard is held back."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.inbox import Inbox
from streams.stage import Record


def fetched(*sizes: int, start: int = 0) -> list[SimpleNamespace]:
    """Records as the client leaves them, with values of these sizes."""
    return [
        SimpleNamespace(offset=offset, timestamp=0, timestamp_type=0, key=None, value=b"x" * size)
        for offset, size in enumerate(sizes, start)
    ]


def emptied(inbox: Inbox) -> list[list[Record]]:
    """All batches that come out."""
    batches = []
    while batch := inbox.take():
        batches.append(batch)
    return batches


@given(
    chunks=st.lists(st.lists(st.integers(0, 30), min_size=1, max_size=20), max_size=8),
    records_max=st.integers(1, 10),
    bytes_max=st.integers(1, 60),
)
def test_batches_hold_everything_in_order_and_within_the_limits(
    chunks: list[list[int]], records_max: int, bytes_max: int
) -> None:
    """Whatever was put in comes out once, in order; only a record that alone is too large exceeds the bytes."""
    inbox = Inbox(records_max=records_max, bytes_max=bytes_max)
    for number, sizes in enumerate(chunks):
        inbox.put(f"topic-{number}", 3, fetched(*sizes))
    batches = emptied(inbox)
    assert [(record.topic, record.partition, record.offset) for batch in batches for record in batch] == [
        (f"topic-{number}", 3, offset) for number, sizes in enumerate(chunks) for offset in range(len(sizes))
    ]
    assert all(len(batch) <= records_max for batch in batches)
    assert all(sum(len(r.value or b"") for r in batch) <= bytes_max or len(batch) == 1 for batch in batches)
    assert (inbox.records, inbox.bytes) == (0, 0)


def test_an_inbox_is_full_at_two_batches_and_low_below_one() -> None:
    """Between the two nothing changes, so that partitions are not held and let go all the time."""
    inbox = Inbox(records_max=10, bytes_max=1_000)
    inbox.put("topic", 0, fetched(*([1] * 19)))
    assert (inbox.is_full, inbox.is_low) == (False, False)
    inbox.put("topic", 0, fetched(1, start=19))
    assert (inbox.is_full, inbox.is_low) == (True, False)
    inbox.take()
    assert (inbox.is_full, inbox.is_low) == (False, False)
    inbox.take()
    assert (inbox.is_full, inbox.is_low) == (False, True)


def test_a_quarter_of_a_batch_is_worth_one() -> None:
    """Less is worth waiting for more."""
    inbox = Inbox(records_max=8, bytes_max=1_000)
    inbox.put("topic", 0, fetched(1))
    assert not inbox.is_worth_a_batch
    inbox.put("topic", 0, fetched(1, start=1))
    assert inbox.is_worth_a_batch


def test_bytes_fill_an_inbox_too() -> None:
    """A few large records are as much as many small ones."""
    inbox = Inbox(records_max=10, bytes_max=1_000)
    inbox.put("topic", 0, fetched(1_000, 1_000))
    assert (inbox.is_full, inbox.is_worth_a_batch) == (True, True)


def test_clearing_drops_what_waits() -> None:
    """After a seek nothing of before is left."""
    inbox = Inbox(records_max=10, bytes_max=1_000)
    inbox.put("topic", 0, fetched(1, 1))
    inbox.clear()
    assert (inbox.take(), inbox.records, inbox.bytes) == ([], 0, 0)


@pytest.mark.parametrize("patience_s", [0.01, None])
def test_waiting_ends_when_there_is_something(patience_s: float | None) -> None:
    """A shard sleeps until records come, and does not look in between."""

    async def law() -> list[Record]:
        inbox = Inbox(records_max=10, bytes_max=1_000)
        asyncio.get_running_loop().call_soon(inbox.put, "topic", 0, fetched(1))
        await inbox.wait(patience_s)
        return inbox.take()

    assert [record.offset for record in asyncio.run(law())] == [0]
