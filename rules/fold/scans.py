"""Folding of scans and copies of documents (topic document.filings)."""

from __future__ import annotations

from domain.events.document_filings import DocumentCopied, DocumentScanned
from rules.fold.folding import Folding, SubjectKind
from rules.project_state import CopyRow, ScanRow


def scanned(folding: Folding, body: DocumentScanned) -> None:
    """document.scanned: the scan of whatever carries its document's number."""
    ledger = folding.ledger
    if ledger.scans.get(body.scan_id) is not None:
        return  # id_reused
    row = ScanRow(
        id=body.scan_id,
        document_no=body.document_no,
        scanned_on=body.scanned_on.toordinal(),
        marks=(folding.mark("scan"),),
    )
    ledger.scans.set(row.id, row)
    ledger.numbered_scans.add(row.document_no, row.id)
    touch_scan(folding, row)


def copied(folding: Folding, body: DocumentCopied) -> None:
    """document.copied: the earliest copy to the rural-finance section counts."""
    ledger, day = folding.ledger, body.copied_on.toordinal()
    row = ledger.copies.get(body.document_no)
    if row is None or day < row.copied_on:
        ledger.copies.set(body.document_no, CopyRow(copied_on=day, marks=(folding.mark("copy"),)))
        folding.touch(SubjectKind.DOCUMENT_NO, body.document_no)


def touch_scan(folding: Folding, row: ScanRow) -> None:
    """What is judged of a document's number looks at its scans."""
    folding.touch(SubjectKind.DOCUMENT_NO, row.document_no)
