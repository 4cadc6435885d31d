"""What the intake notices on an event that it accepts (wire.md 5.2). Flags change figures and alerts, never refuse."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final

from domain.calendar import working_days_after
from domain.catalogue import UNKNOWN, is_listed
from domain.events import BODY_TYPES, EVENT_TYPES, EventType
from domain.events.groups import QuotaBody
from domain.own_events import MONITOR
from domain.regions import tier

# An event recorded later than this many working days after its day changes figures that people have seen.
LATE_AFTER_WORKING_DAYS: Final = 5
_CREDIT_CODE_CHARACTERS: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"


class Flag(StrEnum):
    """The flags that the intake sets, in the contract's order; also their metric label."""

    PAID_ON_EMPTY = "paid_on_empty"
    RECORD_INVALID = "record_invalid"
    UNLINKED = "unlinked"
    FLAG_UNSET = "flag_unset"
    CATEGORY_UNKNOWN = "category_unknown"
    SUBJECT_MISSING = "subject_missing"
    NOT_LINKED_RECEPTION = "not_linked_reception"
    IDENTITY_FAULTY = "identity_faulty"
    CREDIT_CODE_FAULTY = "credit_code_faulty"
    LATE_RECORDED = "late_recorded"
    SELF_REVIEWED = "self_reviewed"
    UNKNOWN_FIELD = "unknown_field"


Body = Mapping[str, Any]


def _is_paid_on_empty(body: Body, region: str) -> bool:
    del region
    return body["paid_on"] is None


def _is_spent_on_empty(body: Body, region: str) -> bool:
    del region
    return body["spent_on"] is None


def _is_record_invalid(body: Body, region: str) -> bool:
    del region
    return bool(body["record_state"] == "invalid")


def _is_unlinked(body: Body, region: str) -> bool:
    return body["line_id"] is None or (body["project_id"] is None and tier(region) == "county")


def _is_flag_unset(body: Body, region: str) -> bool:
    del region
    return body["is_poverty_fund"] is None or body["is_integrable"] is None or body["is_household"] is None


def _is_category_unknown(body: Body, region: str) -> bool:
    del region
    category = body["fund_category"]
    return category is not None and (category == UNKNOWN or not is_listed(category))


def _is_subject_missing(body: Body, region: str) -> bool:
    del region
    return body["subject_code"] is None


def _is_not_linked(body: Body, region: str) -> bool:
    del region
    return body["linkage_id"] is None


def _is_identity_faulty(body: Body, region: str) -> bool:
    del region
    return body["person_key"] is None or body["id_number_state"] != "valid"


def _is_credit_code_faulty(body: Body, region: str) -> bool:
    del region
    # A receipt's payee fields are unknown fields, of any form.
    if body.get("payee_kind") != "enterprise" or body.get("direction") == "in":
        return False
    credit_code = body["payee_credit_code"]
    return credit_code is None or not has_right_check_character(credit_code)


@lru_cache(maxsize=16_384)
def has_right_check_character(credit_code: str) -> bool:
    """Whether a 统一社会信用代码 of the right form ends in its check character (GB 32100: weights 3^i mod 31)."""
    values = [_CREDIT_CODE_CHARACTERS.index(character) for character in credit_code]
    total = sum(value * pow(3, index, 31) for index, value in enumerate(values[:17]))
    return values[17] == -total % 31


@lru_cache(maxsize=16_384)
def _last_day_in_time(occurred_on: str) -> str:
    return working_days_after(date.fromisoformat(occurred_on), LATE_AFTER_WORKING_DAYS).isoformat()


def is_late(occurred_on: str, recorded_on: str) -> bool:
    """Whether the day of recording is more than five working days after the day it happened."""
    return recorded_on > occurred_on and recorded_on > _last_day_in_time(occurred_on)


Test = Callable[[Body, str], bool]
_TESTS_OF_TYPE: Final[Mapping[str, tuple[tuple[Flag, Test], ...]]] = {
    "payment.recorded": (
        (Flag.PAID_ON_EMPTY, _is_paid_on_empty),
        (Flag.RECORD_INVALID, _is_record_invalid),
        (Flag.UNLINKED, _is_unlinked),
    ),
    "relocation.spent": ((Flag.PAID_ON_EMPTY, _is_spent_on_empty),),
}


def _tests_of(event_type: EventType) -> tuple[tuple[Flag, Test], ...]:
    """The flags that a creating event of the type can get."""
    fields = event_type.body.__struct_fields__
    is_quota = issubclass(event_type.body, QuotaBody)
    is_payment = event_type.name == "payment.recorded"
    return (
        *_TESTS_OF_TYPE.get(event_type.name, ()),
        *(((Flag.FLAG_UNSET, _is_flag_unset),) if is_quota else ()),
        *(((Flag.CATEGORY_UNKNOWN, _is_category_unknown),) if "fund_category" in fields else ()),
        *(((Flag.SUBJECT_MISSING, _is_subject_missing),) if is_quota or is_payment else ()),
        *(((Flag.NOT_LINKED_RECEPTION, _is_not_linked),) if event_type.name == "quota.received" else ()),
        *(((Flag.IDENTITY_FAULTY, _is_identity_faulty),) if event_type.name == "distribution.row_recorded" else ()),
        *(((Flag.CREDIT_CODE_FAULTY, _is_credit_code_faulty),) if "payee_credit_code" in fields else ()),
    )


_TESTS: Final = {name: _tests_of(each) for name, each in EVENT_TYPES.items() if each.creates}
_REVIEWED: Final = frozenset(name for name, body in BODY_TYPES.items() if "reviewed_by" in body.__struct_fields__)


def flags_of(event: Mapping[str, Any], event_type: EventType, body: Body, *, has_unknown: bool) -> tuple[str, ...]:
    """The flags of an event in good form, in the contract's order.

    Corrections, follow-ups and what this system itself sends (``monitor``) create nothing, and are only looked at for
    the last three.
    """
    flags: list[str] = []
    if event_type.creates and event["source"] != MONITOR:
        region = event["region"]
        flags.extend(flag for flag, is_set in _TESTS[event_type.name] if is_set(body, region))
    if is_late(event["occurred_on"], event["recorded_at"][:10]):
        flags.append(Flag.LATE_RECORDED)
    if event_type.name in _REVIEWED and body.get("reviewed_by") == event["entered_by"]:
        flags.append(Flag.SELF_REVIEWED)
    if has_unknown:
        flags.append(Flag.UNKNOWN_FIELD)
    return tuple(flags)
