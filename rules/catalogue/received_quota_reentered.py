"""接收后再录入或打捆录入: money received from a superior is entered again as own-arranged, singly or bundled.

Flags:
    A live in-scope quota.arranged, as a candidate. Yellow: its amount is that of one received quota of the same
    category and year registered within `match_within_days`, or the sum of 2 to `bundle_parts_max` of them whenever
    registered. Red: its own entry mode says so, it carries the document number of a received quota or notice of the
    same year, or a person confirmed it.

Why it matters:
    001_d381d8650f0b9497.txt (二)1 L18: 接收后再录入、打捆录入 count the same money twice in the scale of funds.

Example:
    A county receives 600,000.00 and 400,000.00 yuan of central-36 and enters 1,000,000.00 of the same category as its
    own: yellow, until it is voided or a person says what it is.

Not a fault when:
    A correction ends the match, or a person calls it false. What was confirmed stays red, and out of the figures, while
    the quota is live and in scope.
"""

from __future__ import annotations

from typing import Annotated, NamedTuple

import msgspec

from domain.money import yuan_text
from rules.bundles import bundle_of
from rules.catalogue.evidence import candidate_facts, date_or_none, with_facts
from rules.fold.folding import SubjectKind
from rules.linkage_state import NoticeRow
from rules.quota_view import is_received, quotas_numbered
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
from rules.thresholds import Count, Days, Source
from rules.view import View

_ID = "received_quota_reentered"
_AGAIN = frozenset(("re_entered", "bundled"))


class Thresholds(msgspec.Struct, frozen=True, kw_only=True):
    """How near two registrations must be, and of how many parts a bundle may be."""

    match_within_days: Annotated[Days, Source(Basis.PROPOSED, "days")] = 30
    bundle_parts_max: Annotated[Count, Source(Basis.PROPOSED, "quotas")] = 10


class Match(NamedTuple):
    """Why the quota looks entered twice, and the records it repeats."""

    test: str
    quotas: tuple[QuotaRow, ...] = ()
    notices: tuple[NoticeRow, ...] = ()


def judge(quota: QuotaRow, view: View, thresholds: Thresholds) -> Steps:
    """At once, by the gravest test that holds."""
    if quota.origin != "arranged" or quota.is_opening or not view.quota_is_in_scope(quota):
        return NO_FAULT
    if view.is_confirmed(_ID, SubjectKind.QUOTA, quota.id) or _certain(quota, view) is not None:
        return RED_AT_ONCE
    return NO_FAULT if _amount_match(quota, view, thresholds) is None else YELLOW_AT_ONCE


def _certain(quota: QuotaRow, view: View) -> Match | None:
    if quota.entry_mode in _AGAIN:
        return Match("entry_mode")
    quotas = tuple(
        other
        for other in quotas_numbered(view, quota.document_no)
        if is_received(other) and other.budget_year == quota.budget_year
    )
    notices = tuple(
        notice
        for notice in map(view.ledger.notices.get, view.ledger.numbered_notices.children(quota.document_no))
        if notice is not None and notice.budget_year == quota.budget_year
    )
    return Match("document_no", quotas, notices) if quotas or notices else None


def _amount_match(quota: QuotaRow, view: View, thresholds: Thresholds) -> Match | None:
    net = view.quota_net_fen(quota)
    received = _received_alike(quota, view)
    for other in received:
        is_near = abs(other.registered_on - quota.registered_on) <= thresholds.match_within_days
        if is_near and view.quota_net_fen(other) == net:
            return Match("amount", (other,))
    parts = bundle_of(net, [view.quota_net_fen(other) for other in received], thresholds.bundle_parts_max)
    return Match("bundle", tuple(received[place] for place in parts)) if parts else None


def _received_alike(quota: QuotaRow, view: View) -> list[QuotaRow]:
    """Live received quotas of the same category and year that hold something."""
    ids = view.ledger.category_quotas.children(f"{quota.fund_category}|{quota.budget_year}")
    rows = map(view.ledger.quotas.get, ids)
    return [row for row in rows if row is not None and is_received(row) and view.quota_net_fen(row) > 0]


def explain(quota: QuotaRow, view: View, thresholds: Thresholds) -> Explanation:
    """Which quota was entered again, and what it repeats."""
    match = _certain(quota, view) or _amount_match(quota, view, thresholds) or Match("none")
    first = match.quotas[0] if match.quotas else None
    linkage_ids = [each.linkage_id for each in match.quotas if each.linkage_id] + [each.id for each in match.notices]
    repeated = "、".join([*(each.id for each in match.quotas), *(each.id for each in match.notices)])
    net = view.quota_net_fen(quota)
    return Explanation(
        title=quota.fund_name,
        observed=match.test,
        limit=None,
        unit="match",
        amount_fen=net,
        facts=with_facts(
            candidate_facts(_ID, quota, view),
            entry_mode=quota.entry_mode,
            received_quota_ids=",".join(each.id for each in match.quotas) or None,
            received_on=None if first is None else date_or_none(first.available_on),
            linkage_id=",".join(linkage_ids) or None,
            entered_by_unit=quota.entered_by_unit,
        ),
        marks=(
            *quota.marks,
            *(mark for each in match.quotas for mark in each.marks),
            *(mark for each in match.notices for mark in each.marks),
            *view.confirmation_marks(_ID, SubjectKind.QUOTA, quota.id),
        ),
        message_zh=f"本级安排指标{quota.id}({yuan_text(net)}元)疑似接收后再录入{repeated}",
        message_en=f"Own-arranged quota {quota.id} of {yuan_text(net)} yuan looks like received money entered again",
        fund_category=quota.fund_category,
        responsible_section=quota.responsible_section,
    )


RULE = Rule(
    id=_ID,
    version="1",
    name_zh="接收后再录入或打捆录入",
    name_en="Received money entered again as own-arranged, singly or bundled",
    category="指标接收",
    owner="预算",
    kind=Kind.AGGREGATE,
    profiles=ALL_PROFILES,
    thresholds=Thresholds,
    judgements={SubjectKind.QUOTA: Judgement(judge=judge, explain=explain)},
    basis=("001_d381d8650f0b9497.txt (二)1 L18",),
    is_candidate=True,
)
