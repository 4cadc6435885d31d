"""The clock: time enters the journal as ticks (wire.md 7.15), and this decides and sends them.

`ticks_due` is the whole decision, and pure. Its ticks are functions of partition and moment alone, so two workers that
both believe to lead send the same bytes with the same ``event_id``, which intake drops as a redelivery. The leader is
whoever holds partition 0 of the intake stage: the group gives it to exactly one worker, without another election.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from enum import StrEnum
from typing import NamedTuple

import msgspec
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from domain.settings import Settings
from streams.connection import client_arguments

log = logging.getLogger(__name__)

TOPIC = "clock.ticks"
CHINA = timezone(timedelta(hours=8))  # wire.md section 3: every timestamp is +08:00
LEADING_PARTITION = 0
_REGION = "000000"

# Leadership and the hour are looked at this often; a tick is at most this late, and a change of leader costs nothing.
_LOOK_EVERY_S = 1.0
# How far back from the end the last tick is searched: whatever else was sent to the topic lies behind it.
_TAIL_RECORDS = 100


class Kind(StrEnum):
    """The two kinds of tick."""

    DAILY = "daily"
    HOURLY = "hourly"


class Tick(NamedTuple):
    """One moment to be told to one partition."""

    at: datetime
    kind: Kind


def ticks_due(last: datetime | None, now: datetime) -> list[Tick]:
    """The ticks to send now to a partition whose last one was of moment ``last`` (None: it never had one).

    Every missed day gets its daily tick. Of missed hours only the current one is told: nothing falls due within a day.
    A partition without ticks starts today; what came before is a matter of the opening (wire.md section 4).
    """
    hour = now.astimezone(CHINA).replace(minute=0, second=0, microsecond=0)
    today = hour.replace(hour=0)
    day = today if last is None else last.astimezone(CHINA).replace(hour=0, minute=0, second=0, microsecond=0)
    due = [Tick(day, Kind.DAILY)] if last is None else []
    while day < today:
        day += timedelta(days=1)
        due.append(Tick(day, Kind.DAILY))
    if hour > today and (last is None or hour > last):
        due.append(Tick(hour, Kind.HOURLY))
    return due


def tick_event(tick: Tick, partition: int, reference_version: str) -> bytes:
    """The wire event of a tick. Nothing in it depends on who sends it or when."""
    at = tick.at.isoformat(timespec="seconds")
    return msgspec.json.encode(
        {
            "event_id": f"tick:{partition}:{at[:13]}",
            "type": "clock.tick",
            "region": _REGION,
            "occurred_on": at[:10],
            "recorded_at": at,
            "source": "monitor",
            "entered_by": "system",
            "entered_by_unit": "monitor",
            "entered_for": None,
            "schema_version": 1,
            "body": {
                "tick_on": at[:10],
                "tick_at": at,
                "tick_kind": tick.kind,
                "partition": partition,
                "reference_version": reference_version,
            },
        }
    )


class _Body(msgspec.Struct):
    tick_at: datetime


class _Event(msgspec.Struct):
    body: _Body


class Clock:
    """Sends ticks while this worker leads, and knows the last tick of each partition that it holds."""

    def __init__(
        self,
        settings: Settings,
        reference_version: str,
        *,
        held: Callable[[], Collection[int]],
        now: Callable[[], datetime],
        ticked: Callable[[int, datetime], None],
    ) -> None:
        """``held``: the intake partitions of this worker; ``ticked`` is told of last ticks that were found or sent."""
        self._settings, self._reference_version = settings, reference_version
        self._held, self._now, self._ticked = held, now, ticked
        self._topic = settings.topic(TOPIC)
        self._producer: AIOKafkaProducer | None = None
        self._last: dict[int, datetime | None] = {}
        self._known: set[int] = set()

    @property
    def is_leader(self) -> bool:
        """Whether ticks are this worker's business now."""
        return LEADING_PARTITION in self._held()

    async def run(self) -> None:
        """Go on until cancelled."""
        try:
            while True:
                await self._look()
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
                event = tick_event(tick, partition, self._reference_version)
                await self._producer.send_and_wait(self._topic, event, key=str(partition).encode(), partition=partition)
                self._last[partition] = tick.at

    async def _resign(self) -> None:
        producer, self._producer = self._producer, None
        if producer is not None:
            await producer.stop()

    async def _last_ticks(self, partitions: Collection[int]) -> dict[int, datetime | None]:
        """The last tick of each partition, read from the tail of its topic (which is kept for ever)."""
        tps = [TopicPartition(self._topic, partition) for partition in partitions]
        last: dict[int, datetime | None] = dict.fromkeys(partitions)
        consumer = AIOKafkaConsumer(
            **client_arguments(self._settings), group_id=None, enable_auto_commit=False, auto_offset_reset="earliest"
        )
        await consumer.start()
        try:
            consumer.assign(tps)
            starts, ends = await consumer.beginning_offsets(tps), await consumer.end_offsets(tps)
            for tp in tps:
                consumer.seek(tp, max(starts[tp], ends[tp] - _TAIL_RECORDS))
            while any([await consumer.position(tp) < ends[tp] for tp in tps]):
                for tp, records in (await consumer.getmany(timeout_ms=100)).items():
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
