"""未实行国库集中支付: budget money is not paid by the treasury's centralised payment.

Flags:
    A live in-scope payment of budget money whose channel is neither among `allowed_channels` nor the payee's own
    account.

Why it matters:
    000_4e8d71f0a3c23610.txt ㈥ L37 wants all budget money paid by 国库集中支付; 004_6d54267a7b8d1056.txt art. 8 L37 the
    same, with special-account and one-card systems besides it.

Example:
    20,000.00 yuan of the general budget paid off the system: red.

Not a fault when:
    The money is no budget money (land gains, donations); the payment passes on what a department or township holds
    (channel own_account); it is voided, replaced or refunded in full.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from domain.events.treasury_payments import Channel
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
    """The channels by which budget money may leave."""

    allowed_channels: Annotated[tuple[Channel, ...], Source(Basis.STATED, "channels")] = ("treasury_centralised",)


def judge(payment: PaymentRow, view: View, thresholds: Thresholds) -> Steps:
    """Red at once."""
    if payment.channel in thresholds.allowed_channels or payment.channel == "own_account" or payment.net_fen <= 0:
        return NO_FAULT
    if view.payment_is_in_scope(payment) and view.is_budget_money(payment):
        return RED_AT_ONCE
    return NO_FAULT


def explain(payment: PaymentRow, view: View, thresholds: Thresholds) -> Explanation:
    """The channel, and the nature of the money."""
    amount = yuan_text(payment.net_fen)
    quota = view.quota_of_payment(payment)
    message = Sentence(
        f"支付{payment.id}({amount}元)未通过国库集中支付,渠道为{payment.channel}",
        f"Payment {payment.id} of {amount} yuan was not paid by centralised payment but through {payment.channel}",
    )
    return payment_explanation(
        payment,
        view,
        message,
        observed=payment.channel,
        limit=",".join(thresholds.allowed_channels),
        unit="channel",
        channel=payment.channel,
        payment_method=payment.payment_method,
        fund_nature=None if quota is None else quota.fund_nature,
    )


RULE = Rule(
    id="payment_not_centralised",
    version="1",
    name_zh="未实行国库集中支付",
    name_en="Budget money not paid by treasury centralised payment",
    category="资金风险",
    owner="国库",
    kind=Kind.EVENT,
    profiles=ALL_PROFILES,
    thresholds=Thresholds,
    profile_thresholds={
        "henan": {"allowed_channels": ("treasury_centralised", "special_account_system", "one_card_system")}
    },
    judgements={SubjectKind.PAYMENT: Judgement(judge=judge, explain=explain)},
    basis=("000_4e8d71f0a3c23610.txt ㈥ L37", "004_6d54267a7b8d1056.txt art. 8 L37"),
)
