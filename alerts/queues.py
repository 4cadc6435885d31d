"""The sections' queues in Redis Streams: the only module that imports redis.

Keys (alerts.md), all of one partition with the same hash tag, so every call and script stays on one node of a cluster::

    fundwatch:{<partition>}:queue:<region>:<section>   stream, one entry per alert record; group ``desk``
    fundwatch:{<partition>}:alert:<alert_id>           the alert's current record
    fundwatch:{<partition>}:applied                    watermark: offset of the last record of topic alerts in here
    fundwatch:{<partition>}:queues                     set of "<region>:<section>", to find the queues without a scan
    fundwatch:{<partition>}:feed                       stream of the newest records of the partition, for live feeds

with ``<namespace>:`` before them where there is one. Only commands of Redis 7.0. Queues are not trimmed: an entry that
no desk acknowledged must not vanish, and a rebuilt queue must equal the lost one. The feed stream is trimmed; who falls
behind it reads the queues.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from hashlib import sha1
from importlib import resources
from typing import Any, NamedTuple
from urllib.parse import urlsplit, urlunsplit

from redis import exceptions
from redis.asyncio import Redis, RedisCluster

from alerts.delivery import (
    NOTHING_APPLIED,
    Applied,
    Depth,
    Differs,
    Entry,
    Fed,
    Page,
    Queued,
    QueueName,
    QueuesRefused,
    QueuesUnavailable,
)
from alerts.paging import merged, per_queue

DESK = "desk"
# Offsets, not entries, that a partition's feed reaches back: about 8 MB of records. A feed service that lags further
# (a pause of seconds in a flood) reads the queues instead, so a larger one would only cost memory.
FEED_OFFSETS_KEPT = 2_000
# Longer than any blocking read (a second) and any script of ours (milliseconds): then nobody is there.
CALL_TIMEOUT_S = 15.0
CONNECT_TIMEOUT_S = 5.0
# Queues read in one pipeline: its answers are held at once, at most about a page of records each.
QUEUES_PER_PIPELINE = 500
# Keys that a scan looks at per call, a fraction of a millisecond.
SCAN_COUNT = 1_000
_WIPE = "for _, key in ipairs(KEYS) do redis.call('UNLINK', key) end"
_CLUSTER_SCHEMES = {"redis+cluster": "redis", "rediss+cluster": "rediss"}
# Answers of a server that lives but cannot serve now: loading its file, fail-over, full memory.
_TEMPORARY = (
    exceptions.ConnectionError,
    exceptions.TimeoutError,
    exceptions.BusyLoadingError,
    exceptions.ReadOnlyError,
    exceptions.ClusterDownError,
    exceptions.TryAgainError,
    exceptions.MasterDownError,
    exceptions.OutOfMemoryError,
    exceptions.ClusterError,
    exceptions.SlotNotCoveredError,
)
# redis-py counts the first two as connection errors, but waiting does not mend a password.
_REFUSALS = (exceptions.AuthenticationError, exceptions.AuthorizationError, exceptions.NoPermissionError)
# … and those redis-py has no class for: the disk is full, too few replicas are in step, a read that waited was ended
# because the server became a replica, or somebody's script holds the server.
_TEMPORARY_ANSWERS = ("MISCONF", "NOREPLICAS", "UNBLOCKED", "BUSY ")
Client = Any  # redis-py's types of its commands are unions of awaitable and plain: checked by the contract suite


@asynccontextmanager
async def _available() -> AsyncIterator[None]:
    """Bounds the calls inside in time, and says of every fault whether waiting helps.

    The limit is not left to redis-py: with a socket time-out it writes under ``asyncio.wait_for``, which before Python
    3.12 can swallow a cancellation, and a worker that is told to stop would go on.
    """
    try:
        async with asyncio.timeout(CALL_TIMEOUT_S):
            yield
    except _REFUSALS as error:
        raise QueuesRefused(f"{error}; see user and password in FUNDWATCH_REDIS") from error
    except (*_TEMPORARY, TimeoutError) as error:
        if isinstance(behind := error.__context__, ssl.SSLCertVerificationError):
            detail = f"its certificate is not trusted ({behind.verify_message}); see FUNDWATCH_REDIS_CAFILE"
            raise QueuesRefused(detail) from error
        raise QueuesUnavailable(f"{error or 'no answer in time'}; see FUNDWATCH_REDIS") from error
    except exceptions.ResponseError as error:
        if str(error).startswith(_TEMPORARY_ANSWERS):
            raise QueuesUnavailable(str(error)) from error
        raise


class RedisQueues:
    """Queue store on one Redis, or on a Redis Cluster. Implements `QueueWriter` and `QueueReader`."""

    def __init__(self, client: Client, *, prefix: str = "", clustered: bool = False) -> None:
        """``prefix`` comes before every key: ``<namespace>:`` or nothing."""
        self._client, self._prefix, self._clustered = client, prefix, clustered
        self._apply_source = resources.files("alerts").joinpath("apply.lua").read_text(encoding="utf-8")
        self._apply_sha = sha1(self._apply_source.encode(), usedforsecurity=False).hexdigest()

    def _key(self, partition: int, *name: str) -> str:
        return f"{self._prefix}fundwatch:{{{partition}}}:{':'.join(name)}"

    def _queue_key(self, queue: QueueName) -> str:
        return self._key(queue.partition, "queue", queue.region, queue.section)

    async def ping(self) -> None:
        """Answer whether it serves. Raises QueuesUnavailable, QueuesRefused."""
        async with _available():
            await self._client.ping()

    async def aclose(self) -> None:
        """Give the connections back."""
        await self._client.aclose()

    async def applied(self, partition: int) -> int:
        """See `QueueWriter`."""
        async with _available():
            watermark = await self._client.get(self._key(partition, "applied"))
        return NOTHING_APPLIED if watermark is None else int(watermark)

    async def apply(self, partition: int, believed: int, entries: Sequence[Entry]) -> Applied | Differs:
        """See `QueueWriter`. One script call; a server that does not know the script gets its text."""
        keys, arguments = self._call(partition, believed, entries)
        async with _available():
            try:
                outcome, watermark = await self._client.evalsha(self._apply_sha, len(keys), *keys, *arguments)
            except exceptions.NoScriptError:  # a restart forgets scripts; EVAL registers it again on that very node
                outcome, watermark = await self._client.eval(self._apply_source, len(keys), *keys, *arguments)
        return Applied(int(watermark)) if outcome == b"applied" else Differs(int(watermark))

    def _call(
        self,
        partition: int,
        believed: int,
        entries: Sequence[Entry],
    ) -> tuple[list[str], list[str | bytes]]:
        """Keys and arguments of apply.lua, which describes them."""
        queues = {(entry.region, section): 0 for entry in entries for section in entry.sections}
        alerts = {entry.alert_id: 0 for entry in entries}
        keys = [self._key(partition, name) for name in ("applied", "feed", "queues")]
        for region, section in queues:
            keys.append(self._queue_key(QueueName(partition, region, section)))
            queues[region, section] = len(keys)
        for alert_id in alerts:
            keys.append(self._key(partition, "alert", alert_id))
            alerts[alert_id] = len(keys)
        through = entries[-1].offset if entries else believed
        arguments: list[str | bytes] = [
            str(believed),
            str(through),
            str(max(0, through - FEED_OFFSETS_KEPT)),
            str(len(queues)),
            *(f"{region}:{section}" for region, section in queues),
        ]
        for entry in entries:
            arguments += [str(entry.offset), str(alerts[entry.alert_id]), entry.alert_id, str(entry.sequence)]
            arguments += [entry.transition, entry.region, ",".join(entry.sections), entry.business_section]
            arguments += [entry.record, str(len(entry.sections))]
            arguments += [str(queues[entry.region, section]) for section in entry.sections]
        return keys, arguments

    async def wipe(self, partition: int) -> None:
        """See `QueueWriter`. The keys are looked up first and removed by one script.

        A deliverer at work finds all of them or none. What it adds between the look-up and the script stays, which is
        harmless: it is found there again, under the same ids, when the partition is delivered from the start.
        """
        async with _available():
            found = [key async for key in self._client.scan_iter(match=self._key(partition, "*"), count=SCAN_COUNT)]
            await self._client.eval(_WIPE, len(found) + 1, self._key(partition, "applied"), *found)

    async def queues(self, partition: int) -> tuple[QueueName, ...]:
        """See `QueueReader`."""
        async with _available():
            names = await self._client.smembers(self._key(partition, "queues"))
        return tuple(QueueName(partition, *name.decode().split(":", 1)) for name in sorted(names))

    async def page(self, queues: Sequence[QueueName], *, after: int, through: int, limit: int) -> Page:
        """See `QueueReader`."""
        asked = per_queue(limit, len(queues))
        read: list[list[Queued]] = []
        first = "-" if after < 0 else f"({after}-1"
        for part in _batched(queues):
            async with _available(), self._client.pipeline(transaction=False) as pipe:
                for queue in part:
                    pipe.xrange(self._queue_key(queue), first, f"{max(through, 0)}-1", count=asked)
                read += [[_queued(*item) for item in answer] for answer in await pipe.execute()]
        return merged(read, asked=asked, after=after, watermark=through, limit=limit)

    def reading_groups(self, partitions: Sequence[int]) -> tuple[tuple[int, ...], ...]:
        """Which partitions one blocking read can watch together: all, or on a cluster each by itself."""
        return tuple((partition,) for partition in partitions) if self._clustered else (tuple(partitions),)

    async def fed(self, after: Mapping[int, int], *, wait_ms: int, limit: int) -> Mapping[int, Sequence[Fed]]:
        """See `QueueReader`. The partitions must be of one reading group."""
        partitions = {self._key(partition, "feed").encode(): partition for partition in after}
        streams = {
            key: f"{max(after[partition], 0)}-{1 if after[partition] >= 0 else 0}"
            for key, partition in partitions.items()
        }
        async with _available():
            answer = await self._client.xread(streams, count=limit, block=wait_ms)
        return {partitions[key]: [_fed(*item) for item in items] for key, items in answer or ()}

    async def current(self, partition: int, alert_ids: Sequence[str]) -> tuple[bytes | None, ...]:
        """See `QueueReader`."""
        if not alert_ids:
            return ()
        async with _available():
            return tuple(await self._client.mget([self._key(partition, "alert", name) for name in alert_ids]))

    async def take(self, queue: QueueName, consumer: str, *, limit: int) -> tuple[Queued, ...]:
        """See `QueueReader`."""
        key = self._queue_key(queue)
        async with _available():
            try:
                answer = await self._client.xreadgroup(DESK, consumer, {key: ">"}, count=limit)
            except exceptions.ResponseError as error:
                if str(error).startswith("NOGROUP"):  # a queue is made by its first entry
                    return ()
                raise
        return tuple(_queued(*item) for _, items in answer or () for item in items)

    async def acknowledge(self, queue: QueueName, offsets: Sequence[int]) -> int:
        """See `QueueReader`."""
        if not offsets:
            return 0
        async with _available():
            return int(await self._client.xack(self._queue_key(queue), DESK, *(f"{offset}-1" for offset in offsets)))

    async def reclaim(self, queue: QueueName, consumer: str, *, idle_ms: int, limit: int) -> tuple[Queued, ...]:
        """See `QueueReader`. XAUTOCLAIM looks at a bounded part of what is outstanding, so it is asked repeatedly."""
        key = self._queue_key(queue)
        claimed: list[Queued] = []
        cursor: bytes = b"0-0"
        while len(claimed) < limit:
            async with _available():
                try:
                    cursor, items, _ = await self._client.xautoclaim(
                        key, DESK, consumer, idle_ms, cursor, count=limit - len(claimed)
                    )
                except exceptions.ResponseError as error:
                    if str(error).startswith("NOGROUP"):
                        return ()
                    raise
            claimed += [_queued(*item) for item in items]
            if cursor == b"0-0":
                break
        return tuple(claimed)

    async def depths(self, queues: Sequence[QueueName]) -> tuple[Depth, ...]:
        """See `QueueReader`."""
        return tuple([depth for part in _batched(queues) for depth in await self._depths(part)])

    async def _depths(self, queues: Sequence[QueueName]) -> list[Depth]:
        keys = [self._queue_key(queue) for queue in queues]
        async with _available():
            async with self._client.pipeline(transaction=False) as pipe:
                for key in keys:
                    pipe.xlen(key)
                    pipe.xinfo_groups(key)
                answers = await pipe.execute(raise_on_error=False)
            waiting = [_Waiting.of(*pair) for pair in zip(answers[::2], answers[1::2], strict=True)]
            oldest = [await self._oldest(key, desk) for key, desk in zip(keys, waiting, strict=True)]
        return [
            Depth(queue, desk.length, desk.pending + desk.undelivered, first)
            for queue, desk, first in zip(queues, waiting, oldest, strict=True)
        ]

    async def _oldest(self, key: str, desk: _Waiting) -> Queued | None:
        if desk.pending:
            first = await self._client.xpending_range(key, DESK, "-", "+", 1)
            start = first[0]["message_id"].decode() if first else f"({desk.last_delivered}"
        elif desk.undelivered:
            start = f"({desk.last_delivered}"
        else:
            return None
        items = await self._client.xrange(key, start, "+", count=1)
        return _queued(*items[0]) if items else None


class _Waiting(NamedTuple):
    """What a desk's consumer group says of its queue."""

    length: int
    pending: int
    undelivered: int
    last_delivered: str

    @classmethod
    def of(cls, length: object, groups: object) -> _Waiting:
        """From XLEN and XINFO GROUPS; a queue that is gone by now (rebuild) answers the latter with an error."""
        desks = [group for group in groups if group["name"] == DESK.encode()] if isinstance(groups, list) else []
        if not desks or not isinstance(length, int):
            return cls(0, 0, 0, "0-0")
        desk = desks[0]
        return cls(length, desk["pending"], desk["lag"] or 0, desk["last-delivered-id"].decode())


def _queued(stream_id: bytes, fields: dict[bytes, bytes]) -> Queued:
    return Queued(_offset(stream_id), fields[b"transition"].decode(), fields[b"record"])


def _fed(stream_id: bytes, fields: dict[bytes, bytes]) -> Fed:
    return Fed(
        offset=_offset(stream_id),
        after=int(fields[b"after"]),
        transition=fields[b"transition"].decode(),
        region=fields[b"region"].decode(),
        sections=tuple(fields[b"sections"].decode().split(",")),
        business_section=fields[b"business_section"].decode(),
        record=fields[b"record"],
    )


def _offset(stream_id: bytes) -> int:
    return int(stream_id.split(b"-", 1)[0])


def _batched(queues: Sequence[QueueName]) -> Iterator[Sequence[QueueName]]:
    for start in range(0, len(queues), QUEUES_PER_PIPELINE):
        yield queues[start : start + QUEUES_PER_PIPELINE]


@asynccontextmanager
async def connected(url: str, *, prefix: str = "", cafile: str = "") -> AsyncIterator[RedisQueues]:
    """The queues behind a URL: ``redis://`` or ``rediss://`` (TLS), with ``+cluster`` for a Redis Cluster.

    Nothing is sent before the first call. User and password are part of the URL, as redis-py reads it.
    """
    scheme, *rest = urlsplit(url)
    clustered = scheme in _CLUSTER_SCHEMES
    plain = urlunsplit((_CLUSTER_SCHEMES.get(scheme, scheme), *rest))
    # RESP2, so that answers have the same shape whatever the server; for the time-out see `_available`.
    options: dict[str, Any] = {"socket_timeout": None, "socket_connect_timeout": CONNECT_TIMEOUT_S, "protocol": 2}
    if cafile:
        options["ssl_ca_certs"] = cafile
    client: Client = (RedisCluster if clustered else Redis).from_url(plain, **options)
    queues = RedisQueues(client, prefix=prefix, clustered=clustered)
    try:
        yield queues
    finally:
        await queues.aclose()
