"""省级数据核实校正逾期: the province does not settle a doubt about its data in time.

Flags:
    A doubt whose cause lies with the province and that is not resolved: yellow on the last day of the term after the
    section was told, red after it.

Why it matters:
    004_6d54267a7b8d1056.txt art. 16 L61: data that the province has to correct are verified within 5 working days.

Example:
    The section was told on Monday 19 November 2018 and has not answered: yellow on the 26th, red from the 27th.

Not a fault when:
    The doubt is resolved, whatever came of it; its cause lies elsewhere; the section was told before the opening.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from domain.calendar import working_days_after_ordinal
from domain.findings import Reason
from rules.catalogue.evidence import date_or_none
from rules.fold.folding import SubjectKind
from rules.management_state import DoubtRow
from rules.rule import HENAN, NO_FAULT, RED, YELLOW, Basis, Explanation, Judgement, Kind, Rule, Step, Steps
from rules.state import NO_DAY
from rules.thresholds import Days, Source
from rules.view import View


class Thresholds(msgspec.Struct, frozen=True, kw_only=True):
    """The term for the province."""

    within_working_days: Annotated[Days, Source(Basis.STATED, "working days")] = 5


def judge(doubt: DoubtRow, view: View, thresholds: Thresholds) -> Steps:
    """Yellow on the due day, red after it."""
    if doubt.cause_level != "province" or doubt.resolved_on != NO_DAY or doubt.notified_on < view.opening_on:
        return NO_FAULT
    due_on = _due_on(doubt, thresholds)
    return Step(due_on, YELLOW), Step(due_on + 1, RED)


def _due_on(doubt: DoubtRow, thresholds: Thresholds) -> int:
    return working_days_after_ordinal(doubt.notified_on, thresholds.within_working_days)


def ending(doubt: DoubtRow, view: View, thresholds: Thresholds) -> Reason:
    """A doubt ends by being resolved only."""
    del view
    return Reason.SATISFIED_IN_TIME if doubt.resolved_on <= _due_on(doubt, thresholds) else Reason.SATISFIED_LATE


def explain(doubt: DoubtRow, view: View, thresholds: Thresholds) -> Explanation:
    """Who was told of which record, and when."""
    days = view.today - doubt.notified_on
    due_on = _due_on(doubt, thresholds)
    return Explanation(
        title=doubt.record_id,
        observed=days,
        limit=due_on - doubt.notified_on,
        unit="days",
        amount_fen=None,
        facts={
            "doubt_id": doubt.id,
            "record_id": doubt.record_id,
            "notified_section": doubt.notified_section,
            "notified_on": date_or_none(doubt.notified_on),
            "due_on": date_or_none(due_on),
        },
        marks=doubt.marks,
        message_zh=f"数据疑问{doubt.id}({doubt.record_id})通知{doubt.notified_section}已{days}天,限{date_or_none(due_on)}前办结",
        message_en=(
            f"Doubt {doubt.id} about {doubt.record_id} was sent to {doubt.notified_section} {days} days ago, "
            f"due on {date_or_none(due_on)}"
        ),
        responsible_section=doubt.notified_section,
    )


RULE = Rule(
    id="provincial_correction_late",
    version="1",
    name_zh="省级数据核实校正逾期",
    name_en="Provincial data correction late",
    category="管理时限",
    owner="归口业务处室",
    kind=Kind.DEADLINE,
    profiles=HENAN,
    thresholds=Thresholds,
    judgements={SubjectKind.DOUBT: Judgement(judge=judge, explain=explain, ending=ending)},
    basis=("004_6d54267a7b8d1056.txt art.16 L61",),
)
