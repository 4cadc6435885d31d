"""Which own-arranged quotas must be looked at when something that they might repeat changes.

Only for the candidates of double entry (received_quota_reentered, carry_over_entered_as_current), which compare quotas
with each other. Payments ask too, so what they ask is held in memory and mostly empty.
"""

from __future__ import annotations

from rules.fold.folding import Folding, SubjectKind
from rules.state import QuotaRow


def list_by_category(folding: Folding, quota: QuotaRow) -> None:
    """Have the quota found by its category and year."""
    ledger, key = folding.ledger, _key(quota.fund_category, quota.budget_year)
    ledger.category_quotas.add(key, quota.id)
    if quota.origin == "arranged" and not quota.is_opening:
        ledger.arranged_quotas.add(key, quota.id)


def move_to_category(folding: Folding, quota: QuotaRow, fund_category: str) -> None:
    """Give the quota another category; what was compared with it by the old one is judged again."""
    touch_matches(folding, quota)
    key = _key(quota.fund_category, quota.budget_year)
    folding.ledger.category_quotas.remove(key, quota.id)
    folding.ledger.arranged_quotas.remove(key, quota.id)
    quota.fund_category = fund_category
    list_by_category(folding, quota)


def touch_matches(folding: Folding, quota: QuotaRow) -> None:
    """After a change of a quota: arranged ones of its year, or of the year after, that might repeat it."""
    _touch(folding, quota.fund_category, quota.budget_year)
    touch_next_year(folding, quota)
    touch_numbered(folding, quota.document_no)


def touch_next_year(folding: Folding, quota: QuotaRow) -> None:
    """After a change of what a quota had unpaid at the end of its year."""
    _touch(folding, quota.fund_category, quota.budget_year + 1)


def touch_numbered(folding: Folding, document_no: str) -> None:
    """After a change of what carries a document's number."""
    for quota_id in folding.ledger.numbered_quotas.children(document_no):
        folding.touch(SubjectKind.QUOTA, quota_id)


def _touch(folding: Folding, fund_category: str, budget_year: int) -> None:
    for quota_id in folding.ledger.arranged_quotas.children(_key(fund_category, budget_year)):
        folding.touch(SubjectKind.QUOTA, quota_id)


def _key(fund_category: str, budget_year: int) -> str:
    return f"{fund_category}|{budget_year}"
