"""Laws of a worker's shards: what was fetched before a rebalance or a seek is dropped, and an error ends the worker."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from faust.types import TP

from streams.crew import Crew, InputReplacedError, Job, NotCopartitionedError
from streams.inbox import Inbox
from streams.stage import Record
from streams.transport import Fetched, Standing

LEFT, RIGHT = TP("left", 0), TP("right", 0)


@dataclass
class FakeShard:
    """Notes what it is given. ``seek`` is what the next `take` answers; ``error`` is what it raises."""

    start: dict[str, int]
    seek: dict[str, int] | None = None
    error: Exception | None = None
    taken: list[Record] = field(default_factory=list)
    closed: int = 0

    @property
    def next_offsets(self) -> Mapping[str, int]:
        """Behind the last record taken of each topic."""
        return self.start | {record.topic: record.offset + 1 for record in self.taken}

    async def open(self) -> Mapping[str, int]:
        """Where to start."""
        return self.start

    async def take(self, records: Sequence[Record]) -> Mapping[str, int] | None:
        """Note the batch."""
        if self.error is not None:
            raise self.error
        self.taken.extend(records)
        answer, self.seek = self.seek, None
        return answer

    async def close(self) -> None:
        """Note it."""
        self.closed += 1


@dataclass
class FakeReader:
    """Notes what it is asked. ``ends`` are the ends of the topics."""

    ends: dict[TP, int] = field(default_factory=dict)
    reads: list[dict[TP, int]] = field(default_factory=list)
    holds: list[bool] = field(default_factory=list)
    told: list[Mapping[TP, int]] = field(default_factory=list)

    def read_from(self, offsets: Mapping[TP, int]) -> int:
        """The token is the number of the call."""
        self.reads.append(dict(offsets))
        return len(self.reads)

    def hold_back(self, tps: Collection[TP], *, held: bool) -> None:
        """Note it."""
        del tps
        self.holds.append(held)

    async def tell_group(self, offsets: Mapping[TP, int]) -> None:
        """Note it."""
        self.told.append(offsets)

    async def end_offsets(self, tps: list[TP]) -> Mapping[TP, int]:
        """The ends that were set."""
        return {tp: self.ends[tp] for tp in tps}


class Bench:
    """A crew of one stage with two input topics, on fakes."""

    def __init__(self, *shards: FakeShard, ends: dict[TP, int] | None = None) -> None:
        self.shards, self.reader = list(shards), FakeReader(ends or {})
        self.errors: list[BaseException] = []
        self.lags: list[int] = []
        self.assignments: list[None] = []
        waiting = iter(self.shards)
        job = Job("stage", {"left": "left", "right": "right"}, lambda _: next(waiting))
        self.crew = Crew(
            [job],
            make_inbox=lambda: Inbox(records_max=2, bytes_max=1_000),
            fail=lambda _, error: self.errors.append(error),
            lagged=lambda _, __, lag: self.lags.append(lag),
            phased=lambda *_: None,
            assigned=lambda: self.assignments.append(None),
            settled=lambda _: None,
        )
        self.crew.attach(self.reader)

    async def opened(self) -> None:
        """Assign the stage's partition 0 and let its shard open."""
        self.crew.assign({LEFT, RIGHT})
        await quiet()

    def offer(self, tp: TP, token: int, *offsets: int) -> None:
        """A batch of these offsets arrives."""
        records: list[Any] = [SimpleNamespace(offset=offset, timestamp=0, key=None, value=b"x") for offset in offsets]
        self.crew.offer(Fetched(tp, token, records))


async def quiet() -> None:
    """Let every task go as far as it can; the crew rests in proportion to its batches, which take no time here."""
    for _ in range(20):
        await asyncio.sleep(0.001)


def run(law: Callable[[], Awaitable[None]]) -> None:
    """Run one law's steps."""

    async def steps() -> None:
        await law()

    asyncio.run(steps())


def test_reading_starts_where_the_shard_says() -> None:
    """Positions are the shard's, whatever the group remembers."""
    bench = Bench(FakeShard({"left": 7, "right": 0}), ends={LEFT: 9})

    async def law() -> None:
        await bench.opened()
        bench.offer(LEFT, 1, 7, 8)
        await quiet()
        await bench.crew.release()

    run(law)
    assert bench.reader.reads == [{LEFT: 7, RIGHT: 0}]
    assert [record.offset for record in bench.shards[0].taken] == [7, 8]
    assert (bench.shards[0].closed, bench.errors) == (1, [])


def test_what_was_fetched_before_a_seek_is_dropped() -> None:
    """After a seek only batches that were fetched since then count, however late the others arrive."""
    bench = Bench(FakeShard({"left": 0, "right": 0}, seek={"left": 5, "right": 0}))

    async def law() -> None:
        await bench.opened()
        bench.offer(LEFT, 1, 0)
        await quiet()
        bench.offer(LEFT, 1, 1, 2)
        bench.offer(LEFT, 2, 5)
        await quiet()
        await bench.crew.release()

    run(law)
    assert [record.offset for record in bench.shards[0].taken] == [0, 5]


def test_what_was_fetched_before_a_rebalance_is_dropped() -> None:
    """A partition that comes back starts from what its new shard says."""
    bench = Bench(FakeShard({"left": 0, "right": 0}), FakeShard({"left": 0, "right": 0}))

    async def law() -> None:
        await bench.opened()
        await bench.crew.release()
        await bench.opened()
        bench.offer(LEFT, 1, 0)
        bench.offer(LEFT, 2, 0)
        await quiet()
        await bench.crew.release()

    run(law)
    assert [len(shard.taken) for shard in bench.shards] == [0, 1]
    assert [shard.closed for shard in bench.shards] == [1, 1]


@pytest.mark.parametrize("error", [RuntimeError("a defect of the stage"), OSError("the disk is full")])
def test_an_error_in_a_batch_ends_the_worker(error: Exception) -> None:
    """Nothing goes on from a state that was not committed."""
    bench = Bench(FakeShard({"left": 0, "right": 0}, error=error))

    async def law() -> None:
        await bench.opened()
        bench.offer(LEFT, 1, 0)
        await quiet()

    run(law)
    assert (bench.errors, bench.shards[0].closed) == ([error], 1)


def test_an_input_topic_that_ends_before_what_was_seen_ends_the_worker() -> None:
    """A topic made anew would be skipped silently up to the old offset."""
    bench = Bench(FakeShard({"left": 7, "right": 0}), ends={LEFT: 3})
    run(bench.opened)
    assert [type(error) for error in bench.errors] == [InputReplacedError]
    assert bench.reader.reads == []


def test_a_partition_without_its_siblings_ends_the_worker() -> None:
    """A shard needs the same partition number of all its topics."""
    bench = Bench(FakeShard({"left": 0, "right": 0}))

    async def law() -> None:
        bench.crew.assign({LEFT})
        await quiet()
        await bench.crew.release()

    run(law)
    assert [type(error) for error in bench.errors] == [NotCopartitionedError]


def test_a_full_inbox_holds_its_partitions_back_until_it_is_low() -> None:
    """Two batches wait: nothing more is fetched; both taken: go on."""
    bench = Bench(FakeShard({"left": 0, "right": 0}))

    async def law() -> None:
        await bench.opened()
        bench.offer(LEFT, 1, 0, 1, 2, 3)
        await quiet()
        await bench.crew.release()

    run(law)
    assert bench.reader.holds == [True, False]
    assert len(bench.shards[0].taken) == 4


def test_a_transactions_marker_is_no_lag() -> None:
    """Behind the last record there may be only a marker, which nobody reads."""
    bench = Bench(FakeShard({"left": 0, "right": 0}))

    async def law() -> None:
        await bench.opened()
        bench.offer(LEFT, 1, 0, 1)
        await quiet()
        bench.crew.gauge({LEFT: Standing(position=3, end=3), RIGHT: Standing(position=0, end=0)})
        bench.crew.gauge({LEFT: Standing(position=2, end=6), RIGHT: Standing(position=0, end=0)})
        await bench.crew.release()

    run(law)
    assert bench.lags == [0, 4]


def test_a_worker_is_ready_when_all_its_shards_are() -> None:
    """Assigned nothing is ready, too; not assigned is not. Each assignment is told."""
    bench = Bench(FakeShard({"left": 0, "right": 0}))
    seen = []

    async def law() -> None:
        seen.append(bench.crew.is_ready)
        bench.crew.assign({LEFT, RIGHT})
        seen.append(bench.crew.is_ready)
        await quiet()
        seen.append(bench.crew.is_ready)
        await bench.crew.release()
        seen.append(bench.crew.is_ready)
        bench.crew.assign(set())
        seen.append(bench.crew.is_ready)

    run(law)
    assert seen == [False, False, True, False, True]
    assert len(bench.assignments) == 2
