"""分配结果未公开: money was allocated by document, and the public was not told.

Flags:
    A live allocation document of a quota in scope without a live announcement of the result under its number: yellow
    after `yellow_after_days` since it was printed, red after `red_after_days`.

Why it matters:
    002_cd118f177911e14b.txt (五) L73: results of allocation are made public by those who allocate.

Example:
    Printed on 26 April 2019: yellow at the tick of 17 May (21 days), red at that of 27 May (31 days).

Not a fault when:
    The result is announced, the document withdrawn, or the quota leaves the scope. Classified money is never in scope.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from domain.findings import Reason
from domain.money import yuan_text
from rules.catalogue.evidence import date_or_none
from rules.fold.folding import SubjectKind
from rules.project_state import AnnouncementRow
from rules.rule import NO_FAULT, RED, XINJIANG, YELLOW, Basis, Explanation, Judgement, Kind, Rule, Step, Steps
from rules.state import NO_DAY, DocumentRow
from rules.thresholds import Days, Source
from rules.view import View

RESULT = "allocation_result"


class Thresholds(msgspec.Struct, frozen=True, kw_only=True):
    """How long the announcement may follow the document."""

    yellow_after_days: Annotated[Days, Source(Basis.PROPOSED, "days")] = 20
    red_after_days: Annotated[Days, Source(Basis.PROPOSED, "days")] = 30


def judge(document_no: str, view: View, thresholds: Thresholds) -> Steps:
    """Yellow and red from the days after their terms; of several documents with the number the earliest decides."""
    documents = _documents(view, document_no)
    if not documents or _results(view, document_no):
        return NO_FAULT
    printed_on = documents[0].printed_on
    return (
        Step(printed_on + thresholds.yellow_after_days + 1, YELLOW),
        Step(printed_on + thresholds.red_after_days + 1, RED),
    )


def _documents(view: View, document_no: str) -> list[DocumentRow]:
    """Live allocation documents of the number whose quota is in scope, earliest first."""
    rows = map(view.ledger.documents.get, view.ledger.numbered_documents.children(document_no))
    live = (row for row in rows if row is not None and row.is_allocation() and not row.is_withdrawn)
    return sorted((row for row in live if _is_in_scope(view, row)), key=lambda row: (row.printed_on, row.id))


def _is_in_scope(view: View, document: DocumentRow) -> bool:
    quota = view.quota(document.quota_id)
    return quota is not None and view.quota_is_in_scope(quota)


def _results(view: View, document_no: str) -> list[AnnouncementRow]:
    rows = map(view.ledger.announcements.get, view.ledger.document_announcements.children(document_no))
    return [row for row in rows if row is not None and not row.is_withdrawn and row.kind == RESULT]


def ending(document_no: str, view: View, thresholds: Thresholds) -> Reason:
    """Satisfied by the announcement, late when it was published after the first term."""
    documents, results = _documents(view, document_no), _results(view, document_no)
    if not documents or not results:
        return Reason.GROUND_REMOVED
    due_on = documents[0].printed_on + thresholds.yellow_after_days
    is_in_time = min(row.published_on for row in results) <= due_on
    return Reason.SATISFIED_IN_TIME if is_in_time else Reason.SATISFIED_LATE


def explain(document_no: str, view: View, thresholds: Thresholds) -> Explanation:
    """What was allocated by the document, and how long ago."""
    documents = _documents(view, document_no)
    first = documents[0] if documents else None
    quota = None if first is None else view.quota(first.quota_id)
    amount = sum(row.amount_fen for row in documents)
    days = 0 if first is None else view.today - first.printed_on
    return Explanation(
        title=document_no,
        observed=days,
        limit=thresholds.red_after_days if days > thresholds.red_after_days else thresholds.yellow_after_days,
        unit="days",
        amount_fen=amount,
        facts={
            "document_no": document_no,
            "printed_on": date_or_none(NO_DAY if first is None else first.printed_on),
            "amount_fen": amount,
            "issuing_section": None if first is None else first.issuing_section,
        },
        marks=(
            *(mark for row in documents for mark in row.marks),
            *(mark for row in _results(view, document_no) for mark in row.marks),
        ),
        message_zh=f"文件{document_no}分配{yuan_text(amount)}元,印发{days}天未公开分配结果",
        message_en=(
            f"The result of document {document_no}, {yuan_text(amount)} yuan, is not published "
            f"{days} days after it was printed"
        ),
        fund_category=None if quota is None else quota.fund_category,
        responsible_section=None if quota is None else quota.responsible_section,
    )


RULE = Rule(
    id="allocation_result_unpublished",
    version="1",
    name_zh="分配结果未公开",
    name_en="Allocation result not published",
    category="公告公示",
    owner="归口业务处室",
    kind=Kind.DEADLINE,
    profiles=XINJIANG,
    thresholds=Thresholds,
    judgements={SubjectKind.DOCUMENT_NO: Judgement(judge=judge, explain=explain, ending=ending)},
    basis=("002_cd118f177911e14b.txt (五) L73",),
)
