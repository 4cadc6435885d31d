"""Plays a file of events through a running system, and collects what it answers.

What is played has the order of the file within every partition, as if the file were the journal: the intake merges 15
topics in no order of their own, so a record is sent to another topic only when the intake has passed the one before.
Partitions need not wait for each other; no rule looks beyond its region, and no region beyond its partition.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from datetime import date
from typing import NamedTuple

import msgspec
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition

from alerts.alert import AlertRecord, decode
from domain.identifiers import partition_of
from domain.settings import Settings
from domain.ticks import daily_tick, tick_event
from domain.topics import ALERTS, DEAD_LETTERS, FINDINGS, JOURNAL
from fundwatch.journal_file import DayBegins, FileEvent, steps
from fundwatch.judging import canonical_order
from streams.connection import client_arguments, group

TICKS = "clock.ticks"
# Records read ahead per partition: enough for a run of one topic, little enough to hold in memory.
_AHEAD_MAX = 2_000
# A batch is committed in some 10 ms; looking more often would only load the broker.
_LOOK_S = 0.01
_POLL_MS = 200
# Without any progress for this long nobody works on the partition: a worker that was killed is back in a few seconds.
_PATIENCE_S = 90.0


class ReplayStuckError(RuntimeError):
    """A stage made no progress; carries which and where."""

    def __init__(self, topic: str, partition: int) -> None:
        super().__init__(
            f"nobody read {topic}[{partition}] for {_PATIENCE_S:.0f} s: are the workers running (`fundwatch status`)?"
        )
        self.topic, self.partition = topic, partition


class DeadLetter(msgspec.Struct, frozen=True):
    """As much of a dead letter as is shown (wire.md 5.1)."""

    topic: str
    partition: int
    offset: int
    code: str
    field: str | None
    expected: str


class Refusal(NamedTuple):
    """A line of the file that the intake refused."""

    number: int
    letter: DeadLetter


class Answer(NamedTuple):
    """What the system said to a file: alert records in canonical order, and the lines it refused."""

    records: list[AlertRecord]
    refusals: list[Refusal]


class _Send(NamedTuple):
    topic: str
    key: bytes | None
    value: bytes
    number: int  # line of the file; 0 = a tick


class _Outcome:
    """The records that one topic got since the replay began."""

    def __init__(self, topic: str, settings: Settings) -> None:
        self._tps = [TopicPartition(settings.topic(topic), number) for number in range(settings.partitions)]
        self._consumer = AIOKafkaConsumer(
            **client_arguments(settings), isolation_level="read_committed", enable_auto_commit=False
        )
        self.last = dict.fromkeys(range(settings.partitions), -1)

    async def open(self) -> None:
        """Stand at the end of what there is now."""
        await self._consumer.start()
        self._consumer.assign(self._tps)
        for tp, end in (await self._consumer.end_offsets(self._tps)).items():
            self._consumer.seek(tp, end)

    async def close(self) -> None:
        await self._consumer.stop()

    async def read(self) -> AsyncIterator[ConsumerRecord]:
        """What has come up to now."""
        ends = await self._consumer.end_offsets(self._tps)
        while behind := [tp for tp in self._tps if await self._consumer.position(tp) < ends[tp]]:
            for tp, records in (await self._consumer.getmany(*behind, timeout_ms=_POLL_MS)).items():
                self.last[tp.partition] = records[-1].offset
                for record in records:
                    yield record

    async def skip(self) -> Mapping[int, int]:
        """Pass over what has come up to now; the offset of each partition's last record, -1 where none came."""
        async for _ in self.read():
            pass
        return self.last


class Player:
    """Plays one file into the system of ``settings``, whose workers run with a manual clock."""

    def __init__(self, settings: Settings, reference_version: str) -> None:
        """``reference_version``: of the rule set in force; ticks carry it."""
        self._settings, self._reference_version = settings, reference_version
        self._producer = AIOKafkaProducer(**client_arguments(settings), enable_idempotence=True, acks="all")
        # In the workers' group, but without subscribing: only to ask how far they are.
        self._progress = AIOKafkaConsumer(
            **client_arguments(settings), group_id=group(settings), enable_auto_commit=False
        )
        self._outcomes = {topic: _Outcome(topic, settings) for topic in (JOURNAL, FINDINGS, ALERTS, DEAD_LETTERS)}
        self._numbers: dict[tuple[str, int, int], int] = {}

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Player]:
        """Connect, and remember where the topics end now."""
        clients = (self._producer, self._progress)
        try:
            for client in clients:
                await client.start()
            for outcome in self._outcomes.values():
                await outcome.open()
            yield self
        finally:
            for outcome in self._outcomes.values():
                await outcome.close()
            for client in clients:
                await client.stop()

    async def play(self, lines: Iterable[bytes], first: date, last: date) -> Answer:
        """Play the file with its ticks, wait until everything is judged, and return what came of it.

        Raises ReplayStuckError.
        """
        queues = [asyncio.Queue[_Send | None](_AHEAD_MAX) for _ in range(self._settings.partitions)]
        async with asyncio.TaskGroup() as group_of_tasks:
            for partition, queue in enumerate(queues):
                group_of_tasks.create_task(self._play_partition(partition, queue))
            for step in steps(lines, first, last):
                await self._hand_out(step, queues)
            for queue in queues:
                await queue.put(None)
        await self._passed_all(JOURNAL)
        await self._passed_all(FINDINGS)
        records = [decode(record.value) async for record in self._outcomes[ALERTS].read()]
        return Answer(canonical_order(records), [refusal async for refusal in self._refusals()])

    async def _hand_out(self, step: FileEvent | DayBegins, queues: list[asyncio.Queue[_Send | None]]) -> None:
        if isinstance(step, FileEvent):
            partition = 0 if step.key is None else partition_of(step.key, len(queues))
            await queues[partition].put(_Send(step.topic, step.key, step.value, step.number))
            return
        tick = daily_tick(step.day)
        for partition, queue in enumerate(queues):
            event = tick_event(tick, partition, self._reference_version)
            await queue.put(_Send(TICKS, str(partition).encode(), event, 0))

    async def _play_partition(self, partition: int, queue: asyncio.Queue[_Send | None]) -> None:
        """Send runs of one topic at once; before the topic changes, wait for the intake to pass the run."""
        topic, offset = "", -1
        send = await queue.get()
        while send is not None:
            if topic != send.topic and topic:
                await self._passed(topic, partition, offset)
            topic, run = send.topic, [send]
            while (send := await queue.get()) is not None and send.topic == topic and len(run) < _AHEAD_MAX:
                run.append(send)
            offset = await self._send(partition, run)
        if topic:
            await self._passed(topic, partition, offset)

    async def _send(self, partition: int, run: list[_Send]) -> int:
        """Send a run of records and return the offset of the last one."""
        target = self._settings.topic(run[0].topic)
        pending = [await self._producer.send(target, send.value, key=send.key, partition=partition) for send in run]
        offsets = [(await acknowledgement).offset for acknowledgement in pending]
        for send, offset in zip(run, offsets, strict=True):
            if send.number:
                self._numbers[send.topic, partition, offset] = send.number
        return int(offsets[-1])

    async def _passed_all(self, topic: str) -> None:
        """Wait until the stage that reads ``topic`` has passed all that it got during the replay."""
        for partition, offset in (await self._outcomes[topic].skip()).items():
            await self._passed(topic, partition, offset)

    async def _passed(self, topic: str, partition: int, offset: int) -> None:
        tp = TopicPartition(self._settings.topic(topic), partition)
        before, deadline_s = -1, time.monotonic() + _PATIENCE_S
        while (now := await self._progress.committed(tp) or 0) <= offset:
            if now > before:
                before, deadline_s = now, time.monotonic() + _PATIENCE_S
            elif time.monotonic() > deadline_s:
                raise ReplayStuckError(topic, partition)
            await asyncio.sleep(_LOOK_S)

    async def _refusals(self) -> AsyncIterator[Refusal]:
        async for record in self._outcomes[DEAD_LETTERS].read():
            letter = msgspec.json.decode(record.value, type=DeadLetter)
            number = self._numbers.get((letter.topic, letter.partition, letter.offset))
            if number is not None:
                yield Refusal(number, letter)
