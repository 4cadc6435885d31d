"""Folding of topic account.entries."""

from __future__ import annotations

from domain.events.account_entries import (
    AccountBalanceReported,
    AccountEntryAdjusted,
    AccountEntryRecorded,
    AccountEntryRefunded,
    AccountEntryVoided,
    AccountRegistered,
)
from rules.derivation import give
from rules.fold.books import keep_balance, refresh_books
from rules.fold.folding import NO_DAY, Folding, SubjectKind, refunds_of, remaining
from rules.ledger import SPECIAL_ACCOUNTS
from rules.state import AccountRow, Change, EntryRow, Given


def registered(folding: Folding, body: AccountRegistered) -> None:
    """account.registered: from here its entries are known to be special-account ones, or not."""
    row = _account(folding, body.account_id)
    if row.is_known:
        return  # id_reused
    row.is_known = True
    row.account_kind, row.holds_poverty_money = body.account_kind, body.holds_poverty_money
    row.marks = (*row.marks, folding.mark("account"))
    if row.account_kind == SPECIAL_ACCOUNTS:
        folding.ledger.special_accounts.add(SPECIAL_ACCOUNTS, row.id)
    folding.ledger.accounts.keep(row.id)
    folding.touch(SubjectKind.ACCOUNT, row.id)
    for entry_id in folding.ledger.account_entries.children(row.id):
        entry = folding.ledger.entries.get(entry_id)
        if entry is not None:
            _refresh(folding, entry)


def entry_recorded(folding: Folding, body: AccountEntryRecorded) -> None:
    """account.entry_recorded: one receipt or payment of the account."""
    day = body.booked_on.toordinal()
    if folding.precedes_opening(day) or folding.ledger.entries.get(body.entry_id) is not None:
        return
    row = EntryRow(
        id=body.entry_id,
        account_id=body.account_id,
        direction=body.direction,
        amount_fen=body.amount_fen,
        booked_on=day,
        fund_category=body.fund_category,
        line_id=body.line_id,
        project_id=body.project_id,
        payee_account_kind=body.payee_account_kind or "",
        net_fen=body.amount_fen,
        marks=(folding.mark("entry"),),
        payee_kind=body.payee_kind or "",
        payee_credit_code=body.payee_credit_code,
        payee_name=body.payee_name or "",
        purpose=body.purpose,
        entered_on=body.entered_on.toordinal(),
        accounted_on=NO_DAY if body.accounting_completed_on is None else body.accounting_completed_on.toordinal(),
        entered_by=folding.event.entered_by,
        entered_by_unit=folding.event.entered_by_unit,
        spending_stage=body.spending_stage or "",
    )
    folding.ledger.entries.set(row.id, row)
    folding.ledger.account_entries.add(row.account_id, row.id)
    if row.line_id is not None:
        folding.ledger.line_entries.add(row.line_id, row.id)
    _refresh(folding, row)


def entry_voided(folding: Folding, body: AccountEntryVoided) -> None:
    """account.entry_voided: as if it had never been."""
    row = _live(folding, body.entry_id)
    if row is not None:
        row.is_void = True
        _changed(folding, row)


def entry_refunded(folding: Folding, body: AccountEntryRefunded) -> None:
    """account.entry_refunded: money of the entry went back."""
    row = _live(folding, body.entry_id)
    if row is not None:
        row.changes = (
            *row.changes,
            Change(folding.position, -body.amount_fen, body.refunded_on.toordinal(), is_refund=True),
        )
        _changed(folding, row)


def entry_adjusted(folding: Folding, body: AccountEntryAdjusted) -> None:
    """account.entry_adjusted: only the fields present change, links included."""
    row = _live(folding, body.entry_id)
    if row is None:
        return
    if body.booked_on is not None:
        row.booked_on = body.booked_on.toordinal()
    if body.accounting_completed_on is not None:
        row.accounted_on = body.accounting_completed_on.toordinal()
    if body.delta_fen is not None:
        row.changes = (*row.changes, Change(folding.position, body.delta_fen, body.adjusted_on.toordinal()))
    if body.line_id is not None and body.line_id != row.line_id:
        if row.line_id is not None:
            folding.ledger.line_entries.remove(row.line_id, row.id)
        row.line_id = body.line_id
        folding.ledger.line_entries.add(body.line_id, row.id)
    row.project_id = body.project_id if body.project_id is not None else row.project_id
    _changed(folding, row)


def balance_reported(folding: Folding, body: AccountBalanceReported) -> None:
    """account.balance_reported: the latest by its date counts; of two for a day the later in the journal."""
    row = _account(folding, body.account_id)
    day = body.balance_on.toordinal()
    keep_balance(folding, body)
    if (day, folding.position) > (row.balance_on, row.balance_position):
        row.balance_on, row.balance_position, row.balance_fen = day, folding.position, body.balance_fen
        kept = (mark for mark in row.marks if mark.role != "balance")
        row.marks = (*kept, folding.mark("balance"))
        folding.ledger.accounts.keep(row.id)
        folding.touch(SubjectKind.ACCOUNT, row.id)


def _account(folding: Folding, account_id: str) -> AccountRow:
    row = folding.ledger.accounts.get(account_id)
    return row if row is not None else folding.ledger.accounts.set(account_id, AccountRow(id=account_id))


def _refresh(folding: Folding, row: EntryRow) -> None:
    before = row.given
    row.net_fen = 0 if row.is_void else remaining(row.amount_fen, row.changes)
    row.given = _given(folding, row)
    refresh_books(folding, row)
    folding.ledger.entries.keep(row.id)
    folding.touch(SubjectKind.ENTRY, row.id)
    give(folding, before, row.given)


def _given(folding: Folding, row: EntryRow) -> Given | None:
    """What an out entry adds to its line were the line in scope (`entry_counted`, calibres.md 3.1)."""
    account = folding.ledger.accounts.get(row.account_id)
    counts = (
        row.line_id is not None
        and row.direction == "out"
        and not row.is_void
        and account is not None
        and account.account_kind == "special_fiscal"
        and row.payee_account_kind not in ("special_fiscal", "treasury")
    )
    if row.line_id is None or not counts:
        return None
    return Given(row.line_id, row.net_fen, row.booked_on, True, refunds_of(row.amount_fen, row.changes))


def _live(folding: Folding, entry_id: str) -> EntryRow | None:
    row = folding.ledger.entries.get(entry_id)
    if row is None:
        folding.park(f"entry:{entry_id}")
        return None
    return None if row.is_void else row


def _changed(folding: Folding, row: EntryRow) -> None:
    row.marks = (*row.marks, folding.mark("correction"))
    _refresh(folding, row)
