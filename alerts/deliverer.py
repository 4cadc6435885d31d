"""The deliverer: takes a partition of topic ``alerts`` into the sections' queues, exactly once and without a state.

The watermark lies where the entries lie and moves with them in one step, so there is nothing to get out of step.
Each call states the watermark the deliverer believes in. When the store knows another, then

* it fell back (a restart lost the last second, or somebody wiped it): read again from there;
* it is ahead (the answer to a call was lost, or another worker has taken the partition over): go on from there.

How to run it (any consumer of topic ``alerts`` that reads committed records only)::

    deliverer = Deliverer(queues, partition)
    position = await deliverer.open()          # seek there
    while running:
        outcome = await deliverer.step(batch)  # [] when the consumer was idle for a while: checks the watermark
        if outcome is not None:
            consumer.seek(partition, outcome.offset)   # and drop what was fetched
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple, Protocol, TypeVar

from alerts.alert import AlertRecord, decode
from alerts.delivery import NOTHING_APPLIED, Applied, Differs, Entry, QueuesUnavailable, QueueWriter

T = TypeVar("T")

# One Lua call holds Redis for as long as it runs: about 15 µs an entry, so 256 entries stay below 5 ms and no feed
# client notices. Bytes bound the buffers of one call on both sides; a record has 2 to 4 kB.
ENTRIES_PER_CALL_MAX = 256
BYTES_PER_CALL_MAX = 1_048_576
# Waits while Redis is away: short enough that a restart (~0.1 s) is not noticed, long enough not to hammer it.
PAUSE_S_FIRST = 0.05
PAUSE_S_MAX = 5.0


class AlertsRecord(Protocol):
    """A record of topic ``alerts`` as any consumer hands it over (`streams.stage.Record` is one)."""

    @property
    def offset(self) -> int:
        """Its place in the partition."""

    @property
    def value(self) -> bytes | None:
        """The JSON of an `AlertRecord`."""


class SeekTo(NamedTuple):
    """The caller goes on reading at this offset; whatever it has fetched already is to be dropped."""

    offset: int


class AlertUnreadable(Exception):
    """A record of topic ``alerts`` is no alert: the desk that wrote it is newer than this worker, or it is damaged."""

    def __init__(self, partition: int, offset: int, why: str) -> None:
        super().__init__(f"alerts[{partition}] offset {offset}: {why}")
        self.partition, self.offset = partition, offset


def _ignore(_record: AlertRecord) -> None:
    """Nobody asked to be told."""


class Deliverer:
    """Delivers one partition. Not to be called concurrently; two of them on one partition are harmless."""

    def __init__(
        self,
        queues: QueueWriter,
        partition: int,
        *,
        delivered: Callable[[AlertRecord], None] = _ignore,
        pause: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        """``delivered`` is told of every record once it lies in the queues (for metrics); ``pause`` waits seconds."""
        self._queues, self._partition = queues, partition
        self._delivered, self._pause = delivered, pause
        self._believed = NOTHING_APPLIED

    async def open(self) -> int:
        """The offset to read from. Waits as long as the store is away."""
        self._believed = await self._until_available(lambda: self._queues.applied(self._partition))
        return self._believed + 1

    async def step(self, records: Sequence[AlertsRecord]) -> SeekTo | None:
        """Deliver a batch (ascending offsets, directly behind the last one), or say where to read instead.

        Called with nothing, it only looks whether the store still is where it was. Waits as long as the store is
        away, which holds up this partition's deliveries and nothing else. Raises AlertUnreadable.
        """
        start = self._believed
        if not records:
            self._believed = await self._until_available(lambda: self._queues.applied(self._partition))
            return None if self._believed == start else SeekTo(self._believed + 1)
        waiting = [self._read(record) for record in records]
        while chunk := _chunk([pair for pair in waiting if pair[0].offset > self._believed]):
            entries = [entry for entry, _ in chunk]
            outcome = await self._apply(entries)
            if isinstance(outcome, Applied):
                self._believed = outcome.through
                for _, record in chunk:
                    self._delivered(record)
                continue
            self._believed = outcome.actual
            if outcome.actual < start:  # it has lost entries that lie before this batch
                return SeekTo(outcome.actual + 1)
        return None if self._believed <= records[-1].offset else SeekTo(self._believed + 1)

    async def _apply(self, entries: Sequence[Entry]) -> Applied | Differs:
        return await self._until_available(lambda: self._queues.apply(self._partition, self._believed, entries))

    async def _until_available(self, call: Callable[[], Awaitable[T]]) -> T:
        pause_s = PAUSE_S_FIRST
        while True:
            try:
                return await call()
            except QueuesUnavailable:
                await self._pause(pause_s)
                pause_s = min(pause_s * 2, PAUSE_S_MAX)

    def _read(self, record: AlertsRecord) -> tuple[Entry, AlertRecord]:
        if record.value is None:
            raise AlertUnreadable(self._partition, record.offset, "it has no value")
        try:
            alert = decode(record.value)
        except ValueError as error:
            raise AlertUnreadable(self._partition, record.offset, str(error)) from error
        return entry_of(alert, record.offset, record.value), alert


def entry_of(alert: AlertRecord, offset: int, record: bytes) -> Entry:
    """The queue entry of an alert record that lies at ``offset`` of its partition."""
    return Entry(
        offset=offset,
        alert_id=alert.alert_id,
        sequence=alert.sequence,
        transition=alert.transition,
        region=alert.region,
        sections=(alert.section, *alert.copied_to),
        business_section=alert.business_section or "",
        record=record,
    )


def _chunk(waiting: Sequence[tuple[Entry, AlertRecord]]) -> list[tuple[Entry, AlertRecord]]:
    """As many as one call may carry, and at least one: a single large record has to go through too."""
    chunk: list[tuple[Entry, AlertRecord]] = []
    size = 0
    for pair in waiting[:ENTRIES_PER_CALL_MAX]:
        size += len(pair[0].record)
        if chunk and size > BYTES_PER_CALL_MAX:
            break
        chunk.append(pair)
    return chunk
