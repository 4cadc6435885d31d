"""指标结余长期未分配: a quota's balance stays unallocated for too long.

Flags:
    A live quota in scope of which something is not allocated to anyone. The oldest money is allocated first; the rest
    ages from the increase it came with, else from when the quota became available. Yellow and red terms are longer at
    the county than above it.

Why it matters:
    000_4e8d71f0a3c23610.txt ㈧ L39, L24 have unallocated balances watched. The 30 days above the county are
    read from the Budget Law art. 52 as other systems apply it.

Example:
    A county arranges 300,000.00 yuan on 21 February 2019 and allocates nothing: yellow at the tick of 24 March
    (31 days), red at that of 23 April (61 days). A prefecture is yellow after 15 days and red after 30.

Not a fault when:
    The balance is allocated, withdrawn or carried over, or the quota is void, replaced or out of scope.
"""

from __future__ import annotations

from typing import Annotated, NamedTuple

import msgspec

from domain.findings import Reason
from domain.money import yuan_text
from rules.catalogue.evidence import date_or_none, quota_line_marks
from rules.fold.folding import SubjectKind
from rules.quota_view import allocated_fen, allocations, unallocated_fen, unallocated_since
from rules.rule import ALL_PROFILES, NO_FAULT, RED, YELLOW, Basis, Explanation, Judgement, Kind, Rule, Step, Steps
from rules.state import QuotaRow
from rules.thresholds import Days, Source
from rules.view import View


class Thresholds(msgspec.Struct, frozen=True, kw_only=True):
    """How long money may wait to be allocated, at the county and above it."""

    county_yellow_days: Annotated[Days, Source(Basis.PROPOSED, "days")] = 30
    county_red_days: Annotated[Days, Source(Basis.PROPOSED, "days")] = 60
    upper_yellow_days: Annotated[Days, Source(Basis.PROPOSED, "days")] = 15
    upper_red_days: Annotated[Days, Source(Basis.EXTENDED, "days")] = 30


class DaysAllowed(NamedTuple):
    """Days after which the balance is yellow and red in this region."""

    yellow: int
    red: int


def judge(quota: QuotaRow, view: View, thresholds: Thresholds) -> Steps:
    """Yellow and red from the days allowed."""
    if not view.quota_is_in_scope(quota) or unallocated_fen(view, quota) <= 0:
        return NO_FAULT
    since, allowed = unallocated_since(view, quota), _days_allowed(view, thresholds)
    return Step(since + allowed.yellow + 1, YELLOW), Step(since + allowed.red + 1, RED)


def _days_allowed(view: View, thresholds: Thresholds) -> DaysAllowed:
    if view.tier == "county":
        return DaysAllowed(thresholds.county_yellow_days, thresholds.county_red_days)
    return DaysAllowed(thresholds.upper_yellow_days, thresholds.upper_red_days)


def ending(quota: QuotaRow, view: View, thresholds: Thresholds) -> Reason:  # noqa: ARG001 - no term is asked
    """Satisfied late when an allocation was the last thing that happened to it; withdrawn or carried over otherwise."""
    given = allocations(view, quota)
    if not view.quota_is_in_scope(quota) or quota.carried_fen or not given:
        return Reason.GROUND_REMOVED
    last_allocated = max(mark.position for line in given for mark in line.marks)
    last_changed = max(mark.position for mark in quota.marks)
    return Reason.SATISFIED_LATE if last_allocated > last_changed else Reason.GROUND_REMOVED


def explain(quota: QuotaRow, view: View, thresholds: Thresholds) -> Explanation:
    """How much has waited for how long."""
    unallocated, since = max(0, unallocated_fen(view, quota)), unallocated_since(view, quota)
    days, allowed = max(0, view.today - since), _days_allowed(view, thresholds)
    return Explanation(
        title=quota.fund_name,
        observed=days,
        limit=allowed.red if days > allowed.red else allowed.yellow,
        unit="days",
        amount_fen=unallocated,
        facts={
            "quota_id": quota.id,
            "document_no": quota.document_no,
            "fund_category": quota.fund_category,
            "budget_year": quota.budget_year,
            "quota_net_fen": view.quota_net_fen(quota),
            "quota_allocated_fen": allocated_fen(view, quota),
            "quota_unallocated_fen": unallocated,
            "quota_unallocated_since": date_or_none(since),
        },
        marks=quota_line_marks(quota, allocations(view, quota)),
        message_zh=f"指标{quota.id}尚有{yuan_text(unallocated)}元{days}天未分配",
        message_en=f"Of quota {quota.id}, {yuan_text(unallocated)} yuan have been unallocated for {days} days",
        fund_category=quota.fund_category,
        responsible_section=quota.responsible_section,
    )


RULE = Rule(
    id="quota_unallocated_aged",
    version="1",
    name_zh="指标结余长期未分配",
    name_en="Quota balance unallocated for too long",
    category="指标分配",
    owner="预算",
    kind=Kind.DEADLINE,
    profiles=ALL_PROFILES,
    thresholds=Thresholds,
    judgements={SubjectKind.QUOTA: Judgement(judge=judge, explain=explain, ending=ending)},
    basis=("000_4e8d71f0a3c23610.txt ㈧ L39, L24", "extended: Budget Law art. 52 (R01 R02 R04)"),
)
