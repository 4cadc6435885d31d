"""The queue store as plain dictionaries: for tests and for anyone who wants to run the desk without Redis.

It keeps the promises of `alerts.delivery` as Redis does: tests/alerts/test_queue_contract.py runs against both. What
only it can do: be copied and set back, to play a server that lost its last second.
"""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from alerts.delivery import (
    NOTHING_APPLIED,
    Applied,
    Depth,
    Differs,
    Entry,
    Fed,
    Page,
    Queued,
    QueueName,
    QueuesUnavailable,
)
from alerts.paging import merged, per_queue


@dataclass
class _Outstanding:
    """An entry that a consumer has and has not acknowledged."""

    consumer: str
    since_ms: int


@dataclass
class _Queue:
    """One stream with its desk."""

    entries: list[Queued] = field(default_factory=list)
    delivered: int = 0
    outstanding: dict[int, _Outstanding] = field(default_factory=dict)


@dataclass
class _Partition:
    """All that lies under one hash tag."""

    applied: int = NOTHING_APPLIED
    queues: dict[QueueName, _Queue] = field(default_factory=dict)
    feed: list[Fed] = field(default_factory=list)
    alerts: dict[str, bytes] = field(default_factory=dict)


class MemoryQueues:
    """Implements `QueueWriter` and `QueueReader`. ``clock_ms`` is the time by which entries become idle."""

    def __init__(self, *, clock_ms: Callable[[], int] = lambda: 0) -> None:
        self._clock_ms = clock_ms
        self._partitions: dict[int, _Partition] = {}
        self._changed = asyncio.Event()
        self.is_available = True

    def copy_of_state(self) -> dict[int, _Partition]:
        """What a server would have on its disk now."""
        return copy.deepcopy(self._partitions)

    def set_back(self, state: dict[int, _Partition]) -> None:
        """Start again from an older state; ``{}`` is FLUSHALL. Like a restart, it ends waiting reads."""
        self._partitions = copy.deepcopy(state)
        self._changed.set()

    def _partition(self, partition: int) -> _Partition:
        if not self.is_available:
            raise QueuesUnavailable("switched off")
        return self._partitions.setdefault(partition, _Partition())

    def _queue(self, queue: QueueName) -> _Queue:
        return self._partition(queue.partition).queues.get(queue) or _Queue()

    async def applied(self, partition: int) -> int:
        """See `QueueWriter`."""
        return self._partition(partition).applied

    async def apply(self, partition: int, believed: int, entries: Sequence[Entry]) -> Applied | Differs:
        """See `QueueWriter`."""
        state = self._partition(partition)
        if state.applied != believed:
            return Differs(state.applied)
        for entry in entries:
            if entry.offset > state.applied:
                self._add(partition, state, entry)
                state.applied = entry.offset
        self._changed.set()
        return Applied(state.applied)

    def _add(self, partition: int, state: _Partition, entry: Entry) -> None:
        queued = Queued(entry.offset, entry.transition, entry.record)
        for section in entry.sections:
            queue = state.queues.setdefault(QueueName(partition, entry.region, section), _Queue())
            queue.entries.append(queued)
        state.feed.append(
            Fed(
                entry.offset,
                state.applied,
                entry.transition,
                entry.region,
                entry.sections,
                entry.business_section,
                entry.record,
            ),
        )
        state.alerts[entry.alert_id] = entry.record

    async def wipe(self, partition: int) -> None:
        """See `QueueWriter`."""
        self._partition(partition)
        self._partitions[partition] = _Partition()

    async def queues(self, partition: int) -> tuple[QueueName, ...]:
        """See `QueueReader`."""
        return tuple(sorted(self._partition(partition).queues))

    async def page(self, queues: Sequence[QueueName], *, after: int, through: int, limit: int) -> Page:
        """See `QueueReader`."""
        asked = per_queue(limit, len(queues))
        read = [[entry for entry in self._queue(queue).entries if entry.offset > after][:asked] for queue in queues]
        return merged(read, asked=asked, after=after, watermark=through, limit=limit)

    def reading_groups(self, partitions: Sequence[int]) -> tuple[tuple[int, ...], ...]:
        """See `QueueReader`."""
        return (tuple(partitions),)

    async def fed(self, after: Mapping[int, int], *, wait_ms: int, limit: int) -> Mapping[int, Sequence[Fed]]:
        """See `QueueReader`."""
        self._changed.clear()
        new = self._new(after, limit)
        if not new:
            try:
                async with asyncio.timeout(wait_ms / 1_000):  # wait_for may swallow a cancellation before Python 3.12
                    await self._changed.wait()
            except TimeoutError:
                return {}
            new = self._new(after, limit)
        return new

    def _new(self, after: Mapping[int, int], limit: int) -> dict[int, list[Fed]]:
        found = {
            partition: [entry for entry in self._partition(partition).feed if entry.offset > offset][:limit]
            for partition, offset in after.items()
        }
        return {partition: entries for partition, entries in found.items() if entries}

    async def current(self, partition: int, alert_ids: Sequence[str]) -> tuple[bytes | None, ...]:
        """See `QueueReader`."""
        return tuple(self._partition(partition).alerts.get(alert_id) for alert_id in alert_ids)

    async def take(self, queue: QueueName, consumer: str, *, limit: int) -> tuple[Queued, ...]:
        """See `QueueReader`."""
        desk = self._queue(queue)
        taken = desk.entries[desk.delivered : desk.delivered + limit]
        desk.delivered += len(taken)
        desk.outstanding |= {entry.offset: _Outstanding(consumer, self._clock_ms()) for entry in taken}
        return tuple(taken)

    async def acknowledge(self, queue: QueueName, offsets: Sequence[int]) -> int:
        """See `QueueReader`."""
        outstanding = self._queue(queue).outstanding
        return sum(outstanding.pop(offset, None) is not None for offset in offsets)

    async def reclaim(self, queue: QueueName, consumer: str, *, idle_ms: int, limit: int) -> tuple[Queued, ...]:
        """See `QueueReader`."""
        desk, now_ms = self._queue(queue), self._clock_ms()
        idle = [entry for entry in desk.entries if _is_idle(desk.outstanding.get(entry.offset), now_ms - idle_ms)]
        desk.outstanding |= {entry.offset: _Outstanding(consumer, now_ms) for entry in idle[:limit]}
        return tuple(idle[:limit])

    async def depths(self, queues: Sequence[QueueName]) -> tuple[Depth, ...]:
        """See `QueueReader`."""
        return tuple(self._depth(queue) for queue in queues)

    def _depth(self, queue: QueueName) -> Depth:
        desk = self._queue(queue)
        waiting = [
            entry
            for place, entry in enumerate(desk.entries)
            if place >= desk.delivered or entry.offset in desk.outstanding
        ]
        return Depth(queue, len(desk.entries), len(waiting), waiting[0] if waiting else None)


def _is_idle(outstanding: _Outstanding | None, since_ms: int) -> bool:
    return outstanding is not None and outstanding.since_ms <= since_ms
