"""The flow of this system as a worker runs it: which stages and sinks there are, and what they are made of.

The one place where stages meet the processes; adding one is a line in `PARTS` and a function.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import AsyncExitStack
from datetime import datetime

import msgspec

from alerts.deliverer import Deliverer
from alerts.delivery import Depth, QueuesUnavailable
from alerts.queues import RedisQueues, connected
from alerts.routing import Section
from domain.intake import Reference
from domain.settings import Settings, names_in
from domain.topics import ALERTS, DESK, ENTERPRISE, INTAKE, JUDGE, PERSON, STAGES
from rules.catalogue import RULES
from rules.rule import Stage as RuleStage
from rules.selection import chosen_rules
from rules.thresholds import RuleSet
from streams.app import Work
from streams.desk import DeskStage
from streams.facts import FactStage
from streams.intake import IntakeStage
from streams.judge import JudgeStage
from streams.metrics import Metrics
from streams.rule_set_book import RuleSetBook, RuleSetWatch
from streams.stage import Record, SeekTo, Stage

log = logging.getLogger(__name__)

DELIVER = "deliver"
PARTS = (*STAGES, DELIVER)
# Queues change with every alert and every acknowledgement; a dashboard looks every 15 s.
_QUEUES_EVERY_S = 10.0


class _Emitted(msgspec.Struct):
    emitted_at: str


_emitted = msgspec.json.Decoder(_Emitted).decode


class UnknownStage(ValueError):
    """A name that is no stage; carries it and the names there are."""

    def __init__(self, name: str) -> None:
        super().__init__(f"no stage {name!r}; there are {', '.join(PARTS)}")
        self.name = name


def work_of(settings: Settings, names: Iterable[str] = PARTS) -> Work:
    """What a worker that serves these stages does. Raises UnknownStage, UnknownRule, RuleSetRefused."""
    chosen = frozenset(names)
    for name in chosen:
        if name not in PARTS:
            raise UnknownStage(name)
    rules = chosen_rules(RULES, names_in(settings.rules))
    book = RuleSetBook(RULES)
    rule_set = book.built_in
    stages: dict[str, Callable[[], Stage]] = {
        INTAKE: lambda: IntakeStage(Reference(partitions=settings.partitions)),
        JUDGE: lambda: JudgeStage(rules, rule_set, book.rule_sets, outputs_max=settings.batch_outputs_max),
        PERSON: lambda: FactStage(RuleStage.PERSON, rules, rule_set, book.rule_sets),
        ENTERPRISE: lambda: FactStage(RuleStage.ENTERPRISE, rules, rule_set, book.rule_sets),
        DESK: lambda: DeskStage(rules, rule_set, rule_sets=book.rule_sets),
    }
    made = [make() for name, make in stages.items() if name in chosen]
    sinks = [QueueSink(settings)] if DELIVER in chosen else []
    return Work(
        stages=made,
        sinks=sinks,
        book=book,
        rules=tuple(rule.id for rule in rules),
        watches=[*(sink.watch for sink in sinks), RuleSetWatch(book, tuple(stage.name for stage in made))],
    )


def reference_version(rule_set: RuleSet) -> str:
    """The version that ticks name: catalogue, region tree, profiles, parameters and calendar are built in."""
    return rule_set.version


class QueueSink:
    """The sections' queues in Redis as a sink of topic ``alerts``; one connection for all partitions of a worker."""

    name = DELIVER
    inputs = (ALERTS,)

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._open = AsyncExitStack()
        self._queues: RedisQueues | None = None

    def open(self, partition: int) -> QueueDelivery:
        """The delivery of one partition."""
        return QueueDelivery(self, partition)

    async def queues(self) -> RedisQueues:
        """The queues, connected at first use: a worker without this sink needs no Redis."""
        if self._queues is None:
            settings = self._settings
            prefix = settings.redis_key("")
            self._queues = await self._open.enter_async_context(
                connected(settings.redis, prefix=prefix, cafile=settings.redis_cafile)
            )
        return self._queues

    async def close(self) -> None:
        """Let go of the connection."""
        self._queues = None
        await self._open.aclose()

    async def watch(self, held: Callable[[str], Sequence[int]], metrics: Metrics) -> None:
        """Measure the queues of the partitions that are delivered here. An unreachable Redis is the sink's to tell."""
        while True:
            try:
                queues = await self.queues()
                depths = [
                    depth
                    for partition in held(DELIVER)
                    for depth in await queues.depths(await queues.queues(partition))
                ]
                _measure(depths, metrics, time.time())
            except QueuesUnavailable as error:
                log.warning("Redis does not answer, alerts wait in their topic: %s", error)
            await asyncio.sleep(_QUEUES_EVERY_S)


class QueueDelivery:
    """A deliverer that connects when it is opened."""

    def __init__(self, sink: QueueSink, partition: int) -> None:
        self._sink, self._partition = sink, partition
        self._deliverer: Deliverer | None = None

    async def open(self) -> int:
        """The offset to read from."""
        self._deliverer = Deliverer(await self._sink.queues(), self._partition)
        return await self._deliverer.open()

    async def step(self, records: Sequence[Record]) -> SeekTo | None:
        """Deliver a batch; see `Deliverer.step`."""
        if self._deliverer is None:
            raise RuntimeError("the delivery is not open")
        return await self._deliverer.step(records)


def _measure(depths: Iterable[Depth], metrics: Metrics, now_s: float) -> None:
    waiting: Counter[str] = Counter(dict.fromkeys(Section, 0))
    oldest_s: dict[str, float] = dict.fromkeys(Section, 0.0)
    for depth in depths:
        section = depth.queue.section
        waiting[section] += depth.unacknowledged
        if depth.oldest is not None:
            emitted = datetime.fromisoformat(_emitted(depth.oldest.record).emitted_at)
            age_s = now_s - emitted.timestamp()
            oldest_s[section] = max(oldest_s.get(section, 0.0), age_s)
    for section, entries in waiting.items():
        metrics.set("queue_depth", section, to=entries)
        metrics.set("queue_oldest_seconds", section, to=oldest_s[section])
