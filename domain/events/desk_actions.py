"""Topic `desk.actions` (预警处理与问题台账), wire.md section 7.11.

What people do with alerts and problems. Part of the journal, because a person's decision can change a figure.
"""

from __future__ import annotations

from typing import Final, Literal

from msgspec import Struct

from domain.events.event_type import EventType, Role, of_topic
from domain.events.groups import Correction
from domain.events.types import (
    Code,
    Day,
    Flag,
    Id,
    Organisation,
    Region,
    Text,
)

Outcome = Literal["confirmed", "data_error", "false_positive", "superior_problem"]
ReviewResult = Literal["accepted", "returned"]
ProblemKind = Literal[
    "evaluation",
    "performance",
    "target_unscientific",
    "inspection",
    "data_distortion",
    "loss_waste_corruption",
    "other",
]
FoundByLevel = Literal["central", "province", "city", "county"]
CauseLevel = Literal["own_level", "superior", "province", "unknown"]
Resolution = Literal["corrected", "no_error", "fed_back_upward"]
InspectionTrigger = Literal["three_months", "many_alerts", "planned", "other"]
DESK: Final = ("desk_console",)
PROBLEM_SYSTEMS: Final = ("desk_console", "performance_system")


class AlertVerified(Struct, frozen=True, kw_only=True, gc=False):
    """预警核实 (`alert.verified`): a person finds out what the alert is.

    `occurred_on` = `verified_on`.
    """

    alert_id: Id  # 预警编号
    verified_on: Day  # 核实日期
    outcome: Outcome  # 属实 / 数据错误 / 误报 / 上级问题
    rectify_by: Day | None = None  # 整改期限
    note: Text  # 核实说明


class AlertFeedbackGiven(Struct, frozen=True, kw_only=True, gc=False):
    """核实处理反馈 (`alert.feedback_given`): city or county answers the province.

    `occurred_on` = `feedback_on`.
    """

    alert_id: Id  # 预警编号
    recipient_region: Region  # 上级
    feedback_on: Day  # 反馈日期
    content: Text  # 反馈内容


class AlertRectified(Struct, frozen=True, kw_only=True, gc=False):
    """整改完成 (`alert.rectified`): rectification is done.

    `occurred_on` = `rectified_on`.
    """

    alert_id: Id  # 预警编号
    rectified_on: Day  # 整改日期
    measure: Text  # 整改措施
    proof_ids: tuple[Id, ...] | None = None  # 佐证材料


class AlertReviewed(Struct, frozen=True, kw_only=True, gc=False):
    """整改复核 (`alert.reviewed`): a second person accepts or returns the rectification.

    `occurred_on` = `reviewed_on`.
    """

    alert_id: Id  # 预警编号
    reviewed_on: Day  # 复核日期
    review_result: ReviewResult  # 通过 / 退回
    note: Text | None = None  # 说明


class ExemptionGranted(Correction, frozen=True, kw_only=True, gc=False):
    """豁免 (`exemption.granted`): a rule is silenced for a subject until a date, by name and with a reason.

    `occurred_on` = day of recording.
    """

    exemption_id: Id  # 豁免编号
    rule_id: Code  # rule
    subject_key: Text | None  # the whole subject_key, region included; null = every subject of the region
    valid_from: Day  # 起
    valid_until: Day  # 止
    granted_by: Id  # 批准人


class ExemptionEnded(Correction, frozen=True, kw_only=True, gc=False):
    """豁免终止 (`exemption.ended`): the exemption ends early.

    `occurred_on` = `ended_on`.
    """

    exemption_id: Id  # 豁免编号
    ended_on: Day  # 终止日期


class ProblemRegistered(Struct, frozen=True, kw_only=True, gc=False):
    """问题登记 (`problem.registered`): a problem found by people enters the work ledger (工作台账).

    `occurred_on` = `found_on`.
    """

    problem_id: Id  # 问题编号
    problem_kind: ProblemKind  # 自评检查 / 绩效 / 目标不科学 / 检查 / 数据失真 / 损失浪费贪污 / 其他
    found_by_level: FoundByLevel  # 发现级次
    found_on: Day  # 发现日期
    rectify_by: Day | None  # 整改期限; null = default of the rule
    project_id: Id | None = None  # 项目
    alert_id: Id | None = None  # 预警
    responsible_unit_code: Organisation  # 责任单位
    description: Text  # 问题


class ProblemRectified(Struct, frozen=True, kw_only=True, gc=False):
    """问题整改 (`problem.rectified`): the problem is rectified.

    `occurred_on` = `rectified_on`.
    """

    problem_id: Id  # 问题编号
    rectified_on: Day  # 整改日期
    measure: Text  # 整改情况


class DoubtRaised(Struct, frozen=True, kw_only=True, gc=False):
    """数据疑问 (`doubt.raised`): someone doubts a record.

    `occurred_on` = `notified_on`.
    """

    doubt_id: Id  # 编号
    record_id: Text  # id of the doubted object
    cause_level: CauseLevel  # 本级操作 / 上级 / 省级校正 / 待查
    notified_section: Text  # 通知处室
    notified_on: Day  # 通知日期
    description: Text  # 说明


class DoubtResolved(Struct, frozen=True, kw_only=True, gc=False):
    """数据疑问办结 (`doubt.resolved`): the doubt is settled.

    `occurred_on` = `resolved_on`.
    """

    doubt_id: Id  # 编号
    resolved_on: Day  # 办结日期
    resolution: Resolution  # 已校正 / 无误 / 已反馈上级


class InspectionOpened(Struct, frozen=True, kw_only=True, gc=False):
    """专项督查开始 (`inspection.opened`): a special inspection of this region starts.

    `occurred_on` = `opened_on`.
    """

    inspection_id: Id  # 编号
    trigger: InspectionTrigger  # 连续3个月 / 连续多发 / 计划 / 其他
    opened_on: Day  # 开始日期


class InspectionClosed(Struct, frozen=True, kw_only=True, gc=False):
    """专项督查结束 (`inspection.closed`): the inspection ends.

    `occurred_on` = `closed_on`.
    """

    inspection_id: Id  # 编号
    closed_on: Day  # 结束日期
    conclusion: Text  # 结论
    is_transferred: Flag  # 移送其他部门?


TYPES = of_topic(
    "desk.actions",
    EventType("alert.verified", AlertVerified, Role.CREATES, DESK),
    EventType("alert.feedback_given", AlertFeedbackGiven, Role.CREATES, DESK),
    EventType("alert.rectified", AlertRectified, Role.CREATES, DESK),
    EventType("alert.reviewed", AlertReviewed, Role.CREATES, DESK),
    EventType("exemption.granted", ExemptionGranted, Role.CREATES, DESK, own_ids=("exemption_id",)),
    EventType("exemption.ended", ExemptionEnded, Role.FOLLOWS, DESK, target="exemption_id"),
    EventType("problem.registered", ProblemRegistered, Role.CREATES, PROBLEM_SYSTEMS, own_ids=("problem_id",)),
    EventType("problem.rectified", ProblemRectified, Role.FOLLOWS, PROBLEM_SYSTEMS, target="problem_id"),
    EventType("doubt.raised", DoubtRaised, Role.CREATES, DESK, own_ids=("doubt_id",)),
    EventType("doubt.resolved", DoubtResolved, Role.FOLLOWS, DESK, target="doubt_id"),
    EventType("inspection.opened", InspectionOpened, Role.CREATES, DESK, own_ids=("inspection_id",)),
    EventType("inspection.closed", InspectionClosed, Role.FOLLOWS, DESK, target="inspection_id"),
)
