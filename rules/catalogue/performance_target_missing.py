"""绩效目标缺失或逾期: a project has money but no approved target.

Flags:
    A project with in-scope lines of a budget year and no target with a revision that was approved and entered: yellow
    after `yellow_after_days` since its money became available, red after `deadline_month_day` of the year (or after
    those days, where they end later).

Why it matters:
    003_5a361372162cdc2c.txt (二) L23, L51: targets cover every project, and are done by 30 June (printed 630日).

Example:
    Money since 2 March 2020 and no target: yellow from 2 April, red from 1 July. Money since 19 June: red only from
    20 July.

Not a fault when:
    The approved revision is entered; the project has no line left; its money became available before the opening.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated

import msgspec

from domain.findings import Reason
from domain.money import yuan_text
from rules.catalogue.evidence import date_or_none
from rules.fold.folding import SubjectKind
from rules.project_view import project_marks
from rules.rule import NO_FAULT, RED, XINJIANG, YELLOW, Basis, Explanation, Judgement, Kind, Rule, Step, Steps
from rules.state import NO_DAY, LineRow
from rules.thresholds import Days, MonthDay, Source
from rules.view import View


class Thresholds(msgspec.Struct, frozen=True, kw_only=True):
    """When a target is missed, and by which day of the year it must be there."""

    yellow_after_days: Annotated[Days, Source(Basis.PROPOSED, "days")] = 30
    deadline_month_day: Annotated[MonthDay, Source(Basis.STATED, "month and day")] = "06-30"


def judge(subject: str, view: View, thresholds: Thresholds) -> Steps:
    """Yellow and red from the days after their terms; ``subject`` is ``project|year``."""
    project_id, year = _parts(subject)
    lines = _funded_lines(view, project_id, year)
    if not lines or view.has_target(project_id, year):
        return NO_FAULT
    available_on = _available_on(lines)
    if available_on < view.opening_on:
        return NO_FAULT
    return (
        Step(available_on + thresholds.yellow_after_days + 1, YELLOW),
        Step(_due_on(available_on, year, thresholds) + 1, RED),
    )


def _funded_lines(view: View, project_id: str, year: int) -> list[LineRow]:
    """The project's lines while `project_lines_fen` is above 0."""
    lines = view.project_lines(project_id, year)
    return lines if sum(line.net_fen for line in lines) > 0 else []


def _available_on(lines: list[LineRow]) -> int:
    """`project_available_on`."""
    return min(line.available_on for line in lines if line.net_fen > 0)


def _parts(subject: str) -> tuple[str, int]:
    project_id, _, year = subject.rpartition("|")
    return project_id, int(year)


def _due_on(available_on: int, year: int, thresholds: Thresholds) -> int:
    deadline = date.fromisoformat(f"{year}-{thresholds.deadline_month_day}").toordinal()
    return max(deadline, available_on + thresholds.yellow_after_days)


def ending(subject: str, view: View, thresholds: Thresholds) -> Reason:
    """Satisfied by the target, late when it was approved and entered after the due day."""
    project_id, year = _parts(subject)
    lines = _funded_lines(view, project_id, year)
    done_on = view.target_done_on(project_id, year)
    if not lines or done_on == NO_DAY:
        return Reason.GROUND_REMOVED
    due_on = _due_on(_available_on(lines), year, thresholds)
    return Reason.SATISFIED_IN_TIME if done_on <= due_on else Reason.SATISFIED_LATE


def explain(subject: str, view: View, thresholds: Thresholds) -> Explanation:
    """The project's money, and since when it has been there."""
    project_id, year = _parts(subject)
    project = view.ledger.projects.get(project_id)
    lines = _funded_lines(view, project_id, year)
    available_on = _available_on(lines) if lines else 0
    amount = sum(line.net_fen for line in lines)
    quota = view.quota_of_line(lines[0]) if lines else None
    days = view.today - available_on if lines else 0
    due_on = _due_on(available_on, year, thresholds) if lines else NO_DAY
    is_red = bool(lines) and view.today > due_on
    return Explanation(
        title=project_id,
        observed=days,
        limit=due_on - available_on if is_red else thresholds.yellow_after_days,
        unit="days",
        amount_fen=amount,
        facts={
            "project_id": project_id,
            "budget_year": year,
            "project_lines_fen": amount,
            "project_available_on": date_or_none(available_on),
            "due_on": date_or_none(due_on),
            "using_unit_code": None if project is None else project.using_unit_code or None,
        },
        marks=(
            *project_marks(view, project_id),
            *(mark for line in lines for mark in line.marks),
            *(mark for target in view.targets(project_id) for mark in target.marks),
        ),
        message_zh=f"项目{project_id}已有{year}年资金{yuan_text(amount)}元满{days}天,尚无审核通过并录入的绩效目标",
        message_en=(
            f"Project {project_id} has had {yuan_text(amount)} yuan of {year} for {days} days "
            "without an approved target"
        ),
        fund_category=None if quota is None else quota.fund_category,
        responsible_section=None if quota is None else quota.responsible_section,
    )


RULE = Rule(
    id="performance_target_missing",
    version="1",
    name_zh="绩效目标缺失或逾期",
    name_en="Project money without an approved target",
    category="绩效",
    owner="绩效",
    kind=Kind.DEADLINE,
    profiles=XINJIANG,
    thresholds=Thresholds,
    judgements={SubjectKind.PROJECT_YEAR: Judgement(judge=judge, explain=explain, ending=ending)},
    basis=("003_5a361372162cdc2c.txt (二) L23, L51",),
)
