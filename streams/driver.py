"""The flow without broker or disk: feeds records to stages, chains them by topic, and crashes, rebalances and replays.

Ships with the product because every stage's tests stand on it. Crash, redelivery and rebalance are inputs like
records are::

    driver = Driver([IntakeStage(...), JudgeStage(...)], partitions=2)
    driver.feed("treasury.payments", b"652722", payment)
    driver.crash("judge", Crash.AFTER_COMMIT)       # at its next batch
    driver.run()
    driver.records("findings")                      # what a committed reader sees

It keeps what a broker keeps (topics, changelogs, committed in one step per batch) and what a worker's disk keeps, and
loses of the latter what a crash at that moment loses.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from random import Random

from streams.partition import StagePartition, Turn
from streams.stage import Output, Record, Stage
from streams.state import RESERVED, MemoryRows


class Crash(Enum):
    """The moments at which a worker can be killed that make a difference."""

    BEFORE_COMMIT = auto()  # stepped, transaction open: the broker aborts it
    AFTER_COMMIT = auto()  # committed, the local disk not yet written
    AFTER_APPLY = auto()  # committed and written


class CrashedError(Exception):
    """Raised inside the driver where a worker would die; `Driver.run` starts the next worker."""


@dataclass(slots=True)
class _Disk:
    """A worker's local copy of one shard's rows, and how much of the changelog is in it."""

    rows: MemoryRows = field(default_factory=MemoryRows)
    position: int = 0


@dataclass(slots=True)
class _Shard:
    """One stage on one partition, on the disk of the worker that holds it."""

    stage: Stage
    partition: int
    changelog: list[tuple[bytes, bytes | None]] = field(default_factory=list)
    disks: dict[str, _Disk] = field(default_factory=dict)
    holder: str = "worker-1"
    opened: StagePartition | None = None
    read: dict[str, int] = field(default_factory=dict)  # the consumer's position by topic
    crash: Crash | None = None
    restored_rows: int = 0  # by the last opening

    def open(self) -> StagePartition:
        """What a worker does when it is given the shard: restore from the changelog, then go on."""
        disk = self.disks.setdefault(self.holder, _Disk())
        missing = self.changelog[disk.position :]
        disk.rows.apply(dict(missing))
        disk.position, self.restored_rows = len(self.changelog), len(missing)
        self.opened = StagePartition(self.stage, self.partition, disk.rows, lineage=b"driver")
        self.read = dict(self.opened.next_offsets)
        return self.opened


class Driver:
    """A broker, workers and stages in one thread. Deterministic: the same calls give the same records."""

    def __init__(
        self, stages: Iterable[Stage], *, partitions: int = 1, batch_records_max: int = 100, now_ms: int = 0
    ) -> None:
        self.partitions = partitions
        self._batch_records_max = batch_records_max
        self.now_ms = now_ms
        self._topics: dict[str, list[list[Record]]] = defaultdict(lambda: [[] for _ in range(partitions)])
        self._shards = [_Shard(stage, number) for stage in stages for number in range(partitions)]

    # --- input ---------------------------------------------------------------------------------------------------

    def feed(self, topic: str, key: bytes | None, value: bytes | None, *, partition: int = 0) -> None:
        """Append one record to a topic."""
        self._append(topic, partition, key, value)

    def redeliver(self, topic: str, *, partition: int = 0, share: float = 1.0, seed: int = 0) -> None:
        """An upstream sends again: records of the topic, chosen by ``seed``, are appended once more."""
        chosen = Random(seed)  # noqa: S311  # repeatable, not secret
        for record in list(self._topics[topic][partition]):
            if chosen.random() < share:
                self._append(topic, partition, record.key, record.value)

    def replay(self, stage: str, *, partition: int | None = None) -> None:
        """The broker hands a stage everything again from the beginning (a lost or stale committed offset)."""
        for shard in self._chosen(stage, partition):
            if shard.opened is None:
                shard.open()
            shard.read = dict.fromkeys(shard.stage.inputs, 0)

    def crash(self, stage: str, moment: Crash, *, partition: int = 0) -> None:
        """The worker that holds the shard dies at ``moment`` of its next batch, and another run of it goes on."""
        for shard in self._chosen(stage, partition):
            shard.crash = moment

    def rebalance(self, stage: str, worker: str, *, partition: int = 0) -> None:
        """The shard moves to ``worker``, whose disk may be empty, old or lost."""
        for shard in self._chosen(stage, partition):
            shard.holder, shard.opened = worker, None

    def lose_disk(self, stage: str, *, partition: int = 0) -> None:
        """The holder's local copy is gone, and its process with it."""
        for shard in self._chosen(stage, partition):
            shard.disks.pop(shard.holder, None)
            shard.opened = None

    def compact(self, stage: str, *, partition: int = 0) -> None:
        """The broker keeps the last record of each key only. Local copies are rebuilt, as their positions are gone."""
        for shard in self._chosen(stage, partition):
            last = dict(shard.changelog)
            shard.changelog = [(key, value) for key, value in last.items() if value is not None]
            shard.disks.clear()
            shard.opened = None

    # --- running -------------------------------------------------------------------------------------------------

    def run(self, *, order: Random | None = None) -> None:
        """Go on until every stage has taken all its input. ``order`` draws whose turn it is, and from which topic."""
        while busy := [shard for shard in self._shards if self._waiting(shard)]:
            self.turn(order.choice(busy) if order else busy[0], order=order)

    def turn(self, shard: _Shard, *, order: Random | None = None) -> None:
        """One batch of one shard, with the crash that waits for it."""
        opened = shard.opened or shard.open()
        batch: Sequence[Record] = self._fetch(shard, order)
        try:
            while batch:
                turn = opened.take(batch, self.now_ms)
                self._commit(shard, opened, turn)
                batch = turn.left
        except CrashedError:
            shard.opened = None

    # --- output --------------------------------------------------------------------------------------------------

    def records(self, topic: str, *, partition: int | None = None) -> list[Record]:
        """What a reader of committed records sees, partition after partition."""
        numbers = range(self.partitions) if partition is None else (partition,)
        return [record for number in numbers for record in self._topics[topic][number]]

    def values(self, topic: str, *, partition: int | None = None) -> list[bytes | None]:
        """The values of `records`."""
        return [record.value for record in self.records(topic, partition=partition)]

    def rows(self, stage: str, *, partition: int = 0) -> Mapping[bytes, bytes]:
        """The stage's rows on the disk of the worker that holds the shard, without the shard's own."""
        (shard,) = self._chosen(stage, partition)
        if shard.opened is None:
            shard.open()
        rows = shard.disks[shard.holder].rows.snapshot()
        return {key: value for key, value in rows.items() if not key.startswith(RESERVED)}

    def changelog(self, stage: str, *, partition: int = 0) -> Sequence[tuple[bytes, bytes | None]]:
        """The shard's changelog as it was committed."""
        (shard,) = self._chosen(stage, partition)
        return tuple(shard.changelog)

    def restored_rows(self, stage: str, *, partition: int = 0) -> int:
        """How many changelog records the last opening of the shard read."""
        (shard,) = self._chosen(stage, partition)
        return shard.restored_rows

    # --- inside --------------------------------------------------------------------------------------------------

    def _commit(self, shard: _Shard, opened: StagePartition, turn: Turn) -> None:
        moment, shard.crash = shard.crash, None
        if moment is Crash.BEFORE_COMMIT:
            raise CrashedError
        shard.changelog.extend(turn.changes.items())
        for output in turn.outputs:
            self._output(shard.partition, output)
        if moment is Crash.AFTER_COMMIT:
            raise CrashedError
        disk = shard.disks[shard.holder]
        disk.rows.apply(turn.changes)
        disk.position = len(shard.changelog)
        if moment is Crash.AFTER_APPLY:
            raise CrashedError
        opened.settle()

    def _output(self, partition: int, output: Output) -> None:
        for number in output.partitions(partition, self.partitions):
            self._append(output.topic, number, output.key, output.value)

    def _append(self, topic: str, partition: int, key: bytes | None, value: bytes | None) -> None:
        log = self._topics[topic][partition]
        log.append(Record(topic, partition, len(log), key, value, self.now_ms))

    def _waiting(self, shard: _Shard) -> list[str]:
        if shard.opened is None:
            shard.open()
        return [topic for topic in shard.stage.inputs if shard.read[topic] < len(self._topics[topic][shard.partition])]

    def _fetch(self, shard: _Shard, order: Random | None) -> list[Record]:
        """Up to a batch of records, each topic's in order; topics take turns as drawn."""
        batch: list[Record] = []
        while len(batch) < self._batch_records_max and (topics := self._waiting(shard)):
            topic = order.choice(topics) if order else topics[0]
            count = order.randint(1, self._batch_records_max) if order else self._batch_records_max
            start = shard.read[topic]
            records = self._topics[topic][shard.partition][start : start + min(count, self._batch_records_max)]
            batch.extend(records[: self._batch_records_max - len(batch)])
            shard.read[topic] = batch[-1].offset + 1
        return batch

    def _chosen(self, stage: str, partition: int | None) -> list[_Shard]:
        chosen = [s for s in self._shards if s.stage.name == stage and partition in (None, s.partition)]
        if not chosen:
            raise KeyError(f"no stage {stage!r} with a partition {partition}")
        return chosen
