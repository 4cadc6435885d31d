"""Topic `document.filings` (文件、扫描件、公告公示、证明材料), wire.md section 7.9.

Papers and notices. Files stay in the document store; events carry references only.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Struct

from domain.events.event_type import EventType, Role, of_topic
from domain.events.groups import Correction
from domain.events.types import (
    Day,
    Fen,
    Fen0,
    Id,
    Organisation,
    RequiredIf,
    Text,
    Township,
    Village,
)

DocumentKind = Literal["allocation", "issue", "adjustment", "other"]
AnnouncementKind = Literal["allocation_result", "project_arrangement", "fund_use", "policy"]
AnnouncementLevel = Literal["province", "city", "county", "township", "village"]
Channel = Literal["portal_column", "notice_board", "other"]


class DocumentPrinted(Struct, frozen=True, kw_only=True, gc=False):
    """指标文件印发 (`document.printed`): a document is printed.

    With `document_kind=allocation` it starts the 3-working-day clock for its quota; one event per quota named in it.
    Without these events quota_allocation_overdue runs only by its `fallback_start`. `occurred_on` = `printed_on`.
    """

    document_id: Id  # 文件编号
    document_no: Text  # 文号
    document_kind: DocumentKind  # 分配下达 / 下达 / 调整 / 其他
    quota_id: Annotated[Id | None, RequiredIf("document_kind", "allocation")] = None  # quota to be allocated by it
    amount_fen: Annotated[Fen | None, RequiredIf("document_kind", "allocation")] = None  # amount to be allocated
    printed_on: Day  # 印发日期
    issuing_section: Text  # 印发处(科)室


class DocumentScanned(Struct, frozen=True, kw_only=True, gc=False):
    """扫描件上传 (`document.scanned`): scan of an issue or allocation document.

    `occurred_on` = `scanned_on`.
    """

    scan_id: Id  # 扫描件编号
    document_no: Text  # 文号
    quota_id: Id | None = None  # quota
    scanned_on: Day  # 上传日期
    storage_reference: Text  # reference in the document store


class DocumentCopied(Struct, frozen=True, kw_only=True, gc=False):
    """抄送农财部门 (`document.copied`): a copy of an issue document went to the rural-finance section.

    Sent only where such a record is kept. `occurred_on` = `copied_on`.
    """

    document_no: Text  # 文号
    recipient_section: Text  # 抄送对象
    copied_on: Day  # 抄送日期


class AnnouncementPublished(Struct, frozen=True, kw_only=True, gc=False):
    """公告公示 (`announcement.published`).

    Allocation results (province, city, county) and project or fund-use notices (township, village). Township or county
    enters for the village. `occurred_on` = `published_on`.
    """

    announcement_id: Id  # 公告编号
    announcement_kind: AnnouncementKind  # 分配结果 / 项目安排 / 资金使用 / 政策制度
    announcement_level: AnnouncementLevel  # 公告级次
    document_no: Text | None = None  # 文号, for allocation results
    project_id: Id | None = None  # 项目, for local notices
    township_code: Township | None = None  # 乡镇
    village_code: Village | None = None  # 村
    total_amount_fen: Fen0 | None = None  # 总量
    result_text: Text | None = None  # 分配结果
    use_direction: Text | None = None  # 使用方向
    using_unit: Text | None = None  # 使用单位
    channel: Channel  # 门户网站专栏 / 公示栏 / 其他
    page_address: Text | None = None  # 网址
    publisher_unit_code: Organisation  # 发布单位
    published_on: Day  # 发布日期
    published_until: Day | None = None  # 公示截止


class ProofUploaded(Struct, frozen=True, kw_only=True, gc=False):
    """证明材料上传 (`proof.uploaded`): proof for a performance or fund-use filing.

    `occurred_on` = `uploaded_on`.
    """

    proof_id: Id  # 材料编号
    filing_id: Id  # `filing_id`, `monitoring_id` or `evaluation_id`
    uploaded_on: Day  # 上传日期
    storage_reference: Text  # reference in the document store


class DocumentWithdrawn(Correction, frozen=True, kw_only=True, gc=False):
    """文件公告撤回 (`document.withdrawn`): a document, scan, announcement or proof is withdrawn (void).

    `occurred_on` = `withdrawn_on`.
    """

    record_id: Id  # its `document_id`, `scan_id`, `announcement_id` or `proof_id`
    withdrawn_on: Day  # 撤回日期


TYPES = of_topic(
    "document.filings",
    EventType(
        "document.printed",
        DocumentPrinted,
        Role.CREATES,
        ("budget_execution", "integrated_fiscal", "manual_entry"),
        own_ids=("document_id",),
    ),
    EventType(
        "document.scanned",
        DocumentScanned,
        Role.CREATES,
        ("manual_entry", "integrated_fiscal", "budget_execution"),
        own_ids=("scan_id",),
    ),
    EventType("document.copied", DocumentCopied, Role.CREATES, ("manual_entry", "budget_execution")),
    EventType(
        "announcement.published", AnnouncementPublished, Role.CREATES, ("manual_entry",), own_ids=("announcement_id",)
    ),
    EventType(
        "proof.uploaded", ProofUploaded, Role.CREATES, ("manual_entry", "performance_system"), own_ids=("proof_id",)
    ),
    EventType(
        "document.withdrawn",
        DocumentWithdrawn,
        Role.VOIDS,
        ("manual_entry", "budget_execution", "integrated_fiscal", "performance_system"),
        target="record_id",
    ),
)
