"""A file of wire events as a journal in file order (wire.md 5.3): who judges it, and who plays it, reads it here.

Daily ticks run from the day of --from; before each event those up to the date of its ``recorded_at`` come, if they have
not come yet; after the last event those up to the day of --to.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from itertools import chain
from pathlib import Path
from typing import NamedTuple, TypeVar

from domain.addresses import address_of
from domain.events.types import MOMENT

T = TypeVar("T")


class FileEvent(NamedTuple):
    """One line: its number from 1, the topic and key it is sent with, and its bytes."""

    number: int
    topic: str
    key: bytes | None
    value: bytes


class DayBegins(NamedTuple):
    """The daily tick of this day is due here."""

    day: date


@contextmanager
def opened(path: Path) -> Iterator[Iterator[bytes]]:
    """The lines of a file of events, open for the block."""
    with path.open("rb") as file:
        yield without_mark(file)


def without_mark(lines: Iterable[bytes]) -> Iterator[bytes]:
    """The lines without the byte order mark that editors on Windows write before the first; at least an empty one."""
    rest = iter(lines)
    first = next(rest, b"")
    return chain((first.removeprefix(codecs.BOM_UTF8),), rest)


def steps(lines: Iterable[bytes], first: date, last: date) -> Iterator[FileEvent | DayBegins]:
    """The file's events and the ticks between them, in journal order. Empty lines are passed over."""
    day = first
    for number, line in enumerate(lines, start=1):
        value = line.strip()
        if not value:
            continue
        address = address_of(value)
        recorded_on = _recorded_on(address.recorded_at)
        if recorded_on is not None:
            while day <= recorded_on:
                yield DayBegins(day)
                day += timedelta(days=1)
        key = None if address.region is None else address.region.encode()
        yield FileEvent(number, address.topic, key, value)
    while day <= last:
        yield DayBegins(day)
        day += timedelta(days=1)


def holding_on(day: date, first: T, changes: Mapping[date, T]) -> T:
    """What holds from the tick of ``day`` on: the latest of the ``changes`` up to then, else ``first``."""
    begun = [each for each in changes if each <= day]
    return changes[max(begun)] if begun else first


def first_day(lines: Iterable[bytes]) -> date | None:
    """The day on which the first event was recorded that says so; None where none does."""
    days = (_recorded_on(address_of(line.strip()).recorded_at) for line in lines if line.strip())
    return next((day for day in days if day is not None), None)


def _recorded_on(recorded_at: str | None) -> date | None:
    """The date of a moment; None where there is none, so that no tick comes before the event.

    What has not the contract's form is refused, and says of no day that it came: the log never goes back.
    """
    return date.fromisoformat(recorded_at[:10]) if recorded_at is not None and MOMENT.accepts(recorded_at) else None
