"""How fast and how late are batches on the project's transport? Figures for docs/adr/0002.

Usage: python bench/transport.py [--records 400000] [--rate 1000] [--seconds 20], with FUNDWATCH_KAFKA set. Starts a
worker of its own (`bench/tally_worker.py`) in a namespace of its own, and prints one JSON object:

* ``stage_per_s``: records a second that one stage with state applies exactly once, from a full topic, 4 partitions;
* ``delay_ms``: from a record's being published to its result's being readable behind four stages, at ``--rate``.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from connectors import broker
from domain.settings import Settings
from domain.topics import Cleanup, Topic
from fundwatch.environment import configured
from fundwatch.services.ports import free_port

PARTITIONS = 4
KEYS = 1_000
FIRST, LAST = "numbers", "totals"


@contextmanager
def worker(settings: Settings, stages: int, log: Path) -> Iterator[int]:
    """A worker process with so many tallies in a row; yields its port once it is ready."""
    port = free_port()
    environ = os.environ | {
        "FUNDWATCH_NAMESPACE": settings.namespace,
        "FUNDWATCH_KAFKA": settings.kafka,
        "FUNDWATCH_HOME": settings.home,
        "FUNDWATCH_CLOCK": "manual",
    }
    script = Path(__file__).with_name("tally_worker.py")
    with log.open("w") as out:
        process = subprocess.Popen([sys.executable, str(script), str(stages), str(port)], env=environ, stderr=out)
        try:
            deadline_s = time.monotonic() + 60
            while not answers(port):
                assert process.poll() is None, log.read_text()
                assert time.monotonic() < deadline_s, log.read_text()
                time.sleep(0.05)
            yield port
        finally:
            process.terminate()
            process.wait(30)


def answers(port: int) -> bool:
    """Whether the worker is ready."""
    try:
        with urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=1) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def topics_of(stages: int) -> list[Topic]:
    """Input, results between the stages, output, changelogs."""
    names = [FIRST, *(f"totals.{number}" for number in range(1, stages)), LAST]
    changelogs = [Topic(f"changelog.tally.{number}", Cleanup.COMPACT) for number in range(stages)]
    return [*(Topic(name, Cleanup.DAYS_30) for name in names), *changelogs]


async def fill(settings: Settings, records: int) -> None:
    """Put records into the first topic, as fast as it goes."""
    producer = AIOKafkaProducer(bootstrap_servers=settings.kafka, max_batch_size=500_000)
    await producer.start()
    for partition in range(PARTITIONS):
        batch, sent = producer.create_batch(), []
        for number in range(records // PARTITIONS):
            record = {"key": b"k%06d" % (number * 7919 % KEYS), "value": b"1", "timestamp": None}
            if batch.append(**record) is None:
                sent.append(await producer.send_batch(batch, settings.topic(FIRST), partition=partition))
                batch = producer.create_batch()
                batch.append(**record)
        sent.append(await producer.send_batch(batch, settings.topic(FIRST), partition=partition))
        await asyncio.gather(*sent)
    await producer.stop()


def applied(port: int) -> float:
    """Records the worker's first stage has committed."""
    with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
        lines = answer.read().decode().splitlines()
    return sum(float(line.split()[1]) for line in lines if line.startswith('fundwatch_records_total{stage="tally.0"}'))


def throughput(settings: Settings, records: int, log: Path) -> float:
    """Records a second of one stage, from the first commit seen to the last."""
    broker.create_topics(settings, topics_of(1))
    with worker(settings, 1, log) as port:
        asyncio.run(fill(settings, 20_000))
        while applied(port) < 20_000:
            time.sleep(0.05)
    asyncio.run(fill(settings, records))
    with worker(settings, 1, log) as port:
        began_s, began = time.monotonic(), applied(port)
        while (now := applied(port)) < records:
            time.sleep(0.05)
        return (now - began) / (time.monotonic() - began_s)


async def publish(settings: Settings, rate: int, seconds: int) -> None:
    """Send ``rate`` records a second, each with the moment it is sent."""
    producer = AIOKafkaProducer(bootstrap_servers=settings.kafka, linger_ms=0)
    await producer.start()
    began_s = time.monotonic()
    for number in range(rate * seconds):
        ahead_s = began_s + number / rate - time.monotonic()
        if ahead_s > 0:
            await asyncio.sleep(ahead_s)
        key = b"%d" % (time.time_ns() // 1_000)
        await producer.send(settings.topic(FIRST), b"1", key=key, partition=number % PARTITIONS)
    await producer.flush()
    await producer.stop()


async def arrivals(settings: Settings, expected: int, delays_ms: list[float]) -> None:
    """Read the last topic as any downstream consumer does and note how late each record is."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=settings.kafka, isolation_level="read_committed", auto_offset_reset="earliest"
    )
    await consumer.start()
    consumer.assign([TopicPartition(settings.topic(LAST), partition) for partition in range(PARTITIONS)])
    while len(delays_ms) < expected:
        for records in (await consumer.getmany(timeout_ms=1_000)).values():
            now_us = time.time_ns() // 1_000
            delays_ms.extend((now_us - int(record.key or b"0")) / 1_000 for record in records)
    await consumer.stop()


async def both(settings: Settings, rate: int, seconds: int) -> list[float]:
    """Publish and read at the same time."""
    delays_ms: list[float] = []
    reading = asyncio.create_task(arrivals(settings, rate * seconds, delays_ms))
    await publish(settings, rate, seconds)
    await asyncio.wait_for(reading, 60)
    return delays_ms


def delays(settings: Settings, rate: int, seconds: int, log: Path) -> dict[str, float]:
    """End-to-end delay over four stages; the first tenth, while everything warms up, is left out."""
    broker.create_topics(settings, topics_of(4))
    with worker(settings, 4, log):
        found = asyncio.run(both(settings, rate, seconds))
    found = sorted(found[len(found) // 10 :])
    return {
        name: round(found[int(len(found) * share)], 1) for name, share in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99))
    }


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--records", type=int, default=400_000)
    options.add_argument("--rate", type=int, default=1_000)
    options.add_argument("--seconds", type=int, default=20)
    asked = options.parse_args()
    results: dict[str, object] = {}
    with tempfile.TemporaryDirectory() as home:
        log = Path(home) / "worker.log"
        base = {"home": home, "partitions": PARTITIONS}
        if asked.records:
            settings = configured(namespace=f"bench-{secrets.token_hex(3)}", **base)
            results["stage_per_s"] = round(throughput(settings, asked.records, log))
            broker.delete_topics(settings)
        if asked.rate:
            settings = configured(namespace=f"bench-{secrets.token_hex(3)}", **base)
            results["delay_ms"] = {"rate": asked.rate, **delays(settings, asked.rate, asked.seconds, log)}
            broker.delete_topics(settings)
    print(json.dumps(results))


if __name__ == "__main__":
    main()
