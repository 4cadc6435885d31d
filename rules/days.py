"""Days as ordinals: conversions that the hot path can afford."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache


@lru_cache(maxsize=4_096)  # ten years of days, and a margin for wild dates
def day_of_text(text: str) -> int:
    """The ordinal of ``YYYY-MM-DD``."""
    return date.fromisoformat(text).toordinal()


def day_of_moment(moment: str) -> int:
    """The day of a timestamp as written; all are +08:00 (wire.md 2.1)."""
    return day_of_text(moment[:10])


def day_key(day: int) -> str:
    """A day as index text; seven digits keep the order of text that of days."""
    return f"{day:07d}"


@lru_cache(maxsize=4_096)
def text_of_day(day: int) -> str:
    """``YYYY-MM-DD`` of an ordinal."""
    return date.fromordinal(day).isoformat()


def month_of(day: int) -> str:
    """``YYYY-MM`` of an ordinal; months compare as their texts do."""
    return text_of_day(day)[:7]


@lru_cache(maxsize=256)  # twenty years
def first_of_next(month: str) -> date:
    """The first day after the month."""
    return (date.fromisoformat(f"{month}-01") + timedelta(days=31)).replace(day=1)


@lru_cache(maxsize=256)
def month_before(month: str) -> str:
    """The month before."""
    return (date.fromisoformat(f"{month}-01") - timedelta(days=1)).isoformat()[:7]


def months(first: str, last: str) -> Iterator[str]:
    """All months from the first to the last, both included."""
    while first <= last:
        yield first
        first = first_of_next(first).isoformat()[:7]
