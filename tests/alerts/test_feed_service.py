"""Laws of the feed over HTTP: who is let in, what is answered, how a stream is resumed and who is let go."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from itertools import islice

import httpx
import pytest
import uvicorn

from alerts.delivery import Fed
from alerts.feed import Feed
from alerts.feed_metrics import FeedMetrics
from alerts.feed_service import Access, FeedService
from alerts.queues_in_memory import MemoryQueues
from alerts.routing import Section
from alerts.tokens import WHOLE_COUNTRY, Grant, Post, issue
from fundwatch.feed_client import FeedEvent, FeedRefused, follow, parsed
from tests.alerts.findings import Stored, stored
from tests.alerts.test_deliverer import TEN, run

pytestmark = pytest.mark.anyio

SECRET, AUDIENCE, NOW_S = "s" * 64, "here", 1_800_000_000
CLIENTS_MAX = 3


def token(
    *sections: Section, region: str = WHOLE_COUNTRY, post: Post = Post.HANDLING, seconds: int = 60
) -> dict[str, str]:
    """The header of a bearer."""
    grant = Grant("u-3108", post, sections or (Section.INSPECTION,), region, expires_at=NOW_S + seconds)
    return {"Authorization": "Bearer " + issue(grant, SECRET, audience=AUDIENCE, now_s=NOW_S - 3600)}


def bearer() -> str:
    """The token of an inspector, as the terminal client is given it."""
    return token()["Authorization"].removeprefix("Bearer ")


class Served:
    """A feed service that listens on loopback."""

    def __init__(self, store: MemoryQueues, port: int) -> None:
        self.store, self.port, self.address = store, port, f"http://127.0.0.1:{port}"
        self.metrics = FeedMetrics()
        self.feed = Feed(store, 1, store.applied)
        access = Access(SECRET, AUDIENCE, lambda: NOW_S)
        self.service = FeedService(
            self.feed, access, self.metrics, clients_max=CLIENTS_MAX, heartbeat_s=0.1, send_timeout_s=2.0
        )
        self.ended = asyncio.Event()
        config = uvicorn.Config(
            self.service.application(self.ended.set), log_level="error", timeout_graceful_shutdown=0
        )
        self.server = uvicorn.Server(config)

    def client(self) -> httpx.AsyncClient:
        """Without the system's certificates: loading them takes longer than most of these tests."""
        return httpx.AsyncClient(base_url=self.address, verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))

    async def get(self, path: str, headers: Mapping[str, str] | None = None) -> httpx.Response:
        """One request."""
        async with self.client() as client:
            return await client.get(path, headers=headers)

    async def events(self, number: int, *, last: str = "", query: str = "") -> list[FeedEvent]:
        """The first events of a live feed."""
        headers = token() | ({"Last-Event-ID": last} if last else {})
        lines, found = list[bytes](), 0
        async with (
            asyncio.timeout(20),
            self.client() as client,
            client.stream("GET", f"/api/v1/feed{query}", headers=headers) as answer,
        ):
            async for line in answer.aiter_lines():
                lines.append(line.encode() + b"\n")
                found += line.startswith("data")
                if found == number and not line:
                    break
        return list(parsed(lines))


@asynccontextmanager
async def served(records: list[Stored] | None = None) -> AsyncIterator[Served]:
    """The service over a store with ten alerts, reading."""
    store = MemoryQueues()
    await run(store, TEN if records is None else records)
    listener = socket.create_server(("127.0.0.1", 0))
    one = Served(store, listener.getsockname()[1])
    serving = asyncio.create_task(one.server.serve(sockets=[listener]))
    try:
        async with asyncio.timeout(20):
            while not (one.server.started and one.feed.is_reading):  # noqa: ASYNC110  # uvicorn tells nobody
                await asyncio.sleep(0.01)
        yield one
    finally:
        one.server.should_exit = True
        await serving
        listener.close()


@pytest.mark.parametrize("path", ["/api/v1/feed", "/api/v1/alerts"])
@pytest.mark.parametrize(
    ("headers", "query", "status", "code"),
    [
        ({}, "", 401, "token_missing"),
        ({"Authorization": "Basic dTpw"}, "", 401, "token_missing"),
        ({"Authorization": "Bearer nonsense"}, "", 401, "token_malformed"),
        (token(seconds=-1), "", 401, "token_expired"),
        (token(post=Post.SYSTEM_ADMINISTRATOR), "", 403, "post_not_allowed"),
        (token(Section.TREASURY), "?section=budget", 403, "section_not_granted"),
        (token(Section.TREASURY, region="652700"), "?region=65", 403, "region_not_granted"),
        (token(), "?region=999999", 400, "region_unknown"),
        (token(), "?section=kitchen", 400, "section_unknown"),
        (token(), "?token=abc", 400, "parameter_unknown"),
        (token(), "?section=", 400, "parameter_bad"),
        (token(), "?business_section=,", 400, "parameter_bad"),
        (token(), "?region=", 400, "parameter_bad"),
        (token(), "?region=652722&region=410122", 400, "parameter_bad"),
        (token(), "?cursor=1.2", 400, "cursor_bad"),
    ],
)
async def test_request_without_the_right_is_refused_with_its_reason(
    path: str, headers: dict[str, str], query: str, status: int, code: str
) -> None:
    """401 who are you, 403 not yours, 400 no such thing; always JSON with a code and a sentence."""
    async with served() as one:
        answer = await one.get(path + query, headers)
        assert (answer.status_code, answer.json()["error"]) == (status, code)
        assert answer.json()["message"]
        assert ("www-authenticate" in answer.headers) is (status == 401)


async def test_refusals_are_counted_by_reason() -> None:
    """A rise of wrong signatures is somebody trying."""
    async with served() as one:
        await one.get("/api/v1/alerts")
        metrics = (await one.get("/metrics")).text
        assert 'fundwatch_feed_requests_refused_total{reason="token_missing"} 1.0' in metrics
        assert 'fundwatch_feed_requests_refused_total{reason="token_signature"} 0.0' in metrics


@pytest.mark.parametrize(
    ("query", "status"),
    [("limit=0", 400), ("limit=501", 400), ("limit=x", 400), ("limit=１", 400), ("limit=500", 200), ("current=1", 400)],
)
async def test_size_of_a_page_is_bounded(query: str, status: int) -> None:
    """One request cannot ask for everything."""
    async with served() as one:
        assert (await one.get(f"/api/v1/alerts?{query}", token())).status_code == status


async def test_pages_hold_the_records_byte_for_byte() -> None:
    """What the desk wrote is what the section gets; the cursor leads on."""
    async with served() as one:
        first = (await one.get("/api/v1/alerts?limit=6", token())).json()
        second = (await one.get(f"/api/v1/alerts?cursor={first['next_cursor']}", token())).json()
        assert first["alerts"] + second["alerts"] == [json.loads(alert.value or b"") for alert in TEN]
        assert (first["more"], second["more"]) == (True, False)


async def test_parameters_only_narrow() -> None:
    """A county's and a section's part of what the token grants."""
    headers = token(Section.TREASURY, Section.INSPECTION, region="652700")
    async with served() as one:
        narrow = (await one.get("/api/v1/alerts?region=652722&section=treasury", headers)).json()["alerts"]
        whole = (await one.get("/api/v1/alerts", headers)).json()["alerts"]
        assert {(alert["region"], alert["section"]) for alert in narrow} == {("652722", "treasury")}
        assert len(whole) == len(TEN)


async def test_stream_has_id_event_and_data_of_each_record() -> None:
    """Server-Sent Events as alerts.md says, without compression, not to be stored."""
    async with served() as one:
        events = await one.events(10)
        assert [event.record for event in events] == [alert.value for alert in TEN]
        assert [event.transition for event in events] == ["raised"] * 10
        assert [event.id for event in events] == [str(alert.offset + 1) for alert in TEN]


async def test_stream_is_resumed_behind_the_last_event_id() -> None:
    """The header of a browser's EventSource, or the cursor parameter of its first connection."""
    async with served() as one:
        last = (await one.events(4))[-1].id
        assert [event.record for event in await one.events(6, last=last)] == [alert.value for alert in TEN[4:]]
        assert await one.events(6, query=f"?cursor={last}") == await one.events(6, last=last)


@pytest.mark.parametrize("path", ["/api/v1/feed", "/api/v1/alerts"])
async def test_a_cursor_beyond_the_end_is_refused_until_there_is_something_there(path: str) -> None:
    """Followed in silence it would leave out all that comes before it; the very end is no error."""
    async with served() as one:
        end = str(await one.feed.now())
        ahead = await one.get(f"{path}?cursor={int(end) + 1}", token())
        assert (ahead.status_code, ahead.json()["error"]) == (503, "cursor_ahead")
        assert end in ahead.json()["message"]
        assert (await one.get(f"/api/v1/alerts?cursor={end}", token())).json()["alerts"] == []


async def test_silent_stream_sends_a_comment() -> None:
    """Proxies keep the connection open."""
    async with (
        served([]) as one,
        one.client() as client,
        asyncio.timeout(20),
        client.stream("GET", "/api/v1/feed", headers=token()) as answer,
    ):
        lines = answer.aiter_lines()
        assert [await anext(lines) for _ in range(4)] == ["retry: 2000", "", ": heartbeat", ""]


async def test_client_that_takes_nothing_is_let_go_and_resumes_without_a_gap() -> None:
    """Its connection ends after the time-out; nothing is kept for it; its last event id is all it needs."""
    # More than the kernel holds for a connection that nobody reads (net.ipv4.tcp_wmem: 4 MiB).
    many = [stored(number, message_zh="长" * 20_000) for number in range(120)]
    async with served(many) as one:
        deaf = socket.socket()
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        deaf.connect(("127.0.0.1", one.port))
        reader, writer = await asyncio.open_connection(sock=deaf, limit=1_024)
        header = token()["Authorization"]
        writer.write(f"GET /api/v1/feed HTTP/1.1\r\nHost: here\r\nAuthorization: {header}\r\n\r\n".encode())
        async with asyncio.timeout(20):
            await reader.readuntil(b"id: 1\n")
            while one.metrics.dropped._value.get() == 0:  # noqa: ASYNC110  # the service tells nobody
                await asyncio.sleep(0.01)
        assert one.feed.clients == 0
        writer.transport.abort()
        rest = await one.events(119, last="1")
        assert [event.record for event in rest] == [alert.value for alert in many[1:]]


async def test_one_client_too_many_is_refused_until_another_is_gone() -> None:
    """Also of those that come at the same moment; one that hangs up without a word makes room."""
    async with served() as one:
        header = token()["Authorization"]
        request = f"GET /api/v1/feed HTTP/1.0\r\nHost: here\r\nAuthorization: {header}\r\n\r\n".encode()

        async def come() -> tuple[bytes, asyncio.StreamWriter]:
            reader, writer = await asyncio.open_connection("127.0.0.1", one.port)
            writer.write(request)
            return await reader.readline(), writer

        async with asyncio.timeout(20):
            came = await asyncio.gather(*(come() for _ in range(CLIENTS_MAX + 1)))
            statuses = [status.split()[1] for status, _ in came]
            assert sorted(statuses) == [b"200"] * CLIENTS_MAX + [b"503"]
            assert (await one.get("/api/v1/feed", token())).json()["error"] == "too_many_clients"
            came[statuses.index(b"200")][1].transport.abort()
            while one.feed.clients == CLIENTS_MAX:  # noqa: ASYNC110  # the service tells nobody
                await asyncio.sleep(0.01)
            status, last = await come()
        for writer in [last, *(writer for _, writer in came)]:
            writer.transport.abort()
        assert status.split()[1] == b"200"


async def test_health_says_whether_the_reader_reads() -> None:
    """Live: the process answers. Ready: it has found its place in the queues."""
    async with served() as one:
        assert (await one.get("/health/live")).status_code == 200
        assert (await one.get("/health/ready")).status_code == 200
        one.store.is_available = False
        one.store.set_back({})
        async with asyncio.timeout(20):
            while one.feed.is_reading:  # noqa: ASYNC110  # the same
                await asyncio.sleep(0.01)
        assert (await one.get("/health/ready")).status_code == 503
        assert (await one.get("/api/v1/alerts", token())).json()["error"] == "queues_unavailable"


async def test_without_its_reader_it_is_not_ready_and_ends() -> None:
    """Clients would wait for what never comes; whoever runs the process starts it again."""

    async def damaged(after: Mapping[int, int], *, wait_ms: int, limit: int) -> Mapping[int, Sequence[Fed]]:
        del after, wait_ms, limit
        raise ValueError("what nobody thought of")

    async with served() as one, asyncio.timeout(20):
        one.store.fed = damaged  # type: ignore[method-assign]  # a store that answers what it never should
        await one.ended.wait()
        assert (await one.get("/health/live")).status_code == 503
        assert (await one.get("/health/ready")).status_code == 503
        assert isinstance(one.service.failure(), ExceptionGroup)


async def test_unknown_address_is_answered_in_json() -> None:
    """For programs."""
    async with served() as one:
        assert (await one.get("/api/v2/feed")).json()["error"] == "not_found"


async def test_terminal_client_resumes_by_itself_when_its_connection_breaks() -> None:
    """It asks again with its last event id, and sees everything once."""
    interruptions: list[str] = []
    async with served() as one:

        async def hang_up() -> None:
            for connection in list(one.server.server_state.connections):
                connection.transport.abort()

        def read() -> list[FeedEvent]:
            events = follow(one.address, bearer, [], interrupted=interruptions.append, pause=lambda _seconds: None)
            first = list(islice(events, 4))
            asyncio.run_coroutine_threadsafe(hang_up(), loop).result()
            return first + list(islice(events, 6))

        loop = asyncio.get_running_loop()
        async with asyncio.timeout(20):
            events = await asyncio.to_thread(read)
        assert [event.record for event in events] == [alert.value for alert in TEN]


async def test_terminal_client_gives_up_where_asking_again_does_not_help() -> None:
    """A token without the right is an end, not an interruption."""
    async with served() as one:
        events = follow(one.address, bearer, [("section", "budget")], interrupted=print)
        with pytest.raises(FeedRefused) as refused:
            await asyncio.to_thread(next, events)
        assert (refused.value.status, refused.value.code) == (403, "section_not_granted")
