"""Malformed records among good ones: each is kept with its reason, and nobody stumbles over them."""

from __future__ import annotations

import asyncio
import base64
import dataclasses
import json
import os
from collections import Counter
from collections.abc import Callable, Iterator
from random import Random

import pytest

from domain.settings import Settings
from domain.topics import DEAD_LETTERS
from fundwatch.flow import reference_version
from fundwatch.journal_file import DayBegins, FileEvent
from fundwatch.replaying import Order, Player
from fundwatch.services import parts, processes, system
from fundwatch.services.runtime import read_runtime
from rules.catalogue import RULES
from rules.thresholds import rule_set_of
from tests.chaos.ledger import Province
from tests.chaos.outcome import (
    COMPARED,
    alerts_of,
    event_ids,
    journaled,
    paid_by_line,
    plainly,
    read_back,
)

pytestmark = [pytest.mark.broker, pytest.mark.timeout(600)]

GARBAGE = 10_000
# A few only: each is a megabyte, and its dead letter a third more.
LONG_STRINGS = 20


def _field(value: bytes, name: str, changed: object) -> bytes:
    event = json.loads(value)
    (event["body"] if name in event["body"] else event)[name] = changed
    return json.dumps(event, ensure_ascii=False).encode()


SPOILERS: tuple[Callable[[bytes, Random], bytes], ...] = (
    lambda value, draw: value[: draw.randrange(len(value))],
    lambda value, _: _field(value, "occurred_on", 20190301),
    lambda value, _: _field(value, "amount_fen", 10**40),
    lambda value, draw: value[: (at := draw.randrange(len(value)))] + b"\xff\xfe" + value[at:],
    lambda value, _: _field(value, "type", "payment.invented"),
    lambda value, _: _field(value, "region", "652799"),
    lambda value, _: _field(value, "amount_fen", -5),
    lambda value, _: _field(value, "amount_fen", 1.5),
    lambda value, _: _field(value, "schema_version", 9),
    lambda _value, _draw: b"",
    lambda _value, draw: draw.randbytes(200),
)


def _spoiled(good: list[FileEvent], draw: Random) -> Iterator[FileEvent]:
    """Garbage made of good payments; none of it may be good by chance."""
    payments = [event for event in good if event.topic == "treasury.payments" and b'"payment.recorded"' in event.value]
    for number in range(GARBAGE - LONG_STRINGS):
        event = draw.choice(payments)
        yield event._replace(value=SPOILERS[number % len(SPOILERS)](event.value, draw))
    for _ in range(LONG_STRINGS):
        event = draw.choice(payments)
        yield event._replace(value=_field(event.value, "purpose", "路" * 330_000))


def mixed(good: list[FileEvent | DayBegins]) -> list[FileEvent | DayBegins]:
    """The good steps with garbage strewn in, and every event numbered anew."""
    draw = Random(11)  # noqa: S311 - repeatable, not secret
    garbage = list(_spoiled([step for step in good if isinstance(step, FileEvent)], draw))
    draw.shuffle(garbage)
    found: list[FileEvent | DayBegins] = []
    share = len(garbage) // len(good) + 1
    for step in good:
        found.append(step)
        found.extend(garbage.pop() for _ in range(min(share, len(garbage))))
    return [
        step._replace(number=number) if isinstance(step, FileEvent) else step for number, step in enumerate(found, 1)
    ]


async def play(settings: Settings, steps: list[FileEvent | DayBegins]) -> None:
    """Play the steps and wait until all is judged."""
    player = Player(settings, reference_version(rule_set_of(RULES)))
    async with player.opened():
        await player.play_steps(steps, Order.DAY)


def test_ten_thousand_malformed_records_do_no_harm(topics: Settings) -> None:
    """All garbage is in dead.letters with a reason, all good events are judged, and no worker was restarted."""
    topics = dataclasses.replace(topics, rules=COMPARED)
    system.start(topics, parts.worker_names(1), print, owner=processes.identity_of(os.getpid()))
    province = Province(events=2_000, days=5, seed=3)
    good = list(province.steps())
    asyncio.run(play(topics, mixed(good)))

    letters = [json.loads(place.value or b"") for place in read_back(topics, DEAD_LETTERS)]
    assert len(letters) == GARBAGE
    codes = Counter(letter["code"] for letter in letters)
    assert codes.keys() == {
        "malformed", "field_bad", "unknown_type", "key_mismatch", "schema_version_unsupported",
    }  # fmt: skip
    kept = {base64.b64decode(letter["value_base64"]) for letter in letters}
    assert kept.isdisjoint(step.value for step in good if isinstance(step, FileEvent))

    records = journaled(topics)
    plain = plainly(records)
    assert event_ids(records) == Counter(province.sent) + plain.notices
    assert alerts_of(topics, of_regions=True) == plain.alerts
    assert paid_by_line(topics).items() >= {line: fen for line, fen in province.paid.items() if fen}.items()
    assert [part.restarts for part in read_runtime(topics.folder).parts.values()] == [0]
