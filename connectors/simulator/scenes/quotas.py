"""Scenes of quotas and lines: money that lies about, documents and their dates, flags."""

from __future__ import annotations

from datetime import date
from typing import Any

from connectors.office_days import last_working_day_by, later
from connectors.simulator.money import (
    Line,
    Quota,
    allocate,
    arrange,
    funded_line,
    print_document,
    refine,
    scan,
)
from connectors.simulator.office import Office, fen
from connectors.simulator.paying import next_working_day, pay, pay_rest
from connectors.simulator.places import Theme
from connectors.simulator.projects import enter_target, register_project
from connectors.simulator.scene import HENAN, XINJIANG, Scene, fault, near
from connectors.simulator.truth import RED, YELLOW
from domain.calendar import working_days_after

YUAN = 120_000


def take_up(office: Office, quota: Quota, yuan: int, on: date, **changes: Any) -> Line:
    """Allocate money to a new project and pay it out after ten days: the end of a story about a quota."""
    project_id = register_project(office, on, yuan, theme=quota.theme)
    line = allocate(office, quota, yuan, on, project_id, **changes)
    if office.is_xinjiang:
        enter_target(office, project_id, line.fen, on)
    pay_rest(office, line, next_working_day(on, 10))
    return line


# --- idle money --------------------------------------------------------------------------------------------------


def idle_for_half_a_year(office: Office, on: date) -> None:
    """Paid after 185 days: yellow after 90, red after 180."""
    line = funded_line(office, YUAN, on)
    day = next_working_day(on, 185)
    pay_rest(office, line, day)
    office.alert("funds_idle", line.line_id, (later(on, 91), YELLOW), (later(on, 181), RED), (day, ""))


def idle_again(office: Office, on: date) -> None:
    """A part payment starts the clock anew; the rest follows 95 days later."""
    line = funded_line(office, YUAN, on)
    day = next_working_day(on, 20)
    pay(office, line, 20_000, day)
    last = next_working_day(day, 95)
    pay_rest(office, line, last, 20_000)
    office.alert("funds_idle", line.line_id, (later(day, 91), YELLOW), (last, ""))


def paid_on_day_ninety(office: Office, on: date) -> None:
    """Paid on the last working day before the 91st."""
    line = funded_line(office, YUAN, on)
    pay_rest(office, line, last_working_day_by(later(on, 90)))


def unallocated_for_two_months(office: Office, on: date) -> None:
    """Allocated after 63 days: yellow after 30, red after 60."""
    quota = arrange(office, YUAN, on)
    day = next_working_day(on, 63)
    take_up(office, quota, YUAN, day)
    steps = ((later(on, 31), YELLOW), (later(on, 61), RED), (day, ""))
    office.alert("quota_unallocated_aged", quota.quota_id, *steps)


def allocated_on_day_thirty(office: Office, on: date) -> None:
    """Allocated on the last working day before the 31st."""
    take_up(office, arrange(office, YUAN, on), YUAN, last_working_day_by(later(on, 30)))


def _without_project(office: Office, on: date, linked_on: date) -> Line:
    """A line to a unit whose project, ready in every way, is named only later."""
    project_id = register_project(office, on, YUAN)
    if office.is_xinjiang:
        enter_target(office, project_id, fen(YUAN), on)
    line = allocate(office, arrange(office, YUAN, on), YUAN, on, None, target_kind="unit")
    fields = {"allocation_id": line.line_id, "project_id": project_id, "relinked_on": linked_on}
    office.correct("allocation.relinked", line.line_id, linked_on, "补关联项目", **fields)
    pay(office, line, YUAN, next_working_day(linked_on, 3), project_id=project_id)
    return line


def without_project_for_two_months(office: Office, on: date) -> None:
    """A project is named after 63 days."""
    day = next_working_day(on, 63)
    line = _without_project(office, on, day)
    office.alert("quota_without_project", line.line_id, (later(on, 31), YELLOW), (later(on, 61), RED), (day, ""))


def project_named_in_time(office: Office, on: date) -> None:
    """A project is named by the thirtieth day."""
    _without_project(office, on, last_working_day_by(later(on, 30)))


def _block(office: Office, on: date, refined_on: date) -> Line:
    """A block for a township, refined to one project later."""
    town: dict[str, Any] = {"target_kind": "township", "township_code": office.township_code(), "is_pending": True}
    block = allocate(office, arrange(office, YUAN, on), YUAN, on, None, is_household=None, **town)
    project_id = register_project(office, refined_on, YUAN)
    (line,) = refine(office, block, [(project_id, YUAN)], refined_on)
    enter_target(office, project_id, line.fen, refined_on)
    pay_rest(office, line, next_working_day(refined_on, 10))
    return block


def block_forgotten(office: Office, on: date) -> None:
    """Refined after 63 days."""
    day = next_working_day(on, 63)
    block = _block(office, on, day)
    steps = ((later(on, 31), YELLOW), (later(on, 61), RED), (day, ""))
    office.alert("pending_quota_unrefined", block.line_id, *steps)


def block_refined_in_time(office: Office, on: date) -> None:
    """Refined by the thirtieth day."""
    _block(office, on, last_working_day_by(later(on, 30)))


# --- documents and dates -----------------------------------------------------------------------------------------


def _allocated_after(office: Office, on: date, working_days: int) -> tuple[Quota, str, date]:
    quota = arrange(office, YUAN, on)
    document_no = print_document(office, quota, quota.fen, on)
    day = working_days_after(on, working_days)
    take_up(office, quota, YUAN, day, document_no=document_no, document_printed_on=on)
    return quota, document_no, day


def allocated_late(office: Office, on: date) -> None:
    """Allocated on the sixth working day; three are allowed."""
    quota, document_no, day = _allocated_after(office, on, 6)
    due = working_days_after(on, 3)
    key = f"{quota.quota_id}|{document_no}"
    office.alert("quota_allocation_overdue", key, (due, YELLOW), (later(due, 1), RED), (day, ""))


def allocated_in_time(office: Office, on: date) -> None:
    """Allocated on the second working day, before anything is said."""
    _allocated_after(office, on, 2)


def _registered_after(office: Office, on: date, working_days: int) -> tuple[Quota, date]:
    day = working_days_after(on, working_days)
    quota = arrange(office, YUAN, day, document_printed_on=on)
    take_up(office, quota, YUAN, day)
    return quota, day


def registered_a_day_late(office: Office, on: date) -> None:
    """Registered on the fourth working day; nothing undoes it."""
    quota, day = _registered_after(office, on, 4)
    office.alert("quota_registered_late", quota.quota_id, (day, YELLOW))


def registered_weeks_late(office: Office, on: date) -> None:
    """Registered on the eleventh working day."""
    quota, day = _registered_after(office, on, 11)
    office.alert("quota_registered_late", quota.quota_id, (day, RED))


def registered_in_time(office: Office, on: date) -> None:
    """Registered on the third working day."""
    _registered_after(office, on, 3)


def _scanned_after(office: Office, on: date, working_days: int) -> tuple[str, date]:
    document_no = office.new_document_no(on)
    quota = arrange(office, YUAN, on, scanned=False, document_no=document_no)
    take_up(office, quota, YUAN, on)
    day = working_days_after(on, working_days)
    scan(office, document_no, day)
    return document_no, day


def scanned_late(office: Office, on: date) -> None:
    """Scanned on the twelfth working day: yellow after three, red after ten."""
    document_no, day = _scanned_after(office, on, 12)
    yellow_on, red_on = (later(working_days_after(on, days), 1) for days in (3, 10))
    office.alert("quota_document_incomplete", document_no, (yellow_on, YELLOW), (red_on, RED), (day, ""))


def scanned_in_time(office: Office, on: date) -> None:
    """Scanned on the third working day."""
    _scanned_after(office, on, 3)


def _published_on(office: Office, on: date, published_on: date) -> str:
    quota = arrange(office, YUAN, on)
    document_no = print_document(office, quota, quota.fen, on, published_on=published_on)
    take_up(office, quota, YUAN, on, document_no=document_no)
    return document_no


def published_late(office: Office, on: date) -> None:
    """The result is published on day 33: yellow after 20 days, red after 30."""
    day = next_working_day(on, 33)
    document_no = _published_on(office, on, day)
    steps = ((later(on, 21), YELLOW), (later(on, 31), RED), (day, ""))
    office.alert("allocation_result_unpublished", document_no, *steps)


def published_in_time(office: Office, on: date) -> None:
    """The result is published on day 20."""
    _published_on(office, on, later(on, 20))


# --- flags -------------------------------------------------------------------------------------------------------


def _flagged_after(office: Office, on: date, working_days: int) -> tuple[Quota, date]:
    quota = arrange(office, YUAN, on, is_poverty_fund=False)
    day = working_days_after(on, working_days)
    fields = {"quota_id": quota.quota_id, "corrected_on": day, "is_poverty_fund": True}
    office.correct("quota.reflagged", quota.quota_id, day, "补标", **fields)
    take_up(office, quota, YUAN, day)
    return quota, day


def flag_forgotten(office: Office, on: date) -> None:
    """The flag is set on the fifth working day: red after three."""
    quota, day = _flagged_after(office, on, 5)
    red_on = later(working_days_after(on, 3), 1)
    key = f"{quota.quota_id}|expected_not_flagged"
    office.alert("fund_attribute_wrong", key, (on, YELLOW), (red_on, RED), (day, ""))


def flag_set_in_time(office: Office, on: date) -> None:
    """The flag is set on the third working day, so it is never red."""
    quota, day = _flagged_after(office, on, 3)
    office.alert("fund_attribute_wrong", f"{quota.quota_id}|expected_not_flagged", (on, YELLOW), (day, ""))


def no_flag_expected(office: Office, on: date) -> None:
    """Money of no list and no such subject needs no flag."""
    other = Theme("", "2130122", "农业项目", "industry", "nyj", "industry", "农业股")
    stranger = "local-410000-7" if office.is_xinjiang else None
    arrange(office, YUAN, on, theme=other, category=stranger, is_poverty_fund=False, is_integrable=False)


def household_flag_open(office: Office, on: date) -> None:
    """Nobody chose whether it reaches households, for a week."""
    line = funded_line(office, YUAN, on, is_household=None)
    day = next_working_day(on, 7)
    fields = {"allocation_id": line.line_id, "is_household": False, "relinked_on": day}
    office.correct("allocation.relinked", line.line_id, day, "补选", **fields)
    pay_rest(office, line, day)
    office.alert("household_flag_missing", line.line_id, (on, YELLOW), (day, ""))


def household_flag_of_the_project_open(office: Office, on: date) -> None:
    """The line's own flag is chosen; that of the project need not be."""
    line = funded_line(office, YUAN, on, project_changes={"is_household": None})
    pay_rest(office, line, next_working_day(on, 9))


SCENES: tuple[Scene, ...] = (
    fault("funds_idle", idle_for_half_a_year, months=(1, 6)),
    fault("funds_idle", idle_again, months=(1, 8)),
    near("funds_idle", paid_on_day_ninety, months=(1, 9)),
    fault("quota_unallocated_aged", unallocated_for_two_months),
    near("quota_unallocated_aged", allocated_on_day_thirty),
    fault("quota_without_project", without_project_for_two_months),
    near("quota_without_project", project_named_in_time),
    fault("pending_quota_unrefined", block_forgotten, XINJIANG),
    near("pending_quota_unrefined", block_refined_in_time, XINJIANG),
    fault("quota_allocation_overdue", allocated_late, HENAN),
    near("quota_allocation_overdue", allocated_in_time, HENAN),
    fault("quota_registered_late", registered_a_day_late, XINJIANG),
    fault("quota_registered_late", registered_weeks_late, XINJIANG),
    near("quota_registered_late", registered_in_time, XINJIANG),
    fault("quota_document_incomplete", scanned_late, XINJIANG),
    near("quota_document_incomplete", scanned_in_time, XINJIANG),
    fault("allocation_result_unpublished", published_late, XINJIANG),
    near("allocation_result_unpublished", published_in_time, XINJIANG),
    fault("fund_attribute_wrong", flag_forgotten),
    fault("fund_attribute_wrong", flag_set_in_time),
    near("fund_attribute_wrong", no_flag_expected),
    fault("household_flag_missing", household_flag_open, XINJIANG),
    near("household_flag_missing", household_flag_of_the_project_open, XINJIANG),
)
