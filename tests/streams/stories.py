"""Stories on the in-memory driver: events and ticks into the partitions they belong to, and what the desk wrote."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from typing import Any

import msgspec

from alerts.alert import AlertRecord, decode, encode
from domain.identifiers import partition_of
from domain.ticks import daily_tick, tick_event
from domain.topics import ALERTS
from fundwatch.journal_file import DayBegins, FileEvent, steps
from rules.thresholds import BUILT_IN
from streams.driver import Driver

Step = FileEvent | DayBegins
Case = dict[str, Any]


def lines_of(case: Case) -> list[bytes]:
    """A case's events as the lines of a file."""
    return [json.dumps(event, ensure_ascii=False).encode() for event in case["events"]]


def told(case: Case) -> list[Step]:
    """A case's events and ticks in journal order."""
    return list(steps(lines_of(case), *days_of(case)))


def days_of(case: Case) -> tuple[date, date]:
    """The first and last day of a case."""
    return date.fromisoformat(case["start"]), date.fromisoformat(case["end"])


def feed(driver: Driver, step: Step, version: str = BUILT_IN) -> None:
    """An event into the partition of its region, a tick that names this rule set into each."""
    if isinstance(step, FileEvent):
        driver.feed(step.topic, step.key, step.value, partition=partition_of(step.key or b"", driver.partitions))
        return
    for partition in range(driver.partitions):
        event = tick_event(daily_tick(step.day), partition, version)
        driver.feed("clock.ticks", str(partition).encode(), event, partition=partition)


def played(driver: Driver, story: Iterable[Step]) -> Driver:
    """The driver after the story, step by step: the journal has the story's order."""
    for step in story:
        feed(driver, step)
        driver.run()
    return driver


def alerts_of(driver: Driver, topic: str = ALERTS) -> list[AlertRecord]:
    """What the desk wrote."""
    return [decode(value) for value in driver.values(topic) if value is not None]


def timeless(records: Iterable[AlertRecord]) -> list[bytes]:
    """The records' bytes without the wall clock's."""
    return [encode(msgspec.structs.replace(record, emitted_at="")) for record in records]
