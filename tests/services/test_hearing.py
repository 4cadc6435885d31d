"""Laws of the order in which a desk hears of a history that is judged again."""

from __future__ import annotations

from datetime import date

from domain.events import Event, decode_trusted
from domain.findings import Finding
from domain.ticks import daily_tick, tick_event
from fundwatch.history.hearing import HearingDesk
from rules.desk import DeskEngine
from rules.fold.folding import RawEvent
from rules.thresholds import rule_set_of
from tests.alerts.findings import finding


class Listening(DeskEngine):
    """A desk that finds nothing and notes what it is told."""

    def __init__(self) -> None:
        super().__init__((), rule_set_of(()))
        self.told: list[str] = []

    def hear(self, finding: Finding) -> list[Finding]:
        """Its id."""
        self.told.append(finding.alert_id)
        return []

    def take_event(self, position: int, event: Event, raw: RawEvent) -> list[Finding]:  # noqa: ARG002 - as it is called
        """Its day."""
        self.told.append(event.occurred_on.isoformat())
        return []


def told(*days: date, is_left_out: bool = False) -> list[str]:
    """What the desk of partition 1 is told in order, where at each place its region's rules find one alert."""
    of_others = [
        finding(alert_id="elsewhere, April", partition=0, log_on="2019-04-02"),
        finding(alert_id="elsewhere, March", partition=0, log_on="2019-03-31"),
        finding(alert_id="a person's", partition=1, position=0),
        finding(alert_id="on trial", partition=1, position=0, is_shadow=True),
    ]
    desk = Listening()
    hearing = HearingDesk(desk, 1, of_others)
    for position, day in enumerate(days):
        raw = tick_event(daily_tick(day), 1, "builtin-1")
        own = finding(alert_id="the region's", position=position)
        assert list(hearing.take(position, decode_trusted(raw), lambda: b"", [own], is_left_out=is_left_out)) == []
    return desk.told


def test_a_record_comes_between_what_its_region_and_what_others_found_of_it() -> None:
    """What lies in another partition comes as soon as its day has begun, by its days; of a trial no desk hears."""
    assert told(date(2019, 4, 1), date(2019, 4, 2)) == [
        *("the region's", "2019-04-01", "a person's", "elsewhere, March"),
        *("the region's", "2019-04-02", "elsewhere, April"),
    ]


def test_of_a_record_left_out_the_desk_hears_what_was_found_at_its_place() -> None:
    """As of an event that an explanation tries to do without."""
    assert told(date(2019, 4, 1), is_left_out=True) == ["the region's", "a person's", "elsewhere, March"]
