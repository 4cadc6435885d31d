"""The contract's intake sample through the real broker: every record ends where the contract says.

A record's fate rests on those before it, so the short form takes the first ones; ``--long`` takes all 3,000.
"""

from __future__ import annotations

import asyncio
import dataclasses
import json
from collections.abc import Iterator

import pytest

from domain.settings import Settings
from domain.topics import DEAD_LETTERS
from fundwatch.flow import reference_version
from fundwatch.journal_file import FileEvent
from fundwatch.replaying import Answer, Order, Player
from rules.catalogue import RULES
from rules.thresholds import rule_set_of
from tests.chaos.outcome import journaled, read_back
from tests.domain.sample import SAMPLE, Sent

pytestmark = [pytest.mark.broker, pytest.mark.timeout(900)]


SHORT = 400


@pytest.fixture
def sample(is_long: bool) -> list[Sent]:
    """The records of the form that was asked for."""
    return list(SAMPLE if is_long else SAMPLE[:SHORT])


def steps(sample: list[Sent]) -> Iterator[FileEvent]:
    """The sample's records, numbered as they are there; tombstones too."""
    for record in sample:
        yield FileEvent(record.number, record.topic, record.key, record.value)  # type: ignore[arg-type]


def identity(value: bytes) -> tuple[str, str]:
    """An event's id is unique in its region."""
    event = json.loads(value)
    return event["region"], event["event_id"]


async def played(settings: Settings, sample: list[Sent]) -> Answer:
    """Play the sample in its order and wait until everything has passed."""
    # No rule that looks beyond its region: with one, each record would wait until all stages have judged the last.
    narrow = dataclasses.replace(settings, rules="payment_exceeds_quota")
    player = Player(narrow, reference_version(rule_set_of(RULES)))
    async with player.opened():
        return await player.play_steps(steps(sample), Order.FILE)


def test_every_record_of_the_sample_meets_its_fate_on_the_broker(running: Settings, sample: list[Sent]) -> None:
    """Raw records: each is in the journal with its flags, in dead.letters with its code, or dropped."""
    answer = asyncio.run(played(running, sample))
    refused = {refusal.number: refusal.letter.code for refusal in answer.refusals}
    assert refused == {record.number: record.fate.code for record in sample if record.fate.outcome == "dead_letter"}

    letters = [json.loads(place.value or b"") for place in read_back(running, DEAD_LETTERS)]
    redacted = sum(record.fate.is_redacted for record in sample)
    assert sum(letter["is_redacted"] for letter in letters) == redacted
    assert all((letter["value_base64"] is None) >= letter["is_redacted"] for letter in letters)

    records = [record for part in journaled(running) for record in part]
    flags = {identity(bytes(record.event)): frozenset(record.flags) for record in records}
    accepted = [record for record in sample if record.fate.outcome == "accepted"]
    expected = {identity(record.value or b""): record.fate.flags for record in accepted}
    assert flags == expected
    assert len(records) == len(expected) == len(accepted)
