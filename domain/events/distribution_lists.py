"""Topic `distribution.lists` (到人到户发放与一卡通), wire.md section 7.8.

The list 到人到户补助资金发放表, its rows, and one-card batches. No document gives the columns; these are proposed.
"""

from __future__ import annotations

from typing import Final, Literal

from msgspec import Struct

from domain.events.event_type import EventType, Role, of_topic
from domain.events.groups import Correction
from domain.events.types import (
    Category,
    Code,
    Day,
    Fen,
    Fen0,
    FenDelta,
    Flag,
    Id,
    Organisation,
    Pseudonym,
    Tail4,
    Text,
    Township,
    Village,
    Whole,
)

PaidPer = Literal["person", "household"]
PayoutChannel = Literal["one_card", "bank_list", "treasury_direct", "cash"]
IdNumberState = Literal["valid", "bad_format", "bad_checksum", "missing"]
ReturnKind = Literal["payout_failed", "returned", "recovered"]
LIST_SYSTEMS: Final = ("one_card", "manual_entry")


class DistributionListImported(Struct, frozen=True, kw_only=True, gc=False):
    """发放表导入 (`distribution.list_imported`): header of a list attached to a project.

    `occurred_on` = `imported_on`.
    """

    list_id: Id  # 发放表编号
    project_id: Id  # 项目
    line_id: Id | None = None  # line that pays it
    fund_category: Category  # catalogue key
    subsidy_code: Code  # 补贴项目代码, the same in all counties
    subsidy_name: Text  # 补贴项目名称
    period_from: Day  # 所属期起
    period_to: Day  # 所属期止
    paid_per: PaidPer  # 按人 / 按户
    requires_registered_poor: Flag  # 是否限建档立卡对象
    declared_row_count: Whole  # 申报人(户)数
    declared_amount_fen: Fen  # 申报金额
    payout_channel: PayoutChannel  # 一卡通 / 名单交银行 / 国库直达 / 现金
    importing_unit_code: Organisation  # 导入单位
    imported_on: Day  # 导入日期


class DistributionListVoided(Correction, frozen=True, kw_only=True, gc=False):
    """发放表作废 (`distribution.list_voided`): the list and all its rows are cancelled.

    `occurred_on` = `voided_on`.
    """

    list_id: Id  # list
    voided_on: Day  # 作废日期


class DistributionRowRecorded(Struct, frozen=True, kw_only=True, gc=False):
    """发放明细 (`distribution.row_recorded`): one person or household on the list.

    `occurred_on` = `paid_on`.
    """

    row_id: Id  # 明细编号
    list_id: Id  # list
    person_key: Pseudonym | None  # pseudonym of the ID number; null when the number is missing
    name_key: Pseudonym | None  # pseudonym of the name
    name_masked: Text  # 姓名, masked
    id_number_masked: Text | None = None  # 身份证号, masked
    id_number_state: IdNumberState  # result of the connector's check of the number
    household_key: Pseudonym | None  # pseudonym of the 户编号
    household_relation: Text | None = None  # 与户主关系
    township_code: Township | None = None  # 乡镇
    village_code: Village | None = None  # 村
    amount_fen: Fen  # 发放金额
    standard_text: Text | None = None  # 发放标准
    account_key: Pseudonym | None = None  # pseudonym of the card or passbook
    account_tail: Tail4 | None = None  # last 4 characters
    bank_name: Text | None = None  # 开户行
    account_holder_matches: Flag | None  # 户名 = 领取人(按户则为户主)?; null = unknown
    paid_on: Day | None  # 发放日期
    batch_id: Id | None = None  # 一卡通 batch


class DistributionRowVoided(Correction, frozen=True, kw_only=True, gc=False):
    """发放明细作废 (`distribution.row_voided`): a row is cancelled.

    `occurred_on` = `voided_on`.
    """

    row_id: Id  # row
    voided_on: Day  # 作废日期


class DistributionRowAdjusted(Correction, frozen=True, kw_only=True, gc=False):
    """发放明细更正 (`distribution.row_adjusted`): a value is set right; only the fields present change.

    `occurred_on` = `adjusted_on`.
    """

    row_id: Id  # row
    adjusted_on: Day  # 更正日期
    delta_fen: FenDelta | None = None  # signed change
    person_key: Pseudonym | None = None  # new value
    name_key: Pseudonym | None = None  # new value
    id_number_state: IdNumberState | None = None  # new value
    household_key: Pseudonym | None = None  # new value
    paid_on: Day | None = None  # pay date now known


class DistributionRowReturned(Correction, frozen=True, kw_only=True, gc=False):
    """发放退回 (`distribution.row_returned`): money of the row came back (发放失败、退回、追回).

    `occurred_on` = `returned_on`.
    """

    return_id: Id  # 退回流水号
    row_id: Id  # row
    amount_fen: Fen  # 退回金额
    returned_on: Day  # 退回日期
    return_kind: ReturnKind  # 发放失败 / 退回 / 追回


class DistributionRowReissued(Struct, frozen=True, kw_only=True, gc=False):
    """重新发放 (`distribution.row_reissued`): a failed or returned row is paid again.

    `occurred_on` = `reissued_on`.
    """

    row_id: Id  # row
    amount_fen: Fen  # 重发金额
    reissued_on: Day  # 重发日期


class BatchSubmitted(Struct, frozen=True, kw_only=True, gc=False):
    """一卡通批次提交 (`batch.submitted`).

    A one-card batch goes out; its presence tells real one-card payout from a list handed to a bank. `occurred_on` =
    `submitted_on`.
    """

    batch_id: Id  # 批次号
    list_id: Id  # list
    row_count: Whole  # 笔数
    amount_fen: Fen  # 金额
    submitted_on: Day  # 提交日期


class BatchSettled(Struct, frozen=True, kw_only=True, gc=False):
    """一卡通批次回执 (`batch.settled`): the bank's result.

    `occurred_on` = `settled_on`.
    """

    batch_id: Id  # 批次号
    settled_on: Day  # 回执日期
    succeeded_count: Whole  # 成功笔数
    succeeded_amount_fen: Fen0  # 成功金额
    failed_count: Whole  # 失败笔数
    failed_amount_fen: Fen0  # 失败金额
    failed_row_ids: tuple[Id, ...] | None = None  # 失败明细


TYPES = of_topic(
    "distribution.lists",
    EventType("distribution.list_imported", DistributionListImported, Role.CREATES, LIST_SYSTEMS, own_ids=("list_id",)),
    EventType("distribution.list_voided", DistributionListVoided, Role.VOIDS, LIST_SYSTEMS, target="list_id"),
    EventType("distribution.row_recorded", DistributionRowRecorded, Role.CREATES, LIST_SYSTEMS, own_ids=("row_id",)),
    EventType("distribution.row_voided", DistributionRowVoided, Role.VOIDS, LIST_SYSTEMS, target="row_id"),
    EventType("distribution.row_adjusted", DistributionRowAdjusted, Role.ADJUSTS, LIST_SYSTEMS, target="row_id"),
    EventType("distribution.row_returned", DistributionRowReturned, Role.REFUNDS, LIST_SYSTEMS, target="row_id"),
    EventType("distribution.row_reissued", DistributionRowReissued, Role.FOLLOWS, LIST_SYSTEMS, target="row_id"),
    EventType("batch.submitted", BatchSubmitted, Role.CREATES, ("one_card",), own_ids=("batch_id",)),
    EventType("batch.settled", BatchSettled, Role.FOLLOWS, ("one_card",), target="batch_id"),
)
