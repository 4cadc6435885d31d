"""The broker as kafka-python reaches it: topics made as the contract says, and records handed over.

The only module that imports kafka-python.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from kafka import KafkaAdminClient, KafkaProducer
from kafka import errors as kafka_errors
from kafka.errors import KafkaError, TopicAlreadyExistsError
from kafka.net.sasl import get_sasl_mechanism

from connectors.broker_access import Mechanism, refuse_no_access
from connectors.publisher import (
    AccessRefused,
    Answered,
    BrokerUnreachable,
    Outcome,
    Pending,
    Placement,
    TopicMissing,
)
from domain.settings import Settings, names_in, right_refused
from domain.topics import INGRESS, JOURNAL, TOPICS, Cleanup, Topic

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
# What the client tells of its steps, errors and receipts say once; a missing topic alone it tells thousands of times,
# and at DEBUG its arguments, the password among them.
logging.getLogger("kafka").setLevel(logging.CRITICAL)

# A broker that restarts is back within 3 s.
_CONNECT_S_MAX = 5.0
_BOOTSTRAP_MS_MAX = 15_000
# How long a record may stay unacknowledged: a broker restart takes 3–13 s; after a minute somebody should look.
_DELIVERY_MS_MAX = 60_000
# How long a publisher looks for the broker before saying that it is not there.
_LOOKUP_MS_MAX = 10_000
# The same for a topic; short, since the client asks again and again without a pause.
_TOPIC_LOOKUP_MS_MAX = 2_000
# What the broker says of a topic that the user may not describe, whether it is there or not.
_HIDDEN = kafka_errors.TopicAuthorizationFailedError.errno
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
        present = _present(admin, wanted, settings)
        missing = {name: _new(topic, settings) for name, topic in wanted.items() if name not in present}
        if missing:
            try:
                admin.create_topics(missing)
            except TopicAlreadyExistsError:
                # Another process makes them at this moment: look again at what there is now.
                return create_topics(settings, wanted.values())
            except kafka_errors.AuthorizationError as error:
                raise BrokerRefusedError(right_refused(settings, f"make topics such as {min(missing)}")) from error
        admin.wait_for_topics(list(wanted))
    return Made(tuple(sorted(missing)), tuple(present))


def refuse_other_partitions(settings: Settings) -> None:
    """Look whether the broker is there and, where this system's topics are, whether they are parted as we are told.

    Who believes in fewer partitions would see a part of the system and take it for all. Raises BrokerRefusedError.
    """
    with _admin(settings) as admin:
        try:
            _present(admin, [settings.topic(JOURNAL)], settings)
        except KafkaError as error:
            raise BrokerRefusedError(f"no Kafka at {settings.kafka}: {error}") from error


def _present(admin: KafkaAdminClient, names: Iterable[str], settings: Settings) -> list[str]:
    """Those of the topics that are there.

    Raises BrokerRefusedError for one with another partition count, or that we may not describe.
    """
    described = admin.describe_topics(list(names))
    hidden = [topic["name"] for topic in described if topic["error_code"] == _HIDDEN]
    if hidden:
        raise BrokerRefusedError(right_refused(settings, f"describe topic {min(hidden)}"))
    found = [topic for topic in described if topic["error_code"] == 0]
    counts = sorted((topic["name"], len(topic["partitions"])) for topic in found)
    for name, count in counts:
        if count != settings.partitions:
            raise BrokerRefusedError(f"topic {name} has {count} partitions, FUNDWATCH_PARTITIONS={settings.partitions}")
    return [name for name, _ in counts]


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


def refuse_unusable(settings: Settings) -> None:
    """Look whether the broker answers and lets us in, and wait a little for one that restarts.

    Raises BrokerRefusedError with the setting to look at.
    """
    deadline_s = time.monotonic() + _CONNECT_S_MAX
    while True:
        try:
            refuse_no_access(settings, _mechanism)
        except AccessRefused as error:
            raise BrokerRefusedError(str(error)) from error
        except BrokerUnreachable as error:
            if time.monotonic() > deadline_s:
                raise BrokerRefusedError(f"no Kafka at {settings.kafka or '(no address)'}: {error.detail}") from error
            time.sleep(0.1)
        else:
            return


@contextmanager
def _admin(settings: Settings) -> Iterator[KafkaAdminClient]:
    refuse_unusable(settings)
    try:
        admin = KafkaAdminClient(
            bootstrap_servers=list(names_in(settings.kafka)),
            bootstrap_timeout_ms=_BOOTSTRAP_MS_MAX,
            **security(settings),
        )
    except KafkaError as error:
        raise BrokerRefusedError(f"no Kafka at {settings.kafka}: {error}") from error
    try:
        yield admin
    finally:
        admin.close()


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


def _mechanism(settings: Settings) -> Mechanism:
    """How the client logs in."""
    mechanism: Mechanism = get_sasl_mechanism(settings.kafka_sasl_mechanism)(**security(settings))
    return mechanism


def _new(topic: Topic, settings: Settings) -> dict[str, object]:
    size = _INGRESS_BYTES_MAX if topic.name in INGRESS else _INTERNAL_BYTES_MAX
    return {
        "num_partitions": settings.partitions,
        "replication_factor": settings.replication_factor,
        "configs": {**_CONFIGS[topic.cleanup], "max.message.bytes": str(size)},
    }


class KafkaWire:
    """kafka-python's idempotent producer: retries double nothing, and a partition keeps its order."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        refuse_no_access(settings, _mechanism)
        try:
            self._producer = KafkaProducer(
                bootstrap_servers=list(names_in(settings.kafka)),
                client_id="fundwatch-publisher",
                enable_idempotence=True,
                acks="all",
                max_in_flight_requests_per_connection=5,  # the most an idempotent producer may have
                linger_ms=5,  # enough to fill batches while a file is read; unnoticed by a person
                batch_size=131_072,
                delivery_timeout_ms=_DELIVERY_MS_MAX,
                request_timeout_ms=_DELIVERY_MS_MAX // 2,
                max_block_ms=_TOPIC_LOOKUP_MS_MAX,
                bootstrap_timeout_ms=_LOOKUP_MS_MAX,
                allow_auto_create_topics=False,  # a topic made by accident has the wrong partition count
                metrics_enabled=False,
                **security(settings),
            )
        except (kafka_errors.AuthorizationError, kafka_errors.SaslAuthenticationFailedError) as error:
            raise AccessRefused(settings.kafka, str(error)) from error
        except kafka_errors.KafkaError as error:
            raise BrokerUnreachable(settings.kafka, str(error) or type(error).__name__) from error

    def partitions(self, topic: str) -> int:
        """Ask the broker's metadata."""
        try:
            return len(self._producer.partitions_for(topic))
        except kafka_errors.AuthorizationError as error:
            raise AccessRefused(self._settings.kafka, str(error)) from error
        except kafka_errors.KafkaError as error:
            refuse_no_access(self._settings, _mechanism)  # raises where nobody answers any more
            raise TopicMissing(topic, self._settings.kafka) from error

    def hand_over(self, topic: str, partition: int, key: bytes | None, value: bytes | None) -> Pending:
        """Into the producer's buffer; its own thread sends it."""
        if key is None and value is None:
            key = b""  # the client refuses a record with neither; an empty key is as wrong and gets there
        try:
            return _KafkaPending(self._producer.send(topic, value=value, key=key, partition=partition))
        except kafka_errors.MessageSizeTooLargeError as error:
            return Answered(Placement(Outcome.TOO_LARGE, -1, str(error)))
        except kafka_errors.KafkaError as error:
            return Answered(_placement_of(error))

    def close(self) -> None:
        """Close the producer; by now everything is settled, so a second is plenty."""
        self._producer.close(timeout=1)


class _KafkaPending:
    def __init__(self, future: object) -> None:
        self._future = future

    def settled(self) -> bool:
        return bool(self._future.is_done)  # type: ignore[attr-defined]  # kafka-python ships no types

    def placement(self) -> Placement:
        try:
            # the producer itself gives up after the delivery time-out; a little longer leaves it the word
            metadata = self._future.get(timeout=_DELIVERY_MS_MAX / 1000 + 5)  # type: ignore[attr-defined]  # the same
        except kafka_errors.KafkaError as error:
            return _placement_of(error)
        return Placement(Outcome.DELIVERED, metadata.offset, "")


def _placement_of(error: kafka_errors.KafkaError) -> Placement:
    detail = str(error) or type(error).__name__
    if isinstance(error, (kafka_errors.MessageSizeTooLargeError, kafka_errors.RecordListTooLargeError)):
        return Placement(Outcome.TOO_LARGE, -1, detail)
    if isinstance(error, kafka_errors.RetriableError):
        return Placement(Outcome.TIMED_OUT, -1, detail)
    return Placement(Outcome.REFUSED, -1, detail)
