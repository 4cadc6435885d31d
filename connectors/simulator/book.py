"""What is written from day to day: records wait here for their day, stories for their next page.

Nothing but what lies ahead is kept, so a province of any length streams through: a day is given out and forgotten.
Dates are what the stories are about. Times of day follow from the order in which a day's records were written, so that
no record precedes what it rests on.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import count
from typing import Any, NamedTuple

import msgspec

from domain.events import EVENT_TYPES, TOPIC_OF_TYPE
from domain.own_events import MONITOR

# A day's records are spread over the office hours, 9:00 to 18:00.
_OFFICE_OPENS_SECOND = 9 * 3600
_OFFICE_SECONDS = 9 * 3600

Body = dict[str, Any]


class Sent(NamedTuple):
    """One record as it is published, on the day on which it was recorded."""

    day: date
    topic: str
    key: bytes
    value: bytes


class Draft(NamedTuple):
    """An event without its time of day."""

    type: str
    region: str
    occurred_on: date
    recorded_on: date
    source: str
    entered_by: str
    event_id: str
    body: Body


class Book:
    """Records and stories by the day on which they are due."""

    def __init__(self) -> None:
        self._drafts: list[tuple[date, int, Draft]] = []
        self._pages: list[tuple[date, int, Callable[[], None]]] = []
        self._numbers = count()

    def write(self, draft: Draft) -> None:
        """Keep a record for its day."""
        heapq.heappush(self._drafts, (draft.recorded_on, next(self._numbers), draft))

    def at(self, day: date, page: Callable[[], None]) -> None:
        """Go on with a story on a day to come."""
        heapq.heappush(self._pages, (day, next(self._numbers), page))

    def days(self, first: date, last: date) -> Iterator[tuple[date, list[Sent]]]:
        """Each day with its records; what is due after the last day is never written."""
        day = first
        while day <= last:
            while self._pages and self._pages[0][0] <= day:
                heapq.heappop(self._pages)[2]()
            drafts: list[Draft] = []
            while self._drafts and self._drafts[0][0] <= day:
                drafts.append(heapq.heappop(self._drafts)[2])
            yield day, [_sent(draft, day, number, len(drafts)) for number, draft in enumerate(drafts)]
            day += timedelta(days=1)


def _sent(draft: Draft, day: date, number: int, records: int) -> Sent:
    return Sent(day, TOPIC_OF_TYPE[draft.type], draft.region.encode(), encode(draft, number, records))


def encode(draft: Draft, number: int, records: int) -> bytes:
    """The event, recorded as the ``number``-th of so many ``records`` of its day."""
    minute, second = divmod(_OFFICE_OPENS_SECOND + number * _OFFICE_SECONDS // records, 60)
    return msgspec.json.encode(
        {
            "event_id": draft.event_id,
            "type": draft.type,
            "region": draft.region,
            "occurred_on": draft.occurred_on,
            "recorded_at": f"{draft.recorded_on}T{minute // 60:02}:{minute % 60:02}:{second:02}+08:00",
            "source": draft.source,
            "entered_by": draft.entered_by,
            "entered_by_unit": f"{draft.region}-czj",
            "entered_for": None,
            "schema_version": 1,
            "body": draft.body,
        }
    )


def source_of(type_name: str, preferred: str) -> str:
    """The region's own system where the type allows it, else the first that the contract names."""
    allowed = EVENT_TYPES[type_name].sources
    return preferred if preferred in allowed else next(each for each in allowed if each != MONITOR)
