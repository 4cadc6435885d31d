"""What only a real Redis can show: keys as in the contract, forgotten scripts, lost watermarks, errors, a cluster."""

from __future__ import annotations

import asyncio
import socket
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as NotConnectedError

from alerts.deliverer import Deliverer
from alerts.delivery import QueueName, QueuesRefused, QueuesUnavailable
from alerts.queues import FEED_OFFSETS_KEPT, RedisQueues, connected
from domain.settings import Settings
from fundwatch.services import valkey
from tests.alerts.findings import JINGHE, history
from tests.alerts.test_deliverer import TEN, contents, delivered_once, run

pytestmark = [pytest.mark.broker, pytest.mark.anyio]


@asynccontextmanager
async def plain(servers: Settings) -> AsyncIterator[tuple[Redis, RedisQueues, str]]:
    """A client of its own beside the queues, and the namespace's prefix."""
    prefix = f"test-{uuid4().hex[:12]}:"
    async with connected(servers.redis, prefix=prefix) as queues, Redis.from_url(servers.redis, protocol=2) as client:
        yield client, queues, prefix
        await queues.wipe(0)


async def test_keys_fields_and_ids_are_those_of_the_contract(servers: Settings) -> None:
    """alerts.md: hash tag, names, entry fields, group; ids from the offsets of topic alerts."""
    async with plain(servers) as (client, queues, prefix):
        await run(queues, TEN[:1])
        keys = {key.decode().removeprefix(prefix) async for key in client.scan_iter(match=f"{prefix}*")}
        assert keys == {
            "fundwatch:{0}:queue:652722:treasury",
            "fundwatch:{0}:queue:652722:inspection",
            f"fundwatch:{{0}}:alert:{0:032x}",
            "fundwatch:{0}:applied",
            "fundwatch:{0}:queues",
            "fundwatch:{0}:feed",
        }
        entries = await client.xrange(f"{prefix}fundwatch:{{0}}:queue:652722:treasury")
        assert entries is not None
        ((entry_id, fields),) = entries
        assert entry_id == b"0-1"
        assert fields == {
            b"alert_id": f"{0:032x}".encode(),
            b"sequence": b"1",
            b"transition": b"raised",
            b"record": TEN[0].value,
        }
        (group,) = await client.xinfo_groups(f"{prefix}fundwatch:{{0}}:queue:652722:treasury")
        assert (group["name"], group["last-delivered-id"]) == (b"desk", b"0-0")
        assert await client.get(f"{prefix}fundwatch:{{0}}:applied") == b"0"


async def test_server_that_forgot_the_script_is_told_it_again(servers: Settings) -> None:
    """A restart drops scripts."""
    async with plain(servers) as (client, queues, _):
        await run(queues, TEN[:4])
        await client.script_flush()
        await run(queues, TEN)
        assert await contents(queues, TEN) == await delivered_once(TEN)


async def test_lost_watermark_alone_doubles_nothing(servers: Settings) -> None:
    """Somebody deletes one key: every entry is found to be there already."""
    async with plain(servers) as (client, queues, prefix):
        await run(queues, TEN)
        before = await contents(queues, TEN)
        await client.delete(f"{prefix}fundwatch:{{0}}:applied")
        await run(queues, TEN)
        assert await contents(queues, TEN) == before


async def test_lost_queue_names_leave_the_desks_where_they_were(servers: Settings) -> None:
    """The group is there already: what was acknowledged stays so."""
    async with plain(servers) as (client, queues, prefix):
        desk = QueueName(0, JINGHE, "inspection")
        await run(queues, TEN)
        await queues.acknowledge(desk, [entry.offset for entry in await queues.take(desk, "u-1", limit=99)])
        await client.delete(f"{prefix}fundwatch:{{0}}:applied", f"{prefix}fundwatch:{{0}}:queues")
        await run(queues, TEN)
        assert (await queues.depths([desk]))[0].unacknowledged == 0


async def test_flushed_server_filled_again_is_identical_with_its_ids(servers: Settings) -> None:
    """Everything that is in Redis follows from topic alerts."""
    async with plain(servers) as (client, queues, prefix):
        await run(queues, TEN, batch=1)
        before = await dump(client, prefix)
        await queues.wipe(0)
        assert await dump(client, prefix) == {}
        await run(queues, TEN, batch=7)
        assert await dump(client, prefix) == before


async def test_feed_stream_keeps_the_newest_and_is_the_same_after_a_rebuild(servers: Settings) -> None:
    """Trimmed by offset, not by when it was written or in which batches."""
    many = history(FEED_OFFSETS_KEPT // 2 + 300)
    async with plain(servers) as (client, queues, prefix):
        await run(queues, many, batch=100)
        before = await dump(client, prefix)
        await queues.wipe(0)
        await run(queues, many, batch=len(many))
        assert await dump(client, prefix) == before
        assert await client.xlen(f"{prefix}fundwatch:{{0}}:feed") == FEED_OFFSETS_KEPT // 2 + 1


async def dump(client: Redis, prefix: str) -> dict[str, object]:
    """Every key of a namespace with its contents."""
    reads: dict[bytes | str, Callable[[bytes], Awaitable[object]]] = {
        b"stream": client.xrange,
        b"set": client.smembers,
        b"string": client.get,
    }
    found: dict[str, object] = {}
    async for key in client.scan_iter(match=f"{prefix}*"):
        kind = await client.type(key)
        found[key.decode()] = await reads[kind](key)
    return found


async def test_server_that_does_not_answer_is_unavailable() -> None:
    """The deliverer waits for it."""
    async with connected("redis://127.0.0.1:1") as queues:
        with pytest.raises(QueuesUnavailable):
            await queues.applied(0)


async def test_a_read_that_the_server_ends_is_a_reason_to_read_again(servers: Settings) -> None:
    """As it does with all that wait when it becomes a replica: the server lives, and waiting helps."""
    async with plain(servers) as (client, queues, _), asyncio.timeout(20):
        reading = asyncio.create_task(queues.fed({0: -1}, wait_ms=10_000, limit=1))
        waiting = await waiting_client(client)
        assert await client.client_unblock(waiting, error=True)
        with pytest.raises(QueuesUnavailable, match="UNBLOCKED"):
            await reading


async def waiting_client(client: Redis) -> int:
    """The id of the client that waits in a read, once there is one."""
    while True:
        for each in await client.client_list():
            if each["flags"] == "b":
                return int(each["id"])
        await asyncio.sleep(0.01)


async def test_a_server_that_runs_a_script_of_others_is_waited_for(servers: Settings) -> None:
    """One that it counts as long: 5 s by default."""
    async with plain(servers) as (client, queues, _), asyncio.timeout(20):
        await client.config_set("busy-reply-threshold", 1)
        script = "local t = redis.call('TIME')[1] + 2; while tonumber(redis.call('TIME')[1]) < t do end"
        running: asyncio.Task[object] = asyncio.create_task(client.eval(script, 0))  # type: ignore[arg-type]  # a union
        with pytest.raises(QueuesUnavailable, match="BUSY"):
            await asked_again_and_again(queues)
        await running
        await client.config_set("busy-reply-threshold", 5_000)


async def asked_again_and_again(queues: RedisQueues) -> None:
    """Until it refuses."""
    while True:
        await queues.applied(0)
        await asyncio.sleep(0.01)


async def test_wrong_password_is_no_reason_to_wait(servers: Settings) -> None:
    """It stops the worker, by name."""
    address = servers.redis.removeprefix("redis://")
    async with connected(f"redis://nobody:wrong@{address}") as queues:
        with pytest.raises(QueuesRefused, match="FUNDWATCH_REDIS"):
            await queues.applied(0)


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[str]:
    """A Redis Cluster of one node, which checks like any other that a call's keys lie in one slot."""
    with socket.socket() as probe, socket.socket() as bus:
        probe.bind(("127.0.0.1", 0))
        bus.bind(("127.0.0.1", 0))
        port, bus_port = probe.getsockname()[1], bus.getsockname()[1]
    launch = valkey.kind(str(tmp_path)).launch({"redis": port})
    options = ("--cluster-enabled", "yes", "--cluster-port", str(bus_port), "--appendonly", "no")
    with (tmp_path / "log").open("wb") as log:
        server = subprocess.Popen((*launch.argv, *options), cwd=launch.folder, stdout=log, stderr=log)
    yield f"redis+cluster://127.0.0.1:{port}"
    server.kill()
    server.wait()


async def formed(address: str) -> None:
    """Wait for the node to answer, give it all slots, wait until it serves them."""
    async with asyncio.timeout(30), Redis.from_url(address, protocol=2) as node:
        while not await is_answering(node):  # noqa: ASYNC110  # another process: nothing else to wait for
            await asyncio.sleep(0.02)
        await node.cluster("addslotsrange", 0, 16383)
        while (await node.cluster("info"))["cluster_state"] != "ok":  # noqa: ASYNC110  # the same
            await asyncio.sleep(0.02)


async def is_answering(node: Redis) -> bool:
    """Whether the server has started."""
    try:
        return bool(await node.ping())
    except NotConnectedError:
        return False


async def test_redis_cluster_takes_every_call(cluster: str) -> None:
    """Each call's keys carry one hash tag; partitions lie in different slots."""
    await formed(cluster.replace("+cluster", ""))
    desk = QueueName(0, JINGHE, "inspection")
    async with connected(cluster, prefix="test:") as queues:
        await run(queues, TEN)
        other = Deliverer(queues, 1)
        await other.open()
        await other.step(TEN[:2])
        assert await contents(queues, TEN) == await delivered_once(TEN)
        taken = await queues.take(desk, "u-1", limit=2)
        assert len(await queues.reclaim(desk, "u-2", idle_ms=0, limit=9)) == len(taken)
        assert await queues.acknowledge(desk, [entry.offset for entry in taken]) == len(taken)
        assert queues.reading_groups([0, 1]) == ((0,), (1,))
        await queues.wipe(0)
        assert (await queues.applied(0), await queues.applied(1)) == (-1, TEN[1].offset)
