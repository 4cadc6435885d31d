"""违规下达资金: money is issued beyond the quota, outside the region tree or outside the catalogue.

Flags:
    A quota flagged as poverty money, also a void one, with a live allocation or opening line above 0, each fault an
    alert of its own. Red: more is allocated than the quota holds (over_allocated), or an allocation goes to a region
    that is not directly below (wrong_target). Yellow: its category is not in the catalogue (category_not_listed).

Why it matters:
    002_cd118f177911e14b.txt 五(一)二 L52 has 违规下达 watched but gives no test; these three are proposed.

Example:
    A prefecture with a quota of 1,000,000.00 yuan allocates 800,000.00 and 300,000.00 to its counties: red,
    over by 100,000.00, until one allocation is reduced or the quota is raised.

Not a fault when:
    A correction of quota, allocation or flag ends it. A local category (of a region's own list) is listed.
"""

from __future__ import annotations

from typing import NamedTuple

from domain.catalogue import is_listed
from domain.money import yuan_text
from domain.regions import exists, superior
from rules.catalogue.evidence import date_or_none, quota_line_marks
from rules.fold.folding import SubjectKind
from rules.quota_view import allocated_fen, allocations, line_given_fen, quota_and_fault, quota_of_fault
from rules.rule import (
    ALL_PROFILES,
    NO_FAULT,
    RED_AT_ONCE,
    YELLOW_AT_ONCE,
    Explanation,
    Judgement,
    Kind,
    NoThresholds,
    Rule,
    Steps,
)
from rules.state import LineRow, QuotaRow
from rules.view import View

_CATEGORY_NOT_LISTED = "category_not_listed"
_OVER_ALLOCATED = "over_allocated"
_WRONG_TARGET = "wrong_target"


def judge(subject: str, view: View, _: NoThresholds) -> Steps:
    """At once while the fault holds; ``subject`` is ``quota|fault``."""
    quota, fault = quota_and_fault(view, subject)
    if quota is None or quota.is_poverty_fund is not True or not _at_fault(quota, fault, view):
        return NO_FAULT
    return YELLOW_AT_ONCE if fault == _CATEGORY_NOT_LISTED else RED_AT_ONCE


def _at_fault(quota: QuotaRow, fault: str, view: View) -> list[LineRow]:
    """The allocations and opening lines by which the fault was done; none while it does not hold."""
    if fault == _CATEGORY_NOT_LISTED:
        return [] if is_listed(quota.fund_category) else _issued(quota, view)
    if fault == _OVER_ALLOCATED:
        return _issued(quota, view) if allocated_fen(view, quota) > view.quota_net_fen(quota) else []
    if fault == _WRONG_TARGET:
        issued = _issued(quota, view)
        return [line for line in issued if line.to_lower and not _is_directly_below(line.target_region, view.code)]
    return []


def _issued(quota: QuotaRow, view: View) -> list[LineRow]:
    return [line for line in allocations(view, quota) if line_given_fen(line) > 0]


def _is_directly_below(target: str, region: str) -> bool:
    return exists(target) and superior(target) == region


class Measure(NamedTuple):
    """What was observed of one fault against what, and in words."""

    observed: int | str
    limit: int | str
    unit: str
    amount_fen: int
    zh: str
    en: str


def _measured(quota: QuotaRow, fault: str, shown: list[LineRow], view: View) -> Measure:
    net, allocated = view.quota_net_fen(quota), allocated_fen(view, quota)
    amount = sum(map(line_given_fen, shown))
    if fault == _OVER_ALLOCATED:
        zh = f"金额{yuan_text(net)}元,已分配{yuan_text(allocated)}元"
        return Measure(
            allocated,
            net,
            "fen",
            max(0, allocated - net),
            zh,
            f"holds {yuan_text(net)} yuan and {yuan_text(allocated)} are allocated",
        )
    if fault == _WRONG_TARGET:
        targets = ", ".join(sorted({line.target_region for line in shown}))
        return Measure(
            targets,
            view.code,
            "region",
            amount,
            f"下达到非直接下级{targets}",
            f"is issued to {targets}, not directly below",
        )
    category = quota.fund_category
    return Measure(
        category,
        "",
        "category",
        amount,
        f"的资金类别{category}不在目录内",
        f"is issued under {category}, which the catalogue does not list",
    )


def explain(subject: str, view: View, _: NoThresholds) -> Explanation:
    """What was issued from which quota, and where to."""
    quota, fault = quota_of_fault(view, subject)
    shown = _at_fault(quota, fault, view)
    latest = max(shown, key=lambda line: line.position, default=None)
    measure = _measured(quota, fault, shown, view)
    return Explanation(
        title=quota.fund_name,
        observed=measure.observed,
        limit=measure.limit,
        unit=measure.unit,
        amount_fen=measure.amount_fen,
        facts={
            "quota_id": quota.id,
            "fault": fault,
            "allocation_id": None if latest is None else latest.id,
            "target_region": None if latest is None else latest.target_region or None,
            "fund_category": quota.fund_category,
            "quota_net_fen": view.quota_net_fen(quota),
            "quota_allocated_fen": allocated_fen(view, quota),
            "document_no": quota.document_no if latest is None else latest.document_no,
            "allocated_on": None if latest is None else date_or_none(latest.day),
            "entered_by": quota.entered_by if latest is None else latest.entered_by,
        },
        marks=quota_line_marks(quota, shown),
        message_zh=f"指标{quota.id}{measure.zh}",
        message_en=f"Quota {quota.id} {measure.en}",
        fund_category=quota.fund_category,
        responsible_section=quota.responsible_section,
    )


RULE = Rule(
    id="improper_issue",
    version="1",
    name_zh="违规下达资金",
    name_en="Issued beyond the quota, outside the tree or outside the catalogue",
    category="指标分配",
    owner="预算",
    kind=Kind.EVENT,
    profiles=ALL_PROFILES,
    thresholds=NoThresholds,
    judgements={SubjectKind.QUOTA_FAULT: Judgement(judge=judge, explain=explain)},
    basis=("002_cd118f177911e14b.txt 五(一)二 L52",),
)
