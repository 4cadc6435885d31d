"""待分指标未按时分配到位: a pending quota is not allocated in time after its document.

Flags:
    A live allocation document of a quota in scope whose amount is not yet covered by live allocations carrying its
    number: yellow on the last day of the term, red after it.

Why it matters:
    004_6d54267a7b8d1056.txt art. 7 L35: 在资金分配下达指标文件印发后3个工作日内通过预算执行系统将待分指标分配到位.

Example:
    Printed on Friday 27 September 2019. Working days: Sunday 29 (make-up day), Monday 30, Tuesday 8 October. At the
    tick of 8 October it is yellow, at that of the 9th red.

Not a fault when:
    The allocations reach the document's amount, in time or late; a pending block counts only by its refined lines
    unless `pending_counts_as_allocated`. The document is withdrawn, or the quota leaves the scope.
"""

from __future__ import annotations

from typing import Annotated, Literal, NamedTuple

import msgspec

from domain.calendar import working_days_after_ordinal
from domain.findings import Reason
from domain.money import yuan_text
from rules.catalogue.evidence import date_or_none
from rules.derivation import line_net_fen
from rules.fold.folding import SubjectKind, remaining
from rules.rule import HENAN, NO_FAULT, RED, YELLOW, Basis, Explanation, Judgement, Kind, Rule, Step, Steps
from rules.state import NO_DAY, DocumentRow, LineRow, QuotaRow
from rules.thresholds import Days, Source
from rules.view import View


class Thresholds(msgspec.Struct, frozen=True, kw_only=True):
    """The term, what counts as allocated, and from when a quota without a document counts."""

    allocate_within_working_days: Annotated[Days, Source(Basis.STATED, "working days")] = 3
    pending_counts_as_allocated: Annotated[bool, Source(Basis.PROPOSED, "flag")] = False
    fallback_start: Annotated[Literal["none", "reception"], Source(Basis.PROPOSED, "start")] = "none"


class Portion(NamedTuple):
    """One step of allocation: when it was done, by which journal record, and how much. They sort as they are taken."""

    day: int
    position: int
    fen: int


class Duty(NamedTuple):
    """One document's claim on a quota, or the quota's own where no document names it (`fallback_start`)."""

    amount_fen: int
    due_on: int
    position: int
    began_on: int
    issuing_section: str | None


def judge(subject: str, view: View, thresholds: Thresholds) -> Steps:
    """Yellow on `due_on`, red from the day after; of several documents each decides. ``subject``: ``quota|number``."""
    steps: list[Step] = []
    for duty in _duties(subject, view, thresholds):
        done, _, _ = _progress(subject, view, thresholds, duty)
        if done < duty.amount_fen:
            steps += (Step(duty.due_on, YELLOW), Step(duty.due_on + 1, RED))
    return tuple(steps) if steps else NO_FAULT


def _parts(subject: str) -> tuple[str, str]:
    quota_id, _, document_no = subject.partition("|")
    return quota_id, document_no


def _duties(subject: str, view: View, thresholds: Thresholds) -> list[Duty]:
    quota_id, document_no = _parts(subject)
    quota = view.ledger.quotas.get(quota_id)
    if quota is None or not view.quota_is_in_scope(quota):
        return []
    term = thresholds.allocate_within_working_days
    if document_no:
        return [_duty_of(row, view, term) for row in view.documents(quota_id, document_no)]
    if thresholds.fallback_start == "none" or view.is_named_by_document(quota_id):
        return []
    if quota.available_on < view.opening_on:
        return []
    due_on = working_days_after_ordinal(quota.available_on, term)
    return [Duty(view.quota_net_fen(quota), due_on, quota.marks[0].position, quota.available_on, None)]


def _duty_of(row: DocumentRow, view: View, term: int) -> Duty:
    due_on = working_days_after_ordinal(row.printed_on, term)
    # A document speaks from the record on with which region, quota and document are all known.
    quota = view.ledger.quotas.get(row.quota_id)
    known = 0 if quota is None else quota.marks[0].position
    position = max(row.position, known, view.region.opened_position)
    return Duty(row.amount_fen, due_on, position, row.printed_on, row.issuing_section)


def _progress(subject: str, view: View, thresholds: Thresholds, duty: Duty) -> tuple[int, int, int]:
    """`document_allocated_fen`, `document_done_on` (NO_DAY while open), and the journal position of that last step."""
    portions = sorted(portion for line in _allocations(subject, view) for portion in _portions(line, view, thresholds))
    reached, done_on, position = 0, NO_DAY, 0
    for portion in portions:
        if reached < duty.amount_fen <= reached + portion.fen:
            done_on, position = portion.day, portion.position
        reached += portion.fen
    return reached, done_on, position


def _allocations(subject: str, view: View) -> list[LineRow]:
    quota_id, document_no = _parts(subject)
    return view.allocations(quota_id, document_no or None)


def _portions(line: LineRow, view: View, thresholds: Thresholds) -> list[Portion]:
    if line.is_void:
        return []
    if not line.is_pending or thresholds.pending_counts_as_allocated:
        return [Portion(line.day, _complete_at(line), remaining(line.amount_fen, line.changes))]
    return [
        Portion(refined.day, _complete_at(refined), line_net_fen(view.ledger, refined, line))
        for refined in view.refined_lines(line.id)
    ]


def _complete_at(line: LineRow) -> int:
    """The journal position with which the line had its amount: its own, or that of its last increase."""
    return max(line.position, *(change.position for change in line.changes if change.delta_fen > 0), 0)


def ending(subject: str, view: View, thresholds: Thresholds) -> Reason:
    """Satisfied when the allocations reached the amount, by the date of the step that did."""
    duties = _duties(subject, view, thresholds)
    if not duties:
        return Reason.GROUND_REMOVED
    late = any(_progress(subject, view, thresholds, duty)[1] > duty.due_on for duty in duties)
    return Reason.SATISFIED_LATE if late else Reason.SATISFIED_IN_TIME


def was_done_late(subject: str, view: View, thresholds: Thresholds) -> bool:
    """Whether the journal held the last step before its document, and that step was late."""
    for duty in _duties(subject, view, thresholds):
        reached, done_on, position = _progress(subject, view, thresholds, duty)
        if reached >= duty.amount_fen and done_on > duty.due_on and position <= duty.position:
            return True
    return False


def explain(subject: str, view: View, thresholds: Thresholds) -> Explanation:
    """What the document orders, what is allocated, and by when it was due."""
    quota_id, document_no = _parts(subject)
    quota: QuotaRow | None = view.ledger.quotas.get(quota_id)
    documents = view.documents(quota_id, document_no) if document_no else []
    term = thresholds.allocate_within_working_days
    duties = _duties(subject, view, thresholds) or [_duty_of(row, view, term) for row in documents]
    duty = max(duties, key=lambda item: item.amount_fen - _progress(subject, view, thresholds, item)[0], default=None)
    reached, done_on, _ = (0, NO_DAY, 0) if duty is None else _progress(subject, view, thresholds, duty)
    amount = 0 if duty is None else duty.amount_fen
    still = max(0, amount - reached)
    due_on = date_or_none(NO_DAY if duty is None else duty.due_on)
    return Explanation(
        title=document_no or quota_id,
        observed=reached,
        limit=amount,
        unit="fen",
        amount_fen=still or amount,
        facts={
            "document_no": document_no,
            "printed_on": date_or_none(NO_DAY if duty is None else duty.began_on),
            "due_on": due_on,
            "quota_id": quota_id,
            "amount_fen": amount,
            "document_allocated_fen": reached,
            "document_done_on": date_or_none(done_on),
            "issuing_section": None if duty is None else duty.issuing_section,
        },
        marks=(
            *(quota.marks if quota is not None else ()),
            *(mark for row in documents for mark in row.marks),
            *(mark for line in _allocations(subject, view) for mark in line.marks),
        ),
        message_zh=f"文件{document_no}应于{due_on}前分配{yuan_text(amount)}元,已分配{yuan_text(reached)}元",
        message_en=(
            f"Document {document_no} orders {yuan_text(amount)} yuan to be allocated by {due_on}; "
            f"{yuan_text(reached)} are"
        ),
        fund_category=None if quota is None else quota.fund_category,
        responsible_section=None if quota is None else quota.responsible_section,
    )


RULE = Rule(
    id="quota_allocation_overdue",
    version="1",
    name_zh="待分指标未按时分配到位",
    name_en="Pending quota not allocated in time after its document",
    category="指标分配",
    owner="预算",
    kind=Kind.DEADLINE,
    profiles=HENAN,
    thresholds=Thresholds,
    profile_thresholds={"xinjiang": {"pending_counts_as_allocated": True}},
    judgements={
        SubjectKind.DOCUMENT: Judgement(judge=judge, explain=explain, ending=ending, was_done_late=was_done_late)
    },
    basis=("004_6d54267a7b8d1056.txt art. 7 L35",),
)
