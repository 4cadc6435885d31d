"""Cuts of figures (calibres.md section 9): the parts of `scale_fen` and `paid_fen` of a set of regions, as known now.

Parts of a cut add up to the whole. Money that the cut's field says nothing of is in the row ``NOWHERE``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import date
from typing import Final, NamedTuple

from domain.regions import tier
from rules.figures import entering_quotas
from rules.fold.payments import is_fiscal
from rules.quota_money import ALL_DAYS, loose_payments, moves_of, poverty_fen, sums_of
from rules.spending_figures import entries_on_line, lines_of_year, payments_on_line
from rules.state import EntryRow, LineRow, PaymentRow, QuotaRow
from rules.view import View

NOWHERE: Final = "-"
Parts = dict[str, int]


class _Paid(NamedTuple):
    """What one payment or out entry adds to `paid_fen` on one day."""

    view: View
    quota: QuotaRow | None
    line: LineRow | None
    row: PaymentRow | EntryRow
    day: int
    fen: int


def scale_cut(views: Collection[View], budget_year: int, cut: str) -> Parts | None:
    """`scale_fen` by a cut; None where the scale has no such cut."""
    by = _BY_QUOTA.get(cut)
    if by is None:
        return None
    codes, parts = {view.code for view in views}, _no_parts()
    for view in views:
        for quota in entering_quotas(view, budget_year, codes):
            parts[by(view, quota) or NOWHERE] += poverty_fen(quota, sums_of(view, quota, ALL_DAYS), ALL_DAYS)
    return _sorted(parts)


def paid_cut(views: Collection[View], budget_year: int, cut: str) -> Parts:
    """`paid_fen` by a cut; refunds are in the month of their own day."""
    by, parts = _BY_PAID[cut], _no_parts()
    for view in views:
        for paid in _paid(view, budget_year):
            parts[by(paid) or NOWHERE] += paid.fen
    return _sorted(parts)


def _paid(view: View, budget_year: int) -> Iterator[_Paid]:
    for line in lines_of_year(view, budget_year):
        quota = view.quota_of_line(line)
        for payment in payments_on_line(view, line):
            if is_fiscal(payment):
                yield from _by_days(view, quota, line, payment, payment.paid_on)
        for entry in entries_on_line(view, line):
            yield from _by_days(view, quota, line, entry, entry.booked_on)
    for payment in loose_payments(view, budget_year):
        if is_fiscal(payment):
            yield from _by_days(view, None, None, payment, payment.paid_on)


def _by_days(
    view: View, quota: QuotaRow | None, line: LineRow | None, row: PaymentRow | EntryRow, day: int
) -> Iterator[_Paid]:
    for moved_on, fen in moves_of(row, day):
        yield _Paid(view, quota, line, row, moved_on, fen)


def _no_parts() -> Parts:
    return defaultdict(int)


def _sorted(parts: Parts) -> Parts:
    return {name: parts[name] for name in sorted(parts) if parts[name]}


def _project(paid: _Paid) -> str | None:
    of_line = None if paid.line is None else paid.line.project_id
    return of_line or paid.row.project_id


def _measure(paid: _Paid) -> str | None:
    project_id = _project(paid)
    project = None if project_id is None else paid.view.ledger.projects.get(project_id)
    return None if project is None else project.measure_kind


def _of_payment(name: str) -> Callable[[_Paid], str | None]:
    """A field that payments have and out entries may not."""
    return lambda paid: getattr(paid.row, name, None)


# Cuts that a quota decides.
_BY_QUOTA: Final[Mapping[str, Callable[[View, QuotaRow], str | None]]] = {
    "category": lambda _, quota: quota.fund_category,
    "section": lambda _, quota: quota.responsible_section,
    "region": lambda view, _: view.code,
    "tier": lambda view, _: tier(view.code),
    "arranging_level": lambda _, quota: quota.arranging_level,
    "origin": lambda _, quota: quota.origin,
    "fund_nature": lambda _, quota: quota.fund_nature,
}


def _by_quota(name: str) -> Callable[[_Paid], str | None]:
    by = _BY_QUOTA[name]
    return lambda paid: None if paid.quota is None else by(paid.view, paid.quota)


_BY_PAID: Final[Mapping[str, Callable[[_Paid], str | None]]] = {
    **{name: _by_quota(name) for name in _BY_QUOTA},
    "category": lambda paid: paid.row.fund_category if paid.quota is None else paid.quota.fund_category,
    "region": lambda paid: paid.view.code,
    "tier": lambda paid: tier(paid.view.code),
    "project": _project,
    "measure_kind": _measure,
    "month": lambda paid: date.fromordinal(paid.day).isoformat()[:7],
    "channel": _of_payment("channel"),
    "payee_kind": lambda paid: paid.row.payee_kind,
}
CUTS: Final = tuple(_BY_PAID)
