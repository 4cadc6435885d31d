"""Plays events with their days through a running system, and collects what it answers.

A file is played in its own order within every partition, as if it were the journal: the intake merges 15 topics in no
order of their own, so a record is sent to another topic only when the intake has passed the one before. The
demonstration, whose days hold in any order, is played day by day: faster, and as a real day comes.
Partitions need not wait for each other (`Order.TOGETHER` lets them, each day): what a region's judge looks at lies in
its own partition, and what is said of persons and enterprises may come together in any order. But where one region's
judge may write into another's journal all of them wait until it has, as it does so right after the record that made it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from datetime import date
from enum import StrEnum
from typing import NamedTuple

import msgspec
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from alerts.alert import AlertRecord, decode
from domain.identifiers import partition_of
from domain.settings import Settings
from domain.ticks import daily_tick, tick_event
from domain.topics import (
    ALERTS,
    DEAD_LETTERS,
    ENTERPRISE_FACTS,
    FINDINGS,
    JOURNAL,
    LINKAGE_DERIVED,
    PERSON_FACTS,
)
from fundwatch.journal_file import DayBegins, FileEvent, holding_on, steps
from fundwatch.judging import canonical_order
from fundwatch.levels import Levels
from streams.connection import client_arguments, group, reader_arguments
from streams.reading import FetchedRecord, fetch_up_to

TICKS = "clock.ticks"
_OUTCOMES = (JOURNAL, LINKAGE_DERIVED, FINDINGS, ALERTS, DEAD_LETTERS, PERSON_FACTS, ENTERPRISE_FACTS)
# Records read ahead per partition: enough for a run of one topic, little enough to hold in memory.
_AHEAD_MAX = 2_000
# A batch is committed in some 10 ms; looking more often would only load the broker.
_LOOK_S = 0.01
# The end of a transaction is a record that nobody is given: reading up to it ends with a wait of this length.
_POLL_MS = 10
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
    """What the system said: alert records in canonical order, the lines it refused, how many events it journaled."""

    records: list[AlertRecord]
    refusals: list[Refusal]
    journaled: int


class Order(StrEnum):
    """In which order the events of a partition are sure to enter its journal."""

    FILE = "file"  # one after the other
    DAY = "day"  # a day's events in any order, before the next day's tick
    TOGETHER = "together"  # the same, and no partition begins a day before all that came of the last one is done in all


class _Send(NamedTuple):
    topic: str
    key: bytes | None
    value: bytes
    number: int  # line of the file; 0 = a tick
    run: str  # records of one run are sent at once; before the next run, the intake has passed them
    day: date | None = None  # of a tick


# Ends a run without another record, so that what was handed out is sent.
_PAUSE = _Send("", None, b"", 0, "")


class _Outcome:
    """The records that one topic got since the replay began."""

    def __init__(self, topic: str, settings: Settings, asker: AIOKafkaConsumer) -> None:
        """``asker`` reads nothing: a question after the ends would wait for a fetch under way on its connection."""
        self._asker = asker
        self._tps = [TopicPartition(settings.topic(topic), number) for number in range(settings.partitions)]
        self._consumer = AIOKafkaConsumer(**reader_arguments(settings))
        self.last = dict.fromkeys(range(settings.partitions), -1)
        self.events = 0  # records but ticks, which have the number of their partition as key

    async def open(self) -> None:
        """Stand at the end of what there is now."""
        await self._consumer.start()
        self._consumer.assign(self._tps)
        for tp, end in (await self._asker.end_offsets(self._tps)).items():
            self._consumer.seek(tp, end)

    async def close(self) -> None:
        await self._consumer.stop()

    async def read(self) -> AsyncIterator[FetchedRecord]:
        """What has come up to now."""
        ends = await self._asker.end_offsets(self._tps)
        while (fetched := await fetch_up_to(self._consumer, ends, poll_ms=_POLL_MS)) is not None:
            for tp, records in fetched.items():
                self.last[tp.partition] = records[-1].offset
                self.events += sum(record.key != str(tp.partition).encode() for record in records)
                for record in records:
                    yield record

    async def skip(self) -> Mapping[int, int]:
        """Pass over what has come up to now; the offset of each partition's last record, -1 where none came."""
        async for _ in self.read():
            pass
        return self.last


class Player:
    """Plays one file into the system of ``settings``, whose workers run with a manual clock."""

    def __init__(
        self, settings: Settings, reference_version: str, changes: Mapping[date, str] | None = None, *, rate: int = 0
    ) -> None:
        """``reference_version``: of the rule set in force; ticks carry it. ``changes``: others, from these days on.

        ``rate``: how many events are handed out a second at most; 0 = as fast as they go.
        """
        self._settings, self._reference_version, self._changes = settings, reference_version, changes or {}
        self._producer = AIOKafkaProducer(**client_arguments(settings), enable_idempotence=True, acks="all")
        # In the workers' group, but without subscribing: only to ask how far they are.
        self._progress = AIOKafkaConsumer(
            **client_arguments(settings), group_id=group(settings), enable_auto_commit=False
        )
        self._outcomes = {topic: _Outcome(topic, settings, self._progress) for topic in _OUTCOMES}
        self._numbers: dict[tuple[str, int, int], int] = {}
        self._rate, self._handed_out, self._began_s = rate, 0, 0.0
        # For who watches: events that the intake has passed, and the last day that began in each partition.
        self.passed = 0
        self._days: dict[int, date] = {}

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

    @property
    def day(self) -> date | None:
        """The day that is being played, in the partition that is farthest back."""
        return min(self._days.values(), default=None)

    async def play(self, lines: Iterable[bytes], first: date, last: date) -> Answer:
        """Play the file with its ticks, wait until everything is judged, and return what came of it.

        Raises ReplayStuckError.
        """
        return await self.play_steps(steps(lines, first, last), Order.FILE)

    async def play_steps(self, days: Iterable[FileEvent | DayBegins], order: Order) -> Answer:
        """Play events and ticks, wait until everything is judged, and return what came of it.

        Raises ReplayStuckError.
        """
        queues = [asyncio.Queue[_Send | None](_AHEAD_MAX) for _ in range(self._settings.partitions)]
        async with asyncio.TaskGroup() as group_of_tasks:
            for partition, queue in enumerate(queues):
                group_of_tasks.create_task(self._play_partition(partition, queue))
            if order is Order.FILE:
                await self._hand_out_in_order(days, queues)
            elif order is Order.DAY:
                await self._hand_out_by_day(days, queues)
            else:
                await self._hand_out_together(days, queues)
            for queue in queues:
                await queue.put(None)
        await self._settle()
        await self._settle_behind()
        records = [decode(record.value or b"") async for record in self._outcomes[ALERTS].read()]
        refusals = [refusal async for refusal in self._refusals()]
        # What regions were told by others is journaled too, and is no event that was played.
        played = self._outcomes[JOURNAL].events - self._outcomes[LINKAGE_DERIVED].events
        return Answer(canonical_order(records), refusals, played)

    async def _hand_out_in_order(
        self, days: Iterable[FileEvent | DayBegins], queues: list[asyncio.Queue[_Send | None]]
    ) -> None:
        """What may be told to another region is told there before anything else is sent."""
        levels = Levels()
        for step in days:
            may_tell = isinstance(step, FileEvent) and levels.may_tell(step)
            if may_tell:
                await self._all_sent(queues)
            await self._hand_out(step, Order.FILE, queues)
            if may_tell:
                await self._all_sent(queues)
                await self._settle()

    async def _hand_out_by_day(
        self, days: Iterable[FileEvent | DayBegins], queues: list[asyncio.Queue[_Send | None]]
    ) -> None:
        """What a day may have told to other regions is told there before the next day begins."""
        levels, is_telling = Levels(), False
        for step in days:
            if isinstance(step, FileEvent):
                is_telling = levels.may_tell(step) or is_telling
            elif is_telling:
                await self._all_sent(queues)
                await self._settle()
                is_telling = False
            await self._hand_out(step, Order.DAY, queues)

    async def _hand_out_together(
        self, days: Iterable[FileEvent | DayBegins], queues: list[asyncio.Queue[_Send | None]]
    ) -> None:
        """Persons and enterprises that several partitions know of have their alerts on the day on which all know."""
        for step in days:
            if isinstance(step, DayBegins):
                await self._all_sent(queues)
                await self._settle()
                await self._settle_behind()
            await self._hand_out(step, Order.DAY, queues)

    async def _hand_out(
        self, step: FileEvent | DayBegins, order: Order, queues: list[asyncio.Queue[_Send | None]]
    ) -> None:
        if isinstance(step, FileEvent):
            await self._keep_pace()
            partition = 0 if step.key is None else partition_of(step.key, len(queues))
            run = step.topic if order is Order.FILE else "events"  # a tick parts one day's from the next
            await queues[partition].put(_Send(step.topic, step.key, step.value, step.number, run))
            return
        tick, version = daily_tick(step.day), holding_on(step.day, self._reference_version, self._changes)
        for partition, queue in enumerate(queues):
            event = tick_event(tick, partition, version)
            await queue.put(_Send(TICKS, str(partition).encode(), event, 0, TICKS, step.day))

    async def _keep_pace(self) -> None:
        """Wait while more has been handed out than the rate allows."""
        if not self._handed_out:
            self._began_s = time.monotonic()
        self._handed_out += 1
        if self._rate and (ahead_s := self._handed_out / self._rate - (time.monotonic() - self._began_s)) > 0:
            await asyncio.sleep(ahead_s)

    async def _play_partition(self, partition: int, queue: asyncio.Queue[_Send | None]) -> None:
        """Send runs at once; before the next run, wait for the intake to pass the one before."""
        send = await queue.get()
        while send is not None:
            if send is _PAUSE:
                queue.task_done()
                send = await queue.get()
                continue
            run = [send]
            while (send := await queue.get()) is not None and send.run == run[0].run and len(run) < _AHEAD_MAX:
                run.append(send)
            for topic, offset in (await self._send(partition, run)).items():
                await self._passed(topic, partition, offset)
            self._count(partition, run)
            for _ in run:
                queue.task_done()

    async def _send(self, partition: int, run: list[_Send]) -> Mapping[str, int]:
        """Send a run of records and return the offset of the last one of each topic."""
        pending = [
            await self._producer.send(self._settings.topic(send.topic), send.value, key=send.key, partition=partition)
            for send in run
        ]
        offsets: dict[str, int] = {}
        for send, acknowledgement in zip(run, pending, strict=True):
            offsets[send.topic] = (await acknowledgement).offset
            if send.number:
                self._numbers[send.topic, partition, offsets[send.topic]] = send.number
        return offsets

    def _count(self, partition: int, run: list[_Send]) -> None:
        self.passed += sum(send.number > 0 for send in run)
        if run[-1].day is not None:
            self._days[partition] = run[-1].day

    @staticmethod
    async def _all_sent(queues: list[asyncio.Queue[_Send | None]]) -> None:
        """Wait until the intake has passed all that was handed out."""
        for queue in queues:
            await queue.put(_PAUSE)
        for queue in queues:
            await queue.join()

    async def _settle(self) -> None:
        """Wait until all is judged, also what the judge has told other regions, and what it told them of that."""
        told = self._outcomes[LINKAGE_DERIVED].last
        before: Mapping[int, int] | None = None
        while before != told:
            before = dict(told)
            await self._passed_all(JOURNAL)
            await self._passed_all(LINKAGE_DERIVED)
        await self._passed_all(JOURNAL)

    async def _settle_behind(self) -> None:
        """Wait until persons, enterprises and the desk have taken all that was judged."""
        for topic in (PERSON_FACTS, ENTERPRISE_FACTS, FINDINGS):
            await self._passed_all(topic)

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
            letter = msgspec.json.decode(record.value or b"", type=DeadLetter)
            number = self._numbers.get((letter.topic, letter.partition, letter.offset))
            if number is not None:
                yield Refusal(number, letter)
