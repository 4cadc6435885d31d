"""Topic `performance.filings` (绩效), wire.md section 7.7.

Targets, node monitoring, fund-use filings, self-evaluations.
"""

from __future__ import annotations

from typing import Final, Literal

from msgspec import Struct

from domain.events.event_type import EventType, Role, of_topic
from domain.events.groups import Correction
from domain.events.types import (
    Day,
    DecimalText,
    Fen,
    Fen0,
    Flag,
    Id,
    Month,
    Organisation,
    Percent,
    Text,
    Text0,
    Whole,
    Year,
)

IndicatorKind = Literal["output", "outcome", "satisfaction"]
ReviewResult = Literal["approved", "returned"]
IssueCode = Literal["nonstandard", "unscientific", "amount_wrong", "fragmented", "other"]
MonitoringNode = Literal["may", "june", "august"]
CheckLevel = Literal["province", "city", "county"]
CheckResult = Literal["pass", "problem"]
PERFORMANCE_SYSTEMS: Final = ("performance_system", "manual_entry")


class Indicator(Struct, frozen=True, kw_only=True, gc=False):
    """Indicator (指标) of a performance target, in `target.submitted`."""

    indicator_name: Text  # 指标名称
    indicator_kind: IndicatorKind  # 产出 / 效益 / 满意度
    target_value: DecimalText | None  # 指标值; null = not quantified
    unit_name: Text | None = None  # 单位


class TargetSubmitted(Struct, frozen=True, kw_only=True, gc=False):
    """绩效目标编报 (`target.submitted`): the unit prepares or revises a target.

    A new `revision` replaces the earlier one. `occurred_on` = `submitted_on`.
    """

    target_id: Id  # 目标编号
    revision: Whole  # 1, 2, …
    project_id: Id  # 项目
    budget_year: Year  # 年度
    amount_fen: Fen  # 目标表中金额
    target_text: Text0  # 目标内容; may be empty, then faulty
    indicators: tuple[Indicator, ...]  # 指标; may be empty, then faulty
    author_unit_code: Organisation  # 编制单位
    submitted_on: Day  # 上报日期


class TargetReviewed(Struct, frozen=True, kw_only=True, gc=False):
    """绩效目标审核 (`target.reviewed`): finance reviews a revision, in as many rounds as needed.

    `occurred_on` = `reviewed_on`.
    """

    target_id: Id  # 目标
    revision: Whole  # which revision
    review_round: Whole  # 审核轮次
    review_result: ReviewResult  # 通过 / 退回
    issue_codes: tuple[IssueCode, ...]  # 填写不规范 / 不科学 / 金额错误 / 细散小
    opinion: Text | None = None  # 审核意见
    reviewer_unit_code: Organisation  # 审核单位, not the author
    reviewed_on: Day  # 审核日期


class TargetEntered(Struct, frozen=True, kw_only=True, gc=False):
    """绩效目标录入系统 (`target.entered`): finance enters the approved target; from here it counts for coverage.

    `occurred_on` = `entered_on`.
    """

    target_id: Id  # 目标
    revision: Whole  # approved revision
    entered_on: Day  # 录入日期


class MonitoringFiled(Struct, frozen=True, kw_only=True, gc=False):
    """绩效监控 (`monitoring.filed`): monitoring of a project at a node.

    `occurred_on` = `entered_on`.
    """

    monitoring_id: Id  # 监控编号
    project_id: Id  # 项目
    budget_year: Year  # 年度
    node: MonitoringNode  # 5月 / 6月 / 8月
    execution_rate_percent: Percent  # 目标完成率
    planned_rate_percent: Percent | None  # 计划完成率 at the node
    fund_execution_rate_percent: Percent | None = None  # 资金执行率
    problem_found: Flag  # 是否发现问题
    problem_text: Text | None = None  # 问题
    filed_on: Day  # 填报日期
    entered_on: Day  # finance entry date (录入日期)


class UseFiled(Struct, frozen=True, kw_only=True, gc=False):
    """资金使用与目标执行填报 (`use.filed`): the using unit files fund use and target execution on line.

    `occurred_on` = `filed_on`.
    """

    filing_id: Id  # 填报编号
    project_id: Id  # 项目
    filing_month: Month  # 所属月份
    used_amount_fen: Fen0  # 已使用金额, cumulative
    execution_text: Text  # 目标执行情况
    filed_on: Day  # 填报日期


class EvaluationFiled(Struct, frozen=True, kw_only=True, gc=False):
    """绩效自评 (`evaluation.filed`): self-evaluation after the project ended, entered by finance.

    `occurred_on` = `entered_on`.
    """

    evaluation_id: Id  # 自评编号
    project_id: Id  # 项目
    score: Percent | None = None  # 自评得分
    filed_on: Day  # 自评日期
    entered_on: Day  # 录入日期


class EvaluationChecked(Struct, frozen=True, kw_only=True, gc=False):
    """自评检查 (`evaluation.checked`): a finance level checks the self-evaluation.

    A problem is also registered as `problem.registered`. `occurred_on` = `checked_on`.
    """

    evaluation_id: Id  # 自评
    check_level: CheckLevel  # 检查级次
    check_result: CheckResult  # 结果
    problem_text: Text | None = None  # 问题
    checked_on: Day  # 检查日期


class FilingVoided(Correction, frozen=True, kw_only=True, gc=False):
    """绩效填报作废 (`filing.voided`): a target, monitoring, use filing or evaluation is cancelled.

    `occurred_on` = `voided_on`.
    """

    filing_id: Id  # its `target_id`, `monitoring_id`, `filing_id` or `evaluation_id`
    voided_on: Day  # 作废日期


TYPES = of_topic(
    "performance.filings",
    EventType("target.submitted", TargetSubmitted, Role.CREATES, PERFORMANCE_SYSTEMS, own_ids=("target_id",)),
    EventType("target.reviewed", TargetReviewed, Role.FOLLOWS, PERFORMANCE_SYSTEMS, target="target_id"),
    EventType("target.entered", TargetEntered, Role.FOLLOWS, PERFORMANCE_SYSTEMS, target="target_id"),
    EventType("monitoring.filed", MonitoringFiled, Role.CREATES, PERFORMANCE_SYSTEMS, own_ids=("monitoring_id",)),
    EventType("use.filed", UseFiled, Role.CREATES, PERFORMANCE_SYSTEMS, own_ids=("filing_id",)),
    EventType("evaluation.filed", EvaluationFiled, Role.CREATES, PERFORMANCE_SYSTEMS, own_ids=("evaluation_id",)),
    EventType("evaluation.checked", EvaluationChecked, Role.FOLLOWS, PERFORMANCE_SYSTEMS, target="evaluation_id"),
    EventType("filing.voided", FilingVoided, Role.VOIDS, PERFORMANCE_SYSTEMS, target="filing_id"),
)
