"""绩效自评未做: a project ended and nobody evaluated it.

Flags:
    A project that ended and has an in-scope line above 0, without a live self-evaluation: yellow after
    `yellow_after_days` since its end, red after `red_after_days`.

Why it matters:
    003_5a361372162cdc2c.txt (四) L31: the using unit evaluates a project that has ended, and finance enters it.

Example:
    Ended on 25 October 2019: yellow at the tick of 25 December (61 days), red at that of 24 January 2020 (91 days).

Not a fault when:
    An evaluation is filed, whatever its date, or no line is left. Of several ends the latest counts; an end before the
    opening is not judged.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from domain.findings import Reason
from domain.money import yuan_text
from rules.catalogue.evidence import date_or_none
from rules.fold.folding import SubjectKind
from rules.project_state import FilingKind
from rules.project_view import funded_lines, live_filings, project_marks, project_title, quota_of_lines
from rules.rule import NO_FAULT, RED, XINJIANG, YELLOW, Basis, Explanation, Judgement, Kind, Rule, Step, Steps
from rules.state import NO_DAY
from rules.thresholds import Days, Source
from rules.view import View


class Thresholds(msgspec.Struct, frozen=True, kw_only=True):
    """How long an evaluation may follow the end."""

    yellow_after_days: Annotated[Days, Source(Basis.PROPOSED, "days")] = 60
    red_after_days: Annotated[Days, Source(Basis.PROPOSED, "days")] = 90


def judge(project_id: str, view: View, thresholds: Thresholds) -> Steps:
    """Yellow and red from the days after their terms."""
    completed_on = _completed_on(view, project_id)
    if completed_on == NO_DAY or completed_on < view.opening_on:
        return NO_FAULT
    if live_filings(view, project_id, FilingKind.EVALUATION) or not funded_lines(view, project_id):
        return NO_FAULT
    return (
        Step(completed_on + thresholds.yellow_after_days + 1, YELLOW),
        Step(completed_on + thresholds.red_after_days + 1, RED),
    )


def _completed_on(view: View, project_id: str) -> int:
    project = view.ledger.projects.get(project_id)
    return NO_DAY if project is None else project.completed_on


def ending(project_id: str, view: View, thresholds: Thresholds) -> Reason:
    """Satisfied by the evaluation, late when it was made after the first term."""
    filings = live_filings(view, project_id, FilingKind.EVALUATION)
    if not filings or not funded_lines(view, project_id):
        return Reason.GROUND_REMOVED
    due_on = _completed_on(view, project_id) + thresholds.yellow_after_days
    is_in_time = min(row.filed_on for row in filings) <= due_on
    return Reason.SATISFIED_IN_TIME if is_in_time else Reason.SATISFIED_LATE


def explain(project_id: str, view: View, thresholds: Thresholds) -> Explanation:
    """Since when the project has ended."""
    project = view.ledger.projects.get(project_id)
    lines = funded_lines(view, project_id)
    quota = quota_of_lines(view, lines)
    completed_on = _completed_on(view, project_id)
    days = view.today - completed_on
    amount = sum(line.net_fen for line in lines)
    return Explanation(
        title=project_title(view, project_id),
        observed=days,
        limit=thresholds.red_after_days if days > thresholds.red_after_days else thresholds.yellow_after_days,
        unit="days",
        amount_fen=amount,
        facts={
            "project_id": project_id,
            "completed_on": date_or_none(completed_on),
            "managing_department_code": None if project is None else project.managing_department_code or None,
        },
        marks=(
            *project_marks(view, project_id),
            *(mark for line in lines for mark in line.marks),
            *(mark for row in live_filings(view, project_id, FilingKind.EVALUATION) for mark in row.marks),
        ),
        message_zh=f"项目{project_id}(资金{yuan_text(amount)}元)结束已{days}天,未录入绩效自评",
        message_en=f"Project {project_id} of {yuan_text(amount)} yuan ended {days} days ago without self-evaluation",
        fund_category=None if quota is None else quota.fund_category,
        responsible_section=None if quota is None else quota.responsible_section,
    )


RULE = Rule(
    id="self_evaluation_missing",
    version="1",
    name_zh="绩效自评未做",
    name_en="Ended project without self-evaluation",
    category="绩效",
    owner="绩效",
    kind=Kind.DEADLINE,
    profiles=XINJIANG,
    thresholds=Thresholds,
    judgements={SubjectKind.PROJECT: Judgement(judge=judge, explain=explain, ending=ending)},
    basis=("003_5a361372162cdc2c.txt (四) L31",),
)
