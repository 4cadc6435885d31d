"""Planted: money in accounts where it must not lie. Special accounts, unit and township accounts, cash.

Each story is a function of an office, a day and the expectations; what it plants it says there. `STORIES` says where
and when each is told: the day on which the city's document is printed, two working days before there is a line.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from connectors.demo_county.budgeting import funded_line
from connectors.demo_county.office import Line, Office
from connectors.demo_county.paying import (
    book_in,
    book_out,
    import_list,
    pass_on,
    pay,
    pay_out,
    register_account,
    report_balance,
    to_special_account,
    to_unit,
)
from connectors.demo_county.places import GRAIN, INDUSTRY, ROAD, WATER
from connectors.demo_county.truth import Expectations, Status
from connectors.office_days import later
from domain.calendar import roll_forward, working_days_after

Story = Callable[[Office, date, Expectations], None]

ABOLISHED = "abolished_special_account_used"
LUMP = "special_account_lump_transfer"
REAL_FUND = "paid_through_unit_real_account"
CASH = "cash_withdrawal"


def _day(line: Line, days: int) -> date:
    """A working day, some calendar days after the line became available."""
    return roll_forward(later(line.available_on, days))


# --- Xinjiang: special accounts are abolished --------------------------------------------------------------------


def into_special_account_and_back(office: Office, on: date, truth: Expectations) -> None:
    """All of a line goes into a special account and comes back in full: two alerts end, then it is paid properly."""
    line = funded_line(office, ROAD, 600_000, on)
    account = register_account(office, "special_fiscal", on)
    moved_on, back_on = _day(line, 10), _day(line, 18)
    payment = to_special_account(office, line, 600_000, moved_on)
    entry = book_in(office, account, 600_000, moved_on, line, payment)
    back = {"amount_fen": 60_000_000, "refunded_on": back_on, "refund_kind": "returned_by_payee"}
    refund = office.new_id("T")
    office.correct(
        "payment.refunded", refund, back_on, "专户资金退回国库", refund_id=refund, payment_id=payment, **back
    )
    refund = office.new_id("T")
    office.correct("account.entry_refunded", refund, back_on, "退回国库", refund_id=refund, entry_id=entry, **back)
    pay_out(office, line, 600_000, _day(line, 30))
    truth.alert(ABOLISHED, office.key(payment), "red", Status.CLEARED)
    truth.alert(ABOLISHED, office.key(entry), "red", Status.CLEARED)


def balance_cleared(office: Office, on: date, truth: Expectations) -> None:
    """An old account still holds money at the end of March and none at the end of June."""
    account = register_account(office, "special_fiscal", on)
    report_balance(office, account, 12_345, later(on, 25))
    report_balance(office, account, 0, later(on, 116))
    truth.alert(ABOLISHED, office.key(account), "red", Status.CLEARED)


def balance_left(office: Office, on: date, truth: Expectations) -> None:
    """Money appears in an abolished account and stays."""
    account = register_account(office, "special_fiscal", on)
    report_balance(office, account, 0, later(on, 1))
    report_balance(office, account, 88_000, later(on, 30))
    truth.alert(ABOLISHED, office.key(account), "red", Status.OPEN)


def entry_of_other_money(office: Office, on: date, truth: Expectations) -> None:
    """Whatever money it is, an abolished account books nothing; a balance of no poverty money is fine."""
    account = register_account(office, "special_fiscal", on, holds_poverty_money=False)
    entry = book_in(office, account, 45_000, later(on, 8), None, None)
    report_balance(office, account, 45_000, later(on, 31))
    truth.alert(ABOLISHED, office.key(entry), "red", Status.OPEN)


def township_account_books(office: Office, on: date, _: Expectations) -> None:
    """Near miss: entries and a balance on an account that is no special account."""
    account = register_account(office, "township_real_fund", on)
    book_in(office, account, 30_000, later(on, 7), None, None)
    report_balance(office, account, 30_000, later(on, 28))


# --- Henan: special accounts are allowed, but not for whole lines at one stroke ----------------------------------


def lump_spent_in_time(office: Office, on: date, truth: Expectations) -> None:
    """The whole line at one stroke, but spent from within 30 days: never red, ends when the last of it is spent."""
    line = funded_line(office, INDUSTRY, 800_000, on)
    account = register_account(office, "special_fiscal", on)
    moved_on = _day(line, 12)
    payment = to_special_account(office, line, 800_000, moved_on)
    book_in(office, account, 800_000, moved_on, line, payment)
    book_out(office, account, 500_000, roll_forward(later(moved_on, 10)), line)
    book_out(office, account, 300_000, roll_forward(later(moved_on, 45)), line)
    truth.alert(LUMP, office.key(payment), "yellow", Status.CLEARED)


def lump_left_lying(office: Office, on: date, truth: Expectations) -> None:
    """Exactly 90 percent of the line, and nothing spent in 30 days: red, and so it stays."""
    line = funded_line(office, WATER, 500_000, on)
    account = register_account(office, "special_fiscal", on)
    payment = to_special_account(office, line, 450_000, _day(line, 12))
    book_in(office, account, 450_000, _day(line, 12), line, payment)
    truth.alert(LUMP, office.key(payment), "red", Status.OPEN)


def lump_spent_late(office: Office, on: date, truth: Expectations) -> None:
    """Red after 30 days; the out entries of day 45 end it."""
    line = funded_line(office, ROAD, 400_000, on)
    account = register_account(office, "special_fiscal", on)
    moved_on = _day(line, 10)
    payment = to_special_account(office, line, 400_000, moved_on)
    book_in(office, account, 400_000, moved_on, line, payment)
    book_out(office, account, 400_000, roll_forward(later(moved_on, 45)), line)
    truth.alert(LUMP, office.key(payment), "red", Status.CLEARED)


def nearly_a_lump(office: Office, on: date, _: Expectations) -> None:
    """Near miss: 89.9 percent of the line goes through the account, the rest is paid directly."""
    line = funded_line(office, INDUSTRY, 500_000, on)
    account = register_account(office, "special_fiscal", on)
    moved_on = _day(line, 12)
    payment = to_special_account(office, line, 449_500, moved_on)
    book_in(office, account, 449_500, moved_on, line, payment)
    book_out(office, account, 449_500, roll_forward(later(moved_on, 50)), line)
    pay(office, line, 50_500, _day(line, 40))


# --- unit and township accounts ----------------------------------------------------------------------------------


def unit_account_corrected(office: Office, on: date, truth: Expectations) -> None:
    """Booked as a unit's real-fund account by mistake; the correction ends it."""
    line = funded_line(office, INDUSTRY, 300_000, on)
    payment = to_unit(office, line, 100_000, _day(line, 14), "unit_real_fund")
    corrected_on = working_days_after(_day(line, 14), 4)
    change = {"adjusted_on": corrected_on, "payee_account_kind": "unit_zero_balance"}
    office.correct("payment.adjusted", payment, corrected_on, "账户性质录错", payment_id=payment, **change)
    pay_out(office, line, 200_000, _day(line, 40))
    truth.alert(REAL_FUND, office.key(payment), "red", Status.CLEARED)


def unit_account(office: Office, on: date, truth: Expectations) -> None:
    """Paid into a unit's real-fund account, plainly forbidden."""
    line = funded_line(office, ROAD, 350_000, on)
    payment = to_unit(office, line, 150_000, _day(line, 20), "unit_real_fund")
    pay_out(office, line, 200_000, _day(line, 45))
    truth.alert(REAL_FUND, office.key(payment), "red", Status.OPEN)


def township_account(office: Office, on: date, truth: Expectations) -> None:
    """Paid to a township, which pays the workers: tolerated, hence yellow; those payments change nothing."""
    line = funded_line(office, ROAD, 260_000, on)
    payment = to_unit(office, line, 260_000, _day(line, 15), "township_real_fund")
    pass_on(office, line, 120_000, _day(line, 25), payment, stage="final")
    pass_on(office, line, 140_000, _day(line, 48), payment, stage="final")
    truth.alert(REAL_FUND, office.key(payment), "yellow", Status.OPEN)


def passed_on_by_township(office: Office, on: date, truth: Expectations) -> None:
    """The township moves the money into yet another account: red."""
    line = funded_line(office, INDUSTRY, 180_000, on)
    payment = to_unit(office, line, 180_000, _day(line, 15), "township_real_fund")
    pass_on(office, line, 90_000, _day(line, 30), payment, stage="intermediate")
    truth.alert(REAL_FUND, office.key(payment), "red", Status.OPEN)


def donated_money(office: Office, on: date, _: Expectations) -> None:
    """Near miss: donations are no budget money and need not be paid centrally."""
    line = funded_line(office, INDUSTRY, 120_000, on, quota_changes={"fund_nature": "donation"})
    to_unit(office, line, 120_000, _day(line, 15), "unit_real_fund")


def township_in_henan(office: Office, on: date, _: Expectations) -> None:
    """Near miss: the rule is Xinjiang's; a Henan county pays by its township."""
    line = funded_line(office, ROAD, 220_000, on)
    payment = to_unit(office, line, 220_000, _day(line, 15), "township_real_fund")
    pass_on(office, line, 220_000, _day(line, 30), payment, stage="final")


# --- cash --------------------------------------------------------------------------------------------------------


def small_cash(office: Office, on: date, truth: Expectations) -> None:
    """1,000 yuan in cash is the limit itself: yellow, not red."""
    line = funded_line(office, INDUSTRY, 101_000, on)
    payment = pay(office, line, 1_000, _day(line, 12), purpose="零星材料", settlement_method="cash")
    pay_out(office, line, 100_000, _day(line, 30))
    truth.alert(CASH, office.key(payment), "yellow", Status.OPEN)


def cash_voided(office: Office, on: date, truth: Expectations) -> None:
    """5,000 yuan in cash, voided and paid by transfer."""
    line = funded_line(office, ROAD, 205_000, on)
    payment = pay(office, line, 5_000, _day(line, 12), settlement_method="cash")
    voided_on = working_days_after(_day(line, 12), 3)
    office.correct("payment.voided", payment, voided_on, "改为转账支付", payment_id=payment, voided_on=voided_on)
    pay_out(office, line, 205_000, _day(line, 30))
    truth.alert(CASH, office.key(payment), "red", Status.CLEARED)


def cash_refunded(office: Office, on: date, truth: Expectations) -> None:
    """Refunded in full, so it is not meant any more."""
    line = funded_line(office, WATER, 150_000, on)
    payment = pay(office, line, 8_000, _day(line, 14), settlement_method="cash")
    refund, back_on = office.new_id("T"), _day(line, 21)
    back = {"amount_fen": 800_000, "refunded_on": back_on, "refund_kind": "recovered"}
    office.correct("payment.refunded", refund, back_on, "现金收回", refund_id=refund, payment_id=payment, **back)
    pay_out(office, line, 150_000, _day(line, 35))
    truth.alert(CASH, office.key(payment), "red", Status.CLEARED)


def cash_by_list(office: Office, on: date, truth: Expectations) -> None:
    """A list handed out in cash. The treasury had paid the money for it to the township."""
    line = funded_line(office, GRAIN, 12_000, on)
    pay(office, line, 12_000, _day(line, 20), purpose="备用金", settlement_method="cheque")
    list_id = import_list(office, line, [1_500] * 8, _day(line, 25), channel="cash")
    truth.alert(CASH, office.key(list_id), "red", Status.OPEN)


def cash_of_other_money(office: Office, on: date, _: Expectations) -> None:
    """Near miss: cash from the part of a quota that is not for poverty relief."""
    line = funded_line(office, INDUSTRY, 60_000, on, line_kind="non_poverty")
    pay(office, line, 9_000, _day(line, 20), settlement_method="cash")


STORIES: tuple[tuple[str, date, Story], ...] = (
    ("652722", date(2019, 3, 4), into_special_account_and_back),
    ("652723", date(2019, 3, 4), balance_cleared),
    ("652722", date(2019, 8, 30), balance_left),
    ("652723", date(2019, 6, 3), entry_of_other_money),
    ("652722", date(2019, 5, 6), township_account_books),
    ("410324", date(2019, 4, 8), lump_spent_in_time),
    ("410324", date(2019, 10, 28), lump_left_lying),
    ("410325", date(2019, 6, 10), lump_spent_late),
    ("410325", date(2019, 3, 11), nearly_a_lump),
    ("652722", date(2019, 4, 15), unit_account_corrected),
    ("652723", date(2019, 5, 13), unit_account),
    ("652722", date(2019, 6, 17), township_account),
    ("652723", date(2019, 7, 8), passed_on_by_township),
    ("652723", date(2019, 4, 22), donated_money),
    ("410324", date(2019, 5, 20), township_in_henan),
    ("652723", date(2019, 3, 18), small_cash),
    ("410325", date(2019, 8, 12), small_cash),
    ("652722", date(2019, 7, 15), cash_voided),
    ("410324", date(2019, 7, 22), cash_voided),
    ("410324", date(2019, 9, 2), cash_refunded),
    ("652723", date(2019, 8, 19), cash_by_list),
    ("410325", date(2019, 4, 1), cash_by_list),
    ("652722", date(2019, 9, 9), cash_of_other_money),
)
