"""Time in the journal: which ticks are due, and what a tick says (wire.md 7.15). Pure.

A tick is a function of partition and moment alone, so two senders that both believe to lead send the same bytes with
the same ``event_id``, which the intake drops as a redelivery.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum
from typing import NamedTuple

from domain.own_events import own_event

CHINA = timezone(timedelta(hours=8))  # wire.md section 3: every timestamp is +08:00
_REGION = "000000"


class Kind(StrEnum):
    """The two kinds of tick."""

    DAILY = "daily"
    HOURLY = "hourly"


class Tick(NamedTuple):
    """One moment to be told to one partition."""

    at: datetime
    kind: Kind


def ticks_due(last: datetime | None, now: datetime) -> list[Tick]:
    """The ticks to send now to a partition whose last one was of moment ``last`` (None: it never had one).

    Every missed day gets its daily tick. Of missed hours only the current one is told: nothing falls due within a day.
    A partition without ticks starts today; what came before is a matter of the opening (wire.md section 4).
    """
    hour = now.astimezone(CHINA).replace(minute=0, second=0, microsecond=0)
    today = hour.replace(hour=0)
    day = today if last is None else last.astimezone(CHINA).replace(hour=0, minute=0, second=0, microsecond=0)
    due = [Tick(day, Kind.DAILY)] if last is None else []
    while day < today:
        day += timedelta(days=1)
        due.append(Tick(day, Kind.DAILY))
    if hour > today and (last is None or hour > last):
        due.append(Tick(hour, Kind.HOURLY))
    return due


def tick_event(tick: Tick, partition: int, reference_version: str) -> bytes:
    """The wire event of a tick. Nothing in it depends on who sends it or when."""
    at = tick.at.isoformat(timespec="seconds")
    return own_event(
        event_id=f"tick:{partition}:{at[:13]}",
        type_name="clock.tick",
        region=_REGION,
        occurred_on=at[:10],
        recorded_at=at,
        body={
            "tick_on": at[:10],
            "tick_at": at,
            "tick_kind": tick.kind,
            "partition": partition,
            "reference_version": reference_version,
        },
    )


def daily_tick(day: date) -> Tick:
    """The tick that begins a day."""
    return Tick(datetime(day.year, day.month, day.day, tzinfo=CHINA), Kind.DAILY)


def moment_text(now_ms: int) -> str:
    """Milliseconds since 1970 as a time stamp of China, to the millisecond: delays are measured with it."""
    moment = datetime.fromtimestamp(now_ms // 1_000, UTC).astimezone(CHINA) + timedelta(milliseconds=now_ms % 1_000)
    return moment.isoformat(timespec="milliseconds")
