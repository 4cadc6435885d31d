"""支付未关联指标或项目: a payment is not tied to its line and project.

Flags:
    A live in-scope payment without a line, with a line that the journal does not know, or, at a county, without a
    project; once it has stood so for some working days since it was recorded.

Why it matters:
    000_4e8d71f0a3c23610.txt ㈣ L35 and L27: every payment is tied to quota and project one by one, or the trace from
    document to household is broken.

Example:
    A county payment recorded on Monday 1 July without project is yellow from Tuesday 9 July, red from 16 July.

Not a fault when:
    It is tied to both, its line becomes known, or it is voided, replaced or refunded in full.
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
from rules.rule import ALL_PROFILES, NO_FAULT, RED, YELLOW, Basis, Explanation, Judgement, Kind, Rule, Step, Steps
from rules.state import PaymentRow
from rules.thresholds import Days, Source
from rules.view import View


class Thresholds(msgspec.Struct, frozen=True, kw_only=True):
    """How long a payment may wait for its ties."""

    yellow_after_working_days: Annotated[Days, Source(Basis.PROPOSED, "working days")] = 5
    red_after_working_days: Annotated[Days, Source(Basis.PROPOSED, "working days")] = 10


def judge(payment: PaymentRow, view: View, thresholds: Thresholds) -> Steps:
    """Yellow and red from the days after their terms. A duty that began before the opening is not judged."""
    if payment.net_fen <= 0 or _is_tied(payment, view) or payment.recorded_on < view.opening_on:
        return NO_FAULT
    if not view.payment_is_in_scope(payment):
        return NO_FAULT
    return (
        Step(working_days_after_ordinal(payment.recorded_on, thresholds.yellow_after_working_days) + 1, YELLOW),
        Step(working_days_after_ordinal(payment.recorded_on, thresholds.red_after_working_days) + 1, RED),
    )


def _is_tied(payment: PaymentRow, view: View) -> bool:
    if payment.project_id is None and view.tier == "county":
        return False
    return view.known_line(payment.line_id) is not None


def ending(payment: PaymentRow, view: View, _: Thresholds) -> Reason:
    """Satisfied once tied; an alert stands only after the first term, so that is late."""
    is_tied = payment.net_fen > 0 and _is_tied(payment, view) and view.payment_is_in_scope(payment)
    return Reason.SATISFIED_LATE if is_tied else Reason.GROUND_REMOVED


def explain(payment: PaymentRow, view: View, thresholds: Thresholds) -> Explanation:
    """Which ties are missing, and for how long."""
    missing_zh = "未关联指标" if view.known_line(payment.line_id) is None else "未关联项目"
    missing_en = "a known line" if view.known_line(payment.line_id) is None else "a project"
    amount = yuan_text(payment.net_fen)
    waited = working_days_between(date.fromordinal(payment.recorded_on), date.fromordinal(view.today))
    is_red = waited > thresholds.red_after_working_days
    return Explanation(
        title=payment.payee_name,
        observed=waited,
        limit=thresholds.red_after_working_days if is_red else thresholds.yellow_after_working_days,
        unit="working days",
        amount_fen=payment.net_fen,
        facts=with_facts(payment_facts(payment), recorded_at=payment.recorded_at, source=payment.source),
        marks=payment_marks(payment, view),
        message_zh=f"支付{payment.id}({amount}元)录入后{waited}个工作日{missing_zh}",
        message_en=f"Payment {payment.id} of {amount} yuan is not tied to {missing_en} after {waited} working days",
        fund_category=category_of_payment(payment, view),
        responsible_section=section_of_payment(payment, view),
    )


RULE = Rule(
    id="payment_unlinked",
    version="1",
    name_zh="支付未关联指标或项目",
    name_en="Payment not tied to line and project",
    category="资金风险",
    owner="归口业务处室",
    kind=Kind.DEADLINE,
    profiles=ALL_PROFILES,
    thresholds=Thresholds,
    judgements={SubjectKind.PAYMENT: Judgement(judge=judge, explain=explain, ending=ending)},
    basis=("000_4e8d71f0a3c23610.txt ㈣ L35", "000_4e8d71f0a3c23610.txt L27"),
)
