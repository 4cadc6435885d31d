"""A shard: one stage on one partition, on a real broker and a real disk, each batch applied exactly once.

Opening: start the writer (fences whoever had the shard), restore the local copy, and only then read input, from where
the restored rows say. A batch: step, commit to the broker, write to disk, in this order. A process that dies between
the last two finds the difference in the changelog when it opens again; one that dies earlier has changed nothing.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol

from rocksdict import Cache

from domain.settings import Settings
from streams.changelog import ChangelogWriter
from streams.meters import BatchMeter
from streams.partition import StagePartition
from streams.restore import Restored, restore, with_position
from streams.stage import Delivery, Processor, Record, Sink, Stage, StepFailed


class Admit(Protocol):
    """Holds a batch back until all that it needs from elsewhere is there; called before every batch."""

    def __call__(self, stage: str, partition: int, records: Sequence[Record]) -> Awaitable[None]:
        """May wait without end; cancelled when the shard is given away."""


class Shard(Protocol):
    """What a worker runs on one partition number: a stage's or a sink's shard."""

    async def open(self) -> Mapping[str, int]:
        """Make ready. Returns by input topic the offset to read from."""

    async def take(self, records: Sequence[Record]) -> Mapping[str, int] | None:
        """Apply one batch. Returns where to read on instead, or None to go on. Any exception ends the process."""

    async def close(self) -> None:
        """Let go of what `open` took. Called once, after the last `take` has ended or was abandoned."""

    @property
    def next_offsets(self) -> Mapping[str, int]:
        """By input topic: the first offset that is not applied yet."""


class StageShard:
    """A stage's shard."""

    def __init__(
        self,
        settings: Settings,
        stage: Stage,
        partition: int,
        *,
        cache: Cache,
        meter: BatchMeter,
        clock: Callable[[], int],
        admit: Admit | None = None,
    ) -> None:
        """``clock`` gives the wall clock in milliseconds; a batch waits until ``admit`` lets it in."""
        self._admit = admit
        self._settings, self._stage, self._partition = settings, stage, partition
        self._cache, self._meter, self._clock = cache, meter, clock
        self._writer = ChangelogWriter(settings, stage.name, partition)
        self._restored: Restored | None = None
        self._opened: StagePartition | None = None

    @property
    def next_offsets(self) -> Mapping[str, int]:
        """By input topic: the first offset that is not applied yet."""
        return self._opened.next_offsets if self._opened else {}

    @property
    def processor(self) -> Processor | None:
        """What steps the batches; None before `open` and after `close`. It may be asked between batches only."""
        return None if self._opened is None else self._opened.processor

    async def open(self) -> Mapping[str, int]:
        """Fence, restore, and make the processor. Raises CommitFailedError."""
        await self._writer.start()
        restored = await restore(self._settings, self._stage.name, self._partition, self._cache, self._clock())
        self._restored = restored
        self._meter.restored(restored.verdict, restored.records, restored.seconds)
        self._opened = StagePartition(self._stage, self._partition, restored.rows, lineage=secrets.token_bytes(16))
        return self._opened.next_offsets

    async def take(self, records: Sequence[Record]) -> None:
        """Step, commit, write, in parts where it is much. Raises CommitFailedError or whatever the stage raises."""
        if self._admit is not None:
            await self._admit(self._stage.name, self._partition, records)
        left = records
        while left:
            left = await self._take(left)

    async def _take(self, records: Sequence[Record]) -> Sequence[Record]:
        """One transaction. Returns the records that wait for the next."""
        if self._opened is None or self._restored is None:
            raise RuntimeError("the shard is not open")
        began_s = time.perf_counter()
        now_ms = self._clock()
        try:
            turn = self._opened.take(records, now_ms)
        except StepFailed as error:
            self._meter.failed(error.reason)
            raise
        stepped_s = time.perf_counter()
        if turn.next_offsets:
            position = await self._writer.commit(turn, now_ms)
            # Where the broker did not say how far the changelog has come, the old position stays: the next opening
            # then reads this batch's rows once more, which changes nothing.
            changes = turn.changes if position is None else with_position(turn.changes, position, now_ms)
            self._restored.rows.apply(changes)
        self._opened.settle()
        self._meter.batch(turn, stepped_s - began_s, time.perf_counter() - stepped_s)
        return turn.left

    async def close(self) -> None:
        """Stop the writer and release the folder."""
        self._opened = None
        restored, self._restored = self._restored, None
        if restored is not None:
            restored.rows.close()
        await self._writer.stop()


class SinkShard:
    """A sink's shard: no state here, its place is where it delivers to."""

    def __init__(self, sink: Sink, partition: int, meter: BatchMeter) -> None:
        (self._topic,) = sink.inputs
        self._meter = meter
        self._delivery: Delivery = sink.open(partition)
        self._next = 0

    @property
    def next_offsets(self) -> Mapping[str, int]:
        """By input topic: the first offset that is not delivered yet."""
        return {self._topic: self._next}

    async def open(self) -> Mapping[str, int]:
        """Ask where to read from; waits for the server behind the sink."""
        self._next = await self._delivery.open()
        return self.next_offsets

    async def take(self, records: Sequence[Record]) -> Mapping[str, int] | None:
        """Deliver; with nothing, check that the other side still is where it was."""
        began_s = time.perf_counter()
        seek = await self._delivery.step([record for record in records if record.offset >= self._next])
        if seek is not None:
            self._next = seek.offset
            return self.next_offsets
        if records:
            self._next = records[-1].offset + 1
            self._meter.delivered(records, time.perf_counter() - began_s)
        return None

    async def close(self) -> None:
        """Nothing is held here."""
