"""The rule sets of topic ``rule.sets``, in memory of whoever asks: a worker that judges, the clock, the command line.

A worker reads the topic to its end before it judges, and follows it. A record that cannot be used is told and left out:
it stops nothing, and a tick that names it waits until somebody sends what can be used.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import cast

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from domain.events.clock_ticks import ClockTick
from domain.identifiers import partition_of
from domain.journal import read
from domain.passed_on import journal_record_of
from domain.settings import Settings
from domain.topics import ENTERPRISE_FACTS, FINDINGS, JOURNAL, PERSON_FACTS, RULE_FAILURES, RULE_SETS
from rules.custom.failures import FailureRecord
from rules.custom.failures import decode as decode_failure
from rules.facts.records import DayBegan
from rules.facts.records import decode as decode_fact
from rules.rule import Rule
from rules.rule_set_record import RuleSetRecord, State, decode, encode, is_own, version_at
from rules.rule_set_text import content_hash, rule_set_from
from rules.thresholds import RuleSet, rule_set_of
from streams.connection import client_arguments, reader_arguments, refuse_unfit_topics
from streams.metrics import Metrics
from streams.reading import FetchedRecord, fetch_up_to
from streams.stage import Record

log = logging.getLogger("fundwatch.rule_sets")

_POLL_MS = 500
# Topics that are judged in order of their ticks.
_JUDGED = (JOURNAL, FINDINGS)
_FACTS = (PERSON_FACTS, ENTERPRISE_FACTS)
# What every record of a begun day holds, and hardly any other: looking for it spares decoding them all.
_DAY_BEGAN = b'"day_began"'
# A tick that waits for its rule set looks this often: the follower hears of it within milliseconds.
_WAIT_S = 0.2
# A dashboard looks every 15 s.
_WATCH_S = 2.0


class RuleSetBook:
    """All versions by name: ``rule_sets`` those that can be judged by, ``refused`` the others with what is wrong."""

    def __init__(self, rules: tuple[Rule, ...]) -> None:
        """``rules``: the whole catalogue, which rule sets are checked against."""
        self._rules = rules
        built_in = rule_set_of(rules)
        self.built_in = built_in
        self.rule_sets: dict[str, RuleSet] = {built_in.version: built_in}
        self.records: dict[str, RuleSetRecord] = {}
        self.refused: dict[str, str] = {}
        # By stage and partition the version that a tick there waits for.
        self.awaited: dict[tuple[str, int], str] = {}

    def take(self, key: bytes | None, value: bytes | None) -> None:
        """One record of the topic."""
        name = (key or b"").decode(errors="replace")
        try:
            record = _checked(name, value, self.records.get(name))
            made = rule_set_from(record.content, self._rules)
        except Exception as error:
            # Whoever may write to the topic must not be able to stop every worker, at each start anew.
            is_told = isinstance(error, ValueError)  # refused by field, or no JSON: its text says all there is
            self.refused[name] = str(error) if is_told else f"{type(error).__name__}: {error}"
            log.exception("rule set %s cannot be used: %s", name, self.refused[name], exc_info=not is_told)
            return
        self.refused.pop(name, None)
        self.records[name] = record
        # A version's content never changes; the same object spares comparing everything at every tick.
        self.rule_sets.setdefault(name, made)

    def version_at(self, moment: str) -> str:
        """What a tick of this moment names."""
        return version_at(self.records.values(), moment)

    async def admit(self, stage: str, partition: int, records: Sequence[Record]) -> None:
        """Wait until every rule set is known that the ticks among these records name."""
        for version in named_versions(records):
            while version not in self.rule_sets:
                if self.awaited.get((stage, partition)) != version:
                    self.awaited[stage, partition] = version
                    why = self.refused.get(version, "nobody has sent it")
                    log.error("%s-%d waits for rule set %s: %s", stage, partition, version, why)
                await asyncio.sleep(_WAIT_S)
        self.awaited.pop((stage, partition), None)


def _checked(name: str, value: bytes | None, held: RuleSetRecord | None) -> RuleSetRecord:
    record = decode(value or b"")
    if name != record.version or content_hash(record.content) != record.content_hash:
        raise ValueError("key, version and content do not belong together")
    if record.content.get("version") != record.version:
        raise ValueError("the content is another version's")
    if record.state is State.APPROVED and record.approved_by is not None and is_own(record, record.approved_by):
        raise ValueError("approved by its own author")
    if held is not None and held.content_hash != record.content_hash:
        raise ValueError("another content under the same version: judging goes on by the first one")
    return record


def named_versions(records: Sequence[Record]) -> list[str]:
    """The versions that ticks among records of the journal, or passed on to the desk, name; each once."""
    versions: dict[str, None] = {}
    for record in records:
        if record.topic in _FACTS:
            if _DAY_BEGAN in (record.value or b""):
                fact = decode_fact(record.value or b"").fact
                if isinstance(fact, DayBegan) and fact.rule_set_version:
                    versions[fact.rule_set_version] = None
            continue
        if record.topic not in _JUDGED or record.value is None or record.key != str(record.partition).encode():
            continue  # ticks alone have their partition's number as key
        journaled = journal_record_of(record.value) or record.value
        _, event = read(journaled)
        if event.type == "clock.tick":
            versions[cast("ClockTick", event.body).reference_version] = None
    return list(versions)


class RuleSetWatch:
    """Measures, for as long as a worker runs, which versions it cannot use and where ticks wait for one."""

    def __init__(self, book: RuleSetBook, stages: Sequence[str]) -> None:
        self._book, self._stages = book, stages

    async def __call__(self, held: Callable[[str], Sequence[int]], metrics: Metrics) -> None:
        """``held`` gives the partitions of a stage that are ready in this worker."""
        while True:
            self.measure(held, metrics)
            await asyncio.sleep(_WATCH_S)

    def measure(self, held: Callable[[str], Sequence[int]], metrics: Metrics) -> None:
        """Once."""
        metrics.set("rule_sets_refused", to=len(self._book.refused))
        for stage in self._stages:
            waiting = [partition for partition in held(stage) if (stage, partition) in self._book.awaited]
            metrics.set("rule_sets_awaited", stage, to=len(waiting))


class Follower:
    """Reads a compacted topic to its end and goes on: rule sets into a book, or what else ``take`` is for."""

    def __init__(
        self, settings: Settings, take: Callable[[bytes | None, bytes | None], None], topic: str = RULE_SETS
    ) -> None:
        """``take`` gets key and value of each record, ``topic`` is the contract's name."""
        self._settings, self._take_record, self._topic = settings, take, topic
        self._consumer: AIOKafkaConsumer | None = None

    async def open(self) -> None:
        """Read the topic to its present end."""
        consumer = self._consumer = AIOKafkaConsumer(**reader_arguments(self._settings))
        await consumer.start()
        topic = self._settings.topic(self._topic)
        tps = [TopicPartition(topic, number) for number in range(self._settings.partitions)]
        consumer.assign(tps)
        await consumer.seek_to_beginning(*tps)
        ends: Mapping[TopicPartition, int] = await consumer.end_offsets(tps)
        while (fetched := await fetch_up_to(consumer, ends, poll_ms=_POLL_MS)) is not None:
            self._take(fetched)

    async def follow(self) -> None:
        """Go on until closed or cancelled."""
        if self._consumer is None:
            raise RuntimeError("the follower is not open")
        consumer = self._consumer
        while consumer is self._consumer:
            self._take(await consumer.getmany(timeout_ms=_POLL_MS))

    async def close(self) -> None:
        """Let go of the connection."""
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            await consumer.stop()

    def _take(self, fetched: Mapping[TopicPartition, list[FetchedRecord]]) -> None:
        for records in fetched.values():
            for record in records:
                self._take_record(record.key, record.value)


async def read_book(settings: Settings, rules: tuple[Rule, ...]) -> RuleSetBook:
    """All that the topic holds now. Raises TopicUnfitError."""
    book = RuleSetBook(rules)
    await _read(settings, RULE_SETS, book.take)
    return book


async def read_failures(settings: Settings) -> list[FailureRecord]:
    """Where custom rules had no value: the last word on each rule in each region, by rule and region.

    Raises TopicUnfitError.
    """
    found: dict[bytes, FailureRecord] = {}

    def take(key: bytes | None, value: bytes | None) -> None:
        found[key or b""] = decode_failure(value or b"")

    await _read(settings, RULE_FAILURES, take)
    return sorted(found.values(), key=lambda each: (each.rule_id, each.region))


async def _read(settings: Settings, topic: str, take: Callable[[bytes | None, bytes | None], None]) -> None:
    await refuse_unfit_topics(settings, (topic,))  # the client would look for a missing one for 40 s
    follower = Follower(settings, take, topic)
    try:
        await follower.open()
    finally:
        await follower.close()


async def write(settings: Settings, record: RuleSetRecord) -> None:
    """Send one record and wait until the broker has it."""
    key = record.version.encode()
    producer = AIOKafkaProducer(**client_arguments(settings), enable_idempotence=True, acks="all")
    await producer.start()
    try:
        partition = partition_of(key, settings.partitions)
        await producer.send_and_wait(settings.topic(RULE_SETS), encode(record), key=key, partition=partition)
    finally:
        await producer.stop()
