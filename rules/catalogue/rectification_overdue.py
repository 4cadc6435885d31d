"""限时整改逾期: a problem or a confirmed alert is not rectified in time.

Flags:
    A problem of the work ledger, or an alert that people confirmed, that is not rectified: yellow from a few days
    before its due day, red after it. The due day is the one set, else the default of its kind.

Why it matters:
    003_5a361372162cdc2c.txt (四) L31, L35: problems found are rectified within a limit; 004_6d54267a7b8d1056.txt
    art. 17 L69: cities and counties rectify what an alert has shown.

Example:
    Confirmed on 5 March 2019 with a limit of the 20th: yellow from the 17th, red from the 21st.

Not a fault when:
    The rectification is reported and not returned; the alert has ended, or its last verification says otherwise; the
    problem was found before the opening.
"""

from __future__ import annotations

from typing import Annotated, Final

import msgspec

from domain.calendar import working_days_after_ordinal
from domain.findings import Reason
from rules.catalogue.evidence import date_or_none
from rules.desk_state import HeardRow, ProblemRow
from rules.fold.folding import SubjectKind
from rules.rule import (
    ALL_PROFILES,
    NO_FAULT,
    RED,
    YELLOW,
    Basis,
    Explanation,
    Judgement,
    Kind,
    Rule,
    Stage,
    Step,
    Steps,
)
from rules.state import NO_DAY
from rules.thresholds import Days, Source
from rules.view import View

_OF_PERFORMANCE: Final = frozenset(("evaluation", "performance", "target_unscientific"))


class Thresholds(msgspec.Struct, frozen=True, kw_only=True):
    """The limits where none is set (``default_days``), and how long before it is told."""

    evaluation_days: Annotated[Days, Source(Basis.PROPOSED, "days")] = 30
    others_working_days: Annotated[Days, Source(Basis.PROPOSED, "working days")] = 15
    warn_days: Annotated[Days, Source(Basis.PROPOSED, "days")] = 3


def _steps(due_on: int, thresholds: Thresholds) -> Steps:
    return Step(due_on - thresholds.warn_days, YELLOW), Step(due_on + 1, RED)


def judge_problem(problem: ProblemRow, view: View, thresholds: Thresholds) -> Steps:
    """Yellow from the warning, red after the due day."""
    if problem.rectified_on != NO_DAY or problem.found_on < view.opening_on:
        return NO_FAULT
    return _steps(_due_on_of_problem(problem, thresholds), thresholds)


def _due_on_of_problem(problem: ProblemRow, thresholds: Thresholds) -> int:
    if problem.rectify_by != NO_DAY:
        return problem.rectify_by
    if problem.problem_kind == "evaluation":
        return problem.found_on + thresholds.evaluation_days
    return working_days_after_ordinal(problem.found_on, thresholds.others_working_days)


def ending_of_problem(problem: ProblemRow, view: View, thresholds: Thresholds) -> Reason:
    """A problem ends by being rectified only."""
    del view
    return _by_day(problem.rectified_on, _due_on_of_problem(problem, thresholds))


def _by_day(rectified_on: int, due_on: int) -> Reason:
    return Reason.SATISFIED_IN_TIME if rectified_on <= due_on else Reason.SATISFIED_LATE


def explain_problem(problem: ProblemRow, view: View, thresholds: Thresholds) -> Explanation:
    """Which problem of whom, and by when."""
    due_on = _due_on_of_problem(problem, thresholds)
    return Explanation(
        title=problem.id,
        observed=view.today - problem.found_on,
        limit=due_on - problem.found_on,
        unit="days",
        amount_fen=None,
        facts={
            "problem_id": problem.id,
            "alert_id": None,
            "problem_kind": problem.problem_kind,
            "found_on": date_or_none(problem.found_on),
            "rectify_by": date_or_none(problem.rectify_by),
            "due_on": date_or_none(due_on),
            "responsible_unit_code": problem.responsible_unit_code,
        },
        marks=problem.marks,
        message_zh=f"问题{problem.id}应于{date_or_none(due_on)}前由{problem.responsible_unit_code}完成整改",
        message_en=(
            f"{problem.responsible_unit_code} is to have problem {problem.id} rectified by {date_or_none(due_on)}"
        ),
        owner="绩效" if problem.problem_kind in _OF_PERFORMANCE else None,
    )


def judge_alert(alert: HeardRow, view: View, thresholds: Thresholds) -> Steps:
    """The same for an alert that was confirmed; its term runs from the verification."""
    if not alert.is_open(view.today) or alert.verified is None or alert.verified.what != "confirmed":
        return NO_FAULT
    return _steps(_due_on_of_alert(alert, thresholds), thresholds)


def _due_on_of_alert(alert: HeardRow, thresholds: Thresholds) -> int:
    said = alert.verified
    if said is None:
        return NO_DAY
    return said.rectify_by or working_days_after_ordinal(said.day, thresholds.others_working_days)


def ending_of_alert(alert: HeardRow, view: View, thresholds: Thresholds) -> Reason:
    """Satisfied by a rectification that stands."""
    if alert.rectified is None or not alert.is_running or not alert.is_rectified(view.today):
        return Reason.GROUND_REMOVED
    return _by_day(alert.rectified.day, _due_on_of_alert(alert, thresholds))


def explain_alert(alert: HeardRow, view: View, thresholds: Thresholds) -> Explanation:
    """Which alert, and by when."""
    due_on, said = _due_on_of_alert(alert, thresholds), alert.verified
    verified_on = NO_DAY if said is None else said.day
    return Explanation(
        title=alert.rule_id,
        observed=view.today - verified_on,
        limit=due_on - verified_on,
        unit="days",
        amount_fen=None,
        facts={
            "problem_id": None,
            "alert_id": alert.id,
            "problem_kind": None,
            "found_on": date_or_none(verified_on),
            "rectify_by": None if said is None else date_or_none(said.rectify_by),
            "due_on": date_or_none(due_on),
            "responsible_unit_code": None,
        },
        marks=alert.marks,
        message_zh=f"已核实属实的预警{alert.rule_id}({alert.id})应于{date_or_none(due_on)}前完成整改",
        message_en=f"Alert {alert.rule_id} ({alert.id}), confirmed, is to be rectified by {date_or_none(due_on)}",
    )


RULE = Rule(
    id="rectification_overdue",
    version="1",
    name_zh="限时整改逾期",
    name_en="Problem or confirmed alert not rectified in time",
    category="管理时限",
    owner="监督检查",
    kind=Kind.DEADLINE,
    stage=Stage.DESK,
    profiles=ALL_PROFILES,
    thresholds=Thresholds,
    judgements={
        SubjectKind.PROBLEM: Judgement(judge=judge_problem, explain=explain_problem, ending=ending_of_problem),
        SubjectKind.ALERT: Judgement(judge=judge_alert, explain=explain_alert, ending=ending_of_alert),
    },
    basis=("003_5a361372162cdc2c.txt (四) L31, L35", "004_6d54267a7b8d1056.txt art.17 L69"),
)
