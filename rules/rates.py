"""Coverage and rates (calibres.md section 8): each as numerator and denominator, so that sets of regions add up.

Of a budget year, as known now. They walk a year's records, so they are for people who ask. Terms and tolerances are
those of the catalogue; what a rule set or a region sets otherwise changes alerts, not rates.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import date
from typing import Final, NamedTuple

from domain.calendar import working_days_after_ordinal
from domain.catalogue import ENTRIES
from domain.money import basis_points
from rules.catalogue import business_totals_differ, quota_registered_late
from rules.catalogue.allocation_result_unpublished import RESULT
from rules.derivation import lines_of
from rules.figure_state import ReportedRow
from rules.figures import scale_fen
from rules.fold.payments import is_fiscal
from rules.project_view import is_project_household, project_first_paid_on
from rules.quota_money import ALL_DAYS, current_quotas, quotas_in_scope
from rules.reports_compared import BUSINESS_TOTAL, our_figure_fen
from rules.spending_figures import out_entries, payments_of_year
from rules.state import NO_DAY, PaymentRow
from rules.view import View

# Categories whose money may be known on this network.
_OPEN: Final = frozenset(each.category for each in ENTRIES if not each.classified)
_ONE_CARD, _CENTRALISED = "one_card", "treasury_centralised"
_REGISTRATION: Final = quota_registered_late.Thresholds()
_COMPARISON: Final = business_totals_differ.Thresholds()


class Part(NamedTuple):
    """How much of a whole: counts, or fen."""

    part: int
    whole: int


def rates_of(views: Collection[View], budget_year: int) -> dict[str, int | None]:
    """All rates of a set of regions in basis points, from summed parts and wholes; None without a whole."""
    found: dict[str, int | None] = {}
    for name, rate in RATES.items():
        parts = [rate(view, budget_year) for view in views]
        found[f"{name}_basis_points"] = basis_points(
            sum(each.part for each in parts), sum(each.whole for each in parts)
        )
    return found


def _category_coverage(view: View, year: int) -> Part:
    """Open categories of the catalogue with a quota in scope; own lists of regions are not known as lists."""
    used = {quota.fund_category for quota in quotas_in_scope(view, year)}
    return Part(len(used & _OPEN), len(_OPEN))


def _ledger_coverage(view: View, year: int) -> Part:
    """Categories with money of which a business system says that there is some."""
    categories = {
        row.fund_category
        for row in _business_totals(view, year)
        if row.fund_category is not None and row.amount_kind == "scale" and row.latest.total_fen > 0
    }
    ours = [category for category in categories if scale_fen(view, year, category, ALL_DAYS) > 0]
    return Part(len(ours), len(categories))


def _consistency(view: View, year: int) -> Part:
    """Latest business totals that agree within the tolerance."""
    rows = list(_business_totals(view, year))
    agree = [row for row in rows if abs(row.latest.total_fen - our_figure_fen(view, row)) <= _COMPARISON.tolerance_fen]
    return Part(len(agree), len(rows))


def _business_totals(view: View, year: int) -> Iterator[ReportedRow]:
    for row in map(view.ledger.reported.get, view.ledger.year_reported.children(str(year))):
        if row is not None and row.figure_kind == BUSINESS_TOTAL:
            yield row


def _centralised_share(view: View, year: int) -> Part:
    """Of what was paid of budget money, what the treasury paid itself (amount)."""
    counted = [each for each in payments_of_year(view, year) if is_fiscal(each) and view.is_budget_money(each)]
    return Part(sum(each.net_fen for each in counted if each.channel == _CENTRALISED), sum(map(_net_fen, counted)))


def _linked_payment(view: View, year: int) -> Part:
    """Of payments of poverty money, those with line and project (count)."""
    paid = _poverty_payments(view, year)
    return Part(sum(_is_linked(view, each) for each in paid), len(paid))


def _linked_payment_amount(view: View, year: int) -> Part:
    """The same by amount."""
    paid = _poverty_payments(view, year)
    return Part(sum(each.net_fen for each in paid if _is_linked(view, each)), sum(map(_net_fen, paid)))


def _poverty_payments(view: View, year: int) -> list[PaymentRow]:
    return [each for each in payments_of_year(view, year) if each.net_fen > 0]


def _is_linked(view: View, payment: PaymentRow) -> bool:
    line = view.known_line(payment.line_id)
    return line is not None and (line.project_id or payment.project_id) is not None


def _net_fen(payment: PaymentRow) -> int:
    return payment.net_fen


def _online_payment(view: View, year: int) -> Part:
    """Of payments, those that a system sent (count)."""
    paid = list(payments_of_year(view, year))
    return Part(sum(each.source != "manual_entry" for each in paid), len(paid))


def _one_card_share(view: View, year: int) -> Part:
    """Of what live lists give persons and households in a year, what goes by one-card (amount)."""
    parts = {True: 0, False: 0}
    for list_id in view.ledger.lists.ids():
        of_list = view.ledger.lists.get(list_id)
        if of_list is None or of_list.is_void:
            continue
        for row in map(view.ledger.list_rows.get, view.ledger.rows_of_list.children(list_id)):
            day = NO_DAY if row is None else row.paid_on or of_list.period_to
            if row is not None and day != NO_DAY and date.fromordinal(day).year == year:
                parts[of_list.payout_channel == _ONE_CARD] += row.net_fen
    return Part(parts[True], parts[True] + parts[False])


def _special_account_accounted(view: View, year: int) -> Part:
    """Of what left special accounts in a year, what is accounted for (amount)."""
    entries = [each for each in out_entries(view) if date.fromordinal(each.booked_on).year == year]
    done = (each.net_fen for each in entries if each.accounted_on != NO_DAY)
    return Part(sum(done), sum(each.net_fen for each in entries))


def _linkage_reception(view: View, year: int) -> Part:
    """Of what superiors issued to the region, what it received (amount)."""
    rows = map(view.ledger.notices.get, view.ledger.year_notices.children(str(year)))
    notices = [row for row in rows if row is not None and row.line_kind == "poverty"]
    return Part(sum(row.received_fen for row in notices), sum(row.now_fen() for row in notices))


def _entry_completion(view: View, year: int) -> Part:
    """Of quotas with a document of their own, those registered within the term of quota_registered_late (count)."""
    quotas = [quota for quota in current_quotas(view, year) if not quota.is_opening]
    term = _REGISTRATION.yellow_after_working_days
    in_time = [
        quota for quota in quotas if quota.registered_on <= working_days_after_ordinal(quota.document_printed_on, term)
    ]
    return Part(len(in_time), len(quotas))


def _household_list(view: View, year: int) -> Part:
    """Of paid household projects with money of the year, those with a filled list (count)."""
    paid = [
        project_id
        for project_id in _projects(view, year)
        if is_project_household(view, project_id) and project_first_paid_on(view, project_id) != NO_DAY
    ]
    return Part(sum(_has_list(view, project_id) for project_id in paid), len(paid))


def _projects(view: View, year: int) -> list[str]:
    lines = (line for quota in current_quotas(view, year) for line in lines_of(view.ledger, quota.id))
    return sorted({line.project_id for line in lines if line.in_scope and line.project_id is not None})


def _has_list(view: View, project_id: str) -> bool:
    rows = map(view.ledger.lists.get, view.ledger.project_lists.children(project_id))
    return any(row is not None and not row.is_void and row.rows_count > 0 for row in rows)


def _publication(view: View, year: int) -> Part:
    """Of numbers of printed allocation documents, those whose result was announced (count)."""
    numbers = {
        row.document_no
        for quota in quotas_in_scope(view, year)
        for row in map(view.ledger.documents.get, view.ledger.quota_documents.children(quota.id))
        if row is not None
        and not row.is_withdrawn
        and row.id in view.ledger.numbered_documents.children(row.document_no)
    }
    return Part(sum(_is_announced(view, number) for number in numbers), len(numbers))


def _is_announced(view: View, document_no: str) -> bool:
    rows = map(view.ledger.announcements.get, view.ledger.document_announcements.children(document_no))
    return any(row is not None and not row.is_withdrawn and row.kind == RESULT for row in rows)


RATES: Final[Mapping[str, Callable[[View, int], Part]]] = {
    "category_coverage": _category_coverage,
    "ledger_coverage": _ledger_coverage,
    "centralised_share": _centralised_share,
    "one_card_share": _one_card_share,
    "special_account_accounted": _special_account_accounted,
    "linkage_reception": _linkage_reception,
    "entry_completion": _entry_completion,
    "linked_payment": _linked_payment,
    "linked_payment_amount": _linked_payment_amount,
    "online_payment": _online_payment,
    "consistency": _consistency,
    "household_list": _household_list,
    "publication": _publication,
}
