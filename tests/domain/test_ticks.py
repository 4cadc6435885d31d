"""Laws of the clock's decision: every missed day is told, hours only while they last, and a tick has one spelling."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.ticks import CHINA, Kind, Tick, moment_text, tick_event, ticks_due

moments = st.datetimes(datetime(2019, 1, 1), datetime(2021, 1, 1)).map(lambda moment: moment.replace(tzinfo=CHINA))  # noqa: DTZ001
# A year is the longest that a system was ever down in these examples.
pauses = st.integers(0, 365 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes))


def at(text: str) -> datetime:
    """A moment in China."""
    return datetime.fromisoformat(text + "+08:00")


def spelled(ticks: list[Tick]) -> list[str]:
    """Ticks as a person reads them."""
    return [f"{tick.at:%m-%d %H} {tick.kind}" for tick in ticks]


@pytest.mark.parametrize(
    ("last", "now", "due"),
    [
        # A partition that never had a tick begins with today.
        (None, at("2019-10-09T00:00:01"), ["10-09 00 daily"]),
        (None, at("2019-10-09T15:20:00"), ["10-09 00 daily", "10-09 15 hourly"]),
        # Nothing twice.
        (at("2019-10-09T15:00:00"), at("2019-10-09T15:59:59"), []),
        (at("2019-10-09T00:00:00"), at("2019-10-09T00:59:59"), []),
        # The next hour; of several missed hours only the one that runs.
        (at("2019-10-09T15:00:00"), at("2019-10-09T16:00:00"), ["10-09 16 hourly"]),
        (at("2019-10-09T03:00:00"), at("2019-10-09T16:30:00"), ["10-09 16 hourly"]),
        # Midnight is a day's tick, not an hour's.
        (at("2019-10-09T23:00:00"), at("2019-10-10T00:00:00"), ["10-10 00 daily"]),
        # Every missed day, then the hour.
        (
            at("2019-10-07T23:00:00"),
            at("2019-10-10T01:30:00"),
            ["10-08 00 daily", "10-09 00 daily", "10-10 00 daily", "10-10 01 hourly"],
        ),
        # A clock that was set back says nothing: the log never goes back.
        (at("2019-10-09T15:00:00"), at("2019-10-08T12:00:00"), []),
    ],
)
def test_ticks_that_are_due(last: datetime | None, now: datetime, due: list[str]) -> None:
    """The decision, case by case."""
    assert spelled(ticks_due(last, now)) == due


@given(last=moments, pause=pauses)
def test_ticks_go_forward_and_tell_every_day(last: datetime, pause: timedelta) -> None:
    """Each moment is later than the one before, and between two ticks lies never more than a day."""
    ticks = ticks_due(last.replace(minute=0, second=0, microsecond=0), last + pause)
    told = [last, *(tick.at for tick in ticks)]
    assert all(later > earlier for earlier, later in pairwise(told[1:]))
    assert [tick.at.date() for tick in ticks if tick.kind is Kind.DAILY] == [
        last.date() + timedelta(days=number + 1) for number in range(((last + pause).date() - last.date()).days)
    ]


@given(last=moments, pause=pauses)
def test_a_told_tick_is_not_due_again(last: datetime, pause: timedelta) -> None:
    """Looking twice at the same moment sends nothing the second time."""
    now = last + pause
    ticks = ticks_due(last.replace(minute=0, second=0, microsecond=0), now)
    assert ticks_due(ticks[-1].at, now) == [] if ticks else True


def test_now_may_be_in_any_time_zone() -> None:
    """16:00 UTC is midnight in China."""
    now = datetime(2019, 10, 8, 16, tzinfo=UTC)
    assert spelled(ticks_due(at("2019-10-08T23:00:00"), now)) == ["10-09 00 daily"]


def test_a_tick_says_what_the_contract_says() -> None:
    """The example of wire.md 7.15."""
    event = msgspec.json.decode(tick_event(Tick(at("2019-10-09T00:00:00"), Kind.DAILY), 3, "2019.10.1"))
    assert event == {
        "event_id": "tick:3:2019-10-09T00",
        "type": "clock.tick",
        "region": "000000",
        "occurred_on": "2019-10-09",
        "recorded_at": "2019-10-09T00:00:00+08:00",
        "source": "monitor",
        "entered_by": "system",
        "entered_by_unit": "monitor",
        "entered_for": None,
        "schema_version": 1,
        "body": {
            "tick_on": "2019-10-09",
            "tick_at": "2019-10-09T00:00:00+08:00",
            "tick_kind": "daily",
            "partition": 3,
            "reference_version": "2019.10.1",
        },
    }


@given(last=moments, pause=pauses, later=st.integers(0, 3_599))
def test_two_leaders_send_the_same_bytes(last: datetime, pause: timedelta, later: int) -> None:
    """A tick depends on its moment, not on when within the hour it is sent."""
    hour = (last + pause).replace(minute=0, second=0, microsecond=0)
    start = last.replace(minute=0, second=0, microsecond=0)
    first, second = ticks_due(start, hour), ticks_due(start, hour + timedelta(seconds=later))
    assert [tick_event(tick, 0, "v") for tick in first] == [tick_event(tick, 0, "v") for tick in second]


def test_moment_is_written_in_china_time_to_the_millisecond() -> None:
    """Journal, alerts and dead letters spell a moment alike; delays are measured with it."""
    assert moment_text(1_554_076_800_123) == "2019-04-01T08:00:00.123+08:00"
    assert moment_text(1_554_076_800_000) == "2019-04-01T08:00:00.000+08:00"
