"""未通过一卡通发放(含名单交银行): a subsidy to poor persons does not reach them by the one-card system.

Flags:
    A live valid in-scope payment to a person, or to anyone but an enterprise on a household line, through another
    channel than the one-card system; one to a bank on such a line through it, but without its batch (red). A live list
    handed to a bank or paid out in cash (red), or paid by the treasury itself (yellow).

Why it matters:
    004_6d54267a7b8d1056.txt art. 7 L35-L36 and 001_d381d8650f0b9497.txt (四) L36-L38 want subsidies paid to poor people
    by 一卡通 directly. A list handed to a bank is out of sight from there on.

Example:
    60,000.00 yuan for 120 households go to a bank with a list, no batch was submitted: red until the batch arrives.

Not a fault when:
    The payee is an enterprise on a household line; the payment is voided, replaced or refunded in full; the list is
    voided; the missing batch arrives; the line's flag or link was wrong and is corrected.
"""

from __future__ import annotations

from domain.money import yuan_text
from rules.catalogue.evidence import payment_explanation
from rules.fold.folding import SubjectKind
from rules.list_state import ListRow
from rules.rule import (
    HENAN,
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
from rules.state import PaymentRow
from rules.view import View
from rules.wording import Sentence

_ONE_CARD = "one_card_system"
_LIST_STEPS = {"bank_list": RED_AT_ONCE, "cash": RED_AT_ONCE, "treasury_direct": YELLOW_AT_ONCE}
_CHANNELS_ZH = {"bank_list": "名单交银行代发", "cash": "现金发放", "treasury_direct": "国库直达"}


def judge_payment(payment: PaymentRow, view: View, _: NoThresholds) -> Steps:
    """Red at once, dated or not."""
    if not payment.is_valid or payment.net_fen <= 0 or not _is_outside(payment, view):
        return NO_FAULT
    return RED_AT_ONCE if view.payment_is_in_scope(payment) else NO_FAULT


def _is_outside(payment: PaymentRow, view: View) -> bool:
    if payment.channel != _ONE_CARD:
        return payment.payee_kind == "person" or (payment.payee_kind != "enterprise" and _is_household(payment, view))
    return payment.payee_kind == "bank" and _is_household(payment, view) and not _has_batch(payment, view)


def _is_household(payment: PaymentRow, view: View) -> bool:
    line = view.known_line(payment.line_id)
    return line is not None and line.is_household is True


def _has_batch(payment: PaymentRow, view: View) -> bool:
    return payment.batch_id is not None and view.ledger.batches.get(payment.batch_id) is not None


def judge_list(row: ListRow, _view: View, _: NoThresholds) -> Steps:
    """At once, by how the list is paid out; lists are always in scope."""
    return NO_FAULT if row.is_void else _LIST_STEPS.get(row.payout_channel, NO_FAULT)


def explain_payment(payment: PaymentRow, view: View, _: NoThresholds) -> Explanation:
    """The channel, the payee, and the batch that is missing."""
    amount = yuan_text(payment.net_fen)
    zh, en = f"渠道为{payment.channel}", f"went through {payment.channel}"
    if payment.channel == _ONE_CARD:
        zh, en = f"交{payment.payee_name}代发,一卡通批次未提交", f"was handed to {payment.payee_name} without a batch"
    message = Sentence(
        f"支付{payment.id}({amount}元)未通过一卡通发放,{zh}",
        f"Payment {payment.id} of {amount} yuan did not reach poor people by the one-card system; it {en}",
    )
    return payment_explanation(
        payment,
        view,
        message,
        observed=payment.channel,
        limit=_ONE_CARD,
        unit="channel",
        batch_id=payment.batch_id,
        channel=payment.channel,
        payee_kind=payment.payee_kind,
    )


def explain_list(row: ListRow, _view: View, _: NoThresholds) -> Explanation:
    """How the list is paid out; one handed to a bank is named as such."""
    amount = yuan_text(row.declared_amount_fen)
    return Explanation(
        title=row.id,
        observed=row.payout_channel,
        limit="one_card",
        unit="payout_channel",
        amount_fen=row.declared_amount_fen,
        facts={
            "list_id": row.id,
            "payout_channel": row.payout_channel,
            "is_handed_to_bank": row.payout_channel == "bank_list",
            "amount_fen": row.declared_amount_fen,
            "project_id": row.project_id,
        },
        marks=row.marks,
        message_zh=f"发放表{row.id}({amount}元)未通过一卡通发放:{_CHANNELS_ZH.get(row.payout_channel, '')}",
        message_en=f"List {row.id} of {amount} yuan is not paid out by the one-card system but by {row.payout_channel}",
        fund_category=row.fund_category,
    )


RULE = Rule(
    id="paid_outside_one_card",
    version="1",
    name_zh="未通过一卡通发放(含名单交银行)",
    name_en="Subsidy to poor persons not issued by the one-card system",
    category="个人风险",
    owner="农财",
    kind=Kind.EVENT,
    profiles=HENAN,
    thresholds=NoThresholds,
    judgements={
        SubjectKind.PAYMENT: Judgement(judge=judge_payment, explain=explain_payment),
        SubjectKind.LIST: Judgement(judge=judge_list, explain=explain_list),
    },
    basis=("004_6d54267a7b8d1056.txt art. 7 L35-L36", "001_d381d8650f0b9497.txt (四) L36-L38"),
)
