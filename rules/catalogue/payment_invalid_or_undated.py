"""支付记录无效或日期为空: a payment record is invalid or has no pay date.

Flags:
    A live in-scope payment, also one refunded in full, that is marked invalid or has no pay date. Yellow at once; red
    after `red_after_working_days` since it was recorded. It is not counted meanwhile.

Why it matters:
    001_d381d8650f0b9497.txt (三) L22: 限定支付記錄為有效并且支付日期不能為空; what is not dated is in no figure.

Example:
    A payment recorded on 15 July without date is yellow; ten working days later it is red.

Not a fault when:
    A correction makes it valid and dated; it is voided or replaced.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated

import msgspec

from domain.calendar import working_days_after_ordinal, working_days_between
from domain.findings import Reason
from domain.money import yuan_text
from rules.catalogue.evidence import (
    category_of_payment,
    payment_facts,
    payment_marks,
    section_of_payment,
    with_facts,
)
from rules.fold.folding import SubjectKind
from rules.rule import (
    ALL_PROFILES,
    AT_ONCE,
    NO_FAULT,
    RED,
    YELLOW,
    Basis,
    Explanation,
    Judgement,
    Kind,
    Rule,
    Step,
    Steps,
)
from rules.state import NO_DAY, PaymentRow
from rules.thresholds import Days, Source
from rules.view import View


class Thresholds(msgspec.Struct, frozen=True, kw_only=True):
    """How long a record may stay without being set right."""

    red_after_working_days: Annotated[Days, Source(Basis.PROPOSED, "working days")] = 10


def judge(payment: PaymentRow, view: View, thresholds: Thresholds) -> Steps:
    """Yellow at once; red from the day after the term."""
    if (payment.is_valid and payment.paid_on != NO_DAY) or not payment.is_live():
        return NO_FAULT
    if not view.payment_is_in_scope(payment):
        return NO_FAULT
    due_on = working_days_after_ordinal(payment.recorded_on, thresholds.red_after_working_days)
    return (Step(AT_ONCE, YELLOW), Step(due_on + 1, RED))


def ending(payment: PaymentRow, view: View, thresholds: Thresholds) -> Reason:
    """Satisfied when the record was set right, late when the term was over."""
    if not payment.is_live() or not payment.is_valid or payment.paid_on == NO_DAY:
        return Reason.GROUND_REMOVED
    due_on = working_days_after_ordinal(payment.recorded_on, thresholds.red_after_working_days)
    return Reason.SATISFIED_IN_TIME if view.today <= due_on else Reason.SATISFIED_LATE


def explain(payment: PaymentRow, view: View, thresholds: Thresholds) -> Explanation:
    """What is missing, and since when."""
    undated = payment.paid_on == NO_DAY
    zh = "缺支付日期" if undated else "记录无效"
    en = "has no pay date" if undated else "is marked invalid"
    return Explanation(
        title=payment.payee_name,
        observed=working_days_between(date.fromordinal(payment.recorded_on), date.fromordinal(view.today)),
        limit=thresholds.red_after_working_days,
        unit="working days",
        amount_fen=payment.net_fen,
        facts=with_facts(
            payment_facts(payment),
            record_state="valid" if payment.is_valid else "invalid",
            recorded_at=payment.recorded_at,
            source=payment.source,
            entered_by=payment.entered_by,
        ),
        marks=payment_marks(payment, view),
        message_zh=f"支付{payment.id}({yuan_text(payment.net_fen)}元){zh},暂不计入支出",
        message_en=f"Payment {payment.id} of {yuan_text(payment.net_fen)} yuan {en} and is not counted",
        fund_category=category_of_payment(payment, view),
        responsible_section=section_of_payment(payment, view),
    )


RULE = Rule(
    id="payment_invalid_or_undated",
    version="1",
    name_zh="支付记录无效或日期为空",
    name_en="Payment record invalid or without pay date",
    category="数据质量",
    owner="国库",
    kind=Kind.DEADLINE,
    profiles=ALL_PROFILES,
    thresholds=Thresholds,
    judgements={SubjectKind.PAYMENT: Judgement(judge=judge, explain=explain, ending=ending)},
    basis=("001_d381d8650f0b9497.txt (三) L22",),
)
