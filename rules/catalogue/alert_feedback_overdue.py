"""预警核实处理情况未反馈: a city or county does not say what became of an alert.

Flags:
    An open alert of a city or county on which no feedback was given: yellow after the term since it was raised, red
    after the longer one.

Why it matters:
    004_6d54267a7b8d1056.txt art. 17 L69: cities and counties verify alerts and report the outcome in time.

Example:
    Raised on Monday 1 July 2019: yellow from Tuesday 16 July, red from the 30th.

Not a fault when:
    Feedback was given, whenever; the alert has ended or is rectified. Alerts about alerts are not asked about.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated

import msgspec

from domain.calendar import working_days_after_ordinal, working_days_between
from domain.findings import Reason
from rules.catalogue.evidence import date_or_none
from rules.desk_state import HeardRow
from rules.fold.folding import SubjectKind
from rules.rule import HENAN, NO_FAULT, RED, YELLOW, Basis, Explanation, Judgement, Kind, Rule, Stage, Step, Steps
from rules.state import NO_DAY
from rules.thresholds import Days, Source
from rules.view import View


class Thresholds(msgspec.Struct, frozen=True, kw_only=True):
    """How long an alert may go without feedback."""

    yellow_after_working_days: Annotated[Days, Source(Basis.PROPOSED, "working days")] = 10
    red_after_working_days: Annotated[Days, Source(Basis.PROPOSED, "working days")] = 20


def judge(alert: HeardRow, view: View, thresholds: Thresholds) -> Steps:
    """Yellow and red from the days after their terms."""
    if view.tier == "province" or alert.feedback_on != NO_DAY or not alert.is_open(view.today):
        return NO_FAULT
    return (
        Step(_due_on(alert, thresholds) + 1, YELLOW),
        Step(working_days_after_ordinal(alert.raised_on, thresholds.red_after_working_days) + 1, RED),
    )


def _due_on(alert: HeardRow, thresholds: Thresholds) -> int:
    return working_days_after_ordinal(alert.raised_on, thresholds.yellow_after_working_days)


def ending(alert: HeardRow, view: View, thresholds: Thresholds) -> Reason:
    """Satisfied by feedback on the alert while it is open."""
    if alert.feedback_on == NO_DAY or not alert.is_open(view.today):
        return Reason.GROUND_REMOVED
    is_in_time = alert.feedback_on <= _due_on(alert, thresholds)
    return Reason.SATISFIED_IN_TIME if is_in_time else Reason.SATISFIED_LATE


def explain(alert: HeardRow, view: View, thresholds: Thresholds) -> Explanation:
    """Which alert, and how long it has waited."""
    days, due_on = view.today - alert.raised_on, _due_on(alert, thresholds)
    red_on = working_days_after_ordinal(alert.raised_on, thresholds.red_after_working_days) + 1
    limit = thresholds.red_after_working_days if view.today >= red_on else thresholds.yellow_after_working_days
    return Explanation(
        title=alert.rule_id,
        observed=working_days_between(date.fromordinal(alert.raised_on), date.fromordinal(view.today)),
        limit=limit,
        unit="working days",
        amount_fen=None,
        facts={
            "alert_id": alert.id,
            "raised_on": date_or_none(alert.raised_on),
            "due_on": date_or_none(due_on),
        },
        marks=alert.marks,
        message_zh=f"预警{alert.rule_id}({alert.id})已{days}天,尚未反馈核实处理情况",
        message_en=f"Alert {alert.rule_id} ({alert.id}) has been without feedback for {days} days",
    )


RULE = Rule(
    id="alert_feedback_overdue",
    version="1",
    name_zh="预警核实处理情况未反馈",
    name_en="Alert without feedback",
    category="管理时限",
    owner="监督检查",
    kind=Kind.DEADLINE,
    stage=Stage.DESK,
    profiles=HENAN,
    thresholds=Thresholds,
    judgements={SubjectKind.ALERT: Judgement(judge=judge, explain=explain, ending=ending)},
    basis=("004_6d54267a7b8d1056.txt art.17 L69",),
)
