"""Topic `fund.plans` (用款计划), wire.md section 7.3.

Named as a basic element by the Henan measure, art. 5; no document gives its fields, so the set is the smallest that
works.
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from domain.events.event_type import EventType, Role, of_topic
from domain.events.groups import Correction
from domain.events.types import (
    Day,
    Fen,
    Id,
    Month,
    Organisation,
)

BUDGET_SYSTEMS: Final = ("budget_execution", "integrated_fiscal", "manual_entry")


class PlanSubmitted(Struct, frozen=True, kw_only=True, gc=False):
    """用款计划上报 (`plan.submitted`): a unit asks for money in a month.

    `occurred_on` = `submitted_on`.
    """

    plan_id: Id  # 计划编号
    line_id: Id  # line it draws on
    unit_code: Organisation  # 申报单位
    planned_month: Month  # 用款月份
    amount_fen: Fen  # 申请金额
    submitted_on: Day  # 上报日期


class PlanApproved(Struct, frozen=True, kw_only=True, gc=False):
    """用款计划批复 (`plan.approved`): the plan is approved, in full or in part.

    `occurred_on` = `approved_on`.
    """

    plan_id: Id  # 计划编号
    approved_amount_fen: Fen  # 批复金额
    approved_on: Day  # 批复日期


class PlanVoided(Correction, frozen=True, kw_only=True, gc=False):
    """用款计划作废 (`plan.voided`): the plan is cancelled.

    `occurred_on` = `voided_on`.
    """

    plan_id: Id  # 计划编号
    voided_on: Day  # 作废日期


TYPES = of_topic(
    "fund.plans",
    EventType("plan.submitted", PlanSubmitted, Role.CREATES, BUDGET_SYSTEMS, own_ids=("plan_id",)),
    EventType("plan.approved", PlanApproved, Role.FOLLOWS, BUDGET_SYSTEMS, target="plan_id"),
    EventType("plan.voided", PlanVoided, Role.VOIDS, BUDGET_SYSTEMS, target="plan_id"),
)
