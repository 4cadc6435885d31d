"""Laws of many live feeds at once, on the service as it is run and a real Redis: 100 of them, with ``--long`` 500."""

from __future__ import annotations

import asyncio
import dataclasses
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.request import urlopen

import pytest
import redis

from alerts.alert import decode
from alerts.deliverer import entry_of
from alerts.delivery import NOTHING_APPLIED, Applied
from alerts.feed import READS_AT_ONCE_MAX
from alerts.queues import RedisQueues, connected
from alerts.routing import Section
from alerts.tokens import WHOLE_COUNTRY, Grant, Post, issue
from domain.settings import Settings
from fundwatch.environment import environ_of
from fundwatch.services.ports import HOST, free_port
from fundwatch.token_secret import audience
from tests.alerts.findings import history
from tests.waiting import PATIENCE_S, until

pytestmark = [pytest.mark.broker, pytest.mark.timeout(240)]

SECRET = "s" * 64
# Of ten clients one takes nothing in the flood: a laptop that was closed.
DEAF_EVERY = 10
# Records before; while clients follow, at so many a second; while they are cut off; and more than one may be behind.
BEFORE, PACED, PER_S, MEANWHILE, FLOOD = 100, 40, 10, 20, 600
# What a client may cost: 500 records of 3 kB, and its connection.
CLIENT_MB_MAX = 2.0
# The feed's reader, this test's own, and those of other tests' systems on the same server.
OTHER_CONNECTIONS = 12


class Client(asyncio.Protocol):
    """A browser's EventSource: follows, and remembers the last event id."""

    def __init__(self) -> None:
        self.ids: list[int] = []  # one partition: an event's id is its offset and one
        self.arrived_s: list[float] = []
        self._transport: asyncio.Transport | None = None
        self._rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Kept, to be cut off."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Events end with an empty line."""
        assert data.startswith(b"HTTP/1.1 200") or not data.startswith(b"HTTP/1.1")
        *events, self._rest = (self._rest + data).split(b"\n\n")
        now_s = time.monotonic()
        for event in events:
            if event.startswith(b"id: "):
                self.ids.append(int(event[4 : event.index(b"\n")]))
                self.arrived_s.append(now_s)

    async def follow(self, port: int, header: str) -> None:
        """Connect, from the last event id on."""
        self._rest = b""
        loop = asyncio.get_running_loop()
        plain = socket.socket()
        plain.setblocking(False)
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
        await loop.sock_connect(plain, (HOST, port))
        transport, _ = await loop.create_connection(lambda: self, sock=plain)
        last = f"Last-Event-ID: {self.ids[-1]}\r\n" if self.ids else ""
        # HTTP/1.0, so that the answer's body comes as it is.
        transport.write(f"GET /api/v1/feed HTTP/1.0\r\nHost: {HOST}\r\n{header}{last}\r\n".encode())

    def stop_taking(self) -> None:
        """Stay connected."""
        assert self._transport is not None
        self._transport.pause_reading()

    def cut_off(self) -> None:
        """Gone without a word."""
        assert self._transport is not None
        self._transport.abort()


class Service:
    """The process."""

    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self._process, self.port = process, port

    @property
    def rss_mb(self) -> float:
        """Memory."""
        status = Path(f"/proc/{self._process.pid}/status").read_text(encoding="utf-8")
        return int(re.findall(r"VmRSS:\s+(\d+)", status)[0]) / 1_024

    @property
    def cpu_s(self) -> float:
        """Processor time so far."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    @property
    def clients(self) -> int:
        """How many it knows of."""
        with urlopen(f"http://{HOST}:{self.port}/metrics", timeout=30) as answer:
            return int(float(re.findall(r"^fundwatch_feed_clients (\S+)", answer.read().decode(), re.MULTILINE)[0]))


@pytest.fixture
def single(settings: Settings) -> Settings:
    """One partition: ids of events are then plain numbers."""
    return dataclasses.replace(settings, partitions=1, token_secret=SECRET, feed_port=free_port())


@pytest.fixture
def service(single: Settings, tmp_path: Path) -> Iterator[Service]:
    """The feed service as a process of its own, ready."""
    command = [sys.executable, "-m", "fundwatch", "feed", "--serve"]
    log = tmp_path / "feed.log"
    with (
        log.open("wb") as output,
        subprocess.Popen(command, env={**os.environ, **environ_of(single)}, stdout=output, stderr=output) as process,
    ):
        try:
            until(lambda: is_ready(single.feed_port), "the feed ready", every_s=0.02)
            yield Service(process, single.feed_port)
            assert process.poll() is None, log.read_text(encoding="utf-8")
        finally:
            process.terminate()


def is_ready(port: int) -> bool:
    """Whether it has found its place in the queues."""
    try:
        with urlopen(f"http://{HOST}:{port}/health/ready", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def header_of(settings: Settings) -> str:
    """Of a token for everything."""
    now_s = int(time.time())
    grant = Grant("u-1", Post.HANDLING, tuple(Section), WHOLE_COUNTRY, expires_at=now_s + 3_600)
    return f"Authorization: Bearer {issue(grant, SECRET, audience=audience(settings), now_s=now_s)}\r\n"


class Course:
    """Puts records into the queues and watches how they come to the clients."""

    def __init__(self, queues: RedisQueues) -> None:
        self._queues, self._through = queues, NOTHING_APPLIED
        self.records = history(BEFORE + PACED + MEANWHILE + FLOOD, step=1)
        self.put_s: dict[int, float] = {}

    @property
    def ids(self) -> list[int]:
        """Of all events up to now."""
        return list(range(1, self._through + 2))

    async def put(self, number: int) -> None:
        """The next records, in one call."""
        first = self._through + 1
        values = [(stored.offset, stored.value or b"") for stored in self.records[first : first + number]]
        entries = [entry_of(decode(value), offset, value) for offset, value in values]
        began_s = time.monotonic()
        assert await self._queues.apply(0, self._through, entries) == Applied(values[-1][0])
        self._through = values[-1][0]
        self.put_s |= {offset + 1: began_s for offset, _ in values}

    async def reach(self, clients: Sequence[Client]) -> float:
        """Wait until these have everything; seconds that it took."""
        began_s = time.monotonic()
        async with asyncio.timeout(PATIENCE_S):
            while any(client.ids[-1:] != self.ids[-1:] for client in clients):  # noqa: ASYNC110 - they tell nobody
                await asyncio.sleep(0.005)
        return time.monotonic() - began_s

    def delays_ms(self, clients: Sequence[Client], ids: Sequence[int]) -> list[float]:
        """From a record's way into the queue to the last client that has it, in order."""
        return sorted(
            1_000 * (max(client.arrived_s[number - 1] for client in clients) - self.put_s[number]) for number in ids
        )


@asynccontextmanager
async def queues_of(settings: Settings) -> AsyncIterator[RedisQueues]:
    """The queues of the system."""
    async with connected(settings.redis, prefix=settings.redis_key("")) as queues:
        yield queues


async def connect(clients: Sequence[Client], service: Service, header: str) -> None:
    """All at the same moment."""
    await asyncio.gather(*(client.follow(service.port, header) for client in clients))


async def play(settings: Settings, service: Service, clients: Sequence[Client]) -> dict[str, float]:
    """The whole course; what it took. All have everything in between, and those that read at the end, in order."""
    header, found = header_of(settings), dict[str, float]()
    reading = [client for number, client in enumerate(clients) if number % DEAF_EVERY]
    async with queues_of(settings) as queues:
        course = Course(queues)
        await course.put(BEFORE)
        found["rss_mb_idle"] = service.rss_mb
        await connect(clients, service, header)
        found["connect_s"] = await course.reach(clients)
        found["connect_cpu_s"] = service.cpu_s
        found["rss_mb_connected"] = service.rss_mb
        found |= await paced(course, clients, service)
        for client in clients:
            client.cut_off()
        began_s = time.monotonic()
        await asyncio.to_thread(until, lambda: service.clients == 0, "cut-off clients gone", every_s=0.02)
        found["noticed_s"] = time.monotonic() - began_s
        await course.put(MEANWHILE)
        await connect(clients, service, header)
        found["resume_s"] = await course.reach(clients)
        # Those of a pool stay open: it shows the most there were.
        found["redis_connections"] = await asyncio.to_thread(connections, settings)
        for client in set(clients) - set(reading):
            client.stop_taking()
        before_s = service.cpu_s
        await course.put(FLOOD)
        found["flood_s"] = await course.reach(reading)
        found["flood_cpu_s"] = service.cpu_s - before_s
        found["rss_mb_flood"] = service.rss_mb
        for client in clients:
            client.cut_off()
        await asyncio.sleep(0)  # transports close in the loop's next round
        assert [client.ids for client in reading] == [course.ids] * len(reading)
    return found


async def paced(course: Course, clients: Sequence[Client], service: Service) -> dict[str, float]:
    """One record after the other, and how long each takes to the last client."""
    before_s, began_s = service.cpu_s, time.monotonic()
    for _ in range(PACED):
        await course.put(1)
        await asyncio.sleep(1 / PER_S)
    await course.reach(clients)
    delays = course.delays_ms(clients, course.ids[-PACED:])
    cpu_share = (service.cpu_s - before_s) / (time.monotonic() - began_s)
    return {"cpu_share": cpu_share, "p50_ms": delays[PACED // 2], "worst_ms": delays[-1]}


def connections(settings: Settings) -> int:
    """How many the server has, of whomever."""
    with redis.Redis.from_url(settings.redis) as store:
        return len(store.client_list())


def test_many_clients_have_everything_once_whatever_befalls_them(
    single: Settings, service: Service, is_long: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    """They come together, are cut off together, resume by their last event ids; in a flood one of ten takes nothing.

    Each that reads gets every record once and in order. Those that are gone are noticed; those that take nothing hold
    up nobody, and cost no more memory than the bound says; Redis sees a bounded number of connections.
    """
    clients = [Client() for _ in range(500 if is_long else 100)]
    found = asyncio.run(play(single, service, clients))
    with capsys.disabled():
        print({name: round(value, 2) for name, value in found.items()})  # noqa: T201  # what `--long` is for
    assert found["redis_connections"] <= READS_AT_ONCE_MAX + OTHER_CONNECTIONS
    assert found["rss_mb_flood"] - found["rss_mb_idle"] < CLIENT_MB_MAX * len(clients)
