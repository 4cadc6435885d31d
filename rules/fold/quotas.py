"""Folding of topic quota.changes, first part: the quotas themselves."""

from __future__ import annotations

from msgspec import UNSET

from domain.events.quota_changes import (
    QuotaAdjusted,
    QuotaArranged,
    QuotaCarriedOver,
    QuotaOpeningRecorded,
    QuotaReceived,
    QuotaReflagged,
    QuotaRelinked,
    QuotaReplaced,
    QuotaVoided,
)
from rules.derivation import lines_of, quota_key, refresh_carry, refresh_line, refresh_quota, touch_payments_of
from rules.fold.folding import Folding
from rules.fold.linkage import name_notice, refresh_notice
from rules.quota_matches import list_by_category, move_to_category
from rules.state import Change, LineOrigin, QuotaRow
from rules.sums import touch_quota_money


def arranged(folding: Folding, body: QuotaArranged) -> None:
    """quota.arranged: available from its registration."""
    day = body.registered_on.toordinal()
    if not folding.precedes_opening(day):
        _create(folding, body, "arranged", day)


def received(folding: Folding, body: QuotaReceived) -> None:
    """quota.received: available from its reception."""
    day = body.received_on.toordinal()
    if folding.precedes_opening(day):
        return
    row = _create(folding, body, "received", day)
    if row is not None:
        row.superior_region = body.superior_region
        name_notice(folding, row, body.linkage_id, body.superior_quota_id)


def carried_over(folding: Folding, body: QuotaCarriedOver) -> None:
    """quota.carried_over: ageing restarts at its registration; the prior-year quota's balance falls."""
    day = body.registered_on.toordinal()
    if folding.precedes_opening(day):
        return
    row = _create(folding, body, "carried_over", day, carried_from=body.carried_from_quota_id)
    if row is not None:
        folding.ledger.carried_quotas.add(body.carried_from_quota_id, row.id)
        refresh_carry(folding, body.carried_from_quota_id)


def opening_recorded(folding: Folding, body: QuotaOpeningRecorded) -> None:
    """quota.opening_recorded: an existing quota with its open lines; ageing keeps its true start."""
    day = body.available_on.toordinal()
    row = _create(folding, body, body.origin, day, is_opening=True)
    if row is None:
        return
    row.issued_down_fen, row.superior_region = body.issued_down_fen, body.superior_region or ""
    for entry in body.lines:
        line = folding.line(entry.line_id)
        if line.origin != LineOrigin.UNKNOWN:
            continue  # id_reused: the second creating event is ignored
        line.origin, line.quota_id, line.day, line.position = LineOrigin.OPENING, row.id, day, folding.position
        line.project_id, line.amount_fen, line.line_kind = entry.project_id, entry.amount_fen, entry.line_kind
        line.is_pending, line.is_household = entry.is_pending, entry.is_household
        line.opening_paid_fen, line.document_no = entry.paid_fen, body.document_no
        line.entered_by = folding.event.entered_by
        line.marks = (*line.marks, folding.mark("line"))
        folding.ledger.quota_lines.add(row.id, line.id)
        if line.project_id is not None:
            folding.ledger.project_lines.add(line.project_id, line.id)
        refresh_line(folding, line)
        for refined_id in folding.ledger.block_lines.children(line.id):
            refresh_line(folding, folding.line(refined_id))


def _create(
    folding: Folding,
    body: QuotaArranged | QuotaReceived | QuotaCarriedOver | QuotaOpeningRecorded,
    origin: str,
    available_on: int,
    *,
    is_opening: bool = False,
    carried_from: str | None = None,
) -> QuotaRow | None:
    if folding.ledger.quotas.get(body.quota_id) is not None:
        return None  # id_reused: the second creating event is ignored
    row = QuotaRow(
        id=body.quota_id,
        origin=origin,
        is_opening=is_opening,
        budget_year=body.budget_year,
        fund_category=body.fund_category,
        fund_name=body.fund_name,
        fund_nature=body.fund_nature,
        amount_fen=body.amount_fen,
        poverty_amount_fen=body.poverty_amount_fen,
        subject_code=body.subject_code,
        expenditure_kind=body.expenditure_kind,
        is_poverty_fund=body.is_poverty_fund,
        is_integrable=body.is_integrable,
        is_household=body.is_household,
        available_on=available_on,
        registered_on=body.registered_on.toordinal(),
        document_no=body.document_no,
        document_printed_on=body.document_printed_on.toordinal(),
        responsible_section=body.responsible_section,
        arranging_level=body.arranging_level,
        carried_from=carried_from,
        entry_mode=body.entry_mode,
        entered_by=folding.event.entered_by,
        entered_by_unit=folding.event.entered_by_unit,
        marks=(folding.mark("quota"),),
    )
    folding.ledger.quotas.set(row.id, row)
    folding.ledger.numbered_quotas.add(row.document_no, row.id)
    list_by_category(folding, row)
    folding.ledger.year_quotas.add(str(row.budget_year), row.id)
    refresh_quota(folding, row.id)
    refresh_carry(folding, row.id)
    return row


def reflagged(folding: Folding, body: QuotaReflagged) -> None:
    """quota.reflagged: only the fields present change; a null flag goes back to not marked."""
    row = _live(folding, body.quota_id)
    if row is None:
        return
    touch_quota_money(folding, row)  # of the category that it leaves
    if body.is_poverty_fund is not UNSET:
        row.is_poverty_fund = body.is_poverty_fund
    if body.is_integrable is not UNSET:
        row.is_integrable = body.is_integrable
    if body.is_household is not UNSET:
        row.is_household = body.is_household
    if body.fund_category is not None:
        move_to_category(folding, row, body.fund_category)
    if body.subject_code is not None and body.subject_code != row.subject_code:
        row.subject_code = body.subject_code
        for line in lines_of(folding.ledger, row.id):
            touch_payments_of(folding, line)  # their own subjects are compared with it
    row.expenditure_kind = body.expenditure_kind if body.expenditure_kind is not None else row.expenditure_kind
    if body.poverty_amount_fen is not None:
        row.poverty_amount_fen = body.poverty_amount_fen
    _changed(folding, row)


def adjusted(folding: Folding, body: QuotaAdjusted) -> None:
    """quota.adjusted: a signed change on its own date."""
    row = _live(folding, body.quota_id)
    if row is not None:
        row.changes = (*row.changes, Change(folding.position, body.delta_fen, body.adjusted_on.toordinal()))
        _changed(folding, row)


def relinked(folding: Folding, body: QuotaRelinked) -> None:
    """quota.relinked: a received quota answers another notice, or none."""
    row = _live(folding, body.quota_id)
    if row is not None and row.origin == "received" and not row.is_opening:
        name_notice(folding, row, body.linkage_id, body.superior_quota_id)
        _changed(folding, row)


def voided(folding: Folding, body: QuotaVoided) -> None:
    """quota.voided: as if never there; its lines stay but lose their cover."""
    row = _live(folding, body.quota_id)
    if row is not None:
        row.is_void = True
        _changed(folding, row)


def replaced(folding: Folding, body: QuotaReplaced) -> None:
    """quota.replaced: what names the original counts for the replacement from now on."""
    row = _live(folding, body.quota_id)
    if row is None or body.replacement_quota_id == row.id:
        return
    if quota_key(folding.ledger, body.replacement_quota_id) == row.id:
        return  # a ring of replacements would leave the money nowhere: the first one stands
    row.replaced_by = body.replacement_quota_id
    folding.ledger.replaced_quotas.add(body.replacement_quota_id, row.id)
    _changed(folding, row)
    refresh_carry(folding, body.replacement_quota_id)


def _live(folding: Folding, quota_id: str) -> QuotaRow | None:
    """The quota a correction names; parked when unknown, without effect when no longer live (wire.md 5.2)."""
    row = folding.ledger.quotas.get(quota_id)
    if row is None:
        folding.park(f"quota:{quota_id}")
        return None
    return row if row.is_live() else None


def _changed(folding: Folding, row: QuotaRow) -> None:
    row.marks = (*row.marks, folding.mark("correction"))
    folding.ledger.quotas.keep(row.id)
    refresh_quota(folding, row.id)
    if row.linkage_id is not None:
        refresh_notice(folding, row.linkage_id)
