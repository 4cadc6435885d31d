"""Figures of regions (calibres.md): pure functions of the folded state, as known now, of a budget year.

Each takes the day up to which the records' own dates count (ALL_DAYS: whatever their date). Money that a person found
entered twice (`quota_excluded`) and money carried over are in none of them but their own.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple

from domain.money import basis_points
from rules.derivation import lines_of
from rules.fold.folding import SubjectKind
from rules.ledger import SPECIAL_ACCOUNTS
from rules.old_calibre import change_of_calibre_fen
from rules.quota_money import (
    ALL_DAYS,
    balances_of,
    current_quotas,
    issued_down_fen,
    loose_paid_fen,
    loose_transfers_fen,
    money_on,
    old_calibre_gain_fen,
    poverty_fen,
    quotas_in_scope,
    quotas_of_year,
    spent_from_fen,
    sums_of,
)
from rules.quota_view import is_undecided
from rules.spending_figures import (
    final_paid_fen,
    not_counted_fen,
    parked_fen,
    relocation_paid_fen,
    relocation_scale_fen,
)
from rules.state import NO_DAY, QuotaRow
from rules.view import View

# Rules whose open alerts question money of the scale (`scale_questioned_fen`).
_QUESTIONING_RULES = ("received_quota_reentered", "carry_over_entered_as_current")


class Money(NamedTuple):
    """Funds and spending of one region, year and category (None: all) as of a day."""

    available_fen: int
    paid_fen: int
    opening_paid_fen: int

    @property
    def spent_fen(self) -> int:
        """What progress counts: paid now and, of opening quotas, before the opening."""
        return self.paid_fen + self.opening_paid_fen


def money_of(view: View, budget_year: int, fund_category: str | None = None, upto: int = ALL_DAYS) -> Money:
    """`available_fen` and `paid_fen`."""
    available = opening_paid = 0
    paid = loose_paid_fen(view, budget_year, fund_category, upto)
    for quota in current_quotas(view, budget_year, fund_category):
        sums = sums_of(view, quota, upto)
        available += poverty_fen(quota, sums, upto) - sums.lower_fen - issued_down_fen(quota, upto)
        paid += sums.paid_fen
        opening_paid += sums.opening_paid_fen
    return Money(available, paid, opening_paid)


def spent_fen(view: View, budget_year: int, fund_category: str | None, upto: int) -> int:
    """`Money.spent_fen` alone."""
    paid = sum(spent_from_fen(view, quota, upto) for quota in current_quotas(view, budget_year, fund_category))
    return paid + loose_paid_fen(view, budget_year, fund_category, upto)


def scale_fen(view: View, budget_year: int, fund_category: str | None, upto: int, *, origin: str | None = None) -> int:
    """`scale_fen` of the region alone: all that it arranged and received, or (``origin``) one of these."""
    return sum(
        poverty_fen(quota, sums_of(view, quota, upto), upto)
        for quota in current_quotas(view, budget_year, fund_category)
        if origin is None or quota.origin == origin
    )


def unspent_fen(view: View, budget_year: int, fund_category: str) -> int:
    """`unspent_fen`: what a category's quotas have unallocated and unpaid, each not below 0."""
    quotas = current_quotas(view, budget_year, fund_category)
    return sum(max(0, sum(balances_of(view, quota, ALL_DAYS))) for quota in quotas)


def by_old_calibre(view: View, budget_year: int, money: Money, upto: int) -> Money:
    """The same where transfers into special accounts count and what leaves these does not (calibres.md section 6).

    In Xinjiang a transfer is never spending.
    """
    if view.profile == "xinjiang":
        return money
    paid = money.paid_fen + sum(
        old_calibre_gain_fen(view, line, upto)
        for quota in current_quotas(view, budget_year)
        for line in lines_of(view.ledger, quota.id)
    )
    return money._replace(paid_fen=paid + loose_transfers_fen(view, budget_year, upto))


def figures_of(
    views: Collection[View],
    budget_year: int,
    *,
    upto: int = ALL_DAYS,
    is_old_calibre: bool = False,
    counted_until: int = NO_DAY,
) -> dict[str, int | None]:
    """All figures of a set of regions, by name, amounts in fen and ratios in basis points.

    ``counted_until``: the last day of the old calibre (`special_account_counted_until`), instead of all or no days.
    """
    codes = {view.code for view in views}
    money = [money_of(view, budget_year, upto=upto) for view in views]
    if is_old_calibre:
        money = [by_old_calibre(view, budget_year, each, upto) for view, each in zip(views, money, strict=True)]
    if counted_until != NO_DAY:
        money = [
            each._replace(paid_fen=each.paid_fen + change_of_calibre_fen(view, budget_year, counted_until))
            for view, each in zip(views, money, strict=True)
        ]
    available = sum(each.available_fen for each in money)
    balances = [balances_of(view, quota, upto) for view in views for quota in current_quotas(view, budget_year)]
    covered, funded = _target_coverage(views, budget_year)
    scale = sum(_entering_fen(view, budget_year, codes, upto) for view in views)
    paid = sum(each.paid_fen for each in money)
    return {
        "scale_fen": scale,
        "scale_questioned_fen": sum(_questioned_fen(view, budget_year, codes, upto) for view in views),
        "scale_undecided_fen": sum(_undecided_fen(view, budget_year, codes, upto) for view in views),
        "carried_over_fen": sum(_carried_over_fen(view, budget_year, upto) for view in views),
        "available_fen": available,
        "in_transit_fen": sum(_in_transit_fen(view, budget_year, codes) for view in views),
        "paid_fen": paid,
        "carried_over_paid_fen": sum(_carried_over_paid_fen(view, budget_year, upto) for view in views),
        "unlinked_paid_fen": sum(loose_paid_fen(view, budget_year, None, upto) for view in views),
        "progress_basis_points": basis_points(sum(each.spent_fen for each in money), available),
        "unallocated_fen": sum(unallocated for unallocated, _ in balances),
        "pending_fen": sum(_pending_fen(view, budget_year, upto) for view in views),
        "unpaid_fen": sum(unpaid for _, unpaid in balances),
        "overpaid_fen": sum(
            sums_of(view, quota, upto).overpaid_fen for view in views for quota in current_quotas(view, budget_year)
        ),
        "target_coverage_basis_points": basis_points(covered, funded),
        "special_account_unspent_fen": sum(_in_special_accounts_fen(view, upto) for view in views),
        **_after_payment(views, budget_year, available, upto),
        **_with_relocation(views, budget_year, scale, paid, upto),
    }


def _with_relocation(
    views: Collection[View], year: int, scale_fen: int, paid_fen: int, upto: int
) -> dict[str, int | None]:
    """Relocation financing, and the totals with it (calibres.md 2.3, 3.2)."""
    raised = sum(relocation_scale_fen(view, year, upto) for view in views)
    spent = sum(relocation_paid_fen(view, year, upto) for view in views)
    return {
        "relocation_scale_fen": raised,
        "relocation_paid_fen": spent,
        "total_scale_fen": scale_fen + raised,
        "total_paid_fen": paid_fen + spent,
    }


def _after_payment(views: Collection[View], budget_year: int, available_fen: int, upto: int) -> dict[str, int | None]:
    """What became of the money, and what is shown beside it."""
    final = sum(final_paid_fen(view, budget_year, upto) for view in views)
    not_counted = [not_counted_fen(view, budget_year, upto) for view in views]
    reasons = {f"not_counted_{reason}_fen": 0 for found in not_counted for reason in found}
    for found in not_counted:
        for reason, fen in found.items():
            reasons[f"not_counted_{reason}_fen"] += fen
    carried = sum(_carried_over_fen(view, budget_year, upto) for view in views)
    carried_paid = sum(_carried_over_paid_fen(view, budget_year, upto) for view in views)
    return {
        "final_paid_fen": final,
        "final_progress_basis_points": basis_points(final, available_fen),
        "carried_over_progress_basis_points": basis_points(carried_paid, carried),
        "parked_fen": sum(parked_fen(view, budget_year, upto) for view in views),
        "not_counted_fen": sum(reasons.values()),
        **reasons,
    }


def entering_quotas(view: View, budget_year: int, codes: Collection[str]) -> Iterable[QuotaRow]:
    """Quotas with which money enters a set of regions (calibres.md 2.3): a receipt inside it adds nothing."""
    for quota in current_quotas(view, budget_year):
        is_inside = quota.superior_region in codes and view.region.superior_connected
        if quota.origin == "arranged" or not is_inside:
            yield quota


def _entering_fen(view: View, budget_year: int, codes: Collection[str], upto: int) -> int:
    return sum(
        poverty_fen(quota, sums_of(view, quota, upto), upto) for quota in entering_quotas(view, budget_year, codes)
    )


def _questioned_fen(view: View, budget_year: int, codes: Collection[str], upto: int) -> int:
    return sum(
        poverty_fen(quota, sums_of(view, quota, upto), upto)
        for quota in entering_quotas(view, budget_year, codes)
        if _is_questioned(view, quota)
    )


def _undecided_fen(view: View, budget_year: int, codes: Collection[str], upto: int) -> int:
    return sum(
        poverty_fen(quota, sums_of(view, quota, upto), upto)
        for quota in entering_quotas(view, budget_year, codes)
        if is_undecided(view, quota)
    )


def _is_questioned(view: View, quota: QuotaRow) -> bool:
    watch = view.ledger.watches.get(f"{SubjectKind.QUOTA}|{quota.id}")
    if watch is None:
        return False
    states = map(watch.findings.get, _QUESTIONING_RULES)
    return any(state is not None and state.severity for state in states)


def _carried_over(view: View, budget_year: int) -> Iterable[QuotaRow]:
    return (quota for quota in quotas_of_year(view, budget_year) if quota.origin == "carried_over")


def _carried_over_fen(view: View, budget_year: int, upto: int) -> int:
    return sum(poverty_fen(quota, sums_of(view, quota, upto), upto) for quota in _carried_over(view, budget_year))


def _carried_over_paid_fen(view: View, budget_year: int, upto: int) -> int:
    return sum(sums_of(view, quota, upto).paid_fen for quota in _carried_over(view, budget_year))


def _in_transit_fen(view: View, budget_year: int, codes: Collection[str]) -> int:
    """Poverty money on its way to the region from within the set: issued, not received (`in_transit_fen`)."""
    notices = map(view.ledger.notices.get, view.ledger.year_notices.children(str(budget_year)))
    return sum(
        notice.outstanding_fen()
        for notice in notices
        if notice is not None and notice.line_kind == "poverty" and notice.superior_region in codes
    )


def _pending_fen(view: View, budget_year: int, upto: int) -> int:
    return sum(sums_of(view, quota, upto).pending_fen for quota in current_quotas(view, budget_year))


def _in_special_accounts_fen(view: View, upto: int) -> int:
    """What went into special accounts less what left them, whosever money and of whatever year."""
    ledger = view.ledger
    return sum(
        money_on(entry, entry.booked_on, upto) * (1 if entry.direction == "in" else -1)
        for account_id in ledger.special_accounts.children(SPECIAL_ACCOUNTS)
        for entry in map(ledger.entries.get, ledger.account_entries.children(account_id))
        if entry is not None
    )


def _target_coverage(views: Collection[View], budget_year: int) -> tuple[int, int]:
    """Funded projects with a target, and all funded projects."""
    covered = funded = 0
    for view in views:
        for project_id in _projects(view, budget_year):
            lines = view.project_lines(project_id, budget_year)
            if sum(line.net_fen for line in lines) > 0:
                funded += 1
                covered += view.has_target(project_id, budget_year)
    return covered, funded


def _projects(view: View, budget_year: int) -> set[str]:
    lines = (line for quota in quotas_in_scope(view, budget_year) for line in lines_of(view.ledger, quota.id))
    return {line.project_id for line in lines if line.project_id is not None}


def measure_fen(view: View, budget_year: int, fund_category: str, measure_kind: str) -> tuple[int, int]:
    """What in-scope lines hold of projects of a measure, and of all registered projects."""
    part = whole = 0
    for quota in quotas_in_scope(view, budget_year, fund_category):
        for line in lines_of(view.ledger, quota.id):
            project = None if line.project_id is None else view.ledger.projects.get(line.project_id)
            if line.in_scope and line.is_payable and project is not None and project.is_live():
                whole += line.net_fen
                part += line.net_fen if project.measure_kind == measure_kind else 0
    return part, whole
