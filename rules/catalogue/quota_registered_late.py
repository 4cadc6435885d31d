"""指标未同步登录: a quota or allocation is registered long after its document.

Flags:
    A live in-scope quota, arranged or received, whose registration, or an allocation of its poverty money whose
    entry into the system, is dated more than `yellow_after_working_days` after its document was printed; red beyond
    `red_after_working_days`.

Why it matters:
    000_4e8d71f0a3c23610.txt ㈧ L39: a quota is to be registered at the same time (同时) as its document is issued, or
    every figure lags behind.

Example:
    Printed on Friday 27 September 2019: working days are Sunday 29 (make-up day), Monday 30, Tuesday 8 October.
    Registered on the 8th it is in time, on the 9th yellow.

Not a fault when:
    The record is void or replaced, or no longer in scope. Documents printed before the region's opening are left
    alone. When the record reached this system plays no part.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from domain.calendar import working_days_after_ordinal
from rules.catalogue.evidence import date_or_none
from rules.fold.folding import SubjectKind
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
from rules.state import LineOrigin, LineRow, QuotaRow
from rules.thresholds import Days, Source
from rules.view import View


class Thresholds(msgspec.Struct, frozen=True, kw_only=True):
    """How long after its document a record may be dated."""

    yellow_after_working_days: Annotated[Days, Source(Basis.PROPOSED, "working days")] = 3
    red_after_working_days: Annotated[Days, Source(Basis.PROPOSED, "working days")] = 10


def judge_quota(quota: QuotaRow, view: View, thresholds: Thresholds) -> Steps:
    """By its registration date; carried-over money and opening records are no entries of a new document."""
    if quota.is_opening or quota.origin == "carried_over" or not view.quota_is_in_scope(quota):
        return NO_FAULT
    return _steps(quota.document_printed_on, quota.registered_on, view, thresholds)


def judge_allocation(line: LineRow, view: View, thresholds: Thresholds) -> Steps:
    """By its date of allocation, to whomever it goes."""
    if line.origin != LineOrigin.ALLOCATION or not line.in_scope or line.is_void:
        return NO_FAULT
    return _steps(line.document_printed_on, line.day, view, thresholds)


def _steps(printed_on: int, done_on: int, view: View, thresholds: Thresholds) -> Steps:
    if printed_on < view.opening_on:
        return NO_FAULT
    if done_on > working_days_after_ordinal(printed_on, thresholds.red_after_working_days):
        return RED_AT_ONCE
    if done_on > working_days_after_ordinal(printed_on, thresholds.yellow_after_working_days):
        return YELLOW_AT_ONCE
    return NO_FAULT


def explain_quota(quota: QuotaRow, view: View, thresholds: Thresholds) -> Explanation:
    """When it was registered, and by when it should have been."""
    registered, due = date_or_none(quota.registered_on), _due_on(quota.document_printed_on, thresholds)
    return Explanation(
        title=quota.fund_name,
        observed=registered,
        limit=due,
        unit="date",
        amount_fen=view.quota_net_fen(quota),
        facts={
            "quota_id": quota.id,
            "allocation_id": None,
            "document_no": quota.document_no,
            "document_printed_on": date_or_none(quota.document_printed_on),
            "registered_on": registered,
            "allocated_on": None,
            "entered_by": quota.entered_by,
            "entered_by_unit": quota.entered_by_unit,
        },
        marks=quota.marks,
        message_zh=f"指标{quota.id}应于{due}前登录,实际登录日期为{registered}",
        message_en=f"Quota {quota.id} was to be registered by {due} and was on {registered}",
        fund_category=quota.fund_category,
        responsible_section=quota.responsible_section,
    )


def explain_allocation(line: LineRow, view: View, thresholds: Thresholds) -> Explanation:
    """When it was allocated in the system, and by when it should have been."""
    quota = view.quota_of_line(line)
    allocated, due = date_or_none(line.day), _due_on(line.document_printed_on, thresholds)
    return Explanation(
        title=line.id if quota is None else quota.fund_name,
        observed=allocated,
        limit=due,
        unit="date",
        amount_fen=line.net_fen,
        facts={
            "quota_id": line.quota_key,
            "allocation_id": line.id,
            "document_no": line.document_no,
            "document_printed_on": date_or_none(line.document_printed_on),
            "registered_on": None,
            "allocated_on": allocated,
            "entered_by": line.entered_by,
            "entered_by_unit": line.entered_by_unit,
        },
        marks=(*(quota.marks if quota is not None else ()), *line.marks),
        message_zh=f"分配{line.id}应于{due}前登录,实际分配日期为{allocated}",
        message_en=f"Allocation {line.id} was to be entered by {due} and is dated {allocated}",
        fund_category=None if quota is None else quota.fund_category,
        responsible_section=None if quota is None else quota.responsible_section,
    )


def _due_on(printed_on: int, thresholds: Thresholds) -> str | None:
    return date_or_none(working_days_after_ordinal(printed_on, thresholds.yellow_after_working_days))


RULE = Rule(
    id="quota_registered_late",
    version="1",
    name_zh="指标未同步登录",
    name_en="Quota or allocation registered after its document",
    category="指标分配",
    owner="归口业务处室",
    kind=Kind.EVENT,
    profiles=XINJIANG,
    thresholds=Thresholds,
    judgements={
        SubjectKind.QUOTA: Judgement(judge=judge_quota, explain=explain_quota),
        SubjectKind.LINE: Judgement(judge=judge_allocation, explain=explain_allocation),
    },
    basis=("000_4e8d71f0a3c23610.txt ㈧ L39",),
)
