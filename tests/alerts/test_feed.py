"""Laws of the live feed: every event of a scope once, in order, from any cursor, whatever store and client do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager

import pytest

from alerts.alert import encode
from alerts.cursor import Cursor, cursor_at_start, parse_cursor
from alerts.deliverer import Deliverer
from alerts.delivery import Fed
from alerts.feed import CLIENT_ENTRIES_MAX, Event, Feed
from alerts.queues_in_memory import MemoryQueues
from alerts.scope import Scope
from alerts.tokens import WHOLE_COUNTRY
from tests.alerts.conftest import Store
from tests.alerts.findings import BORTALA, JINGHE, LUANCHUAN, WENQUAN, Stored, history, record, stored
from tests.alerts.test_deliverer import TEN, run

pytestmark = pytest.mark.anyio

INSPECTION = Scope(frozenset({"inspection"}), WHOLE_COUNTRY)


async def at_once(_seconds: float) -> None:
    """A pause that lets others run and is over."""
    await asyncio.sleep(0)


@asynccontextmanager
async def reading(store: Store, *, partitions: int = 1) -> AsyncIterator[Feed]:
    """A feed whose reader has found its place."""
    feed = Feed(store, partitions, store.applied, pause=at_once)
    reader = asyncio.create_task(feed.run())
    try:
        await connected_clients(feed, 0)
        yield feed
    finally:
        reader.cancel()
        await asyncio.gather(reader, return_exceptions=True)


async def taken(feed: Feed, number: int, *, scope: Scope = INSPECTION, cursor: Cursor | None = None) -> list[Event]:
    """The first events of a client."""
    found: list[Event] = []
    events = feed.events(scope, cursor or cursor_at_start(feed.partitions), heartbeat_s=0.2)
    async with asyncio.timeout(20), aclosing(events):
        async for event in events:
            found += [event] if event else []
            if len(found) == number:
                break
    return found


async def connected_clients(feed: Feed, number: int) -> None:
    """Return when so many clients follow the reader."""
    async with asyncio.timeout(20):
        while feed.clients < number or not feed.is_reading:  # noqa: ASYNC110  # the feed tells nobody who comes
            await asyncio.sleep(0)


def records(events: Sequence[Event]) -> list[bytes | None]:
    """What the events carry."""
    return [event.record for event in events]


async def test_client_has_what_was_there_and_what_comes_each_once(
    opened: AbstractAsyncContextManager[Store],
) -> None:
    """Catching up and following meet without a gap or a double."""
    async with opened as store, reading(store) as feed:
        await run(store, TEN[:4])
        client = asyncio.create_task(taken(feed, 10))
        await connected_clients(feed, 1)
        await run(store, TEN)
        assert records(await client) == [alert.value for alert in TEN]


@pytest.mark.parametrize("read", range(1, 10))
async def test_client_resumes_behind_any_event_exactly(opened: AbstractAsyncContextManager[Store], read: int) -> None:
    """Whatever the last event id: the rest, all of it, nothing twice."""
    async with opened as store, reading(store) as feed:
        await run(store, TEN)
        last = (await taken(feed, read))[-1].cursor
        rest = await taken(feed, 10 - read, cursor=parse_cursor(last, 1))
        assert records(rest) == [alert.value for alert in TEN[read:]]


async def test_ids_of_followed_and_of_read_events_are_the_same(opened: AbstractAsyncContextManager[Store]) -> None:
    """A client that was there and one that came later could swap their ids."""
    async with opened as store, reading(store) as feed:
        client = asyncio.create_task(taken(feed, 10))
        await connected_clients(feed, 1)
        await run(store, TEN)
        assert await client == await taken(feed, 10)


async def test_cursor_of_a_new_client_at_now_skips_what_is_there(opened: AbstractAsyncContextManager[Store]) -> None:
    """Only what comes after."""
    async with opened as store, reading(store) as feed:
        await run(store, TEN[:9])
        client = asyncio.create_task(taken(feed, 1, cursor=await feed.now()))
        await connected_clients(feed, 1)
        await run(store, TEN)
        assert records(await client) == [TEN[9].value]


async def test_partitions_are_followed_together_and_resumed_each_at_its_place(
    opened: AbstractAsyncContextManager[Store],
) -> None:
    """The id says how far the client has come in every one of them."""
    async with opened as store, reading(store, partitions=2) as feed:
        await run(store, TEN[:3])
        other = Deliverer(store, 1)
        await other.open()
        await other.step(TEN[3:6])
        first = await taken(feed, 4)
        rest = await taken(feed, 2, cursor=parse_cursor(first[-1].cursor, 2))
        assert records(first + rest) == [alert.value for alert in TEN[:6]]
        assert rest[-1].cursor == "5.11"


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        (Scope(frozenset({"treasury"}), BORTALA), [0, 1]),
        (Scope(frozenset({"treasury"}), JINGHE), [0]),
        (Scope(frozenset({"treasury", "budget"}), WHOLE_COUNTRY), [0, 1, 2, 3]),
        (Scope(frozenset({"business"}), "410000"), [4]),
        (Scope(frozenset({"business"}), "410000", frozenset({"农业股"})), [4]),
        (Scope(frozenset({"business"}), "410000", frozenset({"社保股"})), []),
        (Scope(frozenset({"business", "inspection"}), "410000", frozenset({"社保股"})), [2, 4]),
        (Scope(frozenset({"performance"}), WHOLE_COUNTRY), []),
    ],
)
async def test_live_and_read_events_are_of_the_scope_and_nothing_else(
    opened: AbstractAsyncContextManager[Store], scope: Scope, expected: list[int]
) -> None:
    """Section, subtree of the region and business section; both ways of reading agree."""
    alerts = [
        stored(0, region=JINGHE, owner="国库"),
        stored(1, region=WENQUAN, owner="国库"),
        stored(2, region=LUANCHUAN, owner="国库"),
        stored(3, region=JINGHE, owner="预算"),
        stored(4, region=LUANCHUAN, owner="归口业务处室", responsible_section="农业股"),
    ]
    # The last one is everybody's: it ends the live client's wait.
    everybody = frozenset({"treasury", "inspection", "business", "budget", "performance"})
    wide = Scope(everybody, WHOLE_COUNTRY)
    async with opened as store, reading(store) as feed:
        subscription, all_seen = feed.subscribe(scope), asyncio.create_task(taken(feed, 5, scope=wide))
        await connected_clients(feed, 2)
        await run(store, alerts)
        await all_seen
        live = [await subscription.take(0) for _ in expected]
        page, more = await feed.page(scope, cursor_at_start(1), limit=100)
        assert [each and each[1].offset for each in live] == expected
        assert (page, more) == ([alerts[number].value for number in expected], False)
        assert await subscription.take(0) is None


async def test_client_that_reads_slower_than_alerts_come_misses_nothing() -> None:
    """More comes than its subscription holds: it goes on from the queues at its own pace."""
    many = history(CLIENT_ENTRIES_MAX * 3)
    store = MemoryQueues()
    async with reading(store) as feed:
        await run(store, many[:1])
        events = feed.events(INSPECTION, cursor_at_start(1), heartbeat_s=0.2)
        async with asyncio.timeout(20), aclosing(events):
            first = await anext(events)
            await run(store, many[:2])
            second = await anext(events)
            await run(store, many, batch=200)
            await feed_has_read(feed, many[-1].offset)
            rest = [await anext(events) for _ in many[2:]]
        found = [event.record for event in (first, second, *rest) if event]
        assert found == [alert.value for alert in many]


async def feed_has_read(feed: Feed, offset: int) -> None:
    """Return when the reader has come so far, without any client taking anything."""
    async with asyncio.timeout(20):
        while feed.subscribe(INSPECTION).start[0] < offset:  # noqa: ASYNC110  # the same
            await asyncio.sleep(0)


class Trimmed(MemoryQueues):
    """A store whose feed has lost its older entries before the reader came to them."""

    async def fed(self, after: Mapping[int, int], *, wait_ms: int, limit: int) -> Mapping[int, Sequence[Fed]]:
        """Only the newest entry, however many there are."""
        found = await super().fed(after, wait_ms=wait_ms, limit=limit)
        return {partition: entries[-1:] for partition, entries in found.items()}


async def test_reader_that_missed_entries_sends_its_clients_to_the_queues() -> None:
    """The feed stream is short on purpose; nobody notices."""
    store = Trimmed()
    async with reading(store) as feed:
        await run(store, TEN[:1])
        client = asyncio.create_task(taken(feed, 10))
        await connected_clients(feed, 1)
        await run(store, TEN, batch=9)
        assert records(await client) == [alert.value for alert in TEN]


async def test_store_that_fell_back_and_was_filled_again_doubles_nothing() -> None:
    """Its entries come back under the same ids: a client that has seen them drops them."""
    store = MemoryQueues()
    async with reading(store) as feed:
        await run(store, TEN[:3])
        disk = store.copy_of_state()
        client = asyncio.create_task(taken(feed, 10))
        await connected_clients(feed, 1)
        await run(store, TEN[:7])
        store.set_back(disk)
        newcomer = asyncio.create_task(taken(feed, 10))
        await connected_clients(feed, 2)
        await run(store, TEN)
        assert records(await client) == [alert.value for alert in TEN]
        assert records(await newcomer) == [alert.value for alert in TEN]


async def test_reader_outlives_a_store_that_is_away() -> None:
    """It says that it is not reading, and goes on where it was."""
    store = MemoryQueues()
    async with reading(store) as feed:
        await run(store, TEN[:3])
        client = asyncio.create_task(taken(feed, 10))
        await connected_clients(feed, 1)
        store.is_available = False
        store.set_back(store.copy_of_state())
        async with asyncio.timeout(20):
            while feed.is_reading:  # noqa: ASYNC110  # the reader tells nobody
                await asyncio.sleep(0)
        store.is_available = True
        await run(store, TEN)
        assert records(await client) == [alert.value for alert in TEN]


async def test_silence_is_a_heartbeat() -> None:
    """A client hears something although there is nothing."""
    async with (
        reading(MemoryQueues()) as feed,
        aclosing(feed.events(INSPECTION, Cursor([-1]), heartbeat_s=0)) as events,
    ):
        assert await anext(events) is None


async def test_client_that_leaves_is_forgotten() -> None:
    """Nothing is collected for it any more."""
    async with reading(MemoryQueues()) as feed:
        async with aclosing(feed.events(INSPECTION, Cursor([-1]), heartbeat_s=0)) as events:
            await anext(events)
            assert feed.clients == 1
        assert feed.clients == 0


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 20])
async def test_pages_of_any_size_hold_everything_once(opened: AbstractAsyncContextManager[Store], limit: int) -> None:
    """The cursor of one page is the start of the next, over all partitions."""
    async with opened as store:
        feed = Feed(store, 2, store.applied)
        await run(store, TEN)
        other = Deliverer(store, 1)
        await other.open()
        await other.step(TEN[:5])
        cursor, pages, more = cursor_at_start(2), list[list[bytes]](), True
        while more:
            page, more = await feed.page(INSPECTION, cursor, limit=limit)
            pages.append(page)
            cursor = parse_cursor(str(cursor), 2)
        assert [alert for page in pages for alert in page] == [alert.value for alert in (*TEN, *TEN[:5])]
        assert max(len(page) for page in pages) <= limit


async def test_page_of_current_alerts_leaves_out_what_was_followed_by_another_record(
    opened: AbstractAsyncContextManager[Store],
) -> None:
    """The list of alerts has each alert once, as it stands."""
    alert_id = f"{0:032x}"
    newer = Stored(4, encode(record(alert_id=alert_id, message_zh="更新")))
    async with opened as store:
        await run(store, [*TEN[:2], newer])
        page, _ = await Feed(store, 1, store.applied).page(
            INSPECTION, cursor_at_start(1), limit=10, is_current_only=True
        )
        assert page == [TEN[1].value, newer.value]
