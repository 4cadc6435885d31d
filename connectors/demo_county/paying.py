"""Payments, special accounts and lists of subsidies."""

from __future__ import annotations

from datetime import date
from typing import Any

from connectors.demo_county.book import YEAR, Body
from connectors.demo_county.credit_codes import credit_code
from connectors.demo_county.office import Line, Office, fen
from connectors.demo_county.places import Place, Township
from connectors.office_days import later
from connectors.pseudonyms import Keys, masked_id_number, masked_name, normalised_name
from domain.calendar import roll_forward

# Invented people get invented pseudonyms: the secret protects nobody.
DEMO_KEYS = Keys(1, {1: b"fundwatch demonstration, no secret"})
SURNAMES = "王李张刘陈杨赵黄周吴徐孙马朱胡郭何林"
GIVEN_NAMES = ("秀英", "桂兰", "建国", "保军", "拴柱", "玉梅", "小妮", "留根", "改香", "石头", "长河", "金凤")


def enterprise_of(place: Place, line: Line) -> str:
    """The enterprise that builds what the line pays."""
    enterprises = place.enterprises or ("博州农业产业发展有限公司",)
    return enterprises[line.payee % len(enterprises)]


def pay(
    office: Office,
    line: Line,
    yuan: int,
    on: date,
    *,
    recorded_on: date | None = None,
    arrives_on: date | None = None,
    purpose: str = "进度款",
    **changes: object,
) -> str:
    """Pay an enterprise from a line; ``changes`` are fields of the body. Returns the payment's number."""
    payment_id = office.new_id("Z")
    enterprise = enterprise_of(office.place, line)
    body: Body = {
        "payment_id": payment_id,
        "amount_fen": fen(yuan),
        "paid_on": on,
        "record_state": "valid",
        "fund_category": line.quota.category,
        "budget_year": YEAR,
        "line_id": line.line_id,
        "project_id": line.project_id,
        "channel": "treasury_centralised",
        "payment_method": "direct",
        "settlement_method": "transfer",
        "subject_code": line.quota.subject_code,
        "use_code": line.theme.use_code,
        "purpose": f"{line.theme.measure}{purpose}",
        "payer_unit_code": office.unit(line.theme.unit),
        "payer_account_kind": "unit_zero_balance",
        "spending_stage": "final",
        "reviewed_by": "u-3120",
        "payee_name": enterprise,
        "payee_kind": "enterprise",
        "payee_credit_code": credit_code(office.place.region, enterprise),
        "payee_account_kind": "enterprise",
        "payee_account_tail": f"{line.payee:04}",
        "payee_bank_name": f"农业银行{office.place.name}支行",
        **changes,
    }
    office.write("payment.recorded", payment_id, body, on, recorded_on=recorded_on, arrives_on=arrives_on)
    return payment_id


def pay_out(
    office: Office, line: Line, yuan: int, first_on: date, *, parts: int = 2, gap_days: int = 30, **changes: Any
) -> None:
    """Pay in equal parts, a month apart: how a line is brought to rest."""
    share = yuan // parts
    for number in range(parts):
        part = share if number < parts - 1 else yuan - share * (parts - 1)
        pay(office, line, part, roll_forward(later(first_on, number * gap_days)), **changes)


def to_special_account(office: Office, line: Line, yuan: int, on: date, **changes: object) -> str:
    """Move money of a line from the treasury into the bureau's special account."""
    into: Body = {
        "payer_account_kind": "treasury",
        "spending_stage": "intermediate",
        "payee_name": f"{office.place.name}财政局专户",
        "payee_kind": "finance_department",
        "payee_credit_code": None,
        "payee_account_kind": "special_fiscal",
        "payee_unit_code": office.unit("czj"),
    }
    return pay(office, line, yuan, on, purpose="转入财政专户", **{**into, **changes})


def to_unit(office: Office, line: Line, yuan: int, on: date, kind: str, **changes: object) -> str:
    """Pay into an account of a unit or township (``kind`` = payee_account_kind) instead of to who did the work."""
    is_township = kind == "township_real_fund"
    town = _town(office)
    into: Body = {
        "spending_stage": "intermediate",
        "payee_name": f"{town.name}财政所" if is_township else f"{office.place.name}农业农村局",
        "payee_kind": "township_government" if is_township else "budget_unit",
        "payee_credit_code": None,
        "payee_account_kind": kind,
        "payee_unit_code": town.code if is_township else office.unit("nyj"),
    }
    return pay(office, line, yuan, on, purpose="拨付", **{**into, **changes})


def pass_on(office: Office, line: Line, yuan: int, on: date, upstream: str, *, stage: str) -> str:
    """A township pays on what it was paid: to the final payee, or into yet another account."""
    from_town: Body = {
        "channel": "own_account",
        "upstream_payment_id": upstream,
        "payer_account_kind": "township_real_fund",
        "payer_unit_code": _town(office).code,
        "spending_stage": stage,
    }
    if stage == "intermediate":
        village = {"payee_name": "村股份经济合作社", "payee_kind": "village_collective"}
        from_town |= {**village, "payee_credit_code": None, "payee_account_kind": "village_collective"}
    return pay(office, line, yuan, on, purpose="乡镇再支付", **from_town)


def _town(office: Office) -> Township:
    return office.place.townships[0]


# --- special accounts --------------------------------------------------------------------------------------------


def register_account(office: Office, kind: str, on: date, *, holds_poverty_money: bool = True) -> str:
    """An account of the bureau; returns its number."""
    account_id = f"{office.place.region}-ZH-{office.count('account'):02}"
    body: Body = {
        "account_id": account_id,
        "account_kind": kind,
        "holder_unit_code": office.unit("czj"),
        "account_key": DEMO_KEYS.pseudonym(account_id),
        "account_tail": account_id[-2:].rjust(4, "0"),
        "bank_name": f"农业发展银行{office.place.name}支行",
        "holds_poverty_money": holds_poverty_money,
        "opened_on": date(2015, 6, 1),
    }
    office.write("account.registered", account_id, body, on, by="u-3108")
    return account_id


def book_in(office: Office, account_id: str, yuan: int, on: date, line: Line | None, source: str | None) -> str:  # noqa: PLR0917  # the columns of one entry
    """Money comes into an account; returns the entry's number."""
    return _book(office, account_id, "in", yuan, on, line, {"source_payment_id": source, "purpose": "国库转入"})


def book_out(office: Office, account_id: str, yuan: int, on: date, line: Line) -> str:
    """Money goes out of an account to the enterprise of the line; returns the entry's number."""
    enterprise = enterprise_of(office.place, line)
    payee: Body = {
        "purpose": f"{line.theme.measure}款",
        "spending_stage": "final",
        "payee_name": enterprise,
        "payee_kind": "enterprise",
        "payee_credit_code": credit_code(office.place.region, enterprise),
        "payee_account_kind": "enterprise",
        "payee_account_tail": f"{line.payee:04}",
    }
    return _book(office, account_id, "out", yuan, on, line, payee)


def _book(  # noqa: PLR0917  # the same columns
    office: Office, account_id: str, direction: str, yuan: int, on: date, line: Line | None, more: Body
) -> str:
    entry_id = office.new_id("E")
    body: Body = {
        "entry_id": entry_id,
        "account_id": account_id,
        "direction": direction,
        "amount_fen": fen(yuan),
        "booked_on": on,
        "accounting_completed_on": on,
        "entered_on": on,
        "fund_category": line.quota.category if line else "unknown",
        "line_id": line.line_id if line else None,
        "project_id": line.project_id if line else None,
        **more,
    }
    office.write("account.entry_recorded", entry_id, body, on)
    return entry_id


def report_balance(office: Office, account_id: str, yuan: int, on: date) -> None:
    """The bank reports what lies in an account."""
    body: Body = {"account_id": account_id, "balance_fen": fen(yuan), "balance_on": on}
    office.write("account.balance_reported", f"{account_id}-{on:%m%d}", body, on)


# --- lists -------------------------------------------------------------------------------------------------------


def import_list(office: Office, line: Line, amounts: list[int], on: date, *, channel: str = "one_card") -> str:
    """A list of households with what each gets (yuan), and its rows, unpaid; returns its number."""
    list_id = office.new_id("L")
    body: Body = {
        "list_id": list_id,
        "project_id": line.project_id,
        "line_id": line.line_id,
        "fund_category": line.quota.category,
        "subsidy_code": line.theme.subsidy or "production_bonus",
        "subsidy_name": line.theme.measure,
        "period_from": date(YEAR, 1, 1),
        "period_to": date(YEAR, 12, 31),
        "paid_per": "household",
        "requires_registered_poor": True,
        "declared_row_count": len(amounts),
        "declared_amount_fen": fen(sum(amounts)),
        "payout_channel": channel,
        "importing_unit_code": office.unit(line.theme.unit),
        "imported_on": on,
    }
    office.write("distribution.list_imported", list_id, body, on)
    for number, yuan in enumerate(amounts, 1):
        _import_row(office, list_id, number, yuan, on)
    return list_id


def _import_row(office: Office, list_id: str, number: int, yuan: int, on: date) -> None:
    row_id = f"{list_id}-{number:04}"
    town = office.random.choice(office.place.townships)
    name = office.random.choice(SURNAMES) + office.random.choice(GIVEN_NAMES)
    id_number = f"{office.place.region}19{office.random.randrange(45, 80)}0{office.random.randrange(1, 10)}1{number:04}"
    body: Body = {
        "row_id": row_id,
        "list_id": list_id,
        "person_key": DEMO_KEYS.pseudonym(f"{id_number}-{row_id}"),
        "name_key": DEMO_KEYS.pseudonym(normalised_name(name)),
        "name_masked": masked_name(name),
        "id_number_masked": masked_id_number(id_number.ljust(18, "X")),
        "id_number_state": "valid",
        "household_key": DEMO_KEYS.pseudonym(row_id),
        "household_relation": "户主",
        "township_code": town.code,
        "village_code": f"{town.code}2{number % 20:02}",
        "amount_fen": fen(yuan),
        "account_tail": f"{office.random.randrange(10_000):04}",
        "account_holder_matches": True,
        "paid_on": on,
    }
    office.write("distribution.row_recorded", row_id, body, on)


def pay_list(office: Office, line: Line, list_id: str, amounts: list[int], on: date) -> str:
    """Pay a list through the one-card system: the batch, the payment to the bank, the bank's receipt."""
    batch_id = office.new_id("K")
    amount = fen(sum(amounts))
    submitted: Body = {
        "batch_id": batch_id,
        "list_id": list_id,
        "row_count": len(amounts),
        "amount_fen": amount,
        "submitted_on": on,
    }
    office.write("batch.submitted", batch_id, submitted, on)
    bank: Body = {
        "channel": "one_card_system",
        "batch_id": batch_id,
        "payment_method": "batch",
        "payee_name": f"{office.place.name}农村信用合作联社",
        "payee_kind": "bank",
        "payee_credit_code": None,
        "payee_account_kind": "bank_internal",
    }
    payment_id = pay(office, line, sum(amounts), on, purpose="一卡通发放", **bank)
    settled: Body = {
        "batch_id": batch_id,
        "settled_on": on,
        "succeeded_count": len(amounts),
        "succeeded_amount_fen": amount,
        "failed_count": 0,
        "failed_amount_fen": 0,
    }
    office.write("batch.settled", batch_id, settled, on)
    return payment_id
