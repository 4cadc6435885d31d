"""Folding of topic distribution.lists: lists, their rows, and one-card batches.

Rows may come before their list, and receipts before the rows they name; a list's sums and a row's failures are the
same in whichever order they came.
"""

from __future__ import annotations

from domain.events.distribution_lists import (
    BatchSettled,
    BatchSubmitted,
    DistributionListImported,
    DistributionListVoided,
    DistributionRowAdjusted,
    DistributionRowRecorded,
    DistributionRowReissued,
    DistributionRowReturned,
    DistributionRowVoided,
)
from rules.fold.folding import NO_DAY, Folding, SubjectKind, remaining
from rules.fold.registers import POOR_ONLY
from rules.list_state import BatchRow, Counted, ListRow, Payout, Receipt, RowRow
from rules.state import Change

REISSUED = "reissued"
PAYOUT_FAILED = "payout_failed"


def list_imported(folding: Folding, body: DistributionListImported) -> None:
    """distribution.list_imported: header of a list; rows that came before it count from here."""
    ledger = folding.ledger
    if ledger.lists.get(body.list_id) is not None:
        return  # id_reused
    row = ListRow(
        id=body.list_id,
        project_id=body.project_id,
        line_id=body.line_id,
        fund_category=body.fund_category,
        payout_channel=body.payout_channel,
        declared_amount_fen=body.declared_amount_fen,
        importing_unit_code=body.importing_unit_code,
        marks=(folding.mark("list"),),
        declared_row_count=body.declared_row_count,
        subsidy_code=body.subsidy_code,
        period_from=body.period_from.toordinal(),
        period_to=body.period_to.toordinal(),
        paid_per=body.paid_per,
        requires_registered_poor=body.requires_registered_poor,
        imported_log_on=folding.log_on,
        imported_on=body.imported_on.toordinal(),
    )
    ledger.lists.set(row.id, row)
    ledger.project_lists.add(row.project_id, row.id)
    if row.requires_registered_poor:
        ledger.lists_by_condition.add(POOR_ONLY, row.id)
    for row_id in ledger.rows_of_list.children(row.id):
        listed = ledger.list_rows.get(row_id)
        if listed is not None:
            _count(row, None, listed.counted)
    _list_changed(folding, row)


def list_voided(folding: Folding, body: DistributionListVoided) -> None:
    """distribution.list_voided: the list and all its rows are cancelled."""
    row = folding.ledger.lists.get(body.list_id)
    if row is None:
        folding.park(f"list:{body.list_id}")
    elif not row.is_void:
        row.is_void = True
        row.marks = (*row.marks, folding.mark("correction"))
        _list_changed(folding, row)


def row_recorded(folding: Folding, body: DistributionRowRecorded) -> None:
    """distribution.row_recorded: one person or household on the list."""
    if folding.ledger.list_rows.get(body.row_id) is not None:
        return  # id_reused
    row = RowRow(
        id=body.row_id,
        list_id=body.list_id,
        person_key=body.person_key,
        name_key=body.name_key,
        name_masked=body.name_masked,
        id_number_masked=body.id_number_masked,
        id_number_state=body.id_number_state,
        household_key=body.household_key,
        amount_fen=body.amount_fen,
        account_holder_matches=body.account_holder_matches,
        paid_on=NO_DAY if body.paid_on is None else body.paid_on.toordinal(),
        batch_id=body.batch_id,
        marks=(folding.mark("row"),),
    )
    folding.ledger.list_rows.set(row.id, row)
    folding.ledger.rows_of_list.add(row.list_id, row.id)
    refresh_row(folding, row)


def row_voided(folding: Folding, body: DistributionRowVoided) -> None:
    """distribution.row_voided: as if it had never been."""
    row = _live(folding, body.row_id)
    if row is not None:
        row.is_void = True
        _changed(folding, row)


def row_adjusted(folding: Folding, body: DistributionRowAdjusted) -> None:
    """distribution.row_adjusted: only the fields present change."""
    row = _live(folding, body.row_id)
    if row is None:
        return
    if body.delta_fen is not None:
        row.changes = (*row.changes, Change(folding.position, body.delta_fen, body.adjusted_on.toordinal()))
    row.person_key = body.person_key if body.person_key is not None else row.person_key
    row.name_key = body.name_key if body.name_key is not None else row.name_key
    row.id_number_state = body.id_number_state if body.id_number_state is not None else row.id_number_state
    row.household_key = body.household_key if body.household_key is not None else row.household_key
    row.paid_on = body.paid_on.toordinal() if body.paid_on is not None else row.paid_on
    _changed(folding, row)


def row_returned(folding: Folding, body: DistributionRowReturned) -> None:
    """distribution.row_returned: money of the row came back."""
    row = _live(folding, body.row_id)
    if row is None:
        return
    day = body.returned_on.toordinal()
    row.payouts = (*row.payouts, Payout(folding.position, day, body.amount_fen, body.return_kind))
    if body.return_kind == PAYOUT_FAILED and row.batch_id is not None:
        folding.ledger.batch_failures.add(row.batch_id, row.id)
    _changed(folding, row)


def row_reissued(folding: Folding, body: DistributionRowReissued) -> None:
    """distribution.row_reissued: a failed or returned row is paid again."""
    row = _live(folding, body.row_id)
    if row is not None:
        day = body.reissued_on.toordinal()
        row.payouts = (*row.payouts, Payout(folding.position, day, body.amount_fen, REISSUED))
        _changed(folding, row)


def batch_submitted(folding: Folding, body: BatchSubmitted) -> None:
    """batch.submitted: a one-card batch went out."""
    ledger = folding.ledger
    if ledger.batches.get(body.batch_id) is not None:
        return  # id_reused
    day = body.submitted_on.toordinal()
    row = BatchRow(id=body.batch_id, list_id=body.list_id, submitted_on=day, marks=(folding.mark("batch"),))
    ledger.batches.set(row.id, row)
    for payment_id in ledger.batch_payments.children(row.id):
        folding.touch(SubjectKind.PAYMENT, payment_id)


def batch_settled(folding: Folding, body: BatchSettled) -> None:
    """batch.settled: the bank's result; the rows that it could not pay may be recorded later."""
    ledger = folding.ledger
    row = ledger.batches.get(body.batch_id)
    if row is None:
        folding.park(f"batch:{body.batch_id}")
        return
    failed = body.failed_row_ids or ()
    row.receipts = (*row.receipts, Receipt(body.settled_on.toordinal(), failed, folding.mark("receipt")))
    ledger.batches.keep(row.id)
    for row_id in failed:
        ledger.failed_in.add(row_id, row.id)
        ledger.batch_failures.add(row.id, row_id)
        folding.touch(SubjectKind.ROW, row_id)
    touch_refunded(folding, row.id)


def refresh_row(folding: Folding, row: RowRow) -> None:
    """Bring the row's amounts and its share in the list's sums up to date, and touch what depends on it."""
    ledger = folding.ledger
    before = row.counted
    row.gross_fen = 0 if row.is_void else remaining(row.amount_fen, row.changes)
    row.net_fen = 0 if row.is_void else remaining(row.amount_fen, (*row.changes, *_payout_changes(row)))
    is_faulty = row.id_number_state != "valid" or row.person_key is None
    row.counted = None if row.is_void else Counted(row.gross_fen, is_faulty)
    ledger.list_rows.keep(row.id)
    folding.touch(SubjectKind.ROW, row.id)
    of_list = ledger.lists.get(row.list_id)
    if of_list is not None and before != row.counted:
        had_rows = of_list.rows_count > 0
        _count(of_list, before, row.counted)
        ledger.lists.keep(of_list.id)
        if had_rows != (of_list.rows_count > 0):
            folding.touch(SubjectKind.PROJECT, of_list.project_id)
        folding.touch(SubjectKind.LIST, of_list.id)
    for batch_id in _failed_batches(folding, row):
        touch_refunded(folding, batch_id)


def _payout_changes(row: RowRow) -> tuple[Change, ...]:
    return tuple(
        Change(each.position, each.fen if each.kind == REISSUED else -each.fen, each.day) for each in row.payouts
    )


def _count(of_list: ListRow, before: Counted | None, after: Counted | None) -> None:
    """Move what a row adds to its list's sums from ``before`` to ``after``."""
    for counted, sign in ((before, -1), (after, 1)):
        if counted is not None:
            of_list.rows_count += sign
            of_list.rows_fen += sign * counted.fen
            of_list.faulty_count += sign * counted.is_faulty


def touch_refunded(folding: Folding, batch_id: str) -> None:
    """Have all rows judged that a batch failed to pay, once money was refunded that must reach all of them together."""
    ledger = folding.ledger
    payments = map(ledger.payments.get, ledger.batch_payments.children(batch_id))
    if any(payment is not None and payment.is_refunded() for payment in payments):
        for row_id in ledger.batch_failures.children(batch_id):
            folding.touch(SubjectKind.ROW, row_id)


def _failed_batches(folding: Folding, row: RowRow) -> list[str]:
    batches = folding.ledger.failed_in.children(row.id)
    return batches if row.batch_id is None or not row.payouts else [*batches, row.batch_id]


def _list_changed(folding: Folding, row: ListRow) -> None:
    folding.ledger.lists.keep(row.id)
    folding.touch(SubjectKind.LIST, row.id)
    folding.touch(SubjectKind.PROJECT, row.project_id)
    batches: dict[str, None] = {}
    for row_id in folding.ledger.rows_of_list.children(row.id):
        folding.touch(SubjectKind.ROW, row_id)
        listed = folding.ledger.list_rows.get(row_id)
        if listed is not None:
            batches.update(dict.fromkeys(_failed_batches(folding, listed)))
    for batch_id in batches:
        touch_refunded(folding, batch_id)


def _live(folding: Folding, row_id: str) -> RowRow | None:
    row = folding.ledger.list_rows.get(row_id)
    if row is None:
        folding.park(f"row:{row_id}")
        return None
    return None if row.is_void else row


def _changed(folding: Folding, row: RowRow) -> None:
    row.marks = (*row.marks, folding.mark("correction"))
    refresh_row(folding, row)
