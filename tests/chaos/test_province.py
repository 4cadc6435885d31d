"""A simulated province played through the running system while its workers are killed: every alert, on its day.

Short form by default, the first two months of a small one; ``--long`` plays two million events.
"""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from datetime import date
from itertools import takewhile
from pathlib import Path
from typing import NamedTuple

import pytest

import connectors.simulator
from alerts.alert import AlertRecord
from connectors.simulator.book import Sent
from connectors.simulator.province import Province
from domain.settings import Settings
from fundwatch.commands.simulate import HOUSEHOLDS, steps_of
from fundwatch.judging import FileJudge
from fundwatch.replaying import Answer, Order, Player
from fundwatch.rule_set_files import read_content
from fundwatch.scratch import Scratch
from fundwatch.services import parts, processes, system
from rules.catalogue import RULES
from rules.rule_set_record import Refusal, approved, drafted
from streams.rule_sets import write
from tests.chaos.killer import Killer
from tests.connectors.courses import (
    OF_MONTHS,
    Alert,
    Course,
    Rectified,
    arriving_late,
    courses_meant,
    courses_of,
    courses_of_months,
)
from tests.connectors.test_simulator import RULE_SET

pytestmark = [pytest.mark.broker, pytest.mark.chaos, pytest.mark.province, pytest.mark.timeout(0)]

SEED = 1
AT = "2019-01-01T00:00:00.000+08:00"
RULES_OF_PROVINCE = Path(connectors.simulator.__file__).parent / "province.toml"

Days = Iterable[tuple[date, list[Sent]]]


class Size(NamedTuple):
    """What is played, up to which day, how many workers die, and how far apart at most."""

    regions: int
    years: int
    households: int
    per_rule: int | None
    last: date
    kills: int
    pause_s_max: float


SHORT = Size(6, 1, 2, 3, date(2019, 2, 28), kills=3, pause_s_max=4.0)
LONG = Size(100, 2, HOUSEHOLDS, None, date(2020, 12, 31), kills=60, pause_s_max=60.0)


@pytest.fixture
def size(is_long: bool) -> Size:
    """The form that was asked for."""
    return LONG if is_long else SHORT


async def put_in_force(settings: Settings) -> str:
    """The rule set that the scenes were made for, by two persons; its version."""
    draft = drafted(read_content(RULES_OF_PROVINCE), by="li", at=AT, known={})
    assert not isinstance(draft, Refusal)
    record = approved(draft, by="zhao", at=AT)
    assert not isinstance(record, Refusal)
    await write(settings, record)
    return record.version


async def play(settings: Settings, days: Days, killer: Killer) -> Answer:
    """Play them while the killer is at work; ends when both are done."""
    version = await put_in_force(settings)
    async with Player(settings, version).opened() as player:
        killing = asyncio.create_task(killer.run())
        answer = await player.play_steps(steps_of(days), Order.TOGETHER)
        await killing
    return answer


def played(settings: Settings, servers: Settings, size: Size, days: Days) -> list[AlertRecord]:
    """What two workers find in it while they are killed."""
    system.start(settings, parts.worker_names(2), print, owner=processes.identity_of(os.getpid()))
    killer = Killer(settings, servers, {"worker": size.kills}, SEED, pause_s_max=size.pause_s_max)
    answer = asyncio.run(play(settings, takewhile(lambda day: day[0] <= size.last, days), killer))
    assert killer.killed == Counter(worker=size.kills)
    assert answer.refusals == []
    rules = {record.rule_id for record in answer.records}
    print(  # noqa: T201 - the figures of the run
        f"{answer.journaled} events, {len(answer.records)} records of {len(rules)} rules, killed {dict(killer.killed)}"
    )
    return answer.records


def parted(courses: dict[Alert, Course]) -> tuple[dict[Alert, Course], dict[Alert, Course]]:
    """The courses of alerts on money and people, and those of the rules on how many alerts there were."""
    of_months = {alert: course for alert, course in courses.items() if alert[0] in OF_MONTHS}
    return {alert: course for alert, course in courses.items() if alert not in of_months}, of_months


def test_killing_workers_changes_no_alert_and_no_day(topics: Settings, servers: Settings, size: Size) -> None:
    """At the end of every day each alert is as severe as the scenes say: precision and recall are 1 for every rule.

    Rules on months count alerts that were there for a moment, too, as on a day when one county's register comes behind
    another's payment to the same person: these follow from what was raised.
    """
    made = Province(size.regions, size.years, SEED, households=size.households, per_rule=size.per_rule)
    records = played(topics, servers, size, made.days())
    found, of_months = parted(courses_of(records))
    assert found == parted(courses_meant(each for each in made.expected if each.date <= size.last))[0]
    rectified = Rectified()
    assert sum(1 for _ in rectified.noted(takewhile(lambda day: day[0] <= size.last, made.days()))) > 0
    assert of_months == courses_of_months(records, rectified.days, size.last)


def test_killing_workers_changes_nothing_of_what_late_records_make(
    topics: Settings, servers: Settings, size: Size, tmp_path: Path
) -> None:
    """Late, repeated and corrected records: each day ends as in a file that is judged; that has laws of its own."""

    def days() -> Days:
        made = Province(
            size.regions, size.years, SEED, households=size.households, per_rule=size.per_rule, corrected_percent=2
        )
        return arriving_late(made)

    found = courses_of(played(topics, servers, size, days()))
    with closing(Scratch(tmp_path / "state")) as scratch:
        judging = FileJudge(RULES, RULE_SET, emitted_at=AT, scratch=scratch)
        unkilled = judging.run_steps(steps_of(takewhile(lambda day: day[0] <= size.last, days())))
        assert found == courses_of(unkilled)
