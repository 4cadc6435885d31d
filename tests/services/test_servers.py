"""Laws of the local servers, on real processes: they come back, they are found again, they end."""

from __future__ import annotations

import dataclasses
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis
from click.testing import CliRunner

from connectors import broker
from domain.settings import Settings
from domain.topics import TOPICS, Cleanup, Topic
from fundwatch.cli import main
from fundwatch.environment import environ_of
from fundwatch.services import parts, processes, supervisor, system
from fundwatch.services.kafka import VERSION
from fundwatch.services.part import ServiceError
from fundwatch.services.processes import Identity
from fundwatch.services.runtime import Part, State, read_runtime
from tests.waiting import until

pytestmark = pytest.mark.broker

SERVERS = [parts.KAFKA, parts.REDIS]
# Kafka answers again about 2 s after kill -9; a busy machine gets ten times that.
BACK_S_MAX = 30.0


def soon(happened: Callable[[], bool], what: str) -> None:
    """Return as soon as it has happened; fail and say ``what`` when it does not in the time that it may take."""
    until(happened, what, every_s=0.02, patience_s=BACK_S_MAX)


def part_of(settings: Settings, name: str) -> Part:
    """What the runtime file says of one part."""
    return read_runtime(settings.folder).parts[name]


def process_of(settings: Settings, name: str) -> Identity:
    """The process of a part that runs."""
    process = part_of(settings, name).process
    assert process is not None
    return process


def kill_and_wait(settings: Settings, name: str) -> None:
    """Kill a part with kill -9 and return when another process of it is ready."""
    killed = process_of(settings, name)
    os.kill(killed.pid, signal.SIGKILL)
    soon(lambda: part_of(settings, name).process not in (None, killed), f"another process of {name}")
    soon(lambda: part_of(settings, name).state is State.RUNNING, f"{name} ready")


def kill_supervisor(settings: Settings) -> None:
    """Kill the supervisor with kill -9; its parts go on."""
    runtime = read_runtime(settings.folder)
    assert runtime.supervisor is not None
    os.kill(runtime.supervisor.pid, signal.SIGKILL)
    processes.wait_for_end([runtime.supervisor], BACK_S_MAX)


def addresses(settings: Settings) -> Settings:
    """The settings with the addresses of the system's own servers."""
    runtime = read_runtime(settings.folder)
    return dataclasses.replace(settings, kafka=runtime.kafka, redis=runtime.redis)


@pytest.fixture
def fresh(tmp_path: Path, servers: Settings) -> Iterator[Settings]:
    """A system that never ran, in a folder with a space in its path; whatever the test starts ends with it."""
    home = tmp_path / "a home with spaces"
    home.mkdir()
    (home / f"kafka-{VERSION}").symlink_to(Path(servers.home) / f"kafka-{VERSION}")
    settings = Settings(home=str(home))
    yield settings
    system.stop(settings, print)


@pytest.fixture
def both(fresh: Settings) -> Settings:
    """A Kafka and a Redis of the test's own."""
    system.start(fresh, SERVERS, print)
    return fresh


@pytest.fixture
def only_redis(fresh: Settings) -> Settings:
    """A Redis of the test's own: enough for laws of supervision, and quick."""
    system.start(fresh, [parts.REDIS], print)
    return fresh


def test_topics_are_made_once_and_found_again(settings: Settings) -> None:
    """A second creation of the topics makes nothing and finds them all."""
    names = tuple(sorted(settings.topic(topic.name) for topic in TOPICS))
    assert broker.create_topics(settings) == broker.Made(created=names, present=())
    assert broker.create_topics(settings) == broker.Made(created=(), present=names)


def test_a_topic_with_another_partition_count_is_refused(settings: Settings) -> None:
    """Nothing is made when a topic is there with another partition count, and the message names it."""
    one = Topic("journal", Cleanup.FOREVER)
    broker.create_topics(dataclasses.replace(settings, partitions=3), [one])
    with pytest.raises(broker.BrokerRefusedError, match=r"journal has 3 partitions, FUNDWATCH_PARTITIONS=4"):
        broker.create_topics(settings)
    assert broker.delete_topics(settings) == (settings.topic("journal"),)


@pytest.mark.parametrize(
    "command", [("queues", "rebuild"), ("queues", "deliver"), ("rules", "list"), ("worker",)], ids=" ".join
)
def test_who_believes_in_another_partition_count_is_refused(settings: Settings, command: tuple[str, ...]) -> None:
    """It would see a part of the system and take it for all: a rebuild of four of 32 would say it is done."""
    broker.create_topics(dataclasses.replace(settings, partitions=3), [Topic("journal", Cleanup.FOREVER)])
    told = CliRunner().invoke(main, command, env=environ_of(settings))
    assert (told.exit_code, told.stderr.count("\n")) == (1, 1)
    assert "journal has 3 partitions, FUNDWATCH_PARTITIONS=4" in told.stderr
    broker.delete_topics(settings)


def test_topics_of_a_namespace_can_be_deleted_twice(settings: Settings) -> None:
    """Deleting what is being deleted is no fault, whether the broker still lists it or not."""
    one = Topic("journal", Cleanup.FOREVER)
    broker.create_topics(settings, [one])
    assert broker.delete_topics(settings) == (settings.topic("journal"),)
    assert broker.delete_topics(settings) in {(), (settings.topic("journal"),)}


def test_topics_without_a_namespace_are_never_deleted(servers: Settings) -> None:
    """The topics of the system itself are refused before the broker is asked."""
    with pytest.raises(ValueError, match="only topics of a namespace may be deleted"):
        broker.delete_topics(dataclasses.replace(servers, namespace=""))


def test_no_broker_is_one_line(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """An address where nobody listens is said as such, with the address."""
    monkeypatch.setattr(broker, "_CONNECT_S_MAX", 0.2)  # nobody is about to start there
    with pytest.raises(broker.BrokerRefusedError, match=r"no Kafka at 127\.0\.0\.1:9:"):
        broker.create_topics(dataclasses.replace(settings, kafka="127.0.0.1:9"))


def test_killed_servers_come_back_with_their_data_and_ports(both: Settings) -> None:
    """After kill -9 of Kafka and of Redis both answer on the same ports with what was acknowledged."""
    before = read_runtime(both.folder)
    one = [Topic("journal", Cleanup.FOREVER)]
    broker.create_topics(addresses(both), one)
    with redis.Redis.from_url(before.redis) as store:
        store.set("kept", "yes")
    kill_and_wait(both, parts.KAFKA)
    kill_and_wait(both, parts.REDIS)
    after = read_runtime(both.folder)
    assert (after.kafka, after.redis) == (before.kafka, before.redis)
    assert broker.create_topics(addresses(both), one) == broker.Made(created=(), present=("journal",))
    with redis.Redis.from_url(after.redis) as store:
        assert store.get("kept") == b"yes"


def test_servers_keep_ports_and_data_over_down_and_up(both: Settings) -> None:
    """A system that was stopped and started again has the same addresses and the same topics."""
    before = read_runtime(both.folder)
    one = [Topic("journal", Cleanup.FOREVER)]
    broker.create_topics(addresses(both), one)
    system.stop(both, print)
    after = system.start(both, SERVERS, print)
    assert (after.kafka, after.redis) == (before.kafka, before.redis)
    assert broker.create_topics(addresses(both), one).present == ("journal",)


def test_starting_again_starts_nothing(only_redis: Settings) -> None:
    """`up` on a running system leaves its processes alone."""
    before = process_of(only_redis, parts.REDIS)
    system.start(only_redis, [parts.REDIS], print)
    assert process_of(only_redis, parts.REDIS) == before


def test_a_new_supervisor_takes_over_what_a_killed_one_left(only_redis: Settings) -> None:
    """After kill -9 of the supervisor the next start finds its processes, doubles none, and looks after them."""
    before = process_of(only_redis, parts.REDIS)
    kill_supervisor(only_redis)
    system.start(only_redis, [parts.REDIS], print)
    assert process_of(only_redis, parts.REDIS) == before
    kill_and_wait(only_redis, parts.REDIS)


def test_down_finds_what_a_killed_supervisor_left(only_redis: Settings) -> None:
    """After kill -9 of the supervisor, `down` still leaves no process."""
    left = process_of(only_redis, parts.REDIS)
    kill_supervisor(only_redis)
    system.stop(only_redis, print)
    assert not processes.is_alive(left)
    assert processes.marked(only_redis.folder) == {}


def test_down_leaves_no_process_and_no_port(only_redis: Settings) -> None:
    """After `down` nothing of the system runs and its port is free."""
    port = part_of(only_redis, parts.REDIS).ports["redis"]
    system.stop(only_redis, print)
    assert processes.marked(only_redis.folder) == {}
    with socket.create_server(("127.0.0.1", port)):
        pass


def test_other_settings_than_those_that_run_are_refused(only_redis: Settings) -> None:
    """`up` with another clock or other servers says what runs, and changes nothing."""
    before = read_runtime(only_redis.folder)
    with pytest.raises(ServiceError, match="already running with clock='live', not 'manual'"):
        system.start(dataclasses.replace(only_redis, clock="manual"), [parts.REDIS], print)
    with pytest.raises(ServiceError, match="already running with kafka='', not 'elsewhere:9092'"):
        system.start(dataclasses.replace(only_redis, kafka="elsewhere:9092"), [parts.REDIS], print)
    assert read_runtime(only_redis.folder) == before


def test_what_does_not_start_is_said_in_one_line_and_given_up(only_redis: Settings) -> None:
    """A part that ends again and again is named with its last words, and no longer tried."""
    nowhere = dataclasses.replace(only_redis, kafka="")
    with pytest.raises(ServiceError, match=r"worker-1 does not start: .*no Kafka"):
        system.start(nowhere, parts.worker_names(1), print)
    soon(lambda: part_of(only_redis, "worker-1").state is State.STOPPED, "the worker given up")


def test_everything_ends_with_the_owner(fresh: Settings) -> None:
    """A system that was started for a process ends when that process is killed."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as owner:
        system.start(fresh, [parts.REDIS], print, owner=processes.identity_of(owner.pid))
        started = process_of(fresh, parts.REDIS)
        owner.kill()
    soon(lambda: not processes.is_alive(started), "Redis ended")
    soon(lambda: processes.marked(fresh.folder) == {}, "no process left")


def test_a_second_supervisor_of_a_system_ends_at_once(only_redis: Settings) -> None:
    """Two supervisors never look after one system."""
    before = read_runtime(only_redis.folder)
    supervisor.start_detached(only_redis)
    soon(lambda: len(processes.marked(only_redis.folder)[supervisor.NAME]) == 1, "one supervisor left")
    assert read_runtime(only_redis.folder) == before
