"""Laws of rule sets, live: known before anything is judged by them, taken up at one place of every partition."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from alerts.alert import AlertRecord
from domain.identifiers import partition_of
from domain.intake import Reference
from domain.settings import Settings
from domain.ticks import daily_tick, tick_event
from domain.topics import ALERTS_CURRENT, ALERTS_SHADOW, RULE_SETS
from fundwatch.journal_file import DayBegins, steps
from fundwatch.judging import FileJudge
from fundwatch.replaying import Player
from fundwatch.status import status
from rules.catalogue import RULES
from rules.rule_set_record import RuleSetRecord, approved, drafted, encode
from rules.rule_set_text import content_hash, rule_set_from
from streams.desk import DeskStage
from streams.driver import Crash, Driver
from streams.follower import Follower
from streams.intake import IntakeStage
from streams.judge import JudgeStage
from streams.rule_set_book import RuleSetBook
from streams.rule_sets import read_book, write
from streams.stage import Record
from tests.rules.tape import read_lines
from tests.streams.stories import alerts_of, feed, timeless

AT = "2019-05-01T00:00:00.000+08:00"
HASTY = {"version": "hasty", "author": "li", "basis": "b", "rules": {"funds_idle": {"yellow_after_days": 30}}}
TRIAL = {"version": "trial", "author": "li", "basis": "b", "rules": {"funds_idle": {"mode": "shadow"}}}
TAPE = """
region 652722 xinjiang opened 2019-01-01
2019-01-10  quota.received    Q1  yuan=200,000.00
2019-01-10  quota.allocated   A1  quota_id=Q1 yuan=200,000.00 target_kind=project is_pending=false project_id=P1
"""
LINES = [json.dumps(event).encode() for event in read_lines(TAPE.splitlines(), "funds_idle").events]
FIRST, CHANGE, LAST = date(2019, 1, 1), date(2019, 3, 1), date(2019, 8, 1)


def record(content: Mapping[str, Any]) -> RuleSetRecord:
    """A rule set that was approved."""
    draft = drafted(content, by="li", at=AT, known={})
    assert isinstance(draft, RuleSetRecord)
    made = approved(draft, by="zhao", at=AT)
    assert isinstance(made, RuleSetRecord)
    return made


def book_of(*contents: Mapping[str, Any]) -> RuleSetBook:
    """A book that has heard of these."""
    book = RuleSetBook(RULES)
    for content in contents:
        book.take(str(content["version"]).encode(), encode(record(content)))
    return book


def played(content: Mapping[str, Any], crashing: str = "", moment: Crash = Crash.BEFORE_COMMIT) -> Driver:
    """The story on the driver; from the day of the change on, ticks name this rule set. A stage may die at its tick."""
    book = book_of(content)
    judge = JudgeStage(RULES, book.built_in, book.rule_sets)
    desk = DeskStage(RULES, book.built_in, rule_sets=book.rule_sets)
    driver = Driver([IntakeStage(Reference()), judge, desk])
    for step in steps(LINES, FIRST, LAST):
        is_changed = isinstance(step, DayBegins) and step.day >= CHANGE
        if crashing and step == DayBegins(CHANGE):
            driver.crash(crashing, moment)
        feed(driver, step, str(content["version"]) if is_changed else book.built_in.version)
        driver.run()
    return driver


def judged(content: Mapping[str, Any], partitions: int = 1) -> tuple[list[AlertRecord], list[AlertRecord]]:
    """The same from a file: alerts, and what was on trial."""
    book = book_of(content)
    changes = {CHANGE: book.rule_sets[str(content["version"])]}
    judge = FileJudge(RULES, book.built_in, emitted_at="", partitions=partitions, changes=changes)
    return list(judge.run(LINES, FIRST, LAST)), judge.shadow


@pytest.mark.parametrize("moment", list(Crash))
@pytest.mark.parametrize("stage", ["", "judge", "desk"])
def test_a_change_is_taken_up_once_whatever_dies_at_its_tick(stage: str, moment: Crash) -> None:
    """The records of a system whose worker died are those of the file."""
    expected, _ = judged(HASTY)
    assert next(alert.rule_set_version for alert in expected if alert.rule_id == "funds_idle") == "hasty"
    assert timeless(alerts_of(played(HASTY, stage, moment))) == timeless(expected)


def test_nobody_is_told_what_a_rule_on_trial_says() -> None:
    """It is on a topic of its own, and nowhere else."""
    driver = played(TRIAL)
    expected, shadow = judged(TRIAL)
    assert [alert.rule_id for alert in shadow][:1] == ["funds_idle"]
    assert timeless(alerts_of(driver, ALERTS_SHADOW)) == timeless(shadow)
    assert timeless(alerts_of(driver)) == timeless(expected)
    assert "funds_idle" not in {alert.rule_id for alert in alerts_of(driver, ALERTS_CURRENT)}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (b"hasty", b"{"),
        (b"hasty", None),
        (None, encode(record(HASTY))),
        (b"trial", encode(record(HASTY))),
        (b"hasty", encode(record({**HASTY, "rules": {"funds_idle": {"yellow_after_days": "soon"}}}))),
        (b"hasty", encode(record({**HASTY, "custom": [{"id": "own", "observed": ["net_fen"]}]}))),
        (b"hasty", encode(replace(record(HASTY), content=TRIAL, content_hash=content_hash(TRIAL)))),
        (b"hasty", encode(replace(record(HASTY), approved_by="LI"))),
        (b"hasty", encode(replace(record(HASTY), approved_by=None))),
        (b"hasty", encode(replace(record(HASTY), approved_by=" "))),
        (b"hasty", b'{"version": "hasty", "content": {"note": ' + b"[" * 3_000),
    ],
)
def test_a_record_that_cannot_be_used_stops_nothing(key: bytes | None, value: bytes | None) -> None:
    """It is told, and never in force; one that can be used takes its place."""
    book = book_of()
    book.take(key, value)
    assert list(book.rule_sets) == ["builtin-1"]
    assert len(book.refused) == 1
    assert book.version_at("2030-01-01T00:00:00+08:00") == "builtin-1"
    book.take(b"hasty", encode(record(HASTY)))
    assert book.version_at("2030-01-01T00:00:00+08:00") == "hasty"


def test_a_version_keeps_its_first_content() -> None:
    """Whoever writes another one past the commands changes nothing that is judged here, and it is told."""
    book = book_of(HASTY)
    held = book.rule_sets["hasty"]
    book.take(b"hasty", encode(record({**HASTY, "rules": {}})))
    assert book.rule_sets["hasty"] is held
    assert "another content" in book.refused["hasty"]


def test_a_tick_waits_for_its_rule_set() -> None:
    """Said by stage and partition as long as it lasts; events and ticks of known versions wait for nothing."""
    tick = b'{"position":1,"flags":[],"event":%b}' % tick_event(daily_tick(CHANGE), 3, "hasty")
    records = [Record("journal", 3, 1, b"652722", b"no tick", 0), Record("journal", 3, 2, b"3", tick, 0)]

    async def wait(book: RuleSetBook) -> dict[tuple[str, int], str]:
        waiting = asyncio.create_task(book.admit("judge", 3, records))
        await asyncio.sleep(0)
        awaited = dict(book.awaited)
        book.take(b"hasty", encode(record(HASTY)))
        await waiting
        return awaited

    book = book_of()
    assert asyncio.run(wait(book)) == {("judge", 3): "hasty"}
    assert book.awaited == {}


@pytest.mark.broker
def test_a_running_system_waits_for_a_rule_set_and_takes_it_up(running: Settings) -> None:
    """Played up to the change, then on by a version that nobody knows yet: the records are those of the file."""

    async def play() -> list[AlertRecord]:
        async with Player(running, "builtin-1").opened() as player:
            before = await player.play(LINES, FIRST, CHANGE - timedelta(days=1))
        async with Player(running, "hasty").opened() as player:
            playing = asyncio.create_task(player.play([], CHANGE, LAST))
            await waiting()
            await write(running, record(HASTY))
            return before.records + (await playing).records

    async def waiting() -> None:
        while not any("hasty" in shard.health for shard in (await asyncio.to_thread(status, running)).stages["judge"]):
            pass

    found = asyncio.run(play())
    assert timeless(found) == timeless(judged(HASTY, running.partitions)[0])


@pytest.mark.broker
def test_what_was_sent_is_read_back(topics: Settings) -> None:
    """Each version from the partition of its name; the later record of a version counts."""
    draft = drafted(HASTY, by="li", at=AT, known={})
    assert isinstance(draft, RuleSetRecord)

    async def send_and_read() -> RuleSetBook:
        for each in (draft, record(TRIAL), record(HASTY)):
            await write(topics, each)
        return await read_book(topics, RULES)

    book = asyncio.run(send_and_read())
    assert book.records == {"hasty": record(HASTY), "trial": record(TRIAL)}
    assert book.rule_sets["hasty"] == rule_set_from(HASTY, RULES)
    assert partition_of(b"hasty", topics.partitions) in range(topics.partitions)


@pytest.mark.broker
def test_a_follower_that_is_closed_ends_without_an_error(topics: Settings) -> None:
    """A worker lets go of its connections before it ends what runs on them."""

    async def follow() -> None:
        follower = Follower(topics, RuleSetBook(RULES).take, RULE_SETS)
        await follower.open()
        following = asyncio.create_task(follower.follow())
        await asyncio.sleep(0)  # it waits for the broker now
        await follower.close()
        await following

    asyncio.run(follow())
