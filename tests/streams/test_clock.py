"""Laws of the clock on a real broker: the leader tells every partition, goes on from the last tick, doubles nothing."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from functools import partial

import msgspec
import pytest
from aiokafka.errors import KafkaTimeoutError, NodeNotReadyError, TopicAuthorizationFailedError
from kafka import KafkaProducer

from connectors import broker
from domain.settings import Settings
from domain.ticks import CHINA
from domain.topics import CLOCK_TICKS, Cleanup, Topic
from streams.clock import Clock
from tests.streams.worker_process import committed
from tests.waiting import until

NOON = datetime(2019, 10, 9, 12, 30, tzinfo=CHINA)


@pytest.fixture
def live(settings: Settings) -> Settings:
    """A system whose clock runs, with nothing but its topic."""
    broker.create_topics(settings, [Topic(CLOCK_TICKS, Cleanup.FOREVER)])
    return dataclasses.replace(settings, clock="live")


def looks(
    settings: Settings, *moments: datetime, held: Callable[[], list[int]] = lambda: [0, 1]
) -> dict[int, datetime]:
    """A worker's clock that looks at these moments; returns the last ticks it knows of its own partitions."""
    known: dict[int, datetime] = {}
    now = iter(moments)

    async def look() -> None:
        clock = Clock(settings, lambda _: "v1", held=held, now=partial(next, now), ticked=known.__setitem__)
        for _ in moments:
            await clock._look()
        await clock._resign()

    asyncio.run(look())
    return known


def clock_at_noon(settings: Settings) -> Clock:
    """The leader's, where it is always noon."""
    return Clock(settings, lambda _: "v1", held=lambda: [0], now=lambda: NOON, ticked=lambda *_: None)


def told(settings: Settings, partition: int) -> list[str]:
    """The moments of the ticks of one partition."""
    records = [record for record in committed(settings, CLOCK_TICKS) if record.partition == partition]
    return [msgspec.json.decode(record.value)["body"]["tick_at"][5:13] for record in records]


@pytest.mark.broker
def test_every_partition_is_told_under_its_own_number(live: Settings) -> None:
    """Also those whose intake is another worker's."""
    looks(live, NOON)
    keys = [(record.partition, record.key) for record in committed(live, CLOCK_TICKS)]
    assert keys == [(number, b"%d" % number) for number in range(live.partitions) for _ in range(2)]
    assert told(live, 3) == ["10-09T00", "10-09T12"]


@pytest.mark.broker
def test_a_new_leader_goes_on_from_the_last_tick(live: Settings) -> None:
    """What the last one told is not told again, and what nobody told is made up for."""
    looks(live, NOON, NOON + timedelta(hours=1))
    looks(live, NOON + timedelta(hours=1), NOON + timedelta(days=2))
    assert told(live, 0) == ["10-09T00", "10-09T12", "10-09T13", "10-10T00", "10-11T00", "10-11T12"]


@pytest.mark.broker
def test_who_holds_no_partition_0_does_not_tell(live: Settings) -> None:
    """But it knows the last tick of the partitions it holds."""
    looks(live, NOON)
    known = looks(live, NOON + timedelta(days=1), held=lambda: [2])
    assert told(live, 2) == ["10-09T00", "10-09T12"]
    assert known == {2: NOON.replace(minute=0)}


@pytest.mark.broker
def test_a_manual_clock_does_not_tell(live: Settings) -> None:
    """Whoever plays a file sends the ticks."""
    looks(dataclasses.replace(live, clock="manual"), NOON)
    assert committed(live, CLOCK_TICKS) == []


@pytest.mark.broker
def test_what_is_no_tick_does_not_stop_the_clock(live: Settings) -> None:
    """Anybody may write to an ingress topic; intake refuses it, and the clock looks past it."""
    looks(live, NOON)
    producer = KafkaProducer(bootstrap_servers=live.kafka)
    for junk in (b"", b"{", b"\xff", b'{"body":{"tick_at":"never"}}', b'{"body":{"tick_at":"2099-01-01T00:00:00"}}'):
        producer.send(live.topic(CLOCK_TICKS), value=junk, partition=0)
    producer.close()
    looks(live, NOON + timedelta(hours=1))
    assert msgspec.json.decode(committed(live, CLOCK_TICKS)[7].value)["body"]["tick_at"][5:13] == "10-09T13"


@pytest.mark.broker
def test_a_broker_that_does_not_answer_in_time_does_not_stop_the_clock(
    live: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor the worker with it, which would take its load to the next one."""
    find, failures = Clock._last_ticks, [KafkaTimeoutError(), NodeNotReadyError()]

    async def found(self: Clock, partitions: Collection[int]) -> dict[int, datetime | None]:
        if failures:
            raise failures.pop()
        return await find(self, partitions)

    monkeypatch.setattr(Clock, "_last_ticks", found)

    async def run() -> None:
        running = asyncio.create_task(clock_at_noon(live).run())
        await asyncio.to_thread(until, lambda: told(live, 3) != [], "a tick in the last partition")
        running.cancel()
        await asyncio.wait({running})

    asyncio.run(run())
    assert (failures, told(live, 3)) == ([], ["10-09T00", "10-09T12"])


def test_a_broker_that_refuses_stops_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waiting would not help, and nobody would know that time stands still."""

    async def found(_self: Clock, _partitions: Collection[int]) -> dict[int, datetime | None]:
        raise TopicAuthorizationFailedError

    monkeypatch.setattr(Clock, "_last_ticks", found)
    with pytest.raises(TopicAuthorizationFailedError):
        asyncio.run(clock_at_noon(Settings()).run())
