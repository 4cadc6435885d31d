"""Scenes of management: reports, posts, doubts, problems, silent sources, and records that are not complete."""

from __future__ import annotations

from datetime import date

from connectors.office_days import later
from connectors.simulator.book import Body
from connectors.simulator.bureau import assign_post, file_report, reconcile, say_something
from connectors.simulator.office import Office
from connectors.simulator.scene import HENAN, XINJIANG, Scene, Where, fault, near
from connectors.simulator.truth import RED, YELLOW
from domain.calendar import roll_forward, working_days_after

_DUE_DAY = {"xinjiang": 10, "henan": 15}


# --- reports -----------------------------------------------------------------------------------------------------


def _report(office: Office, on: date, days_after_due: int) -> tuple[str, date, date]:
    """The report on the month, so many days after the day on which it is due."""
    month = f"{on:%Y-%m}"
    office.reserved.add(f"report {month}")
    due = roll_forward(later(on.replace(day=1), 32).replace(day=_DUE_DAY[office.place.profile]))
    day = later(due, days_after_due)
    if office.is_xinjiang:
        file_report(office, "county_monthly", month, day)
        return f"county_monthly||{month}", due, day
    reconcile(office, month, day)
    return f"reconciliation||{month}", due, day


def report_late(office: Office, on: date) -> None:
    """Three days late."""
    key, due, day = _report(office, on, 3)
    office.alert("monthly_report_late", key, (due, YELLOW), (later(due, 1), RED), (day, ""))


def report_in_time(office: Office, on: date) -> None:
    """On the day before, when nothing has been said."""
    _report(office, on, -1)


# --- sources -----------------------------------------------------------------------------------------------------


def _silence(office: Office, on: date, working_days: int) -> tuple[str, date]:
    """A source is heard on the day and then not for so many working days."""
    source = office.place.payment_system
    say_something(office, source, on)
    for number in range(1, working_days + 1):
        office.reserved.add(f"{source} {working_days_after(on, number)}")
    day = working_days_after(on, working_days + 1)
    say_something(office, source, day)
    return source, day


def source_falls_silent(office: Office, on: date) -> None:
    """Heard again on the twelfth working day: yellow after three, red after ten."""
    source, day = _silence(office, on, 11)
    yellow_on, red_on = (later(working_days_after(on, days), 1) for days in (3, 10))
    office.alert("source_silent", source, (yellow_on, YELLOW), (red_on, RED), (day, ""))


def source_pauses(office: Office, on: date) -> None:
    """Heard again on the third working day."""
    _silence(office, on, 2)


# --- posts -------------------------------------------------------------------------------------------------------


def posts_incomplete(office: Office, on: date) -> None:
    """A unit with one of three posts, seen the next day; complete after a week."""
    unit = office.unit(f"d{office.serial}")
    day = later(on, 7)
    for number, post in enumerate(("receipt_dispatch", "handling", "review")):
        assign_post(office, post, f"u-{number}", day if number else on, organisation_code=unit)
    office.alert("posts_improper", unit, (later(on, 1), RED), (later(day, 1), ""))


def _mixed(office: Office, on: date, **changes: object) -> tuple[str, str]:
    unit = office.unit(f"d{office.serial}")
    assign_post(office, "handling", "u-1", on, organisation_code=unit, **changes)
    return unit, assign_post(office, "review", "u-1", on, organisation_code=unit, **changes)


def posts_mixed(office: Office, on: date) -> None:
    """One person handles and reviews, for a week."""
    unit, assignment_id = _mixed(office, on)
    day = later(on, 7)
    fields = {"assignment_id": assignment_id, "released_on": day}
    office.correct("post.released", assignment_id, day, "轮岗", **fields)
    office.alert("posts_improper", f"{unit}|u-1", (later(on, 1), YELLOW), (later(day, 1), ""))


def posts_mixed_with_leave(office: Office, on: date) -> None:
    """The same with a reason."""
    _mixed(office, on, exemption_reason="人员不足")


def posts_complete(office: Office, on: date) -> None:
    """All three posts, held by three people."""
    unit = office.unit(f"d{office.serial}")
    for number, post in enumerate(("receipt_dispatch", "handling", "review")):
        assign_post(office, post, f"u-{number}", on, organisation_code=unit)


# --- doubts and problems -----------------------------------------------------------------------------------------


def raise_doubt(office: Office, on: date, resolved_on: date) -> str:
    """A doubt that the province should settle within five working days, and settles that day; its number."""
    doubt_id = office.new_id("YW")
    body: Body = {
        "doubt_id": doubt_id,
        "record_id": f"{office.region}-2018-Q0007",
        "cause_level": "province",
        "notified_section": "社保处",
        "notified_on": on,
        "description": "省级下达金额与文件不符",
    }
    office.write("doubt.raised", doubt_id, body, on)
    resolved: Body = {"doubt_id": doubt_id, "resolved_on": resolved_on, "resolution": "corrected"}
    office.write("doubt.resolved", doubt_id, resolved, resolved_on)
    return doubt_id


def doubt_open(office: Office, on: date) -> None:
    """The province answers on the eighth working day; five are allowed."""
    due, day = working_days_after(on, 5), working_days_after(on, 8)
    doubt_id = raise_doubt(office, on, day)
    office.alert("provincial_correction_late", doubt_id, (due, YELLOW), (later(due, 1), RED), (day, ""))


def doubt_settled(office: Office, on: date) -> None:
    """The province answers on the fourth working day."""
    raise_doubt(office, on, working_days_after(on, 4))


def _problem(office: Office, on: date, rectify_by: date, day: date) -> str:
    problem_id = office.new_id("WT")
    body: Body = {
        "problem_id": problem_id,
        "problem_kind": "inspection",
        "found_by_level": "city",
        "found_on": on,
        "rectify_by": rectify_by,
        "responsible_unit_code": office.unit("nyj"),
        "description": "台账不全",
    }
    office.write("problem.registered", problem_id, body, on)
    rectified: Body = {"problem_id": problem_id, "rectified_on": day, "measure": "已补齐"}
    office.write("problem.rectified", problem_id, rectified, day)
    return problem_id


def problem_open(office: Office, on: date) -> None:
    """Rectified five days late; it is yellow from three days before the limit on."""
    due = later(on, 20)
    problem_id = _problem(office, on, due, later(due, 5))
    steps = ((later(due, -3), YELLOW), (later(due, 1), RED), (later(due, 5), ""))
    office.alert("rectification_overdue", problem_id, *steps, answered=False)


def problem_rectified(office: Office, on: date) -> None:
    """Rectified four days before the limit."""
    due = later(on, 20)
    _problem(office, on, due, later(due, -4))


SCENES: tuple[Scene, ...] = (
    fault("monthly_report_late", report_late, months=(1, 11)),
    near("monthly_report_late", report_in_time, months=(1, 11)),
    fault("source_silent", source_falls_silent, where=Where.HOST),
    near("source_silent", source_pauses, where=Where.HOST),
    fault("posts_improper", posts_incomplete, XINJIANG),
    fault("posts_improper", posts_mixed, HENAN),
    near("posts_improper", posts_complete, XINJIANG),
    near("posts_improper", posts_mixed_with_leave, HENAN),
    fault("provincial_correction_late", doubt_open, HENAN),
    near("provincial_correction_late", doubt_settled, HENAN),
    fault("rectification_overdue", problem_open),
    near("rectification_overdue", problem_rectified),
)
