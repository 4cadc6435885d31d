"""`fundwatch queues`: what waits in the sections' queues, and how to fill them again from topic ``alerts``."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import TypeVar

import click
from aiokafka.errors import KafkaError
from rich.console import Console
from rich.table import Table

from alerts.alert import AlertRecord, decode
from alerts.delivery import Depth, HistoryDiffers, QueuesRefused, QueuesUnavailable
from alerts.queues import RedisQueues, connected
from alerts.routing import SECTION_ZH, Section
from domain import regions
from domain.settings import Settings
from fundwatch.environment import configured
from fundwatch.kafka_needed import need_answering_kafka
from fundwatch.redis_needed import need_redis, unusable
from streams.alert_history import deliver, rebuild

T = TypeVar("T")


@click.group()
def queues() -> None:
    """Look at the sections' queues, or rebuild them from the alerts topic."""


@queues.command("list")
@click.option("--all", "is_all", is_flag=True, help="Also queues where nothing waits.")
def list_queues(*, is_all: bool) -> None:
    """What each section has not acknowledged, and since when the oldest waits."""
    settings = _settings()
    table = Table("区划", "部门", "全部", "未签收", "最早一条", title="预警队列")
    for depth in _run(settings, lambda store: _depths(settings, store)):
        if is_all or depth.unacknowledged:
            table.add_row(*_row(depth))
    Console().print(table)


@queues.command("rebuild")
def rebuild_queues() -> None:
    """Empty this system's queues and fill them again from topic alerts; workers may go on running.

    Entries, their ids and the current records become what they were. What desks had acknowledged is known to Redis
    alone: they see it again, and drop what is not newer by alert_id and sequence.
    """
    settings = _settings()
    need_answering_kafka(settings)
    counts: Counter[str] = Counter()

    def count(record: AlertRecord) -> None:
        counts[record.section] += 1

    async def all_partitions(store: RedisQueues) -> None:
        for partition in range(settings.partitions):
            end = await rebuild(settings, store, partition, delivered=count)
            click.echo(f"partition {partition}: up to offset {end}")

    _run(settings, all_partitions)
    click.echo(f"{counts.total()} records: " + ", ".join(f"{name} {number}" for name, number in sorted(counts.items())))


@queues.command("deliver")
def deliver_alone() -> None:
    """Deliver alerts into the queues until stopped, without a worker; beside workers it is a second pair of hands."""
    settings = _settings()
    need_answering_kafka(settings)

    async def all_partitions(store: RedisQueues) -> None:
        async with asyncio.TaskGroup() as tasks:
            for partition in range(settings.partitions):
                tasks.create_task(deliver(settings, store, partition, is_endless=True, delivered=_ignore))

    _run(settings, all_partitions)


def _ignore(_record: AlertRecord) -> None:
    """Workers measure; this is for emergencies."""


def _settings() -> Settings:
    settings = configured()
    need_redis(settings)
    return settings


def _run(settings: Settings, work: Callable[[RedisQueues], Awaitable[T]]) -> T:
    async def connected_work() -> T:
        async with connected(settings.redis, prefix=settings.redis_key(""), cafile=settings.redis_cafile) as store:
            return await work(store)

    try:
        return asyncio.run(connected_work())
    except (HistoryDiffers, KafkaError) as error:
        raise click.ClickException(str(error)) from error
    except (QueuesRefused, QueuesUnavailable) as error:
        raise click.ClickException(unusable(settings, error)) from error


async def _depths(settings: Settings, store: RedisQueues) -> list[Depth]:
    found = [
        depth for partition in range(settings.partitions) for depth in await store.depths(await store.queues(partition))
    ]
    return sorted(found, key=lambda depth: (depth.queue.region, depth.queue.section))


def _row(depth: Depth) -> tuple[str, ...]:
    queue = depth.queue
    oldest = decode(depth.oldest.record) if depth.oldest else None
    return (
        f"{queue.region} {regions.name(queue.region)}",
        f"{queue.section} {SECTION_ZH[Section(queue.section)]}",
        str(depth.length),
        str(depth.unacknowledged),
        f"{oldest.emitted_at} {oldest.message_zh}" if oldest else "",
    )
