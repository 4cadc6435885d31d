"""Figures of what became of money after it was paid, or why it does not count (calibres.md 3.2), and of relocation.

As `rules.figures`: of a budget year, as known now, up to a day of the records' own. They walk the payments of the year,
so they are for people who ask, not for rules.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from rules.derivation import lines_of
from rules.fold.folding import applied
from rules.fold.payments import is_fiscal, is_fiscal_by_old_calibre
from rules.ledger import SPECIAL_ACCOUNTS
from rules.quota_money import current_quotas, loose_payments, money_on
from rules.state import NO_DAY, EntryRow, LineRow, PaymentRow
from rules.view import View

_FINAL, _INTERMEDIATE, _ONWARD = "final", "intermediate", "own_account"


def lines_of_year(view: View, budget_year: int) -> Iterator[LineRow]:
    """In-scope lines of a year's quotas, without money carried over or found entered twice."""
    for quota in current_quotas(view, budget_year):
        for line in lines_of(view.ledger, quota.id):
            if line.in_scope and line.is_payable:
                yield line


def payments_on_line(view: View, line: LineRow) -> Iterator[PaymentRow]:
    """Live payments on a line."""
    for payment in map(view.ledger.payments.get, view.ledger.line_payments.children(line.id)):
        if payment is not None and payment.is_live():
            yield payment


def payments_of_year(view: View, budget_year: int) -> Iterator[PaymentRow]:
    """Live in-scope payments of a year: those on its lines, and those on no known line by their own year."""
    for line in lines_of_year(view, budget_year):
        yield from payments_on_line(view, line)
    yield from (payment for payment in loose_payments(view, budget_year) if payment.is_live())


def entries_on_line(view: View, line: LineRow) -> Iterator[EntryRow]:
    """Counted out entries of a line (`entry_counted`)."""
    for entry in map(view.ledger.entries.get, view.ledger.line_entries.children(line.id)):
        if entry is not None and entry.given is not None:
            yield entry


def final_paid_fen(view: View, budget_year: int, upto: int) -> int:
    """`final_paid_fen`: what reached the final payee, through whatever channel; not what went into special accounts."""
    paid = sum(
        money_on(payment, payment.paid_on, upto)
        for payment in payments_of_year(view, budget_year)
        if payment.spending_stage == _FINAL and _is_dated(payment) and payment.payee_account_kind != "special_fiscal"
    )
    return paid + sum(
        money_on(entry, entry.booked_on, upto)
        for line in lines_of_year(view, budget_year)
        for entry in entries_on_line(view, line)
        if entry.spending_stage == _FINAL
    )


def parked_fen(view: View, budget_year: int, upto: int) -> int:
    """`parked_fen` of the region: what was paid to departments and townships, less what these paid on."""
    parked = 0
    for payment in payments_of_year(view, budget_year):
        if is_fiscal(payment) and payment.spending_stage == _INTERMEDIATE:
            parked += money_on(payment, payment.paid_on, upto)
        elif payment.channel == _ONWARD and _is_dated(payment) and payment.payee_account_kind != "special_fiscal":
            parked -= money_on(payment, payment.paid_on, upto)
    return parked


def not_counted_fen(view: View, budget_year: int, upto: int) -> dict[str, int]:
    """`not_counted_fen` by reason. What a unit paid on from its own account was counted when the unit got it.

    A payment without a date is known whatever the day.
    """
    found = dict.fromkeys(("invalid", "undated", "special_account", "entry_unlinked"), 0)
    for payment in payments_of_year(view, budget_year):
        if payment.channel == _ONWARD:
            continue
        reason = _why_not(payment)
        if reason:
            found[reason] += money_on(payment, payment.paid_on, upto)
    found["entry_unlinked"] = sum(
        money_on(entry, entry.booked_on, upto)
        for entry in out_entries(view)
        if view.known_line(entry.line_id) is None and date.fromordinal(entry.booked_on).year == budget_year
    )
    return found


def _why_not(payment: PaymentRow) -> str:
    if not payment.is_valid:
        return "invalid"
    if payment.paid_on == NO_DAY:
        return "undated"
    return "special_account" if is_fiscal_by_old_calibre(payment) else ""


def out_entries(view: View) -> Iterator[EntryRow]:
    """Live in-scope out entries of the region's special accounts, of whatever year."""
    ledger = view.ledger
    for account_id in ledger.special_accounts.children(SPECIAL_ACCOUNTS):
        for entry in map(ledger.entries.get, ledger.account_entries.children(account_id)):
            if entry is not None and view.is_out_entry(entry) and view.entry_is_in_scope(entry):
                yield entry


def _is_dated(payment: PaymentRow) -> bool:
    return payment.is_valid and payment.paid_on != NO_DAY


def relocation_scale_fen(view: View, year: int, upto: int) -> int:
    """`relocation_scale_fen`: financing drawn in a calendar year, since it has no budget year."""
    rows = map(view.ledger.financing.get, view.ledger.financing.ids())
    return sum(
        row.amount_fen for row in rows if row is not None and not row.is_void and _is_of(row.raised_on, year, upto)
    )


def relocation_paid_fen(view: View, year: int, upto: int) -> int:
    """`relocation_paid_fen`: what was spent of it with a date, and refunds on their own days."""
    total = 0
    for row in map(view.ledger.relocation_spending.get, view.ledger.relocation_spending.ids()):
        if row is None or row.is_void or row.spent_on == NO_DAY:
            continue
        total += row.amount_fen if _is_of(row.spent_on, year, upto) else 0
        total += sum(moved for change, moved in applied(row.amount_fen, row.changes) if _is_of(change.day, year, upto))
    return total


def _is_of(day: int, year: int, upto: int) -> bool:
    return day <= upto and date.fromordinal(day).year == year
