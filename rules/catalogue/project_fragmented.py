"""扶贫项目细散小: a project has so little money that it can hardly do anything.

Flags:
    A project with in-scope lines of a budget year that sum up to less than `below_fen` and that is not
    `project_household`. It is raised at the first tick of a month only; an open alert ends as soon as the test fails.

Why it matters:
    003_5a361372162cdc2c.txt (三) L55: projects that are fine, scattered and small are sent back with their targets.

Example:
    30,000.00 yuan on 12 March: yellow at the tick of 1 April. Another 20,000.00 on 9 April: cleared that day.

Not a fault when:
    The money goes to persons or households, reaches `below_fen`, or falls to 0; or a person calls the alert false.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from domain.money import yuan_text
from rules.fold.folding import SubjectKind
from rules.project_view import (
    is_project_household,
    next_month_tick,
    parts_of_year,
    project_lines_fen,
    project_marks,
    project_title,
    quota_of_lines,
)
from rules.rule import NO_FAULT, XINJIANG, YELLOW_AT_ONCE, Basis, Explanation, Judgement, Kind, Rule, Steps
from rules.thresholds import Fen, Source
from rules.view import View


class Thresholds(msgspec.Struct, frozen=True, kw_only=True):
    """How little is too little."""

    below_fen: Annotated[Fen, Source(Basis.PROPOSED, "fen")] = 5_000_000


def judge(subject: str, view: View, thresholds: Thresholds) -> Steps:
    """Yellow while the project is small; ``subject`` is ``project|year``."""
    project_id, year = parts_of_year(subject)
    is_small = 0 < project_lines_fen(view, project_id, year) < thresholds.below_fen
    return YELLOW_AT_ONCE if is_small and not is_project_household(view, project_id) else NO_FAULT


def explain(subject: str, view: View, thresholds: Thresholds) -> Explanation:
    """The project's money of the year."""
    project_id, year = parts_of_year(subject)
    project = view.ledger.projects.get(project_id)
    lines = view.project_lines(project_id, year)
    quota = quota_of_lines(view, lines)
    amount = project_lines_fen(view, project_id, year)
    return Explanation(
        title=project_title(view, project_id),
        observed=amount,
        limit=thresholds.below_fen,
        unit="fen",
        amount_fen=amount,
        facts={
            "project_id": project_id,
            "project_name": None if project is None else project.name or None,
            "budget_year": year,
            "project_lines_fen": amount,
            "is_household": is_project_household(view, project_id),
        },
        marks=(*project_marks(view, project_id), *(mark for line in lines for mark in line.marks)),
        message_zh=f"项目{project_id}{year}年资金仅{yuan_text(amount)}元",
        message_en=f"Project {project_id} has only {yuan_text(amount)} yuan of {year}",
        fund_category=None if quota is None else quota.fund_category,
        responsible_section=None if quota is None else quota.responsible_section,
    )


RULE = Rule(
    id="project_fragmented",
    version="1",
    name_zh="扶贫项目细散小",
    name_en="Project very small",
    category="绩效",
    owner="绩效",
    kind=Kind.AGGREGATE,
    profiles=XINJIANG,
    thresholds=Thresholds,
    judgements={SubjectKind.PROJECT_YEAR: Judgement(judge=judge, explain=explain, raised_on=next_month_tick)},
    basis=("003_5a361372162cdc2c.txt (三) L55",),
)
