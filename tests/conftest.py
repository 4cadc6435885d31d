"""Fixtures that every test may ask for: a real Kafka and Redis for the session, and a namespace of its own per test.

Only tests marked ``broker`` may use them. The servers are started once in each process of pytest-xdist, when its first
such test asks (about 6 s), under a supervisor that ends with this process, however it ends: so tests in one process
may kill them while those in another go on. Where FUNDWATCH_KAFKA and FUNDWATCH_REDIS name existing servers, those are
used by all.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

import pytest
import redis
from aiokafka.consumer import fetcher

from connectors import broker
from domain.settings import Settings
from fundwatch.environment import configured, declared
from fundwatch.services import parts, processes, system

PROJECT = Path(__file__).parents[1]


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--long`: the tests that have a short and a long form in the long one."""
    parser.addoption("--long", action="store_true", help="chaos on a million events, samples on the broker in full")


@pytest.fixture(scope="session")
def is_long(request: pytest.FixtureRequest) -> bool:
    """Whether the long forms were asked for."""
    return bool(request.config.getoption("--long"))


@pytest.fixture
def only_long(is_long: bool) -> None:
    """For tests that another one covers in short."""
    if not is_long:
        pytest.skip("minutes or hours long: --long")


@pytest.fixture(scope="session")
def servers() -> Iterator[Settings]:
    """Settings with the addresses of a real Kafka and a real Redis that are ready, until the end of the session."""
    # The project's own home folder holds the jars already; the namespace keeps the rest apart.
    own = {"home": str(PROJECT / ".fundwatch"), "namespace": f"tests-{os.getpid()}", "clock": "manual"}
    plain = declared(**own)
    _clear_up_after_killed_sessions(plain.home)
    missing = [name for name, given in ((parts.KAFKA, plain.kafka), (parts.REDIS, plain.redis)) if not given]
    system.start(plain, missing, print, owner=processes.identity_of(os.getpid()))
    yield configured(**own)
    system.stop(plain, print)
    system.erase(plain)


def _clear_up_after_killed_sessions(home: str) -> None:
    """Their servers ended with them, but nobody deleted their folders."""
    for namespace in system.namespaces(home):
        prefix, _, pid = namespace.partition("-")
        killed = declared(home=home, namespace=namespace)
        is_over = prefix == "tests" and pid.isdigit() and processes.identity_of(int(pid)) is None
        if is_over and not system.running(killed):
            with suppress(FileNotFoundError):  # another session, or the end of its own servers, is at it too
                system.erase(killed)


@pytest.fixture(autouse=True)
def _consumers_return_what_they_did() -> Iterator[None]:
    """A shard run in this process changes what every consumer in it returns (`fetch_lean`): not in the next test."""
    before = fetcher.PartitionRecords
    yield
    fetcher.PartitionRecords = before


@contextmanager
def _own_system(servers: Settings, home: Path) -> Iterator[Settings]:
    """A system on the session's servers with a namespace and a home folder of its own; nothing of it is left."""
    mine = dataclasses.replace(servers, namespace=f"test-{uuid4().hex[:12]}", home=str(home))
    try:
        yield mine
    finally:
        system.stop(mine, print)
        broker.delete_topics(mine)
        with redis.Redis.from_url(mine.redis) as store:
            for key in store.scan_iter(match=mine.redis_key("*"), count=1000):
                store.delete(key)


def _with_worker(topics: Settings) -> Settings:
    system.start(topics, parts.worker_names(1), print, owner=processes.identity_of(os.getpid()))
    return topics


@pytest.fixture
def settings(servers: Settings, tmp_path: Path) -> Iterator[Settings]:
    """Settings of a system of this test's own: its namespace and its home folder; nothing of it is left afterwards."""
    with _own_system(servers, tmp_path) as mine:
        yield mine


@pytest.fixture
def topics(settings: Settings) -> Settings:
    """The same settings, with all topics of this test's namespace made."""
    broker.create_topics(settings)
    return settings


@pytest.fixture
def running(topics: Settings) -> Settings:
    """The same settings, with one worker at work and a manual clock."""
    return _with_worker(topics)


@pytest.fixture(scope="module")
def running_for_all(servers: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Such a running system for all tests of a module, which only read what its first fixture made happen there."""
    with _own_system(servers, tmp_path_factory.mktemp("running")) as mine:
        broker.create_topics(mine)
        yield _with_worker(mine)
