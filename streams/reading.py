"""Reading topics as far as they have come, by consumers that are in no group and stand where their reader says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.consumer import fetcher


class FetchedRecord(Protocol):
    """A record as the client's C code leaves it in the fetched batch; topic and partition are known from the batch."""

    offset: int
    timestamp: int
    timestamp_type: int
    key: bytes | None
    value: bytes | None


class _LeanRecords(fetcher.PartitionRecords):  # type: ignore[misc]  # aiokafka ships no types
    """The client's own unpacking of batches, without wrapping each record in a frozen dataclass of eleven fields.

    That wrapping was 3 of 8 microseconds a row in restoring and the largest part of reading input.
    """

    def _consumer_record(self, tp: TopicPartition, record: FetchedRecord) -> FetchedRecord:  # noqa: ARG002 - overridden
        return record


def fetch_lean() -> None:
    """Have all consumers of this process return `FetchedRecord`. The client has no setting for it."""
    fetcher.PartitionRecords = _LeanRecords  # the fetcher looks the class up by this name


async def fetch_up_to(
    consumer: AIOKafkaConsumer, ends: Mapping[TopicPartition, int], *, poll_ms: int, records_max: int | None = None
) -> Mapping[TopicPartition, list[FetchedRecord]] | None:
    """One fetch from the partitions that are not read up to their ends; None when all are.

    Where the consumer stands tells whether an end is reached, and not the last record: behind it there may be only a
    transaction's marker, which the client steps over without telling. So a fetch may be empty, after ``poll_ms``. It
    may also hold records behind an end, where more have come.
    """
    behind = [tp for tp, end in ends.items() if await consumer.position(tp) < end]
    if not behind:
        return None
    fetched: dict[TopicPartition, list[FetchedRecord]] = await consumer.getmany(
        *behind, timeout_ms=poll_ms, max_records=records_max
    )
    return fetched
