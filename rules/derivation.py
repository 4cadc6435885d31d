"""Derived values that rows carry, and what must be looked at again when one of them changes.

A quota decides for its lines whether they are poverty money and since when; a line decides for its payments. So a
change of a quota runs down to its lines, and a change of a line's scope runs down to its payments and entries.
"""

from __future__ import annotations

from functools import lru_cache

from domain.catalogue import entry, is_in_list_of
from rules.fold.folding import Folding, SubjectKind, remaining
from rules.fold.notices import tell_lower
from rules.fold.reports import touch_section_reports
from rules.ledger import RegionLedger
from rules.postings import may_post, refresh_postings
from rules.project_touches import note_first_paid, touch_project_of_line, touch_project_year
from rules.quota_matches import touch_matches, touch_next_year
from rules.state import (
    NO_DAY,
    Given,
    LineOrigin,
    LineRow,
    PaymentRow,
    QuotaRow,
    RegionRow,
)
from rules.sums import note_paid, refresh_loose, refresh_share, touch_quota_money

# Fund natures that are poverty money in Henan when flagged, integrable or not (calibres.md 2.1 (a)).
_FLAGGED_NATURES = frozenset(("government_fund", "government_bond", "land_gains", "donation"))
# Faults of a quota that are alerts of their own: of its flags (fund_attribute_wrong), of its issue (improper_issue).
QUOTA_FAULTS = (
    "flagged_not_counted",
    "expected_not_flagged",
    "not_marked",
    "part_undecided",
    "category_not_listed",
    "over_allocated",
    "wrong_target",
)
# Functional subject 21305 (扶贫) and its items.
_POVERTY_SUBJECT = "21305"


def quota_key(ledger: RegionLedger, quota_id: str) -> str:
    """The id that a named quota counts for: itself, or what replaced it (wire.md section 4, replace)."""
    seen = {quota_id}
    row = ledger.quotas.get(quota_id)
    while row is not None and row.replaced_by is not None and row.replaced_by not in seen:
        quota_id = row.replaced_by
        seen.add(quota_id)
        row = ledger.quotas.get(quota_id)
    return quota_id


def names_of_quota(ledger: RegionLedger, quota_id: str) -> list[str]:
    """All ids under which the quota may have been named: its own and those of the quotas it replaced."""
    names = [quota_id]
    for name in names:
        names.extend(original for original in ledger.replaced_quotas.children(name) if original not in names)
    return names


def quota_net_fen(quota: QuotaRow) -> int:
    """Amount with adjustments; 0 when not live (`quota_net_fen`)."""
    return remaining(quota.amount_fen, quota.changes) if quota.is_live() else 0


@lru_cache(maxsize=8_192)  # categories x regions of one partition; asked for with every payment
def is_category_in_scope(category: str, region_code: str) -> bool:
    """Whether a category is on the region's list and not classified (calibres.md 2.1 (b))."""
    found = entry(category)
    return is_in_list_of(category, region_code) and not (found is not None and found.classified)


def is_subject_poverty(subject_code: str | None) -> bool:
    """Whether a functional subject is 21305 or below."""
    return subject_code is not None and subject_code.startswith(_POVERTY_SUBJECT)


def is_quota_in_scope(quota: QuotaRow, region: RegionRow, region_code: str) -> bool:
    """`quota_in_scope`: live and poverty money by the profile's definition (calibres.md 2.1)."""
    if not quota.is_live():
        return False
    found = entry(quota.fund_category)
    if found is not None and found.classified:
        return False
    if region.profile == "xinjiang":
        return quota.is_poverty_fund is True and is_category_in_scope(quota.fund_category, region_code)
    if is_subject_poverty(quota.subject_code) and quota.expenditure_kind == "project":
        return True
    return quota.is_poverty_fund is True and (quota.is_integrable is True or quota.fund_nature in _FLAGGED_NATURES)


def is_payment_in_scope(ledger: RegionLedger, region: RegionRow, payment: PaymentRow) -> bool:
    """Scope of a payment: its known line's, else by category (Xinjiang) or subject 21305 (Henan)."""
    line = None if payment.line_id is None else ledger.lines.get(payment.line_id)
    if line is not None and line.is_payable:
        return line.in_scope
    if region.profile == "xinjiang":
        return is_category_in_scope(payment.fund_category, ledger.code)
    return is_subject_poverty(payment.subject_code)


def refresh_quota(folding: Folding, quota_id: str) -> None:
    """Bring everything that hangs on a quota up to date after any change of it."""
    ledger = folding.ledger
    for name in names_of_quota(ledger, quota_key(ledger, quota_id)):
        touch_quota(folding, name)
        named = ledger.quotas.get(name)
        if named is not None:
            touch_matches(folding, named)
        for line_id in ledger.quota_lines.children(name):
            line = folding.line(line_id)
            refresh_line(folding, line)
            for refined in ledger.block_lines.children(line_id):
                refresh_line(folding, folding.line(refined))
        for payment_id in ledger.quota_payments.children(name):
            folding.touch(SubjectKind.PAYMENT, payment_id)
    touch_documents(folding, quota_id)
    row = ledger.quotas.get(quota_id)
    if row is not None:
        touch_section_reports(folding, row)
        touch_quota_money(folding, row)
    if row is not None and row.origin == "carried_over" and row.carried_from is not None:
        refresh_carry(folding, row.carried_from)


def touch_quota(folding: Folding, quota_id: str) -> None:
    """Have the quota judged, and each fault of it that is an alert of its own."""
    folding.touch(SubjectKind.QUOTA, quota_id)
    row = folding.ledger.quotas.get(quota_id)
    if row is not None:
        folding.touch(SubjectKind.DOCUMENT_NO, row.document_no)
        folding.touch(SubjectKind.FLAG, f"{row.marks[0].event_id}|scope_undecided")
    for fault in QUOTA_FAULTS:
        folding.touch(SubjectKind.QUOTA_FAULT, f"{quota_id}|{fault}")


def refresh_carry(folding: Folding, prior_quota_id: str) -> None:
    """Sum again what live carried-over quotas brought forward of a prior-year quota."""
    ledger = folding.ledger
    key = quota_key(ledger, prior_quota_id)
    prior = ledger.quotas.get(key)
    if prior is None:
        return
    carried = 0
    for name in names_of_quota(ledger, key):
        for carried_id in ledger.carried_quotas.children(name):
            quota = ledger.quotas.get(carried_id)
            carried += 0 if quota is None else quota_net_fen(quota)
    touch_quota(folding, key)
    if carried != prior.carried_fen:
        prior.carried_fen = carried
        ledger.quotas.keep(key)
        refresh_quota(folding, key)
        touch_lines_of(folding, key)


def touch_lines_of(folding: Folding, quota_id: str) -> None:
    """Have every line of a quota judged: what one has unpaid depends on the others while money is carried over."""
    for line in lines_of(folding.ledger, quota_id):
        folding.touch(SubjectKind.LINE, line.id)


def lines_of(ledger: RegionLedger, quota_id: str) -> list[LineRow]:
    """All lines of a quota and of the quotas it replaced: allocations, opening lines and refined lines."""
    found: list[LineRow] = []
    for name in names_of_quota(ledger, quota_id):
        for line_id in ledger.quota_lines.children(name):
            ids = [line_id, *ledger.block_lines.children(line_id)]
            found.extend(row for row in map(ledger.lines.get, ids) if row is not None)
    return found


def touch_documents(folding: Folding, quota_name: str) -> None:
    """Have all allocation documents judged that count for the same quota as this name does.

    Under every id of the chain of replacements: the subject moves with the quota, and its old alert must end.
    """
    ledger = folding.ledger
    names = names_of_quota(ledger, quota_key(ledger, quota_name))
    documents = [each for name in names for each in ledger.quota_documents.children(name)]
    numbers = dict.fromkeys(row.document_no for row in map(ledger.documents.get, documents) if row is not None)
    for name in names:
        folding.touch(SubjectKind.DOCUMENT, f"{name}|")
        for number in numbers:
            folding.touch(SubjectKind.DOCUMENT, f"{name}|{number}")
    for number in numbers:
        folding.touch(SubjectKind.DOCUMENT_NO, number)


def refresh_line(folding: Folding, line: LineRow) -> None:
    """Recompute what a line derives from its quota and block, and touch what depends on it.

    The line itself is always touched: callers call this after any change of it.
    """
    ledger = folding.ledger
    before = (line.is_payable, line.quota_key, line.in_scope)
    net_before = line.net_fen
    block = ledger.lines.get(line.block_id) if line.block_id else None
    named = line.quota_id if block is None else block.quota_id
    key = quota_key(ledger, named) if named else ""
    quota = ledger.quotas.get(key) if key else None
    line.is_payable = line.origin != LineOrigin.UNKNOWN and not line.to_lower
    if line.project_id is not None and line.budget_year:
        touch_project_year(folding, line.project_id, line.budget_year)
    if quota is None:
        line.quota_key, line.in_scope, line.available_on, line.budget_year, line.has_carry = "", False, NO_DAY, 0, False
    else:
        line.quota_key = key
        line.in_scope = line.line_kind == "poverty" and is_quota_in_scope(quota, folding.region, ledger.code)
        line.available_on = (
            quota.available_on if line.origin == LineOrigin.OPENING else max(quota.available_on, line.day)
        )
        line.budget_year = quota.budget_year
        line.has_carry = quota.carried_fen > 0
    line.net_fen = line_net_fen(ledger, line, block)
    refresh_share(folding, line)
    ledger.lines.keep(line.id)
    folding.touch(SubjectKind.LINE, line.id)
    for plan_id in ledger.line_plans.children(line.id):
        folding.touch(SubjectKind.PLAN, plan_id)
    touch_project_of_line(folding, line)
    if named:
        touch_documents(folding, named)
        touch_quota(folding, key)
        if quota is not None:
            touch_next_year(folding, quota)
        folding.touch(SubjectKind.DOCUMENT_NO, line.document_no)
    if (line.is_payable, line.quota_key, line.in_scope) != before:
        touch_payments_of(folding, line)
    else:
        for payment_id in line.special_payments:
            folding.touch(SubjectKind.PAYMENT, payment_id)
    if line.to_lower and quota is not None:
        tell_lower(folding, line, quota)
    if block is not None and line.net_fen != net_before:
        refresh_line(folding, block)
    if line.has_carry:
        touch_lines_of(folding, key)


def line_net_fen(ledger: RegionLedger, line: LineRow, block: LineRow | None) -> int:
    """Amount of a line after adjustments; of a pending block what is left unrefined; 0 when void (`line_net_fen`).

    A block that was refined beyond its amount is below 0, so that block and lines add up to what was allocated
    (calibres.md section 11, identity 2).
    """
    if line.is_void or line.origin == LineOrigin.UNKNOWN or (block is not None and block.is_void):
        return 0
    net = remaining(line.amount_fen, line.changes)
    if line.is_pending:
        for refined_id in ledger.block_lines.children(line.id):
            refined = ledger.lines.get(refined_id)
            if refined is not None and not refined.is_void:
                net -= remaining(refined.amount_fen, refined.changes)
    return net


def touch_payments_of(folding: Folding, line: LineRow) -> None:
    """Have all payments and entries that name a line judged, and the projects that payments name themselves."""
    for payment_id in folding.ledger.line_payments.children(line.id):
        folding.touch(SubjectKind.PAYMENT, payment_id)
        payment = folding.ledger.payments.get(payment_id)
        if payment is None:
            continue
        refresh_loose(folding, payment)
        if payment.project_id is not None:
            folding.touch(SubjectKind.PROJECT, payment.project_id)
        post(folding, payment)
    for entry_id in folding.ledger.line_entries.children(line.id):
        folding.touch(SubjectKind.ENTRY, entry_id)


def post(folding: Folding, payment: PaymentRow) -> None:
    """Bring the sums that a payment adds to beyond its line's in step with it."""
    if may_post(payment):
        refresh_postings(folding, payment, in_scope=is_payment_in_scope(folding.ledger, folding.region, payment))


def give(folding: Folding, before: Given | None, after: Given | None) -> None:
    """Move what a payment or out entry adds to the sums of its line from ``before`` to ``after``.

    The caller has put ``after`` on the row already: when the line's last paid day loses its last record, it is found
    anew from the rows.
    """
    if before == after:
        return
    note_first_paid(folding, before, after)
    is_found_anew = False
    if before is not None:
        line = folding.line(before.line_id)
        line.paid_fen -= before.fen
        line.out_fen -= before.fen if before.is_out_entry else 0
        if before.fen > 0 and before.day == line.last_paid_on:
            line.last_paid_count -= 1
            if line.last_paid_count == 0:
                _find_last_paid(folding.ledger, line)
                is_found_anew = after is not None and after.line_id == before.line_id
        note_paid(folding.ledger, before, -1)
        _touch_given(folding, line, before)
    if after is not None:
        line = folding.line(after.line_id)
        line.paid_fen += after.fen
        line.out_fen += after.fen if after.is_out_entry else 0
        if after.fen > 0 and not is_found_anew:
            _note_paid_on(line, after.day)
        note_paid(folding.ledger, after, 1)
        _touch_given(folding, line, after)


def _note_paid_on(line: LineRow, day: int) -> None:
    if day > line.last_paid_on:
        line.last_paid_on, line.last_paid_count = day, 1
    elif day == line.last_paid_on:
        line.last_paid_count += 1


def _find_last_paid(ledger: RegionLedger, line: LineRow) -> None:
    line.last_paid_on, line.last_paid_count = NO_DAY, 0
    rows = [
        *map(ledger.payments.get, ledger.line_payments.children(line.id)),
        *map(ledger.entries.get, ledger.line_entries.children(line.id)),
    ]
    for row in rows:
        if row is not None and row.given is not None and row.given.line_id == line.id and row.given.fen > 0:
            _note_paid_on(line, row.given.day)


def _touch_given(folding: Folding, line: LineRow, given: Given) -> None:
    refresh_share(folding, line)
    quota = folding.ledger.quotas.get(line.quota_key) if line.in_scope else None
    if quota is not None:
        touch_next_year(folding, quota)
    folding.ledger.lines.keep(line.id)
    folding.touch(SubjectKind.LINE, line.id)
    if given.is_out_entry:
        for payment_id in line.special_payments:
            folding.touch(SubjectKind.PAYMENT, payment_id)
    if line.has_carry:
        touch_lines_of(folding, line.quota_key)
        touch_quota(folding, line.quota_key)
