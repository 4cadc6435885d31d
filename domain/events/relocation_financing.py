"""Topic `relocation.financing` (易地扶贫搬迁融资), wire.md section 7.14.

Money outside the budget, with its own source; always shown apart.
"""

from __future__ import annotations

from typing import Final, Literal

from msgspec import Struct

from domain.events.event_type import EventType, Role, of_topic
from domain.events.groups import Correction
from domain.events.types import (
    Day,
    Fen,
    Id,
    Text,
)

FinancingInstrument = Literal["bond", "policy_loan", "special_construction_fund", "other"]
COMPANY: Final = ("relocation_company",)


class RelocationRaised(Struct, frozen=True, kw_only=True, gc=False):
    """搬迁融资到位 (`relocation.raised`): financing is drawn.

    `occurred_on` = `raised_on`.
    """

    financing_id: Id  # 融资编号
    amount_fen: Fen  # 金额
    instrument: FinancingInstrument  # 债券 / 政策性贷款 / 专项建设基金
    financing_body: Text  # 融资主体
    raised_on: Day  # 到位日期


class RelocationSpent(Struct, frozen=True, kw_only=True, gc=False):
    """搬迁融资支出 (`relocation.spent`): financing is spent.

    `occurred_on` = `spent_on`.
    """

    spending_id: Id  # 支出编号
    financing_id: Id | None  # 融资
    project_id: Id | None  # 项目
    amount_fen: Fen  # 金额
    spent_on: Day | None  # 支出日期; null is not counted
    payee_name: Text  # 收款人
    purpose: Text  # 用途


class RelocationRefunded(Correction, frozen=True, kw_only=True, gc=False):
    """搬迁融资支出退回 (`relocation.refunded`): money came back.

    `occurred_on` = `refunded_on`.
    """

    refund_id: Id  # 退回编号
    spending_id: Id  # 支出
    amount_fen: Fen  # 金额
    refunded_on: Day  # 退回日期


class RelocationVoided(Correction, frozen=True, kw_only=True, gc=False):
    """搬迁融资记录作废 (`relocation.voided`): a record is cancelled.

    `occurred_on` = `voided_on`.
    """

    record_id: Id  # its `financing_id` or `spending_id`
    voided_on: Day  # 作废日期


TYPES = of_topic(
    "relocation.financing",
    EventType("relocation.raised", RelocationRaised, Role.CREATES, COMPANY, own_ids=("financing_id",)),
    EventType("relocation.spent", RelocationSpent, Role.CREATES, COMPANY, own_ids=("spending_id",)),
    EventType("relocation.refunded", RelocationRefunded, Role.REFUNDS, COMPANY, target="spending_id"),
    EventType("relocation.voided", RelocationVoided, Role.VOIDS, COMPANY, target="record_id"),
)
