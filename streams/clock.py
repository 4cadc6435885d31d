"""The clock: sends the ticks that are due (decided in `domain.ticks`) into every partition of ``clock.ticks``.

The leader is whoever holds partition 0 of the intake stage: the group gives it to exactly one worker, without another
election. Two that believe to lead for a moment send the same bytes, which intake drops as a redelivery.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from datetime import datetime

import msgspec
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError, KafkaTimeoutError

from domain.calendar import is_covered
from domain.settings import Settings
from domain.ticks import Kind, tick_event, ticks_due
from domain.topics import CLOCK_TICKS
from streams.connection import client_arguments, reader_arguments
from streams.reading import fetch_up_to

log = logging.getLogger("fundwatch.clock")

LEADING_PARTITION = 0

# Leadership and the hour are looked at this often; a tick is at most this late, and a change of leader costs nothing.
_LOOK_EVERY_S = 1.0
# How far back from the end the last tick is searched: whatever else was sent to the topic lies behind it.
_TAIL_RECORDS = 100
_POLL_MS = 100


class _Body(msgspec.Struct):
    tick_at: datetime


class _Event(msgspec.Struct):
    body: _Body


class Clock:
    """Sends ticks while this worker leads, and knows the last tick of each partition that it holds."""

    def __init__(
        self,
        settings: Settings,
        version_at: Callable[[str], str],
        *,
        held: Callable[[], Collection[int]],
        now: Callable[[], datetime],
        ticked: Callable[[int, datetime], None],
    ) -> None:
        """``version_at`` gives the rule set in force at a moment, which its tick names.

        ``held``: the intake partitions of this worker; ``ticked`` is told of last ticks that were found or sent.
        """
        self._settings, self._version_at = settings, version_at
        self._held, self._now, self._ticked = held, now, ticked
        self._topic = settings.topic(CLOCK_TICKS)
        self._producer: AIOKafkaProducer | None = None
        self._last: dict[int, datetime | None] = {}
        self._known: set[int] = set()

    @property
    def is_leader(self) -> bool:
        """Whether ticks are this worker's business now."""
        return LEADING_PARTITION in self._held()

    async def run(self) -> None:
        """Go on until cancelled. Raises KafkaError where waiting does not help."""
        try:
            while True:
                try:
                    await self._look()
                except KafkaError as error:
                    if not (error.retriable or isinstance(error, KafkaTimeoutError)):
                        raise
                    # What is due stays due, and what was sent already is dropped as a redelivery.
                    log.warning("the clock waits for the broker: %r", error)
                    await self._resign()
                await asyncio.sleep(_LOOK_EVERY_S)
        finally:
            await self._resign()

    async def _look(self) -> None:
        held = set(self._held())
        self._known &= held
        if found := held - self._known:
            for partition, last in (await self._last_ticks(found)).items():
                if last is not None:
                    self._ticked(partition, last)
            self._known |= found
        if self._settings.clock == "manual" or not self.is_leader:
            await self._resign()
        else:
            await self._lead()

    async def _lead(self) -> None:
        if self._producer is None:
            self._last = await self._last_ticks(range(self._settings.partitions))
            producer = AIOKafkaProducer(**client_arguments(self._settings), enable_idempotence=True)
            await producer.start()
            self._producer = producer
            log.info("this worker leads the clock")
        now = self._now()
        for partition, last in self._last.items():
            for tick in ticks_due(last, now):
                event = tick_event(tick, partition, self._version_at(tick.at.isoformat(timespec="seconds")))
                await self._producer.send_and_wait(self._topic, event, key=str(partition).encode(), partition=partition)
                self._last[partition] = tick.at
                if partition == LEADING_PARTITION and tick.kind is Kind.DAILY and not is_covered(tick.at.year):
                    log.warning("no statutory calendar of %d: Monday to Friday count as working days", tick.at.year)

    async def _resign(self) -> None:
        producer, self._producer = self._producer, None
        if producer is not None:
            await producer.stop()

    async def _last_ticks(self, partitions: Collection[int]) -> dict[int, datetime | None]:
        """The last tick of each partition, read from the tail of its topic (which is kept for ever)."""
        tps = [TopicPartition(self._topic, partition) for partition in partitions]
        last: dict[int, datetime | None] = dict.fromkeys(partitions)
        consumer = AIOKafkaConsumer(**reader_arguments(self._settings), auto_offset_reset="earliest")
        await consumer.start()
        try:
            consumer.assign(tps)
            starts, ends = await consumer.beginning_offsets(tps), await consumer.end_offsets(tps)
            for tp in tps:
                consumer.seek(tp, max(starts[tp], ends[tp] - _TAIL_RECORDS))
            while (fetched := await fetch_up_to(consumer, ends, poll_ms=_POLL_MS)) is not None:
                for tp, records in fetched.items():
                    moments = [moment for record in records for moment in _moments(record.value)]
                    last[tp.partition] = max([*moments, *filter(None, [last[tp.partition]])], default=None)
        finally:
            await consumer.stop()
        return last


def _moments(value: bytes | None) -> Iterator[datetime]:
    """The moment of a tick; nothing for what is none (intake refuses it, too)."""
    with suppress(msgspec.DecodeError, UnicodeDecodeError):
        moment = msgspec.json.decode(value or b"", type=_Event).body.tick_at
        if moment.tzinfo is not None:
            yield moment
