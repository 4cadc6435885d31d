"""待分配指标未细化到项目: a block given to a township or unit is not refined to projects.

Flags:
    A live pending allocation of poverty money in scope of which something is not refined: yellow after
    `yellow_after_days` since it was allocated, red after `red_after_days`.

Why it matters:
    000_4e8d71f0a3c23610.txt ㈤ L36: 先将该指标标识为待分配指标, and it is to be refined once the project is
    settled; until then nobody can follow what the money is for.

Example:
    60,000.00 yuan go to a township on 1 March 2019; 36,000.00 are refined in April. The rest is yellow at the tick of
    1 April (31 days), red at that of 1 May (61 days).

Not a fault when:
    The whole block is refined, reduced to what was refined, voided, or not poverty money.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from domain.findings import Reason
from domain.money import yuan_text
from rules.catalogue.evidence import date_or_none
from rules.fold.folding import SubjectKind
from rules.rule import NO_FAULT, RED, XINJIANG, YELLOW, Basis, Explanation, Judgement, Kind, Rule, Step, Steps
from rules.state import NO_DAY, LineOrigin, LineRow
from rules.thresholds import Days, Source
from rules.view import View


class Thresholds(msgspec.Struct, frozen=True, kw_only=True):
    """How long a block may wait."""

    yellow_after_days: Annotated[Days, Source(Basis.PROPOSED, "days")] = 30
    red_after_days: Annotated[Days, Source(Basis.PROPOSED, "days")] = 60


def judge(line: LineRow, view: View, thresholds: Thresholds) -> Steps:  # noqa: ARG001 - the row holds all it needs
    """Yellow and red from the days after their terms while `pending_fen` > 0."""
    if line.origin != LineOrigin.ALLOCATION or not line.is_pending or not line.in_scope or line.net_fen <= 0:
        return NO_FAULT
    return (
        Step(line.day + thresholds.yellow_after_days + 1, YELLOW),
        Step(line.day + thresholds.red_after_days + 1, RED),
    )


def ending(line: LineRow, view: View, thresholds: Thresholds) -> Reason:
    """Satisfied when it was refined, by the date of the last refinement."""
    refined = [row for row in view.refined_lines(line.id) if not row.is_void]
    if line.is_void or not line.in_scope or not refined:
        return Reason.GROUND_REMOVED
    is_late = max(row.day for row in refined) > line.day + thresholds.yellow_after_days
    return Reason.SATISFIED_LATE if is_late else Reason.SATISFIED_IN_TIME


def explain(line: LineRow, view: View, thresholds: Thresholds) -> Explanation:
    """How much of the block has waited for how long."""
    quota = view.quota_of_line(line)
    pending = max(0, line.net_fen)
    days = 0 if line.day == NO_DAY else max(0, view.today - line.day)
    return Explanation(
        title=line.id if quota is None else quota.fund_name,
        observed=days,
        limit=thresholds.red_after_days if days > thresholds.red_after_days else thresholds.yellow_after_days,
        unit="days",
        amount_fen=pending,
        facts={
            "allocation_id": line.id,
            "quota_id": line.quota_key,
            "township_code": line.township_code,
            "unit_code": line.unit_code,
            "amount_fen": line.amount_fen,
            "pending_fen": pending,
            "allocated_on": date_or_none(line.day),
            "document_no": line.document_no,
        },
        marks=(
            *(quota.marks if quota is not None else ()),
            *line.marks,
            *(mark for row in view.refined_lines(line.id) for mark in row.marks),
        ),
        message_zh=f"待分配指标{line.id}分配{days}天后仍有{yuan_text(pending)}元未细化到项目",
        message_en=f"Of block {line.id}, {yuan_text(pending)} yuan are not refined to projects after {days} days",
        fund_category=None if quota is None else quota.fund_category,
        responsible_section=None if quota is None else quota.responsible_section,
    )


RULE = Rule(
    id="pending_quota_unrefined",
    version="1",
    name_zh="待分配指标未细化到项目",
    name_en="Block to a township or unit not refined to projects",
    category="指标分配",
    owner="归口业务处室",
    kind=Kind.DEADLINE,
    profiles=XINJIANG,
    thresholds=Thresholds,
    judgements={SubjectKind.LINE: Judgement(judge=judge, explain=explain, ending=ending)},
    basis=("000_4e8d71f0a3c23610.txt ㈤ L36",),
)
