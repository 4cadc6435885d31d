"""绩效监控节点未做: a project with a target was not monitored at one of the year's nodes.

Flags:
    A project with a live target that was entered in or before the node's month, and with money of the year, without a
    live monitoring of that node: yellow on the due day (a working day), red after it.

Why it matters:
    003_5a361372162cdc2c.txt (三) L27: monitoring is done at the nodes of May, June and August, and entered by 20 July
    for June (printed 720日); for the other two we take the 20th of the next month as well.

Example:
    Entered on 22 May 2020; the node of June is due on Monday 20 July: yellow at that tick, red at that of the 21st.

Not a fault when:
    The node's monitoring is filed, the target is voided, or no line is left. A node whose month ended before the
    opening is left out.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from typing import Annotated, Final, NamedTuple

import msgspec

from domain.calendar import roll_forward
from domain.findings import Reason
from domain.money import yuan_text
from rules.catalogue.evidence import date_or_none
from rules.fold.folding import SubjectKind
from rules.project_view import (
    monitorings,
    parts_of_year,
    project_lines_fen,
    project_marks,
    project_title,
    quota_of_lines,
)
from rules.rule import NO_FAULT, RED, XINJIANG, YELLOW, Basis, Explanation, Judgement, Kind, Rule, Step, Steps
from rules.state import NO_DAY
from rules.thresholds import Source
from rules.view import View

_DAY: Final = "(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])"
DueDays = Annotated[str, msgspec.Meta(pattern=f"^may {_DAY}, june {_DAY}, august {_DAY}$")]
_MONTHS: Final = {"may": 5, "june": 6, "august": 8}


class Thresholds(msgspec.Struct, frozen=True, kw_only=True):
    """By when the monitoring of each node is entered: stated for June only."""

    due_days: Annotated[DueDays, Source(Basis.PROPOSED, "month and day by node")] = (
        "may 06-20, june 07-20, august 09-20"
    )


class Node(NamedTuple):
    """A node of a year: the last day of its month, and the day by which its monitoring is entered."""

    ends_on: int
    due_on: int


def judge(subject: str, view: View, thresholds: Thresholds) -> Steps:
    """Yellow on `due_on`, red from the day after; ``subject`` is ``project|year|node``."""
    project_id, year, name = _parts(subject)
    node = _node(name, year, thresholds.due_days)
    if node.ends_on < view.opening_on or not _is_asked_for(view, project_id, year, node):
        return NO_FAULT
    if _entered_on(view, project_id, year, name) != NO_DAY:
        return NO_FAULT
    return (Step(node.due_on, YELLOW), Step(node.due_on + 1, RED))


def _parts(subject: str) -> tuple[str, int, str]:
    of_year, _, node = subject.rpartition("|")
    return *parts_of_year(of_year), node


@lru_cache(maxsize=1_024)  # three nodes of a hundred years; asked for with every change of a project
def _node(name: str, year: int, due_days: str) -> Node:
    days = dict(each.split(" ") for each in due_days.split(", "))
    due_on = roll_forward(date.fromisoformat(f"{year}-{days[name]}"))
    ends_on = date(year, _MONTHS[name] + 1, 1) - timedelta(days=1)
    return Node(ends_on.toordinal(), due_on.toordinal())


def _is_asked_for(view: View, project_id: str, year: int, node: Node) -> bool:
    """Whether the project has money and a target that was entered by the end of the node's month."""
    for target in view.targets(project_id):
        if target.is_of(project_id, year):
            days = [revision.entered_on for revision in target.revisions.values() if revision.is_entered]
            if days and min(days) <= node.ends_on:
                return project_lines_fen(view, project_id, year) > 0
    return False


def _entered_on(view: View, project_id: str, year: int, node: str) -> int:
    """The first day on which a live monitoring of the node was entered; NO_DAY without one."""
    days = [row.entered_on for row in monitorings(view, project_id, year) if row.node == node]
    return min(days, default=NO_DAY)


def ending(subject: str, view: View, thresholds: Thresholds) -> Reason:
    """Satisfied by the monitoring, late when it was entered after `due_on`."""
    project_id, year, name = _parts(subject)
    node = _node(name, year, thresholds.due_days)
    entered_on = _entered_on(view, project_id, year, name)
    if entered_on == NO_DAY or not _is_asked_for(view, project_id, year, node):
        return Reason.GROUND_REMOVED
    return Reason.SATISFIED_IN_TIME if entered_on <= node.due_on else Reason.SATISFIED_LATE


def explain(subject: str, view: View, thresholds: Thresholds) -> Explanation:
    """Which node, and by when it was due."""
    project_id, year, name = _parts(subject)
    node = _node(name, year, thresholds.due_days)
    project = view.ledger.projects.get(project_id)
    lines = view.project_lines(project_id, year)
    quota = quota_of_lines(view, lines)
    amount = project_lines_fen(view, project_id, year)
    due_on = date_or_none(node.due_on)
    return Explanation(
        title=project_title(view, project_id),
        observed=max(0, view.today - node.due_on),
        limit=0,
        unit="days",
        amount_fen=amount,
        facts={
            "project_id": project_id,
            "budget_year": year,
            "node": name,
            "due_on": due_on,
            "using_unit_code": None if project is None else project.using_unit_code or None,
        },
        marks=(
            *project_marks(view, project_id),
            *(mark for line in lines for mark in line.marks),
            *(mark for target in view.targets(project_id) for mark in target.marks),
            *(mark for row in monitorings(view, project_id, year) if row.node == name for mark in row.marks),
        ),
        message_zh=(
            f"项目{project_id}({year}年资金{yuan_text(amount)}元)应于{due_on}前录入{_MONTHS[name]}月节点绩效监控,尚未录入"
        ),
        message_en=f"The {name} monitoring of project {project_id} of {year} is due by {due_on} and not entered",
        fund_category=None if quota is None else quota.fund_category,
        responsible_section=None if quota is None else quota.responsible_section,
    )


RULE = Rule(
    id="monitoring_node_missed",
    version="1",
    name_zh="绩效监控节点未做",
    name_en="Node monitoring not entered",
    category="绩效",
    owner="绩效",
    kind=Kind.DEADLINE,
    profiles=XINJIANG,
    thresholds=Thresholds,
    judgements={SubjectKind.PROJECT_NODE: Judgement(judge=judge, explain=explain, ending=ending)},
    basis=("003_5a361372162cdc2c.txt (三) L27",),
)
