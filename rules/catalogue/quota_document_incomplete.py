"""指标文件扫描件或抄送缺失: no scan of a document is uploaded, or the rural-finance section got no copy.

Flags:
    A document number that a live in-scope quota, or an allocation of its poverty money, carries and of which no live
    scan is there: yellow after `scan_within_working_days` since the earliest of these was registered or allocated, red
    after `red_after_working_days`. Where `copy_required`, also without a copy to the rural-finance section
    within `copy_within_working_days` of its printing.

Why it matters:
    000_4e8d71f0a3c23610.txt ㈡ L33 wants the scan uploaded 及时; 004_6d54267a7b8d1056.txt art. 13 L52 wants the copy.

Example:
    Registered on Friday 27 September 2019. Working days: Sunday 29 (make-up day), Monday 30, Tuesday 8 October. Without
    a scan it is yellow at the tick of 9 October, red at that of 17 October.

Not a fault when:
    The scan (and copy) arrives, or nothing live in scope carries the number. Records dated before the region's opening
    are left alone.
"""

from __future__ import annotations

from typing import Annotated, NamedTuple

import msgspec

from domain.calendar import working_days_after_ordinal
from domain.findings import Reason
from rules.catalogue.evidence import date_or_none
from rules.fold.folding import SubjectKind
from rules.rule import NO_FAULT, RED, XINJIANG, YELLOW, Basis, Explanation, Judgement, Kind, Rule, Step, Steps
from rules.state import NO_DAY, LineOrigin, LineRow, Mark, QuotaRow
from rules.thresholds import Days, Source
from rules.view import View


class Thresholds(msgspec.Struct, frozen=True, kw_only=True):
    """The terms of scan and copy, and whether copies are watched at all."""

    scan_within_working_days: Annotated[Days, Source(Basis.PROPOSED, "working days")] = 3
    red_after_working_days: Annotated[Days, Source(Basis.PROPOSED, "working days")] = 10
    copy_required: Annotated[bool, Source(Basis.PROPOSED, "flag")] = False
    copy_within_working_days: Annotated[Days, Source(Basis.PROPOSED, "working days")] = 3


class Bearer(NamedTuple):
    """A quota or allocation that carries the number; the earliest by date decides."""

    day: int
    id: str
    allocation: LineRow | None
    quota: QuotaRow

    @property
    def printed_on(self) -> int:
        """When its document was printed, as it says itself."""
        return self.quota.document_printed_on if self.allocation is None else self.allocation.document_printed_on

    @property
    def marks(self) -> tuple[Mark, ...]:
        """Its own records."""
        return self.quota.marks if self.allocation is None else self.allocation.marks


def judge(document_no: str, view: View, thresholds: Thresholds) -> Steps:
    """Yellow and red from the days after their terms, for the scan and, where it is watched, for the copy."""
    bearer = _first_bearer(document_no, view)
    if bearer is None:
        return NO_FAULT
    yellow_on = working_days_after_ordinal(bearer.day, thresholds.scan_within_working_days) + 1
    red_on = working_days_after_ordinal(bearer.day, thresholds.red_after_working_days) + 1
    if not view.scans(document_no):
        return Step(yellow_on, YELLOW), Step(red_on, RED)
    if thresholds.copy_required and view.ledger.copies.get(document_no) is None:
        missed_on = _copy_due_on(bearer, document_no, view, thresholds) + 1
        return Step(max(yellow_on, missed_on), YELLOW), Step(max(red_on, missed_on), RED)
    return NO_FAULT


def _first_bearer(document_no: str, view: View) -> Bearer | None:
    bearers = [*_quotas(document_no, view), *_allocations(document_no, view)]
    since_opening = (each for each in bearers if each.day >= view.opening_on)
    return min(since_opening, key=lambda each: (each.day, each.id), default=None)


def _quotas(document_no: str, view: View) -> list[Bearer]:
    quotas = map(view.ledger.quotas.get, view.ledger.numbered_quotas.children(document_no))
    return [
        Bearer(quota.registered_on, quota.id, None, quota)
        for quota in quotas
        if quota is not None and view.quota_is_in_scope(quota)
    ]


def _allocations(document_no: str, view: View) -> list[Bearer]:
    found: list[Bearer] = []
    for line in map(view.ledger.lines.get, view.ledger.numbered_allocations.children(document_no)):
        quota = None if line is None else view.quota_of_line(line)
        if line is None or quota is None or line.origin != LineOrigin.ALLOCATION or line.is_void or not line.in_scope:
            continue
        found.append(Bearer(line.day, line.id, line, quota))
    return found


def _printed_on(bearer: Bearer, document_no: str, view: View) -> int:
    """By document.printed, else as the record says."""
    rows = map(view.ledger.documents.get, view.ledger.numbered_documents.children(document_no))
    days = [row.printed_on for row in rows if row is not None and not row.is_withdrawn]
    return min(days, default=bearer.printed_on)


def _copy_due_on(bearer: Bearer, document_no: str, view: View, thresholds: Thresholds) -> int:
    printed_on = _printed_on(bearer, document_no, view)
    return working_days_after_ordinal(printed_on, thresholds.copy_within_working_days)


def ending(document_no: str, view: View, thresholds: Thresholds) -> Reason:
    """Satisfied by the scan, and the copy where it is watched, by their own dates."""
    bearer, scans = _first_bearer(document_no, view), view.scans(document_no)
    if bearer is None or not scans:
        return Reason.GROUND_REMOVED
    is_late = scans[0].scanned_on > working_days_after_ordinal(bearer.day, thresholds.scan_within_working_days)
    copy = view.ledger.copies.get(document_no)
    if thresholds.copy_required and copy is not None:
        is_late = is_late or copy.copied_on > _copy_due_on(bearer, document_no, view, thresholds)
    return Reason.SATISFIED_LATE if is_late else Reason.SATISFIED_IN_TIME


def explain(document_no: str, view: View, thresholds: Thresholds) -> Explanation:
    """Which record waits for its scan or copy, and since when."""
    bearer, scans, copy = _first_bearer(document_no, view), view.scans(document_no), view.ledger.copies.get(document_no)
    allocation = None if bearer is None else bearer.allocation
    quota = None if bearer is None else bearer.quota
    day = NO_DAY if bearer is None else bearer.day
    due_on = NO_DAY if bearer is None else working_days_after_ordinal(day, thresholds.scan_within_working_days)
    lacks_copy = thresholds.copy_required and copy is None
    zh, en = f"文件{document_no}已无在办指标", f"No record bears document {document_no} any more"
    if bearer is not None:
        zh = f"文件{document_no}应于{date_or_none(due_on)}前上传扫描件{'并抄送农财部门' if lacks_copy else ''}"
        copying = ", and its copy to the rural-finance section is missing" if lacks_copy else ""
        en = f"The scan of document {document_no} was due by {date_or_none(due_on)}{copying}"
    return Explanation(
        title=document_no,
        observed=date_or_none(scans[0].scanned_on) if scans else None,
        limit=date_or_none(due_on),
        unit="date",
        amount_fen=None if quota is None else view.quota_net_fen(quota),
        facts={
            "document_no": document_no,
            "quota_id": None if quota is None else quota.id,
            "allocation_id": None if allocation is None else allocation.id,
            "registered_on": date_or_none(day) if allocation is None else None,
            "allocated_on": None if allocation is None else date_or_none(day),
            "printed_on": None if bearer is None else date_or_none(_printed_on(bearer, document_no, view)),
            "responsible_section": None if quota is None else quota.responsible_section,
        },
        marks=(
            *(() if bearer is None else bearer.marks),
            *(mark for scan in scans for mark in scan.marks),
            *(() if copy is None else copy.marks),
        ),
        message_zh=zh,
        message_en=en,
        fund_category=None if quota is None else quota.fund_category,
        responsible_section=None if quota is None else quota.responsible_section,
    )


RULE = Rule(
    id="quota_document_incomplete",
    version="1",
    name_zh="指标文件扫描件或抄送缺失",
    name_en="Scan not uploaded, or copy to the rural-finance section missing",
    category="指标分配",
    owner="归口业务处室",
    kind=Kind.DEADLINE,
    profiles=XINJIANG,
    thresholds=Thresholds,
    judgements={SubjectKind.DOCUMENT_NO: Judgement(judge=judge, explain=explain, ending=ending)},
    basis=("000_4e8d71f0a3c23610.txt ㈡ L33", "004_6d54267a7b8d1056.txt art. 13 L52 (copy)"),
)
