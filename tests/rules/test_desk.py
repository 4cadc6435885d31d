"""Laws of the desk's engine that no tape can tell: what is heard with a tick, and before a region came."""

from __future__ import annotations

from copy import deepcopy
from datetime import date
from functools import partial

import msgspec

from domain.events import decode_trusted
from domain.findings import Finding, Transition
from domain.ticks import daily_tick, tick_event
from rules.catalogue import RULES
from rules.desk import DeskEngine
from rules.thresholds import rule_set_of
from tests.alerts.findings import LUANCHUAN, finding
from tests.rules.tape import EXAMPLES, opening


def opened() -> DeskEngine:
    """The desk of a county of Henan that came on 1 January 2019."""
    desk = DeskEngine(RULES, rule_set_of(RULES))
    tick(desk, "2019-01-01")
    raw = msgspec.json.encode(opening(LUANCHUAN, "henan", "opened", "2019-01-01"))
    desk.take_event(1, decode_trusted(raw), partial(bytes, raw))
    return desk


def tick(desk: DeskEngine, day: str) -> list[tuple[str, str]]:
    """What the desk finds when the day begins: rule and transition."""
    raw = tick_event(daily_tick(date.fromisoformat(day)), 0, "1")
    return [(found.rule_id, found.transition) for found in desk.take_event(2, decode_trusted(raw), partial(bytes, raw))]


def alert(transition: Transition, day: str, **more: object) -> Finding:
    """What another stage says of one alert of the county."""
    return finding(region=LUANCHUAN, transition=transition, log_on=day, raised_on=day, **more)


def test_what_the_first_tick_of_a_month_clears_was_open_at_the_month_end() -> None:
    """The tick says that the month is over; what it ends was there until then."""
    desk = opened()
    desk.hear(alert(Transition.RAISED, "2019-01-20"))
    tick(desk, "2019-02-01")
    desk.hear(alert(Transition.CLEARED, "2019-03-01"))
    assert tick(desk, "2019-03-01") == [("alerts_three_consecutive_months", "raised")]


def test_what_the_first_tick_of_a_month_raises_was_not_open_at_the_month_end() -> None:
    """It began with the new month."""
    desk = opened()
    desk.hear(alert(Transition.RAISED, "2019-02-01"))
    tick(desk, "2019-02-01")
    desk.hear(alert(Transition.CLEARED, "2019-03-01"))
    assert tick(desk, "2019-03-01") == []


def test_an_alert_that_a_tick_ends_is_not_asked_about_at_that_tick() -> None:
    """Desk rules look at what all stages made of the day."""
    desk = opened()
    desk.hear(alert(Transition.RAISED, "2019-07-01"))
    tick(desk, "2019-07-15")
    desk.hear(alert(Transition.CLEARED, "2019-07-16"))
    assert tick(desk, "2019-07-16") == []


def test_alerts_of_a_region_that_has_not_come_are_not_judged() -> None:
    """No stage finds anything there, so nothing is kept either."""
    desk = DeskEngine(RULES, rule_set_of(RULES))
    assert desk.hear(alert(Transition.RAISED, "2019-07-01")) == []
    assert tick(desk, "2019-12-01") == []


def test_what_is_frequent_after_an_inspection_is_measured_by_class() -> None:
    """Three open alerts of one class against the least of them, not all that were raised."""
    desk = opened()
    for number in range(3):
        desk.hear(alert(Transition.RAISED, "2019-01-10", alert_id=f"{number}"))
    for kind, day_field in (("inspection.opened", "opened_on"), ("inspection.closed", "closed_on")):
        event = deepcopy(EXAMPLES[kind]) | {"region": LUANCHUAN}
        event["body"][day_field] = "2019-01-20"
        raw = msgspec.json.encode(event)
        desk.take_event(1, decode_trusted(raw), partial(bytes, raw))
    raw = tick_event(daily_tick(date(2019, 2, 1)), 0, "1")
    found = desk.take_event(2, decode_trusted(raw), partial(bytes, raw))
    frequent = next(each for each in found if each.rule_id == "alerts_remain_frequent")
    assert (frequent.observed, frequent.limit, frequent.severity) == (3, 3, "red")
