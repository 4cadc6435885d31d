"""Folding of topic fund.plans."""

from __future__ import annotations

from domain.events.fund_plans import PlanApproved, PlanSubmitted, PlanVoided
from rules.fold.folding import Folding, SubjectKind
from rules.postings import plan_row
from rules.spending_state import PlanRow


def submitted(folding: Folding, body: PlanSubmitted) -> None:
    """plan.submitted: a unit asks for money of a line."""
    row = plan_row(folding, body.plan_id)
    if row.is_known:
        return  # id_reused
    row.is_known = True
    row.line_id, row.unit_code, row.planned_month = body.line_id, body.unit_code, body.planned_month
    folding.ledger.line_plans.add(row.line_id, row.id)
    _changed(folding, row, "plan")


def approved(folding: Folding, body: PlanApproved) -> None:
    """plan.approved: the last one in the journal counts."""
    row = _live(folding, body.plan_id)
    if row is not None:
        row.approved_fen, row.approved_on = body.approved_amount_fen, body.approved_on.toordinal()
        _changed(folding, row, "approval")


def voided(folding: Folding, body: PlanVoided) -> None:
    """plan.voided: nothing is to be paid by it any more."""
    row = _live(folding, body.plan_id)
    if row is not None:
        row.is_void = True
        _changed(folding, row, "correction")


def _live(folding: Folding, plan_id: str) -> PlanRow | None:
    row = folding.ledger.plans.get(plan_id)
    if row is None or not row.is_known:
        folding.park(f"plan:{plan_id}")
        return None
    return None if row.is_void else row


def _changed(folding: Folding, row: PlanRow, role: str) -> None:
    row.marks = (*row.marks, folding.mark(role))
    folding.ledger.plans.keep(row.id)
    folding.touch(SubjectKind.PLAN, row.id)
