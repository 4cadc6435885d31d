"""Sums that figures rest on, kept while folding.

Per quota what its lines hold and have paid, per line what was paid on which day, and the payments on no known line. A
line hands its share to its quota and takes it back when it changes, so a payment costs the same however many lines and
payments there are, and a figure costs one look per quota.
"""

from __future__ import annotations

from rules.days import day_key
from rules.figure_state import NO_SHARE, PaidDaysRow, Share, SumsRow
from rules.fold.folding import REGION, Folding, SubjectKind
from rules.ledger import RegionLedger
from rules.state import Given, LineOrigin, LineRow, PaymentRow, QuotaRow


def refresh_share(folding: Folding, line: LineRow) -> None:
    """Bring what the line adds to its quota's sums up to date after any change of it."""
    _list_untouched(folding.ledger, line)
    before, after = line.share, _share(line)
    if before == after:
        return
    line.share = after
    folding.ledger.lines.keep(line.id)
    if before is not None and after is not None and before.quota_key == after.quota_key:
        _move(folding, after.quota_key, before, after)
        return
    if before is not None:
        _move(folding, before.quota_key, before, NO_SHARE)
    if after is not None:
        _move(folding, after.quota_key, NO_SHARE, after)


def _share(line: LineRow) -> Share | None:
    """What the line adds; scope is the whole quota's, so it is asked when the sums are read."""
    if not line.quota_key or line.origin == LineOrigin.UNKNOWN:
        return None
    net = line.net_fen
    if line.line_kind != "poverty":
        return Share(quota_key=line.quota_key, other_fen=net)
    if line.to_lower:
        return Share(quota_key=line.quota_key, lower_fen=net)
    paid = line.paid_fen if line.in_scope else 0
    left = net - paid - line.opening_paid_fen
    return Share(
        quota_key=line.quota_key,
        line_fen=net,
        pending_fen=net if line.is_pending else 0,
        paid_fen=paid,
        opening_paid_fen=line.opening_paid_fen,
        unpaid_fen=max(0, left),
        overpaid_fen=max(0, -left),
    )


def _list_untouched(ledger: RegionLedger, line: LineRow) -> None:
    """Keep the list of lines with poverty money of which nothing is paid, the longest available first."""
    holds = line.is_payable and bool(line.quota_key) and line.line_kind == "poverty" and line.net_fen > 0
    is_untouched = holds and not line.paid_fen and not line.opening_paid_fen
    after = (line.budget_year, line.available_on) if is_untouched else None
    if after == line.untouched:
        return
    if line.untouched is not None:
        ledger.untouched_lines.remove(str(line.untouched[0]), _untouched_key(line, line.untouched[1]))
    if after is not None:
        ledger.untouched_lines.add(str(after[0]), _untouched_key(line, after[1]))
    line.untouched = after
    ledger.lines.keep(line.id)


def _untouched_key(line: LineRow, available_on: int) -> str:
    return f"{day_key(available_on)}|{line.id}"


def _move(folding: Folding, quota_key: str, before: Share, after: Share) -> None:
    """Let a quota's sums hold ``after`` where they held ``before``."""
    sums = folding.ledger.sums
    row = sums.get(quota_key) or sums.set(quota_key, SumsRow())
    row.line_fen += after.line_fen - before.line_fen
    row.lower_fen += after.lower_fen - before.lower_fen
    row.other_fen += after.other_fen - before.other_fen
    row.pending_fen += after.pending_fen - before.pending_fen
    row.paid_fen += after.paid_fen - before.paid_fen
    row.opening_paid_fen += after.opening_paid_fen - before.opening_paid_fen
    row.unpaid_fen += after.unpaid_fen - before.unpaid_fen
    row.overpaid_fen += after.overpaid_fen - before.overpaid_fen
    sums.keep(quota_key)
    quota = folding.ledger.quotas.get(quota_key)
    if quota is not None:
        touch_quota_money(folding, quota)


def touch_quota_money(folding: Folding, quota: QuotaRow) -> None:
    """Note that the money of the quota's year and category changed."""
    touch_money(folding, quota.fund_category, quota.budget_year)


def touch_money(folding: Folding, fund_category: str, budget_year: int) -> None:
    """Have judged what looks at this year's money: at once for a year that is over, at the next tick for totals."""
    region = folding.region
    if budget_year not in region.changed_years:
        region.changed_years = (*region.changed_years, budget_year)
        folding.ledger.region.keep(REGION)
    if budget_year < region.present_year or not region.present_year:
        folding.touch(SubjectKind.CATEGORY_YEAR, f"{fund_category}|{budget_year}")
    if budget_year in region.self_reported_years:
        folding.touch(SubjectKind.SPENDING_GAP, f"{fund_category}|{budget_year}")
        folding.touch(SubjectKind.SPENDING_GAP, f"|{budget_year}")


def note_paid(ledger: RegionLedger, given: Given, sign: int) -> None:
    """Add what a payment or out entry gives its line to the line's days, or take it away."""
    row = ledger.paid_days.get(given.line_id) or ledger.paid_days.set(given.line_id, PaidDaysRow({}))
    refunded_fen = 0
    for day, fen in given.refunds:
        _note_day(row, day, sign * fen)
        refunded_fen += fen
    _note_day(row, given.day, sign * (given.fen - refunded_fen))
    ledger.paid_days.keep(given.line_id)


def _note_day(row: PaidDaysRow, day: int, fen: int) -> None:
    left = row.days.get(day, 0) + fen
    if left:
        row.days[day] = left
    else:
        row.days.pop(day, None)


def refresh_loose(folding: Folding, payment: PaymentRow) -> None:
    """Keep the list of payments that hang on no known line; in a figure each counts by its own year and category."""
    line = None if payment.line_id is None else folding.ledger.lines.get(payment.line_id)
    is_loose = line is None or not line.is_payable
    if is_loose != payment.is_loose:
        payment.is_loose = is_loose
        folding.ledger.payments.keep(payment.id)
        index = folding.ledger.loose_payments
        (index.add if is_loose else index.remove)(str(payment.budget_year), payment.id)
        touch_money(folding, payment.fund_category, payment.budget_year)
    elif is_loose:
        touch_money(folding, payment.fund_category, payment.budget_year)
