r"""Brings a shard's local copy up to the end of its changelog, or rebuilds it when it cannot be trusted.

The copy knows how far it has come (``\x00position``: next changelog offset, and the moment of the last write). What
can be wrong with it is decided by one pure function, `verdict`; everything but `Verdict.CONTINUE` starts from an empty
folder, which is always right and only slower.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from itertools import count
from pathlib import Path
from typing import NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition
from rocksdict import Cache

from domain import topics
from domain.settings import Settings
from streams.connection import reader_arguments
from streams.partition import LINEAGE
from streams.reading import FetchedRecord, fetch_lean, fetch_up_to
from streams.state import DiskRows, FolderDamagedError, FolderTakenError, discard

log = logging.getLogger("fundwatch.restore")

_POSITION = b"\x00position"
# Compaction removes a deletion's record after `delete.retention.ms` (a day by default): a copy that missed more than
# half of that while the changelog went on might never learn of it, and would keep rows that are gone.
_TRUSTED_MS = 12 * 3600 * 1000
# One read: 5,000 rows hold the event loop for about 20 ms, and other shards' commits no longer.
_CHUNK_RECORDS = 5_000
_FETCH_BYTES_MAX = 4 << 20
# From here on it pays to open the copy twice, once for loading only (0.1 s).
_BULK_FROM_RECORDS = 20_000
# Behind the last row there is only the transaction's marker, over which the client waits out its time-out: a short one.
_POLL_MS = 10
_SETTLE_LOOK_S = 0.01


class RestoreIncompleteError(Exception):
    """The local copy does not hold what was just written to it. A defect; the process has to end."""


class Verdict(StrEnum):
    """What becomes of a local copy."""

    CONTINUE = "continue"  # read on from its position
    NOTHING_YET = "nothing_yet"  # there is none
    AHEAD = "ahead"  # it has seen more than the changelog holds: the topic was made anew
    OTHER_LINEAGE = "other_lineage"  # the changelog is another one of the same name
    CUT_OFF = "cut_off"  # the changelog no longer holds what follows the copy
    TOO_OLD = "too_old"  # deletions may have been compacted away since


class Copy(NamedTuple):
    """What a local copy says of itself."""

    position: int
    written_ms: int
    lineage: bytes | None


class Log(NamedTuple):
    """What the broker says of the changelog: its first offset, the end of what is committed, the first row's value."""

    start: int
    end: int
    lineage: bytes | None


@dataclass(frozen=True, slots=True)
class Restored:
    """A copy at the end of its changelog."""

    rows: DiskRows
    position: int
    verdict: Verdict
    records: int
    seconds: float


def verdict(copy: Copy | None, log: Log, now_ms: int) -> Verdict:
    """Whether the copy can be continued. The marker of its own last commit does not count as missed."""
    if copy is None:
        return Verdict.NOTHING_YET
    if copy.position > log.end:
        return Verdict.AHEAD
    if copy.lineage != log.lineage:
        return Verdict.OTHER_LINEAGE
    if copy.position < log.start:
        return Verdict.CUT_OFF
    if log.end - copy.position > 1 and now_ms - copy.written_ms > _TRUSTED_MS:
        return Verdict.TOO_OLD
    return Verdict.CONTINUE


def with_position(changes: Mapping[bytes, bytes | None], position: int, now_ms: int) -> dict[bytes, bytes | None]:
    """The changes with the copy's new position, to be written as one."""
    return {**changes, _POSITION: position.to_bytes(8, "big") + now_ms.to_bytes(8, "big")}


async def restore(settings: Settings, stage: str, partition: int, cache: Cache, now_ms: int) -> Restored:
    """Open the local copy of a shard and bring it up to date. The shard's writer has been started before."""
    began_s = time.monotonic()
    fetch_lean()
    changelog = TopicPartition(settings.topic(topics.changelog(stage)), partition)
    folder, rows = _own_copy(Path(settings.folder) / "state", f"{stage}-{partition}", cache)
    copy = _described(rows)
    async with _reader(settings, changelog) as consumer:
        start = (await consumer.beginning_offsets([changelog]))[changelog]
        end = (await consumer.end_offsets([changelog]))[changelog]
        lineage = await _first_value(consumer, changelog, start, end) if copy else None
        decided = verdict(copy, Log(start, end, lineage), now_ms)
        position = copy.position if copy is not None and decided is Verdict.CONTINUE else start
        is_bulk = end - position > _BULK_FROM_RECORDS
        if decided is not Verdict.CONTINUE or is_bulk:
            rows.close()
            if decided is not Verdict.CONTINUE:
                discard(folder)
            rows = DiskRows(folder, cache, is_bulk=is_bulk)
        records, reached = 0, position
        async for chunk, reached in _chunks(consumer, changelog, position, end):
            records += len(chunk)
            rows.load(with_position({record.key or b"": record.value for record in chunk}, reached, now_ms))
        if records:
            await _settled(rows)
        if is_bulk:
            rows.close()
            rows = DiskRows(folder, cache)
        if records:
            _refuse_incomplete(rows, reached, changelog)
    return Restored(rows, max(position, end), decided, records, time.monotonic() - began_s)


async def _chunks(
    consumer: AIOKafkaConsumer, changelog: TopicPartition, position: int, end: int
) -> AsyncIterator[tuple[list[FetchedRecord], int]]:
    """The changelog from ``position`` to ``end``, each time with the offset behind it."""
    consumer.seek(changelog, position)
    while (chunk := await _chunk(consumer, changelog, end, _CHUNK_RECORDS)) is not None:
        if chunk:
            yield chunk, await consumer.position(changelog)


async def _settled(rows: DiskRows) -> None:
    rows.settle()
    while not rows.is_settled:  # noqa: ASYNC110 - RocksDB tells nobody
        await asyncio.sleep(_SETTLE_LOOK_S)


async def _first_value(consumer: AIOKafkaConsumer, changelog: TopicPartition, start: int, end: int) -> bytes | None:
    """The lineage that the changelog begins with (its row is the first, and compaction keeps it there)."""
    consumer.seek(changelog, start)
    while (chunk := await _chunk(consumer, changelog, end, 1)) is not None:
        for record in chunk:
            return record.value if record.key == LINEAGE else b""
    return None


async def _chunk(
    consumer: AIOKafkaConsumer, changelog: TopicPartition, end: int, records_max: int
) -> list[FetchedRecord] | None:
    fetched = await fetch_up_to(consumer, {changelog: end}, poll_ms=_POLL_MS, records_max=records_max)
    return None if fetched is None else fetched.get(changelog, [])


@asynccontextmanager
async def _reader(settings: Settings, changelog: TopicPartition) -> AsyncIterator[AIOKafkaConsumer]:
    consumer = AIOKafkaConsumer(
        **reader_arguments(settings),
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=_FETCH_BYTES_MAX,
        fetch_max_wait_ms=100,
    )
    await consumer.start()
    try:
        consumer.assign([changelog])
        yield consumer
    finally:
        await consumer.stop()


def _own_copy(state: Path, name: str, cache: Cache) -> tuple[Path, DiskRows]:
    """The shard's folder, or its next sibling where a paused process of this machine still holds it."""
    for number in count():
        folder = state / (f"{name}.{number}" if number else name)
        try:
            return folder, DiskRows(folder, cache)
        except FolderTakenError:
            continue
        except FolderDamagedError as error:
            log.warning("a local copy cannot be opened and is rebuilt: %s", error)
            discard(folder)
            return folder, DiskRows(folder, cache)
    raise AssertionError("count() does not end")


def _refuse_incomplete(rows: DiskRows, reached: int, changelog: TopicPartition) -> None:
    """A second look at what the disk has, before anything is built on it."""
    found = _described(rows)
    if found is None or found.position != reached:
        raise RestoreIncompleteError(f"{changelog.topic}[{changelog.partition}]: restored to {reached}, found {found}")


def _described(rows: DiskRows) -> Copy | None:
    row = rows.get(_POSITION)
    if row is None:
        return None
    return Copy(int.from_bytes(row[:8], "big"), int.from_bytes(row[8:], "big"), rows.get(LINEAGE))
