"""What rules ask of a quota beyond its own row, by the derived names of rules.md section 3 (quota, line)."""

from __future__ import annotations

from datetime import date

from domain.catalogue import entry as catalogue_entry
from domain.catalogue import is_in_list_of
from rules.derivation import is_subject_poverty, lines_of, names_of_quota, quota_key
from rules.fold.folding import remaining
from rules.quota_money import issued_down_fen, quota_fen_on, sums_of
from rules.state import LineOrigin, LineRow, QuotaRow
from rules.view import View


def lines(view: View, quota: QuotaRow) -> list[LineRow]:
    """All allocations, opening lines and refined lines that count for the quota; none when it was replaced."""
    return lines_of(view.ledger, quota.id) if quota_key(view.ledger, quota.id) == quota.id else []


def allocations(view: View, quota: QuotaRow) -> list[LineRow]:
    """Its live allocations, to whomever, and live opening lines: what was taken from the quota itself."""
    found = lines(view, quota)
    return [line for line in found if not line.is_void and line.origin in (LineOrigin.ALLOCATION, LineOrigin.OPENING)]


def allocated_fen(view: View, quota: QuotaRow) -> int:
    """`quota_allocated_fen`."""
    return quota.issued_down_fen + sum(line_given_fen(line) for line in allocations(view, quota))


def line_given_fen(line: LineRow) -> int:
    """What an allocation took from its quota: its amount after adjustments, a block in full; 0 when void."""
    return 0 if line.is_void else remaining(line.amount_fen, line.changes)


def unallocated_fen(view: View, quota: QuotaRow) -> int:
    """`quota_unallocated_fen`."""
    unallocated = view.quota_net_fen(quota) - allocated_fen(view, quota)
    if not quota.carried_fen:
        return unallocated
    left = quota.carried_fen
    for line in view.lines_in_carry_order(quota.id):
        left -= min(left, max(0, line.net_fen - view.line_paid_fen(line)))
    return max(0, unallocated - left)


def unallocated_since(view: View, quota: QuotaRow) -> int:
    """`quota_unallocated_since`: oldest money is allocated first, so what is left came with the latest increases."""
    missing = unallocated_fen(view, quota)
    increases = [change for change in quota.changes if change.delta_fen > 0]
    for change in sorted(increases, key=lambda each: (each.day, each.position), reverse=True):
        missing -= change.delta_fen
        if missing <= 0:
            return change.day
    return quota.available_on


def is_received(quota: QuotaRow) -> bool:
    """Whether it is a live quota.received; what an opening brought is none."""
    return quota.origin == "received" and not quota.is_opening and quota.is_live()


def quotas_numbered(view: View, document_no: str) -> list[QuotaRow]:
    """Quotas, live or not, that carry a document's number."""
    rows = map(view.ledger.quotas.get, view.ledger.numbered_quotas.children(document_no))
    return [row for row in rows if row is not None]


def prior_unpaid_fen(view: View, quota: QuotaRow) -> int:
    """`prior_unpaid_fen`: what it had unpaid and unallocated at the end of its year, less what was brought forward."""
    year_end = date(quota.budget_year, 12, 31).toordinal()
    sums = sums_of(view, quota, year_end)
    allocated = sums.line_fen + sums.lower_fen + sums.other_fen + issued_down_fen(quota, year_end)
    return sums.unpaid_fen + quota_fen_on(quota, year_end) - allocated - quota.carried_fen


def quota_and_fault(view: View, subject: str) -> tuple[QuotaRow | None, str]:
    """The two parts of a subject ``quota|fault``; no quota while it is not known."""
    quota_id, _, fault = subject.rpartition("|")
    return view.ledger.quotas.get(quota_id), fault


def quota_of_fault(view: View, subject: str) -> tuple[QuotaRow, str]:
    """The same of a subject that has an alert, so that its quota is known for good."""
    quota, fault = quota_and_fault(view, subject)
    if quota is None:
        raise LookupError(f"subject={subject!r}: an alert of a quota that nobody recorded")
    return quota, fault


def is_scope_expected(view: View, quota: QuotaRow) -> bool:
    """`scope_expected`: whether the quota should carry the poverty flag by what it is."""
    if view.profile == "xinjiang":
        return is_in_list_of(quota.fund_category, view.code) and not is_partial(quota)
    return is_subject_poverty(quota.subject_code) and quota.expenditure_kind == "project"


def is_partial(quota: QuotaRow) -> bool:
    """Whether only part of the category's money is for poverty relief, by its own name (calibres.md 2.2)."""
    found = catalogue_entry(quota.fund_category)
    return found is not None and found.partial


def is_undecided(view: View, quota: QuotaRow) -> bool:
    """`quota_undecided`: nobody has said yet which part of a partial category's quota is for poverty relief."""
    if not is_partial(quota) or quota.poverty_amount_fen is not None or not view.quota_is_in_scope(quota):
        return False
    return not any(line.line_kind == "non_poverty" and _is_live(view, line) for line in lines(view, quota))


def _is_live(view: View, line: LineRow) -> bool:
    """Whether neither the line nor its block is void."""
    block = view.ledger.lines.get(line.block_id) if line.block_id else None
    return not line.is_void and (block is None or not block.is_void)


def is_carried_over(view: View, quota: QuotaRow) -> bool:
    """Whether a live quota.carried_over brought money of this quota forward, under any of its names."""
    carried = (
        view.ledger.quotas.get(carried_id)
        for name in names_of_quota(view.ledger, quota.id)
        for carried_id in view.ledger.carried_quotas.children(name)
    )
    return any(row is not None and row.is_live() for row in carried)
