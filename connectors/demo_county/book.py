"""The year's records as they are written: first as drafts with dates, at the end in order and with times of day.

Dates are what the stories are about. Times of day follow from the order in which a day's records were written, so a
record never precedes what it rests on.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

import msgspec

from connectors.demo_county.places import Place
from domain.calendar import roll_forward
from domain.events import EVENT_TYPES, TOPIC_OF_TYPE
from domain.own_events import MONITOR

FIRST_DAY = date(2019, 1, 2)
LAST_DAY = date(2019, 12, 31)
YEAR = 2019
# A day's records are spread over the office hours, 9:00 to 18:00.
_OFFICE_OPENS_MINUTE = 9 * 60
_OFFICE_MINUTES = 9 * 60

Body = dict[str, Any]


class Sent(NamedTuple):
    """One record as it is published, on the day it reaches the topic."""

    day: date
    topic: str
    key: bytes
    value: bytes


@dataclass(slots=True)
class Draft:
    """An event without its time of day. ``arrives_on`` is the day it reaches the topic."""

    type: str
    region: str
    occurred_on: date
    recorded_on: date
    arrives_on: date
    source: str
    entered_by: str
    entered_by_unit: str
    event_id: str
    body: Body
    entered_for: str | None = None


@dataclass
class Book:
    """All drafts of the year, in the order in which they were written."""

    drafts: list[Draft] = field(default_factory=list)
    _event_ids: dict[str, int] = field(default_factory=dict)

    def write(
        self,
        place: Place,
        type_name: str,
        native_id: str,
        body: Body,
        on: date,
        *,
        recorded_on: date | None = None,
        arrives_on: date | None = None,
        source: str | None = None,
        by: str = "system",
    ) -> Draft:
        """Write one event that happened ``on`` a day; recorded the same working day unless said otherwise."""
        recorded_on = recorded_on or roll_forward(on)
        if max(recorded_on, arrives_on or recorded_on) > LAST_DAY:
            raise ValueError(f"{type_name} {native_id} of {on}: the demonstration ends with {LAST_DAY}")
        source = source or _source(type_name, place)
        stem = f"{source}:{type_name.partition('.')[2]}:{native_id}"
        version = self._event_ids[stem] = self._event_ids.get(stem, 0) + 1
        draft = Draft(
            type=type_name,
            region=place.region,
            occurred_on=on,
            recorded_on=recorded_on,
            arrives_on=max(arrives_on or recorded_on, FIRST_DAY),
            source=source,
            entered_by=by,
            entered_by_unit=f"{place.region}-czj",
            event_id=f"{stem}:{version}",
            body=body,
        )
        self.drafts.append(draft)
        return draft

    def sent(self) -> list[Sent]:
        """Every record in the order of arrival."""
        per_day: dict[date, list[Draft]] = {}
        for draft in sorted(self.drafts, key=lambda each: each.arrives_on):
            per_day.setdefault(draft.arrives_on, []).append(draft)
        return [
            Sent(day, TOPIC_OF_TYPE[draft.type], draft.region.encode(), encode(draft, number, len(drafts)))
            for day, drafts in per_day.items()
            for number, draft in enumerate(drafts)
        ]


def encode(draft: Draft, number: int, count: int) -> bytes:
    """The event, recorded as the ``number``-th of ``count`` of its day."""
    minute = _OFFICE_OPENS_MINUTE + number * _OFFICE_MINUTES // count
    return msgspec.json.encode(
        {
            "event_id": draft.event_id,
            "type": draft.type,
            "region": draft.region,
            "occurred_on": draft.occurred_on,
            "recorded_at": f"{draft.recorded_on}T{minute // 60:02}:{minute % 60:02}:00+08:00",
            "source": draft.source,
            "entered_by": draft.entered_by,
            "entered_by_unit": draft.entered_by_unit,
            "entered_for": draft.entered_for,
            "schema_version": 1,
            "body": draft.body,
        }
    )


def _source(type_name: str, place: Place) -> str:
    """The place's own system where the type allows it, else the first that the contract names."""
    allowed = EVENT_TYPES[type_name].sources
    return place.source if place.source in allowed else next(each for each in allowed if each != MONITOR)
