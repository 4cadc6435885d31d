"""Field groups that several event types share (wire.md section 6).

A type inherits its group; in the contract's order its own fields come first.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Struct

from domain.events.types import (
    AccountKind,
    ArrangingLevel,
    Category,
    Code,
    CreditCode,
    Day,
    Fen,
    Fen0,
    Flag,
    Id,
    Organisation,
    Pseudonym,
    RequiredIf,
    Tail4,
    Text,
    Whole,
    Year,
)

FundNature = Literal["general_budget", "government_fund", "government_bond", "land_gains", "donation", "other"]
ExpenditureKind = Literal["basic", "project"]
EntryMode = Literal["linked", "direct", "re_entered", "bundled"]
PayeeKind = Literal[
    "person",
    "enterprise",
    "budget_unit",
    "township_government",
    "village_collective",
    "finance_department",
    "bank",
    "other",
]


class QuotaBody(Struct, frozen=True, kw_only=True, gc=False):
    """Quota body (指标, wire.md 6.1), in every type that creates a quota."""

    quota_id: Id  # 指标编号
    budget_year: Year  # 预算年度
    # catalogue key (资金清单): `central-36`, `regional-15`, `local-652722-3`; `unknown` when the source cannot tell
    fund_category: Category
    fund_sub_item: Whole | None = None  # sub-item number inside the category (小项 ①–⑥)
    fund_name: Text  # 资金名称 as printed in the document
    # 资金性质：一般公共预算 / 政府性基金 / 地方政府债券 / 新增建设用地政策性收益 / 非定向社会捐赠
    fund_nature: FundNature
    amount_fen: Fen  # 指标金额, the whole amount
    # part that is for poverty relief when only a part is (部分用于扶贫); absent = all or nothing by `is_poverty_fund`
    poverty_amount_fen: Fen0 | None = None
    subject_code: Code | None  # 支出功能分类科目, e.g. 2130504
    expenditure_kind: ExpenditureKind  # 基本支出 / 项目支出
    is_poverty_fund: Flag | None  # 扶贫资金属性标识; null = not marked
    is_integrable: Flag | None  # 可统筹整合资金; null = not marked
    is_household: Flag | None  # 是否到人到户; null = not chosen
    # level that arranged the money first (安排级次); a received quota keeps the level of its origin
    arranging_level: ArrangingLevel
    entry_mode: EntryMode  # 录入方式: 贯通接收 / 直接录入 / 自行再录入 / 打捆录入
    # for entry_mode bundled: the notices lumped together, when the source knows them
    bundled_linkage_ids: tuple[Id, ...] | None = None
    document_no: Text  # 指标文文号
    document_printed_on: Day  # 印发日期 of that document
    registered_on: Day  # date the quota was registered in the business system (登录日期)
    responsible_section: Text  # 归口管理处(科、股)室


class Payee(Struct, frozen=True, kw_only=True, gc=False):
    """Payee (收款人, wire.md 6.2), in `payment.recorded`, and in `account.entry_recorded` with direction "out"."""

    payee_name: Text  # 收款人名称; for a person masked (张*)
    payee_kind: PayeeKind  # 收款人类别: 个人 / 企业(含合作社) / 预算单位 / 乡镇 / 村集体 / 财政部门 / 银行 / 其他
    # pseudonym of the ID number; null when the source has none
    payee_person_key: Annotated[Pseudonym | None, RequiredIf("payee_kind", "person", may_be_null=True)] = None
    # 统一社会信用代码; null when the source has none
    payee_credit_code: Annotated[CreditCode | None, RequiredIf("payee_kind", "enterprise", may_be_null=True)] = None
    payee_unit_code: Organisation | None = None  # budget unit / township / bank code
    # 账户性质：国库单一账户 / 财政专户 / 零余额 / 单位实有资金 / 乡镇实有资金 / 村集体 / 企业 / 个人 / 银行内部户 /
    # 无（现金）
    payee_account_kind: AccountKind
    payee_account_key: Pseudonym | None = None  # pseudonym of the account number
    payee_account_tail: Tail4 | None = None  # last 4 characters, for people to read
    payee_bank_name: Text | None = None  # 开户行


class Correction(Struct, frozen=True, kw_only=True, gc=False):
    """Correction (更正, wire.md 6.3): why, and which section answers for it."""

    reason: Text  # 更正原因
    responsible_section: Text | None = None  # section that answers for the correction (归口管理)
