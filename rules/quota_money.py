"""The money of one quota by the calibres (calibres.md sections 2 to 5), as of a day or now."""

from __future__ import annotations

from collections.abc import Iterator

from rules.derivation import lines_of, quota_net_fen
from rules.figure_state import SumsRow
from rules.fold.folding import refunds_of, remaining
from rules.fold.payments import is_fiscal, is_fiscal_by_old_calibre
from rules.ledger import RegionLedger
from rules.state import Change, EntryRow, LineRow, PaymentRow, QuotaRow
from rules.view import View

# As-of day of what is known now, whatever its date.
ALL_DAYS = 9_999_999
_NOTHING = SumsRow()


def quotas_in_scope(view: View, budget_year: int, fund_category: str | None = None) -> Iterator[QuotaRow]:
    """Quotas in scope of a budget year, of one category or (None) of all."""
    for quota_id in view.ledger.year_quotas.children(str(budget_year)):
        quota = view.ledger.quotas.get(quota_id)
        if quota is None or (fund_category is not None and quota.fund_category != fund_category):
            continue
        if view.quota_is_in_scope(quota):
            yield quota


def quotas_of_year(view: View, budget_year: int, fund_category: str | None = None) -> Iterator[QuotaRow]:
    """The same without `quota_excluded` ones."""
    for quota in quotas_in_scope(view, budget_year, fund_category):
        if not view.quota_is_excluded(quota):
            yield quota


def current_quotas(view: View, budget_year: int, fund_category: str | None = None) -> Iterator[QuotaRow]:
    """The same without money carried over from the year before."""
    return (quota for quota in quotas_of_year(view, budget_year, fund_category) if quota.origin != "carried_over")


def sums_of(view: View, quota: QuotaRow, upto: int) -> SumsRow:
    """Sums over the quota's lines as of a day."""
    if upto == ALL_DAYS:
        return view.ledger.sums.get(quota.id) or _NOTHING
    sums = SumsRow()
    for line in lines_of(view.ledger, quota.id):
        _add(sums, line, view.ledger, upto)
    return sums


def _add(sums: SumsRow, line: LineRow, ledger: RegionLedger, upto: int) -> None:
    net = _line_fen_on(line, ledger, upto)
    if line.line_kind != "poverty":
        sums.other_fen += net
        return
    if line.to_lower:
        sums.lower_fen += net
        return
    paid = paid_on_line_fen(line, ledger, upto) if line.in_scope else 0
    opening_paid = line.opening_paid_fen if line.day <= upto else 0
    sums.line_fen += net
    sums.pending_fen += net if line.is_pending else 0
    sums.paid_fen += paid
    sums.opening_paid_fen += opening_paid
    sums.unpaid_fen += max(0, net - paid - opening_paid)
    sums.overpaid_fen += max(0, paid + opening_paid - net)


def _line_fen_on(line: LineRow, ledger: RegionLedger, upto: int) -> int:
    """`line_net_fen` as of a day."""
    block = ledger.lines.get(line.block_id) if line.block_id else None
    if line.is_void or line.day > upto or (block is not None and block.is_void):
        return 0
    net = _amount_on(line.amount_fen, line.changes, upto)
    if line.is_pending:
        for refined in map(ledger.lines.get, ledger.block_lines.children(line.id)):
            if refined is not None and not refined.is_void and refined.day <= upto:
                net -= _amount_on(refined.amount_fen, refined.changes, upto)
    return net


def _amount_on(amount_fen: int, changes: tuple[Change, ...], upto: int) -> int:
    return remaining(amount_fen, tuple(change for change in changes if change.day <= upto))


def paid_on_line_fen(line: LineRow, ledger: RegionLedger, upto: int) -> int:
    """What was paid from the line up to a day, were it in scope; refunds on their own days."""
    days = ledger.paid_days.get(line.id)
    return 0 if days is None else sum(fen for day, fen in days.days.items() if day <= upto)


def spent_from_fen(view: View, quota: QuotaRow, upto: int) -> int:
    """What was paid from a quota in scope up to a day, before its opening too: less work than all its sums."""
    return sum(
        paid_on_line_fen(line, view.ledger, upto) + (line.opening_paid_fen if line.day <= upto else 0)
        for line in lines_of(view.ledger, quota.id)
        if line.in_scope and line.is_payable
    )


def quota_fen_on(quota: QuotaRow, upto: int) -> int:
    """`quota_net_fen` as of a day."""
    if upto == ALL_DAYS:
        return quota_net_fen(quota)
    if not quota.is_live() or quota.available_on > upto:
        return 0
    return _amount_on(quota.amount_fen, quota.changes, upto)


def poverty_fen(quota: QuotaRow, sums: SumsRow, upto: int) -> int:
    """`quota_poverty_fen` of a quota in scope: what was decided, else all but its parts that are no poverty money."""
    net = quota_fen_on(quota, upto)
    if quota.poverty_amount_fen is not None:
        return min(quota.poverty_amount_fen, net)
    return net - sums.other_fen if quota.available_on <= upto else 0


def issued_down_fen(quota: QuotaRow, upto: int) -> int:
    """What an opening quota had issued to lower regions before."""
    return quota.issued_down_fen if quota.available_on <= upto else 0


def unallocated_fen(quota: QuotaRow, sums: SumsRow, upto: int) -> int:
    """The poverty part that is not allocated; below 0 when more than all is."""
    allocated = sums.line_fen + sums.lower_fen + issued_down_fen(quota, upto)
    return poverty_fen(quota, sums, upto) - allocated


def balances_of(view: View, quota: QuotaRow, upto: int) -> tuple[int, int]:
    """Unallocated and unpaid on its lines, less what was brought forward to the next year (`line_unpaid_fen`)."""
    sums = sums_of(view, quota, upto)
    unallocated, unpaid = unallocated_fen(quota, sums, upto), sums.unpaid_fen
    if not quota.carried_fen:
        return unallocated, unpaid
    left = quota.carried_fen
    unpaid = 0
    for line in view.lines_in_carry_order(quota.id):
        lying = max(0, line.net_fen - view.line_paid_fen(line))
        taken = min(left, lying)
        left -= taken
        unpaid += lying - taken if line.line_kind == "poverty" else 0
    # Over-allocated money stays below 0: it balances what lines hold too much (calibres.md section 11, identity 2).
    return unallocated if unallocated < 0 else max(0, unallocated - left), unpaid


def loose_paid_fen(view: View, budget_year: int, fund_category: str | None, upto: int) -> int:
    """`unlinked_paid_fen`: counted payments that hang on no known line, by their own year and category."""
    return sum(
        money_on(payment, payment.paid_on, upto)
        for payment in loose_payments(view, budget_year, fund_category)
        if is_fiscal(payment)
    )


def loose_transfers_fen(view: View, budget_year: int, upto: int) -> int:
    """What such payments moved into special accounts."""
    return sum(
        money_on(payment, payment.paid_on, upto)
        for payment in loose_payments(view, budget_year)
        if is_fiscal_by_old_calibre(payment)
    )


def loose_payments(view: View, budget_year: int, fund_category: str | None = None) -> Iterator[PaymentRow]:
    """In-scope payments on no known line, of one category or (None) of all."""
    for payment_id in view.ledger.loose_payments.children(str(budget_year)):
        payment = view.ledger.payments.get(payment_id)
        if payment is None or (fund_category is not None and payment.fund_category != fund_category):
            continue
        if view.payment_is_in_scope(payment):
            yield payment


def old_calibre_gain_fen(view: View, line: LineRow, upto: int) -> int:
    """What a line has paid more by the old calibre: transfers into special accounts less what left these."""
    if not line.in_scope:
        return 0
    ledger = view.ledger
    transfers = sum(
        money_on(payment, payment.paid_on, upto)
        for payment in map(ledger.payments.get, line.special_payments)
        if payment is not None and is_fiscal_by_old_calibre(payment)
    )
    left = sum(
        money_on(entry, entry.booked_on, upto)
        for entry in map(ledger.entries.get, ledger.line_entries.children(line.id))
        if entry is not None and entry.given is not None
    )
    return transfers - left


def money_on(row: PaymentRow | EntryRow, own_day: int, upto: int) -> int:
    """Net amount of a payment or entry as of a day: refunds on their own days, all else on its own."""
    if upto == ALL_DAYS:
        return row.net_fen
    return sum(fen for day, fen in moves_of(row, own_day) if day <= upto)


def moves_of(row: PaymentRow | EntryRow, own_day: int) -> list[tuple[int, int]]:
    """What a payment or entry moved, by day; nothing where it is void or replaced."""
    if row.is_void or (isinstance(row, PaymentRow) and row.replaced_by is not None):
        return []
    refunds = refunds_of(row.amount_fen, row.changes)
    return [(own_day, row.net_fen - sum(fen for _, fen in refunds)), *refunds]


def untouched_line(view: View, budget_year: int, fund_category: str | None, before: int) -> LineRow | None:
    """The in-scope line available the longest before a day with money and nothing paid; None when there is none."""
    for key in view.ledger.untouched_lines.children(str(budget_year)):
        available_on, _, line_id = key.partition("|")
        if int(available_on) >= before:
            return None
        line = view.ledger.lines.get(line_id)
        quota = None if line is None else view.quota_of_line(line)
        if line is None or quota is None or not line.in_scope:
            continue
        is_counted = quota.origin != "carried_over" and not view.quota_is_excluded(quota)
        if is_counted and (fund_category is None or quota.fund_category == fund_category):
            return line
    return None
