"""(c) The floor: aiokafka's `getmany` and orjson on the same topic, in a process of its own, and nothing else.

Usage: python -m bench.floor SERVERS TOPIC PARTITIONS RECORDS; prints a rate as JSON.
"""

from __future__ import annotations

import asyncio
import sys
import time

import orjson
from aiokafka import AIOKafkaConsumer, TopicPartition

from bench.child import answer
from bench.machine import Rate


async def read(servers: str, topic: str, partitions: int, expected: int) -> Rate:
    """Fetch and decode so many records, counted from the first answer on."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=servers, auto_offset_reset="earliest", max_partition_fetch_bytes=2 << 20
    )
    await consumer.start()
    consumer.assign([TopicPartition(topic, partition) for partition in range(partitions)])
    began_s = cpu_began_s = 0.0
    seen = first = 0
    while seen < expected:
        for records in (await consumer.getmany(timeout_ms=1_000, max_records=5_000)).values():
            for record in records:
                orjson.loads(record.value)
            seen += len(records)
        if not first:
            began_s, cpu_began_s, first = time.perf_counter(), time.process_time(), seen
    took_s, cpu_s = time.perf_counter() - began_s, time.process_time() - cpu_began_s
    await consumer.stop()
    return Rate((seen - first) / took_s, (seen - first) / cpu_s)


if __name__ == "__main__":
    answer(asyncio.run(read(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))))
