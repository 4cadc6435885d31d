"""Folding of topic quota.changes, second part: allocations, refined lines and their corrections."""

from __future__ import annotations

from msgspec import UNSET

from domain.events.quota_changes import (
    AllocationAdjusted,
    AllocationRelinked,
    AllocationVoided,
    QuotaAllocated,
    QuotaRefined,
)
from rules.derivation import refresh_line, touch_payments_of
from rules.fold.folding import Folding
from rules.linkage_state import IssuedRow
from rules.project_touches import touch_project_of_line
from rules.state import Change, LineOrigin, LineRow, SeenRow


def allocated(folding: Folding, body: QuotaAllocated) -> None:
    """quota.allocated: to a lower region, or a payable line, or a pending block."""
    day = body.allocated_on.toordinal()
    line = folding.line(body.allocation_id)
    if folding.precedes_opening(day) or line.origin != LineOrigin.UNKNOWN:
        return
    line.origin, line.quota_id, line.day, line.position = LineOrigin.ALLOCATION, body.quota_id, day, folding.position
    line.to_lower = body.target_kind == "lower_region"
    line.project_id, line.amount_fen, line.line_kind = body.project_id, body.amount_fen, body.line_kind
    line.is_pending, line.is_household, line.document_no = body.is_pending, body.is_household, body.document_no
    line.document_printed_on, line.target_region = body.document_printed_on.toordinal(), body.target_region or ""
    line.unit_code, line.township_code = body.unit_code, body.township_code
    line.entered_by, line.entered_by_unit = folding.event.entered_by, folding.event.entered_by_unit
    line.marks = (*line.marks, folding.mark("line"))
    if line.to_lower and body.target_region is not None:
        printed_on = body.document_printed_on.toordinal()
        folding.ledger.issued.set(line.id, IssuedRow(target_region=body.target_region, document_printed_on=printed_on))
    folding.ledger.quota_lines.add(body.quota_id, line.id)
    folding.ledger.numbered_allocations.add(line.document_no, line.id)
    if line.project_id is not None:
        folding.ledger.project_lines.add(line.project_id, line.id)
    refresh_line(folding, line)
    for refined_id in folding.ledger.block_lines.children(line.id):
        refresh_line(folding, folding.line(refined_id))


def refined(folding: Folding, body: QuotaRefined) -> None:
    """quota.refined: each entry becomes a payable line of the block's quota."""
    seen_key = f"refinement:{body.refinement_id}"
    day = body.refined_on.toordinal()
    if folding.precedes_opening(day) or folding.ledger.seen.get(seen_key) is not None:
        return
    folding.ledger.seen.set(seen_key, SeenRow(folding.position))
    for entry in body.lines:
        line = folding.line(entry.line_id)
        if line.origin != LineOrigin.UNKNOWN:
            continue
        line.origin, line.block_id, line.day = LineOrigin.REFINEMENT, body.allocation_id, day
        line.position = folding.position
        line.project_id, line.amount_fen, line.line_kind = entry.project_id, entry.amount_fen, entry.line_kind
        line.is_household, line.unit_code = entry.is_household, entry.unit_code
        line.entered_by = folding.event.entered_by
        line.marks = (*line.marks, folding.mark("line"))
        folding.ledger.block_lines.add(body.allocation_id, line.id)
        folding.ledger.project_lines.add(entry.project_id, line.id)
        folding.line(body.allocation_id)
        refresh_line(folding, line)


def adjusted(folding: Folding, body: AllocationAdjusted) -> None:
    """allocation.adjusted: a signed change of an allocation or refined line."""
    line = _live(folding, body.allocation_id)
    if line is not None:
        line.changes = (*line.changes, Change(folding.position, body.delta_fen, body.adjusted_on.toordinal()))
        _changed(folding, line)


def relinked(folding: Folding, body: AllocationRelinked) -> None:
    """allocation.relinked: project, part or household flag; only the fields present change."""
    line = _live(folding, body.allocation_id)
    if line is None:
        return
    if body.project_id is not None and body.project_id != line.project_id:
        if line.project_id is not None:
            touch_project_of_line(folding, line)
            folding.ledger.project_lines.remove(line.project_id, line.id)
        line.project_id = body.project_id
        folding.ledger.project_lines.add(body.project_id, line.id)
        touch_payments_of(folding, line)
    line.unit_code = body.unit_code if body.unit_code is not None else line.unit_code
    line.line_kind = body.line_kind if body.line_kind is not None else line.line_kind
    if body.is_household is not UNSET and body.is_household != line.is_household:
        line.is_household = body.is_household
        touch_payments_of(folding, line)
    _changed(folding, line)


def voided(folding: Folding, body: AllocationVoided) -> None:
    """allocation.voided: the amount is unallocated (or pending) again; refined lines of a block go with it."""
    line = _live(folding, body.allocation_id)
    if line is not None:
        line.is_void = True
        _changed(folding, line)


def _live(folding: Folding, line_id: str) -> LineRow | None:
    line = folding.ledger.lines.get(line_id)
    if line is None or line.origin == LineOrigin.UNKNOWN:
        folding.park(f"line:{line_id}")
        return None
    block = folding.ledger.lines.get(line.block_id) if line.block_id else None
    return None if line.is_void or (block is not None and block.is_void) else line


def _changed(folding: Folding, line: LineRow) -> None:
    line.marks = (*line.marks, folding.mark("correction"))
    refresh_line(folding, line)
    for refined_id in folding.ledger.block_lines.children(line.id):
        refresh_line(folding, folding.line(refined_id))
