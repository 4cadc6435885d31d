"""Scenes of the desk: alerts that nobody answers, that stay open over the months, and that come in numbers."""

from __future__ import annotations

from datetime import date

from connectors.office_days import later
from connectors.simulator.book import Body
from connectors.simulator.office import Office
from connectors.simulator.scene import HENAN, Scene, Where, fault, near
from connectors.simulator.scenes.management import raise_doubt
from connectors.simulator.truth import RED, YELLOW
from domain.calendar import working_days_after
from domain.identifiers import alert_id

RULE = "provincial_correction_late"


def _first_after(on: date, months: int) -> date:
    """The first day of the month so many months later."""
    year, month = divmod(on.year * 12 + on.month - 1 + months, 12)
    return date(year, month + 1, 1)


def _open_over(office: Office, on: date, months: int) -> None:
    """What of the region stays open over these months' ends is told by this story alone."""
    for number in range(months):
        office.reserved.add(f"open {_first_after(on, number):%Y-%m}")


def _doubt(office: Office, on: date, resolved_on: date) -> str:
    """A doubt that is settled on some day; the id of its alert. Nobody answers it yet."""
    doubt_id, due = raise_doubt(office, on, resolved_on), working_days_after(on, 5)
    steps = ((due, YELLOW), (later(due, 1), RED), (resolved_on, ""))
    office.alert(RULE, doubt_id, *steps, answered=False)
    return alert_id(RULE, office.key(doubt_id), 1)


def _answer(office: Office, alert: str, on: date) -> None:
    body: Body = {
        "alert_id": alert,
        "recipient_region": office.place.city,
        "feedback_on": on,
        "content": "已与省级核对",
    }
    office.write("alert.feedback_given", alert, body, on)


def _answered_after(office: Office, on: date, working_days: int) -> tuple[str, date, date]:
    raised_on = working_days_after(on, 5)
    answered_on = working_days_after(raised_on, working_days)
    resolved_on = later(answered_on, 1)
    if resolved_on.month != on.month:
        _open_over(office, on, 2)
    alert = _doubt(office, on, resolved_on)
    _answer(office, alert, answered_on)
    return alert, raised_on, answered_on


def nobody_answers(office: Office, on: date) -> None:
    """Answered on the 22nd working day: yellow after ten, red after twenty."""
    alert, raised_on, answered_on = _answered_after(office, on, 22)
    yellow_on, red_on = (later(working_days_after(raised_on, days), 1) for days in (10, 20))
    office.alert("alert_feedback_overdue", alert, (yellow_on, YELLOW), (red_on, RED), (answered_on, ""), answered=False)


def answered_in_time(office: Office, on: date) -> None:
    """Answered on the tenth working day."""
    _answered_after(office, on, 10)


def _long_open(office: Office, on: date, over_months: int) -> None:
    """An alert, answered at once, that stays open over so many month-ends."""
    _open_over(office, on, over_months + 1)
    alert = _doubt(office, on, later(_first_after(on, over_months), 3))
    _answer(office, alert, working_days_after(on, 8))


def open_over_three_month_ends(office: Office, on: date) -> None:
    """Yellow after the second month-end, red after the third, over after one without."""
    _long_open(office, on, 3)
    steps = ((_first_after(on, 2), YELLOW), (_first_after(on, 3), RED), (_first_after(on, 4), ""))
    office.alert("alerts_three_consecutive_months", "", *steps, answered=False)


def open_over_one_month_end(office: Office, on: date) -> None:
    """One month-end is not two."""
    _long_open(office, on, 1)


def _many(office: Office, on: date, count: int) -> None:
    """So many alerts in one month, one of which stays open over two month-ends."""
    _long_open(office, on, 2)
    for _ in range(count - 1):
        _doubt(office, on, working_days_after(on, 7))
    steps = ((_first_after(on, 2), YELLOW), (_first_after(on, 3), ""))
    office.alert("alerts_three_consecutive_months", "", *steps, answered=False)


def ten_alerts_in_two_months(office: Office, on: date) -> None:
    """Ten."""
    _many(office, on, 10)
    steps = ((_first_after(on, 2), YELLOW), (_first_after(on, 3), ""))
    office.alert("alerts_remain_frequent", "", *steps, answered=False)


def nine_alerts_in_two_months(office: Office, on: date) -> None:
    """Nine."""
    _many(office, on, 9)


SCENES: tuple[Scene, ...] = (
    fault("alerts_remain_frequent", ten_alerts_in_two_months, HENAN, where=Where.HOST, months=(1, 9), by_day=15),
    near("alerts_remain_frequent", nine_alerts_in_two_months, HENAN, where=Where.HOST, months=(1, 9), by_day=15),
    fault("alerts_three_consecutive_months", open_over_three_month_ends, HENAN, months=(1, 8), by_day=15),
    near("alerts_three_consecutive_months", open_over_one_month_end, HENAN, months=(1, 10), by_day=15),
    fault("alert_feedback_overdue", nobody_answers, HENAN, by_day=8),
    near("alert_feedback_overdue", answered_in_time, HENAN, by_day=5),
)
