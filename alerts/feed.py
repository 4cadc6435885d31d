"""The live feed: one reader of Redis per process, fanned out to any number of clients, each at its own place.

A client first subscribes, then catches up by reading the queues of its scope from its cursor, then takes what the
subscription has collected and drops what it has read already: no gap and no double, because entries are numbered by
their offsets everywhere. It goes back to catching up whenever the reader may have missed something, and whenever more
came than the subscription holds: in a flood a client reads at its own pace and costs no more than one page.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from typing import NamedTuple

import msgspec

from alerts.cursor import Cursor
from alerts.delivery import Fed, Page, Queued, QueueReader, QueuesUnavailable
from alerts.scope import Scope

# Entries a client may be behind the reader, about 1.5 MB; one that needs more reads them from the queues.
CLIENT_ENTRIES_MAX = 500
# Entries of one catch-up read, about 300 kB: small enough to interleave clients, large enough to fill a line.
PAGE_ENTRIES_MAX = 100
READ_ENTRIES_MAX = 500
# Reads for single clients at once, each with a connection of Redis and up to a page in memory; the others wait their
# turn. When 500 clients come back at the same moment, it would be 500 connections and 150 MB, and some would time out.
READS_AT_ONCE_MAX = 16
# Bounds how long a shutdown, or a server that fell back, goes unnoticed.
READ_WAIT_MS = 1_000
PAUSE_S = 0.5


class Event(NamedTuple):
    """One record for one client, and the place it has reached with it."""

    cursor: str
    transition: str
    record: bytes


class Subscription:
    """What has come in for one client since it subscribed, from the reader's place ``start`` on."""

    def __init__(self, scope: Scope, start: Sequence[int]) -> None:
        self.scope, self.start = scope, tuple(start)
        self.is_interrupted = False
        self._waiting: deque[tuple[int, Fed]] = deque()
        self._something = asyncio.Event()

    def put(self, partition: int, entry: Fed) -> None:
        """Called by the reader for every entry; never waits."""
        if self.is_interrupted or not self.scope.includes(entry.region, entry.sections, entry.business_section):
            return
        if len(self._waiting) >= CLIENT_ENTRIES_MAX:
            self.interrupt()
            return
        self._waiting.append((partition, entry))
        self._something.set()

    def interrupt(self) -> None:
        """Deliver no more; what waits is dropped, the client finds it again by its cursor."""
        self.is_interrupted = True
        self._waiting.clear()
        self._something.set()

    async def take(self, wait_s: float) -> tuple[int, Fed] | None:
        """The next entry, or None when none came in time or the subscription was interrupted."""
        if not self._waiting and not self.is_interrupted:
            self._something.clear()
            try:
                async with asyncio.timeout(wait_s):  # wait_for may swallow a cancellation before Python 3.12
                    await self._something.wait()
            except TimeoutError:
                return None
        return self._waiting.popleft() if self._waiting else None


class Feed:
    """The reader and its subscriptions. `run` has to be running for anything to come in."""

    def __init__(
        self,
        queues: QueueReader,
        partitions: int,
        applied: Callable[[int], Awaitable[int]],
        *,
        pause: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        """``applied`` answers the watermark of a partition (`QueueWriter.applied`); ``pause`` waits seconds."""
        self.queues, self.partitions = queues, partitions
        self._applied, self._pause = applied, pause
        self._at = [-1] * partitions
        self._reading: set[int] = set()
        self._subscriptions: set[Subscription] = set()
        self._reads = asyncio.Semaphore(READS_AT_ONCE_MAX)

    @property
    def is_reading(self) -> bool:
        """Whether the reader has found its place in every partition and the last read went well."""
        return len(self._reading) == self.partitions

    @property
    def clients(self) -> int:
        """How many subscriptions there are."""
        return len(self._subscriptions)

    def subscribe(self, scope: Scope) -> Subscription:
        """Collect from now on."""
        subscription = Subscription(scope, self._at)
        self._subscriptions.add(subscription)
        return subscription

    def unsubscribe(self, subscription: Subscription) -> None:
        """Forget a client."""
        self._subscriptions.discard(subscription)

    async def now(self) -> Cursor:
        """The place behind everything that lies in the queues."""
        async with self._reads:
            return Cursor([await self._applied(partition) for partition in range(self.partitions)])

    async def run(self) -> None:
        """Read until cancelled."""
        groups = self.queues.reading_groups(range(self.partitions))
        async with asyncio.TaskGroup() as tasks:
            for group in groups:
                tasks.create_task(self._read_group(group))

    async def _read_group(self, group: tuple[int, ...]) -> None:
        read: Mapping[int, Sequence[Fed]] = {}
        while True:
            try:
                if not read:  # a store that fell back has nothing new for us
                    await self._follow_watermarks(group)
                self._reading |= set(group)
                after = {partition: self._at[partition] for partition in group}
                read = await self.queues.fed(after, wait_ms=READ_WAIT_MS, limit=READ_ENTRIES_MAX)
            except QueuesUnavailable:
                read = {}
                self._reading -= set(group)
                await self._pause(PAUSE_S)
                continue
            for partition, entries in read.items():
                for entry in entries:
                    self._fan_out(partition, entry)

    async def _follow_watermarks(self, group: Sequence[int]) -> None:
        """Take the first place, or go back with a store that fell back (wiped, or lost its last second)."""
        for partition in group:
            watermark = await self._applied(partition)
            is_first = partition not in self._reading and self._at[partition] < 0
            if watermark < self._at[partition] or (is_first and watermark > self._at[partition]):
                self._at[partition] = watermark
                self._interrupt_all()

    def _fan_out(self, partition: int, entry: Fed) -> None:
        if entry.after > self._at[partition]:
            self._interrupt_all()
        self._at[partition] = entry.offset
        for subscription in self._subscriptions:
            subscription.put(partition, entry)

    def _interrupt_all(self) -> None:
        for subscription in self._subscriptions:
            subscription.interrupt()

    async def page(
        self,
        scope: Scope,
        cursor: Cursor,
        *,
        limit: int,
        is_current_only: bool = False,
    ) -> tuple[list[bytes], bool]:
        """Up to ``limit`` records of a scope behind the cursor, which moves with them; and whether there may be more.

        Partitions are read one after the other: between regions there is no order. ``is_current_only`` leaves out
        those that are not their alert's present state.
        """
        found: list[bytes] = []
        read = 0
        for partition in range(self.partitions):
            page = await self._read(scope, cursor, partition, limit=limit - read)
            read += len(page.entries)
            records = [entry.record for entry in page.entries]
            found += await self._current(partition, records) if is_current_only else records
            if page.more or read >= limit:
                return found, page.more or partition + 1 < self.partitions
        return found, False

    async def _current(self, partition: int, records: Sequence[bytes]) -> list[bytes]:
        """The same records again where they are the last of their alert."""
        current = await self.queues.current(partition, [_identified.decode(record).alert_id for record in records])
        return [record for record, last in zip(records, current, strict=True) if record == last]

    async def _read(self, scope: Scope, cursor: Cursor, partition: int, *, limit: int) -> Page:
        """One page of one partition; moves the cursor to its end."""
        async with self._reads:
            watermark = await self._applied(partition)  # before the names: see `QueueReader.page`
            queues = scope.queues(await self.queues.queues(partition))
            page = await self.queues.page(queues, after=cursor.at[partition], through=watermark, limit=limit)
        cursor.at[partition] = page.through
        return page._replace(entries=tuple(entry for entry in page.entries if _is_included(scope, entry)))

    async def events(self, scope: Scope, cursor: Cursor, *, heartbeat_s: float) -> AsyncGenerator[Event | None, None]:
        """All events of a scope behind the cursor, for ever; None when nothing came for a while.

        Raises QueuesUnavailable while catching up.
        """
        while True:
            subscription = self.subscribe(scope)
            try:
                async with aclosing(self._caught_up(scope, cursor)) as caught_up:
                    async for event in caught_up:
                        yield event
                if not _has_reached(cursor, subscription.start):  # the store fell back and is being filled again
                    await self._pause(PAUSE_S)
                    continue
                while not subscription.is_interrupted:
                    taken = await subscription.take(heartbeat_s)
                    if taken is not None:
                        partition, entry = taken
                        if entry.offset > cursor.at[partition]:
                            cursor.at[partition] = entry.offset
                            yield Event(str(cursor), entry.transition, entry.record)
                    elif not subscription.is_interrupted:
                        yield None
            finally:
                self.unsubscribe(subscription)

    async def _caught_up(self, scope: Scope, cursor: Cursor) -> AsyncGenerator[Event, None]:
        for partition in range(self.partitions):
            more = True
            while more:
                place = Cursor(cursor.at)
                page = await self._read(scope, place, partition, limit=PAGE_ENTRIES_MAX)
                for entry in page.entries:
                    cursor.at[partition] = entry.offset
                    yield Event(str(cursor), entry.transition, entry.record)
                cursor.at[partition], more = page.through, page.more


class _Addressee(msgspec.Struct):
    """The part of a record that says whose it is."""

    region: str
    section: str
    business_section: str | None
    copied_to: list[str]


class _Identified(msgspec.Struct):
    """The part of a record that says which alert it is of."""

    alert_id: str


_addressee = msgspec.json.Decoder(_Addressee)
_identified = msgspec.json.Decoder(_Identified)


def _is_included(scope: Scope, entry: Queued) -> bool:
    """Queues are chosen by region and section; only a business section needs a look into the record."""
    if not scope.business_sections:
        return True
    to = _addressee.decode(entry.record)
    return scope.includes(to.region, (to.section, *to.copied_to), to.business_section or "")


def _has_reached(cursor: Cursor, start: Sequence[int]) -> bool:
    return all(at >= least for at, least in zip(cursor.at, start, strict=True))
