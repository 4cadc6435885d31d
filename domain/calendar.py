"""Statutory working days (法定工作日): holidays and make-up days by the State Council's yearly notices.

The notices come from the package ``chinesecalendar``. In a year it does not know, Monday to Friday are working days,
and `is_covered` says so: whoever judges by such a day must warn, loudly (`uncovered_years` names them for a message).
Days are also known by their ordinal (``date.toordinal``), which rule code and indexes use.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from datetime import date
from typing import Final

from chinese_calendar.constants import holidays, workdays

_SATURDAY: Final = 5
# The wire's days end with 2100; two years more, so that a limit of 500 working days after the last one can be told.
_FIRST: Final = date(1900, 1, 1).toordinal()
_LAST: Final = date(2102, 12, 31).toordinal()
COVERED_YEARS: Final = frozenset(day.year for day in holidays)

_HOLIDAYS: Final = frozenset(day.toordinal() for day in holidays)
_MAKE_UP_DAYS: Final = frozenset(day.toordinal() for day in workdays)


def _works(ordinal: int) -> bool:
    # Ordinal 1 was a Monday.
    if (ordinal - 1) % 7 < _SATURDAY:
        return ordinal not in _HOLIDAYS
    return ordinal in _MAKE_UP_DAYS


# 53,000 integers, made once in about 15 ms; a look-up is then one bisection.
_WORKING_DAYS: Final[tuple[int, ...]] = tuple(filter(_works, range(_FIRST, _LAST + 1)))


def is_covered(year: int) -> bool:
    """Whether the statutory calendar of the year is known; otherwise Monday to Friday are taken."""
    return year in COVERED_YEARS


def uncovered_years(first: date, last: date) -> tuple[int, ...]:
    """The years between two days, both included, that are judged by Monday to Friday only."""
    return tuple(year for year in range(first.year, last.year + 1) if not is_covered(year))


def is_working_day(day: date) -> bool:
    """Whether people work on the day: a make-up Saturday or Sunday is one, a holiday on a weekday is none."""
    return _works(day.toordinal())


def working_days_after_ordinal(day: int, n: int) -> int:
    """The n-th working day after the day, both as ordinals; the day itself is day 0.

    Raises IndexError outside 1900 to 2102, and for a negative ``n`` ValueError.
    """
    if n < 0:
        raise ValueError(f"n={n}: expected a number not below 0")
    if n == 0:
        return day
    return _WORKING_DAYS[bisect_right(_WORKING_DAYS, day) + n - 1]


def working_days_after(day: date, n: int) -> date:
    """The n-th working day after the day; the day itself, working or not, is day 0."""
    return date.fromordinal(working_days_after_ordinal(day.toordinal(), n))


def working_days_between(start: date, end: date) -> int:
    """How many working days lie after ``start`` up to and with ``end``; 0 when ``end`` is not later."""
    after, upto = bisect_right(_WORKING_DAYS, start.toordinal()), bisect_right(_WORKING_DAYS, end.toordinal())
    return max(0, upto - after)


def roll_forward(day: date) -> date:
    """The day, or the next working day when it is none."""
    return date.fromordinal(_WORKING_DAYS[bisect_left(_WORKING_DAYS, day.toordinal())])
