"""The broker as its administrator sees it: topics made as the contract says, and how far each stage has read.

The only module that imports kafka-python's admin client.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from kafka import KafkaAdminClient
from kafka import errors as kafka_errors
from kafka.errors import KafkaError, TopicAlreadyExistsError

from domain.settings import Settings
from domain.topics import INGRESS, TOPICS, Cleanup, Topic

_DAY_MS = 86_400_000
_MIB = 1_048_576

# A value of wire.md has at most 256 KiB, and intake refuses longer ones by name: so the broker must let them through to
# it. 2 MiB is twice what an unconfigured producer can send at all.
_INGRESS_BYTES_MAX = 2 * _MIB
# A dead letter holds such a record in base64 (4/3) with its frame; a batch of outputs or state rows is larger still.
_INTERNAL_BYTES_MAX = 8 * _MIB
# Compaction never touches the segment being written, so a changelog keeps at least one: 64 MiB a partition and not
# 1 GiB, which is what a restore reads at worst beside the live rows. 0.2: compact when a fifth is outdated (default:
# half), again to shorten the restore, at five times the copying, which the cleaner does beside the traffic.
_COMPACT = {
    "cleanup.policy": "compact",
    "segment.bytes": str(64 * _MIB),
    "min.cleanable.dirty.ratio": "0.2",
    # A deleted row's marker stays this long: a worker that restores must see it, and a restore takes minutes at most.
    "delete.retention.ms": str(_DAY_MS),
}
_CONFIGS = {
    Cleanup.FOREVER: {"cleanup.policy": "delete", "retention.ms": "-1", "retention.bytes": "-1"},
    Cleanup.DAYS_30: {"cleanup.policy": "delete", "retention.ms": str(30 * _DAY_MS)},
    Cleanup.COMPACT: _COMPACT,
}
# A broker that restarts is back within 3 s.
_CONNECT_S_MAX = 5.0
_BOOTSTRAP_MS_MAX = 15_000
# Deleted now, or before: the list of topics still names one for a moment after it was deleted.
_DELETED = {kafka_errors.NoError.errno, kafka_errors.UnknownTopicOrPartitionError.errno}


class BrokerRefusedError(RuntimeError):
    """The broker cannot be used as it is; the message is the one line that the user needs."""


class Made(NamedTuple):
    """What `create_topics` found and did, in names on the broker."""

    created: tuple[str, ...]
    present: tuple[str, ...]


def create_topics(settings: Settings, topics: Iterable[Topic] = TOPICS) -> Made:
    """Make the topics that are missing, wait until each partition has a leader, and say what was done.

    Raises BrokerRefusedError, and makes nothing, when a topic is there with another partition count: records of a
    region would lie in different numbers of different topics, which no later step could notice.
    """
    wanted = {settings.topic(topic.name): topic for topic in topics}
    with _admin(settings) as admin:
        present = {
            found["name"]: len(found["partitions"])
            for found in admin.describe_topics(list(wanted))
            if found["error_code"] == 0
        }
        for name, count in sorted(present.items()):
            if count != settings.partitions:
                raise BrokerRefusedError(
                    f"topic {name} has {count} partitions, FUNDWATCH_PARTITIONS={settings.partitions}"
                )
        missing = {name: _new(topic, settings) for name, topic in wanted.items() if name not in present}
        if missing:
            try:
                admin.create_topics(missing)
            except TopicAlreadyExistsError:
                # Another process makes them at this moment: look again at what there is now.
                return create_topics(settings, wanted.values())
        admin.wait_for_topics(list(wanted))
    return Made(tuple(sorted(missing)), tuple(sorted(present)))


def delete_topics(settings: Settings) -> tuple[str, ...]:
    """Delete every topic of this namespace and forget its groups; return the names. For tests and private replays.

    Raises ValueError without a namespace: the topics of the system itself are never deleted by a program.
    """
    if not settings.namespace:
        raise ValueError("only topics of a namespace may be deleted")
    prefix = settings.topic("")
    with _admin(settings) as admin:
        names = tuple(name for name in admin.list_topics() if name.startswith(prefix))
        for answer in admin.delete_topics(list(names), raise_errors=False)["topics"] if names else ():
            if answer["error_code"] not in _DELETED:
                raise BrokerRefusedError(f"topic {answer['name']} is not deleted: {answer['error_message']}")
        groups = [group["group_id"] for group in admin.list_groups() if group["group_id"].startswith(prefix)]
        if groups:
            admin.delete_groups(groups)
    return names


def is_there(settings: Settings) -> bool:
    """Whether the broker answers."""
    try:
        with _admin(settings):
            return True
    except BrokerRefusedError:
        return False


@contextmanager
def _admin(settings: Settings) -> Iterator[KafkaAdminClient]:
    servers = settings.kafka.split(",")
    _wait_until_one_listens(servers)
    try:
        admin = KafkaAdminClient(
            bootstrap_servers=servers, bootstrap_timeout_ms=_BOOTSTRAP_MS_MAX, **security(settings)
        )
    except KafkaError as error:
        raise BrokerRefusedError(f"no Kafka at {settings.kafka}: {error}") from error
    try:
        yield admin
    finally:
        admin.close()


def _wait_until_one_listens(servers: Sequence[str]) -> None:
    """Look before the client does: it would try for long, name no address and leave its sockets open."""
    deadline_s = time.monotonic() + _CONNECT_S_MAX
    while True:
        for server in servers:
            host, _, port = server.strip().rpartition(":")
            try:
                socket.create_connection((host.strip("[]"), int(port)), timeout=1).close()
            except ValueError:
                raise BrokerRefusedError(f"FUNDWATCH_KAFKA={server!r}: expected host:port") from None
            except OSError as error:
                reason = error.strerror or str(error)
            else:
                return
        if time.monotonic() > deadline_s:
            raise BrokerRefusedError(f"no Kafka at {','.join(servers)}: {reason}")
        time.sleep(0.1)


def security(settings: Settings) -> dict[str, str]:
    """The TLS and SASL arguments of a kafka-python client; nothing for a plain connection."""
    arguments = {
        "security_protocol": settings.kafka_security_protocol,
        "ssl_cafile": settings.kafka_cafile,
        "sasl_mechanism": settings.kafka_sasl_mechanism,
        "sasl_plain_username": settings.kafka_username,
        "sasl_plain_password": settings.kafka_password,
    }
    return {name: value for name, value in arguments.items() if value}


def _new(topic: Topic, settings: Settings) -> dict[str, object]:
    size = _INGRESS_BYTES_MAX if topic.name in INGRESS else _INTERNAL_BYTES_MAX
    return {
        "num_partitions": settings.partitions,
        "replication_factor": settings.replication_factor,
        "configs": {**_CONFIGS[topic.cleanup], "max.message.bytes": str(size)},
    }
