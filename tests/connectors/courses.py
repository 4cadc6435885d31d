"""Alerts day by day: how severe each is at the end of every day, as found and as the simulator's scenes say it must be.

Where records are late the system cannot know in time. What is asked of it then: at the end of every day it says of an
alert what was true at most so many days ago; anything else, for want of a record that has not come yet, for no longer.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise
from random import Random
from typing import NamedTuple

import msgspec

from alerts.alert import AlertRecord
from connectors.simulator.book import Sent
from connectors.simulator.disorder import disordered
from connectors.simulator.province import Province
from connectors.simulator.truth import DESK_RULES, Expected
from domain.calendar import working_days_after

OVER = ("cleared", "dismissed", "suppressed")
# Rules on how many alerts there were, month by month: these follow from what was raised, whatever was meant to be.
OF_MONTHS = ("alerts_three_consecutive_months", "alerts_remain_frequent")
FREQUENT = 10
# Rules that look at the first tick of a month only: what is too late for one is seen at the next.
LOOKED_AT_MONTHLY = ("project_fragmented", "use_structure_out_of_band", "payment_progress_slow")
# How late a record may be, in days.
LATE_DAYS = 3
_MONTH_DAYS = 31
_DAY = timedelta(days=1)

Alert = tuple[str, str]  # rule and subject
# From which days on it has which severity at the end of the day; "" = it is not there.
Course = Sequence[tuple[date, str]]


class _Change(NamedTuple):
    rule_id: str
    subject_key: str
    day: date
    severity: str


def courses_of(records: Iterable[AlertRecord]) -> dict[Alert, Course]:
    """What was found."""
    return _courses(
        _Change(
            record.rule_id,
            record.subject.key,
            date.fromisoformat(record.log_on),
            "" if record.transition in OVER else str(record.severity),
        )
        for record in records
    )


def courses_meant(expected: Iterable[Expected]) -> dict[Alert, Course]:
    """What the scenes say."""
    return _courses(
        _Change(each.rule_id, each.subject_key, each.date, "" if each.action == "clear" else each.severity)
        for each in expected
    )


def _courses(changes: Iterable[_Change]) -> dict[Alert, Course]:
    """What came and went within a day is in none."""
    last: defaultdict[Alert, dict[date, str]] = defaultdict(dict)
    for change in changes:
        last[change.rule_id, change.subject_key][change.day] = change.severity
    found = {alert: list(_steps(days)) for alert, days in last.items()}
    return {alert: course for alert, course in found.items() if course}


def _steps(days: Mapping[date, str]) -> Iterator[tuple[date, str]]:
    now = ""
    for day in sorted(days):
        if days[day] != now:
            now = days[day]
            yield day, now


# --- late records ------------------------------------------------------------------------------------------------


def wrong_for_days(found: Mapping[Alert, Course], meant: Mapping[Alert, Course], days_late: int) -> dict[Alert, int]:
    """Of each alert that says longer than ``days_late`` what was not true within these days: for how many.

    The rules of months are not looked at, those that look monthly have a month more.
    """
    longest = {
        alert: _longest_wrong(found.get(alert, ()), meant.get(alert, ()), days_late)
        for alert in found.keys() | meant.keys()
        if alert[0] not in OF_MONTHS
    }
    more_days = dict.fromkeys(LOOKED_AT_MONTHLY, _MONTH_DAYS)
    return {alert: days for alert, days in longest.items() if days > days_late + more_days.get(alert[0], 0)}


def _longest_wrong(found: Course, meant: Course, days_late: int) -> int:
    changes = sorted({day for day, _ in (*found, *meant)})
    # After the last change both stay as they are, so some weeks tell whether they stay apart for ever.
    days = [changes[0] + number * _DAY for number in range((changes[-1] - changes[0]).days + 30)]
    longest = now = 0
    for day in days:
        now = 0 if _on(found, day) in _within(meant, _begin_of(day, days_late), day) else now + 1
        longest = max(longest, now)
    return longest


def _begin_of(day: date, days_late: int) -> date:
    """The first day whose truth may still be told: terms in working days that begin late end as many of these later."""
    begin = day - days_late * _DAY
    while working_days_after(begin - _DAY, days_late) >= day:
        begin -= _DAY
    return begin


def _on(course: Course, day: date) -> str:
    place = bisect_right(course, day, key=lambda step: step[0])
    return course[place - 1][1] if place else ""


def _within(course: Course, begin: date, end: date) -> set[str]:
    return {_on(course, begin), *(severity for day, severity in course if begin <= day <= end)}


# --- alerts on alerts --------------------------------------------------------------------------------------------


class _Outline(msgspec.Struct):
    body: dict[str, object]


_outline = msgspec.json.Decoder(_Outline).decode


def arriving_late(made: Province) -> Iterator[tuple[date, list[Sent]]]:
    """Its records by the day they arrive: up to LATE_DAYS late, a tenth of them twice; the same at each call."""
    return disordered(made.days(), made.last, Random(1), days_late=LATE_DAYS, redelivered_percent=10)  # noqa: S311  # no secret


class Rectified:
    """The alerts that were reported as rectified, by log date, noted while the records pass."""

    def __init__(self) -> None:
        self.days: dict[str, date] = {}
        self._today = date.min

    def noted(self, days: Iterable[tuple[date, list[Sent]]]) -> Iterator[bytes]:
        """The records themselves. A day begins with the first one that was recorded on it."""
        for _, records in days:
            for sent in records:
                self._today = max(self._today, sent.day)
                if b'"alert.rectified"' in sent.value:
                    self.days.setdefault(str(_outline(sent.value).body["alert_id"]), self._today)
                yield sent.value


def courses_of_months(records: Sequence[AlertRecord], rectified: Mapping[str, date], last: date) -> dict[Alert, Course]:
    """The rules of months, reckoned plainly from the alerts that were raised in Henan and what was said of them."""
    by_region: defaultdict[str, list[AlertRecord]] = defaultdict(list)
    for record in records:
        if record.rule_id not in DESK_RULES and record.region.startswith("41"):
            by_region[record.region].append(record)
    changes: list[_Change] = []
    for region, own in by_region.items():
        changes += _of_region(region, own, rectified, last)
    return _courses(changes)


def _of_region(
    region: str, records: Sequence[AlertRecord], rectified: Mapping[str, date], last: date
) -> Iterator[_Change]:
    years = range(min(int(record.log_on[:4]) for record in records), last.year + 1)
    firsts = [first for year in years for month in range(1, 13) if (first := date(year, month, 1)) <= last]
    is_open = [_is_any_open_before(records, rectified, first) for first in firsts]
    raised = [
        sum(record.transition == "raised" and str(begin) <= record.log_on < str(end) for record in records)
        for begin, end in pairwise(firsts)
    ]
    for number in range(2, len(firsts)):
        is_running = all(is_open[number - 1 : number + 1])
        level = "" if not is_running else "red" if is_open[number - 2] else "yellow"
        yield _Change(OF_MONTHS[0], region, firsts[number], level)
        is_frequent = is_running and sum(raised[number - 2 : number]) >= FREQUENT
        yield _Change(OF_MONTHS[1], region, firsts[number], "yellow" if is_frequent else "")


def _is_any_open_before(records: Sequence[AlertRecord], rectified: Mapping[str, date], first: date) -> bool:
    """At the end of the month before; alerts that were reported as rectified are left out."""
    state = {record.alert_id: record.transition not in OVER for record in records if record.log_on < str(first)}
    return any(is_open and rectified.get(alert, date.max) >= first for alert, is_open in state.items())
