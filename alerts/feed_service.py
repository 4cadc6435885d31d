"""The feed over HTTP (docs/contract/alerts.md): Server-Sent Events, cursor pages, health and metrics.

Plain Starlette. Every request proves who it comes from; an answer holds nothing but alert records of the token's scope.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus

import msgspec
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Send
from starlette.types import Scope as HttpScope

from alerts.cursor import NOW, START, Cursor, CursorRefused, cursor_at_start, parse_cursor
from alerts.delivery import QueuesUnavailable
from alerts.feed import Event, Feed
from alerts.feed_metrics import FeedMetrics
from alerts.scope import Scope, ScopeRefused, narrowed
from alerts.tokens import TokenRefused, grant_of
from domain.settings import names_in

PAGE_LIMIT_DEFAULT = 100
# About 1.5 MB: what a browser takes at once without stalling, and one page in memory per request.
PAGE_LIMIT_MAX = 500
# Proxies close a connection that is silent for 30 or 60 s.
HEARTBEAT_S = 15.0
# One that has not taken a single chunk for this long (three heartbeats) is gone, whatever its connection says.
SEND_TIMEOUT_S = 45.0
RETRY_MS = 2_000
_LISTS = ("section", "business_section")
_SINGLE = ("region", "cursor", "limit", "current")
_KNOWN_PARAMETERS = frozenset((*_LISTS, *_SINGLE))


@dataclass(frozen=True, slots=True)
class Access:
    """How tokens of this system are checked. ``now_s`` is the time in seconds since 1970."""

    secret: str
    audience: str
    now_s: Callable[[], int]


class RequestRefused(Exception):
    """An answer other than 200, with its code for programs and its sentence for people."""

    def __init__(self, status: HTTPStatus, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


class EventStream(StreamingResponse):
    """Server-Sent Events that end when the client does not take a chunk in time; ``dropped`` is told of that.

    ``ended`` is told of every end, also of a stream that never began.
    """

    def __init__(
        self,
        events: AsyncGenerator[bytes, None],
        *,
        patience_s: float,
        dropped: Callable[[], None],
        ended: Callable[[], None],
    ) -> None:
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}  # the latter for nginx: pass on at once
        super().__init__(events, media_type="text/event-stream", headers=headers)
        self._events, self._patience_s, self._dropped, self._ended = events, patience_s, dropped, ended

    async def __call__(self, scope: HttpScope, receive: Receive, send: Send) -> None:
        """As Starlette's, which listens for the end of the connection beside it."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._ended()

    async def stream_response(self, send: Send) -> None:
        """As Starlette's, with a limit on each chunk."""
        async with aclosing(self._events):
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            try:
                async for chunk in self._events:
                    async with asyncio.timeout(self._patience_s):
                        await send({"type": "http.response.body", "body": chunk, "more_body": True})
            except TimeoutError:
                self._dropped()
                return
            await send({"type": "http.response.body", "body": b"", "more_body": False})


class FeedService:
    """The routes. One instance per process."""

    def __init__(
        self,
        feed: Feed,
        access: Access,
        metrics: FeedMetrics,
        *,
        clients_max: int,
        heartbeat_s: float = HEARTBEAT_S,
        send_timeout_s: float = SEND_TIMEOUT_S,
    ) -> None:
        self._feed, self._access, self._metrics = feed, access, metrics
        self._clients_max, self._clients = clients_max, 0
        self._heartbeat_s, self._send_timeout_s = heartbeat_s, send_timeout_s
        self._reader: asyncio.Task[None] | None = None

    def application(self, reader_ended: Callable[[], None] = lambda: None) -> Starlette:
        """The ASGI application; its lifespan runs the reader. ``reader_ended`` is told when that ends."""
        return Starlette(
            routes=[
                Route("/api/v1/feed", self.live),
                Route("/api/v1/alerts", self.page),
                Route("/health/live", self.is_live),
                Route("/health/ready", self.is_ready),
                Route("/metrics", self.metrics),
            ],
            exception_handlers={
                RequestRefused: _refusal,
                QueuesUnavailable: _unavailable,
                404: _no_such_page,
                405: _no_such_page,
            },
            lifespan=lambda _application: self._lifespan(reader_ended),
        )

    @asynccontextmanager
    async def _lifespan(self, reader_ended: Callable[[], None]) -> AsyncIterator[None]:
        self._reader = asyncio.create_task(self._feed.run())
        self._reader.add_done_callback(lambda _reader: reader_ended())
        try:
            yield
        finally:
            self._reader.cancel()
            await asyncio.gather(self._reader, return_exceptions=True)

    def failure(self) -> BaseException | None:
        """By what the reader ended; None while it reads, and when it was told to stop."""
        if self._reader is None or not self._reader.done() or self._reader.cancelled():
            return None
        return self._reader.exception()

    async def live(self, request: Request) -> Response:
        """``GET /api/v1/feed``."""
        scope = self._scope(request)
        place = request.headers.get("last-event-id") or request.query_params.get("cursor", START)
        cursor = await self._cursor(place)
        # Nothing is waited for from here on: of clients that come together not one too many is let in.
        if self._clients >= self._clients_max:
            raise RequestRefused(
                HTTPStatus.SERVICE_UNAVAILABLE, "too_many_clients", "没有空闲连接, no connection is free"
            )
        self._clients += 1
        return EventStream(
            self._events(scope, cursor),
            patience_s=self._send_timeout_s,
            dropped=self._metrics.dropped.inc,
            ended=self._one_ended,
        )

    def _one_ended(self) -> None:
        self._clients -= 1

    async def _events(self, scope: Scope, cursor: Cursor) -> AsyncGenerator[bytes, None]:
        yield f"retry: {RETRY_MS}\n\n".encode()
        self._metrics.clients.inc()
        sent = self._metrics.sent.labels("feed")
        try:
            async with aclosing(self._feed.events(scope, cursor, heartbeat_s=self._heartbeat_s)) as events:
                async for event in events:
                    yield _chunk(event)
                    sent.inc(event is not None)
        except QueuesUnavailable:
            return  # the client resumes, and is told "unavailable" until the queues are back
        finally:
            self._metrics.clients.dec()

    async def page(self, request: Request) -> Response:
        """``GET /api/v1/alerts``."""
        scope = self._scope(request)
        limit = _limit(request.query_params)
        cursor = await self._cursor(request.query_params.get("cursor", START))
        is_current_only = _flag(request.query_params, "current")
        records, more = await self._feed.page(scope, cursor, limit=limit, is_current_only=is_current_only)
        self._metrics.sent.labels("page").inc(len(records))
        # Records are passed on as they are: decoding and encoding them again could only change them.
        body = b'{"alerts":[%b],"next_cursor":%b,"more":%b}' % (
            b",".join(records),
            msgspec.json.encode(str(cursor)),
            msgspec.json.encode(more),
        )
        return Response(body, media_type="application/json", headers={"Cache-Control": "no-store"})

    async def is_live(self, _request: Request) -> Response:
        """``GET /health/live``: the process answers, and its reader has not ended by a defect."""
        if self._reader is None or self._reader.done():
            return JSONResponse({"status": "reader_ended"}, HTTPStatus.SERVICE_UNAVAILABLE)
        return JSONResponse({"status": "live"})

    async def is_ready(self, _request: Request) -> Response:
        """``GET /health/ready``: the reader has found its place in the queues."""
        if self._feed.is_reading and self.failure() is None:
            return JSONResponse({"status": "ready"})
        return JSONResponse({"status": "not_ready"}, HTTPStatus.SERVICE_UNAVAILABLE)

    async def metrics(self, _request: Request) -> Response:
        """``GET /metrics``."""
        return Response(generate_latest(self._metrics.registry), media_type=CONTENT_TYPE_LATEST)

    def _scope(self, request: Request) -> Scope:
        parameters = request.query_params
        for name in parameters:
            if name not in _KNOWN_PARAMETERS:  # a misspelt filter must not widen what is shown
                raise RequestRefused(HTTPStatus.BAD_REQUEST, "parameter_unknown", f"没有参数 {name}, no such parameter")
        _refuse_no_filter(parameters)
        try:
            grant = grant_of(
                _bearer(request.headers),
                self._access.secret,
                audience=self._access.audience,
                now_s=self._access.now_s(),
            )
            return narrowed(
                grant,
                sections=_listed(parameters, "section"),
                region=parameters.get("region", ""),
                business_sections=_listed(parameters, "business_section"),
            )
        except TokenRefused as error:
            self._metrics.refused.labels(error.fault.value).inc()
            message = "令牌无效或缺失, a valid bearer token is needed"
            raise RequestRefused(HTTPStatus.UNAUTHORIZED, error.fault.value, message) from error
        except ScopeRefused as error:
            self._metrics.refused.labels(error.fault.value).inc()
            status = HTTPStatus.FORBIDDEN if error.is_forbidden else HTTPStatus.BAD_REQUEST
            message = f"超出权限或不存在, not granted or does not exist: {error.value}"
            raise RequestRefused(status, error.fault.value, message) from error

    async def _cursor(self, text: str) -> Cursor:
        if text == START:
            return cursor_at_start(self._feed.partitions)
        if text == NOW:
            return await self._feed.now()
        try:
            cursor = parse_cursor(text, self._feed.partitions)
        except CursorRefused as error:
            raise RequestRefused(HTTPStatus.BAD_REQUEST, "cursor_bad", str(error)) from error
        end = await self._feed.now()
        if cursor.is_beyond(end):
            # Followed as it is, it would show nothing until the queues get there, and leave all of that out.
            message = (
                f"游标超前, the cursor lies beyond the queues' end {end}: of another system, or they are being filled"
            )
            raise RequestRefused(HTTPStatus.SERVICE_UNAVAILABLE, "cursor_ahead", message)
        return cursor


def _chunk(event: Event | None) -> bytes:
    if event is None:
        return b": heartbeat\n\n"
    return b"id: %b\nevent: %b\ndata: %b\n\n" % (event.cursor.encode(), event.transition.encode(), event.record)


def _bearer(headers: Mapping[str, str]) -> str:
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _listed(parameters: QueryParams, name: str) -> list[str]:
    """Values of a parameter that may be given several times, or once with commas."""
    return [value for given in parameters.getlist(name) for value in names_in(given)]


def _refuse_no_filter(parameters: QueryParams) -> None:
    """An empty filter would show all that is granted, and of two regions one would be dropped."""
    for name in _SINGLE:
        if len(parameters.getlist(name)) > 1:
            raise RequestRefused(HTTPStatus.BAD_REQUEST, "parameter_bad", f"{name}: 只能给一次, to be given once")
    for name in (*_LISTS, "region"):
        if name in parameters and not _listed(parameters, name):
            raise RequestRefused(HTTPStatus.BAD_REQUEST, "parameter_bad", f"{name}: 为空, names nothing; leave it out")


def _limit(parameters: QueryParams) -> int:
    text = parameters.get("limit", str(PAGE_LIMIT_DEFAULT))
    if not (text.isascii() and text.isdigit() and len(text) <= 9 and 1 <= int(text) <= PAGE_LIMIT_MAX):
        message = f"limit {text[:20]!r}: 1 到 {PAGE_LIMIT_MAX}, expected 1 to {PAGE_LIMIT_MAX}"
        raise RequestRefused(HTTPStatus.BAD_REQUEST, "limit_bad", message)
    return int(text)


def _flag(parameters: QueryParams, name: str) -> bool:
    text = parameters.get(name, "false")
    if text not in ("true", "false"):
        raise RequestRefused(HTTPStatus.BAD_REQUEST, f"{name}_bad", f"{name}: expected true or false")
    return text == "true"


def _answer(status: HTTPStatus, code: str, message: str) -> Response:
    headers = {"WWW-Authenticate": "Bearer"} if status == HTTPStatus.UNAUTHORIZED else None
    return JSONResponse({"error": code, "message": message}, status, headers)


async def _refusal(_request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestRefused):
        raise error
    return _answer(error.status, error.code, error.message)


async def _unavailable(_request: Request, _error: Exception) -> Response:
    return _answer(HTTPStatus.SERVICE_UNAVAILABLE, "queues_unavailable", "队列暂不可用, the queues cannot be reached")


async def _no_such_page(_request: Request, _error: Exception) -> Response:
    return _answer(HTTPStatus.NOT_FOUND, "not_found", "没有此地址, no such address")
