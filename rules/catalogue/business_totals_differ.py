"""业务数据与系统数据不一致: the business system's total is not ours, or a fund is missing from the ledger.

Flags:
    The latest total of a business system, by its own day, and our own figure of the same cut up to that day differ by
    more than `tolerance_fen`: yellow; red when we have nothing of a fund that they have, or when the alert stands
    longer than `red_after_working_days`.

Why it matters:
    000_4e8d71f0a3c23610.txt ㈧ L39, L27: 业务数据与系统数据 must agree, and all poverty funds be in the ledger.

Example:
    Spending of central-36 is 500.00 yuan there and 480.00 here on Monday 3 June 2019: yellow at once, red at the tick
    of 12 June, when five working days are over (Friday 7 June is a holiday). The missing payment comes, and the next
    tick clears it.

Not a fault when:
    The two agree again, by a later total or because our figure has come to it. It is looked at when a total comes and
    at each daily tick, not with each payment.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from domain.calendar import working_days_after_ordinal
from domain.money import yuan_text
from rules.catalogue.evidence import reported_facts, reported_marks
from rules.figure_state import ReportedRow
from rules.fold.folding import SubjectKind
from rules.reports_compared import BUSINESS_TOTAL, our_figure_fen
from rules.rule import (
    ALL_PROFILES,
    AT_ONCE,
    NO_FAULT,
    NONE,
    RED,
    RED_AT_ONCE,
    YELLOW,
    Basis,
    Explanation,
    Judgement,
    Kind,
    Rule,
    Step,
    Steps,
)
from rules.thresholds import Days, Fen, Source, shadow_of
from rules.view import View

RULE_ID = "business_totals_differ"


class Thresholds(msgspec.Struct, frozen=True, kw_only=True):
    """How much the totals may differ, and how long they may."""

    tolerance_fen: Annotated[Fen, Source(Basis.PROPOSED, "fen")] = 1
    red_after_working_days: Annotated[Days, Source(Basis.PROPOSED, "working days")] = 5


def judge(subject: str, view: View, thresholds: Thresholds) -> Steps:
    """Yellow at once, red after the term or without any money of the fund; ``subject``: ``amount|category|year``."""
    row = _reported(subject, view)
    if row is None:
        return NO_FAULT
    ours = our_figure_fen(view, row)
    if abs(row.latest.total_fen - ours) <= thresholds.tolerance_fen:
        return NO_FAULT
    if ours == 0 and row.fund_category is not None:
        return RED_AT_ONCE
    term_ends_on = working_days_after_ordinal(_raised_on(subject, view), thresholds.red_after_working_days)
    return (Step(AT_ONCE, YELLOW), Step(term_ends_on + 1, RED))


def _reported(subject: str, view: View) -> ReportedRow | None:
    return view.ledger.reported.get(f"{BUSINESS_TOTAL}|{subject}")


def _raised_on(subject: str, view: View) -> int:
    """`raised_on` of the open alert; of one that would be raised now, today."""
    watch = view.ledger.watches.get(f"{SubjectKind.BUSINESS_TOTAL}|{subject}")
    states = () if watch is None else (watch.findings.get(voice) for voice in (RULE_ID, shadow_of(RULE_ID)))
    return next((state.raised_on for state in states if state is not None and state.severity != NONE), view.today)


def explain(subject: str, view: View, thresholds: Thresholds) -> Explanation:
    """Their total and ours."""
    row = _reported(subject, view)
    total = 0 if row is None else row.latest.total_fen
    ours = 0 if row is None else our_figure_fen(view, row)
    return Explanation(
        title=subject,
        observed=abs(total - ours),
        limit=thresholds.tolerance_fen,
        unit="fen",
        amount_fen=abs(total - ours),
        facts=reported_facts(row, ours),
        marks=reported_marks(row),
        message_zh=f"业务系统数{yuan_text(total)}元,本系统数{yuan_text(ours)}元,两者不一致",
        message_en=f"The business system says {yuan_text(total)} yuan, the ledger {yuan_text(ours)}",
        fund_category=None if row is None else row.fund_category,
    )


RULE = Rule(
    id=RULE_ID,
    version="1",
    name_zh="业务数据与系统数据不一致",
    name_en="Business-system total differs from ours, or a fund is missing from the ledger",
    category="数据质量",
    owner="归口业务处室",
    kind=Kind.AGGREGATE,
    profiles=ALL_PROFILES,
    thresholds=Thresholds,
    judgements={SubjectKind.BUSINESS_TOTAL: Judgement(judge=judge, explain=explain)},
    basis=("000_4e8d71f0a3c23610.txt ㈧ L39, L27", "R10"),
)
