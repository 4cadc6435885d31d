"""绩效目标执行偏差: monitoring shows that a project lags behind its plan, or has a problem.

Flags:
    The monitoring of the latest node of a project and year: red when the planned rate is ahead of the execution rate by
    more than `red_gap_points`; yellow when by more than `yellow_gap_points`, or when a problem was found.

Why it matters:
    002_cd118f177911e14b.txt L64: where execution departs from the target, it is put right in time.

Example:
    Planned 80, done 60: 20 points are no fault, 59 done are yellow (21), 39 done red (41).

Not a fault when:
    A later node is within the bands and without a problem, a problem of the project was rectified on or after the day
    of entry, or the monitoring is voided. Without a planned rate only a problem counts.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from rules.catalogue.evidence import date_or_none
from rules.fold.folding import SubjectKind
from rules.project_state import FilingRow, ProblemRow
from rules.project_touches import NODES
from rules.project_view import monitorings, parts_of_year, project_marks, project_title, quota_of_lines
from rules.rule import (
    NO_FAULT,
    RED_AT_ONCE,
    XINJIANG,
    YELLOW_AT_ONCE,
    Basis,
    Explanation,
    Judgement,
    Kind,
    Rule,
    Steps,
)
from rules.state import NO_DAY
from rules.thresholds import Percent, Source
from rules.view import View


class Thresholds(msgspec.Struct, frozen=True, kw_only=True):
    """How far execution may lag behind the plan."""

    yellow_gap_points: Annotated[Percent, Source(Basis.PROPOSED, "points")] = 20
    red_gap_points: Annotated[Percent, Source(Basis.PROPOSED, "points")] = 40


def judge(subject: str, view: View, thresholds: Thresholds) -> Steps:
    """Red by the gap, yellow by the gap or a problem; ``subject`` is ``project|year``."""
    project_id, year = parts_of_year(subject)
    latest = _latest(view, project_id, year)
    if latest is None:
        return NO_FAULT
    gap = _gap_points(latest)
    if gap <= thresholds.yellow_gap_points and not latest.problem_found:
        return NO_FAULT
    if any(problem.rectified_on >= latest.entered_on for problem in _rectified(view, project_id)):
        return NO_FAULT
    return RED_AT_ONCE if gap > thresholds.red_gap_points else YELLOW_AT_ONCE


def _latest(view: View, project_id: str, year: int) -> FilingRow | None:
    """The live monitoring of the latest node; of several for it the last accepted."""
    rows = monitorings(view, project_id, year)
    return max(rows, key=lambda row: (NODES.index(row.node), row.position), default=None)


def _gap_points(row: FilingRow) -> int:
    """How far execution is behind; 0 without a planned rate."""
    return 0 if row.planned_rate_percent is None else row.planned_rate_percent - row.execution_rate_percent


def _rectified(view: View, project_id: str) -> list[ProblemRow]:
    rows = map(view.ledger.problems.get, view.ledger.project_problems.children(project_id))
    return [row for row in rows if row is not None and row.rectified_on != NO_DAY]


def explain(subject: str, view: View, thresholds: Thresholds) -> Explanation:
    """What was planned and done by the latest node."""
    project_id, year = parts_of_year(subject)
    row = _latest(view, project_id, year)
    lines = view.project_lines(project_id, year)
    quota = quota_of_lines(view, lines)
    gap = 0 if row is None else _gap_points(row)
    return Explanation(
        title=project_title(view, project_id),
        observed=gap,
        limit=thresholds.red_gap_points if gap > thresholds.red_gap_points else thresholds.yellow_gap_points,
        unit="points",
        amount_fen=sum(line.net_fen for line in lines) or None,
        facts={
            "project_id": project_id,
            "node": None if row is None else row.node,
            "planned_rate_percent": None if row is None else row.planned_rate_percent,
            "execution_rate_percent": None if row is None else row.execution_rate_percent,
            "problem_found": None if row is None else row.problem_found,
            "problem_text": None if row is None else row.problem_text,
            "entered_on": date_or_none(NO_DAY if row is None else row.entered_on),
        },
        marks=(
            *project_marks(view, project_id),
            *(row.marks if row is not None else ()),
            *(mark for problem in _rectified(view, project_id) for mark in problem.marks),
        ),
        message_zh=f"项目{project_id}{year}年绩效目标完成率低于计划{gap}个百分点" + _problem_zh(row),
        message_en=f"Project {project_id} of {year} is {gap} points behind its plan" + _problem_en(row),
        fund_category=None if quota is None else quota.fund_category,
        responsible_section=None if quota is None else quota.responsible_section,
    )


def _problem_zh(row: FilingRow | None) -> str:
    return ",监控发现问题" if row is not None and row.problem_found else ""


def _problem_en(row: FilingRow | None) -> str:
    return ", and a problem was found" if row is not None and row.problem_found else ""


RULE = Rule(
    id="execution_behind_plan",
    version="1",
    name_zh="绩效目标执行偏差",
    name_en="Target execution behind plan",
    category="绩效",
    owner="绩效",
    kind=Kind.EVENT,
    profiles=XINJIANG,
    thresholds=Thresholds,
    judgements={SubjectKind.PROJECT_YEAR: Judgement(judge=judge, explain=explain)},
    basis=("002_cd118f177911e14b.txt L64",),
)
