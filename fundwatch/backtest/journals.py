"""Journals as they are read from their beginning: topics of a system, or files of a folder.

Beside the journal of the regions those of the stages person and enterprise, which are their facts topics.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple, Protocol

from domain.settings import Settings
from fundwatch.history.reader import reader
from fundwatch.scratch import RECORD_BYTES

_BATCH_BYTES = 1 << 20


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
