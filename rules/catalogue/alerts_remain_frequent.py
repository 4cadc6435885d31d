"""预警问题频繁多发: many alerts run on, or alerts are frequent again after an inspection.

Flags:
    Yellow: alerts open at each of the last month-ends, and many raised in these months together. Red: several alerts
    of one class open at a month-end within some months after an inspection was closed. Looked at once a month.

Why it matters:
    004_6d54267a7b8d1056.txt art. 13 L54, art. 17 L69: where alerts are many, or frequent again after a special
    inspection, it is followed up and handed on.

Example:
    Alerts open at the ends of June and July 2019, 12 raised in the two months: yellow on 1 August.

Not a fault when:
    A later month-end is outside both bands. People may call it false.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated

import msgspec

from domain.findings import Reason
from rules.catalogue.evidence import date_or_none, month_facts, with_facts
from rules.desk_state import InspectionRow
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
from rules.thresholds import Source
from rules.view import View

Count = Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]
Months = Annotated[int, msgspec.Meta(ge=1, le=120)]
_MONTHS_OF_YEAR = 12


class Thresholds(msgspec.Struct, frozen=True, kw_only=True):
    """How many alerts are many, and how long after an inspection they are looked at more closely."""

    months_in_row: Annotated[Months, Source(Basis.PROPOSED, "months")] = 2
    total_min: Annotated[Count, Source(Basis.PROPOSED, "alerts")] = 10
    same_class_min: Annotated[Count, Source(Basis.PROPOSED, "alerts")] = 3
    after_inspection_months: Annotated[Months, Source(Basis.PROPOSED, "months")] = 3


def judge(subject: str, view: View, thresholds: Thresholds) -> Steps:
    """By the last month-ends; the subject is touched at the first tick of a month only."""
    del subject
    months = months_back(view, thresholds.months_in_row)
    if view.tier == "province" or not months:
        return NO_FAULT
    if _inspection(view, months[0], thresholds) is not None and _of_one_class(months[0]) >= thresholds.same_class_min:
        return RED_AT_ONCE
    runs_on = len(months) == thresholds.months_in_row and all(month.row.open_at_month_end for month in months)
    return YELLOW_AT_ONCE if runs_on and _raised(months) >= thresholds.total_min else NO_FAULT


def _of_one_class(month: CountedMonth) -> int:
    return max(month.row.by_category.values(), default=0)


def _raised(months: list[CountedMonth]) -> int:
    return sum(month.row.raised for month in months)


def _inspection(view: View, month: CountedMonth, thresholds: Thresholds) -> InspectionRow | None:
    """The latest inspection after whose end the month-end lies, within the months that it is followed up."""
    for inspection in reversed(closed_inspections(view)):
        last = _months_later(inspection.closed_on, thresholds.after_inspection_months)
        if inspection.closed_on <= month.month_end <= last:
            return inspection
    return None


def _months_later(day: int, months: int) -> int:
    """The same day so many months later, or the last one of a shorter month."""
    start = date.fromordinal(day)
    years, month = divmod(start.month - 1 + months, _MONTHS_OF_YEAR)
    first = date(start.year + years, month + 1, 1)
    following = date(first.year + (first.month == _MONTHS_OF_YEAR), first.month % _MONTHS_OF_YEAR + 1, 1)
    return min(first.toordinal() + start.day, following.toordinal()) - 1


def ending(subject: str, view: View, thresholds: Thresholds) -> Reason:
    """Fewer alerts are what was asked for."""
    del subject, view, thresholds
    return Reason.SATISFIED_LATE


def explain(subject: str, view: View, thresholds: Thresholds) -> Explanation:
    """How many alerts, and after which inspection."""
    del subject
    months = months_back(view, thresholds.months_in_row)
    last = months[0] if months else None
    inspection = None if last is None else _inspection(view, last, thresholds)
    raised = _raised(months)
    of_one_class = 0 if last is None or inspection is None else _of_one_class(last)
    is_red = of_one_class >= thresholds.same_class_min
    after = "" if inspection is None else f", after inspection {inspection.id}"
    return Explanation(
        title=view.code,
        observed=of_one_class if is_red else raised,
        limit=thresholds.same_class_min if is_red else thresholds.total_min,
        unit="alerts",
        amount_fen=None,
        facts=with_facts(
            month_facts(last),
            inspection_id=None if inspection is None else inspection.id,
            closed_on=None if inspection is None else date_or_none(inspection.closed_on),
        ),
        marks=() if inspection is None else inspection.marks,
        message_zh=f"{view.code}近{len(months)}个月产生预警{raised}条" + (",仍在督查之后" if inspection else ""),
        message_en=f"{view.code} had {raised} alerts in {len(months)} months{after}",
    )


RULE = Rule(
    id="alerts_remain_frequent",
    version="1",
    name_zh="预警问题频繁多发",
    name_en="Many alerts running on, or frequent again after inspection",
    category="管理时限",
    owner="监督检查",
    kind=Kind.AGGREGATE,
    stage=Stage.DESK,
    profiles=HENAN,
    thresholds=Thresholds,
    judgements={SubjectKind.FREQUENCY: Judgement(judge=judge, explain=explain, ending=ending)},
    basis=("004_6d54267a7b8d1056.txt art.13 L54, art.17 L69",),
)
