"""The books of accounts: what every entry moves on which day, and what the bank reports."""

from __future__ import annotations

from domain.events.account_entries import AccountBalanceReported
from rules.account_state import Balance, BooksRow
from rules.fold.folding import NO_DAY, Folding, SubjectKind, applied
from rules.state import EntryRow

# The function that keeps these books in the source.
SPECIAL_ACCOUNT_ACCOUNTING = "special_account_accounting"


def refresh_books(folding: Folding, entry: EntryRow) -> None:
    """Bring an account's books in step with one of its entries."""
    books = _books(folding, entry.account_id)
    moved = () if entry.is_void else _moved(entry)
    for sign, amounts in ((-1, entry.moved), (1, moved)):
        for day, fen in amounts:
            books.moved[day] = books.moved.get(day, 0) + sign * fen
    entry.moved = moved
    if entry.is_void or entry.accounted_on != NO_DAY:
        books.unaccounted.pop(entry.id, None)
    else:
        books.unaccounted[entry.id] = entry.booked_on
    folding.ledger.books.keep(entry.account_id)
    folding.touch(SubjectKind.ACCOUNT, entry.account_id)


def _moved(entry: EntryRow) -> tuple[tuple[int, int], ...]:
    """The adjusted amount on the day of booking, and each refund the other way on its own."""
    sign = 1 if entry.direction == "in" else -1
    fen, refunds = entry.amount_fen, []
    for change, moved in applied(entry.amount_fen, entry.changes):
        if change.is_refund:
            refunds.append((change.day, sign * moved))
        else:
            fen += moved
    return ((entry.booked_on, sign * fen), *refunds)


def keep_balance(folding: Folding, body: AccountBalanceReported) -> None:
    """Every day's balance is kept; of two for a day the later in the journal counts."""
    books, day = _books(folding, body.account_id), body.balance_on.toordinal()
    known = books.balances.get(day)
    if known is None or known.position < folding.position:
        books.balances[day] = Balance(folding.position, body.balance_fen)
        folding.ledger.books.keep(body.account_id)
        folding.touch(SubjectKind.ACCOUNT, body.account_id)


def _books(folding: Folding, account_id: str) -> BooksRow:
    row = folding.ledger.books.get(account_id)
    return row if row is not None else folding.ledger.books.set(account_id, BooksRow())
