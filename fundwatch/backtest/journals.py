"""Journals as they are read from their beginning: topics of a system, or files of a folder.

Beside the journal of the regions those of the stages person and enterprise, which are their facts topics.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, Protocol, TypeVar

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from domain.settings import Settings
from fundwatch.scratch import RECORD_BYTES
from streams.connection import TopicUnfitError, reader_arguments, refuse_unfit_topics
from streams.reading import FetchedRecord, fetch_up_to

T = TypeVar("T")

# One fetch of one partition: some 5,000 records, decoded and judged in about a second. More would only be held longer.
_FETCH_BYTES_MAX = 4 << 20
_BATCH_BYTES = 1 << 20
_POLL_MS = 100


class JournalUnreadableError(RuntimeError):
    """The broker cannot be read from; the message is the one line that the user needs."""


class Batch(NamedTuple):
    """Some records in order; ``done`` is how far the partition was read with them, in units of `Journals.size`."""

    values: list[bytes]
    done: int


class Journals(Protocol):
    """Where journals are read. Can be sent to another process."""

    def size(self, topic: str, partition: int) -> int:
        """How much there is to read, in units of its own."""

    def records(self, topic: str, partition: int) -> int:
        """About how many records there are."""

    def batches(self, topic: str, partition: int) -> Iterator[Batch]:
        """Everything, from the beginning."""


class TopicJournals(NamedTuple):
    """Topics as far as they had come at one moment; read without joining any group, so nobody who works notices."""

    settings: Settings
    bounds: Mapping[tuple[str, int], tuple[int, int]]  # first offset, and the one behind the last committed record

    def size(self, topic: str, partition: int) -> int:
        """Offsets, those of transaction markers included."""
        first, end = self.bounds[topic, partition]
        return end - first

    def records(self, topic: str, partition: int) -> int:
        """See `Journals`."""
        return self.size(topic, partition)

    def batches(self, topic: str, partition: int) -> Iterator[Batch]:
        """See `Journals`. Raises JournalUnreadableError."""
        first, end = self.bounds[topic, partition]
        with reader(self.settings) as read:
            for records, position in read.run(topic, partition, first, end):
                values = [record.value for record in records if record.value is not None]
                yield Batch(values, min(position, end) - first)


class FolderJournals(NamedTuple):
    """Files ``<topic>-<partition>``, a record on each line."""

    folder: Path

    def size(self, topic: str, partition: int) -> int:
        """Bytes."""
        path = self.path(topic, partition)
        return path.stat().st_size if path.exists() else 0

    def records(self, topic: str, partition: int) -> int:
        """See `Journals`."""
        return self.size(topic, partition) // RECORD_BYTES

    def batches(self, topic: str, partition: int) -> Iterator[Batch]:
        """See `Journals`."""
        done = 0
        if not self.size(topic, partition):
            return
        with self.path(topic, partition).open("rb") as lines:
            while values := lines.readlines(_BATCH_BYTES):
                done += sum(map(len, values))
                yield Batch(values, done)

    def path(self, topic: str, partition: int) -> Path:
        """The file of a partition."""
        return self.folder / f"{topic}-{partition}"


def journals_now(settings: Settings, topics: Iterable[str]) -> TopicJournals:
    """These topics of the system up to now. Raises JournalUnreadableError."""
    tps = [(topic, number) for topic in topics for number in range(settings.partitions)]
    with reader(settings) as read:
        return TopicJournals(settings, read.bounds(tps))


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
