"""What a stage of the flow is: a deterministic step over a micro-batch, with state rows of its own.

The shells (`transport`, `state`) apply each step exactly once; a stage knows nothing of Kafka, RocksDB or Faust.
"""

from __future__ import annotations

from collections.abc import Awaitable, Iterable, Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple, Protocol

from domain.identifiers import partition_of


class Record(NamedTuple):
    """One record as the broker holds it. ``topic`` is the contract's name, without namespace."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    timestamp_ms: int


class Output(NamedTuple):
    """One record to be written in the batch's transaction, into the shard's own partition number.

    ``by_key``: into that of its key instead, which may be another region's; the key is there then. ``to_all``: into
    every partition of the topic, a copy each.
    """

    topic: str
    key: bytes | None
    value: bytes | None
    by_key: bool = False
    to_all: bool = False

    def partitions(self, own: int, count: int) -> Sequence[int]:
        """Where it goes, from shard number ``own`` of so many partitions."""
        if self.to_all:
            return range(count)
        return (partition_of(self.key or b"", count) if self.by_key else own,)


class Failure(StrEnum):
    """Why a stage cannot take a record that it must not skip either."""

    UNREADABLE = "unreadable"  # written by a newer version, or damaged
    REFUSED = "refused"  # the lifecycle of alerts knows no such step: judge and desk disagree


class StepFailed(Exception):
    """A record that a stage can neither use nor skip: the worker stops and the record waits. Never retried as it is."""

    def __init__(self, reason: Failure, record: Record, why: str) -> None:
        super().__init__(f"{record.topic}[{record.partition}] offset {record.offset}: {why}")
        self.reason, self.partition, self.offset = reason, record.partition, record.offset


class Rows(Protocol):
    """State rows of one shard. Reads see the writes of the batch under way; nothing is durable before its commit."""

    def get(self, key: bytes) -> bytes | None:
        """The row, or None."""

    def put(self, key: bytes, value: bytes) -> None:
        """Set the row (never an empty value: an empty changelog record means deleted)."""

    def delete(self, key: bytes) -> None:
        """Remove the row; removing what is not there is harmless."""

    def scan(self, prefix: bytes) -> Iterator[tuple[bytes, bytes]]:
        """Rows whose key starts with ``prefix``, in byte order of the key, as they are at the call.

        Writing while walking is allowed and not seen. Keys that start with a zero byte are the shard's and not shown.
        """


class Processor(Protocol):
    """One stage on one partition."""

    def step(self, records: Iterable[Record], now_ms: int) -> Sequence[Output]:
        """Take the batch's records in order and return what to write.

        It may stop before the last one, where there is much to write already; the others come again with the next
        call. Never called concurrently for one shard; must not block on anything but its rows. Same rows and same
        records give the same outputs, wherever a batch ends, except for wall-clock stamps taken from ``now_ms``. An
        exception stops the worker: a record that cannot be used is the stage's to refuse, not to raise on.
        """


class Stage(Protocol):
    """A kind of processor, and the topics it reads. Its changelog is `domain.topics.changelog(name)`."""

    @property
    def name(self) -> str:
        """Part of its changelog's name and of its transactional ids: changing it starts from nothing."""

    @property
    def inputs(self) -> tuple[str, ...]:
        """Topics, by the contract's names."""

    def open(self, partition: int, rows: Rows) -> Processor:
        """The processor of one partition, on rows that are restored to the last committed batch."""


class SeekTo(Protocol):
    """A sink's wish to go on reading elsewhere; what was fetched already is to be dropped."""

    @property
    def offset(self) -> int:
        """The next record to hand over."""


class Delivery(Protocol):
    """One sink on one partition. Its place in the topic lies where it delivers to, not with the consumer."""

    def open(self) -> Awaitable[int]:
        """The offset to read from. Called once, when the partition is assigned; may wait for its server."""

    def step(self, records: Sequence[Record]) -> Awaitable[SeekTo | None]:
        """Deliver a batch, never concurrently with another; with nothing (when idle) check the place.

        May wait for its server, which holds up this partition alone. An exception stops the worker.
        """


class Sink(Protocol):
    """A kind of delivery out of the broker, and the one topic that it takes."""

    @property
    def name(self) -> str:
        """By which metrics, `fundwatch status` and `--stages` know it; a sink keeps nothing under it."""

    @property
    def inputs(self) -> tuple[str, ...]:
        """Topics, by the contract's names."""

    def open(self, partition: int) -> Delivery:
        """The delivery of one partition."""

    async def close(self) -> None:
        """Let go of what all its deliveries share. Called once, when the worker stops in order."""
