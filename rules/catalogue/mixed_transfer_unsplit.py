"""部分扶贫转移支付未分解到项目: a transfer that is only partly for poverty relief is not split to projects.

Flags:
    A live in-scope quota of a county of which only a part is for poverty relief, while its lines with a project do not
    add up to the quota, or its poverty lines with a project not to that part: yellow after `yellow_after_days` since it
    became available, red after `red_after_days`, and red at once when its poverty lines exceed the part.

Why it matters:
    000_4e8d71f0a3c23610.txt ㈡ L33: of a transfer 部分用于扶贫 the county says by project which money is which.

Example:
    1,000,000.00 yuan, 400,000.00 of it for poverty relief, available on 1 March 2019. With 400,000.00 on poverty
    projects and 500,000.00 on others it is yellow at the tick of 1 April (31 days) and red at that of 1 May (61 days),
    until the last 100,000.00 have a project.

Not a fault when:
    Both sums agree, or the quota is void, replaced, carried over or no longer partial.
"""

from __future__ import annotations

from typing import Annotated, NamedTuple

import msgspec

from domain.findings import Reason
from domain.money import yuan_text
from rules.catalogue.evidence import date_or_none, quota_line_marks
from rules.fold.folding import SubjectKind
from rules.quota_view import allocated_fen, is_carried_over, lines
from rules.rule import (
    NO_FAULT,
    RED,
    RED_AT_ONCE,
    XINJIANG,
    YELLOW,
    Basis,
    Explanation,
    Judgement,
    Kind,
    Rule,
    Step,
    Steps,
)
from rules.state import QuotaRow
from rules.thresholds import Days, Source
from rules.view import View


class Thresholds(msgspec.Struct, frozen=True, kw_only=True):
    """How long the split may take."""

    yellow_after_days: Annotated[Days, Source(Basis.PROPOSED, "days")] = 30
    red_after_days: Annotated[Days, Source(Basis.PROPOSED, "days")] = 60


class Split(NamedTuple):
    """What the quota's lines come to: those with a project, the poverty ones of these, and all poverty ones."""

    tied_fen: int
    tied_poverty_fen: int
    poverty_fen: int


def judge(quota: QuotaRow, view: View, thresholds: Thresholds) -> Steps:
    """Red at once when too much is for poverty relief, else from the days after the terms."""
    part = _part_fen(quota, view)
    if part is None:
        return NO_FAULT
    split = _split(quota, view)
    if _agrees(split, quota, part, view):
        return NO_FAULT
    if split.poverty_fen > part:
        return RED_AT_ONCE
    return (
        Step(quota.available_on + thresholds.yellow_after_days + 1, YELLOW),
        Step(quota.available_on + thresholds.red_after_days + 1, RED),
    )


def _part_fen(quota: QuotaRow, view: View) -> int | None:
    """The poverty part of a quota that must be split; None when it need not be."""
    part = quota.poverty_amount_fen
    if part is None or view.tier != "county" or quota.available_on < view.opening_on:
        return None
    if part >= view.quota_net_fen(quota) or not view.quota_is_in_scope(quota) or is_carried_over(view, quota):
        return None
    return part


def _split(quota: QuotaRow, view: View) -> Split:
    payable = [line for line in lines(view, quota) if not line.to_lower]
    tied = [line for line in payable if line.project_id is not None]
    return Split(
        sum(line.net_fen for line in tied),
        sum(line.net_fen for line in tied if line.line_kind == "poverty"),
        sum(line.net_fen for line in payable if line.line_kind == "poverty"),
    )


def _agrees(split: Split, quota: QuotaRow, part: int, view: View) -> bool:
    return split.tied_fen == view.quota_net_fen(quota) and split.tied_poverty_fen == part


def ending(quota: QuotaRow, view: View, thresholds: Thresholds) -> Reason:
    """Satisfied when the sums agree, by the date of the latest line."""
    part = _part_fen(quota, view)
    if part is None or not _agrees(_split(quota, view), quota, part, view):
        return Reason.GROUND_REMOVED
    done_on = max(line.day for line in lines(view, quota))
    is_late = done_on > quota.available_on + thresholds.yellow_after_days
    return Reason.SATISFIED_LATE if is_late else Reason.SATISFIED_IN_TIME


def explain(quota: QuotaRow, view: View, thresholds: Thresholds) -> Explanation:  # noqa: ARG001 - sums, not days
    """What should be split, and what is."""
    split, net, part = _split(quota, view), view.quota_net_fen(quota), quota.poverty_amount_fen or 0
    return Explanation(
        title=quota.fund_name,
        observed=split.tied_fen,
        limit=net,
        unit="fen",
        amount_fen=max(abs(net - split.tied_fen), abs(part - split.tied_poverty_fen)),
        facts={
            "quota_id": quota.id,
            "fund_category": quota.fund_category,
            "amount_fen": net,
            "poverty_amount_fen": quota.poverty_amount_fen,
            "quota_allocated_fen": allocated_fen(view, quota),
            "project_lines_fen": split.tied_fen,
            "poverty_project_lines_fen": split.tied_poverty_fen,
            "quota_available_on": date_or_none(quota.available_on),
        },
        marks=quota_line_marks(quota, lines(view, quota)),
        message_zh=(
            f"指标{quota.id}共{yuan_text(net)}元,其中扶贫{yuan_text(part)}元;"
            f"已分解到项目{yuan_text(split.tied_fen)}元,其中扶贫{yuan_text(split.tied_poverty_fen)}元"
        ),
        message_en=(
            f"Quota {quota.id} holds {yuan_text(net)} yuan, {yuan_text(part)} of it for poverty relief; projects have "
            f"{yuan_text(split.tied_fen)} and {yuan_text(split.tied_poverty_fen)}"
        ),
        fund_category=quota.fund_category,
        responsible_section=quota.responsible_section,
    )


RULE = Rule(
    id="mixed_transfer_unsplit",
    version="1",
    name_zh="部分扶贫转移支付未分解到项目",
    name_en="Transfer partly for poverty not split to projects",
    category="指标分配",
    owner="归口业务处室",
    kind=Kind.DEADLINE,
    profiles=XINJIANG,
    thresholds=Thresholds,
    judgements={SubjectKind.QUOTA: Judgement(judge=judge, explain=explain, ending=ending)},
    basis=("000_4e8d71f0a3c23610.txt ㈡ L33",),
)
