"""Topic `project.changes` (项目), wire.md section 7.6.

The county project library (项目库) and the state of projects.
"""

from __future__ import annotations

from typing import Final, Literal, get_args

from msgspec import UNSET, Struct, UnsetType

from domain.events.event_type import EventType, Role, of_topic
from domain.events.groups import Correction
from domain.events.types import (
    Category,
    Code,
    Day,
    Fen,
    Fen0,
    Flag,
    Id,
    Organisation,
    Percent,
    Text,
    Township,
    Village,
    Year,
)

MeasureKind = Literal[
    "industry",
    "infrastructure",
    "education",
    "health",
    "housing",
    "relocation",
    "employment",
    "social_security",
    "finance",
    "other",
]
MEASURE_KINDS: Final[tuple[str, ...]] = get_args(MeasureKind)
BudgetStage = Literal["department_budget", "in_year"]
ImplementationState = Literal["not_started", "procuring", "under_way", "completed", "accepted", "stopped"]
LIBRARY_SYSTEMS: Final = ("project_library", "manual_entry")


class ProjectRegistered(Struct, frozen=True, kw_only=True, gc=False):
    """项目入库 (`project.registered`): a project enters the county library.

    `occurred_on` = `registered_on`.
    """

    project_id: Id  # 项目编号
    project_name: Text  # 项目名称
    library_year: Year  # 入库年度
    in_county_plan: Flag  # 是否列入县级脱贫攻坚规划
    plan_reference: Text | None = None  # 规划条目
    measure_kind: MeasureKind  # 项目措施类别
    measure: Text  # 项目措施
    is_household: Flag | None  # 是否到人到户 (项目属性)
    using_unit_code: Organisation  # 资金使用单位
    implementing_unit_code: Organisation | None = None  # 项目实施单位
    managing_department_code: Organisation  # 项目管理部门
    sector_authority_code: Organisation | None = None  # 行业主管部门
    person_in_charge: Text  # 项目负责人
    township_code: Township | None = None  # 乡镇
    village_code: Village | None = None  # 村
    planned_start_on: Day | None = None  # 计划开工日
    planned_end_on: Day | None = None  # 计划完工日
    planned_amount_fen: Fen0  # 项目总投资
    permitted_use_codes: tuple[Code, ...] | None = None  # 允许用途
    registered_on: Day  # 入库日期


class ProjectBudgeted(Struct, frozen=True, kw_only=True, gc=False):
    """项目资金安排 (`project.budgeted`): project and amount fixed per fund when the unit's budget is prepared.

    `occurred_on` = `budgeted_on`.
    """

    project_id: Id  # 项目
    budget_year: Year  # 预算年度
    budget_stage: BudgetStage  # 年度部门预算 / 年中
    fund_category: Category  # catalogue key
    amount_fen: Fen  # 金额
    budgeted_on: Day  # 日期


class ProjectProgressReported(Struct, frozen=True, kw_only=True, gc=False):
    """项目实施进展 (`project.progress_reported`): implementation state.

    `occurred_on` = `reported_on`.
    """

    project_id: Id  # 项目
    reported_on: Day  # 填报日期
    implementation_state: ImplementationState  # 项目实施情况
    physical_progress_percent: Percent | None = None  # 形象进度


class ProjectCompleted(Struct, frozen=True, kw_only=True, gc=False):
    """项目结束 (`project.completed`): the project ended; starts the self-evaluation clock.

    `occurred_on` = `completed_on`.
    """

    project_id: Id  # 项目
    completed_on: Day  # 结束日期


class ProjectCorrected(Correction, frozen=True, kw_only=True, gc=False):
    """项目信息更正 (`project.corrected`): attributes are set right; only the fields present change.

    `occurred_on` = `corrected_on`.
    """

    project_id: Id  # 项目
    corrected_on: Day  # 更正日期
    project_name: Text | None = None  # 项目名称
    in_county_plan: Flag | None = None  # 是否列入县级脱贫攻坚规划
    measure_kind: MeasureKind | None = None  # 项目措施类别
    is_household: Flag | UnsetType | None = UNSET  # 是否到人到户 (项目属性)
    managing_department_code: Organisation | None = None  # 项目管理部门
    person_in_charge: Text | None = None  # 项目负责人
    planned_end_on: Day | None = None  # 计划完工日
    planned_amount_fen: Fen0 | None = None  # 项目总投资
    permitted_use_codes: tuple[Code, ...] | None = None  # 允许用途


class ProjectWithdrawn(Correction, frozen=True, kw_only=True, gc=False):
    """项目出库 (`project.withdrawn`): the project leaves the library (void).

    `occurred_on` = `withdrawn_on`.
    """

    project_id: Id  # 项目
    withdrawn_on: Day  # 出库日期


TYPES = of_topic(
    "project.changes",
    EventType("project.registered", ProjectRegistered, Role.CREATES, LIBRARY_SYSTEMS, own_ids=("project_id",)),
    EventType(
        "project.budgeted",
        ProjectBudgeted,
        Role.CREATES,
        ("budget_execution", "integrated_fiscal", "project_library", "manual_entry"),
    ),
    EventType("project.progress_reported", ProjectProgressReported, Role.CREATES, LIBRARY_SYSTEMS),
    EventType("project.completed", ProjectCompleted, Role.CREATES, LIBRARY_SYSTEMS),
    EventType("project.corrected", ProjectCorrected, Role.ADJUSTS, LIBRARY_SYSTEMS, target="project_id"),
    EventType("project.withdrawn", ProjectWithdrawn, Role.VOIDS, LIBRARY_SYSTEMS, target="project_id"),
)
