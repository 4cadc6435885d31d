"""部门乡镇支付数据未按月录入: a unit that holds money entered no payment for a month, nor that there was none.

Flags:
    A unit with parked money at the end of a month, without an onward payment dated in it and without its report that
    the month is complete, after the `due_day` of the next month (the next working day when it is none): yellow; red
    when the month before is missing too.

Why it matters:
    000_4e8d71f0a3c23610.txt ㈣ L35: payments of departments and townships are entered every month (按月). Until then
    nobody sees what became of money that counts as paid.

Example:
    A township receives 100,000.00 yuan in June 2019 and enters nothing for that month: yellow at the tick of 11 July.
    Nothing for July either: red at that of 13 August, since 10 August was a Saturday and the 12th the due day.

Not a fault when:
    The onward payment or the nil report of that month arrives; corrections leave nothing parked at its end.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from domain.calendar import roll_forward
from domain.findings import Reason
from domain.money import yuan_text
from rules.catalogue.evidence import LINE_PAYMENTS_SHOWN_MAX, category_of_payment, section_of_payment
from rules.days import first_of_next, month_before, month_of, text_of_day
from rules.fold.folding import SubjectKind
from rules.postings import posted_to_unit
from rules.rule import NO_FAULT, RED, XINJIANG, YELLOW, Basis, Explanation, Judgement, Kind, Rule, Step, Steps
from rules.spending_state import UnitRow
from rules.state import Mark, PaymentRow
from rules.thresholds import Source
from rules.view import View


class Thresholds(msgspec.Struct, frozen=True, kw_only=True):
    """By which day of the next month the entries must be there."""

    due_day: Annotated[int, msgspec.Meta(ge=1, le=28), Source(Basis.PROPOSED, "day of month")] = 10


def judge(subject: str, view: View, thresholds: Thresholds) -> Steps:
    """From the day after the due day. ``subject``: ``unit|month``."""
    unit, month = _parts(subject, view)
    if unit is None or not unit.is_missing(month):
        return NO_FAULT
    return (Step(_due_on(month, thresholds) + 1, RED if unit.is_missing(month_before(month)) else YELLOW),)


def _parts(subject: str, view: View) -> tuple[UnitRow | None, str]:
    unit_code, _, month = subject.rpartition("|")
    return view.ledger.units.get(unit_code), month


def _due_on(month: str, thresholds: Thresholds) -> int:
    return roll_forward(first_of_next(month).replace(day=thresholds.due_day)).toordinal()


def ending(subject: str, view: View, thresholds: Thresholds) -> Reason:
    """Satisfied by an entry, late since none was there on the due day, or by a report, by its date."""
    unit, month = _parts(subject, view)
    if unit is None or unit.parked_fen(month) <= 0:
        return Reason.GROUND_REMOVED
    if unit.reports.get(month, view.today) <= _due_on(month, thresholds):
        return Reason.SATISFIED_IN_TIME
    return Reason.SATISFIED_LATE


def explain(subject: str, view: View, thresholds: Thresholds) -> Explanation:
    """What was parked at the month's end, and by when its payments were due."""
    unit, month = _parts(subject, view)
    unit_code, due_on = subject.rpartition("|")[0], text_of_day(_due_on(month, thresholds))
    parked = 0 if unit is None else unit.parked_fen(month)
    amount, latest = yuan_text(parked), _latest_parked(unit_code, month, view)
    return Explanation(
        title=unit_code,
        observed=month,
        limit=due_on,
        unit="date",
        amount_fen=max(0, parked),
        facts={
            "payer_unit_code": unit_code,
            "parked_fen": parked,
            "due_on": due_on,
            "report_month": month,
            "is_month_before_missing": unit is not None and unit.is_missing(month_before(month)),
        },
        marks=_marks(unit_code, view),
        message_zh=f"{unit_code}{month}月末滞留{amount}元,应于{due_on}前录入当月支付,未录入",
        message_en=f"{unit_code} held {amount} yuan at the end of {month} and entered no payment for it by {due_on}",
        fund_category=None if latest is None else category_of_payment(latest, view),
        responsible_section=None if latest is None else section_of_payment(latest, view),
    )


def _latest_parked(unit_code: str, month: str, view: View) -> PaymentRow | None:
    """The last payment by the month's end that parked money with the unit: its quota's section asks the unit."""
    parked = (
        payment
        for payment in posted_to_unit(view.ledger, unit_code)
        if payment.channel != "own_account" and month_of(payment.paid_on) <= month
    )
    return max(parked, key=lambda payment: (payment.paid_on, payment.id), default=None)


def _marks(unit_code: str, view: View) -> tuple[Mark, ...]:
    """The latest payments that parked money with the unit, or passed it on."""
    payments = posted_to_unit(view.ledger, unit_code)
    return tuple(mark for payment in payments[-LINE_PAYMENTS_SHOWN_MAX:] for mark in payment.marks[:1])


RULE = Rule(
    id="monthly_payment_entry_missing",
    version="1",
    name_zh="部门乡镇支付数据未按月录入",
    name_en="Department or township payment data not entered for the month",
    category="支付周期",
    owner="归口业务处室",
    kind=Kind.DEADLINE,
    profiles=XINJIANG,
    thresholds=Thresholds,
    judgements={SubjectKind.UNIT_MONTH: Judgement(judge=judge, explain=explain, ending=ending)},
    basis=("000_4e8d71f0a3c23610.txt ㈣ L35",),
)
