"""Days on which the made-up offices of the demonstration and the simulator work."""

from __future__ import annotations

from datetime import date, timedelta

from domain.calendar import is_working_day


def last_working_day_by(day: date) -> date:
    """The day, or the last before it on which offices work."""
    while not is_working_day(day):
        day -= timedelta(days=1)
    return day


def later(day: date, days: int) -> date:
    """A number of calendar days later."""
    return day + timedelta(days=days)
