"""The feed process: the queues, one reader, the HTTP service, wired for one system."""

from __future__ import annotations

import time

import uvicorn

from alerts.feed import Feed
from alerts.feed_metrics import FeedMetrics
from alerts.feed_service import Access, FeedService
from alerts.queues import connected
from domain.settings import Settings
from fundwatch.token_secret import audience, token_secret

# Live feeds never end by themselves: a stop waits this long for what is being sent, then ends them. Clients resume.
GRACEFUL_S = 2


async def serve(settings: Settings) -> None:
    """Serve until the process is told to end."""
    access = Access(token_secret(settings), audience(settings), lambda: int(time.time()))
    async with connected(settings.redis, prefix=settings.redis_key(""), cafile=settings.redis_cafile) as queues:
        feed = Feed(queues, settings.partitions, queues.applied)
        config = uvicorn.Config(
            FeedService(feed, access, FeedMetrics()).application(),
            host=settings.feed_host,
            port=settings.feed_port,
            log_level=settings.log_level.lower(),
            access_log=False,  # a line per request would hold who looked at what, outside any rights
            timeout_graceful_shutdown=GRACEFUL_S,
        )
        await uvicorn.Server(config).serve()
