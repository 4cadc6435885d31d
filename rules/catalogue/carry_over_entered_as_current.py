"""上年结转录作本年指标: last year's unpaid balance is entered as this year's own money.

Flags:
    A live in-scope quota.arranged registered by `until_month_day` of its budget year, as a candidate. Yellow: its
    amount is what one in-scope quota of the year before and the same category had unpaid at the end of that year. Red:
    it carries the document number of such a quota, or a person confirmed it.

Why it matters:
    001_d381d8650f0b9497.txt (二)3 L20: 上年结转 entered as 本年指标 counts the same money in two years; it is to be
    brought forward as carry-over.

Example:
    Of 1,000,000.00 yuan of 2018, 300,000.00 are unpaid at the end of the year. In January 2019 the county arranges
    300,000.00 of the same category: yellow, until it is replaced by a carry-over or a person says what it is.

Not a fault when:
    It is voided or replaced, the match ends and nobody confirmed it, or a person calls it false.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated

import msgspec

from domain.money import yuan_text
from rules.catalogue.evidence import candidate_facts, with_facts
from rules.fold.folding import SubjectKind
from rules.quota_view import prior_unpaid_fen
from rules.rule import (
    ALL_PROFILES,
    NO_FAULT,
    RED_AT_ONCE,
    YELLOW_AT_ONCE,
    Basis,
    Explanation,
    Judgement,
    Kind,
    Rule,
    Steps,
)
from rules.state import QuotaRow
from rules.thresholds import MonthDay, Source
from rules.view import View

_ID = "carry_over_entered_as_current"


class Thresholds(msgspec.Struct, frozen=True, kw_only=True):
    """Until when a balance of the year before is brought in."""

    until_month_day: Annotated[MonthDay, Source(Basis.PROPOSED, "month and day")] = "03-31"


def judge(quota: QuotaRow, view: View, thresholds: Thresholds) -> Steps:
    """At once, by the gravest test that holds."""
    if quota.origin != "arranged" or quota.is_opening or not view.quota_is_in_scope(quota):
        return NO_FAULT
    if quota.registered_on > _last_day(quota.budget_year, thresholds):
        return NO_FAULT
    priors = _priors(quota, view)
    if view.is_confirmed(_ID, SubjectKind.QUOTA, quota.id) or _same_document(quota, priors) is not None:
        return RED_AT_ONCE
    return NO_FAULT if _same_amount(quota, priors, view) is None else YELLOW_AT_ONCE


def _last_day(budget_year: int, thresholds: Thresholds) -> int:
    return date.fromisoformat(f"{budget_year}-{thresholds.until_month_day}").toordinal()


def _priors(quota: QuotaRow, view: View) -> list[QuotaRow]:
    """In-scope quotas of the year before and of the same category, whichever way they were created."""
    ids = view.ledger.category_quotas.children(f"{quota.fund_category}|{quota.budget_year - 1}")
    rows = map(view.ledger.quotas.get, ids)
    return [row for row in rows if row is not None and view.quota_is_in_scope(row)]


def _same_document(quota: QuotaRow, priors: list[QuotaRow]) -> QuotaRow | None:
    return next((prior for prior in priors if prior.document_no == quota.document_no), None)


def _same_amount(quota: QuotaRow, priors: list[QuotaRow], view: View) -> QuotaRow | None:
    net = view.quota_net_fen(quota)
    if net <= 0:
        return None
    return next((prior for prior in priors if prior_unpaid_fen(view, prior) == net), None)


def explain(quota: QuotaRow, view: View, _: Thresholds) -> Explanation:
    """Which quota of the year before it repeats."""
    priors, net = _priors(quota, view), view.quota_net_fen(quota)
    prior = _same_document(quota, priors) or _same_amount(quota, priors, view)
    unpaid = None if prior is None else prior_unpaid_fen(view, prior)
    name = "" if prior is None else prior.id
    return Explanation(
        title=quota.fund_name,
        observed=net,
        limit=unpaid,
        unit="fen",
        amount_fen=net,
        facts=with_facts(candidate_facts(_ID, quota, view), prior_quota_id=name or None, prior_unpaid_fen=unpaid),
        marks=(
            *quota.marks,
            *(() if prior is None else prior.marks),
            *view.confirmation_marks(_ID, SubjectKind.QUOTA, quota.id),
        ),
        message_zh=f"本年指标{quota.id}({yuan_text(net)}元)疑似上年结转{name}录作本年指标",
        message_en=f"This year's quota {quota.id} of {yuan_text(net)} yuan looks like a balance of the year before",
        fund_category=quota.fund_category,
        responsible_section=quota.responsible_section,
    )


RULE = Rule(
    id=_ID,
    version="1",
    name_zh="上年结转录作本年指标",
    name_en="Carry-over entered as this year's quota",
    category="指标分配",
    owner="预算",
    kind=Kind.AGGREGATE,
    profiles=ALL_PROFILES,
    thresholds=Thresholds,
    judgements={SubjectKind.QUOTA: Judgement(judge=judge, explain=explain)},
    basis=("001_d381d8650f0b9497.txt (二)3 L20",),
    is_candidate=True,
)
