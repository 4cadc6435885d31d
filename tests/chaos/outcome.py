"""Reads back what a system holds, and computes plainly what it should hold."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec
import redis
from kafka import KafkaConsumer, TopicPartition

from alerts.alert import AlertRecord, encode, record_of
from connectors.broker import security
from domain import journal
from domain.identifiers import partition_of
from domain.settings import Settings
from domain.topics import ALERTS, JOURNAL, LINKAGE_DERIVED, changelog
from rules.catalogue import RULES
from rules.engine import Engine
from rules.facts.engine import FactEngine
from rules.facts.telling import TOPICS
from rules.rule import Stage
from rules.state import LineRow
from rules.thresholds import rule_set_of

_NO_TIME = ""
# All rules but those on alerts themselves, which the plain runs here do not know.
COMPARED = ",".join(rule.id for rule in RULES if rule.is_on and rule.stage is not Stage.DESK)
_SECOND = frozenset(rule.id for rule in RULES if rule.stage in TOPICS)


class Place(NamedTuple):
    """One record read back."""

    partition: int
    key: bytes
    value: bytes | None


def read_back(settings: Settings, topic: str) -> Iterator[Place]:
    """All committed records of a topic, partition by partition, in order."""
    for partition in range(settings.partitions):
        consumer = KafkaConsumer(
            bootstrap_servers=settings.kafka,
            isolation_level="read_committed",
            enable_auto_commit=False,
            max_poll_records=5_000,
            **security(settings),
        )
        try:
            place = TopicPartition(settings.topic(topic), partition)
            consumer.assign([place])
            end = consumer.end_offsets([place])[place]
            consumer.seek_to_beginning(place)
            while consumer.position(place) < end:
                for records in consumer.poll(timeout_ms=500).values():
                    for record in records:
                        yield Place(partition, record.key, record.value)
        finally:
            consumer.close()


def without_time(record: AlertRecord) -> bytes:
    """The bytes that must be the same whenever they are made."""
    return encode(msgspec.structs.replace(record, emitted_at=_NO_TIME))


def journaled(settings: Settings) -> list[list[journal.JournalRecord]]:
    """The journal of each partition."""
    found: list[list[journal.JournalRecord]] = [[] for _ in range(settings.partitions)]
    for place in read_back(settings, JOURNAL):
        found[place.partition].append(journal.decode(place.value or b""))
    return found


def event_ids(records: list[list[journal.JournalRecord]]) -> Counter[str]:
    """How often each event that is no tick stands in the journal."""
    found = Counter(json.loads(bytes(record.event))["event_id"] for part in records for record in part)
    return Counter({event_id: times for event_id, times in found.items() if not event_id.startswith("tick:")})


class Plain(NamedTuple):
    """What follows from the journals by one uninterrupted run of the engine over each, in memory."""

    alerts: list[list[bytes]]  # the alert records of each partition
    notices: Counter[str]  # ids of what regions are told
    facts: Counter[tuple[str, Place]]  # what is told of persons and enterprises, each fact in its partitions


def plainly(records: list[list[journal.JournalRecord]]) -> Plain:
    """Judge the journals of all partitions."""
    plain = Plain([], Counter(), Counter())
    for number, part in enumerate(records):
        engine = Engine(RULES, rule_set_of(RULES), partition=number)
        current: dict[str, AlertRecord] = {}
        told: list[bytes] = []
        for record in part:
            for finding in engine.take(record.position, bytes(record.event)):
                alert = record_of(finding, current.get(finding.alert_id), emitted_at=_NO_TIME)
                current[finding.alert_id] = alert
                told.append(without_time(alert))
        plain.alerts.append(told)
        for message in engine.sent:
            if message.topic == LINKAGE_DERIVED:
                plain.notices[json.loads(message.value)["event_id"]] += 1
            elif message.topic in TOPICS.values():
                key = message.key.encode()
                places = range(len(records)) if message.is_for_all else (partition_of(key, len(records)),)
                plain.facts.update((message.topic, Place(place, key, message.value)) for place in places)
    return plain


def facts_of(settings: Settings) -> Counter[tuple[str, Place]]:
    """The facts that the system wrote."""
    return Counter((topic, place) for topic in TOPICS.values() for place in read_back(settings, topic))


def found_plainly(settings: Settings) -> list[bytes]:
    """The alert records that the system's own facts give rise to, by one uninterrupted run of each partition."""
    told: list[bytes] = []
    for stage, topic in TOPICS.items():
        engines = [
            FactEngine(stage, RULES, rule_set_of(RULES), partition=number) for number in range(settings.partitions)
        ]
        current: dict[str, AlertRecord] = {}
        for place in read_back(settings, topic):
            for finding in engines[place.partition].take(place.value or b""):
                alert = record_of(finding, current.get(finding.alert_id), emitted_at=_NO_TIME)
                current[finding.alert_id] = alert
                told.append(without_time(alert))
    return told


def alerts_of(settings: Settings, *, of_regions: bool) -> list[list[bytes]]:
    """The alert records that the system wrote, partition by partition, without their time.

    Those that the regions' own judge found, which come in one order, or those of the stages behind it.
    """
    found: list[list[bytes]] = [[] for _ in range(settings.partitions)]
    for place in read_back(settings, ALERTS):
        record = msgspec.json.decode(place.value or b"", type=AlertRecord)
        if (record.rule_id in _SECOND) != of_regions:
            found[place.partition].append(without_time(record))
    return found


def paid_by_line(settings: Settings) -> dict[tuple[str, str], int]:
    """What the judge's state says of every line, from its changelog: the last row of each key."""
    rows: dict[bytes, bytes | None] = {}
    for place in read_back(settings, changelog("judge")):
        if place.key.startswith(b"L"):
            rows[place.key] = place.value
    lines = {key: msgspec.msgpack.decode(value, type=LineRow) for key, value in rows.items() if value}
    return {(key[1:7].decode(), line.id): line.paid_fen for key, line in lines.items()}


def queue_contents(settings: Settings) -> Counter[tuple[str, bytes]]:
    """How often each alert record stands in each queue."""
    found: Counter[tuple[str, bytes]] = Counter()
    with redis.Redis.from_url(settings.redis) as store:
        for key in store.scan_iter(match=settings.redis_key("fundwatch:*:queue:*"), count=1_000):
            name = key.decode().split(":queue:")[1]
            for _, fields in store.xrange(key):
                record = msgspec.json.decode(fields[b"record"], type=AlertRecord)
                found[name, without_time(record)] += 1
    return found


def queues_expected(told: list[list[bytes]]) -> Counter[tuple[str, bytes]]:
    """Each record stands once in the queue of its owner and of each section it is copied to."""
    expected: Counter[tuple[str, bytes]] = Counter()
    for part in told:
        for value in part:
            record: dict[str, Any] = json.loads(value)
            for section in {record["section"], *record["copied_to"]}:
                expected[f"{record['region']}:{section}", value] += 1
    return expected
