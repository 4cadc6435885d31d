"""What each rule is judged on: the families of events that it reads, and the registers that must be there first.

Which sources a rule depends on follows from this and from who may send each type (`domain.events`). What every rule
reads is not named: region.opened, ticks, exemptions, and what people say of its own alert.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from functools import cache
from typing import Any, Final, NamedTuple

from domain.events import EVENT_TYPES
from rules.fold.registers import ENTERPRISE


class Family(Enum):
    """Event types by the kind of record that they create, correct or go on with."""

    QUOTAS = (
        *("quota.arranged", "quota.received", "quota.carried_over", "quota.opening_recorded", "quota.reflagged"),
        *("quota.adjusted", "quota.relinked", "quota.voided", "quota.replaced"),
    )
    LINES = ("quota.allocated", "quota.refined", "allocation.adjusted", "allocation.relinked", "allocation.voided")
    NOTICES = ("linkage.quota_issued", "linkage.quota_changed")
    PLANS = ("plan.submitted", "plan.approved", "plan.voided")
    PAYMENTS = (
        *("payment.recorded", "payment.voided", "payment.refunded", "payment.adjusted", "payment.relinked"),
        "payment.replaced",
    )
    ACCOUNTS = (
        *("account.registered", "account.entry_recorded", "account.entry_voided", "account.entry_refunded"),
        *("account.entry_adjusted", "account.balance_reported"),
    )
    FUNCTIONS = ("function.switched",)
    PROJECTS = ("project.registered", "project.corrected", "project.withdrawn", "project.completed")
    TARGETS = ("target.submitted", "target.reviewed", "target.entered", "filing.voided")
    MONITORINGS = ("monitoring.filed", "filing.voided")
    USES = ("use.filed", "filing.voided")
    EVALUATIONS = ("evaluation.filed", "filing.voided")
    LISTS = (
        *("distribution.list_imported", "distribution.list_voided", "distribution.row_recorded"),
        *("distribution.row_voided", "distribution.row_adjusted", "distribution.row_returned"),
        "distribution.row_reissued",
    )
    BATCHES = ("batch.submitted", "batch.settled")
    DOCUMENTS = ("document.printed", "document.withdrawn")
    SCANS = ("document.scanned", "document.copied", "document.withdrawn")
    ANNOUNCEMENTS = ("announcement.published", "document.withdrawn")
    PROOFS = ("proof.uploaded", "document.withdrawn")
    REPORTS = ("report.filed", "reconciliation.completed")
    TOTALS = ("figures.reported",)
    RELOCATION = ("relocation.raised", "relocation.spent", "relocation.refunded", "relocation.voided")
    POSTS = ("post.assigned", "post.released")
    DOUBTS = ("doubt.raised", "doubt.resolved")
    PROBLEMS = ("problem.registered", "problem.rectified")
    ACTIONS = ("alert.verified", "alert.feedback_given", "alert.rectified", "alert.reviewed")
    INSPECTIONS = ("inspection.opened", "inspection.closed")
    PERSONS = ("person.listed", "person.unlisted", "registry.snapshot_completed")
    ENTERPRISES = ("enterprise.recorded", "enterprise.listed", "enterprise.unlisted", "registry.snapshot_completed")


# What is issued and to whom; it also says which money is poverty money.
_MONEY = (Family.QUOTAS, Family.LINES)
# What is spent of it.
_SPENDING = (*_MONEY, Family.PAYMENTS, Family.ACCOUNTS)

# Of these no record is flagged.
_UNFLAGGED = (Family.FUNCTIONS, Family.ACTIONS)

READS: Final[Mapping[str, tuple[Family, ...]]] = {
    "superior_quota_not_received": (Family.QUOTAS, Family.NOTICES),
    "received_quota_reentered": (Family.QUOTAS, Family.NOTICES),
    "quota_allocation_overdue": (*_MONEY, Family.DOCUMENTS),
    "pending_quota_unrefined": _MONEY,
    "quota_unallocated_aged": _MONEY,
    "fund_attribute_wrong": _MONEY,
    "carry_over_entered_as_current": _SPENDING,
    "matched_to_non_poverty_quota": (Family.QUOTAS, Family.NOTICES),
    "mixed_transfer_unsplit": _MONEY,
    "improper_issue": _MONEY,
    "quota_without_project": _MONEY,
    "project_outside_library": (*_MONEY, Family.PROJECTS),
    "quota_registered_late": _MONEY,
    "quota_document_incomplete": (*_MONEY, Family.DOCUMENTS, Family.SCANS),
    "household_flag_missing": (*_MONEY, Family.PROJECTS),
    "funds_idle": _SPENDING,
    "year_end_unspent": _SPENDING,
    "payment_progress_slow": _SPENDING,
    "monthly_payment_entry_missing": (*_MONEY, Family.PAYMENTS, Family.REPORTS),
    "plan_approved_unpaid": (*_MONEY, Family.PLANS, Family.PAYMENTS),
    "payment_use_forbidden": _SPENDING,
    "payment_off_project": (*_MONEY, Family.PAYMENTS, Family.PROJECTS),
    "use_structure_out_of_band": (*_MONEY, Family.PROJECTS),
    "allocation_booked_as_spending": (*_MONEY, Family.PAYMENTS),
    "fictitious_expenditure": (*_MONEY, Family.PAYMENTS),
    "payment_not_centralised": (*_MONEY, Family.PAYMENTS),
    "allocation_spending_gap": (*_SPENDING, Family.TOTALS),
    "payment_unlinked": (*_MONEY, Family.PAYMENTS),
    "payment_entered_offline": (*_MONEY, Family.PAYMENTS, Family.FUNCTIONS),
    "payment_exceeds_quota": _SPENDING,
    "cash_withdrawal": (*_MONEY, Family.PAYMENTS, Family.LISTS),
    "paid_through_unit_real_account": (*_MONEY, Family.PAYMENTS),
    "abolished_special_account_used": _SPENDING,
    "special_account_lump_transfer": _SPENDING,
    "special_account_entry_late": (Family.ACCOUNTS,),
    "special_account_unaccounted": (Family.ACCOUNTS, Family.FUNCTIONS),
    "payee_account_kind_mismatch": (*_SPENDING, Family.LISTS),
    "payee_enterprise_inactive": (*_SPENDING, Family.ENTERPRISES),
    "payee_enterprise_unregistered": (*_SPENDING, Family.ENTERPRISES),
    "recipient_not_registered_poor": (Family.LISTS, Family.PERSONS),
    "recipient_deceased": (*_MONEY, Family.PAYMENTS, Family.LISTS, Family.PERSONS),
    "recipient_on_public_payroll": (Family.LISTS, Family.PERSONS),
    "duplicate_claim": (Family.LISTS,),
    "distribution_list_missing": (*_MONEY, Family.PAYMENTS, Family.PROJECTS, Family.LISTS),
    "paid_outside_one_card": (*_MONEY, Family.PAYMENTS, Family.LISTS, Family.BATCHES),
    "payout_failure_unresolved": (Family.LISTS, Family.BATCHES, Family.PAYMENTS),
    "performance_target_missing": (*_MONEY, Family.TARGETS, Family.PROJECTS),
    "performance_target_faulty": (*_MONEY, Family.TARGETS, Family.PROJECTS),
    "project_fragmented": (*_MONEY, Family.PROJECTS),
    "monitoring_node_missed": (*_MONEY, Family.PROJECTS, Family.TARGETS, Family.MONITORINGS),
    "self_evaluation_missing": (*_MONEY, Family.PROJECTS, Family.EVALUATIONS),
    "execution_behind_plan": (Family.PROJECTS, Family.MONITORINGS, Family.PROBLEMS),
    "proof_material_missing": (Family.MONITORINGS, Family.USES, Family.EVALUATIONS, Family.PROOFS),
    "business_totals_differ": (*_SPENDING, Family.TOTALS),
    "payment_invalid_or_undated": (*_MONEY, Family.PAYMENTS),
    "self_report_differs": (*_SPENDING, Family.TOTALS),
    "source_silent": (),  # any event will do, and its absence is what is judged
    "record_incomplete": tuple(each for each in Family if each not in _UNFLAGGED),
    "distribution_list_faulty": (Family.LISTS,),
    "allocation_result_unpublished": (Family.QUOTAS, Family.DOCUMENTS, Family.ANNOUNCEMENTS),
    "local_notice_missing": (*_MONEY, Family.PROJECTS, Family.ANNOUNCEMENTS),
    "monthly_report_late": (Family.QUOTAS, Family.REPORTS),
    "provincial_correction_late": (Family.DOUBTS,),
    "alert_feedback_overdue": (Family.ACTIONS,),
    "rectification_overdue": (Family.ACTIONS, Family.PROBLEMS),
    "alerts_three_consecutive_months": (Family.ACTIONS, Family.INSPECTIONS),
    "alerts_remain_frequent": (Family.ACTIONS, Family.INSPECTIONS),
    "posts_improper": (Family.POSTS,),
}


class Register(NamedTuple):
    """A register without which a rule finds nothing."""

    name: str
    days_old_max: int | None = None  # how far it may lie behind the day; None: any snapshot will do
    is_of_any_region: bool = False  # another region's will do


# By rule, from its thresholds. A death needs no snapshot: recipient_deceased speaks from the first listing on.
_REGISTERS: Final[Mapping[str, Callable[[Any], tuple[Register, ...]]]] = {
    "recipient_not_registered_poor": lambda values: (Register("registered_poor", values.register_lag_days),),
    "recipient_on_public_payroll": lambda values: tuple(map(Register, ("public_payroll", *values.yellow_registries))),
    "payee_enterprise_inactive": lambda _: (Register(ENTERPRISE, is_of_any_region=True),),
    # That of the region in which the enterprise is registered: of most the paying one.
    "payee_enterprise_unregistered": lambda _: (Register(ENTERPRISE),),
}


def registers_of(rule_id: str, values: object) -> tuple[Register, ...]:
    """The registers that a rule needs, with these values of its parameters."""
    needed = _REGISTERS.get(rule_id)
    return () if needed is None else needed(values)


@cache
def sources_of(rule_id: str) -> frozenset[str]:
    """Sources that may send what a rule reads; of a rule that only a rule set has, all: it may ask for anything."""
    families = READS.get(rule_id, tuple(Family))
    return frozenset(source for family in families for name in family.value for source in EVENT_TYPES[name].sources)
