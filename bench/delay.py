"""How late is an alert: from the moment a payment is published to its entry's being in the section's Redis queue.

Events are sent at an even pace, two workers run every stage, and each payment that is an alert at once is looked for
among what arrives in Redis. One script call puts an entry into its queue and into the partition's feed together, so
reading the feeds, which can be waited on, sees the queues' moment.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from typing import NamedTuple

import msgspec
from aiokafka import AIOKafkaProducer

from alerts.queues import RedisQueues, connected
from bench.machine import PARTITIONS
from bench.pipeline import workers
from bench.records import Sent, wire_records
from domain.settings import Settings

WARM_UP_S = 15
MEASURED_S = 60
_UNPACED = 10_000
# An alert that is not there by then is lost, which is a defect and no delay.
_LATE_S_MAX = 60.0


class Delay(NamedTuple):
    """Milliseconds from published to queued, and of how many alerts."""

    p50_ms: float
    p95_ms: float
    p99_ms: float
    alerts: int


class _Proof(msgspec.Struct):
    event_id: str


class _Alert(msgspec.Struct):
    evidence: list[_Proof]


_decode = msgspec.json.Decoder(_Alert).decode


def measure(settings: Settings, rate: int) -> Delay:
    """Delays at so many events a second."""
    # The opening day's quotas and targets come in bulk, so they are sent before; then it is payments for the most part.
    records = list(wire_records())
    begins = next(number for number, record in enumerate(records) if record.topic == "treasury.payments")
    paced = records[begins : begins + rate * (WARM_UP_S + MEASURED_S)]
    with workers(settings):
        delays = asyncio.run(_run(settings, records[:begins], paced, rate))
    delays.sort()
    p50, p95, p99 = (round(delays[int(len(delays) * share)], 1) for share in (0.50, 0.95, 0.99))
    return Delay(p50, p95, p99, len(delays))


async def _run(settings: Settings, before: list[Sent], paced: list[Sent], rate: int) -> list[float]:
    sent_s: dict[str, float] = {}
    seen_s: dict[str, float] = {}
    async with connected(settings.redis, prefix=settings.redis_key("")) as queues:
        reading = asyncio.create_task(_watch(queues, seen_s))
        await _send(settings, before, _UNPACED, {})
        began_s = await _send(settings, paced, rate, sent_s)
        deadline_s = time.monotonic() + _LATE_S_MAX
        while missing := sent_s.keys() - seen_s.keys():
            assert not reading.done(), reading
            assert time.monotonic() < deadline_s, f"{len(missing)} of {len(sent_s)} alerts never came"
            await asyncio.sleep(0.05)
        reading.cancel()
    return [(seen_s[event_id] - at_s) * 1_000 for event_id, at_s in sent_s.items() if at_s - began_s >= WARM_UP_S]


async def _send(settings: Settings, records: Iterable[Sent], rate: int, sent_s: dict[str, float]) -> float:
    """Send at an even pace and note the moment of each that raises; returns the moment of the first."""
    producer = AIOKafkaProducer(bootstrap_servers=settings.kafka, enable_idempotence=True, linger_ms=0)
    await producer.start()
    began_s = time.monotonic()
    for number, record in enumerate(records):
        ahead_s = began_s + number / rate - time.monotonic()
        if ahead_s > 0:
            await asyncio.sleep(ahead_s)
        if record.raises:
            sent_s[record.raises] = time.monotonic()
        await producer.send(settings.topic(record.topic), record.value, key=record.key, partition=record.partition)
    await producer.stop()
    return began_s


async def _watch(queues: RedisQueues, seen_s: dict[str, float]) -> None:
    """Note when the first entry arrives that rests on an event."""
    after = dict.fromkeys(range(PARTITIONS), -1)
    while True:
        arrived = await queues.fed(after, wait_ms=1_000, limit=1_000)
        now_s = time.monotonic()
        for partition, entries in arrived.items():
            for entry in entries:
                for proof in _decode(entry.record).evidence:
                    seen_s.setdefault(proof.event_id, now_s)
            after[partition] = entries[-1].offset
