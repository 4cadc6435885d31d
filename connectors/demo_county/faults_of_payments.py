"""Planted: payments beyond their line, without date, without line or project. Read as `faults_of_accounts`."""

from __future__ import annotations

from datetime import date

from connectors.demo_county.book import Body
from connectors.demo_county.budgeting import funded_line
from connectors.demo_county.faults_of_accounts import Story
from connectors.demo_county.office import Line, Office
from connectors.demo_county.paying import pay, pay_out
from connectors.demo_county.places import FOREST, INDUSTRY, JOBS, ROAD, WATER
from connectors.demo_county.truth import Expectations, Status
from connectors.office_days import later
from domain.calendar import roll_forward, working_days_after

EXCEEDS = "payment_exceeds_quota"
UNDATED = "payment_invalid_or_undated"
UNLINKED = "payment_unlinked"


def _day(line: Line, days: int) -> date:
    return roll_forward(later(line.available_on, days))


# --- beyond the line ---------------------------------------------------------------------------------------------


def paid_beyond_the_line(office: Office, on: date, truth: Expectations) -> None:
    """300,000 and 250,000 from a line of 500,000."""
    line = funded_line(office, ROAD, 500_000, on)
    pay(office, line, 300_000, _day(line, 15))
    pay(office, line, 250_000, _day(line, 45))
    truth.alert(EXCEEDS, office.key(line.line_id), "red", Status.OPEN)


def overpayment_refunded(office: Office, on: date, truth: Expectations) -> None:
    """20,000 too much, and back nine days later."""
    line = funded_line(office, INDUSTRY, 500_000, on)
    pay(office, line, 300_000, _day(line, 15))
    payment = pay(office, line, 220_000, _day(line, 45))
    refund, back_on = office.new_id("T"), _day(line, 54)
    back = {"amount_fen": 2_000_000, "refunded_on": back_on, "refund_kind": "returned_by_payee"}
    office.correct("payment.refunded", refund, back_on, "多付退回", refund_id=refund, payment_id=payment, **back)
    truth.alert(EXCEEDS, office.key(line.line_id), "red", Status.CLEARED)


def line_raised_afterwards(office: Office, on: date, truth: Expectations) -> None:
    """Paid first, budgeted afterwards: the raise of the line ends it."""
    line = funded_line(office, WATER, 400_000, on, reserve_yuan=30_000)
    pay(office, line, 250_000, _day(line, 20))
    pay(office, line, 180_000, _day(line, 50))
    _raise(office, line, 30_000, _day(line, 60))
    truth.alert(EXCEEDS, office.key(line.line_id), "red", Status.CLEARED)


def voided_line(office: Office, on: date, truth: Expectations) -> None:
    """A line that was paid from is voided; re-linking its payment to another line ends it."""
    line = funded_line(office, FOREST, 200_000, on)
    other = funded_line(office, FOREST, 150_000, on)
    payment = pay(office, line, 120_000, _day(line, 20))
    pay(office, other, 30_000, _day(other, 22))
    void_on, relink_on = _day(line, 40), _day(line, 46)
    voided = {"allocation_id": line.line_id, "voided_on": void_on}
    office.correct("allocation.voided", line.line_id, void_on, "项目取消", **voided)
    linked = {"line_id": other.line_id, "project_id": other.project_id, "relinked_on": relink_on}
    office.correct("payment.relinked", payment, relink_on, "改由另一指标支付", payment_id=payment, **linked)
    truth.alert(EXCEEDS, office.key(line.line_id), "red", Status.CLEARED)


def paid_to_the_last_fen(office: Office, on: date, _: Expectations) -> None:
    """Near miss: exactly the line, in two payments on one day."""
    line = funded_line(office, JOBS, 333_333, on)
    pay(office, line, 111_111, _day(line, 30))
    pay(office, line, 222_222, _day(line, 30))


def raised_beforehand(office: Office, on: date, _: Expectations) -> None:
    """Near miss: the line is raised the day before the payment that needs it."""
    line = funded_line(office, ROAD, 400_000, on, reserve_yuan=30_000)
    pay(office, line, 250_000, _day(line, 20))
    _raise(office, line, 30_000, _day(line, 48))
    pay(office, line, 180_000, working_days_after(_day(line, 48), 1))


def _raise(office: Office, line: Line, yuan: int, on: date) -> None:
    adjustment_id = office.new_id("J")
    change = {"allocation_id": line.line_id, "delta_fen": yuan * 100, "adjusted_on": on}
    office.correct("allocation.adjusted", adjustment_id, on, "追加", adjustment_id=adjustment_id, **change)


# --- invalid or without date -------------------------------------------------------------------------------------


def _undated(office: Office, line: Line, yuan: int, on: date) -> str:
    return pay(office, line, yuan, on, paid_on=None)


def _date(office: Office, payment: str, paid_on: date, on: date) -> None:
    change = {"payment_id": payment, "adjusted_on": on, "paid_on": paid_on}
    office.correct("payment.adjusted", payment, on, "补录支付日期", **change)


def dated_soon(office: Office, on: date, truth: Expectations) -> None:
    """Without date for four working days: yellow, then dated."""
    line = funded_line(office, INDUSTRY, 240_000, on)
    pay(office, line, 140_000, _day(line, 15))
    recorded_on = _day(line, 40)
    payment = _undated(office, line, 100_000, recorded_on)
    _date(office, payment, recorded_on, working_days_after(recorded_on, 4))
    truth.alert(UNDATED, office.key(payment), "yellow", Status.CLEARED)


def dated_late(office: Office, on: date, truth: Expectations) -> None:
    """Without date for three weeks: red after ten working days, then dated."""
    line = funded_line(office, ROAD, 320_000, on)
    pay(office, line, 200_000, _day(line, 15))
    recorded_on = _day(line, 40)
    payment = _undated(office, line, 120_000, recorded_on)
    _date(office, payment, recorded_on, working_days_after(recorded_on, 15))
    truth.alert(UNDATED, office.key(payment), "red", Status.CLEARED)


def invalid_for_good(office: Office, on: date, truth: Expectations) -> None:
    """An invalid record that nobody looks after; the money was paid by another voucher."""
    line = funded_line(office, WATER, 280_000, on)
    payment = pay(office, line, 80_000, _day(line, 12), record_state="invalid")
    pay_out(office, line, 280_000, _day(line, 25))
    truth.alert(UNDATED, office.key(payment), "red", Status.OPEN)


def undated_and_voided(office: Office, on: date, truth: Expectations) -> None:
    """Without date, voided after three working days."""
    line = funded_line(office, JOBS, 210_000, on)
    payment = _undated(office, line, 60_000, _day(line, 14))
    void_on = working_days_after(_day(line, 14), 3)
    office.correct("payment.voided", payment, void_on, "重复录入", payment_id=payment, voided_on=void_on)
    pay_out(office, line, 210_000, _day(line, 30))
    truth.alert(UNDATED, office.key(payment), "yellow", Status.CLEARED)


def dated_before_it_came(office: Office, on: date, _: Expectations) -> None:
    """Near miss: the correction comes two working days before the payment that it dates, and waits for it."""
    line = funded_line(office, INDUSTRY, 190_000, on)
    pay(office, line, 90_000, _day(line, 15))
    recorded_on = _day(line, 40)
    payment = pay(office, line, 100_000, recorded_on, paid_on=None, arrives_on=working_days_after(recorded_on, 3))
    _date(office, payment, recorded_on, working_days_after(recorded_on, 1))


# --- tied to nothing ---------------------------------------------------------------------------------------------


def linked_within_ten_days(office: Office, on: date, truth: Expectations) -> None:
    """Neither line nor project for eight working days: yellow, then linked."""
    line = funded_line(office, ROAD, 300_000, on)
    pay(office, line, 180_000, _day(line, 20))
    recorded_on = _day(line, 40)
    payment = pay(office, line, 120_000, recorded_on, line_id=None, project_id=None)
    _link(office, payment, line, working_days_after(recorded_on, 8))
    truth.alert(UNLINKED, office.key(payment), "yellow", Status.CLEARED)


def project_never_named(office: Office, on: date, truth: Expectations) -> None:
    """The line is known, the project never: a county's payment must have both."""
    line = funded_line(office, INDUSTRY, 160_000, on)
    payment = pay(office, line, 60_000, _day(line, 20), project_id=None)
    pay(office, line, 100_000, _day(line, 50))
    truth.alert(UNLINKED, office.key(payment), "red", Status.OPEN)


def line_mistyped(office: Office, on: date, truth: Expectations) -> None:
    """A line that does not exist, put right after three weeks."""
    line = funded_line(office, WATER, 260_000, on)
    pay(office, line, 130_000, _day(line, 20))
    recorded_on = _day(line, 42)
    payment = pay(office, line, 130_000, recorded_on, line_id=f"{line.line_id}-X")
    _link(office, payment, line, working_days_after(recorded_on, 14))
    truth.alert(UNLINKED, office.key(payment), "red", Status.CLEARED)


def unlinked_and_voided(office: Office, on: date, truth: Expectations) -> None:
    """Unlinked for twelve working days, then voided: the voucher belonged to another county."""
    line = funded_line(office, FOREST, 140_000, on)
    payment = pay(office, line, 50_000, _day(line, 20), line_id=None, project_id=None, subject_code="2130504")
    void_on = working_days_after(_day(line, 20), 12)
    office.correct("payment.voided", payment, void_on, "非本县支付", payment_id=payment, voided_on=void_on)
    pay_out(office, line, 140_000, _day(line, 30))
    truth.alert(UNLINKED, office.key(payment), "red", Status.CLEARED)


def nobodys_money(office: Office, on: date, truth: Expectations) -> None:
    """Poverty money by its subject only, of an unknown fund, on no line: nobody owns it, so 总收发岗 gets it."""
    line = funded_line(office, INDUSTRY, 70_000, on)
    strange: Body = {"line_id": None, "project_id": None, "fund_category": "unknown", "subject_code": "2130599"}
    payment = pay(office, line, 20_000, _day(line, 18), **strange)
    pay_out(office, line, 70_000, _day(line, 25))
    truth.alert(UNLINKED, office.key(payment), "red", Status.OPEN, section="dispatch")


def linked_in_time(office: Office, on: date, _: Expectations) -> None:
    """Near miss: linked on the fourth working day."""
    line = funded_line(office, ROAD, 230_000, on)
    payment = pay(office, line, 230_000, _day(line, 30), line_id=None, project_id=None)
    _link(office, payment, line, working_days_after(_day(line, 30), 4))


def city_without_project(office: Office, on: date, _: Expectations) -> None:
    """Near miss: above the county a payment needs its line, not a project."""
    line = funded_line(office, INDUSTRY, 450_000, on)
    pay(office, line, 200_000, _day(line, 20), project_id=None)
    pay(office, line, 250_000, _day(line, 55), project_id=None)


def other_subject(office: Office, on: date, _: Expectations) -> None:
    """Near miss in Henan: on no line, and of a subject that is not 21305, so no poverty money."""
    line = funded_line(office, ROAD, 80_000, on)
    pay(office, line, 30_000, _day(line, 15), line_id=None, project_id=None, subject_code="2010101", purpose="办公费")
    pay_out(office, line, 80_000, _day(line, 20))


def _link(office: Office, payment: str, line: Line, on: date) -> None:
    linked = {"line_id": line.line_id, "project_id": line.project_id, "relinked_on": on}
    office.correct("payment.relinked", payment, on, "补关联指标和项目", payment_id=payment, **linked)


STORIES: tuple[tuple[str, date, Story], ...] = (
    ("652722", date(2019, 3, 11), paid_beyond_the_line),
    ("410325", date(2019, 5, 6), paid_beyond_the_line),
    ("652723", date(2019, 4, 8), overpayment_refunded),
    ("410324", date(2019, 3, 18), overpayment_refunded),
    ("652722", date(2019, 6, 10), line_raised_afterwards),
    ("410325", date(2019, 7, 8), line_raised_afterwards),
    ("652723", date(2019, 6, 17), voided_line),
    ("652722", date(2019, 5, 13), paid_to_the_last_fen),
    ("410324", date(2019, 8, 5), paid_to_the_last_fen),
    ("410325", date(2019, 9, 2), raised_beforehand),
    ("652723", date(2019, 3, 25), dated_soon),
    ("410324", date(2019, 6, 3), dated_soon),
    ("652722", date(2019, 8, 5), dated_late),
    ("410325", date(2019, 3, 25), dated_late),
    ("652723", date(2019, 9, 16), invalid_for_good),
    ("410324", date(2019, 4, 22), invalid_for_good),
    ("652722", date(2019, 4, 1), undated_and_voided),
    ("410325", date(2019, 8, 26), dated_before_it_came),
    ("652722", date(2019, 5, 20), linked_within_ten_days),
    ("410324", date(2019, 5, 27), linked_within_ten_days),
    ("652723", date(2019, 5, 27), project_never_named),
    ("410325", date(2019, 6, 17), project_never_named),
    ("652722", date(2019, 9, 23), line_mistyped),
    ("410324", date(2019, 8, 19), unlinked_and_voided),
    ("410325", date(2019, 9, 16), nobodys_money),
    ("652723", date(2019, 7, 22), linked_in_time),
    ("652700", date(2019, 4, 15), city_without_project),
    ("410300", date(2019, 4, 15), city_without_project),
    ("410324", date(2019, 9, 23), other_subject),
)
