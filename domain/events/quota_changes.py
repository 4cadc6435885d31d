"""Topic `quota.changes` (预算指标), wire.md section 7.1.

Quotas (指标), their allocation (分配下达) and refinement (细化), and every correction of them.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

from msgspec import UNSET, Struct, UnsetType

from domain.events.event_type import EventType, Role, of_topic
from domain.events.groups import Correction, ExpenditureKind, QuotaBody
from domain.events.types import (
    Category,
    Code,
    Day,
    Fen,
    Fen0,
    FenDelta,
    Flag,
    Id,
    LineKind,
    Organisation,
    Region,
    RequiredIf,
    Text,
    Township,
    Year,
)

PreparationStage = Literal["draft_budget", "advance", "in_year"]
QuotaOrigin = Literal["arranged", "received", "carried_over"]
TargetKind = Literal["lower_region", "unit", "township", "project"]
AdjustKind = Literal["supplement", "reduction", "withdrawal", "transfer"]
BUDGET_SYSTEMS: Final = ("budget_execution", "integrated_fiscal", "manual_entry")


class QuotaArranged(QuotaBody, frozen=True, kw_only=True, gc=False):
    """本级安排指标 (`quota.arranged`): a quota the region arranges from its own money.

    `occurred_on` = `registered_on`.
    """

    preparation_stage: PreparationStage | None = None  # 预算编制 / 提前下达 / 年中


class QuotaReceived(QuotaBody, frozen=True, kw_only=True, gc=False):
    """审核接收上级指标 (`quota.received`): the region reviews and receives money a superior issued to it.

    One event per linkage notice, partial receipt allowed. `occurred_on` = `received_on`.
    """

    received_on: Day  # 接收日期
    superior_region: Region  # issuing region; `100000` = central
    linkage_id: Id | None  # 贯通流水号: the notice it answers; null = received outside the linkage module
    superior_quota_id: Id | None  # 勾对 to the superior's quota
    reviewed_by: Id  # 审核人, not the person who entered


class QuotaCarriedOver(QuotaBody, frozen=True, kw_only=True, gc=False):
    """上年结转指标 (`quota.carried_over`).

    Last year's unpaid balance brought into this year as carry-over, never as new money. `occurred_on` =
    `registered_on`.
    """

    carried_from_quota_id: Id  # the prior-year quota
    carried_from_year: Year  # its budget year


class OpeningLine(Struct, frozen=True, kw_only=True, gc=False):
    """Line of a quota on the opening day, in `quota.opening_recorded`."""

    line_id: Id  # line number
    project_id: Id | None  # project
    amount_fen: Fen  # line amount
    paid_fen: Fen0  # counted payments before the opening
    line_kind: LineKind  # 扶贫 / 非扶贫
    is_pending: Flag  # 待分配 block
    is_household: Flag | None  # 是否到人到户


class QuotaOpeningRecorded(QuotaBody, frozen=True, kw_only=True, gc=False):
    """期初指标 (`quota.opening_recorded`).

    An existing quota on the day the region joins the monitor, with its open lines. Its history before that day is not
    sent. `occurred_on` = `opening_on`.
    """

    opening_on: Day  # 期初日, equals `region.opened`
    origin: QuotaOrigin  # 自己安排 / 接收上级 / 结转
    superior_region: Annotated[Region | None, RequiredIf("origin", "received")] = None  # issuing region
    available_on: Day  # date the money first became available, so that ageing keeps its true start
    issued_down_fen: Fen0  # issued to lower regions before the opening
    # lines of the quota; may be empty. Quota amount − `issued_down_fen` − lines = unallocated
    lines: tuple[OpeningLine, ...]


class QuotaAllocated(Struct, frozen=True, kw_only=True, gc=False):
    """指标分配下达 (`quota.allocated`).

    Part of a quota goes to a lower region (下达), a unit, a township (切块) or a project. Anything not to a lower
    region is a payable *line*. `occurred_on` = `allocated_on`.
    """

    allocation_id: Id  # 分配流水号; also the `line_id` of the line
    quota_id: Id  # quota it comes from
    target_kind: TargetKind  # 下级 / 部门单位 / 乡镇 / 项目
    target_region: Annotated[Region | None, RequiredIf("target_kind", "lower_region")] = None  # receiving region
    unit_code: Organisation | None = None  # receiving unit
    township_code: Township | None = None  # receiving township
    project_id: Id | None  # project; null when not yet settled
    amount_fen: Fen  # 分配金额
    line_kind: LineKind  # 扶贫 / 非扶贫 part
    is_pending: Flag  # 待分配指标: block not yet refined to a project
    is_household: Flag | None  # 是否到人到户 chosen at issue
    document_no: Text  # 分配下达指标文件文号
    document_printed_on: Day  # 印发日期
    allocated_on: Day  # date allocated in the budget execution system (分配到位日)
    responsible_section: Text  # 归口处(科)室


class RefinedLine(Struct, frozen=True, kw_only=True, gc=False):
    """Payable line that a pending block is split into, in `quota.refined`."""

    line_id: Id  # line number
    project_id: Id  # project
    unit_code: Organisation | None = None  # using unit
    amount_fen: Fen  # line amount
    line_kind: LineKind  # 扶贫 / 非扶贫
    is_household: Flag | None  # 是否到人到户


class QuotaRefined(Struct, frozen=True, kw_only=True, gc=False):
    """待分配指标细化 (`quota.refined`).

    A pending block is split to concrete projects; each entry of `lines` becomes a payable line. `occurred_on` =
    `refined_on`.
    """

    refinement_id: Id  # 细化流水号
    allocation_id: Id  # the pending allocation
    refined_on: Day  # 细化日期
    lines: tuple[RefinedLine, ...]  # one entry per project line


class QuotaReflagged(Correction, frozen=True, kw_only=True, gc=False):
    """指标标识更正 (`quota.reflagged`).

    Missed or wrong flags are set right; only the fields present change, all else stays. `occurred_on` = `corrected_on`.
    """

    quota_id: Id  # quota
    corrected_on: Day  # 校正日期
    is_poverty_fund: Flag | UnsetType | None = UNSET  # new value
    is_integrable: Flag | UnsetType | None = UNSET  # new value
    is_household: Flag | UnsetType | None = UNSET  # new value
    fund_category: Category | None = None  # new value
    subject_code: Code | None = None  # new value
    expenditure_kind: ExpenditureKind | None = None  # new value
    poverty_amount_fen: Fen0 | None = None  # new value


class QuotaAdjusted(Correction, frozen=True, kw_only=True, gc=False):
    """指标调整(追加、调减、收回) (`quota.adjusted`): the amount of a quota changes by a document.

    `occurred_on` = `adjusted_on`.
    """

    adjustment_id: Id  # 调整流水号
    quota_id: Id  # quota
    delta_fen: FenDelta  # signed change
    adjust_kind: AdjustKind  # 追加 / 调减 / 收回 / 调剂
    counter_quota_id: Id | None = None  # other side of a transfer
    document_no: Text  # 文号
    document_printed_on: Day  # 印发日期
    adjusted_on: Day  # date in the system


class QuotaRelinked(Correction, frozen=True, kw_only=True, gc=False):
    """指标勾对更正 (`quota.relinked`): the link to the superior's quota is set right.

    `occurred_on` = `relinked_on`.
    """

    quota_id: Id  # received quota
    linkage_id: Id | None  # new notice
    superior_quota_id: Id | None  # new 勾对
    relinked_on: Day  # 更正日期


class QuotaVoided(Correction, frozen=True, kw_only=True, gc=False):
    """指标作废 (`quota.voided`).

    A quota entered by mistake is cancelled; its allocations lose their cover and must be voided or moved. `occurred_on`
    = `voided_on`.
    """

    quota_id: Id  # quota
    voided_on: Day  # 作废日期


class QuotaReplaced(Correction, frozen=True, kw_only=True, gc=False):
    """指标替换 (`quota.replaced`).

    Another quota takes the place of this one: allocations, lines, documents and carry-overs that name the original
    count for the replacement. `occurred_on` = `replaced_on`.
    """

    quota_id: Id  # original
    replacement_quota_id: Id  # replacement, sent in its own creating event
    replaced_on: Day  # 替换日期


class AllocationAdjusted(Correction, frozen=True, kw_only=True, gc=False):
    """分配金额调整 (`allocation.adjusted`): the amount of an allocation or of a refined line changes (incl. 收回).

    `occurred_on` = `adjusted_on`.
    """

    adjustment_id: Id  # 调整流水号
    allocation_id: Id  # allocation, or `line_id` of a refined line
    delta_fen: FenDelta  # signed change
    document_no: Text | None = None  # 文号
    adjusted_on: Day  # date in the system


class AllocationRelinked(Correction, frozen=True, kw_only=True, gc=False):
    """分配关联更正 (`allocation.relinked`).

    Project, unit, part or household flag of a line is set right; only the fields present change. `occurred_on` =
    `relinked_on`.
    """

    allocation_id: Id  # allocation or line
    project_id: Id | None = None  # new project
    unit_code: Organisation | None = None  # new unit
    line_kind: LineKind | None = None  # new part
    is_household: Flag | UnsetType | None = UNSET  # new flag
    relinked_on: Day  # 更正日期


class AllocationVoided(Correction, frozen=True, kw_only=True, gc=False):
    """分配作废 (`allocation.voided`).

    An allocation or refined line is cancelled; the amount is unallocated (or pending) again. `occurred_on` =
    `voided_on`.
    """

    allocation_id: Id  # allocation or line
    voided_on: Day  # 作废日期


TYPES = of_topic(
    "quota.changes",
    EventType("quota.arranged", QuotaArranged, Role.CREATES, BUDGET_SYSTEMS, own_ids=("quota_id",)),
    EventType("quota.received", QuotaReceived, Role.CREATES, BUDGET_SYSTEMS, own_ids=("quota_id",)),
    EventType("quota.carried_over", QuotaCarriedOver, Role.CREATES, BUDGET_SYSTEMS, own_ids=("quota_id",)),
    EventType(
        "quota.opening_recorded",
        QuotaOpeningRecorded,
        Role.CREATES,
        BUDGET_SYSTEMS,
        own_ids=("quota_id", "lines.line_id"),
    ),
    EventType("quota.allocated", QuotaAllocated, Role.CREATES, BUDGET_SYSTEMS, own_ids=("allocation_id",)),
    EventType("quota.refined", QuotaRefined, Role.CREATES, BUDGET_SYSTEMS, own_ids=("refinement_id", "lines.line_id")),
    EventType("quota.reflagged", QuotaReflagged, Role.ADJUSTS, BUDGET_SYSTEMS, target="quota_id"),
    EventType("quota.adjusted", QuotaAdjusted, Role.ADJUSTS, BUDGET_SYSTEMS, target="quota_id"),
    EventType("quota.relinked", QuotaRelinked, Role.RELINKS, BUDGET_SYSTEMS, target="quota_id"),
    EventType("quota.voided", QuotaVoided, Role.VOIDS, BUDGET_SYSTEMS, target="quota_id"),
    EventType("quota.replaced", QuotaReplaced, Role.REPLACES, BUDGET_SYSTEMS, target="quota_id"),
    EventType("allocation.adjusted", AllocationAdjusted, Role.ADJUSTS, BUDGET_SYSTEMS, target="allocation_id"),
    EventType("allocation.relinked", AllocationRelinked, Role.RELINKS, BUDGET_SYSTEMS, target="allocation_id"),
    EventType("allocation.voided", AllocationVoided, Role.VOIDS, BUDGET_SYSTEMS, target="allocation_id"),
)
