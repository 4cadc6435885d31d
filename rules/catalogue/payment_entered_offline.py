"""线下处理收支: a payment is entered long after it was made, or by hand where a system exists.

Flags:
    A live dated in-scope payment first recorded more than `yellow_after_working_days`, `red_after_working_days` after
    it was paid; typed by hand while centralised payment is on (yellow); or paid off the system (red).

Why it matters:
    004_6d54267a7b8d1056.txt art. 8 L37: 杜绝线下处理收支. What is entered later was not watched while it happened.

Example:
    Paid on Monday 3 June 2019. The Dragon Boat holiday of the 7th is no working day, so entered on Tuesday the 11th it
    is in time; entered on the 12th it is yellow.

Not a fault when:
    The pay date was wrong and is corrected; the payment is voided or replaced. A record sent anew counts from the first
    one's entry. Onward payments of departments and townships are monthly by rule.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated

import msgspec

from domain.calendar import working_days_after_ordinal, working_days_between
from domain.money import yuan_text
from rules.catalogue.evidence import date_or_none, payment_explanation
from rules.fold.folding import SubjectKind
from rules.fold.payments import MANUAL_ENTRY
from rules.rule import (
    ALL_PROFILES,
    NO_FAULT,
    RED_AT_ONCE,
    YELLOW_AT_ONCE,
    Basis,
    Explanation,
    Judgement,
    Kind,
    Rule,
    Steps,
)
from rules.state import NO_DAY, PaymentRow
from rules.thresholds import Days, Source
from rules.view import View
from rules.wording import Sentence


class Thresholds(msgspec.Struct, frozen=True, kw_only=True):
    """How many working days after the pay date a record may come."""

    yellow_after_working_days: Annotated[Days, Source(Basis.PROPOSED, "working days")] = 5
    red_after_working_days: Annotated[Days, Source(Basis.PROPOSED, "working days")] = 20


def judge(payment: PaymentRow, view: View, thresholds: Thresholds) -> Steps:
    """At once, by the days between payment and record; also when the money came back."""
    if payment.paid_on == NO_DAY or payment.channel == "own_account" or not payment.is_live():
        return NO_FAULT
    is_red = payment.channel == "off_system" or _is_later(payment, view, thresholds.red_after_working_days)
    is_yellow = is_red or _is_by_hand(payment, view) or _is_later(payment, view, thresholds.yellow_after_working_days)
    if not is_yellow or not view.payment_is_in_scope(payment):
        return NO_FAULT
    return RED_AT_ONCE if is_red else YELLOW_AT_ONCE


def _is_later(payment: PaymentRow, view: View, working_days: int) -> bool:
    """Whether it was recorded later than that; what was due before the opening is not judged."""
    if payment.first_recorded_on - payment.paid_on <= working_days or payment.paid_on < view.opening_on:
        return False  # the calendar need not be asked: no term is shorter in days than in working days
    return payment.first_recorded_on > working_days_after_ordinal(payment.paid_on, working_days)


def _is_by_hand(payment: PaymentRow, view: View) -> bool:
    return payment.source == MANUAL_ENTRY and view.function_on("centralised_payment", payment.recorded_on)


def explain(payment: PaymentRow, view: View, thresholds: Thresholds) -> Explanation:
    """When it was paid, when and by whom it was entered."""
    amount = yuan_text(payment.net_fen)
    waited = working_days_between(date.fromordinal(payment.paid_on or view.today), _day_recorded(payment))
    is_red = waited > thresholds.red_after_working_days
    message = Sentence(
        f"支付{payment.id}({amount}元)付款后{waited}个工作日录入,渠道{payment.channel},来源{payment.source}",
        f"Payment {payment.id} of {amount} yuan was entered {waited} working days after it was paid, through "
        f"{payment.channel}, by {payment.source}",
    )
    return payment_explanation(
        payment,
        view,
        message,
        observed=waited,
        limit=thresholds.red_after_working_days if is_red else thresholds.yellow_after_working_days,
        unit="working days",
        recorded_at=payment.recorded_at,
        first_recorded_on=date_or_none(payment.first_recorded_on),
        source=payment.source,
        channel=payment.channel,
        entered_by=payment.entered_by,
        entered_by_unit=payment.entered_by_unit,
        entered_for=payment.entered_for,
    )


def _day_recorded(payment: PaymentRow) -> date:
    return date.fromordinal(payment.first_recorded_on)


RULE = Rule(
    id="payment_entered_offline",
    version="1",
    name_zh="线下处理收支",
    name_en="Payment entered long after payment, or by hand where a system exists",
    category="资金风险",
    owner="国库",
    kind=Kind.EVENT,
    profiles=ALL_PROFILES,
    thresholds=Thresholds,
    judgements={SubjectKind.PAYMENT: Judgement(judge=judge, explain=explain)},
    basis=("004_6d54267a7b8d1056.txt art. 8 L37",),
)
