"""A file of wire events as a journal in file order (wire.md 5.3): who judges it, and who plays it, reads it here.

Daily ticks run from the day of --from; before each event those up to the date of its ``recorded_at`` come, if they have
not come yet; after the last event those up to the day of --to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import NamedTuple, TypeVar

import msgspec

from domain.events import TOPIC_OF_TYPE

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


class _Outline(msgspec.Struct):
    """As much of an event as it takes to know where it goes. Whether it is sound is the intake's to say."""

    type: msgspec.Raw = msgspec.Raw(b"null")
    region: msgspec.Raw = msgspec.Raw(b"null")
    recorded_at: msgspec.Raw = msgspec.Raw(b"null")


_outline = msgspec.json.Decoder(_Outline).decode
# A line whose type tells no topic is sent to the first one, where the intake refuses it by name.
_TOPIC_OF_STRANGERS = "quota.changes"


def steps(lines: Iterable[bytes], first: date, last: date) -> Iterator[FileEvent | DayBegins]:
    """The file's events and the ticks between them, in journal order. Empty lines are passed over."""
    day = first
    for number, line in enumerate(lines, start=1):
        value = line.strip()
        if not value:
            continue
        topic, key, recorded_on = _place(value)
        if recorded_on is not None:
            while day <= recorded_on:
                yield DayBegins(day)
                day += timedelta(days=1)
        yield FileEvent(number, topic, key, value)
    while day <= last:
        yield DayBegins(day)
        day += timedelta(days=1)


def holding_on(day: date, first: T, changes: Mapping[date, T]) -> T:
    """What holds from the tick of ``day`` on: the latest of the ``changes`` up to then, else ``first``."""
    begun = [each for each in changes if each <= day]
    return changes[max(begun)] if begun else first


def first_day(lines: Iterable[bytes]) -> date | None:
    """The day on which the first event was recorded that says so; None where none does."""
    days = (_place(line.strip())[2] for line in lines if line.strip())
    return next((day for day in days if day is not None), None)


def _place(value: bytes) -> tuple[str, bytes | None, date | None]:
    try:
        outline = _outline(value)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return _TOPIC_OF_STRANGERS, None, None
    kind, region, recorded_at = _text(outline.type), _text(outline.region), _text(outline.recorded_at)
    topic = TOPIC_OF_TYPE.get(kind or "", _TOPIC_OF_STRANGERS)
    try:
        recorded_on = date.fromisoformat((recorded_at or "")[:10])
    except ValueError:
        recorded_on = None
    return topic, None if region is None else region.encode(), recorded_on


def _text(raw: msgspec.Raw) -> str | None:
    try:
        return msgspec.json.decode(raw, type=str)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
