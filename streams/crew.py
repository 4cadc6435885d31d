"""The shards that this worker holds now: opened when partitions are assigned, one task each, closed when they go.

One partition number of all of a stage's input topics is one shard. Shards run side by side in one event loop: while
one waits for its commit the others compute, and order exists inside each shard only, where it is needed.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from faust.types import TP

from streams.inbox import Inbox
from streams.shard import Shard
from streams.transport import Fetched, Standing

# A rebalance waits this long for a batch under way. What takes longer (a broker that is away) is abandoned: the
# partition's next holder fences it, and this worker has not written it to its disk.
_RELEASE_PATIENCE_S = 5.0
# An idle sink looks this often whether the server behind it lost what it was given.
_IDLE_S = 2.0
# A shard rests twice as long as its last batch took, unless enough waits already: small batches cost as much as
# large ones, so a loaded machine makes fewer of them and every batch gets faster. Measured over four stages at 1,000
# records a second, 99th percentile of the delay: once 461 ms, twice 396 ms, three times 584 ms.
_REST = 2.0
_REST_S_MAX = 0.15
# The consumer group's offsets are this far behind at most, and not at all after a pause: who plays days one after the
# other waits for them several times a day. A request takes about 1 ms of a worker and a broker.
_TELL_EVERY_S = 0.05


class NotCopartitionedError(Exception):
    """A worker was given one input topic's partition without the others of the same number."""


class InputReplacedError(Exception):
    """An input topic ends before what the state has already seen of it: it was deleted and made anew."""

    def __init__(self, stage: str, partition: TP, seen: int, end: int) -> None:
        super().__init__(
            f"{stage}: {partition.topic}[{partition.partition}] ends at offset {end}, but {seen} records of it are in "
            "the state; restore the topic, or delete the stage's changelog topic too"
        )


class Reader(Protocol):
    """What the crew needs of the transport."""

    def read_from(self, offsets: Mapping[TP, int]) -> int:
        """Have partitions fetched from these offsets; returns the token their batches will carry."""

    def hold_back(self, tps: Collection[TP], *, held: bool) -> None:
        """Stop or go on fetching partitions."""

    async def tell_group(self, offsets: Mapping[TP, int]) -> None:
        """Let the consumer group know how far the shards are."""

    async def end_offsets(self, tps: list[TP]) -> Mapping[TP, int]:
        """The ends of what is committed."""


class Phase(StrEnum):
    """Where a shard is in its life."""

    OPENING = "opening"
    READY = "ready"
    CLOSING = "closing"


@dataclass(frozen=True, slots=True)
class Job:
    """A stage or sink with the names its input topics have on the broker, and what makes its shards."""

    name: str
    topics: Mapping[str, str]  # name on the broker -> the contract's name
    make: Callable[[int], Shard]
    is_sink: bool = False


@dataclass(slots=True)
class Held:
    """One shard in this worker's hands."""

    job: Job
    partition: int
    shard: Shard
    inbox: Inbox
    phase: Phase = Phase.OPENING
    tokens: dict[TP, int] = field(default_factory=dict)
    held_back: bool = False
    lag: int | None = None  # not known before the first look at the broker
    task: asyncio.Task[None] | None = None

    @property
    def tps(self) -> list[TP]:
        """The shard's input partitions."""
        return [TP(topic, self.partition) for topic in self.job.topics]


class Crew:
    """All shards of a worker. Everything here runs in the main loop."""

    def __init__(
        self,
        jobs: Collection[Job],
        *,
        make_inbox: Callable[[], Inbox],
        fail: Callable[[str, BaseException], None],
        lagged: Callable[[str, int, int], None],
        phased: Callable[[str, int, Phase], None],
        assigned: Callable[[], None],
        settled: Callable[[int], None],
    ) -> None:
        """``fail`` ends the process, told the stage; ``lagged`` and ``phased`` are told of a shard's lag and phase.

        ``assigned`` is told of each assignment, ``settled``, with their number, that all its shards are ready.
        """
        self._jobs, self._make_inbox = jobs, make_inbox
        self._fail, self._lagged, self._phased = fail, lagged, phased
        self._assigned, self._settled = assigned, settled
        self._reader: Reader | None = None
        self._told: dict[TP, int] = {}
        self._moved = asyncio.Event()  # a shard is farther than the group was told
        self.held: list[Held] = []
        self._by_tp: dict[TP, Held] = {}
        self.is_assigned = False

    def attach(self, reader: Reader) -> None:
        """Who fetches for the shards from now on."""
        self._reader = reader

    def assign(self, assigned: Collection[TP]) -> None:
        """Open the shards of these partitions, each in a task of its own."""
        self.is_assigned = True
        self._assigned()
        for job in self._jobs:
            numbers = {tp.partition for tp in assigned if tp.topic in job.topics}
            for number in sorted(numbers):
                missing = [topic for topic in job.topics if TP(topic, number) not in assigned]
                if missing:
                    self._fail(
                        job.name,
                        NotCopartitionedError(f"{job.name}-{number}: {', '.join(missing)} went elsewhere"),
                    )
                self._hire(job, number)

    async def release(self) -> None:
        """Finish or abandon what is under way, and close all shards."""
        self.is_assigned = False
        leaving, self.held = self.held, []
        self._by_tp.clear()
        self._told.clear()
        for held in leaving:
            self._enter(held, Phase.CLOSING)
            held.inbox.clear()
            held.inbox.put("", held.partition, ())  # wakes it up
        tasks = [held.task for held in leaving if held.task is not None]
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=_RELEASE_PATIENCE_S)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def tell_group(self) -> None:
        """Keep the consumer group informed, for as long as the worker runs.

        One request for all shards, several times a second at most, instead of one in each transaction.
        """
        while True:
            await self._moved.wait()
            self._moved.clear()
            await self._tell()
            await asyncio.sleep(_TELL_EVERY_S)

    async def _tell(self) -> None:
        fresh = {tp: offset for tp, offset in self._offsets().items() if offset and self._told.get(tp) != offset}
        if fresh and self._reader is not None:
            await self._reader.tell_group(fresh)
            self._told.update(fresh)

    def _offsets(self) -> dict[TP, int]:
        return {
            TP(topic, held.partition): held.shard.next_offsets[name]
            for held in self.held
            if held.phase is Phase.READY
            for topic, name in held.job.topics.items()
        }

    def offer(self, fetched: Fetched) -> None:
        """Take a batch from an agent; one that was fetched before the last seek or rebalance is dropped."""
        held = self._by_tp.get(fetched.tp)
        if held is None or held.tokens.get(fetched.tp) != fetched.token:
            return
        held.inbox.put(held.job.topics[fetched.tp.topic], held.partition, fetched.records)
        self._balance(held)

    @property
    def is_ready(self) -> bool:
        """Whether all shards of the present assignment (which may be none) are at work."""
        return self.is_assigned and all(held.phase is Phase.READY for held in self.held)

    def partitions(self, name: str) -> list[int]:
        """The partitions of a stage that are ready here."""
        return [held.partition for held in self.held if held.job.name == name and held.phase is Phase.READY]

    def shards(self) -> list[Shard]:
        """The shards that are ready here."""
        return [held.shard for held in self.held if held.phase is Phase.READY]

    def gauge(self, standings: Mapping[TP, Standing]) -> None:
        """Work out each shard's lag. A transaction's marker behind the last record does not count."""
        for held in self.held:
            if held.phase is not Phase.READY:
                continue
            offsets = held.shard.next_offsets
            lag = 0
            for tp in held.tps:
                standing = standings.get(tp)
                if standing is not None and (standing.position < standing.end or held.inbox.records):
                    lag += max(0, standing.end - offsets[held.job.topics[tp.topic]])
            held.lag = lag
            self._lagged(held.job.name, held.partition, lag)

    def _hire(self, job: Job, partition: int) -> None:
        held = Held(job, partition, job.make(partition), self._make_inbox())
        self.held.append(held)
        self._by_tp.update(dict.fromkeys(held.tps, held))
        self._enter(held, Phase.OPENING)
        held.task = asyncio.create_task(self._work(held), name=f"{job.name}-{partition}")

    async def _work(self, held: Held) -> None:
        """A shard's life. An error ends the process: nothing may go on from a state that was not committed."""
        try:
            try:
                await self._open(held)
                while held.phase is Phase.READY:
                    await self._turn(held)
            finally:
                await held.shard.close()
        except asyncio.CancelledError:
            raise
        except Exception as error:  # noqa: BLE001  # whatever it is, it must not be outlived
            self._fail(held.job.name, error)

    async def _open(self, held: Held) -> None:
        offsets = await held.shard.open()
        if held.phase is not Phase.OPENING:
            return
        await self._refuse_replaced(held, offsets)
        self._read_from(held, offsets)
        if held.phase is Phase.OPENING:
            self._enter(held, Phase.READY)
            self._moved.set()
        if self.is_ready:
            self._settled(len(self.held))

    async def _turn(self, held: Held) -> None:
        await held.inbox.wait(_IDLE_S if held.job.is_sink else None)
        if held.phase is not Phase.READY:
            return
        batch = held.inbox.take()
        self._balance(held)
        if not batch and not held.job.is_sink:
            return
        began_s = time.monotonic()
        elsewhere = await held.shard.take(batch)
        self._moved.set()
        if elsewhere is not None:
            held.inbox.clear()
            self._read_from(held, elsewhere)
        if not held.inbox.is_worth_a_batch:
            await asyncio.sleep(min(_REST * (time.monotonic() - began_s), _REST_S_MAX))

    async def _refuse_replaced(self, held: Held, offsets: Mapping[str, int]) -> None:
        if self._reader is None or held.job.is_sink:
            return
        seen = {TP(topic, held.partition): offsets[name] for topic, name in held.job.topics.items()}
        ends = await self._reader.end_offsets([tp for tp, offset in seen.items() if offset])
        for tp, end in ends.items():
            if end < seen[tp]:
                raise InputReplacedError(held.job.name, tp, seen[tp], end)

    def _read_from(self, held: Held, offsets: Mapping[str, int]) -> None:
        if self._reader is None:
            raise RuntimeError("the crew has no reader yet")
        start = {TP(topic, held.partition): offsets[name] for topic, name in held.job.topics.items()}
        held.tokens = dict.fromkeys(start, self._reader.read_from(start))
        held.held_back = False

    def _balance(self, held: Held) -> None:
        """Back-pressure: a shard that does not keep up is not fetched for."""
        if self._reader is None or held.phase is not Phase.READY:
            return
        if held.held_back and held.inbox.is_low:
            held.held_back = False
            self._reader.hold_back(held.tps, held=False)
        elif not held.held_back and held.inbox.is_full:
            held.held_back = True
            self._reader.hold_back(held.tps, held=True)

    def _enter(self, held: Held, phase: Phase) -> None:
        held.phase = phase
        self._phased(held.job.name, held.partition, phase)
