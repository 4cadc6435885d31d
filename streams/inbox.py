"""What was fetched for one shard and is not taken yet: bounded, in order within each topic."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence

from streams.reading import FetchedRecord
from streams.stage import Record

# A shard is held back when this many batches wait for it, and let go again at half of that: enough that it never
# waits for the broker, little enough that a worker with 16 busy shards holds 16 x 2 x 4 MB.
_BATCHES_MAX = 2


# A quarter of a batch is no small batch. Waiting for more while catching up cost a tenth of the judge's speed.
_BATCH_PARTS = 4


class Inbox:
    """Filled by the main loop, emptied by the shard's task."""

    def __init__(self, *, records_max: int, bytes_max: int) -> None:
        """The limits are those of one batch."""
        self._records_max, self._bytes_max = records_max, bytes_max
        # Topic, partition, records, how many of them are taken.
        self._chunks: deque[tuple[str, int, Sequence[FetchedRecord], int]] = deque()
        self._filled = asyncio.Event()
        self.records = 0
        self.bytes = 0

    def put(self, topic: str, partition: int, records: Sequence[FetchedRecord]) -> None:
        """Add what was fetched of one topic (the contract's name)."""
        self._chunks.append((topic, partition, records, 0))
        self.records += len(records)
        self.bytes += sum(map(_size, records))
        self._filled.set()

    def clear(self) -> None:
        """Drop everything."""
        self._chunks.clear()
        self.records = self.bytes = 0
        self._filled.clear()

    async def wait(self, patience_s: float | None) -> None:
        """Return when there is something, or after ``patience_s``."""
        if self._chunks:
            return
        self._filled.clear()
        try:
            await asyncio.wait_for(self._filled.wait(), patience_s)
        except TimeoutError:
            return

    def take(self) -> list[Record]:
        """The next batch: whole chunks as long as they fit, and part of the one that does not; at least one record."""
        batch: list[Record] = []
        taken_bytes = 0
        while self._chunks and len(batch) < self._records_max and taken_bytes < self._bytes_max:
            topic, partition, records, start = self._chunks.popleft()
            position = start
            for record in records[start : start + self._records_max - len(batch)]:
                size = _size(record)
                if batch and taken_bytes + size > self._bytes_max:
                    break
                taken_bytes += size
                batch.append(Record(topic, partition, record.offset, record.key, record.value, record.timestamp))
                position += 1
            if position < len(records):
                self._chunks.appendleft((topic, partition, records, position))
                break
        self.records -= len(batch)
        self.bytes -= taken_bytes
        return batch

    @property
    def is_worth_a_batch(self) -> bool:
        """So much is waiting that a transaction for it costs little a record."""
        return _BATCH_PARTS * self.records >= self._records_max or _BATCH_PARTS * self.bytes >= self._bytes_max

    @property
    def is_full(self) -> bool:
        """Fetch no more for this shard."""
        return self.records >= _BATCHES_MAX * self._records_max or self.bytes >= _BATCHES_MAX * self._bytes_max

    @property
    def is_low(self) -> bool:
        """Fetch again for this shard."""
        return 2 * self.records < _BATCHES_MAX * self._records_max and 2 * self.bytes < _BATCHES_MAX * self._bytes_max


def _size(record: FetchedRecord) -> int:
    return len(record.key or b"") + len(record.value or b"")
