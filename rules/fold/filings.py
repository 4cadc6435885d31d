"""Folding of documents, announcements and proofs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from domain.events.document_filings import AnnouncementPublished, DocumentPrinted, DocumentWithdrawn, ProofUploaded
from rules.derivation import touch_documents
from rules.fold.folding import Folding, SubjectKind
from rules.fold.scans import touch_scan
from rules.project_state import AnnouncementRow, ProofRow, ScanRow
from rules.state import NO_DAY, DocumentRow
from rules.tables import Table

# What a document.withdrawn may name.
Paper = TypeVar("Paper", DocumentRow, AnnouncementRow, ProofRow, ScanRow)


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


def announcement_published(folding: Folding, body: AnnouncementPublished) -> None:
    """announcement.published: the result of an allocation, or a notice about a project."""
    if folding.ledger.announcements.get(body.announcement_id) is not None:
        return  # id_reused
    row = AnnouncementRow(
        id=body.announcement_id,
        kind=body.announcement_kind,
        level=body.announcement_level,
        document_no=body.document_no,
        project_id=body.project_id,
        published_on=body.published_on.toordinal(),
        published_until=NO_DAY if body.published_until is None else body.published_until.toordinal(),
        marks=(folding.mark("announcement"),),
    )
    folding.ledger.announcements.set(row.id, row)
    if row.document_no is not None:
        folding.ledger.document_announcements.add(row.document_no, row.id)
    if row.project_id is not None:
        folding.ledger.project_announcements.add(row.project_id, row.id)
    _touch_announcement(folding, row)


def proof_uploaded(folding: Folding, body: ProofUploaded) -> None:
    """proof.uploaded: for a filing that may come later."""
    if folding.ledger.proofs.get(body.proof_id) is not None:
        return  # id_reused
    row = ProofRow(
        id=body.proof_id,
        filing_id=body.filing_id,
        uploaded_on=body.uploaded_on.toordinal(),
        marks=(folding.mark("proof"),),
    )
    folding.ledger.proofs.set(row.id, row)
    folding.ledger.filing_proofs.add(row.filing_id, row.id)
    _touch_proof(folding, row)


def document_withdrawn(folding: Folding, body: DocumentWithdrawn) -> None:
    """document.withdrawn: whatever paper has this id."""
    ledger, record_id = folding.ledger, body.record_id
    found = (
        _withdraw(folding, ledger.documents, record_id, _touch_document),
        _withdraw(folding, ledger.announcements, record_id, _touch_announcement),
        _withdraw(folding, ledger.proofs, record_id, _touch_proof),
        _withdraw(folding, ledger.scans, record_id, touch_scan),
    )
    if not any(found):
        folding.park(f"document:{record_id}")


def _withdraw(folding: Folding, table: Table[Paper], record_id: str, touch: Callable[[Folding, Paper], None]) -> bool:
    """Whether there is such a paper; it is withdrawn now."""
    row = table.get(record_id)
    if row is None:
        return False
    if not row.is_withdrawn:
        row.is_withdrawn = True
        row.marks += (folding.mark("correction"),)
        table.keep(row.id)
        touch(folding, row)
    return True


def _touch_announcement(folding: Folding, row: AnnouncementRow) -> None:
    if row.document_no is not None:
        folding.touch(SubjectKind.DOCUMENT_NO, row.document_no)
    if row.project_id is not None:
        folding.touch(SubjectKind.NOTICE, f"{row.project_id}|{row.kind}")


def _touch_proof(folding: Folding, row: ProofRow) -> None:
    folding.touch(SubjectKind.FILING, row.filing_id)


def _touch_document(folding: Folding, row: DocumentRow) -> None:
    folding.ledger.numbered_documents.add(row.document_no, row.id)
    folding.touch(SubjectKind.DOCUMENT_NO, row.document_no)
    if row.is_allocation():
        folding.ledger.quota_documents.add(row.quota_id, row.id)
        touch_documents(folding, row.quota_id)
