"""Fixtures of the alert tests: the two queue stores that one contract suite runs against."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Protocol
from uuid import uuid4

import pytest

from alerts.delivery import QueueReader, QueueWriter
from alerts.queues import connected
from alerts.queues_in_memory import MemoryQueues

PARTITIONS_USED = (0, 1)


class Store(QueueReader, QueueWriter, Protocol):
    """Both sides of a queue store."""


@pytest.fixture(
    params=["memory", pytest.param("redis", marks=pytest.mark.broker)],
)
def opened(request: pytest.FixtureRequest) -> AbstractAsyncContextManager[Store]:
    """An empty queue store, to be opened inside the test's event loop: in memory, and the real Redis."""
    if request.param == "memory":
        return _in_memory()
    return _in_redis(request.getfixturevalue("servers").redis)


@asynccontextmanager
async def _in_memory() -> AsyncIterator[Store]:
    yield MemoryQueues()


@asynccontextmanager
async def _in_redis(url: str) -> AsyncIterator[Store]:
    async with connected(url, prefix=f"test-{uuid4().hex[:12]}:") as queues:
        yield queues
        for partition in PARTITIONS_USED:
            await queues.wipe(partition)


@pytest.fixture
def anyio_backend() -> str:
    """Asynchronous tests run on asyncio, as the service does."""
    return "asyncio"
