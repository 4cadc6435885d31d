"""Topic `treasury.payments` (支付), wire.md section 7.4.

Every payment, one by one, whatever the channel: treasury, special account, one-card, and the onward payments of
departments and townships.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

from domain.events.event_type import EventType, Role, of_topic
from domain.events.groups import Correction, Payee
from domain.events.types import (
    AccountKind,
    Category,
    Code,
    Day,
    Fen,
    FenDelta,
    Id,
    Organisation,
    Pseudonym,
    RefundKind,
    RequiredIf,
    SpendingStage,
    Text,
    Year,
)

RecordState = Literal["valid", "invalid"]
Channel = Literal["treasury_centralised", "special_account_system", "one_card_system", "own_account", "off_system"]
PaymentMethod = Literal["direct", "authorised", "actual_transfer", "batch", "other"]
SettlementMethod = Literal["transfer", "cash", "cheque", "card", "other"]
PAYMENT_SYSTEMS: Final = ("treasury_payment", "integrated_fiscal", "special_account", "one_card", "manual_entry")


class PaymentRecorded(Payee, frozen=True, kw_only=True, gc=False):
    """支付 (`payment.recorded`): one payment record as the source holds it.

    `occurred_on` = `paid_on`.
    """

    payment_id: Id  # 支付凭证号; two sources reporting the same payment use the same id
    amount_fen: Fen  # 支付金额
    paid_on: Day | None  # 支付日期; null is accepted, not counted and flagged
    record_state: RecordState  # 记录有效性
    fund_category: Category  # catalogue key or `unknown`
    budget_year: Year  # 预算年度 of the quota paid from
    line_id: Id | None  # line paid from: an `allocation_id` or a refined `lines.line_id`; null = not tied (未关联)
    quota_id: Id | None = None  # quota, when the source knows only that
    project_id: Id | None  # project; null = not tied
    plan_id: Id | None = None  # 用款计划
    channel: Channel  # 支付渠道: 国库集中支付 / 专户系统 / 一卡通 / 部门乡镇自有账户再支付 / 系统外
    payment_method: PaymentMethod  # 支付方式: 直接 / 授权 / 实拨 / 批量 / 其他
    settlement_method: SettlementMethod  # 结算方式
    subject_code: Code | None  # 功能科目
    economic_subject_code: Code | None = None  # 政府支出经济分类
    use_code: Code | None = None  # 用途代码, from the project's permitted uses
    purpose: Text  # 用途
    payer_unit_code: Organisation  # 付款单位
    payer_account_kind: AccountKind  # 付款账户性质
    payer_account_key: Pseudonym | None = None  # pseudonym of the paying account
    spending_stage: SpendingStage  # intermediate = 拨到部门、乡镇或专户; final = 到最终收款人
    # the payment that brought the money into the paying account
    upstream_payment_id: Annotated[Id | None, RequiredIf("channel", "own_account")] = None
    batch_id: Annotated[Id | None, RequiredIf("channel", "one_card_system")] = None  # 一卡通 batch
    reviewed_by: Id | None = None  # 审核人 (一笔一笔审核)


class PaymentVoided(Correction, frozen=True, kw_only=True, gc=False):
    """支付作废 (`payment.voided`): the record is cancelled as if it had never been (冲销).

    For money that came back use `payment.refunded`. `occurred_on` = `voided_on`.
    """

    payment_id: Id  # payment
    voided_on: Day  # 作废日期


class PaymentRefunded(Correction, frozen=True, kw_only=True, gc=False):
    """支付退回 (`payment.refunded`): money came back, in full or in part (退票、退回、追回).

    Counts as a negative payment on its own date. `occurred_on` = `refunded_on`.
    """

    refund_id: Id  # 退回流水号
    payment_id: Id  # payment
    amount_fen: Fen  # 退回金额
    refunded_on: Day  # 退回日期
    refund_kind: RefundKind  # 银行退票 / 收款人退回 / 追回


class PaymentAdjusted(Correction, frozen=True, kw_only=True, gc=False):
    """支付记录更正 (`payment.adjusted`): a missing or wrong value is filled in; only the fields present change.

    This is how an empty pay date gets its date. `occurred_on` = `adjusted_on`.
    """

    payment_id: Id  # payment
    adjusted_on: Day  # 更正日期
    paid_on: Day | None = None  # pay date now known
    record_state: RecordState | None = None  # new state
    delta_fen: FenDelta | None = None  # signed change of the amount
    subject_code: Code | None = None  # new value
    use_code: Code | None = None  # new value
    purpose: Text | None = None  # new value
    spending_stage: SpendingStage | None = None  # new value
    payee_account_kind: AccountKind | None = None  # new value


class PaymentRelinked(Correction, frozen=True, kw_only=True, gc=False):
    """支付关联 (`payment.relinked`): the payment is tied to its line and project, or tied anew (支付关联、改关联).

    `occurred_on` = `relinked_on`.
    """

    payment_id: Id  # payment
    line_id: Id | None  # line
    project_id: Id | None  # project
    plan_id: Id | None = None  # plan
    relinked_on: Day  # 关联日期


class PaymentReplaced(Correction, frozen=True, kw_only=True, gc=False):
    """支付替换 (`payment.replaced`).

    A record sent anew takes the place of this one; refunds booked on it and payments that name it count for the new
    one. `occurred_on` = `replaced_on`.
    """

    payment_id: Id  # original
    replacement_payment_id: Id  # replacement, sent in its own `payment.recorded`
    replaced_on: Day  # 替换日期


TYPES = of_topic(
    "treasury.payments",
    EventType("payment.recorded", PaymentRecorded, Role.CREATES, PAYMENT_SYSTEMS, own_ids=("payment_id",)),
    EventType("payment.voided", PaymentVoided, Role.VOIDS, PAYMENT_SYSTEMS, target="payment_id"),
    EventType("payment.refunded", PaymentRefunded, Role.REFUNDS, PAYMENT_SYSTEMS, target="payment_id"),
    EventType("payment.adjusted", PaymentAdjusted, Role.ADJUSTS, PAYMENT_SYSTEMS, target="payment_id"),
    EventType(
        "payment.relinked",
        PaymentRelinked,
        Role.RELINKS,
        ("treasury_payment", "integrated_fiscal", "manual_entry"),
        target="payment_id",
    ),
    EventType("payment.replaced", PaymentReplaced, Role.REPLACES, PAYMENT_SYSTEMS, target="payment_id"),
)
