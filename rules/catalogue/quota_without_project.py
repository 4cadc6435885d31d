"""资金未与项目对应: money of a county is not tied to a project.

Flags:
    An in-scope line of a county that is no pending block and names no project: yellow after `yellow_after_days` since
    its money became available, red after `red_after_days`.

Why it matters:
    002_cd118f177911e14b.txt L50, L56: at the county all poverty money is to be matched to projects, 资金与项目对应;
    otherwise neither its use nor its effect can be followed.

Example:
    A line for a unit, available on 1 March 2019 without a project: yellow at the tick of 1 April (31 days), red at that
    of 1 May (61 days).

Not a fault when:
    `allocation.relinked` names the project or makes it non-poverty money, or the line falls to 0. A block waits for
    pending_quota_unrefined. Money available before the region's opening is left alone.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from domain.findings import Reason
from domain.money import yuan_text
from rules.catalogue.evidence import date_or_none
from rules.fold.folding import SubjectKind
from rules.rule import ALL_PROFILES, NO_FAULT, RED, YELLOW, Basis, Explanation, Judgement, Kind, Rule, Step, Steps
from rules.state import LineRow
from rules.thresholds import Days, Source
from rules.view import View


class Thresholds(msgspec.Struct, frozen=True, kw_only=True):
    """How long money may lie without a project."""

    yellow_after_days: Annotated[Days, Source(Basis.PROPOSED, "days")] = 30
    red_after_days: Annotated[Days, Source(Basis.PROPOSED, "days")] = 60


def judge(line: LineRow, view: View, thresholds: Thresholds) -> Steps:
    """Yellow and red from the days after their terms."""
    if line.project_id is not None or line.is_pending or line.net_fen <= 0:
        return NO_FAULT
    if not line.in_scope or not line.is_payable or view.tier != "county" or line.available_on < view.opening_on:
        return NO_FAULT
    return (
        Step(line.available_on + thresholds.yellow_after_days + 1, YELLOW),
        Step(line.available_on + thresholds.red_after_days + 1, RED),
    )


def ending(line: LineRow, view: View, thresholds: Thresholds) -> Reason:  # noqa: ARG001 - the row tells
    """Satisfied late by a project: the alert stands only after the term."""
    return Reason.GROUND_REMOVED if line.project_id is None else Reason.SATISFIED_LATE


def explain(line: LineRow, view: View, thresholds: Thresholds) -> Explanation:
    """How much has lain without a project for how long."""
    quota = view.quota_of_line(line)
    days = max(0, view.today - line.available_on) if line.quota_key else 0
    return Explanation(
        title=line.id if quota is None else quota.fund_name,
        observed=days,
        limit=thresholds.red_after_days if days > thresholds.red_after_days else thresholds.yellow_after_days,
        unit="days",
        amount_fen=line.net_fen,
        facts={
            "allocation_id": line.id,
            "quota_id": line.quota_key,
            "unit_code": line.unit_code,
            "amount_fen": line.net_fen,
            "line_available_on": date_or_none(line.available_on),
            "responsible_section": None if quota is None else quota.responsible_section,
        },
        marks=(*(quota.marks if quota is not None else ()), *line.marks),
        message_zh=f"指标明细{line.id}的{yuan_text(line.net_fen)}元可用{days}天仍未与项目对应",
        message_en=f"Line {line.id} with {yuan_text(line.net_fen)} yuan names no project after {days} days",
        fund_category=None if quota is None else quota.fund_category,
        responsible_section=None if quota is None else quota.responsible_section,
    )


RULE = Rule(
    id="quota_without_project",
    version="1",
    name_zh="资金未与项目对应",
    name_en="County money not tied to a project",
    category="指标分配",
    owner="归口业务处室",
    kind=Kind.DEADLINE,
    profiles=ALL_PROFILES,
    thresholds=Thresholds,
    judgements={SubjectKind.LINE: Judgement(judge=judge, explain=explain, ending=ending)},
    basis=("002_cd118f177911e14b.txt L50, L56",),
)
