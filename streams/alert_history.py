"""Topic ``alerts`` from its first record: delivers it into the queues outside a worker, to rebuild them or all alone.

A worker does the same for the partitions it is assigned (`app`). Both may run at once on one partition: the watermark
in the queue store lets one of them through and tells the other where to go on.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

from aiokafka import AIOKafkaConsumer, TopicPartition

from alerts.alert import AlertRecord
from alerts.deliverer import Deliverer
from alerts.delivery import HistoryDiffers, QueueWriter
from domain.settings import Settings
from domain.topics import ALERTS
from streams.connection import reader_arguments
from streams.reading import FetchedRecord, fetch_up_to
from streams.stage import Record

# How long a poll waits; between two empty ones the deliverer looks whether the queues still are where it left them.
POLL_MS = 500


async def deliver(
    settings: Settings,
    queues: QueueWriter,
    partition: int,
    *,
    is_endless: bool,
    delivered: Callable[[AlertRecord], None],
) -> int:
    """Bring the queues of one partition up to the end of the topic as it is now, or follow it until cancelled.

    Returns the offset behind the last record. Raises HistoryDiffers when the queues hold more than the topic.
    """
    source = TopicPartition(settings.topic(ALERTS), partition)
    # In no group: the place is kept by the queues.
    consumer = AIOKafkaConsumer(
        **reader_arguments(settings),
        auto_offset_reset="none",
        max_poll_records=settings.batch_records_max,
        max_partition_fetch_bytes=settings.batch_bytes_max,
    )
    await consumer.start()
    try:
        consumer.assign([source])
        end: int = (await consumer.end_offsets([source]))[source]
        deliverer = Deliverer(queues, partition, delivered=delivered)
        position = await deliverer.open()
        if position > end:
            raise HistoryDiffers(partition, position - 1, end)
        consumer.seek(source, position)
        up_to = {source: sys.maxsize if is_endless else end}
        while (fetched := await fetch_up_to(consumer, up_to, poll_ms=POLL_MS)) is not None:
            outcome = await deliverer.step([_record(partition, message) for message in fetched.get(source, [])])
            if outcome is not None:
                consumer.seek(source, outcome.offset)
        return end
    finally:
        await consumer.stop()


async def rebuild(
    settings: Settings,
    queues: QueueWriter,
    partition: int,
    *,
    delivered: Callable[[AlertRecord], None],
) -> int:
    """Empty the queues of a partition and fill them from the first record on; returns the offset behind the last.

    A worker's deliverer that is quicker does part of the work: ``delivered`` is told of what was done here.
    """
    await queues.wipe(partition)
    return await deliver(settings, queues, partition, is_endless=False, delivered=delivered)


def _record(partition: int, message: FetchedRecord) -> Record:
    return Record(ALERTS, partition, message.offset, message.key, message.value, message.timestamp)
