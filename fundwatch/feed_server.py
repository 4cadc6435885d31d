"""The feed process: the queues, one reader, the HTTP service, wired for one system."""

from __future__ import annotations

import resource
import socket
import time

import uvicorn

from alerts.feed import Feed
from alerts.feed_metrics import FeedMetrics
from alerts.feed_service import SEND_TIMEOUT_S, Access, FeedService
from alerts.queues import connected
from domain.settings import PREFIX, SettingRefused, Settings
from fundwatch.token_secret import audience, token_secret

# Live feeds never end by themselves: a stop waits this long for what is being sent, then ends them. Clients resume.
GRACEFUL_S = 2
# Files beside those of clients: Redis, logs, libraries, requests for pages, and some to refuse a client with.
_FILES_BESIDE = 128


async def serve(settings: Settings) -> None:
    """Serve until the process is told to end. Raises SettingRefused."""
    _allow_files(settings.feed_clients_max)
    access = Access(token_secret(settings), audience(settings), lambda: int(time.time()))
    async with connected(settings.redis, prefix=settings.redis_key(""), cafile=settings.redis_cafile) as queues:
        feed = Feed(queues, settings.partitions, queues.applied)
        service = FeedService(feed, access, FeedMetrics(), clients_max=settings.feed_clients_max)
        await _serve_until_the_end(service, settings)


async def _serve_until_the_end(service: FeedService, settings: Settings) -> None:
    """Serve until told to end, or until the reader has ended: without it clients would wait for what never comes.

    Raises what that ended by; whoever runs the process starts it again.
    """

    def end() -> None:
        server.should_exit = True

    config = uvicorn.Config(
        service.application(end),
        host=settings.feed_host,
        port=settings.feed_port,
        log_level=settings.log_level.lower(),
        access_log=False,  # a line per request would hold who looked at what, outside any rights
        timeout_graceful_shutdown=GRACEFUL_S,
    )
    server = uvicorn.Server(config)
    await server.serve(sockets=[listener(config)])
    if (failure := service.failure()) is not None:
        raise failure


def listener(config: uvicorn.Config) -> socket.socket:
    """The socket that clients connect to; what is set on it holds for their connections too.

    A client that vanishes without a word (a cable, a closed laptop) acknowledges nothing. The kernel would go on
    sending heartbeats for a quarter of an hour before it tells us.
    """
    opened = config.bind_socket()
    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(SEND_TIMEOUT_S * 1_000))
    return opened


def _allow_files(clients_max: int) -> None:
    """A client is an open file, of which many systems allow a process 1,024 until it asks for more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = clients_max + _FILES_BESIDE
    if hard != resource.RLIM_INFINITY and needed > hard:
        expected = f"at most {hard - _FILES_BESIDE}: this process may open {hard} files (ulimit -Hn)"
        raise SettingRefused(PREFIX + "FEED_CLIENTS_MAX", str(clients_max), expected)
    if soft != resource.RLIM_INFINITY and needed > soft:
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))
