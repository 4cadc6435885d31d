"""Topic `registry.enterprises` (企业名册), wire.md section 7.13.

Key: region of the register. Outside facts about enterprises. They flow on to the enterprise stage keyed by
`credit_code`.
"""

from __future__ import annotations

from typing import Final, Literal

from msgspec import Struct

from domain.events.event_type import EventType, Role, of_topic
from domain.events.groups import Correction
from domain.events.types import (
    CreditCode,
    Day,
    Id,
    Pseudonym,
    Text,
)

EnterpriseState = Literal["active", "cancelled", "revoked", "moved_out"]
ListKind = Literal["abnormal_operation", "tax_delinquent", "seriously_dishonest"]
DEPARTMENTS: Final = ("department_exchange",)


class EnterpriseRecorded(Struct, frozen=True, kw_only=True, gc=False):
    """企业登记 (`enterprise.recorded`): state of an enterprise from a date; a later event supersedes from its own date.

    `occurred_on` = `state_from`.
    """

    credit_code: CreditCode  # 统一社会信用代码
    enterprise_name: Text  # 名称
    established_on: Day  # 成立日期
    enterprise_state: EnterpriseState  # 存续 / 注销 / 吊销 / 迁出
    state_from: Day  # 状态起始日
    legal_person_key: Pseudonym | None = None  # 法定代表人


class EnterpriseListed(Struct, frozen=True, kw_only=True, gc=False):
    """企业列入名单 (`enterprise.listed`): an enterprise is put on a list.

    `occurred_on` = `effective_from`.
    """

    listing_id: Id  # 编号
    credit_code: CreditCode  # 统一社会信用代码
    list_kind: ListKind  # 经营异常 / 欠税 / 严重违法失信
    effective_from: Day  # 起
    effective_to: Day | None  # 止


class EnterpriseUnlisted(Correction, frozen=True, kw_only=True, gc=False):
    """企业移出名单 (`enterprise.unlisted`): the listing ends or was wrong.

    `occurred_on` = day of recording.
    """

    listing_id: Id  # 编号
    effective_to: Day  # last day


TYPES = of_topic(
    "registry.enterprises",
    EventType("enterprise.recorded", EnterpriseRecorded, Role.CREATES, DEPARTMENTS),
    EventType("enterprise.listed", EnterpriseListed, Role.CREATES, DEPARTMENTS, own_ids=("listing_id",)),
    EventType("enterprise.unlisted", EnterpriseUnlisted, Role.FOLLOWS, DEPARTMENTS, target="listing_id"),
)
