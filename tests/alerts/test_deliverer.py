"""Laws of the deliverer: each alert lies in its queues exactly once, whatever dies, is repeated, lost or wiped."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.alert import AlertRecord
from alerts.deliverer import ENTRIES_PER_CALL_MAX, AlertUnreadable, Deliverer, SeekTo
from alerts.delivery import Applied, Differs, Entry, Fed, Queued, QueueName, QueuesUnavailable, QueueWriter
from alerts.queues_in_memory import MemoryQueues
from tests.alerts.conftest import Store
from tests.alerts.findings import Stored, history

TEN = history(10)


class Contents(NamedTuple):
    """All that lies in one partition."""

    applied: int
    queues: dict[QueueName, tuple[Queued, ...]]
    current: tuple[bytes | None, ...]
    feed: tuple[Fed, ...]


async def contents(store: Store, records: Sequence[Stored], partition: int = 0) -> Contents:
    """Watermark, every queue with its ids, current records and feed."""
    queues = await store.queues(partition)
    return Contents(
        await store.applied(partition),
        {queue: (await store.page([queue], after=-1, through=10_000, limit=10_000)).entries for queue in queues},
        await store.current(partition, [f"{record.offset:032x}" for record in records]),
        tuple((await store.fed({partition: -1}, wait_ms=1, limit=10_000)).get(partition, ())),
    )


async def delivered_once(records: Sequence[Stored]) -> Contents:
    """What a single run without any trouble leaves behind."""
    store = MemoryQueues()
    await run(store, records)
    return await contents(store, records)


async def run(store: QueueWriter, records: Sequence[Stored], *, batch: int = 3) -> None:
    """Deliver a topic to its end, as a consumer would: seek where told."""
    deliverer = Deliverer(store, 0, pause=no_pause)
    position = await deliverer.open()
    while waiting := [record for record in records if record.offset >= position]:
        outcome = await deliverer.step(waiting[:batch])
        position = outcome.offset if outcome else waiting[:batch][-1].offset + 1


async def no_pause(_seconds: float) -> None:
    """A store that is away comes back at the next attempt."""


@pytest.mark.anyio
async def test_every_alert_lies_once_in_the_queues_of_its_sections(opened: AbstractAsyncContextManager[Store]) -> None:
    """Real Redis and memory end with the same entries, ids, current records and feed."""
    async with opened as store:
        await run(store, TEN)
        assert await contents(store, TEN) == await delivered_once(TEN)


@pytest.mark.anyio
async def test_redelivered_batch_changes_nothing(opened: AbstractAsyncContextManager[Store]) -> None:
    """A deliverer that is handed what it delivered says nothing and does nothing."""
    async with opened as store:
        await run(store, TEN)
        deliverer = Deliverer(store, 0)
        await deliverer.open()
        assert await deliverer.step(TEN[2:]) is None
        assert await contents(store, TEN) == await delivered_once(TEN)


@pytest.mark.anyio
async def test_deliverer_killed_between_batches_is_continued_by_the_next(
    opened: AbstractAsyncContextManager[Store],
) -> None:
    """Nothing is handed over from one to the other but what lies in the store."""
    async with opened as store:
        await run(store, TEN[:4])
        await run(store, TEN)
        assert await contents(store, TEN) == await delivered_once(TEN)


@pytest.mark.anyio
async def test_store_wiped_under_a_running_deliverer_is_filled_again_from_the_start(
    opened: AbstractAsyncContextManager[Store],
) -> None:
    """The next batch is refused and the consumer sent back to 0; ids and all are as before."""
    async with opened as store:
        deliverer = Deliverer(store, 0)
        await deliverer.open()
        await deliverer.step(TEN[:6])
        await store.wipe(0)
        assert await deliverer.step(TEN[6:]) == SeekTo(0)
        assert await deliverer.step(TEN) is None
        assert await contents(store, TEN) == await delivered_once(TEN)


@pytest.mark.anyio
async def test_idle_deliverer_notices_that_the_store_was_wiped(opened: AbstractAsyncContextManager[Store]) -> None:
    """Nobody has to wait for the next alert."""
    async with opened as store:
        deliverer = Deliverer(store, 0)
        await deliverer.open()
        await deliverer.step(TEN)
        assert await deliverer.step([]) is None
        await store.wipe(0)
        assert await deliverer.step([]) == SeekTo(0)


@pytest.mark.anyio
async def test_deliverer_overtaken_by_another_goes_on_behind_it(opened: AbstractAsyncContextManager[Store]) -> None:
    """A zombie, or the rebuild beside it: neither doubles what the other did."""
    async with opened as store:
        slow, fast = Deliverer(store, 0), Deliverer(store, 0)
        await slow.open()
        await fast.open()
        await fast.step(TEN[:7])
        assert await slow.step(TEN[:3]) == SeekTo(TEN[6].offset + 1)
        assert await slow.step(TEN[7:]) is None
        assert await fast.step(TEN[7:9]) == SeekTo(TEN[9].offset + 1)
        assert await contents(store, TEN) == await delivered_once(TEN)


@pytest.mark.anyio
async def test_batch_half_delivered_by_another_is_finished(opened: AbstractAsyncContextManager[Store]) -> None:
    """The watermark lies inside the batch: the rest of it is delivered without reading again."""
    async with opened as store:
        slow, fast = Deliverer(store, 0), Deliverer(store, 0)
        await slow.open()
        await fast.open()
        await fast.step(TEN[:3])
        assert await slow.step(TEN) is None
        assert await contents(store, TEN) == await delivered_once(TEN)


@pytest.mark.anyio
async def test_batch_larger_than_a_call_is_delivered_whole(opened: AbstractAsyncContextManager[Store]) -> None:
    """It goes over in several calls, each with its watermark."""
    many = history(ENTRIES_PER_CALL_MAX * 2 + 1)
    async with opened as store:
        await run(store, many, batch=len(many))
        assert (await store.applied(0)) == many[-1].offset
        found = await contents(store, many)
        assert sum(len(entries) for entries in found.queues.values()) == 2 * len(many)


@pytest.mark.anyio
async def test_delivered_alerts_are_told_in_order_for_measurement() -> None:
    """Once each, after they lie in the queues."""
    told: list[AlertRecord] = []
    deliverer = Deliverer(MemoryQueues(), 0, delivered=told.append)
    await deliverer.open()
    await deliverer.step(TEN)
    assert [alert.alert_id for alert in told] == [f"{record.offset:032x}" for record in TEN]


@pytest.mark.anyio
@pytest.mark.parametrize("value", [None, b"", b"{", b"\xff", b'{"alert_id": 1}'])
async def test_record_that_is_no_alert_stops_the_deliverer_by_name(value: bytes | None) -> None:
    """Skipping it would lose an alert without a trace."""
    deliverer = Deliverer(MemoryQueues(), 3)
    await deliverer.open()
    with pytest.raises(AlertUnreadable) as refused:
        await deliverer.step([Stored(17, value)])
    assert (refused.value.partition, refused.value.offset) == (3, 17)


@pytest.mark.anyio
async def test_waits_grow_while_the_store_is_away_up_to_a_limit() -> None:
    """It is neither hammered nor left alone for long."""
    store, waits = MemoryQueues(), list[float]()

    async def pause(seconds: float) -> None:
        waits.append(seconds)
        store.is_available = len(waits) == 9

    store.is_available = False
    assert await Deliverer(store, 0, pause=pause).open() == 0
    assert waits == [0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0]


class Trouble(MemoryQueues):
    """A store that before or after each call does what the script says, one word per call, and then behaves."""

    def __init__(self, script: Sequence[str]) -> None:
        super().__init__()
        self._script = list(script)
        self._disk = self.copy_of_state()

    async def apply(self, partition: int, believed: int, entries: Sequence[Entry]) -> Applied | Differs:
        """As the store in memory, with trouble."""
        trouble = self._script.pop(0) if self._script else "none"
        if trouble == "refuses":  # the call never arrived
            raise QueuesUnavailable(trouble)
        if trouble == "wiped":
            self.set_back({})
        if trouble == "falls_back":  # restarts without its last second
            self.set_back(self._disk)
        outcome = await super().apply(partition, believed, entries)
        if trouble == "answer_lost":
            raise QueuesUnavailable(trouble)
        if trouble == "saves":
            self._disk = self.copy_of_state()
        return outcome


TROUBLES = ["none", "none", "saves", "refuses", "answer_lost", "wiped", "falls_back"]


@given(
    script=st.lists(st.sampled_from(TROUBLES), max_size=25),
    batch=st.integers(1, 12),
    killed_after=st.lists(st.integers(0, 10), max_size=3),
)
def test_whatever_happens_the_queues_end_as_after_a_run_without_trouble(
    script: list[str], batch: int, killed_after: list[int]
) -> None:
    """Lost calls, lost answers, wiped stores, stores without their last second, killed deliverers: same contents."""

    async def troubled() -> Contents:
        store = Trouble(script)
        for records in killed_after:
            await run(store, TEN[:records], batch=batch)
        await run(store, TEN, batch=batch)
        return await contents(store, TEN)

    assert asyncio.run(troubled()) == asyncio.run(delivered_once(TEN))


@given(scripts=st.lists(st.sampled_from(["none", "refuses", "answer_lost"]), max_size=25), batch=st.integers(1, 12))
def test_watermark_never_reverses_while_the_store_keeps_its_data(scripts: list[str], batch: int) -> None:
    """Whatever is repeated or refused, it only grows."""

    async def watermarks() -> list[int]:
        store, seen = Trouble(scripts), list[int]()
        deliverer = Deliverer(store, 0, pause=no_pause)
        await deliverer.open()
        for start in range(0, len(TEN), batch):
            await deliverer.step(TEN[start : start + batch])
            seen.append(await store.applied(0))
        return seen

    seen = asyncio.run(watermarks())
    assert seen == sorted(seen)
    assert seen[-1] == TEN[-1].offset
