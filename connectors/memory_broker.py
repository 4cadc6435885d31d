"""A broker in memory: the `Wire` of tests and of `fundwatch publish --check`, with the faults a test wants to see."""

from __future__ import annotations

from typing import NamedTuple

from connectors.publisher import Answered, Outcome, Pending, Placement, TopicMissing


class StoredRecord(NamedTuple):
    """One record as the topic holds it."""

    partition: int
    offset: int
    key: bytes | None
    value: bytes | None


class MemoryBroker:
    """Topics as lists. ``refuse_from`` is the count of records after which every further one times out.

    With ``keep`` false it counts and forgets, so that a check of a large file holds nothing.
    """

    def __init__(
        self, topics: tuple[str, ...], partitions: int, *, refuse_from: int | None = None, keep: bool = True
    ) -> None:
        self._partitions = partitions
        self._refuse_from = refuse_from
        self._keep = keep
        self._next: dict[tuple[str, int], int] = {}
        self.topics: dict[str, list[StoredRecord]] = {topic: [] for topic in topics}
        self.record_count = 0
        self.is_closed = False

    def partitions(self, topic: str) -> int:
        """The one count that all topics have."""
        if topic not in self.topics:
            raise TopicMissing(topic, "memory")
        return self._partitions

    def hand_over(self, topic: str, partition: int, key: bytes | None, value: bytes | None) -> Pending:
        """Append, or answer as a broker does that went away."""
        if self._refuse_from is not None and self.record_count >= self._refuse_from:
            return Answered(Placement(Outcome.TIMED_OUT, -1, "the broker in memory was told to fail"))
        offset = self._next.get((topic, partition), 0)
        self._next[topic, partition] = offset + 1
        self.record_count += 1
        if self._keep:
            self.topics[topic].append(StoredRecord(partition, offset, key, value))
        return Answered(Placement(Outcome.DELIVERED, offset, ""))

    def close(self) -> None:
        """Remember that it was closed."""
        self.is_closed = True
