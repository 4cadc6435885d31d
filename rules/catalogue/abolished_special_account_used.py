"""已撤销专户仍有收支: a special account is used where all of them are abolished.

Flags:
    A live in-scope payment into a special fiscal account; a live entry, in or out, of whatever money, on an account
    registered as one; such an account that holds poverty money whose latest reported balance is above 0.

Why it matters:
    000_4e8d71f0a3c23610.txt ㈥ L37: 各级财政的扶贫资金财政专户已经全部撤销; any movement is forbidden outright.

Example:
    The county moves 500,000.00 yuan from the treasury into its old special account: the payment is red, and so is the
    receipt booked on the account.

Not a fault when:
    The payment or entry is voided, replaced or refunded in full; the balance is back to 0. In Henan special accounts
    are allowed and this rule does not judge.
"""

from __future__ import annotations

from domain.money import yuan_text
from rules.catalogue.evidence import (
    category_of_payment,
    date_or_none,
    payment_facts,
    payment_marks,
    section_of_payment,
    with_facts,
)
from rules.fold.folding import SubjectKind
from rules.rule import NO_FAULT, RED_AT_ONCE, XINJIANG, Explanation, Judgement, Kind, NoThresholds, Rule, Steps
from rules.state import AccountRow, EntryRow, PaymentRow
from rules.view import View

_SPECIAL = "special_fiscal"


def judge_payment(payment: PaymentRow, view: View, _: NoThresholds) -> Steps:
    """Red at once for money paid into a special account."""
    if payment.payee_account_kind == _SPECIAL and payment.net_fen > 0 and view.payment_is_in_scope(payment):
        return RED_AT_ONCE
    return NO_FAULT


def judge_entry(entry: EntryRow, view: View, _: NoThresholds) -> Steps:
    """Red at once for any movement on a special account."""
    account = view.account(entry.account_id)
    if entry.net_fen > 0 and account is not None and account.account_kind == _SPECIAL:
        return RED_AT_ONCE
    return NO_FAULT


def judge_account(account: AccountRow, _view: View, _: NoThresholds) -> Steps:
    """Red at once while the latest balance is above 0."""
    if account.account_kind == _SPECIAL and account.holds_poverty_money and account.balance_fen > 0:
        return RED_AT_ONCE
    return NO_FAULT


def explain_payment(payment: PaymentRow, view: View, _: NoThresholds) -> Explanation:
    """The payment and its amount."""
    amount = yuan_text(payment.net_fen)
    return Explanation(
        title=payment.payee_name,
        observed=payment.net_fen,
        limit=0,
        unit="fen",
        amount_fen=payment.net_fen,
        facts=with_facts(payment_facts(payment), account_kind=payment.payee_account_kind),
        marks=payment_marks(payment, view),
        message_zh=f"支付{payment.id}将{amount}元转入已撤销的财政专户",
        message_en=f"Payment {payment.id} moved {amount} yuan into a special account, though all are abolished",
        fund_category=category_of_payment(payment, view),
        responsible_section=section_of_payment(payment, view),
    )


def explain_entry(entry: EntryRow, view: View, _: NoThresholds) -> Explanation:
    """The movement on the account."""
    account = view.account(entry.account_id)
    amount = yuan_text(entry.net_fen)
    zh, en = ("收入", "received") if entry.direction == "in" else ("支出", "paid out")
    return Explanation(
        title=entry.account_id,
        observed=entry.net_fen,
        limit=0,
        unit="fen",
        amount_fen=entry.net_fen,
        facts={
            "entry_id": entry.id,
            "account_id": entry.account_id,
            "account_kind": None if account is None else account.account_kind,
            "amount_fen": entry.net_fen,
            "booked_on": date_or_none(entry.booked_on),
        },
        marks=(*(account.marks if account is not None else ()), *entry.marks),
        message_zh=f"已撤销的财政专户{entry.account_id}仍{zh}{amount}元",
        message_en=f"Special account {entry.account_id}, abolished, still {en} {amount} yuan",
        fund_category=entry.fund_category,
    )


def explain_account(account: AccountRow, _view: View, _: NoThresholds) -> Explanation:
    """The balance left."""
    balance = yuan_text(account.balance_fen)
    return Explanation(
        title=account.id,
        observed=account.balance_fen,
        limit=0,
        unit="fen",
        amount_fen=account.balance_fen,
        facts={
            "account_id": account.id,
            "account_kind": account.account_kind,
            "balance_fen": account.balance_fen,
            "balance_on": date_or_none(account.balance_on),
        },
        marks=tuple(account.marks),
        message_zh=f"已撤销的财政专户{account.id}仍有余额{balance}元",
        message_en=f"Special account {account.id}, abolished, still holds {balance} yuan",
    )


RULE = Rule(
    id="abolished_special_account_used",
    version="1",
    name_zh="已撤销专户仍有收支",
    name_en="Special account used where all are abolished",
    category="账户风险",
    owner="国库",
    kind=Kind.EVENT,
    profiles=XINJIANG,
    thresholds=NoThresholds,
    judgements={
        SubjectKind.PAYMENT: Judgement(judge=judge_payment, explain=explain_payment),
        SubjectKind.ENTRY: Judgement(judge=judge_entry, explain=explain_entry),
        SubjectKind.ACCOUNT: Judgement(judge=judge_account, explain=explain_account),
    },
    basis=("000_4e8d71f0a3c23610.txt ㈥ L37",),
)
