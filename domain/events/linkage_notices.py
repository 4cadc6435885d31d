"""Topic `linkage.notices` (指标上下级贯通), wire.md section 7.2.

Key: region of the receiving (lower) side; for quota_received of the issuing side. Cross-level notices. Derived by the
superior's judge from `quota.allocated` with `target_kind=lower_region`; a connector may send them only where the
superior is not on the platform.
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from domain.events.event_type import EventType, Role, of_topic
from domain.events.types import (
    ArrangingLevel,
    Category,
    Day,
    Fen,
    Fen0,
    Flag,
    Id,
    LineKind,
    Region,
    Text,
    Year,
)
from domain.topics import LINKAGE_DERIVED

NOTICE_SYSTEMS: Final = ("monitor", "budget_execution", "integrated_fiscal")


class LinkageQuotaIssued(Struct, frozen=True, kw_only=True, gc=False):
    """上级指标下达通知 (`linkage.quota_issued`): money issued to this region, to be received here.

    `occurred_on` = `issued_on`.
    """

    linkage_id: Id  # equals the superior's `allocation_id`
    superior_region: Region  # issuing region
    superior_quota_id: Id  # superior's quota
    superior_is_poverty_fund: Flag | None  # 扶贫属性 of the superior's quota
    fund_category: Category  # catalogue key
    budget_year: Year  # 预算年度
    arranging_level: ArrangingLevel  # level of origin
    amount_fen: Fen  # 下达金额
    line_kind: LineKind  # 扶贫 / 非扶贫
    is_household: Flag | None  # 是否到人到户
    document_no: Text  # 文号
    document_printed_on: Day  # 印发日期
    issued_on: Day  # date issued in the system (下达日期)


class LinkageQuotaChanged(Struct, frozen=True, kw_only=True, gc=False):
    """上级指标变更通知 (`linkage.quota_changed`): the superior adjusted, voided or reflagged what it had issued.

    `occurred_on` = `changed_on`.
    """

    linkage_id: Id  # notice
    amount_fen: Fen0  # new amount; 0 = withdrawn
    superior_is_poverty_fund: Flag | None  # current flag
    changed_on: Day  # 变更日期


class LinkageQuotaReceived(Struct, frozen=True, kw_only=True, gc=False):
    """下级接收回执 (`linkage.quota_received`).

    Receipt back to the superior's partition, so that the superior sees what was received. `occurred_on` =
    `received_on`.
    """

    linkage_id: Id  # notice
    lower_region: Region  # receiving region
    lower_quota_id: Id  # quota made below
    received_fen: Fen0  # total received so far under this notice
    received_on: Day  # 接收日期


TYPES = of_topic(
    "linkage.notices",
    EventType(
        "linkage.quota_issued",
        LinkageQuotaIssued,
        Role.CREATES,
        NOTICE_SYSTEMS,
        own_ids=("linkage_id",),
        own_topic=LINKAGE_DERIVED,
    ),
    EventType(
        "linkage.quota_changed",
        LinkageQuotaChanged,
        Role.ADJUSTS,
        NOTICE_SYSTEMS,
        target="linkage_id",
        own_topic=LINKAGE_DERIVED,
    ),
    EventType("linkage.quota_received", LinkageQuotaReceived, Role.CREATES, NOTICE_SYSTEMS, own_topic=LINKAGE_DERIVED),
)
