"""Planted: money and papers that wait too long. Allocation, idle lines, targets. Read as `faults_of_accounts`."""

from __future__ import annotations

from datetime import date

from connectors.demo_county.book import Body
from connectors.demo_county.budgeting import (
    allocate,
    allocate_block,
    funded_line,
    pass_down,
    print_document,
    receive,
    refine,
    take,
)
from connectors.demo_county.faults_of_accounts import Story
from connectors.demo_county.office import Line, Office, Quota, fen
from connectors.demo_county.paying import pay, pay_out
from connectors.demo_county.places import FOREST, HERDING, INDUSTRY, JOBS, ROAD, WATER, Theme
from connectors.demo_county.projects import (
    enter_target,
    record_target,
    register_project,
    review_target,
    submit_target,
)
from connectors.demo_county.truth import Expectations, Status
from connectors.office_days import later
from domain.calendar import roll_forward, working_days_after
from domain.identifiers import alert_id

OVERDUE = "quota_allocation_overdue"
IDLE = "funds_idle"
TARGET = "performance_target_missing"


def _day(line: Line, days: int) -> date:
    return roll_forward(later(line.available_on, days))


# --- Henan: three working days to allocate -----------------------------------------------------------------------


def _quota(office: Office, theme: Theme, yuan: int, on: date) -> tuple[Quota, str, date]:
    """Money from above and a project for it, two working days before a document."""
    quota = receive(office, theme, fen(yuan), on)
    return quota, register_project(office, theme, fen(yuan), on), working_days_after(on, 2)


def over_the_national_day(office: Office, on: date, truth: Expectations) -> None:
    """Worked case 1: printed on 27 September, due on 8 October, since Sunday 29 September is a working day.

    One document is done on the last day (yellow, met in time), the other a day late (red, done late).
    """
    quota, project, printed_on = _quota(office, INDUSTRY, 1_400_000, on)
    in_time = print_document(office, quota.quota_id, fen(1_000_000), printed_on, INDUSTRY.section)
    late = print_document(office, quota.quota_id, fen(400_000), printed_on, INDUSTRY.section)
    lines = (
        (600_000, date(2019, 9, 30), in_time),
        (400_000, date(2019, 10, 8), in_time),
        (400_000, date(2019, 10, 9), late),
    )
    for yuan, day, document in lines:
        line = allocate(office, quota, INDUSTRY, fen(yuan), day, document, project)
        pay_out(office, line, yuan, date(2019, 11, 4), gap_days=35)
    truth.alert(OVERDUE, office.key(quota.quota_id, in_time.number), "yellow", Status.CLEARED)
    truth.alert(OVERDUE, office.key(quota.quota_id, late.number), "red", Status.CLEARED)


def half_allocated(office: Office, on: date, truth: Expectations) -> None:
    """Half of the document's money is allocated, the other half never."""
    quota, project, printed_on = _quota(office, WATER, 500_000, on)
    document = print_document(office, quota.quota_id, fen(500_000), printed_on, WATER.section)
    line = allocate(office, quota, WATER, fen(250_000), printed_on, document, project)
    pay_out(office, line, 250_000, _day(line, 25))
    truth.alert(OVERDUE, office.key(quota.quota_id, document.number), "red", Status.OPEN)


def done_late_seen_late(office: Office, on: date, truth: Expectations) -> None:
    """The document reaches the monitor after its late allocation: raised and cleared at the next tick."""
    quota, project, printed_on = _quota(office, ROAD, 300_000, on)
    done_on = working_days_after(printed_on, 6)
    document = print_document(
        office, quota.quota_id, fen(300_000), printed_on, ROAD.section, recorded_on=working_days_after(printed_on, 8)
    )
    line = allocate(office, quota, ROAD, fen(300_000), done_on, document, project)
    pay_out(office, line, 300_000, _day(line, 20))
    truth.alert(OVERDUE, office.key(quota.quota_id, document.number), "red", Status.CLEARED)


def block_refined_late(office: Office, on: date, truth: Expectations) -> None:
    """A block is no allocation in Henan until it is refined, here after eight working days."""
    quota, project, printed_on = _quota(office, JOBS, 360_000, on)
    document = print_document(office, quota.quota_id, fen(360_000), printed_on, JOBS.section)
    block = allocate_block(office, quota, JOBS, fen(360_000), printed_on, document)
    (line,) = refine(office, block, [(project, fen(360_000))], working_days_after(printed_on, 8))
    pay_out(office, line, 360_000, _day(line, 20))
    truth.alert(OVERDUE, office.key(quota.quota_id, document.number), "red", Status.CLEARED)


def block_refined_in_time(office: Office, on: date, _: Expectations) -> None:
    """Near miss: the block is refined on the second working day."""
    quota, project, printed_on = _quota(office, FOREST, 240_000, on)
    document = print_document(office, quota.quota_id, fen(240_000), printed_on, FOREST.section)
    block = allocate_block(office, quota, FOREST, fen(240_000), printed_on, document)
    (line,) = refine(office, block, [(project, fen(240_000))], working_days_after(printed_on, 2))
    pay_out(office, line, 240_000, _day(line, 20))


def city_issues_late(city: Office, county: Office, on: date, truth: Expectations) -> None:
    """The city itself is late: its document of today reaches the county's quota five working days later."""
    notice = pass_down(city, HERDING, fen(420_000), on, county.place.region, late_by=5)
    received_on = working_days_after(on, 6)
    quota = take(county, HERDING, fen(420_000), received_on, notice)
    project = register_project(county, HERDING, fen(420_000), received_on)
    document = print_document(county, quota.quota_id, fen(420_000), received_on, HERDING.section)
    line = allocate(county, quota, HERDING, fen(420_000), received_on, document, project)
    if county.place.profile == "xinjiang":
        enter_target(county, project, fen(420_000), received_on)
        expected = None  # near miss: no such term in Xinjiang
    else:
        expected = city.key(notice.superior_quota_id, notice.document.number)
    pay_out(county, line, 420_000, _day(line, 25))
    if expected:
        truth.alert(OVERDUE, expected, "red", Status.CLEARED)


# --- idle money --------------------------------------------------------------------------------------------------


def never_paid(office: Office, on: date, truth: Expectations) -> None:
    """Nothing happens: yellow after 90 days, red after 180."""
    line = funded_line(office, INDUSTRY, 260_000, on)
    truth.alert(IDLE, office.key(line.line_id), "red", Status.OPEN)


def paid_after_a_hundred_days(office: Office, on: date, truth: Expectations) -> None:
    """Yellow on day 91, paid out ten days later."""
    line = funded_line(office, HERDING, 180_000, on)
    pay(office, line, 180_000, _day(line, 101))
    truth.alert(IDLE, office.key(line.line_id), "yellow", Status.CLEARED)


def clock_restarts(office: Office, on: date, truth: Expectations) -> None:
    """Worked case 9: red after half a year, a part payment restarts the clock, a second episode ends with the rest."""
    line = funded_line(office, ROAD, 200_000, on)
    pay(office, line, 50_000, _day(line, 186))
    pay(office, line, 150_000, roll_forward(later(_day(line, 186), 98)))
    truth.alert(IDLE, office.key(line.line_id), "red", Status.CLEARED)
    truth.alert(IDLE, office.key(line.line_id), "yellow", Status.CLEARED, 2)


def withdrawn(office: Office, on: date, truth: Expectations) -> None:
    """What is left is taken back after 120 days."""
    line = funded_line(office, WATER, 300_000, on)
    pay(office, line, 100_000, _day(line, 5))
    back_on, adjustment_id = _day(line, 125), office.new_id("J")
    taken: Body = {"allocation_id": line.line_id, "delta_fen": -20_000_000, "adjusted_on": back_on}
    office.correct("allocation.adjusted", adjustment_id, back_on, "收回", adjustment_id=adjustment_id, **taken)
    truth.alert(IDLE, office.key(line.line_id), "yellow", Status.CLEARED)


def block_forgotten(office: Office, on: date, truth: Expectations) -> None:
    """A township's block waits 100 days for its projects; once refined, its lines are paid."""
    quota = receive(office, INDUSTRY, fen(220_000), on)
    printed_on = working_days_after(on, 2)
    document = print_document(office, quota.quota_id, fen(220_000), printed_on, INDUSTRY.section)
    block = allocate_block(office, quota, INDUSTRY, fen(220_000), printed_on, document)
    refined_on = roll_forward(later(printed_on, 100))
    project = register_project(office, INDUSTRY, fen(220_000), refined_on)
    (line,) = refine(office, block, [(project, fen(220_000))], refined_on)
    enter_target(office, project, fen(220_000), refined_on)
    pay_out(office, line, 220_000, _day(line, 20))
    truth.alert(IDLE, office.key(block.line_id), "yellow", Status.CLEARED)


def payment_heard_of_late(office: Office, on: date, truth: Expectations) -> None:
    """Paid on day 80, entered on day 96: the alert of day 91 ends when the payment is known."""
    line = funded_line(office, JOBS, 170_000, on)
    pay(office, line, 170_000, _day(line, 80), recorded_on=_day(line, 96))
    truth.alert(IDLE, office.key(line.line_id), "yellow", Status.CLEARED)


def exempted(office: Office, on: date, truth: Expectations) -> None:
    """Exempted by name until after the year: one suppressed record, no alert."""
    line = funded_line(office, FOREST, 130_000, on)
    granted_on, exemption_id = _day(line, 60), f"{office.place.region}-HM-{office.count('exemption'):02}"
    exemption: Body = {
        "exemption_id": exemption_id,
        "rule_id": IDLE,
        "subject_key": office.key(line.line_id),
        "valid_from": granted_on,
        "valid_until": date(2020, 6, 30),
        "granted_by": "u-3001",
    }
    office.correct("exemption.granted", exemption_id, granted_on, "春季造林，按季节支付", **exemption)
    truth.alert(IDLE, office.key(line.line_id), "yellow", Status.SUSPENDED)


def false_alarm(office: Office, on: date, truth: Expectations) -> None:
    """A person finds it no fault; it stays silent while it is no worse."""
    line = funded_line(office, INDUSTRY, 150_000, on)
    verified_on = _day(line, 100)
    named = alert_id(IDLE, office.key(line.line_id), 1)
    verdict: Body = {
        "alert_id": named,
        "verified_on": verified_on,
        "outcome": "false_positive",
        "note": "合同约定验收后付款",
    }
    office.write("alert.verified", named, verdict, verified_on, by="u-3108")
    truth.alert(IDLE, office.key(line.line_id), "yellow", Status.DISMISSED)


def paid_on_day_ninety(office: Office, on: date, _: Expectations) -> None:
    """Near miss: paid on the last day but two, and not a fen left."""
    line = funded_line(office, HERDING, 110_000, on)
    pay(office, line, 110_000, roll_forward(later(line.available_on, 86)))


def no_poverty_money(office: Office, on: date, _: Expectations) -> None:
    """Near miss: a line that is not for poverty relief may lie as long as it likes."""
    funded_line(office, ROAD, 500_000, on, line_kind="non_poverty")


# --- Xinjiang: performance targets -------------------------------------------------------------------------------


def _paid_project(office: Office, theme: Theme, on: date) -> tuple[str, Line]:
    line = funded_line(office, theme, 240_000, on, with_target=False)
    if line.project_id is None:
        raise ValueError("a funded line has a project")
    pay_out(office, line, 240_000, _day(line, 30), gap_days=50)
    return line.project_id, line


def target_never_entered(office: Office, on: date, truth: Expectations) -> None:
    """No target at all: yellow after 30 days, red after 30 June."""
    project, _ = _paid_project(office, ROAD, on)
    truth.alert(TARGET, office.key(project, "2019"), "red", Status.OPEN)


def target_entered_late(office: Office, on: date, truth: Expectations) -> None:
    """Entered on about day 50, before 30 June."""
    project, line = _paid_project(office, INDUSTRY, on)
    enter_target(office, project, line.fen, later(line.available_on, 40))
    truth.alert(TARGET, office.key(project, "2019"), "yellow", Status.CLEARED)


def target_of_autumn(office: Office, on: date, truth: Expectations) -> None:
    """Money after 30 June: red as soon as the 30 days are over."""
    project, line = _paid_project(office, WATER, on)
    enter_target(office, project, line.fen, later(line.available_on, 40))
    truth.alert(TARGET, office.key(project, "2019"), "red", Status.CLEARED)


def target_voided(office: Office, on: date, truth: Expectations) -> None:
    """An entered target is voided after two months and another one entered within a fortnight."""
    line = funded_line(office, HERDING, 240_000, on, with_target=False)
    project = str(line.project_id)
    pay_out(office, line, 240_000, _day(line, 30), gap_days=50)
    target_id = enter_target(office, project, line.fen, line.available_on)
    void_on = _day(line, 60)
    voided = {"filing_id": target_id, "voided_on": void_on}
    office.correct("filing.voided", target_id, void_on, "项目选错", **voided)
    enter_target(office, project, line.fen, void_on)
    truth.alert(TARGET, office.key(project, "2019"), "yellow", Status.CLEARED)


def target_at_the_second_try(office: Office, on: date, _: Expectations) -> None:
    """Near miss: returned once, approved and entered before the 30 days are over."""
    project, line = _paid_project(office, FOREST, on)
    target_id = office.new_id("M")
    submit_target(office, target_id, 1, project, line.fen, _day(line, 5))
    review_target(office, target_id, 1, "returned", _day(line, 10))
    submit_target(office, target_id, 2, project, line.fen, _day(line, 15))
    review_target(office, target_id, 2, "approved", _day(line, 20))
    record_target(office, target_id, 2, _day(line, 25))


def target_not_asked_for(office: Office, on: date, _: Expectations) -> None:
    """Near miss: Henan asks for no target."""
    _paid_project(office, WATER, on)


STORIES: tuple[tuple[str, date, Story], ...] = (
    ("410324", date(2019, 9, 25), over_the_national_day),
    ("410325", date(2019, 4, 15), half_allocated),
    ("410325", date(2019, 7, 15), done_late_seen_late),
    ("410324", date(2019, 5, 13), block_refined_late),
    ("410325", date(2019, 5, 20), block_refined_in_time),
    ("652722", date(2019, 2, 18), never_paid),
    ("410324", date(2019, 3, 4), never_paid),
    ("652723", date(2019, 4, 29), paid_after_a_hundred_days),
    ("410325", date(2019, 2, 25), paid_after_a_hundred_days),
    ("652723", date(2019, 1, 14), clock_restarts),
    ("410324", date(2019, 1, 21), clock_restarts),
    ("652722", date(2019, 5, 6), withdrawn),
    ("652722", date(2019, 4, 8), block_forgotten),
    ("410325", date(2019, 6, 24), payment_heard_of_late),
    ("652723", date(2019, 3, 11), payment_heard_of_late),
    ("652722", date(2019, 7, 22), exempted),
    ("410324", date(2019, 7, 29), false_alarm),
    ("652723", date(2019, 7, 29), false_alarm),
    ("652722", date(2019, 6, 3), paid_on_day_ninety),
    ("410325", date(2019, 8, 12), paid_on_day_ninety),
    ("652723", date(2019, 2, 25), no_poverty_money),
    ("652722", date(2019, 3, 13), target_never_entered),
    ("652723", date(2019, 3, 20), target_entered_late),
    ("652700", date(2019, 3, 27), target_entered_late),
    ("652722", date(2019, 9, 4), target_of_autumn),
    ("652723", date(2019, 3, 4), target_voided),
    ("652722", date(2019, 4, 24), target_at_the_second_try),
    ("410324", date(2019, 6, 17), target_not_asked_for),
)
# The city is late towards a county: in Henan a fault, in Xinjiang none.
CITY_STORIES: tuple[tuple[str, str, date], ...] = (
    ("410300", "410324", date(2019, 6, 10)),
    ("652700", "652723", date(2019, 6, 10)),
)
