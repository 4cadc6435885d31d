"""专户资金未在系统核算: movements of a special account are not accounted, or its accounting is switched off.

Flags:
    A special fiscal account that holds poverty money, with an entry not accounted within
    `account_within_working_days` of its booking, or with money while special-account accounting is off: yellow, red
    more than `red_after_days` later. Red at once when the latest balance is not what the books say.

Why it matters:
    004_6d54267a7b8d1056.txt art. 8 L37 and 001_d381d8650f0b9497.txt (三) L26, L34: all money of special accounts must
    be accounted in the system, so that what leaves them is seen.

Example:
    An entry booked on Tuesday 20 November 2018 and not accounted: yellow at the tick of Saturday the 24th, red at that
    of 21 December.

Not a fault when:
    The accounting is completed or the entry voided, the balance agrees again, the function is on or the balance 0.
    Until a balance is reported only the entries are looked at. In Xinjiang there are no special accounts.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from domain.calendar import working_days_after_ordinal
from domain.money import yuan_text
from rules.account_books import account_booked_fen, held_since, off_since
from rules.account_state import BooksRow
from rules.catalogue.evidence import date_or_none
from rules.fold.books import SPECIAL_ACCOUNT_ACCOUNTING
from rules.fold.folding import SubjectKind
from rules.rule import (
    AT_ONCE,
    HENAN,
    NO_FAULT,
    NONE,
    RED,
    YELLOW,
    Basis,
    Explanation,
    Judgement,
    Kind,
    Rule,
    Step,
    Steps,
)
from rules.state import NO_DAY, AccountRow
from rules.thresholds import Days, Source
from rules.view import View


class Thresholds(msgspec.Struct, frozen=True, kw_only=True):
    """How soon an entry must be accounted, and how long the rest may last."""

    account_within_working_days: Annotated[Days, Source(Basis.PROPOSED, "working days")] = 3
    red_after_days: Annotated[Days, Source(Basis.PROPOSED, "days")] = 30


def judge(account: AccountRow, view: View, thresholds: Thresholds) -> Steps:
    """By the earliest open entry, the latest balance, and the function."""
    books = view.ledger.books.get(account.id)
    if books is None or account.account_kind != "special_fiscal" or not account.holds_poverty_money:
        return NO_FAULT
    steps = _steps_of_entries(books, view, thresholds)
    if not books.balances:
        return steps
    if _booked_fen(account, books, view) != account.balance_fen:
        steps = (*steps, Step(AT_ONCE, RED))
    return (*steps, *_steps_of_function(account, books, view, thresholds))


def _steps_of_entries(books: BooksRow, view: View, thresholds: Thresholds) -> Steps:
    booked_on = _oldest(books, view)[1]
    if booked_on == NO_DAY:
        return NO_FAULT
    return (
        Step(working_days_after_ordinal(booked_on, thresholds.account_within_working_days) + 1, YELLOW),
        Step(booked_on + thresholds.red_after_days + 1, RED),
    )


def _oldest(books: BooksRow, view: View) -> tuple[str | None, int]:
    """The open entry that was booked first, since the opening, and its day; NO_DAY when there is none."""
    days = ((day, entry_id) for entry_id, day in books.unaccounted.items() if day >= view.opening_on)
    day, entry_id = min(days, default=(NO_DAY, None))
    return entry_id, day


def _booked_fen(account: AccountRow, books: BooksRow, view: View) -> int:
    return account_booked_fen(books, view.opening_on, account.balance_on)


def _steps_of_function(account: AccountRow, books: BooksRow, view: View, thresholds: Thresholds) -> Steps:
    """As the function is today; a switch that is still to come has the account judged again on its day."""
    if account.balance_fen <= 0:
        return NO_FAULT
    switches = view.switches(SPECIAL_ACCOUNT_ACCOUNTING)
    to_come = tuple(Step(switch.day, NONE) for switch in switches if switch.day > view.today)
    if view.function_on(SPECIAL_ACCOUNT_ACCOUNTING, view.today):
        return to_come
    since = max(off_since(switches, view.opening_on, view.today), held_since(books))
    return (Step(AT_ONCE, YELLOW), Step(since + thresholds.red_after_days + 1, RED), *to_come)


def explain(account: AccountRow, view: View, _: Thresholds) -> Explanation:
    """The open entry, the balance against the books, and the function."""
    books = view.ledger.books.get(account.id) or BooksRow()
    entry_id, booked_on = _oldest(books, view)
    entry = None if entry_id is None else view.ledger.entries.get(entry_id)
    booked = _booked_fen(account, books, view)
    function = view.ledger.functions.get(SPECIAL_ACCOUNT_ACCOUNTING)
    is_on = view.function_on(SPECIAL_ACCOUNT_ACCOUNTING, view.today)
    balance, in_books = yuan_text(account.balance_fen), yuan_text(booked)
    return Explanation(
        title=account.id,
        observed=account.balance_fen,
        limit=booked,
        unit="fen",
        amount_fen=abs(account.balance_fen - booked) or (account.balance_fen if entry is None else entry.net_fen),
        facts={
            "account_id": account.id,
            "entry_id": entry_id,
            "booked_on": date_or_none(booked_on),
            "accounting_completed_on": None,
            "unaccounted_entries": len(books.unaccounted),
            "balance_fen": account.balance_fen,
            "balance_on": date_or_none(account.balance_on),
            "account_booked_fen": booked,
            "is_enabled": is_on,
        },
        marks=(
            *account.marks,
            *(entry.marks if entry is not None else ()),
            *(function.marks if function is not None else ()),
        ),
        message_zh=(
            f"财政专户{account.id}银行余额{balance}元,账面{in_books}元,未核算收支{len(books.unaccounted)}笔,"
            f"收支核算功能{'已启用' if is_on else '未启用'}"
        ),
        message_en=(
            f"Special account {account.id}: the bank reports {balance} yuan, the books say {in_books}; "
            f"{len(books.unaccounted)} entries are not accounted; accounting is {'on' if is_on else 'off'}"
        ),
    )


RULE = Rule(
    id="special_account_unaccounted",
    version="1",
    name_zh="专户资金未在系统核算",
    name_en="Special-account movement not accounted, or accounting switched off",
    category="账户风险",
    owner="国库",
    kind=Kind.DEADLINE,
    profiles=HENAN,
    thresholds=Thresholds,
    judgements={SubjectKind.ACCOUNT: Judgement(judge=judge, explain=explain)},
    basis=("004_6d54267a7b8d1056.txt art. 8 L37", "001_d381d8650f0b9497.txt (三) L26, L34"),
)
