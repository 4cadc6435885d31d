"""A worker in a process of its own, running the sample stage: to be killed, stopped and started again by tests."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import msgspec
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.consumer.fetcher import ConsumerRecord

from connectors import broker
from domain.settings import Settings
from domain.topics import Cleanup, Topic
from fundwatch.environment import environ_of
from fundwatch.services.ports import free_port
from streams.connection import group
from tests.waiting import PATIENCE_S, until

SCRIPT = Path(__file__).parents[2] / "bench" / "tally_worker.py"
INPUT, OUTPUT, CHANGELOG = "numbers", "totals", "changelog.tally.0"


def make_topics(settings: Settings) -> None:
    """The topics of one tally."""
    topics = [Topic(INPUT, Cleanup.DAYS_30), Topic(OUTPUT, Cleanup.DAYS_30), Topic(CHANGELOG, Cleanup.COMPACT)]
    broker.create_topics(settings, topics)


class WorkerProcess:
    """One worker, which may be started again under the same name."""

    def __init__(self, settings: Settings, name: str, folder: Path) -> None:
        self._settings, self._log = settings, folder / f"{name}.log"
        self._environ = os.environ | environ_of(settings) | {"FUNDWATCH_WORKER": name}
        self._port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, and do not wait."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, str(SCRIPT), "1", str(self._port)], env=self._environ, stdout=log, stderr=log
            )

    @property
    def process(self) -> subprocess.Popen[bytes]:
        """The present run."""
        assert self._process is not None
        return self._process

    @property
    def log(self) -> str:
        """All that it has written, of all its runs."""
        return self._log.read_text(errors="replace")

    def is_ready(self) -> bool:
        """Whether all its shards are at work. Starts it again when it has ended, as a supervisor does."""
        if self.process.poll() is not None:
            self.start()
        try:
            with urlopen(f"http://127.0.0.1:{self._port}/health/ready", timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def partitions(self) -> list[int]:
        """The partitions that it works on now."""
        try:
            with urlopen(f"http://127.0.0.1:{self._port}/health", timeout=2) as answer:
                shards = msgspec.json.decode(answer.read())["shards"]
        except OSError:
            return []
        return [shard["partition"] for shard in shards if shard["phase"] == "ready"]

    def until_ready(self) -> None:
        """Wait for it."""
        until(self.is_ready, f"a worker ready\n{self.log}")

    def send(self, number: signal.Signals) -> None:
        """Send a signal."""
        self.process.send_signal(number)

    def kill(self) -> None:
        """Kill -9, and wait until it is gone."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        """End it in order; returns the exit code."""
        self.send(signal.SIGTERM)
        return self.process.wait(PATIENCE_S)


@contextmanager
def workers(settings: Settings, folder: Path, names: Iterable[str]) -> Iterator[list[WorkerProcess]]:
    """Workers at work; whatever the test did to them, none is left."""
    running = [WorkerProcess(settings, name, folder) for name in names]
    try:
        for worker in running:
            worker.start()
        for worker in running:
            worker.until_ready()
        yield running
    finally:
        for worker in running:
            worker.kill()


def publish(settings: Settings, numbers: Iterable[tuple[bytes, int, int]]) -> None:
    """Send (key, number, partition)."""
    producer = KafkaProducer(bootstrap_servers=settings.kafka, acks="all", linger_ms=5)
    for key, number, partition in numbers:
        producer.send(settings.topic(INPUT), key=key, value=b"%d" % number, partition=partition)
    producer.flush()
    producer.close()


def committed(settings: Settings, topic: str) -> list[ConsumerRecord]:
    """All that a reader of committed records finds in a topic now, partition after partition."""
    consumer = KafkaConsumer(
        bootstrap_servers=settings.kafka, isolation_level="read_committed", enable_auto_commit=False
    )
    tps = [TopicPartition(settings.topic(topic), partition) for partition in range(settings.partitions)]
    consumer.assign(tps)
    consumer.seek_to_beginning()
    ends = consumer.end_offsets(tps)
    found: dict[TopicPartition, list[ConsumerRecord]] = {tp: [] for tp in tps}
    while any(consumer.position(tp) < ends[tp] for tp in tps):
        for tp, records in consumer.poll(timeout_ms=200).items():
            found[tp].extend(records)
    consumer.close()
    return [record for tp in tps for record in found[tp]]


def applied(settings: Settings) -> int:
    """How many input records the workers have told their group they are through with."""
    consumer = KafkaConsumer(bootstrap_servers=settings.kafka, group_id=group(settings), enable_auto_commit=False)
    tps = [TopicPartition(settings.topic(INPUT), partition) for partition in range(settings.partitions)]
    offsets = [consumer.committed(tp) or 0 for tp in tps]
    consumer.close()
    return sum(offsets)
