"""Days as ordinals: conversions that the hot path can afford."""

from __future__ import annotations

from datetime import date
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
