"""现金支出: poverty money is paid in cash.

Flags:
    A live in-scope payment settled in cash, and a live distribution list paid out in cash: any amount yellow, above
    `red_above_fen` red.

Why it matters:
    004_6d54267a7b8d1056.txt art. 17 L62 names the class 现金支出 and gives no limit; cash leaves no trace to the person
    who received it.

Example:
    800.00 yuan in cash are yellow, 1,200.00 yuan red.

Not a fault when:
    The payment is voided, replaced or refunded in full; the list is voided.
"""

from __future__ import annotations

from typing import Annotated

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
from rules.list_state import ListRow
from rules.rule import (
    ALL_PROFILES,
    NO_FAULT,
    RED_AT_ONCE,
    YELLOW_AT_ONCE,
    Basis,
    Explanation,
    Judgement,
    Kind,
    Rule,
    Steps,
)
from rules.state import PaymentRow
from rules.thresholds import Fen, Source
from rules.view import View


class Thresholds(msgspec.Struct, frozen=True, kw_only=True):
    """Above which amount cash is a breach."""

    red_above_fen: Annotated[Fen, Source(Basis.PROPOSED, "fen")] = 100_000


def judge_payment(payment: PaymentRow, view: View, thresholds: Thresholds) -> Steps:
    """By the net amount of a payment settled in cash."""
    if payment.settlement_method != "cash" or payment.net_fen <= 0 or not view.payment_is_in_scope(payment):
        return NO_FAULT
    return RED_AT_ONCE if payment.net_fen > thresholds.red_above_fen else YELLOW_AT_ONCE


def judge_list(row: ListRow, _view: View, thresholds: Thresholds) -> Steps:
    """By the declared amount of a list paid out in cash; lists are always in scope."""
    if row.payout_channel != "cash" or row.is_void:
        return NO_FAULT
    return RED_AT_ONCE if row.declared_amount_fen > thresholds.red_above_fen else YELLOW_AT_ONCE


def explain_payment(payment: PaymentRow, view: View, thresholds: Thresholds) -> Explanation:
    """The cash payment."""
    amount = yuan_text(payment.net_fen)
    return Explanation(
        title=payment.payee_name,
        observed=payment.net_fen,
        limit=thresholds.red_above_fen,
        unit="fen",
        amount_fen=payment.net_fen,
        facts=with_facts(payment_facts(payment), settlement_method=payment.settlement_method),
        marks=payment_marks(payment, view),
        message_zh=f"支付{payment.id}以现金支出{amount}元",
        message_en=f"Payment {payment.id} paid {amount} yuan in cash",
        fund_category=category_of_payment(payment, view),
        responsible_section=section_of_payment(payment, view),
    )


def explain_list(row: ListRow, _view: View, thresholds: Thresholds) -> Explanation:
    """The list paid out in cash."""
    amount = yuan_text(row.declared_amount_fen)
    return Explanation(
        title=row.id,
        observed=row.declared_amount_fen,
        limit=thresholds.red_above_fen,
        unit="fen",
        amount_fen=row.declared_amount_fen,
        facts={
            "list_id": row.id,
            "project_id": row.project_id,
            "declared_amount_fen": row.declared_amount_fen,
            "payout_channel": row.payout_channel,
        },
        marks=tuple(row.marks),
        message_zh=f"发放表{row.id}以现金发放{amount}元",
        message_en=f"Distribution list {row.id} pays out {amount} yuan in cash",
        fund_category=row.fund_category,
    )


RULE = Rule(
    id="cash_withdrawal",
    version="1",
    name_zh="现金支出",
    name_en="Poverty money paid in cash",
    category="现金支出",
    owner="国库",
    kind=Kind.EVENT,
    profiles=ALL_PROFILES,
    thresholds=Thresholds,
    judgements={
        SubjectKind.PAYMENT: Judgement(judge=judge_payment, explain=explain_payment),
        SubjectKind.LIST: Judgement(judge=judge_list, explain=explain_list),
    },
    basis=("004_6d54267a7b8d1056.txt art. 17 L62",),
)
