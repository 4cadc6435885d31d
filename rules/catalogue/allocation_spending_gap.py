"""分配到支出环节断层: money was allocated and nothing is tied to it, while somebody reports it as spent.

Flags:
    The latest self-report of a fund's spending is above ours up to its day, while a line of that fund, available for
    more than `untouched_days` then, has nothing paid: yellow; red when the last report of the month before says so too.

Why it matters:
    001_d381d8650f0b9497.txt (四)2 L22: payments that are not tied to their quota break the chain from 分配 to 支出, and
    the system's spending falls behind what really was paid.

Example:
    On 31 October 2019 a county reports 800,000.00 yuan of central-36 as spent; the ledger has 500,000.00, and a line of
    300,000.00 that is available since 10 March (235 days) has no payment: yellow. The same on 30 November: red.

Not a fault when:
    A later report, or payments that arrive later, leave no difference; or payments are tied to the lines.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from domain.money import yuan_text
from rules.catalogue.evidence import date_or_none, reported_marks
from rules.figure_state import Reported, ReportedRow
from rules.figures import spent_fen
from rules.fold.folding import SubjectKind
from rules.fold.totals import month_number
from rules.quota_money import untouched_line
from rules.reports_compared import SELF_REPORTED
from rules.rule import (
    HENAN,
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
from rules.state import LineRow
from rules.thresholds import Days, Source
from rules.view import View


class Thresholds(msgspec.Struct, frozen=True, kw_only=True):
    """After how many days without a payment a line is called untouched."""

    untouched_days: Annotated[Days, Source(Basis.PROPOSED, "days")] = 180


def judge(subject: str, view: View, thresholds: Thresholds) -> Steps:
    """By the latest report and that of the month before it; ``subject``: ``category|year``, no category for all."""
    row = _reported(subject, view)
    if row is None or not _is_gap(row, row.latest, view, thresholds):
        return NO_FAULT
    before = row.of_months.get(month_number(row.latest.as_of_on) - 1)
    return RED_AT_ONCE if before is not None and _is_gap(row, before, view, thresholds) else YELLOW_AT_ONCE


def _reported(subject: str, view: View) -> ReportedRow | None:
    return view.ledger.reported.get(f"{SELF_REPORTED}|paid|{subject}")


def _is_gap(row: ReportedRow, report: Reported, view: View, thresholds: Thresholds) -> bool:
    return _untouched(row, report, view, thresholds) is not None and report.total_fen > _paid_fen(row, report, view)


def _untouched(row: ReportedRow, report: Reported, view: View, thresholds: Thresholds) -> LineRow | None:
    before = report.as_of_on - thresholds.untouched_days
    return untouched_line(view, row.budget_year, row.fund_category, before)


def _paid_fen(row: ReportedRow, report: Reported, view: View) -> int:
    return spent_fen(view, row.budget_year, row.fund_category, report.as_of_on)


def explain(subject: str, view: View, thresholds: Thresholds) -> Explanation:
    """What was reported, what we have, and the line that is untouched the longest."""
    row = _reported(subject, view)
    report = None if row is None else row.latest
    total = 0 if report is None else report.total_fen
    paid = 0 if row is None or report is None else _paid_fen(row, report, view)
    line = None if row is None or report is None else _untouched(row, report, view, thresholds)
    quota = None if line is None else view.quota_of_line(line)
    return Explanation(
        title=subject,
        observed=total,
        limit=paid,
        unit="fen",
        amount_fen=max(0, total - paid),
        facts={
            "fund_category": None if row is None else row.fund_category,
            "budget_year": None if row is None else row.budget_year,
            "as_of_on": None if report is None else date_or_none(report.as_of_on),
            "total_fen": total,
            "paid_fen": paid,
            "allocation_id": None if line is None else line.id,
            "line_net_fen": None if line is None else line.net_fen,
            "line_available_on": None if line is None else date_or_none(line.available_on),
        },
        marks=(*reported_marks(row), *(line.marks if line is not None else ())),
        message_zh=f"自报支出{yuan_text(total)}元,系统支出{yuan_text(paid)}元,已分配指标长期无支付关联",
        message_en=f"{yuan_text(total)} yuan are reported as spent, {yuan_text(paid)} are tied to allocated money",
        fund_category=None if row is None else row.fund_category,
        responsible_section=None if quota is None else quota.responsible_section,
    )


RULE = Rule(
    id="allocation_spending_gap",
    version="1",
    name_zh="分配到支出环节断层",
    name_en="Allocated money with no tied payment while spending is reported elsewhere",
    category="资金风险",
    owner="国库",
    kind=Kind.AGGREGATE,
    profiles=HENAN,
    thresholds=Thresholds,
    judgements={SubjectKind.SPENDING_GAP: Judgement(judge=judge, explain=explain)},
    basis=("001_d381d8650f0b9497.txt (四)2 L22",),
)
