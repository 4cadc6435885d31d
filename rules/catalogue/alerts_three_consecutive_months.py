"""连续3个月存在预警: a city or county has open alerts at one month-end after the other.

Flags:
    Alerts that are open and not rectified at each of the last month-ends: red at the third in a row, yellow at the
    second. Counted at the first tick of each month, and never again.

Why it matters:
    004_6d54267a7b8d1056.txt art. 17 L69: alerts in three consecutive months, rectified ones left out, lead to a
    special inspection.

Example:
    Alerts open at the ends of April and May 2019: yellow on 1 June; still some at the end of June: red on 1 July.

Not a fault when:
    A month-end has no open alert; an inspection was closed: month-ends up to its end no longer count.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from domain.findings import Reason
from rules.catalogue.evidence import month_facts
from rules.desk_view import CountedMonth, closed_inspections, months_back
from rules.fold.folding import SubjectKind
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
    Stage,
    Steps,
)
from rules.state import NO_DAY
from rules.thresholds import Source
from rules.view import View

MonthsInRow = Annotated[int, msgspec.Meta(ge=2, le=120)]


class Thresholds(msgspec.Struct, frozen=True, kw_only=True):
    """How many month-ends in a row are a breach; one less is a warning."""

    months_in_row: Annotated[MonthsInRow, Source(Basis.STATED, "months")] = 3


def judge(subject: str, view: View, thresholds: Thresholds) -> Steps:
    """By how many month-ends in a row had open alerts."""
    del subject
    count = len(_in_a_row(view, thresholds))
    if view.tier == "province" or count < thresholds.months_in_row - 1:
        return NO_FAULT
    return RED_AT_ONCE if count == thresholds.months_in_row else YELLOW_AT_ONCE


def _in_a_row(view: View, thresholds: Thresholds) -> list[CountedMonth]:
    """Month-ends from the latest back to the first without an open alert, or up to the end of an inspection."""
    inspections = closed_inspections(view)
    closed_on = inspections[-1].closed_on if inspections else NO_DAY
    found: list[CountedMonth] = []
    for month in months_back(view, thresholds.months_in_row):
        if not month.row.open_at_month_end or month.month_end <= closed_on:
            break
        found.append(month)
    return found


def ending(subject: str, view: View, thresholds: Thresholds) -> Reason:
    """A month without open alerts, or an inspection, is what was asked for."""
    del subject, view, thresholds
    return Reason.SATISFIED_LATE


def explain(subject: str, view: View, thresholds: Thresholds) -> Explanation:
    """How many month-ends, and what was open at the last one."""
    del subject
    months = _in_a_row(view, thresholds)
    last = next(iter(months_back(view, 1)), None)
    count = 0 if last is None else last.row.open_at_month_end
    return Explanation(
        title=view.code,
        observed=len(months),
        limit=thresholds.months_in_row,
        unit="months",
        amount_fen=None,
        facts=month_facts(last),
        marks=tuple(mark for inspection in closed_inspections(view) for mark in inspection.marks),
        message_zh=f"{view.code}连续{len(months)}个月末存在未整改预警,最近一个月末{count}条",
        message_en=f"{view.code} had open alerts at {len(months)} month-ends in a row, {count} at the last one",
    )


RULE = Rule(
    id="alerts_three_consecutive_months",
    version="1",
    name_zh="连续3个月存在预警",
    name_en="Open alerts at three month-ends running",
    category="管理时限",
    owner="监督检查",
    kind=Kind.AGGREGATE,
    stage=Stage.DESK,
    profiles=HENAN,
    thresholds=Thresholds,
    judgements={SubjectKind.MONTH_ENDS: Judgement(judge=judge, explain=explain, ending=ending)},
    basis=("004_6d54267a7b8d1056.txt art.17 L69",),
)
