"""Totals held outside (figures.reported) beside our own: the latest of each, and what ours is by the same cut."""

from __future__ import annotations

from rules.figure_state import ReportedRow
from rules.figures import scale_fen, spent_fen
from rules.fold.folding import SubjectKind
from rules.quota_money import current_quotas, issued_down_fen, sums_of
from rules.view import View

BUSINESS_TOTAL, SELF_REPORTED, DAILY_REPORT = "business_total", "self_reported", "daily_report"


def subject_of_reported(key: str) -> tuple[str, str]:
    """Which kind of subject looks at a reported total, and by what id; the key starts with the total's kind."""
    kind, _, rest = key.partition("|")
    return (SubjectKind.BUSINESS_TOTAL, rest) if kind == BUSINESS_TOTAL else (SubjectKind.SELF_REPORT, key)


def our_figure_fen(view: View, row: ReportedRow) -> int:
    """`our_figure_fen`: our own total of the region alone, as now known, up to the report's day."""
    year, category, upto = row.budget_year, row.fund_category, row.latest.as_of_on
    if row.amount_kind == "paid":
        return spent_fen(view, year, category, upto)
    if row.amount_kind == "scale":
        return scale_fen(view, year, category, upto)
    if row.amount_kind == "received":
        return scale_fen(view, year, category, upto, origin="received")
    return allocated_fen(view, year, category, upto)


def allocated_fen(view: View, budget_year: int, fund_category: str | None, upto: int) -> int:
    """Poverty money allocated to whomever, openings with what they had issued down."""
    total = 0
    for quota in current_quotas(view, budget_year, fund_category):
        sums = sums_of(view, quota, upto)
        total += sums.line_fen + sums.lower_fen + issued_down_fen(quota, upto)
    return total
