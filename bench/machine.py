"""Servers, namespaces, topics and workers of a bench run: all its own, and all gone afterwards."""

from __future__ import annotations

import asyncio
import dataclasses
import os
import re
import secrets
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.request import urlopen

import redis
from aiokafka import AIOKafkaProducer

from bench.records import Journaled
from connectors import broker
from domain.settings import Settings
from domain.topics import TOPICS
from fundwatch.environment import configured, declared, environ_of
from fundwatch.services import parts, processes, system
from fundwatch.services.ports import free_port

PROJECT = Path(__file__).parents[1]
PARTITIONS = 4
# A worker that is not ready by then will not be: on a busy machine it takes 10 s.
_READY_S_MAX = 120.0
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_SAMPLE = re.compile(r"^fundwatch_(\w+)_total\{(.*)\} (\S+)$", re.MULTILINE)
_STAGE = re.compile(r'stage="(\w+)"')


class Rate(NamedTuple):
    """Records a second of wall time, and of processor time of the process that handles them."""

    per_s: float
    per_cpu_s: float


class Progress(NamedTuple):
    """What a worker has committed by a moment: records by stage, findings and alerts."""

    at_s: float
    cpu_s: float
    records: Counter[str]
    findings: int
    alerts: int


@contextmanager
def servers() -> Iterator[Settings]:
    """A real Kafka and a real Redis, unless the environment names some, under a supervisor that ends with us."""
    # The project's own home folder holds the jars already; the namespace keeps the rest apart.
    own = {"home": str(PROJECT / ".fundwatch"), "namespace": f"bench-{os.getpid()}", "clock": "manual"}
    plain = declared(**own)
    missing = [name for name, given in ((parts.KAFKA, plain.kafka), (parts.REDIS, plain.redis)) if not given]
    try:
        system.start(plain, missing, tell, owner=processes.identity_of(os.getpid()))
        yield configured(**own)
    finally:
        system.stop(plain, tell)
        system.erase(plain)


@contextmanager
def namespace(given: Settings, names: Iterable[str] = ()) -> Iterator[Settings]:
    """Settings of a fresh system on these servers, with these topics made (none named: all)."""
    wanted = set(names)
    with tempfile.TemporaryDirectory(prefix="fundwatch-bench-") as home:
        mine = dataclasses.replace(
            given, namespace=f"bench-{secrets.token_hex(4)}", home=home, clock="manual", partitions=PARTITIONS
        )
        try:
            broker.create_topics(mine, [topic for topic in TOPICS if not wanted or topic.name in wanted])
            yield mine
        finally:
            broker.delete_topics(mine)
            with redis.Redis.from_url(mine.redis) as store:
                for key in store.scan_iter(match=mine.redis_key("*"), count=1_000):
                    store.delete(key)


class Worker:
    """One worker process."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, log: Path) -> None:
        self.process, self.port, self._log = process, port, log

    @property
    def is_ready(self) -> bool:
        """Whether all its shards are at work."""
        try:
            with urlopen(f"http://127.0.0.1:{self.port}/health/ready", timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def progress(self) -> Progress:
        """What it has committed by now. Asking costs it a few milliseconds, so not too often."""
        with urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=30) as answer:
            text = answer.read().decode()
        records: Counter[str] = Counter()
        others: Counter[str] = Counter()
        for name, labels, value in _SAMPLE.findall(text):
            others[name] += int(float(value))
            if name == "records":
                records[_STAGE.findall(labels)[0]] = int(float(value))
        return Progress(time.monotonic(), cpu_s(self.process.pid), records, others["findings"], others["alerts"])

    def wait_until_ready(self) -> None:
        """Return when it is ready; AssertionError with its log when it does not become so."""
        deadline_s = time.monotonic() + _READY_S_MAX
        while not self.is_ready:
            self.assert_lives()
            assert time.monotonic() < deadline_s, self._log.read_text()
            time.sleep(0.05)

    def assert_lives(self) -> None:
        """Fail with its log when it has ended."""
        assert self.process.poll() is None, self._log.read_text()

    def kill(self) -> None:
        """As a power cut would."""
        self.process.kill()
        self.process.wait()


@contextmanager
def worker(settings: Settings, stages: str = "", name: str = "worker-1", port: int = 0) -> Iterator[Worker]:
    """`fundwatch worker` as a process of its own, started and not waited for; ended in order afterwards.

    One that is started again under its name has to get its old port, as the supervisor sees to: Faust refuses an
    assignment that was made for another address.
    """
    port = port or free_port()
    environ = os.environ | environ_of(dataclasses.replace(settings, metrics_port=port, worker=name))
    log = Path(settings.home) / f"{name}-{port}.log"
    command = [sys.executable, "-m", "fundwatch", "worker", *(("--stages", stages) if stages else ())]
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=PROJECT, env=environ, stdout=out, stderr=out)
    try:
        yield Worker(process, port, log)
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def cpu_s(pid: int) -> float:
    """Processor time of a process so far."""
    # The program's name, in brackets, may hold anything; the fields begin after the last bracket.
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS_PER_S


def fill(settings: Settings, topic: str, journals: Sequence[Sequence[Journaled]]) -> None:
    """Put records into a topic as fast as it goes; one sequence per partition."""
    asyncio.run(_fill(settings, topic, journals))


async def _fill(settings: Settings, topic: str, journals: Sequence[Sequence[Journaled]]) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=settings.kafka, max_batch_size=500_000, acks="all")
    await producer.start()
    try:
        for partition, records in enumerate(journals):
            under_way, batch = [], producer.create_batch()
            for record in records:
                if batch.append(timestamp=None, key=record.key, value=record.value) is None:
                    sent = await producer.send_batch(batch, settings.topic(topic), partition=partition)
                    under_way.append(sent)
                    batch = producer.create_batch()
                    batch.append(timestamp=None, key=record.key, value=record.value)
            under_way.append(await producer.send_batch(batch, settings.topic(topic), partition=partition))
            await asyncio.gather(*under_way)
    finally:
        await producer.stop()


def tell(line: str) -> None:
    """A line for whoever waits; figures go to standard output, this does not."""
    print(line, file=sys.stderr, flush=True)
