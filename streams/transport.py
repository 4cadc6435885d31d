"""A Faust transport that hands an agent one event per fetched partition batch instead of one per record.

Faust keeps what it is good at: group membership, the co-partitioned assignor, agents, timers, web, lifecycle. What
is replaced is the way of a record from the socket to the agent. A task in the consumer's thread (`_pump`) takes all
that was fetched at once, so the next fetch always asks for every partition again, and hands it to the main loop; there
it goes through Faust's conductor and stream as one message per partition.

Positions belong to the shards (`streams.shard`), not to the group: an assigned partition is held until its shard says
where to read from. Each such start of reading has a token, and every batch carries the token it was fetched under, so
whatever was fetched before a rebalance or a seek is recognised and dropped, however late it arrives.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any, NamedTuple, NoReturn, Protocol, cast

import faust
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError
from faust.app.base import BootStrategy
from faust.transport.drivers import TRANSPORTS
from faust.transport.drivers import aiokafka as driver
from faust.types import TP, ConsumerMessage

from domain.settings import Settings
from streams.connection import client_arguments
from streams.reading import FetchedRecord, fetch_lean

SCHEME = "fundwatch"
# One hand-over from the thread; more only makes the two threads wait for each other longer.
_PUMP_RECORDS_MAX = 5_000
# How long an idle broker holds a fetch open. A record ends it at once, so this costs no delay; it bounds how soon a
# partition that was held back is asked for again (the client has one fetch per broker under way).
_FETCH_WAIT_MS = 250
# Answers as a whole and per partition. A batch larger than the second (8 MiB by the topics' limits) is sent whole when
# its partition is the answer's first. The first times four is what a worker may hold of fetched but not taken records.
_FETCH_BYTES_MAX = 16 << 20
_PARTITION_BYTES_MAX = 2 << 20
# Every fetch asks for all partitions and is answered with all, 84 for a worker that does everything: about 4 ms of
# computing here and as much in the broker. Fetching on while records trickle in, one by one, would take a whole core.
_PUMP_REST_S = 0.02
_GAUGE_EVERY_S = 1.0


class Fetched(NamedTuple):
    """What one fetch brought of one partition: the value of the event that an agent gets."""

    tp: TP
    token: int
    records: list[FetchedRecord]


class Standing(NamedTuple):
    """Where the consumer stands in a partition: the next offset it fetches, and the end of what is committed."""

    position: int
    end: int


class Holder(Protocol):
    """Who holds what is assigned to this worker (`streams.crew`). All of it is called in the main loop."""

    def attach(self, reader: BatchConsumer) -> None:
        """Called once, before anything else: who fetches for it."""

    def assign(self, assigned: set[TP]) -> None:
        """Partitions were given to this worker. Must not wait."""

    async def release(self) -> None:
        """They are taken away again: finish or abandon what is under way. The rebalance waits for it."""

    def gauge(self, standings: Mapping[TP, Standing]) -> None:
        """How far the consumer is, about once a second."""


class _NoProducer(BootStrategy):
    """Faust's own producer is left out: nothing here sends through it, and it knows nothing of TLS and SASL."""

    enable_kafka_producer = False


class BatchApp(faust.App):
    """What an app must have to run on this transport."""

    BootStrategy = _NoProducer
    settings: Settings
    crew: Holder

    def fail(self, error: BaseException) -> NoReturn:
        """End the process, from whatever thread."""
        raise NotImplementedError


class BatchConsumerThread(driver.AIOKafkaConsumerThread):
    """The consumer's own thread and event loop: heartbeats go on whatever the stages compute."""

    app: BatchApp
    consumer: BatchConsumer

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._tokens: dict[TopicPartition, int] = {}

    async def on_start(self) -> None:
        """Start the consumer and the pump."""
        await super().on_start()
        self.add_future(self._pump(self._ensure_consumer()))

    def hold(self, assigned: Iterable[TopicPartition]) -> None:
        """Fetch nothing of new partitions before their shards say from where. Called in this thread."""
        self._tokens.clear()
        self._ensure_consumer().pause(*assigned)

    def read_from(self, offsets: Mapping[TP, int], token: int) -> None:
        """Go on fetching these partitions from these offsets. Called from the main thread."""

        def start() -> None:
            consumer = self._ensure_consumer()
            for tp, offset in offsets.items():
                partition = TopicPartition(*tp)
                if partition in consumer.assignment():
                    consumer.seek(partition, offset)
                    consumer.resume(partition)
                    self._tokens[partition] = token

        self._call_here(start)

    def hold_back(self, tps: Iterable[TP], *, held: bool) -> None:
        """Stop or go on fetching these partitions where they are. Called from the main thread."""
        partitions = [TopicPartition(*tp) for tp in tps]

        def change() -> None:
            consumer = self._ensure_consumer()
            mine = [tp for tp in partitions if tp in consumer.assignment() and tp in self._tokens]
            (consumer.pause if held else consumer.resume)(*mine)

        self._call_here(change)

    async def tell_group(self, offsets: Mapping[TP, int]) -> None:
        """Let the group know how far the shards are. Called from the main thread; for outsiders, so it may fail."""
        await self.call_thread(self._tell_group, {TopicPartition(*tp): offset for tp, offset in offsets.items()})

    async def _tell_group(self, offsets: Mapping[TopicPartition, int]) -> None:
        consumer = self._ensure_consumer()
        mine = {tp: offset for tp, offset in offsets.items() if tp in consumer.assignment()}
        if mine:
            with suppress(KafkaError):
                await consumer.commit(mine)

    async def end_offsets(self, tps: list[TP]) -> dict[TP, int]:
        """The ends of what is committed. Called from the main thread."""
        ends = await self.call_thread(self._ensure_consumer().end_offsets, [TopicPartition(*tp) for tp in tps])
        return {TP(*tp): end for tp, end in ends.items()}

    def _call_here(self, change: Callable[[], None]) -> None:
        """Run ``change`` in this thread. An error in it would only be logged by the event loop; it ends the worker."""

        def guarded() -> None:
            try:
                change()
            except Exception as error:  # noqa: BLE001  # whatever it is, a partition would stay unread
                self.app.fail(error)

        self.thread_loop.call_soon_threadsafe(guarded)

    def _create_worker_consumer(self, transport: driver.Transport) -> AIOKafkaConsumer:  # noqa: ARG002 - Faust's signature
        """The same group member as Faust's own, but always with its assignor, and reading committed records only."""
        settings = self.app.settings
        # Faust would deal the partitions of each topic out on their own where an app has no tables; a shard needs
        # the same partition number of all its stage's topics.
        self._assignor = self.app.assignor
        return AIOKafkaConsumer(
            **client_arguments(settings),
            client_id=self.app.conf.broker_client_id,
            group_id=self.app.conf.id,
            group_instance_id=self.app.conf.consumer_group_instance_id or None,
            partition_assignment_strategy=[self._assignor],
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            session_timeout_ms=settings.session_timeout_ms,
            heartbeat_interval_ms=settings.heartbeat_interval_ms,
            # How long the broker waits for members that are still finishing their batch.
            rebalance_timeout_ms=10 * settings.session_timeout_ms,
            max_poll_interval_ms=3_600_000,
            fetch_max_wait_ms=_FETCH_WAIT_MS,
            fetch_max_bytes=_FETCH_BYTES_MAX,
            max_partition_fetch_bytes=_PARTITION_BYTES_MAX,
        )

    async def _pump(self, consumer: AIOKafkaConsumer) -> None:
        """Take what was fetched as soon as it is there, and hand it to the main loop."""
        arrived = self.consumer.arrived
        gauged_s = 0.0
        while not self.should_stop:
            fetched = await consumer.getmany(timeout_ms=1_000, max_records=_PUMP_RECORDS_MAX)
            tokens = self._tokens
            batches = [Fetched(TP(*tp), tokens[tp], records) for tp, records in fetched.items() if tp in tokens]
            if batches:
                self.parent_loop.call_soon_threadsafe(arrived, batches)
                await asyncio.sleep(_PUMP_REST_S)
            if time.monotonic() - gauged_s > _GAUGE_EVERY_S:
                gauged_s = time.monotonic()
                standings = await self._standings(consumer)
                self.parent_loop.call_soon_threadsafe(self.app.crew.gauge, standings)

    async def _standings(self, consumer: AIOKafkaConsumer) -> dict[TP, Standing]:
        standings = {}
        for tp in tuple(self._tokens):
            end = consumer.last_stable_offset(tp)
            if end is not None:
                standings[TP(*tp)] = Standing(await consumer.position(tp), end)
        return standings


class RebalanceListener(driver.ConsumerRebalanceListener):
    """Faust's listener, with new partitions held before anything else can fetch from them."""

    _thread: BatchConsumerThread

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Called in the consumer's thread when the group has a new generation."""
        self._thread.hold(assigned)
        await super().on_partitions_assigned(assigned)


class BatchConsumer(driver.Consumer):
    """The main loop's side. Acknowledging and committing offsets is the shards' business, so Faust's is left idle."""

    RebalanceListener = RebalanceListener
    app: BatchApp
    _thread: BatchConsumerThread

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._fetched: asyncio.Queue[Fetched] = asyncio.Queue()
        self.app.crew.attach(self)
        self._token = itertools.count(1)

    def arrived(self, batches: list[Fetched]) -> None:
        """Called in the main loop by the pump."""
        for batch in batches:
            self._fetched.put_nowait(batch)

    def read_from(self, offsets: Mapping[TP, int]) -> int:
        """Have these partitions fetched from these offsets; returns the token that the batches will carry."""
        token = next(self._token)
        self._thread.read_from(offsets, token)
        return token

    def hold_back(self, tps: Iterable[TP], *, held: bool) -> None:
        """Stop or go on fetching these partitions."""
        self._thread.hold_back(tps, held=held)

    async def tell_group(self, offsets: Mapping[TP, int]) -> None:
        """Let the group know how far the shards are."""
        await self._thread.tell_group(offsets)

    async def end_offsets(self, tps: list[TP]) -> dict[TP, int]:
        """The ends of what is committed."""
        ends: dict[TP, int] = await self._thread.end_offsets(tps)
        return ends

    async def perform_seek(self) -> None:
        """Faust would go to the group's offsets here; shards say themselves where to read from."""

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Faust stops the flow; then shards finish what they are at and close. The rebalance waits for it."""
        await super().on_partitions_revoked(revoked)
        await self.app.crew.release()

    async def on_partitions_assigned(self, assigned: set[TP], generation_id: int = 0) -> None:
        """Shards open side by side while the group goes on."""
        await super().on_partitions_assigned(assigned, generation_id)
        self.app.crew.assign(assigned)

    def verify_event_path(self, now: float, tp: TP) -> None:
        """Faust looks here whether its own commits go on; a shard that does not go on is seen in its lag."""

    def _new_consumer_thread(self) -> BatchConsumerThread:
        return BatchConsumerThread(self, loop=self.loop, beacon=self.beacon)

    async def _drain_messages(self, fetcher: Any) -> None:
        """Faust's fetcher runs this: batches on to the agents, one message each."""
        while not (self.should_stop or fetcher.should_stop):
            await self.callback(self._message(await self._fetched.get()))

    def _message(self, batch: Fetched) -> ConsumerMessage:
        last = batch.records[-1]
        return ConsumerMessage(
            batch.tp.topic,
            batch.tp.partition,
            last.offset,
            last.timestamp / 1000,
            last.timestamp_type,
            headers=None,
            key=None,
            value=cast("bytes", batch),  # Faust passes it on as it is: the agents' topics have the codec "raw"
            checksum=None,
            tp=batch.tp,
            generation_id=self.app.consumer_generation_id,
        )


class BatchTransport(driver.Transport):
    """Kafka by micro-batches, for broker URLs ``fundwatch://host:port``."""

    Consumer = BatchConsumer


def register() -> None:
    """Make the scheme known to Faust."""
    fetch_lean()
    TRANSPORTS.aliases[SCHEME] = f"{__name__}:{BatchTransport.__qualname__}"
