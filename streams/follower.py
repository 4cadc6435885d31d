"""Compacted topics in the memory of whoever asks: read to their end once, and followed from there by who goes on."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from aiokafka import AIOKafkaConsumer, TopicPartition

from domain.settings import Settings
from streams.connection import reader_arguments, refuse_unfit_topics
from streams.reading import FetchedRecord, fetch_up_to

_POLL_MS = 500

# What is done with key and value of a record.
Take = Callable[[bytes | None, bytes | None], None]


class Follower:
    """Reads a compacted topic to its end and goes on."""

    def __init__(self, settings: Settings, take: Take, topic: str) -> None:
        """``take`` gets key and value of each record, ``topic`` is the contract's name."""
        self._settings, self._take_record, self._topic = settings, take, topic
        self._consumer: AIOKafkaConsumer | None = None

    async def open(self) -> None:
        """Read the topic to its present end."""
        consumer = self._consumer = AIOKafkaConsumer(**reader_arguments(self._settings))
        await consumer.start()
        topic = self._settings.topic(self._topic)
        tps = [TopicPartition(topic, number) for number in range(self._settings.partitions)]
        consumer.assign(tps)
        await consumer.seek_to_beginning(*tps)
        ends: Mapping[TopicPartition, int] = await consumer.end_offsets(tps)
        while (fetched := await fetch_up_to(consumer, ends, poll_ms=_POLL_MS)) is not None:
            self._take(fetched)

    async def follow(self) -> None:
        """Go on until closed or cancelled."""
        if self._consumer is None:
            raise RuntimeError("the follower is not open")
        consumer = self._consumer
        while consumer is self._consumer:
            self._take(await consumer.getmany(timeout_ms=_POLL_MS))

    async def close(self) -> None:
        """Let go of the connection."""
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            await consumer.stop()

    def _take(self, fetched: Mapping[TopicPartition, list[FetchedRecord]]) -> None:
        for records in fetched.values():
            for record in records:
                self._take_record(record.key, record.value)


async def read_once(settings: Settings, take: Take, topic: str) -> None:
    """All that the topic holds now, as `Follower`. Raises TopicUnfitError."""
    await refuse_unfit_topics(settings, (topic,))  # the client would look for a missing one for 40 s
    follower = Follower(settings, take, topic)
    try:
        await follower.open()
    finally:
        await follower.close()
