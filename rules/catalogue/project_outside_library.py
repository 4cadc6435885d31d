"""项目不在项目库或规划: money lies on a project that the county's library or plan does not have.

Flags:
    A county's project with an in-scope line above 0 that is not registered, not in the county plan, or withdrawn:
    yellow at once, red when it is still so `red_after_working_days` after the first such line was allocated.

Why it matters:
    002_cd118f177911e14b.txt L25, L83 and 000_4e8d71f0a3c23610.txt ㈠ L32: money goes to projects of the county's
    project library only, and every project in the system is one of them.

Example:
    Allocated on Monday 4 March 2019 to a project without registration: yellow at once, red from Tuesday 12 March.

Not a fault when:
    The project is registered or corrected into the plan, the line is tied to another project, or no line is left. A
    line of an opening quota counts from the opening.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated

import msgspec

from domain.calendar import working_days_after_ordinal, working_days_between
from domain.findings import Reason
from domain.money import yuan_text
from rules.catalogue.evidence import date_or_none
from rules.fold.folding import SubjectKind
from rules.project_view import funded_lines, is_in_library, project_marks, project_title, quota_of_lines
from rules.rule import (
    ALL_PROFILES,
    AT_ONCE,
    NO_FAULT,
    RED,
    YELLOW,
    Basis,
    Explanation,
    Judgement,
    Kind,
    Rule,
    Step,
    Steps,
)
from rules.state import NO_DAY, LineOrigin, LineRow
from rules.thresholds import Days, Source
from rules.view import View


class Thresholds(msgspec.Struct, frozen=True, kw_only=True):
    """How long a project may have money before the library knows it."""

    red_after_working_days: Annotated[Days, Source(Basis.PROPOSED, "working days")] = 5


def judge(project_id: str, view: View, thresholds: Thresholds) -> Steps:
    """Yellow at once, red from the day after the term."""
    if view.tier != "county" or is_in_library(view, project_id):
        return NO_FAULT
    lines = funded_lines(view, project_id)
    if not lines:
        return NO_FAULT
    return (Step(AT_ONCE, YELLOW), Step(_due_on(lines, view, thresholds) + 1, RED))


def _due_on(lines: list[LineRow], view: View, thresholds: Thresholds) -> int:
    allocated_on = _allocated_on(_earliest(lines, view), view)
    return working_days_after_ordinal(allocated_on, thresholds.red_after_working_days)


def _earliest(lines: list[LineRow], view: View) -> LineRow:
    return min(lines, key=lambda line: (_allocated_on(line, view), line.id))


def _allocated_on(line: LineRow, view: View) -> int:
    return view.opening_on if line.origin == LineOrigin.OPENING else line.day


def _working_days_since(line: LineRow | None, view: View) -> int:
    if line is None:
        return 0
    return working_days_between(date.fromordinal(_allocated_on(line, view)), date.fromordinal(view.today))


def ending(project_id: str, view: View, thresholds: Thresholds) -> Reason:
    """Satisfied when the library has the project, late when the term was over."""
    lines = funded_lines(view, project_id)
    if not lines or not is_in_library(view, project_id):
        return Reason.GROUND_REMOVED
    is_in_time = view.today <= _due_on(lines, view, thresholds)
    return Reason.SATISFIED_IN_TIME if is_in_time else Reason.SATISFIED_LATE


def explain(project_id: str, view: View, thresholds: Thresholds) -> Explanation:
    """The first line of the project, and what the library says of it."""
    lines = funded_lines(view, project_id)
    line = _earliest(lines, view) if lines else None
    project = view.ledger.projects.get(project_id)
    amount = sum(each.net_fen for each in lines)
    quota = quota_of_lines(view, lines)
    return Explanation(
        title=project_title(view, project_id),
        observed=_working_days_since(line, view),
        limit=thresholds.red_after_working_days,
        unit="working days",
        amount_fen=amount,
        facts={
            "project_id": project_id,
            "allocation_id": None if line is None else line.id,
            "quota_id": None if line is None else line.quota_key,
            "amount_fen": amount,
            "in_county_plan": None if project is None or not project.is_registered else project.in_county_plan,
            "allocated_on": date_or_none(NO_DAY if line is None else _allocated_on(line, view)),
        },
        marks=(*project_marks(view, project_id), *(mark for each in lines for mark in each.marks)),
        message_zh=f"项目{project_id}已安排{yuan_text(amount)}元,但不在县级项目库或脱贫攻坚规划内",
        message_en=f"Project {project_id} has {yuan_text(amount)} yuan but is not in the county library and plan",
        fund_category=None if quota is None else quota.fund_category,
        responsible_section=None if quota is None else quota.responsible_section,
    )


RULE = Rule(
    id="project_outside_library",
    version="1",
    name_zh="项目不在项目库或规划",
    name_en="Project not in the county library or plan",
    category="指标分配",
    owner="国库",
    kind=Kind.JOIN,
    profiles=ALL_PROFILES,
    thresholds=Thresholds,
    judgements={SubjectKind.PROJECT: Judgement(judge=judge, explain=explain, ending=ending)},
    basis=("002_cd118f177911e14b.txt L25, L83", "000_4e8d71f0a3c23610.txt ㈠ L32"),
)
