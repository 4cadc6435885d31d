"""The rule catalogue: an explicit tuple. A rule is on the list or it does not exist (STYLE 12)."""

from __future__ import annotations

from rules.catalogue import (
    abolished_special_account_used,
    allocation_booked_as_spending,
    cash_withdrawal,
    distribution_list_faulty,
    fictitious_expenditure,
    funds_idle,
    matched_to_non_poverty_quota,
    monthly_report_late,
    paid_through_unit_real_account,
    payment_entered_offline,
    payment_exceeds_quota,
    payment_invalid_or_undated,
    payment_not_centralised,
    payment_unlinked,
    payout_failure_unresolved,
    performance_target_missing,
    posts_improper,
    provincial_correction_late,
    quota_allocation_overdue,
    source_silent,
    special_account_entry_late,
    special_account_lump_transfer,
    superior_quota_not_received,
)
from rules.rule import Rule

# In the order of rules.tsv: alerts of one event come in this order.
RULES: tuple[Rule, ...] = (
    superior_quota_not_received.RULE,
    quota_allocation_overdue.RULE,
    matched_to_non_poverty_quota.RULE,
    funds_idle.RULE,
    allocation_booked_as_spending.RULE,
    fictitious_expenditure.RULE,
    payment_not_centralised.RULE,
    payment_unlinked.RULE,
    payment_entered_offline.RULE,
    payment_exceeds_quota.RULE,
    cash_withdrawal.RULE,
    paid_through_unit_real_account.RULE,
    abolished_special_account_used.RULE,
    special_account_lump_transfer.RULE,
    special_account_entry_late.RULE,
    payout_failure_unresolved.RULE,
    performance_target_missing.RULE,
    payment_invalid_or_undated.RULE,
    source_silent.RULE,
    distribution_list_faulty.RULE,
    monthly_report_late.RULE,
    provincial_correction_late.RULE,
    posts_improper.RULE,
)
