"""The Faust app of a worker: one agent per stage or sink, the clock, and the pages for people, probes and Prometheus.

An agent only passes on: decode -> step -> store -> emit is in the shard (`streams.shard`), which the crew
(`streams.crew`) runs side by side with the others.
"""

from __future__ import annotations

import gc
import logging
import os
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn, Protocol

import faust
import msgspec
from aiokafka.errors import KafkaError
from prometheus_client import CONTENT_TYPE_LATEST

from domain.settings import Settings
from domain.topics import INTAKE, RULE_FAILURES, RULE_SETS, changelog
from rules.thresholds import BUILT_IN
from streams import transport
from streams.changelog import CommitFailedError
from streams.clock import Clock
from streams.connection import TopicUnfitError, group, refuse_unfit_topics
from streams.crew import Crew, Job, Phase
from streams.failures import note_failure, noted_failures
from streams.follower import Follower
from streams.freshness import FreshnessWatch
from streams.health import WorkerHealth, health
from streams.inbox import Inbox
from streams.meters import Instruments
from streams.metrics import Metrics
from streams.rule_set_book import RuleSetBook
from streams.shard import Shard, SinkShard, StageShard
from streams.stage import Processor, Sink, Stage
from streams.state import shared_cache

log = logging.getLogger("fundwatch.worker")

# Not Python's own 1: in a supervisor's log it shows that the worker stopped itself on purpose.
EXIT_FAILED = 70


class WorkerApp(transport.BatchApp):
    """A Faust app with what a worker works with."""

    crew: Crew
    sinks: Sequence[Sink]
    needed: Sequence[str]
    follower: Follower | None = None

    async def on_start(self) -> None:
        """A worker on topics that do not fit together would lose the order that everything rests on."""
        try:
            await refuse_unfit_topics(self.settings, self.needed)
            if self.follower is not None:
                await self.follower.open()  # before any shard is opened: its state may name any of them
        except (TopicUnfitError, KafkaError) as error:
            fail(error)
        await super().on_start()

    async def on_stop(self) -> None:
        """Shards finish their batch and close before the connections under them go."""
        await self.crew.release()
        for sink in self.sinks:
            await sink.close()
        if self.follower is not None:
            await self.follower.close()
        await super().on_stop()

    def fail(self, error: BaseException) -> NoReturn:
        """End the process, from whatever thread."""
        fail(error)


class Watch(Protocol):
    """Something that measures now and then for as long as the worker runs."""

    def __call__(self, held: Callable[[str], Sequence[int]], metrics: Metrics) -> Awaitable[None]:
        """``held`` gives the partitions of a stage or sink that are ready here."""


@dataclass(frozen=True, slots=True)
class Work:
    """What a worker is to do: the stages and sinks it serves, and the labels its metrics can have."""

    stages: Sequence[Stage]
    sinks: Sequence[Sink] = ()
    book: RuleSetBook | None = None
    rules: tuple[str, ...] = ()
    watches: Sequence[Watch] = ()

    @property
    def inputs(self) -> dict[str, tuple[str, ...]]:
        """The topics of each stage and sink, by its name."""
        return {stage.name: stage.inputs for stage in self.stages} | {sink.name: sink.inputs for sink in self.sinks}

    @property
    def topics(self) -> tuple[str, ...]:
        """The topics that have to be there: inputs, changelogs, rule sets and what is told of them."""
        inputs = [topic for topics in self.inputs.values() for topic in topics]
        rule_sets = () if self.book is None else (RULE_SETS, RULE_FAILURES)
        return (*inputs, *(changelog(stage.name) for stage in self.stages), *rule_sets)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of stages and sinks."""
        return tuple(self.inputs)


def run_worker(settings: Settings, work: Work, *, host: str, port: int) -> NoReturn:
    """Run one worker in this process until a signal ends it in order (exit code 0) or it fails (`EXIT_FAILED`)."""
    _log_to_stderr(settings.log_level)
    app = build_app(settings, work, host=host, port=port)
    _spare_the_collector()
    worker = faust.Worker(app, quiet=True, redirect_stdouts=False, override_logging=False)
    worker.execute_from_commandline()


def build_app(settings: Settings, work: Work, *, host: str, port: int) -> WorkerApp:
    """The app, not started yet."""
    transport.register()
    folder = Path(settings.folder) / "faust"
    folder.mkdir(parents=True, exist_ok=True)
    metrics = Metrics({"stage": work.names, "rule": work.rules})
    for stage, failures in noted_failures(settings).items():
        metrics.count("commit_failures", stage, by=failures)
    instruments = Instruments(metrics, wall_clock_ms)
    app = WorkerApp(group(settings), **_configuration(settings, folder, host, port))
    app.settings, app.sinks, app.needed = settings, work.sinks, work.topics
    app.crew = _crew(settings, work, instruments)
    for name, topics in work.inputs.items():
        _add_agent(app, name, tuple(map(settings.topic, topics)))
    clock = Clock(
        settings,
        (lambda _: BUILT_IN) if work.book is None else work.book.version_at,
        held=lambda: app.crew.partitions(INTAKE),
        now=lambda: datetime.now(UTC),
        ticked=instruments.ticked,
    )
    awaited = {} if work.book is None else work.book.awaited
    fresh = FreshnessWatch(lambda: _processors(app.crew), metrics)
    app.task(fresh.run)

    def look() -> WorkerHealth:
        ticks = instruments.last_ticks
        return health(app.crew, work.names, ticks, clock, awaited=awaited, regions=fresh.regions)

    _add_pages(app, look, metrics)
    app.task(app.crew.tell_group)
    if work.book is not None:
        app.follower = Follower(settings, work.book.take, RULE_SETS)
        app.task(app.follower.follow)
    if INTAKE in work.names:
        app.task(clock.run)
    for watch in work.watches:
        _add_watch(app, watch, metrics)
    return app


def wall_clock_ms() -> int:
    """The wall clock; stages get it as an argument."""
    return time.time_ns() // 1_000_000


def fail(error: BaseException) -> NoReturn:
    """End the process at once, closing nothing in order.

    Another worker, or this one started again, goes on from what was committed; every orderly step taken here could
    build on what was not.
    """
    log.critical("the worker ends: %s: %s", type(error).__name__, error, exc_info=error)
    logging.shutdown()
    sys.stderr.flush()
    os._exit(EXIT_FAILED)


def _spare_the_collector() -> None:
    """Let Python look for cycles seldom, and never in what was loaded at the start.

    A batch makes tens of thousands of objects that end with it, and state rows are not tracked at all (`rules.state`),
    so there is hardly anything to find: the default would look 30 times a batch, a tenth of the judge's time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


def _log_to_stderr(level: str) -> None:
    """One line an event. The libraries tell their steps at INFO, in tables: only what goes wrong there is of use."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s", level=level, force=True)
    # Faust's services log under the module that their class is in.
    for name in ("aiokafka", "aiohttp", "faust", "mode", __name__, transport.__name__):
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLevelName(level)))


def _configuration(settings: Settings, folder: Path, host: str, port: int) -> dict[str, Any]:
    """Faust's settings. What it would do with tables, acknowledgements and commits is switched off or left idle."""
    return {
        "broker": f"{transport.SCHEME}://{settings.kafka}",
        "datadir": str(folder),
        "autodiscover": False,
        "topic_allow_declare": False,
        "topic_disable_leader": True,
        "consumer_group_instance_id": settings.topic(settings.worker) if settings.worker else "",
        "broker_session_timeout": settings.session_timeout_ms / 1000,
        "broker_heartbeat_interval": settings.heartbeat_interval_ms / 1000,
        "stream_wait_empty": False,
        "web_enabled": True,
        "web_bind": host,
        "web_host": host,
        "web_port": port,
        "worker_redirect_stdouts": False,
    }


def _crew(settings: Settings, work: Work, instruments: Instruments) -> Crew:
    cache, admit = shared_cache(), None if work.book is None else work.book.admit

    def stage_job(stage: Stage) -> Job:
        def make(partition: int) -> Shard:
            meter = instruments.meter(stage.name, partition)
            return StageShard(settings, stage, partition, cache=cache, meter=meter, clock=wall_clock_ms, admit=admit)

        return Job(stage.name, _on_broker(settings, stage.inputs), make)

    def sink_job(sink: Sink) -> Job:
        def make(partition: int) -> Shard:
            return SinkShard(sink, partition, instruments.meter(sink.name, partition))

        return Job(sink.name, _on_broker(settings, sink.inputs), make, is_sink=True)

    def phased(name: str, partition: int, phase: Phase) -> None:
        log.debug("%s-%d is %s", name, partition, phase)
        if phase is Phase.CLOSING:
            instruments.closed(name, partition)
        else:
            instruments.opened(name, partition, is_ready=phase is Phase.READY)

    def failed(name: str, error: BaseException) -> NoReturn:
        if isinstance(error, CommitFailedError):
            note_failure(settings, name)
        fail(error)

    def settled(shards: int) -> None:
        log.info("ready: %d shards", shards)

    return Crew(
        [*map(stage_job, work.stages), *map(sink_job, work.sinks)],
        make_inbox=lambda: Inbox(records_max=settings.batch_records_max, bytes_max=settings.batch_bytes_max),
        fail=failed,
        lagged=instruments.lagged,
        phased=phased,
        assigned=lambda: instruments.metrics.count("rebalances"),
        settled=settled,
    )


def _processors(crew: Crew) -> Iterator[Processor]:
    for shard in crew.shards():
        if isinstance(shard, StageShard) and shard.processor is not None:
            yield shard.processor


def _on_broker(settings: Settings, topics: Sequence[str]) -> dict[str, str]:
    return {settings.topic(topic): topic for topic in topics}


def _add_agent(app: WorkerApp, name: str, topics: tuple[str, ...]) -> None:
    """One agent: its stream's events are the batches that the transport fetched."""
    channel = app.topic(*topics, key_serializer="raw", value_serializer="raw", acks=False)

    async def work(stream: Any) -> None:
        async for event in stream.events():
            app.crew.offer(event.value)

    app.agent(channel, name=name)(work)


def _add_watch(app: WorkerApp, watch: Watch, metrics: Metrics) -> None:
    async def go_on() -> None:
        await watch(app.crew.partitions, metrics)

    app.task(go_on)


def _add_pages(app: WorkerApp, look: Callable[[], WorkerHealth], metrics: Metrics) -> None:
    """Pages on Faust's own web server. That it answers shows that the event loop goes round."""

    async def live(view: Any, _request: Any) -> Any:
        return view.text("alive")

    async def ready(view: Any, _request: Any) -> Any:
        is_ready = look().is_ready
        return view.text("ready" if is_ready else "not ready", status=200 if is_ready else 503)

    async def all_health(view: Any, _request: Any) -> Any:
        return view.bytes(msgspec.json.encode(look()), content_type="application/json")

    async def exposition(view: Any, _request: Any) -> Any:
        return view.bytes(metrics.exposition(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    app.page("/health/live", name="live")(live)
    app.page("/health/ready", name="ready")(ready)
    app.page("/health", name="health")(all_health)
    app.page("/metrics", name="metrics")(exposition)
