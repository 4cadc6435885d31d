"""Topic `management.filings` (管理与核对), wire.md section 7.10.

Joining, monthly reports, control totals, reconciliation, posts, switches.
"""

from __future__ import annotations

from typing import Final, Literal

from msgspec import Struct

from domain.events.event_type import EventType, Role, of_topic
from domain.events.groups import Correction
from domain.events.types import (
    Category,
    Day,
    Fen0,
    Flag,
    Id,
    Month,
    Organisation,
    Source,
    Text,
    Whole,
    Year,
)

Profile = Literal["henan", "xinjiang"]
ReportKind = Literal[
    "county_monthly",
    "section_monthly",
    "prefecture_performance",
    "unit_payment_month",
    "project_authority_feedback",
]
FigureKind = Literal["business_total", "self_reported", "daily_report"]
AmountKind = Literal["scale", "received", "allocated", "paid"]
Post = Literal["receipt_dispatch", "handling", "review", "system_administrator", "application_user"]
FunctionName = Literal["special_account_accounting", "one_card", "quota_linkage", "centralised_payment"]
BY_HAND: Final = ("manual_entry",)


class RegionOpened(Struct, frozen=True, kw_only=True, gc=False):
    """地区上线 (`region.opened`): the region joins: opening date and profile.

    Deadlines that began earlier are not judged. `occurred_on` = `opening_on`.
    """

    opening_on: Day  # 期初日
    profile: Profile  # 地区规则方案
    superior_connected: Flag  # is the superior's finance on the platform?


class ReportFiled(Struct, frozen=True, kw_only=True, gc=False):
    """报告报送 (`report.filed`): a periodic report was sent.

    `occurred_on` = `filed_on`.
    """

    report_id: Id  # 报告编号
    report_kind: ReportKind  # 县市月报 / 业务科室月报 / 地州绩效月报 / 部门乡镇当月支付已录完 / 向主管部门反馈
    report_month: Month  # 所属月份
    section: Text | None = None  # 报送科室
    unit_code: Organisation | None = None  # for unit_payment_month: the unit whose month is complete (may be nil)
    recipient: Text  # 报送对象
    filed_on: Day  # 报送日期


class FiguresReported(Struct, frozen=True, kw_only=True, gc=False):
    """对账数 (`figures.reported`): a total held outside: business system, county self-report, or 扶贫资金日报.

    Compared with ours. `occurred_on` = `as_of_on`.
    """

    figure_id: Id  # 编号
    figure_kind: FigureKind  # 业务系统数 / 县区自报数 / 扶贫资金日报
    amount_kind: AmountKind  # 规模 / 接收 / 分配 / 支付
    fund_category: Category | None  # catalogue key; null = all
    budget_year: Year  # 年度
    as_of_on: Day  # 截至日期
    total_fen: Fen0  # 金额
    record_count: Whole | None = None  # 笔数
    counted_source: Source | None = None  # source system the total comes from


class ReconciliationCompleted(Struct, frozen=True, kw_only=True, gc=False):
    """数据核对完成 (`reconciliation.completed`): rural-finance and budget departments reconciled a month.

    `occurred_on` = `completed_on`.
    """

    reconciliation_id: Id  # 核对编号
    reconciliation_month: Month  # 月份
    compared_count: Whole  # 核对项数
    differing_count: Whole  # 不一致项数
    completed_on: Day  # 完成日期


class PostAssigned(Struct, frozen=True, kw_only=True, gc=False):
    """岗位授权 (`post.assigned`): a person takes a post.

    `occurred_on` = `assigned_on`.
    """

    assignment_id: Id  # 授权编号
    organisation_code: Organisation  # 单位
    operator_id: Id  # 人员账号
    post: Post  # 总收发岗 / 业务经办岗 / 审核岗 / 系统管理员 / 应用人员
    assigned_on: Day  # 授权日期
    exemption_reason: Text | None = None  # why one person holds two posts


class PostReleased(Correction, frozen=True, kw_only=True, gc=False):
    """岗位解除 (`post.released`): the person leaves the post.

    `occurred_on` = `released_on`.
    """

    assignment_id: Id  # 授权编号
    released_on: Day  # 解除日期


class FunctionSwitched(Struct, frozen=True, kw_only=True, gc=False):
    """功能启用 (`function.switched`): a source function goes on or off.

    `occurred_on` = `switched_on`.
    """

    function_name: FunctionName  # 收支核算 / 一卡通 / 贯通 / 集中支付
    is_enabled: Flag  # 启用?
    switched_on: Day  # 日期


TYPES = of_topic(
    "management.filings",
    EventType("region.opened", RegionOpened, Role.CREATES, BY_HAND),
    EventType("report.filed", ReportFiled, Role.CREATES, BY_HAND, own_ids=("report_id",)),
    EventType(
        "figures.reported",
        FiguresReported,
        Role.CREATES,
        ("budget_execution", "integrated_fiscal", "treasury_payment", "special_account", "one_card", "manual_entry"),
        own_ids=("figure_id",),
    ),
    EventType(
        "reconciliation.completed", ReconciliationCompleted, Role.CREATES, BY_HAND, own_ids=("reconciliation_id",)
    ),
    EventType("post.assigned", PostAssigned, Role.CREATES, BY_HAND, own_ids=("assignment_id",)),
    EventType("post.released", PostReleased, Role.FOLLOWS, BY_HAND, target="assignment_id"),
    EventType(
        "function.switched",
        FunctionSwitched,
        Role.CREATES,
        ("manual_entry", "special_account", "one_card", "budget_execution"),
    ),
)
