"""The queues and topic alerts on a real Kafka and Redis: delivered, wiped, rebuilt, looked at from the command line."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager

import pytest
from aiokafka import AIOKafkaProducer
from redis.asyncio import Redis

from alerts.alert import AlertRecord
from alerts.delivery import HistoryDiffers
from alerts.queues import RedisQueues, connected
from domain.settings import Settings
from domain.topics import ALERTS
from fundwatch.environment import environ_of
from fundwatch.services.ports import free_port
from streams.alert_history import deliver, rebuild
from streams.connection import client_arguments
from tests.alerts.findings import Stored, history
from tests.alerts.test_queues_redis import dump

pytestmark = [pytest.mark.broker, pytest.mark.anyio]

ALERTS_WRITTEN = history(30, step=1)


@asynccontextmanager
async def stored_queues(settings: Settings) -> AsyncIterator[RedisQueues]:
    """The queues of this test's namespace."""
    async with connected(settings.redis, prefix=settings.redis_key("")) as queues:
        yield queues


async def written(settings: Settings, alerts: Sequence[Stored], *, partition: int = 0) -> None:
    """Put alerts into the topic as the desk does: in transactions, one of which is aborted."""
    producer = AIOKafkaProducer(**client_arguments(settings), transactional_id=settings.topic(f"desk-{partition}"))
    await producer.start()
    try:
        for start in range(0, len(alerts), 7):
            async with producer.transaction():
                for alert in alerts[start : start + 7]:
                    await producer.send(settings.topic(ALERTS), alert.value, partition=partition)
            await producer.begin_transaction()
            await producer.send_and_wait(settings.topic(ALERTS), b"never committed", partition=partition)
            await producer.abort_transaction()
    finally:
        await producer.stop()


async def in_redis(settings: Settings) -> dict[str, object]:
    """Every key of this test's namespace with its contents."""
    async with Redis.from_url(settings.redis, protocol=2) as client:
        return await dump(client, settings.redis_key(""))


def ignored(_alert: AlertRecord) -> None:
    """Nothing is measured here."""


def fundwatch(settings: Settings, *arguments: str) -> str:
    """What a command prints."""
    done = subprocess.run(
        [sys.executable, "-m", "fundwatch", *arguments],
        env={**os.environ, **environ_of(settings), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


async def test_every_committed_alert_is_delivered_once(topics: Settings) -> None:
    """Aborted ones are not; the watermark is the last committed one's offset."""
    await written(topics, ALERTS_WRITTEN)
    told: list[str] = []
    async with stored_queues(topics) as queues:
        await deliver(topics, queues, 0, is_endless=False, delivered=lambda alert: told.append(alert.alert_id))
        await deliver(topics, queues, 0, is_endless=False, delivered=lambda alert: told.append(alert.alert_id))
    assert told == [f"{alert.offset:032x}" for alert in ALERTS_WRITTEN]


async def test_queues_rebuilt_from_the_topic_are_identical(topics: Settings) -> None:
    """Ids, entries, groups, current records, feed and watermark of every partition; also on an empty server."""
    await written(topics, ALERTS_WRITTEN)
    await written(topics, ALERTS_WRITTEN[:5], partition=1)
    async with stored_queues(topics) as queues:
        for partition in (0, 1):
            await deliver(topics, queues, partition, is_endless=False, delivered=ignored)
        before = await in_redis(topics)
        for partition in (0, 1):
            await rebuild(topics, queues, partition, delivered=ignored)
            await rebuild(topics, queues, partition, delivered=ignored)
    assert await in_redis(topics) == before


async def test_rebuild_beside_a_deliverer_at_work_ends_with_the_same_queues(topics: Settings) -> None:
    """They meet at the watermark: nothing lost, nothing doubled."""
    await written(topics, ALERTS_WRITTEN)
    async with stored_queues(topics) as queues, stored_queues(topics) as others:
        await deliver(topics, queues, 0, is_endless=False, delivered=ignored)
        before = await in_redis(topics)
        at_work = asyncio.create_task(deliver(topics, others, 0, is_endless=True, delivered=ignored))
        for _ in range(3):
            await rebuild(topics, queues, 0, delivered=ignored)
        at_work.cancel()
        await asyncio.gather(at_work, return_exceptions=True)
    assert await in_redis(topics) == before


async def test_queues_of_another_history_are_not_filled_up_silently(topics: Settings) -> None:
    """The topic was made anew: a person has to decide."""
    await written(topics, ALERTS_WRITTEN)
    async with stored_queues(topics) as queues:
        await deliver(topics, queues, 0, is_endless=False, delivered=ignored)
        empty = topics.partitions - 1
        async with Redis.from_url(topics.redis) as client:
            await client.set(topics.redis_key(f"fundwatch:{{{empty}}}:applied"), "41")
        with pytest.raises(HistoryDiffers) as refused:
            await deliver(topics, queues, empty, is_endless=False, delivered=ignored)
    assert (refused.value.applied, refused.value.end) == (41, 0)


async def test_command_line_lists_and_rebuilds_the_queues(topics: Settings) -> None:
    """`queues list` shows what waits, `queues rebuild` what it did."""
    await written(topics, ALERTS_WRITTEN)
    rebuilt = await asyncio.to_thread(fundwatch, topics, "queues", "rebuild")
    assert "30 records: budget 10, business 10, treasury 10" in rebuilt
    listed = await asyncio.to_thread(fundwatch, topics, "queues", "list")
    assert listed.count("652722 精河县") == 4
    assert "支付超过可用指标" in listed


@pytest.fixture
def feed_address(topics: Settings) -> Iterator[tuple[Settings, str]]:
    """`fundwatch feed --serve` of this test's namespace."""
    port = free_port()
    environ = {**os.environ, **environ_of(topics), "FUNDWATCH_FEED_PORT": str(port)}
    with subprocess.Popen([sys.executable, "-m", "fundwatch", "feed", "--serve"], env=environ) as server:
        yield topics, f"http://127.0.0.1:{port}"
        server.terminate()
        assert server.wait(timeout=20) == 0


async def test_terminal_shows_the_feed_of_a_section_and_a_region(feed_address: tuple[Settings, str]) -> None:
    """`feed --region 6527 --section treasury`: with this machine's own token, live, in Chinese first."""
    settings, address = feed_address
    await written(settings, ALERTS_WRITTEN)
    await asyncio.to_thread(fundwatch, settings, "queues", "rebuild")
    shown = await asyncio.to_thread(
        fundwatch, settings, "feed", "--url", address, "--section", "treasury", "--region", "6527", "--count", "10"
    )
    assert shown.count("支付超过可用指标") == 10
    assert shown.index("支付超过可用指标") < shown.index("Paid more than the line holds")


async def test_token_made_for_somebody_opens_what_it_says(feed_address: tuple[Settings, str]) -> None:
    """`feed token` and then the feed with it, as JSON Lines."""
    settings, address = feed_address
    await written(settings, ALERTS_WRITTEN)
    await asyncio.to_thread(fundwatch, settings, "queues", "rebuild")
    grant = ("--subject", "u-1", "--post", "handling", "--section", "budget", "--region", "652722")
    token = (await asyncio.to_thread(fundwatch, settings, "feed", "token", *grant)).strip()
    shown = await asyncio.to_thread(
        fundwatch, settings, "feed", "--url", address, "--token", token, "--json", "--count", "5"
    )
    assert shown.count('"section":"budget"') == 5
