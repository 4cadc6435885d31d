"""支付到或经由实有资金账户转拨: budget money is paid into, or on through, a real-fund account.

Flags:
    A live in-scope payment of budget money into a unit's real-fund account (red), or into a township's: yellow, and
    red once money of it is transferred again.

Why it matters:
    000_4e8d71f0a3c23610.txt ㈥ L37 forbids to pay into real-fund accounts (严禁) and wants transfers through them
    corrected fully; the same document tolerates township accounts with monthly entry, so those begin yellow.

Example:
    100,000.00 yuan go to a township's account: yellow. The township pays 40,000.00 on to a department: red.

Not a fault when:
    The payment is the onward payment itself (channel own_account), is voided, replaced or refunded in full, or its
    account kind was entered wrongly and is corrected. Onward payments to final payees change nothing.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from domain.money import yuan_text
from rules.catalogue.evidence import (
    category_of_payment,
    payment_facts,
    payment_marks,
    section_of_payment,
    with_facts,
)
from rules.fold.folding import SubjectKind
from rules.rule import (
    NO_FAULT,
    RED_AT_ONCE,
    XINJIANG,
    YELLOW_AT_ONCE,
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

_UNIT = "unit_real_fund"
_TOWNSHIP = "township_real_fund"


class Thresholds(msgspec.Struct, frozen=True, kw_only=True):
    """How severe a payment into a township's account is by itself."""

    township_severity: Annotated[Literal["yellow", "red"], Source(Basis.PROPOSED, "severity")] = "yellow"


def judge(payment: PaymentRow, view: View, thresholds: Thresholds) -> Steps:
    """Red at once for a unit's account or money transferred again; else the township's severity."""
    kind = payment.payee_account_kind
    if kind not in (_UNIT, _TOWNSHIP) or payment.net_fen <= 0 or payment.channel == "own_account":
        return NO_FAULT
    if not view.payment_is_in_scope(payment) or not view.is_budget_money(payment):
        return NO_FAULT
    if kind == _UNIT or thresholds.township_severity == "red":
        return RED_AT_ONCE
    is_again_transfer = any(onward.spending_stage == "intermediate" for onward in view.onward_payments(payment))
    return RED_AT_ONCE if is_again_transfer else YELLOW_AT_ONCE


def explain(payment: PaymentRow, view: View, _: Thresholds) -> Explanation:
    """The payment, the account and what was paid on from it."""
    onward = list(view.onward_payments(payment))
    amount = yuan_text(payment.net_fen)
    zh = "单位" if payment.payee_account_kind == _UNIT else "乡镇"
    return Explanation(
        title=payment.payee_name,
        observed=payment.payee_account_kind,
        limit=None,
        unit="account_kind",
        amount_fen=payment.net_fen,
        facts=with_facts(
            payment_facts(payment),
            payee_unit_code=payment.payee_unit_code,
            payee_account_kind=payment.payee_account_kind,
            payee_account_tail=payment.payee_account_tail,
            upstream_payment_id=payment.upstream_payment_id,
            onward_payments=len(onward),
            onward_fen=sum(row.net_fen for row in onward),
        ),
        marks=(*payment_marks(payment, view), *(mark for row in onward for mark in row.marks[:1])),
        message_zh=f"支付{payment.id}将{amount}元拨入{zh}实有资金账户({payment.payee_name})",
        message_en=f"Payment {payment.id} of {amount} yuan went into a real-fund account of {payment.payee_name}",
        fund_category=category_of_payment(payment, view),
        responsible_section=section_of_payment(payment, view),
    )


RULE = Rule(
    id="paid_through_unit_real_account",
    version="1",
    name_zh="支付到或经由实有资金账户转拨",
    name_en="Paid into, or on through, a real-fund account",
    category="账户风险",
    owner="国库",
    kind=Kind.EVENT,
    profiles=XINJIANG,
    thresholds=Thresholds,
    judgements={SubjectKind.PAYMENT: Judgement(judge=judge, explain=explain)},
    basis=("000_4e8d71f0a3c23610.txt ㈥ L37",),
)
