"""Facts and evidence records that several rules show about payments and lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from domain.findings import Evidence
from rules.days import text_of_day
from rules.desk_view import CountedMonth
from rules.facts.enterprises import PaidRow
from rules.facts.records import Claim, EnterprisePayment, Keyed
from rules.figure_state import ReportedRow
from rules.fold.folding import SubjectKind
from rules.rule import Explanation
from rules.state import NO_DAY, EntryRow, LineRow, Mark, PaymentRow, QuotaRow
from rules.view import View
from rules.wording import Sentence

# Journal records shown per line beside its own: the latest ones. A line paid in thousands of parts would otherwise
# make an alert of megabytes; the earlier ones are found through the line's id.
LINE_PAYMENTS_SHOWN_MAX = 50
# The same for a quota that was allocated in hundreds of parts.
QUOTA_LINES_SHOWN_MAX = 50

Facts = dict[str, int | str | bool | None]


def date_or_none(day: int) -> str | None:
    """ISO date of an ordinal; None for no day."""
    return None if day == NO_DAY else text_of_day(day)


def line_facts(line: LineRow, view: View) -> Facts:
    """What rules about a line show (rules.tsv, evidence)."""
    quota = view.quota_of_line(line)
    return {
        "allocation_id": line.id,
        "quota_id": line.quota_key,
        "project_id": line.project_id,
        "fund_category": None if quota is None else quota.fund_category,
        "line_net_fen": line.net_fen,
        "line_paid_fen": view.line_paid_fen(line),
        "line_unpaid_fen": view.line_unpaid_fen(line),
        "line_available_on": date_or_none(line.available_on),
        "line_last_paid_on": date_or_none(line.last_paid_on),
        "responsible_section": None if quota is None else quota.responsible_section,
    }


def line_marks(line: LineRow, view: View) -> tuple[Mark, ...]:
    """The line's own records, its quota's, and its latest payments and out entries."""
    quota = view.quota_of_line(line)
    ledger = view.ledger
    rows = [
        *map(ledger.payments.get, ledger.line_payments.children(line.id)),
        *map(ledger.entries.get, ledger.line_entries.children(line.id)),
    ]
    paid = sorted((mark for row in rows if row is not None for mark in row.marks), key=lambda mark: mark.position)
    return (*(quota.marks if quota is not None else ()), *line.marks, *paid[-LINE_PAYMENTS_SHOWN_MAX:])


def quota_line_marks(quota: QuotaRow, lines: Sequence[LineRow]) -> tuple[Mark, ...]:
    """The quota's own records and those of its latest lines."""
    marks = sorted((mark for line in lines for mark in line.marks), key=lambda mark: mark.position)
    return (*quota.marks, *marks[-QUOTA_LINES_SHOWN_MAX:])


def money_marks(quotas: Iterable[QuotaRow]) -> tuple[Mark, ...]:
    """The records of the quotas that a sum is over, the latest ones."""
    marks = sorted((mark for quota in quotas for mark in quota.marks), key=lambda mark: mark.position)
    return tuple(marks[-LINE_PAYMENTS_SHOWN_MAX:])


def reported_facts(row: ReportedRow | None, our_figure_fen: int) -> Facts:
    """A total held outside and ours beside it."""
    if row is None:
        return {}
    return {
        "figure_kind": row.figure_kind,
        "amount_kind": row.amount_kind,
        "fund_category": row.fund_category,
        "budget_year": row.budget_year,
        "as_of_on": date_or_none(row.latest.as_of_on),
        "total_fen": row.latest.total_fen,
        "our_figure_fen": our_figure_fen,
        "counted_source": row.latest.counted_source,
        "record_count": row.latest.record_count,
    }


def reported_marks(row: ReportedRow | None) -> tuple[Mark, ...]:
    """The record that reported the latest total."""
    return () if row is None else (Mark(row.latest.event_id, row.latest.position, "reported"),)


def percent_text(basis_points: int | None) -> str | None:
    """A ratio for people, with two decimals; None where there is none."""
    if basis_points is None:
        return None
    sign, points = "-" if basis_points < 0 else "", abs(basis_points)
    return f"{sign}{points // 100}.{points % 100:02}"


def candidate_facts(rule_id: str, quota: QuotaRow, view: View) -> Facts:
    """What rules show that only point at a quota, for a person to confirm."""
    return {
        "quota_id": quota.id,
        "document_no": quota.document_no,
        "fund_category": quota.fund_category,
        "budget_year": quota.budget_year,
        "amount_fen": view.quota_net_fen(quota),
        "registered_on": date_or_none(quota.registered_on),
        "is_confirmed": view.is_confirmed(rule_id, SubjectKind.QUOTA, quota.id),
        "entered_by": quota.entered_by,
    }


def month_facts(month: CountedMonth | None) -> Facts:
    """What rules on the alerts of a month show."""
    return {
        "open_at_month_end": None if month is None else month.row.open_at_month_end,
        "alert_id": None if month is None else ", ".join(month.row.alert_ids),
        "month_end": None if month is None else date_or_none(month.month_end),
    }


def payment_facts(payment: PaymentRow) -> Facts:
    """What rules about a payment show."""
    return {
        "payment_id": payment.id,
        "amount_fen": payment.net_fen,
        "paid_on": date_or_none(payment.paid_on),
        "line_id": payment.line_id,
        "project_id": payment.project_id,
        "fund_category": payment.fund_category,
        "payer_unit_code": payment.payer_unit_code,
        "payee_name": payment.payee_name,
        "purpose": payment.purpose,
    }


def payment_marks(payment: PaymentRow, view: View) -> tuple[Mark, ...]:
    """The payment's own records and those of its line."""
    line = view.known_line(payment.line_id)
    return (*(line.marks if line is not None else ()), *payment.marks)


def section_of_payment(payment: PaymentRow, view: View) -> str | None:
    """归口业务处室 of the quota that the payment belongs to, when it is known."""
    quota = view.quota_of_payment(payment)
    return None if quota is None else quota.responsible_section


def category_of_payment(payment: PaymentRow, view: View) -> str:
    """The fund category of the payment's quota, else its own."""
    quota = view.quota_of_payment(payment)
    return payment.fund_category if quota is None else quota.fund_category


def with_facts(facts: Facts, **more: int | str | bool | None) -> Mapping[str, int | str | bool | None]:
    """Facts with further ones."""
    return facts | more


def payment_explanation(
    payment: PaymentRow,
    view: View,
    message: Sentence,
    *,
    observed: int | str | None,
    unit: str,
    limit: int | str | None = None,
    **facts: int | str | bool | None,
) -> Explanation:
    """What a rule about one payment shows: its amount, its records, and the rule's own facts besides the usual ones."""
    return Explanation(
        title=payment.payee_name,
        observed=observed,
        limit=limit,
        unit=unit,
        amount_fen=payment.net_fen,
        facts=with_facts(payment_facts(payment), **facts),
        marks=payment_marks(payment, view),
        message_zh=message.zh,
        message_en=message.en,
        fund_category=category_of_payment(payment, view),
        responsible_section=section_of_payment(payment, view),
    )


def entry_explanation(
    entry: EntryRow,
    view: View,
    message: Sentence,
    *,
    observed: int | str | None,
    unit: str,
    limit: int | str | None = None,
    **facts: int | str | bool | None,
) -> Explanation:
    """What a rule about one entry of an account shows, as `payment_explanation`."""
    account = view.account(entry.account_id)
    line = view.known_line(entry.line_id)
    quota = None if line is None else view.quota_of_line(line)
    common: Facts = {
        "entry_id": entry.id,
        "account_id": entry.account_id,
        "direction": entry.direction,
        "amount_fen": entry.net_fen,
        "booked_on": date_or_none(entry.booked_on),
    }
    return Explanation(
        title=entry.payee_name or entry.account_id,
        observed=observed,
        limit=limit,
        unit=unit,
        amount_fen=entry.net_fen,
        facts=with_facts(common, **facts),
        marks=(*(account.marks if account is not None else ()), *entry.marks),
        message_zh=message.zh,
        message_en=message.en,
        fund_category=entry.fund_category if quota is None else quota.fund_category,
        responsible_section=None if quota is None else quota.responsible_section,
    )


def claim_facts(claim: Claim) -> Facts:
    """What rules about a person's or household's claim show."""
    return {
        "row_id": claim.row_id,
        "list_id": claim.list_id,
        "project_id": claim.project_id,
        "subsidy_code": claim.subsidy_code,
        "period_from": text_of_day(claim.period_from),
        "period_to": text_of_day(claim.period_to),
        "person_key": claim.person_key,
        "name_masked": claim.name_masked,
        "amount_fen": claim.net_fen,
        "paid_on": date_or_none(claim.paid_on),
    }


def claim_explanation(
    claim: Claim,
    message: Sentence,
    *,
    observed: int | str | None,
    unit: str,
    limit: int | str | None = None,
    proofs: Iterable[Keyed] = (),
    **facts: int | str | bool | None,
) -> Explanation:
    """What a rule about a claim shows, as `payment_explanation`; ``proofs`` are the facts it rests on beside it."""
    return Explanation(
        title=claim.name_masked,
        observed=observed,
        limit=limit,
        unit=unit,
        amount_fen=claim.net_fen,
        facts=with_facts(claim_facts(claim), **facts),
        marks=(),
        proofs=proofs_of((claim, *proofs)),
        message_zh=message.zh,
        message_en=message.en,
        fund_category=claim.fund_category,
    )


def proofs_of(facts: Iterable[Keyed]) -> tuple[Evidence, ...]:
    """The journal records that facts of whatever regions rest on, each once."""
    found = (
        Evidence(mark.event_id, mark.position, mark.role, partition=fact.partition)
        for fact in facts
        for mark in fact.marks
    )
    return tuple(dict.fromkeys(found))


def enterprise_payment_facts(paid: PaidRow, payments: Sequence[EnterprisePayment]) -> Facts:
    """What rules about an enterprise paid show: whom, and the first payment or entry of the day in question."""
    first = payments[0] if payments else None
    return {
        "payee_credit_code": paid.credit_code,
        "payee_name": paid.payee_name,
        "payment_id": None if first is None else first.payment_id,
        "entry_id": None if first is None else first.entry_id,
    }
