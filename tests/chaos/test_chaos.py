"""Exactly once, proven: processes are killed at random moments, and nothing is lost, doubled or different.

Short form by default; ``--long`` plays a million events. All comparisons are with plain sequential computation:
sums by addition while the events are made, alerts by one uninterrupted run over the journal that came about.
"""

from __future__ import annotations

import asyncio
import dataclasses
import os
from collections import Counter
from itertools import chain
from typing import NamedTuple

import pytest

from domain.settings import Settings
from fundwatch.flow import reference_version
from fundwatch.replaying import Order, Player
from fundwatch.services import parts, processes, system
from rules.catalogue import RULES
from rules.thresholds import rule_set_of
from tests.chaos.killer import Killer
from tests.chaos.ledger import Province
from tests.chaos.outcome import (
    COMPARED,
    alerts_of,
    event_ids,
    facts_of,
    found_plainly,
    journaled,
    paid_by_line,
    plainly,
    queue_contents,
    queues_expected,
)
from tests.waiting import until

pytestmark = [pytest.mark.broker, pytest.mark.chaos, pytest.mark.timeout(5_400)]

SEED = 20_190_301


class Size(NamedTuple):
    """How much is played and killed, and how far apart the kills are at most, so that they last as long as the play."""

    events: int
    days: int
    kills: dict[str, int]
    pause_s_max: float


SHORT = Size(events=20_000, days=10, kills={"worker": 5, "redis": 1, "kafka": 1}, pause_s_max=5.0)
LONG = Size(events=1_000_000, days=40, kills={"worker": 20, "redis": 3, "kafka": 3}, pause_s_max=40.0)


@pytest.fixture
def size(is_long: bool) -> Size:
    """The form that was asked for."""
    return LONG if is_long else SHORT


async def play(settings: Settings, province: Province, killer: Killer) -> None:
    """Play the province while the killer is at work; ends when both are done."""
    player = Player(settings, reference_version(rule_set_of(RULES)))
    async with player.opened():
        killing = asyncio.create_task(killer.run())
        await player.play_steps(province.steps(), Order.DAY)
        await killing


def test_killing_any_process_at_any_moment_changes_nothing(topics: Settings, servers: Settings, size: Size) -> None:
    """0 lost, 0 doubled, 0 different: journal, sums, alerts and queues."""
    settings = dataclasses.replace(topics, rules=COMPARED)
    system.start(settings, parts.worker_names(2), print, owner=processes.identity_of(os.getpid()))
    province = Province(size.events, size.days, SEED)
    killer = Killer(settings, servers, size.kills, SEED, pause_s_max=size.pause_s_max)
    asyncio.run(play(settings, province, killer))
    assert killer.killed == Counter(size.kills)

    records = journaled(settings)
    told, notices, facts = plainly(records)
    assert notices
    assert event_ids(records) == Counter(province.sent) + notices
    assert sum(map(len, told)) > 0
    assert alerts_of(settings, of_regions=True) == told
    # After the last kill a worker restores, takes its partitions over and works off what waited.
    until(lambda: facts_of(settings) == facts, "the facts, each once", every_s=0.5)
    found = found_plainly(settings)
    assert found
    until(
        lambda: Counter(chain(*alerts_of(settings, of_regions=False))) == Counter(found),
        "the alerts of the second stages, each once",
        every_s=0.5,
    )
    state = paid_by_line(settings)
    assert {line: fen for line, fen in state.items() if fen} == {
        line: fen for line, fen in province.paid.items() if fen
    }
    expected = queues_expected([*told, found])
    until(lambda: queue_contents(settings) == expected, "the queues as the alerts say", every_s=0.5)
    print(  # noqa: T201 - the figures of the run, shown by `make chaos`
        f"{len(province.sent)} events, {sum(map(len, told))} alert records, killed {dict(killer.killed)}"
    )
