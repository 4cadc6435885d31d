"""Topic `registry.persons` (人员名册), wire.md section 7.12.

Key: region of the register. Outside facts about people. They flow on to the person stage keyed by `person_key`.
"""

from __future__ import annotations

from typing import Final, Literal

from msgspec import Struct

from domain.events.event_type import EventType, Role, of_topic
from domain.events.groups import Correction
from domain.events.types import (
    Day,
    Flag,
    Id,
    Pseudonym,
    Text,
    Whole,
)

PersonRegistry = Literal[
    "registered_poor",
    "deceased",
    "public_payroll",
    "village_cadre",
    "vehicle_owner",
    "urban_house_owner",
    "enterprise_owner",
]
SnapshotRegistry = Literal[
    "registered_poor",
    "deceased",
    "public_payroll",
    "village_cadre",
    "vehicle_owner",
    "urban_house_owner",
    "enterprise_owner",
    "enterprise",
]
REGISTERS: Final = ("poverty_registry", "department_exchange")


class PersonListed(Struct, frozen=True, kw_only=True, gc=False):
    """人员在册 (`person.listed`): a person is on a register from a date.

    Sent for each row of a snapshot and for each later change. `occurred_on` = `effective_from`.
    """

    listing_id: Id  # 在册编号
    person_key: Pseudonym  # pseudonym of the ID number
    registry: PersonRegistry  # 建档立卡 / 死亡 / 财政供养 / 村组干部 / 车辆 / 城镇房产 / 企业法人股东
    name_key: Pseudonym  # pseudonym of the name
    household_key: Pseudonym | None = None  # 户编号
    effective_from: Day  # 起 (for deceased: date of death)
    effective_to: Day | None  # 止
    is_entitled: Flag  # 享受政策? (for registered_poor: 脱贫不脱政策 = true); true elsewhere
    providing_department: Text  # 提供部门


class PersonUnlisted(Correction, frozen=True, kw_only=True, gc=False):
    """人员出册 (`person.unlisted`): the listing ends or was wrong.

    `occurred_on` = day of recording.
    """

    listing_id: Id  # 在册编号
    effective_to: Day  # last day; a day before `effective_from` means it never held


class RegistrySnapshotCompleted(Struct, frozen=True, kw_only=True, gc=False):
    """名册到齐 (`registry.snapshot_completed`): all rows of a register for this region up to a date have been sent.

    Rules that rest on *absence* from a register wait for this. Also used on `registry.enterprises`. `occurred_on` =
    `as_of_on`.
    """

    snapshot_id: Id  # 批次
    registry: SnapshotRegistry  # register
    as_of_on: Day  # 截至日期
    row_count: Whole  # 行数


TYPES = of_topic(
    "registry.persons",
    EventType("person.listed", PersonListed, Role.CREATES, REGISTERS, own_ids=("listing_id",)),
    EventType("person.unlisted", PersonUnlisted, Role.FOLLOWS, REGISTERS, target="listing_id"),
    EventType(
        "registry.snapshot_completed",
        RegistrySnapshotCompleted,
        Role.CREATES,
        REGISTERS,
        own_ids=("snapshot_id",),
        topics=("registry.enterprises",),
    ),
)
