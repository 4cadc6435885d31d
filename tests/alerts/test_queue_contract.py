"""What a queue store promises (`alerts.delivery`): one suite for the store in memory and the real Redis."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager

import pytest

from alerts.alert import decode
from alerts.deliverer import entry_of
from alerts.delivery import NOTHING_APPLIED, Applied, Depth, Differs, Entry, QueueName
from tests.alerts.conftest import Store
from tests.alerts.findings import JINGHE, WENQUAN, Stored, history

pytestmark = pytest.mark.anyio

TREASURY = QueueName(0, JINGHE, "treasury")
BUSINESS = QueueName(0, JINGHE, "business")
INSPECTION = QueueName(0, JINGHE, "inspection")
NEIGHBOUR = QueueName(0, WENQUAN, "budget")
# Six alerts at the offsets 0, 2, 4, 6, 8, 10: county by turns, owner 国库, 预算, 归口业务处室 by turns.
SIX = history(6)


def entries(records: list[Stored]) -> list[Entry]:
    """Queue entries of the stored records."""
    return [entry_of(decode(record.value or b""), record.offset, record.value or b"") for record in records]


async def test_empty_store_has_applied_nothing(opened: AbstractAsyncContextManager[Store]) -> None:
    """The first offset to read is 0."""
    async with opened as store:
        assert await store.applied(0) == NOTHING_APPLIED
        assert await store.queues(0) == ()


async def test_entries_and_watermark_are_there_together(opened: AbstractAsyncContextManager[Store]) -> None:
    """Owner and copies have the entry, and the watermark is its offset."""
    async with opened as store:
        assert await store.apply(0, -1, entries(SIX[:1])) == Applied(0)
        assert await store.applied(0) == 0
        assert await store.queues(0) == (INSPECTION, TREASURY)


async def test_batch_on_another_watermark_is_refused_and_changes_nothing(
    opened: AbstractAsyncContextManager[Store],
) -> None:
    """The caller is told the real one."""
    async with opened as store:
        await store.apply(0, -1, entries(SIX[:3]))
        before = await store.page(await store.queues(0), after=-1, through=10, limit=100)
        assert await store.apply(0, 2, entries(SIX[3:])) == Differs(4)
        assert await store.page(await store.queues(0), after=-1, through=10, limit=100) == before


async def test_redelivered_batch_changes_nothing(opened: AbstractAsyncContextManager[Store]) -> None:
    """Entries at or below the watermark are skipped, also when the caller knows the watermark."""
    async with opened as store:
        await store.apply(0, -1, entries(SIX))
        before = await store.page(await store.queues(0), after=-1, through=10, limit=100)
        assert await store.apply(0, 10, entries(SIX)) == Applied(10)
        assert await store.page(await store.queues(0), after=-1, through=10, limit=100) == before


async def test_partitions_have_nothing_to_do_with_each_other(opened: AbstractAsyncContextManager[Store]) -> None:
    """Each has its own watermark and queues."""
    async with opened as store:
        await store.apply(1, -1, entries(SIX))
        assert (await store.applied(0), await store.queues(0)) == (NOTHING_APPLIED, ())


async def test_page_has_each_entry_once_in_the_order_of_the_topic(opened: AbstractAsyncContextManager[Store]) -> None:
    """An alert that lies in two of the queues, the owner's and the copy, is one entry."""
    async with opened as store:
        await store.apply(0, -1, entries(SIX))
        page = await store.page(await store.queues(0), after=-1, through=10, limit=100)
        assert [(entry.offset, entry.record) for entry in page.entries] == list(SIX)
        assert (page.through, page.more) == (10, False)


async def test_page_goes_on_where_the_last_one_ended(opened: AbstractAsyncContextManager[Store]) -> None:
    """Two pages have no gap and no double between them."""
    async with opened as store:
        await store.apply(0, -1, entries(SIX))
        queues = await store.queues(0)
        first = await store.page(queues, after=-1, through=10, limit=4)
        second = await store.page(queues, after=first.through, through=10, limit=4)
        assert ([entry.offset for entry in first.entries], first.more) == ([0, 2, 4, 6], True)
        assert ([entry.offset for entry in second.entries], second.more) == ([8, 10], False)


async def test_page_ends_at_the_watermark_that_was_known_before_its_queues(
    opened: AbstractAsyncContextManager[Store],
) -> None:
    """What has come since may lie in a queue whose name was not read: it is left to the next page."""
    async with opened as store:
        await store.apply(0, -1, entries(SIX))
        page = await store.page(await store.queues(0), after=-1, through=4, limit=100)
        assert ([entry.offset for entry in page.entries], page.through, page.more) == ([0, 2, 4], 4, False)


async def test_page_of_some_queues_holds_nothing_of_others(opened: AbstractAsyncContextManager[Store]) -> None:
    """And its end is the watermark: what lies before is known not to be there."""
    async with opened as store:
        await store.apply(0, -1, entries(SIX))
        page = await store.page([NEIGHBOUR], after=-1, through=10, limit=100)
        assert ([entry.offset for entry in page.entries], page.through) == ([2], 10)


async def test_page_of_no_queue_is_empty_and_at_the_watermark(opened: AbstractAsyncContextManager[Store]) -> None:
    """A reader without queues yet waits behind all that is there."""
    async with opened as store:
        await store.apply(0, -1, entries(SIX))
        assert await store.page([], after=-1, through=10, limit=100) == ((), 10, False)


async def test_feed_names_for_each_entry_the_one_before(opened: AbstractAsyncContextManager[Store]) -> None:
    """A reader can see that it missed nothing, across batches too."""
    async with opened as store:
        await store.apply(0, -1, entries(SIX[:3]))
        await store.apply(0, 4, entries(SIX[3:]))
        fed = (await store.fed({0: -1}, wait_ms=1, limit=100))[0]
        assert [(entry.after, entry.offset) for entry in fed] == [(-1, 0), (0, 2), (2, 4), (4, 6), (6, 8), (8, 10)]


async def test_feed_says_whose_an_entry_is_without_its_record(opened: AbstractAsyncContextManager[Store]) -> None:
    """Region, sections and business section are fields of their own."""
    async with opened as store:
        await store.apply(0, -1, entries(SIX))
        third = (await store.fed({0: 2}, wait_ms=1, limit=1))[0][0]
        assert (third.offset, third.region, third.transition) == (4, JINGHE, "raised")
        assert (third.sections, third.business_section) == (("business", "inspection"), "农业股")
        assert third.record == SIX[2].value


async def test_feed_without_anything_new_is_empty(opened: AbstractAsyncContextManager[Store]) -> None:
    """The wait ends."""
    async with opened as store:
        await store.apply(0, -1, entries(SIX))
        assert await store.fed({0: 10, 1: -1}, wait_ms=1, limit=100) == {}


async def test_current_record_is_the_last_one_of_its_alert(opened: AbstractAsyncContextManager[Store]) -> None:
    """One key per alert, overwritten."""
    async with opened as store:
        first, second = entries(SIX[:2])
        await store.apply(0, -1, [first, second._replace(alert_id=first.alert_id)])
        assert await store.current(0, [first.alert_id, "f" * 32]) == (SIX[1].value, None)
        assert await store.current(0, []) == ()


async def test_two_consumers_of_a_desk_share_its_entries(opened: AbstractAsyncContextManager[Store]) -> None:
    """What one has taken the other does not get."""
    async with opened as store:
        await store.apply(0, -1, entries(SIX))
        first = await store.take(INSPECTION, "u-1", limit=2)
        second = await store.take(INSPECTION, "u-2", limit=2)
        assert [[entry.offset for entry in taken] for taken in (first, second)] == [[0, 4], [8]]


async def test_desks_of_different_sections_each_have_every_entry(opened: AbstractAsyncContextManager[Store]) -> None:
    """A copy is an entry of its own, taken and acknowledged by its own desk."""
    async with opened as store:
        await store.apply(0, -1, entries(SIX))
        assert [entry.offset for entry in await store.take(BUSINESS, "u-1", limit=9)] == [4]
        assert [entry.offset for entry in await store.take(INSPECTION, "u-1", limit=9)] == [0, 4, 8]


async def test_entry_is_outstanding_until_it_is_acknowledged_once(opened: AbstractAsyncContextManager[Store]) -> None:
    """A second acknowledgement finds nothing."""
    async with opened as store:
        await store.apply(0, -1, entries(SIX))
        await store.take(INSPECTION, "u-1", limit=2)
        assert await store.acknowledge(INSPECTION, [0]) == 1
        assert await store.acknowledge(INSPECTION, [0, 99]) == 0
        assert await store.acknowledge(INSPECTION, []) == 0


async def test_what_a_consumer_left_lying_is_taken_over_in_bounded_steps(
    opened: AbstractAsyncContextManager[Store],
) -> None:
    """XAUTOCLAIM: the oldest first, as many as asked for."""
    async with opened as store:
        await store.apply(0, -1, entries(SIX))
        await store.take(INSPECTION, "u-1", limit=9)
        claimed = await store.reclaim(INSPECTION, "u-2", idle_ms=0, limit=2)
        assert [entry.offset for entry in claimed] == [0, 4]


async def test_what_is_being_worked_on_is_not_taken_over(opened: AbstractAsyncContextManager[Store]) -> None:
    """Idle for less than asked for."""
    async with opened as store:
        await store.apply(0, -1, entries(SIX))
        await store.take(INSPECTION, "u-1", limit=9)
        assert await store.reclaim(INSPECTION, "u-2", idle_ms=3_600_000, limit=9) == ()


async def test_queue_that_never_had_an_entry_has_nothing_to_take(opened: AbstractAsyncContextManager[Store]) -> None:
    """A desk may start before its first alert."""
    async with opened as store:
        assert await store.take(TREASURY, "u-1", limit=9) == ()
        assert await store.reclaim(TREASURY, "u-1", idle_ms=0, limit=9) == ()
        assert await store.depths([TREASURY]) == (Depth(TREASURY, 0, 0, None),)


async def test_depth_counts_what_is_not_acknowledged_and_shows_the_oldest(
    opened: AbstractAsyncContextManager[Store],
) -> None:
    """Taken or not: waiting is waiting."""
    async with opened as store:
        await store.apply(0, -1, entries(SIX))
        await store.take(INSPECTION, "u-1", limit=2)
        await store.acknowledge(INSPECTION, [0])
        (depth,) = await store.depths([INSPECTION])
        assert (depth.length, depth.unacknowledged, depth.oldest and depth.oldest.offset) == (3, 2, 4)


async def test_oldest_of_a_queue_nobody_reads_is_its_first_entry(opened: AbstractAsyncContextManager[Store]) -> None:
    """And a queue that is done has none."""
    async with opened as store:
        await store.apply(0, -1, entries(SIX))
        await store.take(TREASURY, "u-1", limit=9)
        await store.acknowledge(TREASURY, [0])
        done, unread = await store.depths([TREASURY, INSPECTION])
        assert (done.unacknowledged, done.oldest) == (0, None)
        assert (unread.unacknowledged, unread.oldest and unread.oldest.offset) == (3, 0)


async def test_wiped_partition_is_empty_and_the_other_untouched(opened: AbstractAsyncContextManager[Store]) -> None:
    """Everything goes: queues, feed, current records, watermark."""
    async with opened as store:
        await store.apply(0, -1, entries(SIX))
        await store.apply(1, -1, entries(SIX))
        await store.wipe(0)
        assert (await store.applied(0), await store.queues(0)) == (NOTHING_APPLIED, ())
        assert await store.current(0, [f"{0:032x}"]) == (None,)
        assert await store.fed({0: -1}, wait_ms=1, limit=9) == {}
        assert await store.applied(1) == 10
