"""Payments, special accounts, plans and lists of subsidies."""

from __future__ import annotations

from datetime import date
from typing import Any

from connectors.office_days import later
from connectors.simulator.book import Body
from connectors.simulator.money import Line
from connectors.simulator.office import KEYS, Office, fen
from domain.calendar import roll_forward


def pay(
    office: Office, line: Line, yuan: int, on: date | None, *, recorded_on: date | None = None, **changes: Any
) -> str:
    """Pay an enterprise from a line; ``changes`` are fields of the body. Returns the payment's number."""
    payment_id = office.new_id("Z")
    name, code = office.enterprise()
    source = changes.pop("source", None)
    body: Body = {
        "payment_id": payment_id,
        "amount_fen": fen(yuan),
        "paid_on": on,
        "record_state": "valid",
        "fund_category": line.quota.category,
        "budget_year": line.quota.budget_year,
        "line_id": line.line_id,
        "project_id": line.project_id,
        "channel": "treasury_centralised",
        "payment_method": "direct",
        "settlement_method": "transfer",
        "subject_code": line.quota.theme.subject_code,
        "use_code": line.quota.theme.use_code,
        "purpose": f"{line.quota.theme.title}进度款",
        "payer_unit_code": office.unit(line.quota.theme.unit),
        "payer_account_kind": "unit_zero_balance",
        "spending_stage": "final",
        "reviewed_by": "u-3120",
        "payee_name": name,
        "payee_kind": "enterprise",
        "payee_credit_code": code,
        "payee_account_kind": "enterprise",
        "payee_account_tail": "0931",
        "payee_bank_name": f"农业银行{office.place.name}支行",
        **changes,
    }
    day = on or recorded_on
    if day is None:
        raise ValueError(f"payment {payment_id}: neither paid nor recorded on any day")
    office.write("payment.recorded", payment_id, body, day, recorded_on=recorded_on, source=source)
    return payment_id


def pay_rest(office: Office, line: Line, on: date, paid_yuan: int = 0) -> str:
    """Pay what is left of a line, so that nothing is idle or unspent afterwards."""
    return pay(office, line, line.fen // 100 - paid_yuan, on)


def void_payment(office: Office, payment_id: str, on: date) -> None:
    """The record should never have been."""
    office.correct("payment.voided", payment_id, on, "凭证录错", payment_id=payment_id, voided_on=on)


def refund(office: Office, payment_id: str, yuan: int, on: date) -> None:
    """Money of a payment came back."""
    refund_id = office.new_id("T")
    office.correct(
        "payment.refunded",
        refund_id,
        on,
        "退回",
        refund_id=refund_id,
        payment_id=payment_id,
        amount_fen=fen(yuan),
        refunded_on=on,
        refund_kind="returned_by_payee",
    )


def adjust_payment(office: Office, payment_id: str, on: date, **fields: object) -> None:
    """A value of a payment is set right."""
    office.correct("payment.adjusted", payment_id, on, "更正", payment_id=payment_id, adjusted_on=on, **fields)


# Where money goes that does not go to who did the work; each is a set of changes to a payment.


def to_township(office: Office) -> Body:
    """To a township's account."""
    return _to_unit("township_government", "township_real_fund", "镇财政所", office.unit(f"zf{office.serial}"))


def to_unit(office: Office) -> Body:
    """To a unit's real-fund account."""
    return _to_unit("budget_unit", "unit_real_fund", "农业农村局", office.unit(f"nyj{office.serial}"))


def to_special_account(office: Office) -> Body:
    """To the bureau's special account."""
    return _to_unit("finance_department", "special_fiscal", "财政局专户", office.unit("czj"))


def _to_unit(kind: str, account: str, name: str, code: str) -> Body:
    return {
        "spending_stage": "intermediate",
        "payee_name": name,
        "payee_kind": kind,
        "payee_credit_code": None,
        "payee_account_kind": account,
        "payee_unit_code": code,
    }


def to_person(office: Office) -> Body:
    """To a person's card."""
    key, _, name = office.person()
    return {
        "payee_name": name,
        "payee_kind": "person",
        "payee_person_key": key,
        "payee_credit_code": None,
        "payee_account_kind": "personal",
    }


# --- plans -------------------------------------------------------------------------------------------------------


def approve_plan(office: Office, line: Line, yuan: int, on: date) -> str:
    """A plan to use the money, submitted and approved on one day; returns its number."""
    plan_id = office.new_id("U")
    submitted: Body = {
        "plan_id": plan_id,
        "line_id": line.line_id,
        "unit_code": office.unit("nyj"),
        "planned_month": f"{on:%Y-%m}",
        "amount_fen": fen(yuan),
        "submitted_on": on,
    }
    office.write("plan.submitted", plan_id, submitted, on)
    approved: Body = {"plan_id": plan_id, "approved_amount_fen": fen(yuan), "approved_on": on}
    office.write("plan.approved", plan_id, approved, on)
    return plan_id


# --- special accounts --------------------------------------------------------------------------------------------


def register_account(
    office: Office, on: date, kind: str = "special_fiscal", *, holds_poverty_money: bool = True
) -> str:
    """An account of the bureau; returns its number."""
    account_id = office.new_id("ZH")
    body: Body = {
        "account_id": account_id,
        "account_kind": kind,
        "holder_unit_code": office.unit("czj"),
        "account_key": KEYS.pseudonym(account_id),
        "account_tail": "5521",
        "bank_name": f"农业发展银行{office.place.name}支行",
        "holds_poverty_money": holds_poverty_money,
        "opened_on": on,
    }
    office.write("account.registered", account_id, body, on)
    return account_id


def book_in(office: Office, account_id: str, yuan: int, on: date, line: Line, **changes: Any) -> str:
    """Money comes into an account; returns the entry's number."""
    return _entry(office, account_id, "in", yuan, on, line, {"purpose": "国库转入", **changes})


def book_out(office: Office, account_id: str, yuan: int, on: date, line: Line, **changes: Any) -> str:
    """Money goes out of an account to an enterprise; returns the entry's number."""
    name, code = office.enterprise()
    payee: Body = {
        "purpose": f"{line.quota.theme.title}款",
        "spending_stage": "final",
        "payee_name": name,
        "payee_kind": "enterprise",
        "payee_credit_code": code,
        "payee_account_kind": "enterprise",
        **changes,
    }
    return _entry(office, account_id, "out", yuan, on, line, payee)


def _entry(office: Office, account_id: str, direction: str, yuan: int, on: date, line: Line, more: Body) -> str:  # noqa: PLR0917  # the columns of one entry
    entry_id, recorded_on = office.new_id("E"), more.pop("recorded_on", None)
    body: Body = {
        "entry_id": entry_id,
        "account_id": account_id,
        "direction": direction,
        "amount_fen": fen(yuan),
        "booked_on": on,
        "accounting_completed_on": on,
        "entered_on": on,
        "fund_category": line.quota.category,
        "line_id": line.line_id,
        "project_id": line.project_id,
        **more,
    }
    office.write("account.entry_recorded", entry_id, body, on, recorded_on=recorded_on)
    return entry_id


def report_balance(office: Office, account_id: str, yuan: int, on: date) -> None:
    """The bank reports what lies in an account."""
    body: Body = {"account_id": account_id, "balance_fen": fen(yuan), "balance_on": on}
    office.write("account.balance_reported", account_id, body, on)


# --- lists -------------------------------------------------------------------------------------------------------


def import_list(office: Office, project_id: str, category: str, yuan: int, rows: int, on: date, **changes: Any) -> str:  # noqa: PLR0917  # the head of a list
    """The head of a list of so many ``rows`` that add up to so many ``yuan``; returns its number."""
    list_id = office.new_id("L")
    body: Body = {
        "list_id": list_id,
        "project_id": project_id,
        "fund_category": category,
        "subsidy_code": f"subsidy_{office.serial}",
        "subsidy_name": "产业到户补助",
        "period_from": date(on.year, 1, 1),
        "period_to": date(on.year, 12, 31),
        "paid_per": "person",
        "requires_registered_poor": False,
        "declared_row_count": rows,
        "declared_amount_fen": fen(yuan),
        "payout_channel": "one_card",
        "importing_unit_code": office.unit("fpb"),
        "imported_on": on,
        **changes,
    }
    office.write("distribution.list_imported", list_id, body, on)
    return list_id


def record_row(
    office: Office, list_id: str, yuan: int, on: date, *, who: tuple[str, str, str] | None = None, **changes: Any
) -> str:
    """One person of a list, paid the same day; returns the row's number."""
    row_id = office.new_id("H")
    person_key, name_key, name = who or office.person()
    body: Body = {
        "row_id": row_id,
        "list_id": list_id,
        "person_key": person_key,
        "name_key": name_key,
        "name_masked": name,
        "id_number_state": "valid",
        "household_key": None,
        "amount_fen": fen(yuan),
        "account_holder_matches": True,
        "paid_on": on,
        **changes,
    }
    office.write("distribution.row_recorded", row_id, body, on)
    return row_id


def settle_batch(office: Office, list_id: str, batch_id: str, yuan: int, rows: int, on: date, **changes: Any) -> None:  # noqa: PLR0917  # the bank's receipt
    """A batch goes out, and the bank answers the same day that all of it was paid."""
    submitted: Body = {
        "batch_id": batch_id,
        "list_id": list_id,
        "row_count": rows,
        "amount_fen": fen(yuan),
        "submitted_on": on,
    }
    office.write("batch.submitted", batch_id, submitted, on)
    settled: Body = {
        "batch_id": batch_id,
        "settled_on": on,
        "succeeded_count": rows,
        "succeeded_amount_fen": fen(yuan),
        "failed_count": 0,
        "failed_amount_fen": 0,
        **changes,
    }
    office.write("batch.settled", batch_id, settled, on)


def through_the_bank(batch_id: str, *, one_card: bool) -> Body:
    """A list's money on its way through a bank; by the one-card system or by the treasury."""
    into: Body = {
        "payee_name": "农业银行代发户",
        "payee_kind": "bank",
        "payee_credit_code": None,
        "payee_account_kind": "bank_internal",
        "batch_id": batch_id,
    }
    return into | ({"channel": "one_card_system", "payment_method": "batch", "source": "one_card"} if one_card else {})


def next_working_day(day: date, days: int) -> date:
    """The working day on or after so many calendar days."""
    return roll_forward(later(day, days))
