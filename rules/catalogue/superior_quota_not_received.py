"""上级指标未接收: money issued by the superior is not received through the linkage module.

Flags:
    A notice of poverty money that the region has not received in full, whatever the flags of its quota: yellow
    `yellow_after_working_days` after its issue, red `red_after_working_days` after it. More received than issued is red
    at once.

Why it matters:
    001_d381d8650f0b9497.txt (二)1 L18: money not reviewed and received through the module is entered again as the
    region's own and counted twice. 004_6d54267a7b8d1056.txt art. 7 L34 and art. 17 L62 name the class 指标接收.

Example:
    Issued on Tuesday 16 April 2019 and not received: at the tick of the 24th it is yellow (working days 17, 18, 19, 22
    and 23), red at that of the 30th (24, 25, 26, Sunday 28, a make-up day, and 29).

Not a fault when:
    As much is received under the notice as the superior now says was issued. A reception that names no notice, such as
    one entered outside the module, does not count.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from domain.calendar import working_days_after_ordinal
from domain.findings import Reason
from domain.money import yuan_text
from rules.days import text_of_day
from rules.fold.folding import SubjectKind
from rules.linkage_state import NoticeRow
from rules.rule import (
    ALL_PROFILES,
    NO_FAULT,
    RED,
    RED_AT_ONCE,
    YELLOW,
    Basis,
    Explanation,
    Judgement,
    Kind,
    Rule,
    Step,
    Steps,
)
from rules.thresholds import Days, Source
from rules.view import View


class Thresholds(msgspec.Struct, frozen=True, kw_only=True):
    """For how long a notice may go unanswered."""

    yellow_after_working_days: Annotated[Days, Source(Basis.PROPOSED, "working days")] = 5
    red_after_working_days: Annotated[Days, Source(Basis.PROPOSED, "working days")] = 10


def judge(notice: NoticeRow, _view: View, thresholds: Thresholds) -> Steps:
    """By the working days since the issue while something is outstanding; at once when less than nothing is."""
    outstanding = notice.outstanding_fen()
    if not outstanding or notice.line_kind != "poverty":
        return NO_FAULT
    if outstanding < 0:
        return RED_AT_ONCE
    yellow_on = working_days_after_ordinal(notice.issued_on, thresholds.yellow_after_working_days) + 1
    return Step(yellow_on, YELLOW), Step(_due_on(notice, thresholds) + 1, RED)


def _due_on(notice: NoticeRow, thresholds: Thresholds) -> int:
    return working_days_after_ordinal(notice.issued_on, thresholds.red_after_working_days)


def ending(notice: NoticeRow, _view: View, thresholds: Thresholds) -> Reason:
    """Satisfied by receptions, in time or late by the last of them; ground removed when the superior took it back."""
    if not notice.received_fen:
        return Reason.GROUND_REMOVED
    late = notice.received_on > _due_on(notice, thresholds)
    return Reason.SATISFIED_LATE if late else Reason.SATISFIED_IN_TIME


def explain(notice: NoticeRow, view: View, thresholds: Thresholds) -> Explanation:
    """What was issued, what was received of it, and by when it was due."""
    issued, received, outstanding = notice.now_fen(), notice.received_fen, notice.outstanding_fen()
    due_on = text_of_day(_due_on(notice, thresholds))
    return Explanation(
        title=notice.document_no,
        observed=received,
        limit=issued,
        unit="fen",
        amount_fen=abs(outstanding),
        facts={
            "linkage_id": notice.id,
            "superior_region": notice.superior_region,
            "superior_quota_id": notice.superior_quota_id,
            "document_no": notice.document_no,
            "fund_category": notice.fund_category,
            "budget_year": notice.budget_year,
            "amount_fen": issued,
            "linkage_received_fen": received,
            "linkage_outstanding_fen": outstanding,
            "issued_on": text_of_day(notice.issued_on),
            "due_on": due_on,
        },
        marks=(*notice.marks, *(mark for quota in view.quotas_of_notice(notice.id) for mark in quota.marks)),
        message_zh=f"上级下达指标{notice.id}计{yuan_text(issued)}元,应于{due_on}前接收,已接收{yuan_text(received)}元",
        message_en=(
            f"Notice {notice.id} issues {yuan_text(issued)} yuan to be received by {due_on}; {yuan_text(received)} are"
        ),
        fund_category=notice.fund_category,
    )


RULE = Rule(
    id="superior_quota_not_received",
    version="1",
    name_zh="上级指标未接收",
    name_en="Superior quota not received through the linkage module",
    category="指标接收",
    owner="预算",
    kind=Kind.DEADLINE,
    profiles=ALL_PROFILES,
    thresholds=Thresholds,
    judgements={SubjectKind.LINKAGE: Judgement(judge=judge, explain=explain, ending=ending)},
    basis=("001_d381d8650f0b9497.txt (二)1 L18", "004_6d54267a7b8d1056.txt art. 7 L34, art. 17 L62"),
)
