"""Topic `account.entries` (财政专户与实有资金账户), wire.md section 7.5.

Special fiscal accounts (财政专户) and real-fund accounts that hold poverty money.
"""

from __future__ import annotations

from typing import Final, Literal

from msgspec import Struct

from domain.events.event_type import EventType, Role, of_topic
from domain.events.groups import Correction, PayeeKind
from domain.events.types import (
    AccountKind,
    Category,
    CreditCode,
    Day,
    Fen,
    Fen0,
    FenDelta,
    Flag,
    Id,
    Organisation,
    Pseudonym,
    RefundKind,
    SpendingStage,
    Tail4,
    Text,
)

Direction = Literal["in", "out"]
ACCOUNT_SYSTEMS: Final = ("special_account", "manual_entry")


class AccountRegistered(Struct, frozen=True, kw_only=True, gc=False):
    """账户登记 (`account.registered`): an account becomes known, with its kind.

    `occurred_on` = `opened_on`.
    """

    account_id: Id  # 账户编号
    account_kind: AccountKind  # 账户性质
    holder_unit_code: Organisation  # 开户单位
    account_key: Pseudonym  # pseudonym of the number
    account_tail: Tail4  # last 4 characters
    bank_name: Text  # 开户行
    holds_poverty_money: Flag  # 是否核算扶贫资金
    opened_on: Day  # 开户日期


class AccountClosed(Correction, frozen=True, kw_only=True, gc=False):
    """账户撤销 (`account.closed`): the account is closed.

    `occurred_on` = `closed_on`.
    """

    account_id: Id  # 账户
    closed_on: Day  # 撤销日期


class AccountEntryRecorded(Struct, frozen=True, kw_only=True, gc=False):
    """专户收支 (`account.entry_recorded`): one receipt or payment of the account.

    For `direction=out` the payee fields are required; for `in` they are left out. `occurred_on` = `booked_on`.
    """

    entry_id: Id  # 收支流水号
    account_id: Id  # 账户
    direction: Direction  # 收 / 支
    amount_fen: Fen  # 金额
    booked_on: Day  # 资金收付日
    accounting_completed_on: Day | None  # 收支核算完成日; null = not accounted yet
    entered_on: Day  # date entered in the special-account system (录入日)
    fund_category: Category  # catalogue key or `unknown`
    line_id: Id | None  # line the money belongs to
    project_id: Id | None  # project
    source_payment_id: Id | None = None  # for `in`: the treasury payment that brought the money
    purpose: Text  # 用途
    spending_stage: SpendingStage | None = None  # for `out`: 到最终收款人?

    # Payee (`Payee`), only with direction "out", and then with the duties it has there; of a receipt these are
    # unknown fields, so always None.
    payee_name: Text | None = None  # 收款人名称; for a person masked (张*)
    # 收款人类别：个人 / 企业(含合作社) / 预算单位 / 乡镇 / 村集体 / 财政部门 / 银行 / 其他
    payee_kind: PayeeKind | None = None
    payee_person_key: Pseudonym | None = None  # pseudonym of the ID number; null when the source has none
    payee_credit_code: CreditCode | None = None  # 统一社会信用代码; null when the source has none
    payee_unit_code: Organisation | None = None  # budget unit / township / bank code
    # 账户性质：国库单一账户 / 财政专户 / 零余额 / 单位实有资金 / 乡镇实有资金 / 村集体 / 企业 / 个人 / 银行内部户 /
    # 无（现金）
    payee_account_kind: AccountKind | None = None
    payee_account_key: Pseudonym | None = None  # pseudonym of the account number
    payee_account_tail: Tail4 | None = None  # last 4 characters, for people to read
    payee_bank_name: Text | None = None  # 开户行


class AccountEntryVoided(Correction, frozen=True, kw_only=True, gc=False):
    """专户收支作废 (`account.entry_voided`): an entry is cancelled.

    `occurred_on` = `voided_on`.
    """

    entry_id: Id  # entry
    voided_on: Day  # 作废日期


class AccountEntryRefunded(Correction, frozen=True, kw_only=True, gc=False):
    """专户收支退回 (`account.entry_refunded`).

    Money of the entry went back: an out entry returned to the account, or an in entry returned to the treasury.
    `occurred_on` = `refunded_on`.
    """

    refund_id: Id  # 退回流水号
    entry_id: Id  # entry
    amount_fen: Fen  # 退回金额
    refunded_on: Day  # 退回日期
    refund_kind: RefundKind  # 退票 / 退回 / 追回


class AccountEntryAdjusted(Correction, frozen=True, kw_only=True, gc=False):
    """专户收支更正 (`account.entry_adjusted`): a value is filled in or set right, incl.

    re-linking; only the fields present change. `occurred_on` = `adjusted_on`.
    """

    entry_id: Id  # entry
    adjusted_on: Day  # 更正日期
    accounting_completed_on: Day | None = None  # accounting now complete
    booked_on: Day | None = None  # new value
    delta_fen: FenDelta | None = None  # signed change
    line_id: Id | None = None  # new link
    project_id: Id | None = None  # new link


class AccountBalanceReported(Struct, frozen=True, kw_only=True, gc=False):
    """账户余额 (`account.balance_reported`).

    Bank balance of the account on a day, to test whether every movement was accounted. `occurred_on` = `balance_on`.
    """

    account_id: Id  # 账户
    balance_fen: Fen0  # 余额
    balance_on: Day  # 余额日期 (end of day)


TYPES = of_topic(
    "account.entries",
    EventType("account.registered", AccountRegistered, Role.CREATES, ACCOUNT_SYSTEMS, own_ids=("account_id",)),
    EventType("account.closed", AccountClosed, Role.FOLLOWS, ACCOUNT_SYSTEMS, target="account_id"),
    EventType(
        "account.entry_recorded",
        AccountEntryRecorded,
        Role.CREATES,
        ACCOUNT_SYSTEMS,
        own_ids=("entry_id",),
        payee_if=("direction", "out"),
    ),
    EventType("account.entry_voided", AccountEntryVoided, Role.VOIDS, ACCOUNT_SYSTEMS, target="entry_id"),
    EventType("account.entry_refunded", AccountEntryRefunded, Role.REFUNDS, ACCOUNT_SYSTEMS, target="entry_id"),
    EventType("account.entry_adjusted", AccountEntryAdjusted, Role.ADJUSTS, ACCOUNT_SYSTEMS, target="entry_id"),
    EventType(
        "account.balance_reported",
        AccountBalanceReported,
        Role.CREATES,
        ("special_account", "department_exchange", "manual_entry"),
    ),
)
