"""Working days by the statutory calendar."""

from __future__ import annotations

from datetime import date, timedelta

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.calendar import (
    COVERED_YEARS,
    is_covered,
    is_working_day,
    roll_forward,
    uncovered_years,
    working_days_after,
    working_days_after_ordinal,
    working_days_between,
)

DAYS = st.dates(date(1900, 1, 1), date(2100, 12, 31))
KNOWN_DAYS = st.dates(date(2004, 1, 1), date(2026, 12, 31))
PRINTED_ON = date(2019, 9, 27)  # worked case 1 of the contract


@pytest.mark.parametrize(
    ("n", "expected"), [(0, PRINTED_ON), (1, date(2019, 9, 29)), (2, date(2019, 9, 30)), (3, date(2019, 10, 8))]
)
def test_national_day_of_2019_is_counted_with_its_make_up_sunday(n: int, expected: date) -> None:
    """A Monday-to-Friday calendar would say 2 October for the third, one without make-up days 9 October."""
    assert working_days_after(PRINTED_ON, n) == expected


@given(KNOWN_DAYS)
def test_a_known_day_is_what_the_notices_say(day: date) -> None:
    """In covered years the answer is that of the package's own function."""
    assert is_working_day(day) is chinese_calendar.is_workday(day)


@given(DAYS.filter(lambda day: day.year not in COVERED_YEARS))
def test_an_unknown_year_has_monday_to_friday(day: date) -> None:
    """In a year without notices weekdays are working days, and the year says that it is not covered."""
    assert is_working_day(day) is (day.weekday() < 5)
    assert not is_covered(day.year)
    assert uncovered_years(day, day) == (day.year,)


def test_the_years_of_the_notices_are_covered() -> None:
    """2004 to 2026 are known, and a span names only the years that are not."""
    assert uncovered_years(date(2003, 12, 31), date(2027, 1, 1)) == (2003, 2027)


@given(DAYS, st.integers(1, 300))
def test_the_nth_working_day_has_n_working_days_up_to_it(day: date, n: int) -> None:
    """Counting back from the answer gives n, and the answer is a working day after the day."""
    found = working_days_after(day, n)
    assert found > day
    assert is_working_day(found)
    assert working_days_between(day, found) == n


@given(DAYS, st.integers(0, 60))
def test_later_days_have_no_earlier_limits(day: date, n: int) -> None:
    """A limit never moves back when its start moves on."""
    assert working_days_after(day, n) <= working_days_after(day + timedelta(days=1), n)


@given(DAYS)
def test_rolling_forward_stops_at_the_first_working_day(day: date) -> None:
    """A working day stays; any other goes to the next one, with none between."""
    rolled = roll_forward(day)
    assert is_working_day(rolled)
    assert working_days_between(day - timedelta(days=1), rolled) == 1


def test_no_time_passes_backwards() -> None:
    """Between a day and an earlier one lie no working days."""
    assert working_days_between(PRINTED_ON, PRINTED_ON - timedelta(days=30)) == 0


def test_a_negative_count_is_a_mistake() -> None:
    """There is no working day before day 0."""
    with pytest.raises(ValueError, match="n=-1"):
        working_days_after_ordinal(PRINTED_ON.toordinal(), -1)
