"""Special accounts where the calibre changed on a day (calibres.md section 6): nothing is counted twice.

Up to the day the transfer into an account counts, and what leaves it does not; after it the other way round. What was
counted as a transfer and still lay in the account is its pool: what leaves the account first uses that up.
"""

from __future__ import annotations

from collections.abc import Iterator

from rules.fold.payments import is_fiscal_by_old_calibre
from rules.ledger import SPECIAL_ACCOUNTS
from rules.quota_money import loose_payments
from rules.spending_figures import entries_on_line, lines_of_year, payments_on_line
from rules.state import EntryRow
from rules.view import View


def change_of_calibre_fen(view: View, budget_year: int, counted_until: int) -> int:
    """By how much `paid_fen` of a year is more than by the new calibre alone, all days, as known now.

    In Xinjiang a transfer is never spending.
    """
    if view.profile == "xinjiang":
        return 0
    uncounted = dict(_from_pools(view, counted_until))
    lines = tuple(lines_of_year(view, budget_year))
    payments = [payment for line in lines for payment in payments_on_line(view, line)]
    transfers = sum(
        payment.net_fen
        for payment in (*payments, *loose_payments(view, budget_year))
        if is_fiscal_by_old_calibre(payment) and payment.paid_on <= counted_until
    )
    left = sum(uncounted.get(entry.id, 0) for line in lines for entry in entries_on_line(view, line))
    return transfers - left


def _from_pools(view: View, counted_until: int) -> Iterator[tuple[str, int]]:
    """Of each out entry of a special account, what does not count: it left before the day, or uses up the pool."""
    ledger = view.ledger
    for account_id in ledger.special_accounts.children(SPECIAL_ACCOUNTS):
        rows = map(ledger.entries.get, ledger.account_entries.children(account_id))
        entries = sorted((row for row in rows if row is not None and not row.is_void), key=_first_in)
        pool = sum(
            entry.net_fen if entry.direction == "in" else -entry.net_fen
            for entry in entries
            if entry.booked_on <= counted_until
        )
        pool = max(0, pool)
        for entry in entries:
            if entry.direction == "in":
                continue
            used = entry.net_fen if entry.booked_on <= counted_until else min(pool, entry.net_fen)
            pool -= used if entry.booked_on > counted_until else 0
            yield entry.id, used


def _first_in(entry: EntryRow) -> tuple[int, str]:
    return entry.booked_on, entry.id
