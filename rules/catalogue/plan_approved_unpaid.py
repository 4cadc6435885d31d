"""用款计划批复后未支付: an approved plan to use money is not paid.

Flags:
    An approved plan on a live in-scope line that its counted payments, net of refunds, do not reach: yellow more than
    `yellow_after_days` after the approval, red more than `red_after_days` after it.

Why it matters:
    004_6d54267a7b8d1056.txt art. 5 L32 makes the plan an element of the system and art. 17 L62 names the class 支付周期
    without a number. Money that was asked for and granted, and then waits, is missing elsewhere.

Example:
    100,000.00 yuan approved on 26 June 2019: yellow at the tick of 27 July, red at that of 26 August.

Not a fault when:
    Payments that carry the plan reach the approved amount; the plan is voided; its line is void or out of scope. An
    approval before the opening is not judged.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from domain.findings import Reason
from domain.money import yuan_text
from rules.catalogue.evidence import LINE_PAYMENTS_SHOWN_MAX, date_or_none
from rules.fold.folding import SubjectKind
from rules.postings import posted_to_plan
from rules.rule import ALL_PROFILES, NO_FAULT, RED, YELLOW, Basis, Explanation, Judgement, Kind, Rule, Step, Steps
from rules.spending_state import PlanRow
from rules.state import NO_DAY, Mark
from rules.thresholds import Days, Source
from rules.view import View


class Thresholds(msgspec.Struct, frozen=True, kw_only=True):
    """How long an approved plan may wait."""

    yellow_after_days: Annotated[Days, Source(Basis.PROPOSED, "days")] = 30
    red_after_days: Annotated[Days, Source(Basis.PROPOSED, "days")] = 60


def judge(plan: PlanRow, view: View, thresholds: Thresholds) -> Steps:
    """Yellow and red from the days after their terms."""
    if plan.paid_fen >= plan.approved_fen or not _is_due(plan, view):
        return NO_FAULT
    return (
        Step(plan.approved_on + thresholds.yellow_after_days + 1, YELLOW),
        Step(plan.approved_on + thresholds.red_after_days + 1, RED),
    )


def _is_due(plan: PlanRow, view: View) -> bool:
    """Whether it is approved, since the opening, on a line that may be paid from."""
    if plan.approved_on == NO_DAY or plan.approved_on < view.opening_on or plan.is_void:
        return False
    line = view.known_line(plan.line_id)
    return line is not None and line.in_scope and view.line_is_live(line)


def ending(plan: PlanRow, view: View, thresholds: Thresholds) -> Reason:
    """Satisfied when paid in full, by the date of the payment that reached the amount."""
    if plan.paid_fen < plan.approved_fen or not _is_due(plan, view):
        return Reason.GROUND_REMOVED
    is_late = _paid_in_full_on(plan, view) > plan.approved_on + thresholds.yellow_after_days
    return Reason.SATISFIED_LATE if is_late else Reason.SATISFIED_IN_TIME


def _paid_in_full_on(plan: PlanRow, view: View) -> int:
    reached = 0
    for payment in posted_to_plan(view.ledger, plan.id):
        reached += payment.net_fen
        if reached >= plan.approved_fen:
            return payment.paid_on
    return NO_DAY


def explain(plan: PlanRow, view: View, thresholds: Thresholds) -> Explanation:
    """What was approved, when, and what of it is paid."""
    line = view.known_line(plan.line_id)
    quota = None if line is None else view.quota_of_line(line)
    waited = view.today - plan.approved_on
    approved_on, approved, paid = date_or_none(plan.approved_on), yuan_text(plan.approved_fen), yuan_text(plan.paid_fen)
    return Explanation(
        title=plan.id,
        observed=waited,
        limit=thresholds.red_after_days if waited > thresholds.red_after_days else thresholds.yellow_after_days,
        unit="days",
        amount_fen=max(0, plan.approved_fen - plan.paid_fen),
        facts={
            "plan_id": plan.id,
            "line_id": plan.line_id,
            "unit_code": plan.unit_code,
            "planned_month": plan.planned_month,
            "approved_amount_fen": plan.approved_fen,
            "approved_on": approved_on,
            "paid_fen": plan.paid_fen,
        },
        marks=(*(line.marks if line is not None else ()), *plan.marks, *_payment_marks(plan, view)),
        message_zh=f"用款计划{plan.id}于{approved_on}批复{approved}元,{waited}日后已支付{paid}元",
        message_en=f"Plan {plan.id} of {approved} yuan, approved on {approved_on}, is paid {paid} after {waited} days",
        fund_category=None if quota is None else quota.fund_category,
        responsible_section=None if quota is None else quota.responsible_section,
    )


def _payment_marks(plan: PlanRow, view: View) -> tuple[Mark, ...]:
    marks = [mark for payment in posted_to_plan(view.ledger, plan.id) for mark in payment.marks]
    return tuple(marks[-LINE_PAYMENTS_SHOWN_MAX:])


RULE = Rule(
    id="plan_approved_unpaid",
    version="1",
    name_zh="用款计划批复后未支付",
    name_en="Approved fund-use plan not paid",
    category="支付周期",
    owner="农财",
    kind=Kind.DEADLINE,
    profiles=ALL_PROFILES,
    thresholds=Thresholds,
    judgements={SubjectKind.PLAN: Judgement(judge=judge, explain=explain, ending=ending)},
    basis=("004_6d54267a7b8d1056.txt art. 5 L32", "004_6d54267a7b8d1056.txt art. 17 L62"),
)
