"""Scenes of special accounts and township accounts, and of plans to use the money."""

from __future__ import annotations

from datetime import date
from typing import Any

from connectors.office_days import last_working_day_by, later
from connectors.simulator.book import Body
from connectors.simulator.money import Line, funded_line
from connectors.simulator.office import Office
from connectors.simulator.paying import (
    approve_plan,
    book_in,
    book_out,
    next_working_day,
    pay,
    pay_rest,
    register_account,
    report_balance,
    to_special_account,
    to_township,
    void_payment,
)
from connectors.simulator.scene import HENAN, XINJIANG, Scene, fault, near
from connectors.simulator.truth import RED, YELLOW
from domain.calendar import roll_forward, working_days_after

YUAN = 120_000


# --- where special accounts are abolished ------------------------------------------------------------------------


def into_an_abolished_account(office: Office, on: date) -> None:
    """Paid into a special account, where there is none any more: also no expenditure; voided and paid again."""
    line = funded_line(office, YUAN, on)
    day = next_working_day(on, 12)
    payment_id = pay(office, line, 30_000, day, **to_special_account(office))
    voided_on = next_working_day(day, 5)
    void_payment(office, payment_id, voided_on)
    pay_rest(office, line, voided_on)
    for rule_id in ("abolished_special_account_used", "fictitious_expenditure"):
        office.alert(rule_id, payment_id, (day, RED), (voided_on, ""))


def booked_in_an_abolished_account(office: Office, on: date) -> None:
    """An entry on a special account, voided after some days."""
    line = funded_line(office, YUAN, on)
    pay_rest(office, line, next_working_day(on, 14))
    entry_id = book_in(office, register_account(office, on), 20_000, on, line)
    voided_on = next_working_day(on, 5)
    fields = {"entry_id": entry_id, "voided_on": voided_on}
    office.correct("account.entry_voided", entry_id, voided_on, "误记", **fields)
    office.alert("abolished_special_account_used", entry_id, (on, RED), (voided_on, ""))


def money_left_in_an_abolished_account(office: Office, on: date) -> None:
    """The bank still has money on it, for two weeks."""
    account_id = register_account(office, on)
    report_balance(office, account_id, 1, later(on, 1))
    report_balance(office, account_id, 0, later(on, 15))
    office.alert("abolished_special_account_used", account_id, (later(on, 1), RED), (later(on, 15), ""))


def empty_account(office: Office, on: date) -> None:
    """Nothing on it; and on another, which holds no poverty money, a million."""
    report_balance(office, register_account(office, on), 0, later(on, 1))
    other = register_account(office, on, holds_poverty_money=False)
    report_balance(office, other, 1_000_000, later(on, 1))


# --- where they are allowed --------------------------------------------------------------------------------------


def _lump(office: Office, on: date, yuan: int, out_after: int) -> tuple[str, date, date]:
    """Money of a line moved into the account on one day, and out of it on another."""
    line = funded_line(office, YUAN, on)
    account_id = register_account(office, on)
    day = next_working_day(on, 8)
    payment_id = pay(office, line, yuan, day, **to_special_account(office))
    book_in(office, account_id, yuan, day, line, source_payment_id=payment_id)
    out_on = next_working_day(day, out_after)
    book_out(office, account_id, yuan, out_on, line)
    if yuan < YUAN:
        pay(office, line, YUAN - yuan, day)
    return payment_id, day, out_on


def lump_lies_for_weeks(office: Office, on: date) -> None:
    """Nine tenths at one stroke, and nothing leaves the account for 35 days."""
    payment_id, day, out_on = _lump(office, on, 108_000, 35)
    steps = ((day, YELLOW), (later(day, 31), RED), (out_on, ""))
    office.alert("special_account_lump_transfer", payment_id, *steps)


def less_than_nine_tenths(office: Office, on: date) -> None:
    """One yuan less than nine tenths."""
    _lump(office, on, 107_999, 35)


def _entry(office: Office, on: date, **changes: Any) -> tuple[str, str, date]:
    line = funded_line(office, YUAN, on)
    account_id, day = register_account(office, on), next_working_day(on, 8)
    entry_id = book_out(office, account_id, 20_000, day, line, **changes)
    pay_rest(office, line, next_working_day(day, 14), 20_000)
    return account_id, entry_id, day


def entry_entered_late(office: Office, on: date) -> None:
    """Accounted for, and entered on the next day only: nothing undoes it."""
    line = funded_line(office, YUAN, on)
    account_id, day = register_account(office, on), next_working_day(on, 8)
    entered_on = later(day, 1)
    entry_id = book_out(office, account_id, 20_000, day, line, entered_on=entered_on, recorded_on=entered_on)
    pay_rest(office, line, next_working_day(day, 14), 20_000)
    office.alert("special_account_entry_late", entry_id, (entered_on, RED))


def entry_entered_the_same_day(office: Office, on: date) -> None:
    """Booked, accounted for and entered on one day."""
    _entry(office, on)


def _accounted_after(office: Office, on: date, working_days: int) -> tuple[str, date, date]:
    account_id, entry_id, day = _entry(office, on, accounting_completed_on=None)
    done_on = working_days_after(day, working_days)
    fields = {"entry_id": entry_id, "adjusted_on": done_on, "accounting_completed_on": done_on}
    office.correct("account.entry_adjusted", entry_id, done_on, "补核算", **fields)
    return account_id, day, done_on


def accounted_late(office: Office, on: date) -> None:
    """Accounted for on the sixth working day; three are allowed."""
    account_id, day, done_on = _accounted_after(office, on, 6)
    yellow_on = later(working_days_after(day, 3), 1)
    office.alert("special_account_unaccounted", account_id, (yellow_on, YELLOW), (done_on, ""))


def accounted_in_time(office: Office, on: date) -> None:
    """Accounted for on the third working day."""
    _accounted_after(office, on, 3)


# --- townships and plans -----------------------------------------------------------------------------------------


def _parked(office: Office, on: date) -> tuple[Line, str, str]:
    """Money that lies with a township at the end of a month."""
    line = funded_line(office, YUAN, on)
    town: Body = {**to_township(office), "payee_account_kind": "unit_zero_balance"}
    day = last_working_day_by(later(on.replace(day=1), 27))
    payment_id = pay(office, line, YUAN, max(on, day), **town)
    return line, payment_id, str(town["payee_unit_code"])


def _report_month(office: Office, unit: str, month: str, on: date) -> None:
    report_id = office.new_id("B")
    body: Body = {
        "report_id": report_id,
        "report_kind": "unit_payment_month",
        "report_month": month,
        "unit_code": unit,
        "recipient": "县财政局",
        "filed_on": on,
    }
    office.write("report.filed", report_id, body, on)


def _pass_on(office: Office, line: Line, upstream: str, payer: str, on: date) -> None:
    own: Body = {"channel": "own_account", "upstream_payment_id": upstream, "payer_unit_code": payer}
    pay(office, line, YUAN, on, **own, payer_account_kind="unit_zero_balance")


def _township_month(office: Office, on: date, days_late: int) -> tuple[str, date, date]:
    line, payment_id, unit = _parked(office, on)
    following = later(on.replace(day=1), 32).replace(day=10)
    due = roll_forward(following)
    reported_on = later(due, days_late)
    _report_month(office, unit, f"{on:%Y-%m}", reported_on)
    _pass_on(office, line, payment_id, unit, later(due, 5))
    return f"{unit}|{on:%Y-%m}", due, reported_on


def township_says_nothing(office: Office, on: date) -> None:
    """The township's month is reported four days after the tenth."""
    key, due, reported_on = _township_month(office, on, 4)
    office.alert("monthly_payment_entry_missing", key, (later(due, 1), YELLOW), (reported_on, ""))


def township_reports_in_time(office: Office, on: date) -> None:
    """Reported on the last day."""
    _township_month(office, on, 0)


def _planned(office: Office, on: date, day: date) -> str:
    line = funded_line(office, YUAN, on)
    plan_id = approve_plan(office, line, YUAN, on)
    pay(office, line, YUAN, day, plan_id=plan_id)
    return plan_id


def plan_unpaid(office: Office, on: date) -> None:
    """Paid on day 63 after approval: yellow after 30, red after 60."""
    day = next_working_day(on, 63)
    plan_id = _planned(office, on, day)
    office.alert("plan_approved_unpaid", plan_id, (later(on, 31), YELLOW), (later(on, 61), RED), (day, ""))


def plan_paid_in_time(office: Office, on: date) -> None:
    """Paid by the thirtieth day."""
    _planned(office, on, last_working_day_by(later(on, 30)))


SCENES: tuple[Scene, ...] = (
    fault("abolished_special_account_used", into_an_abolished_account, XINJIANG),
    fault("abolished_special_account_used", booked_in_an_abolished_account, XINJIANG),
    fault("abolished_special_account_used", money_left_in_an_abolished_account, XINJIANG),
    near("abolished_special_account_used", empty_account, XINJIANG),
    fault("special_account_lump_transfer", lump_lies_for_weeks, HENAN),
    near("special_account_lump_transfer", less_than_nine_tenths, HENAN),
    fault("special_account_entry_late", entry_entered_late, HENAN),
    near("special_account_entry_late", entry_entered_the_same_day, HENAN),
    fault("special_account_unaccounted", accounted_late, HENAN),
    near("special_account_unaccounted", accounted_in_time, HENAN),
    fault("monthly_payment_entry_missing", township_says_nothing, XINJIANG, months=(1, 10)),
    near("monthly_payment_entry_missing", township_reports_in_time, XINJIANG, months=(1, 10)),
    fault("plan_approved_unpaid", plan_unpaid),
    near("plan_approved_unpaid", plan_paid_in_time),
)
