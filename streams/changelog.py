"""Writes a batch into the broker as one transaction: changed rows, next input offsets among them, and outputs.

A shard's transactional id is ``[namespace.]fundwatch-<stage>-<partition>``. Starting a writer fences every earlier one
with the same id and aborts the transaction it left open, which is what makes a paused worker harmless: whatever it
tries to commit when it wakes up is refused.

The input offsets are rows of the changelog, so they need not be sent to the consumer group in the transaction as well:
that would be 40 % of a small transaction's time at both ends (docs/adr/0002). The group is told afterwards, by the
transport, for people and tools that look at its lag.

Errors::

    CommitFailedError        the outcome of a batch is unknown or it was refused: the process has to end
    ├── FencedError          another worker has taken the shard over
    └── (itself)             anything else: no broker for too long, a topic without rights, a defect
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, ProducerFenced
from aiokafka.producer import sender

from domain import topics
from domain.settings import Settings
from streams.connection import client_arguments, group
from streams.partition import Turn

# One produce request carries at most one batch of each topic. 512 kB keep the broker's answer short and stay below
# its default of 1 MB; a single larger record travels alone, up to the topic's own limit.
_BATCH_BYTES_MAX = 524_288
# A broker that restarts is back in seconds. One that stays away longer than its own transaction time-out has aborted
# the transaction, so waiting on would only hide that.
_COMMIT_PATIENCE_S = 60.0


class CommitFailedError(Exception):
    """A batch was not committed for certain. Nothing may be built on it."""

    def __init__(self, transactional_id: str, why: str) -> None:
        super().__init__(f"{transactional_id}: {why}")
        self.transactional_id, self.why = transactional_id, why


class FencedError(CommitFailedError):
    """Another worker holds this shard now."""


class ChangelogWriter:
    """The transactional producer of one shard. Use: `start`, `commit` any number of times in turn, `stop`."""

    def __init__(self, settings: Settings, stage: str, partition: int) -> None:
        self.transactional_id = f"{group(settings)}-{stage}-{partition}"
        self._settings, self._partition = settings, partition
        self._changelog = settings.topic(topics.changelog(stage))
        self._producer: AIOKafkaProducer | None = None

    async def start(self) -> None:
        """Take the shard over: fence whoever had it. Waits while an earlier transaction is being ended.

        Raises CommitFailedError when the broker does not let it.
        """
        # Between a commit and its markers the broker refuses the next transaction; the library then waits 20 ms, which
        # would be most of a small batch's time.
        sender.BACKOFF_OVERRIDE = self._settings.retry_backoff_ms / 1000
        producer = AIOKafkaProducer(
            **client_arguments(self._settings),
            client_id=self.transactional_id,
            transactional_id=self.transactional_id,
            transaction_timeout_ms=self._settings.transaction_timeout_ms,
            max_batch_size=_BATCH_BYTES_MAX,
            # Half the bytes of lz4 for a sixth of the time: the library's lz4 is that of the highest level.
            compression_type="zstd",
        )
        self._producer = producer
        try:
            await producer.start()
        except KafkaError as error:
            raise CommitFailedError(self.transactional_id, f"could not start: {error!r}") from error

    async def commit(self, turn: Turn, now_ms: int) -> int | None:
        """Commit a batch. Returns the changelog offset behind its last row, or None when the broker did not say.

        Raises CommitFailedError, FencedError.
        """
        if self._producer is None:
            raise CommitFailedError(self.transactional_id, "not started")
        try:
            return await asyncio.wait_for(self._commit(self._producer, turn, now_ms), _COMMIT_PATIENCE_S)
        except ProducerFenced as error:
            raise FencedError(self.transactional_id, "another worker has taken this shard over") from error
        except TimeoutError as error:
            raise CommitFailedError(self.transactional_id, f"no answer in {_COMMIT_PATIENCE_S:.0f} s") from error
        # The library reports a fenced producer as an assertion, too, when it was fenced between two transactions.
        except (KafkaError, AssertionError) as error:
            raise CommitFailedError(self.transactional_id, repr(error)) from error

    async def stop(self) -> None:
        """Let go of the connections. A transaction under way is left to time out or to be fenced."""
        producer, self._producer = self._producer, None
        if producer is not None:
            await producer.stop()

    async def _commit(self, producer: AIOKafkaProducer, turn: Turn, now_ms: int) -> int | None:
        await producer.begin_transaction()
        rows = list(self._builders(producer, turn.changes.items(), now_ms))
        by_place: dict[tuple[str, int], list[tuple[bytes | None, bytes | None]]] = {}
        for output in turn.outputs:
            for partition in output.partitions(self._partition, self._settings.partitions):
                by_place.setdefault((output.topic, partition), []).append((output.key, output.value))
        outputs = [
            (self._settings.topic(topic), partition, builder)
            for (topic, partition), records in by_place.items()
            for builder in self._builders(producer, records, now_ms)
        ]
        # Sent without a pause in between, all partitions join the transaction in one request.
        sent = [
            await producer.send_batch(builder, topic, partition=partition)
            for topic, partition, builder in [
                *((self._changelog, self._partition, builder) for builder in rows),
                *outputs,
            ]
        ]
        answers = await asyncio.gather(*sent)
        await producer.commit_transaction()
        return _position_behind(answers[len(rows) - 1].offset, rows[-1].record_count()) if rows else None

    def _builders(
        self, producer: AIOKafkaProducer, records: Iterable[tuple[bytes | None, bytes | None]], now_ms: int
    ) -> Iterable[Any]:
        """The records as closed batches; a record that alone is larger than a batch makes one of its own."""
        builder = producer.create_batch()
        for key, value in records:
            if builder.append(timestamp=now_ms, key=key, value=value) is None:
                builder.close()
                yield builder
                builder = producer.create_batch()
                builder.append(timestamp=now_ms, key=key, value=value)
        if builder.record_count():
            builder.close()
            yield builder


def _position_behind(base_offset: int, records: int) -> int | None:
    """A broker that recognises a repeated batch may no longer know where it lies, and says -1."""
    return base_offset + records if base_offset >= 0 else None
