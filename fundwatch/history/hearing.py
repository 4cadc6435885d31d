"""A desk with what it hears, in the order in which a history judged again tells it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import cast

from domain.events import Event
from domain.events.clock_ticks import ClockTick
from domain.findings import Finding
from rules.desk import TAKEN, DeskEngine
from rules.fold.folding import RawEvent


class HearingDesk:
    """The desk of one partition, and what was found of persons and enterprises in its regions.

    Live, the desk hears of the latter whenever it comes. Here it does right after the journal record that brought it,
    or where that lies in another partition, as soon as the day of its log date has begun: so early that what people did
    with the alert on that day comes after it.
    """

    def __init__(self, desk: DeskEngine, partition: int, of_others: Iterable[Finding]) -> None:
        """``of_others``: what was found of persons and enterprises, in the order in which it was found."""
        self._desk = desk
        self._here: dict[int, list[Finding]] = {}
        elsewhere: list[Finding] = []
        for finding in of_others:
            if finding.partition == partition:
                self._here.setdefault(finding.position, []).append(finding)
            else:
                elsewhere.append(finding)
        self._elsewhere = deque(sorted(elsewhere, key=lambda finding: finding.log_on))

    def take(
        self, position: int, event: Event, raw: RawEvent, found: Iterable[Finding], *, is_left_out: bool = False
    ) -> Iterator[Finding]:
        """What the desk finds at this place of the journal, of whose record the region's own rules have ``found``.

        To be run to its end. Of a record that is left out the desk does not learn, only of what was found at its place.
        """
        for finding in found:
            yield from self._hear(finding)
        if event.type in TAKEN and not is_left_out:
            yield from self._desk.take_event(position, event, raw)
        for finding in self._here.pop(position, ()):
            yield from self._hear(finding)
        if event.type == "clock.tick":
            day = cast("ClockTick", event.body).tick_on.isoformat()
            while self._elsewhere and self._elsewhere[0].log_on <= day:
                yield from self._hear(self._elsewhere.popleft())

    def _hear(self, finding: Finding) -> list[Finding]:
        """What the desk finds of it; of rules on trial it does not hear."""
        return [] if finding.is_shadow else self._desk.hear(finding)
