r"""One stage on one partition, without broker or disk: what it has seen, its rows, and the batch under way.

The shard (Kafka, RocksDB) and the driver (memory) are two shells around this class, so what the driver's tests say
about crashes and redelivery holds for the shard as far as its commit is atomic.

Rows of its own, written in the same transaction as the stage's::

    \x00lineage       random text, the first row ever written: tells this changelog from one that replaced it
    \x00next/<topic>  8 bytes: the first offset of an input topic that is not in the state yet
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from streams.stage import Output, Record, Stage
from streams.state import CommittedRows, PendingRows

LINEAGE = b"\x00lineage"
_NEXT = b"\x00next/"


class Turn(NamedTuple):
    """What one batch comes to: to be written as a whole, or not at all."""

    records: Sequence[Record]  # those not seen before that were taken
    left: Sequence[Record]  # those that were not taken yet: the next batch begins with them
    outputs: Sequence[Output]
    changes: Mapping[bytes, bytes | None]  # rows, the shard's own included; None = deleted
    next_offsets: Mapping[str, int]  # of the topics that the batch read from


class StagePartition:
    """Steps a stage's processor. After each `take` comes `settle`.

    Where a batch was not committed the processor may hold traces of it, so this object is thrown away instead.
    """

    def __init__(self, stage: Stage, partition: int, committed: CommittedRows, *, lineage: bytes) -> None:
        """``lineage`` is what a changelog that has none yet shall be known by."""
        self.partition = partition
        self._committed = committed
        self._next = {topic: _offset(committed.get(_NEXT + topic.encode())) for topic in stage.inputs}
        self._lineage_to_write = lineage if committed.get(LINEAGE) is None else None
        self._rows = PendingRows(committed)
        self.processor = stage.open(partition, self._rows)
        self._under_way: Mapping[str, int] | None = None

    @property
    def next_offsets(self) -> Mapping[str, int]:
        """By input topic: the first offset that is not in the state yet (0 when nothing was read)."""
        return self._next

    def take(self, records: Sequence[Record], now_ms: int) -> Turn:
        """Step over the records that were not seen before. Nothing counts as done before `settle`."""
        if self._under_way is not None:
            raise RuntimeError("the last batch is not settled")
        fresh = self._fresh(records)
        drawn = iter(fresh)
        outputs = self.processor.step(drawn, now_ms) if fresh else ()
        left = list(drawn)
        taken = fresh[: len(fresh) - len(left)]
        if left and not taken:
            raise RuntimeError(f"stage {type(self.processor).__name__} takes nothing of a batch")
        seen = dict(self._next)
        seen.update((record.topic, record.offset + 1) for record in taken)
        moved = {topic: offset for topic, offset in seen.items() if offset != self._next[topic]}
        changes: dict[bytes, bytes | None] = dict(self._own_rows(moved)) if moved else {}
        changes.update(self._rows.changes)
        self._under_way = seen
        return Turn(taken, left, outputs, changes, moved)

    def settle(self) -> None:
        """The batch is committed and its changes are in the committed rows."""
        if self._under_way is None:
            raise RuntimeError("no batch is under way")
        self._next = dict(self._under_way)
        self._lineage_to_write = None
        self._under_way = None
        self._rows.clear()

    def _fresh(self, records: Iterable[Record]) -> list[Record]:
        seen, fresh = dict(self._next), []
        for record in records:
            if record.offset >= seen[record.topic]:
                seen[record.topic] = record.offset + 1
                fresh.append(record)
        return fresh

    def _own_rows(self, moved: Mapping[str, int]) -> Iterable[tuple[bytes, bytes]]:
        if self._lineage_to_write is not None:
            yield LINEAGE, self._lineage_to_write
        for topic, offset in moved.items():
            yield _NEXT + topic.encode(), offset.to_bytes(8, "big")


def _offset(row: bytes | None) -> int:
    return int.from_bytes(row, "big") if row else 0
