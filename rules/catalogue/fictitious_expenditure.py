"""虚列支出: expenditure goes to the payer's own account, or to a special account.

Flags:
    A live valid in-scope payment whose payee account is the payer's, whose payee unit is the payer's, or, with
    `special_account_is_fictitious`, that goes into a special fiscal account.

Why it matters:
    004_6d54267a7b8d1056.txt art. 8 L37 forbids 虚列支出; 000_4e8d71f0a3c23610.txt ㈥ L37 forbids to move treasury money
    into special accounts in Xinjiang. Nothing is spent by it.

Example:
    The agriculture bureau pays 30,000.00 yuan to its own account: red.

Not a fault when:
    The payment is voided, replaced or refunded in full, or its record is found invalid. In Henan special accounts are
    allowed, and money moved there is no expenditure.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from domain.money import yuan_text
from rules.catalogue.evidence import payment_explanation
from rules.fold.folding import SubjectKind
from rules.rule import (
    ALL_PROFILES,
    NO_FAULT,
    RED_AT_ONCE,
    Basis,
    Explanation,
    Judgement,
    Kind,
    Rule,
    Steps,
)
from rules.state import PaymentRow
from rules.thresholds import Source
from rules.view import View
from rules.wording import Sentence


class Thresholds(msgspec.Struct, frozen=True, kw_only=True):
    """Whether money moved into a special account is no expenditure at all."""

    special_account_is_fictitious: Annotated[bool, Source(Basis.STATED, "flag")] = True


def judge(payment: PaymentRow, view: View, thresholds: Thresholds) -> Steps:
    """Red at once."""
    if not payment.is_valid or payment.net_fen <= 0 or not _is_fictitious(payment, thresholds):
        return NO_FAULT
    return RED_AT_ONCE if view.payment_is_in_scope(payment) else NO_FAULT


def _is_fictitious(payment: PaymentRow, thresholds: Thresholds) -> bool:
    if payment.payee_account_kind == "special_fiscal" and thresholds.special_account_is_fictitious:
        return True
    return _is_to_itself(payment)


def _is_to_itself(payment: PaymentRow) -> bool:
    if payment.payee_unit_code is not None and payment.payee_unit_code == payment.payer_unit_code:
        return True
    return payment.payee_account_key is not None and payment.payee_account_key == payment.payer_account_key


def explain(payment: PaymentRow, view: View, _: Thresholds) -> Explanation:
    """Payer and payee, by unit and account."""
    amount = yuan_text(payment.net_fen)
    zh, en = (
        ("付给付款单位自身", "the payer itself") if _is_to_itself(payment) else ("转入财政专户", "a special account")
    )
    message = Sentence(
        f"支付{payment.id}将{amount}元{zh},并未形成支出",
        f"Payment {payment.id} moves {amount} yuan to {en}; nothing is spent by it",
    )
    return payment_explanation(
        payment,
        view,
        message,
        observed=payment.payee_unit_code,
        unit="payee",
        payer_account_key=payment.payer_account_key,
        payee_unit_code=payment.payee_unit_code,
        payee_account_key=payment.payee_account_key,
        payee_account_kind=payment.payee_account_kind,
    )


RULE = Rule(
    id="fictitious_expenditure",
    version="1",
    name_zh="虚列支出",
    name_en="Expenditure to the payer's own or a special account",
    category="资金风险",
    owner="国库",
    kind=Kind.EVENT,
    profiles=ALL_PROFILES,
    thresholds=Thresholds,
    profile_thresholds={"henan": {"special_account_is_fictitious": False}},
    judgements={SubjectKind.PAYMENT: Judgement(judge=judge, explain=explain)},
    basis=("004_6d54267a7b8d1056.txt art. 8 L37", "000_4e8d71f0a3c23610.txt ㈥ L37"),
)
