"""What the running system has recorded, read beside its workers: none of them notices."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from domain.settings import Settings
from streams.connection import TopicUnfitError, reader_arguments, refuse_unfit_topics
from streams.reading import FetchedRecord, fetch_up_to

T = TypeVar("T")

# One fetch of one partition: some 5,000 records, decoded and judged in about a second. More would only be held longer.
_FETCH_BYTES_MAX = 4 << 20
_POLL_MS = 100


class JournalUnreadableError(RuntimeError):
    """The broker cannot be read from; the message is the one line that the user needs."""


class Reader:
    """Reads committed records of single partitions, in no group."""

    def __init__(self, settings: Settings, runner: asyncio.Runner, consumer: AIOKafkaConsumer) -> None:
        self._settings, self._runner, self._consumer = settings, runner, consumer

    def bounds(self, tps: Iterable[tuple[str, int]]) -> dict[tuple[str, int], tuple[int, int]]:
        """The first offset of each partition, and the one behind its last committed record. Topics by contract."""
        named = {TopicPartition(self._settings.topic(topic), number): (topic, number) for topic, number in tps}

        async def ask() -> dict[tuple[str, int], tuple[int, int]]:
            await refuse_unfit_topics(self._settings, sorted({topic for topic, _ in named.values()}))
            firsts = await self._consumer.beginning_offsets(list(named))
            ends = await self._consumer.end_offsets(list(named))
            return {name: (firsts[tp], ends[tp]) for tp, name in named.items()}

        return self._runner.run(_understood(ask()))

    def run(self, topic: str, partition: int, first: int, end: int) -> Iterator[tuple[list[FetchedRecord], int]]:
        """Records from offset ``first`` up to ``end``, each time with the offset that comes next."""
        tp = TopicPartition(self._settings.topic(topic), partition)
        self._runner.run(self._place(tp, first))
        while (fetched := self._runner.run(_understood(self._fetch(tp, end)))) is not None:
            records, position = fetched
            if records:
                yield [record for record in records if record.offset < end], position

    async def _place(self, tp: TopicPartition, offset: int) -> None:
        self._consumer.assign([tp])
        self._consumer.seek(tp, offset)

    async def _fetch(self, tp: TopicPartition, end: int) -> tuple[list[FetchedRecord], int] | None:
        fetched = await fetch_up_to(self._consumer, {tp: end}, poll_ms=_POLL_MS)
        return None if fetched is None else (fetched.get(tp, []), await self._consumer.position(tp))


@contextmanager
def reader(settings: Settings) -> Iterator[Reader]:
    """A reader that is connected. Raises JournalUnreadableError."""
    with asyncio.Runner() as runner:
        consumer = runner.run(_understood(_opened(settings)))
        try:
            yield Reader(settings, runner, consumer)
        finally:
            runner.run(consumer.stop())


async def _opened(settings: Settings) -> AIOKafkaConsumer:
    consumer = AIOKafkaConsumer(
        **reader_arguments(settings),
        auto_offset_reset="none",
        max_partition_fetch_bytes=_FETCH_BYTES_MAX,
    )
    await consumer.start()
    return consumer


async def _understood(asked: Awaitable[T]) -> T:
    try:
        return await asked
    except (KafkaError, TopicUnfitError) as error:
        raise JournalUnreadableError(f"the journal cannot be read: {error}") from error
