"""Folding of documents and performance targets."""

from __future__ import annotations

from domain.events.document_filings import DocumentPrinted, DocumentWithdrawn
from domain.events.performance_filings import FilingVoided, TargetEntered, TargetReviewed, TargetSubmitted
from rules.derivation import touch_documents
from rules.fold.folding import Folding, SubjectKind
from rules.state import DocumentRow, RevisionRow, TargetRow


def document_printed(folding: Folding, body: DocumentPrinted) -> None:
    """document.printed: of kind allocation it starts a clock for its quota."""
    day = body.printed_on.toordinal()
    if folding.precedes_opening(day) or folding.ledger.documents.get(body.document_id) is not None:
        return
    row = DocumentRow(
        id=body.document_id,
        document_no=body.document_no,
        document_kind=body.document_kind,
        quota_id=body.quota_id or "",
        amount_fen=body.amount_fen or 0,
        printed_on=day,
        issuing_section=body.issuing_section,
        position=folding.position,
        marks=(folding.mark("document"),),
    )
    folding.ledger.documents.set(row.id, row)
    _touch_document(folding, row)


def document_withdrawn(folding: Folding, body: DocumentWithdrawn) -> None:
    """document.withdrawn: of a printed document; scans, notices and proofs are no concern of these rules yet."""
    row = folding.ledger.documents.get(body.record_id)
    if row is None:
        folding.park(f"document:{body.record_id}")
    elif not row.is_withdrawn:
        row.is_withdrawn = True
        row.marks = (*row.marks, folding.mark("correction"))
        folding.ledger.documents.keep(row.id)
        _touch_document(folding, row)


def _touch_document(folding: Folding, row: DocumentRow) -> None:
    if row.document_kind == "allocation":
        folding.ledger.quota_documents.add(row.quota_id, row.id)
        touch_documents(folding, row.quota_id)


def target_submitted(folding: Folding, body: TargetSubmitted) -> None:
    """target.submitted: a new revision; the same revision twice is id_reused."""
    row = folding.ledger.targets.get(body.target_id)
    if row is None:
        row = folding.ledger.targets.set(body.target_id, TargetRow(id=body.target_id))
    if body.revision in row.revisions:
        return
    row.revisions[body.revision] = RevisionRow(project_id=body.project_id, budget_year=body.budget_year)
    folding.ledger.project_targets.add(body.project_id, row.id)
    _target_changed(folding, row, "target")


def target_reviewed(folding: Folding, body: TargetReviewed) -> None:
    """target.reviewed: the review with the highest round decides."""
    row = _revision(folding, body.target_id, body.revision)
    if row is not None and body.review_round >= row.revisions[body.revision].review_round:
        revision = row.revisions[body.revision]
        revision.review_round, revision.is_approved = body.review_round, body.review_result == "approved"
        _target_changed(folding, row, "review")


def target_entered(folding: Folding, body: TargetEntered) -> None:
    """target.entered: from here an approved revision counts for coverage."""
    row = _revision(folding, body.target_id, body.revision)
    if row is not None:
        row.revisions[body.revision].is_entered = True
        _target_changed(folding, row, "entry")


def filing_voided(folding: Folding, body: FilingVoided) -> None:
    """filing.voided: of a target; the other filings are no concern of these rules yet."""
    row = folding.ledger.targets.get(body.filing_id)
    if row is None:
        folding.park(f"filing:{body.filing_id}")
    elif not row.is_void:
        row.is_void = True
        _target_changed(folding, row, "correction")


def _revision(folding: Folding, target_id: str, revision: int) -> TargetRow | None:
    row = folding.ledger.targets.get(target_id)
    if row is None or revision not in row.revisions:
        folding.park(f"revision:{target_id}|{revision}")
        return None
    return None if row.is_void else row


def _target_changed(folding: Folding, row: TargetRow, role: str) -> None:
    row.marks = (*row.marks, folding.mark(role))
    folding.ledger.targets.keep(row.id)
    for revision in row.revisions.values():
        folding.touch(SubjectKind.PROJECT_YEAR, f"{revision.project_id}|{revision.budget_year}")
