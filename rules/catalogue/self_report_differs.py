"""系统数与自报数、日报差异: our figure is not that of the daily report.

Flags:
    The latest daily report (扶贫资金日报), by its own day, and our own figure of the same cut up to that day differ by
    more than `tolerance_percent` of the report.

Why it matters:
    001_d381d8650f0b9497.txt (二) L18-L20 compares the system's scale with the daily report; (四)4 L24 expects system
    spending not below what counties report themselves, while transfers into special accounts count as spending.

Example:
    The daily report has a scale of 1,000,000.00 yuan, the ledger 985,000.00: yellow (1.5 %). A quota registered late
    brings it to 995,000.00, and the next tick clears it.

Not a fault when:
    The two are within the tolerance, by a later report or because our figure has come to it. A county's own report of
    its spending is only kept: by the calibre in force, transfers into special accounts do not count, so it may be the
    greater.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from domain.money import yuan_text
from rules.catalogue.evidence import reported_facts, reported_marks
from rules.fold.folding import SubjectKind
from rules.reports_compared import DAILY_REPORT, our_figure_fen
from rules.rule import HENAN, NO_FAULT, YELLOW_AT_ONCE, Basis, Explanation, Judgement, Kind, Rule, Steps
from rules.thresholds import Percent, Source
from rules.view import View


class Thresholds(msgspec.Struct, frozen=True, kw_only=True):
    """How far the daily report may be from our figure."""

    tolerance_percent: Annotated[Percent, Source(Basis.PROPOSED, "percent")] = 1


def judge(subject: str, view: View, thresholds: Thresholds) -> Steps:
    """Yellow at once; ``subject`` is ``kind|amount|category|year``."""
    row = view.ledger.reported.get(subject)
    if row is None or row.figure_kind != DAILY_REPORT:
        return NO_FAULT
    total = row.latest.total_fen
    differs = abs(total - our_figure_fen(view, row)) * 100 > thresholds.tolerance_percent * total
    return YELLOW_AT_ONCE if differs else NO_FAULT


def explain(subject: str, view: View, thresholds: Thresholds) -> Explanation:
    """The report and our figure."""
    row = view.ledger.reported.get(subject)
    total = 0 if row is None else row.latest.total_fen
    ours = 0 if row is None else our_figure_fen(view, row)
    return Explanation(
        title=subject,
        observed=abs(total - ours),
        limit=total * thresholds.tolerance_percent // 100,
        unit="fen",
        amount_fen=abs(total - ours),
        facts=reported_facts(row, ours),
        marks=reported_marks(row),
        message_zh=f"扶贫资金日报{yuan_text(total)}元,系统数{yuan_text(ours)}元,差异超出允许范围",
        message_en=f"The daily report says {yuan_text(total)} yuan, the ledger {yuan_text(ours)}",
        fund_category=None if row is None else row.fund_category,
    )


RULE = Rule(
    id="self_report_differs",
    version="1",
    name_zh="系统数与自报数、日报差异",
    name_en="Our figure against self-report and daily report",
    category="数据质量",
    owner="农财",
    kind=Kind.AGGREGATE,
    profiles=HENAN,
    thresholds=Thresholds,
    judgements={SubjectKind.SELF_REPORT: Judgement(judge=judge, explain=explain)},
    basis=("001_d381d8650f0b9497.txt (二) L18–L20, (四)4 L24",),
)
