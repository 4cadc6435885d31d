"""Topic ``rule.sets`` for whoever is no worker: what it holds now, and one record more."""

from __future__ import annotations

from aiokafka import AIOKafkaProducer

from domain.identifiers import partition_of
from domain.settings import Settings
from domain.topics import RULE_SETS
from rules.rule import Rule
from rules.rule_set_record import RuleSetRecord, encode
from streams.connection import client_arguments
from streams.follower import read_once
from streams.rule_set_book import RuleSetBook


async def read_book(settings: Settings, rules: tuple[Rule, ...]) -> RuleSetBook:
    """All that the topic holds now. Raises TopicUnfitError."""
    book = RuleSetBook(rules)
    await read_once(settings, book.take, RULE_SETS)
    return book


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
