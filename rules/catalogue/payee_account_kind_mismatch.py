"""收款人与账户性质不符: the payee and the account that received the money do not fit.

Flags:
    A live in-scope payment or special-account out entry to a person on an account that is not personal (yellow), or to
    an enterprise or budget unit on a personal account (red); a row of a live list whose account holder is somebody
    else (yellow).

Why it matters:
    004_6d54267a7b8d1056.txt art. 17 L62 names the class 账户风险. Money for a company on a private account is a common
    way to take it aside.

Example:
    A contractor's 80,000.00 yuan go to a personal account: red.

Not a fault when:
    A person is paid in cash (no account); the account kind was wrong and is corrected; the payment, entry or row is
    voided, replaced or came back in full; its list is voided.
"""

from __future__ import annotations

from domain.money import yuan_text
from rules.catalogue.evidence import date_or_none, entry_explanation, payment_explanation
from rules.fold.folding import SubjectKind
from rules.list_state import RowRow
from rules.rule import (
    ALL_PROFILES,
    NO_FAULT,
    RED_AT_ONCE,
    YELLOW_AT_ONCE,
    Explanation,
    Judgement,
    Kind,
    NoThresholds,
    Rule,
    Steps,
)
from rules.state import EntryRow, PaymentRow
from rules.view import View
from rules.wording import Sentence

_FIT_A_PERSON = ("personal", "none")
_OFFICIAL = ("enterprise", "budget_unit")


def judge_payment(payment: PaymentRow, view: View, _: NoThresholds) -> Steps:
    """At once, by payee and account."""
    steps = _steps(payment.payee_kind, payment.payee_account_kind)
    return steps if steps and payment.net_fen > 0 and view.payment_is_in_scope(payment) else NO_FAULT


def judge_entry(entry: EntryRow, view: View, _: NoThresholds) -> Steps:
    """The same of an out entry."""
    steps = _steps(entry.payee_kind, entry.payee_account_kind)
    if not steps or entry.net_fen <= 0 or not view.is_out_entry(entry):
        return NO_FAULT
    return steps if view.entry_is_in_scope(entry) else NO_FAULT


def _steps(payee_kind: str, account_kind: str) -> Steps:
    if payee_kind == "person" and account_kind not in _FIT_A_PERSON:
        return YELLOW_AT_ONCE
    return RED_AT_ONCE if payee_kind in _OFFICIAL and account_kind == "personal" else NO_FAULT


def judge_row(row: RowRow, view: View, _: NoThresholds) -> Steps:
    """Yellow at once when the bank says that the account is another person's; lists are always in scope."""
    is_other = row.account_holder_matches is False and row.net_fen > 0
    return YELLOW_AT_ONCE if is_other and view.row_is_live(row) else NO_FAULT


def explain_payment(payment: PaymentRow, view: View, _: NoThresholds) -> Explanation:
    """Payee and account of the payment."""
    return payment_explanation(
        payment,
        view,
        _message(f"支付{payment.id}", f"Payment {payment.id}", payment),
        observed=payment.payee_account_kind,
        unit="account_kind",
        payee_kind=payment.payee_kind,
        payee_account_kind=payment.payee_account_kind,
    )


def explain_entry(entry: EntryRow, view: View, _: NoThresholds) -> Explanation:
    """Payee and account of the out entry."""
    return entry_explanation(
        entry,
        view,
        _message(f"专户支出{entry.id}", f"Out entry {entry.id}", entry),
        observed=entry.payee_account_kind,
        unit="account_kind",
        payee_kind=entry.payee_kind,
        payee_account_kind=entry.payee_account_kind,
        payee_name=entry.payee_name,
    )


def _message(zh: str, en: str, row: PaymentRow | EntryRow) -> Sentence:
    amount, payee_kind, account_kind = yuan_text(row.net_fen), row.payee_kind, row.payee_account_kind
    return Sentence(
        f"{zh}({amount}元)收款人类别{payee_kind},账户性质{account_kind},两者不符",
        f"{en} of {amount} yuan went to a payee of kind {payee_kind} on an account of kind {account_kind}",
    )


def explain_row(row: RowRow, view: View, _: NoThresholds) -> Explanation:
    """The row whose account is another person's."""
    amount = yuan_text(row.net_fen)
    of_list = view.ledger.lists.get(row.list_id)
    return Explanation(
        title=row.name_masked,
        observed="account_holder_differs",
        limit=None,
        unit="account_holder",
        amount_fen=row.net_fen,
        facts={
            "row_id": row.id,
            "list_id": row.list_id,
            "account_holder_matches": row.account_holder_matches,
            "payee_name": row.name_masked,
            "amount_fen": row.net_fen,
            "paid_on": date_or_none(row.paid_on),
        },
        marks=row.marks,
        message_zh=f"发放明细{row.id}({amount}元)的账户户名与{row.name_masked}不符",
        message_en=f"Row {row.id} of {amount} yuan goes to an account that is not held by {row.name_masked}",
        fund_category=None if of_list is None else of_list.fund_category,
    )


RULE = Rule(
    id="payee_account_kind_mismatch",
    version="1",
    name_zh="收款人与账户性质不符",
    name_en="Payee and account kind do not fit",
    category="账户风险",
    owner="国库",
    kind=Kind.EVENT,
    profiles=ALL_PROFILES,
    thresholds=NoThresholds,
    judgements={
        SubjectKind.PAYMENT: Judgement(judge=judge_payment, explain=explain_payment),
        SubjectKind.ENTRY: Judgement(judge=judge_entry, explain=explain_entry),
        SubjectKind.ROW: Judgement(judge=judge_row, explain=explain_row),
    },
    basis=("004_6d54267a7b8d1056.txt art. 17 L62",),
)
