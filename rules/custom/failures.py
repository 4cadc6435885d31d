"""Where custom rules have no value: why, and what is kept and told of it by region and rule."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

import msgspec

from rules.state import NO_DAY


class Why(StrEnum):
    """Why a custom rule has no value on a subject. The values are labels of a metric."""

    DIVIDE_BY_ZERO = "divide_by_zero"
    OVERFLOW = "overflow"  # beyond 64 bits
    ABSENT_FACT = "absent_fact"  # such as the quota of a payment on no known line
    NOT_A_DAY = "not_a_day"  # a number that is no day of the years 1 to 9999, a text that is no date
    TOO_LARGE = "too_large"  # the subject has more parts than a custom rule may add up
    OTHER = "other"


class Failure(NamedTuple):
    """Why there is no value, and the fact or the words of the library that say more."""

    reason: Why
    detail: str


class Noted(NamedTuple):
    """One subject on which one rule had no value at one record."""

    rule_id: str
    kind: str
    subject_id: str


class FailureRow(msgspec.Struct, array_like=True, kw_only=True, gc=False):
    """Of one custom rule in one region: how often it had no value, since which definition, and where last."""

    rule_version: str
    count: int = 0
    first_on: int = NO_DAY
    last_on: int = NO_DAY
    reason: str = ""
    detail: str = ""
    subject_kind: str = ""
    subject_id: str = ""
    position: int = 0  # of the journal record, the last one


class FailureRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What topic ``rule.failures`` has of one rule in one region; days are ISO dates.

    ``count`` is of this ``rule_version`` since ``first_on``, ``new`` of the batch by reason.
    """

    region: str
    rule_id: str
    rule_version: str
    rule_set_version: str
    count: int
    new: dict[str, int]
    first_on: str
    last_on: str
    reason: str
    detail: str
    subject_kind: str
    subject_id: str
    position: int

    @property
    def key(self) -> bytes:
        """Of the topic's record: the last one of each rule in each region is kept."""
        return f"{self.region}|{self.rule_id}".encode()

    @property
    def sentence(self) -> str:
        """For people."""
        return (
            f"{self.rule_id} could not be evaluated {self.count} times in {self.region}, last on {self.last_on} on "
            f"{self.subject_kind} {self.subject_id}: {self.reason} ({self.detail})"
        )


def decode(value: bytes) -> FailureRecord:
    """A record of topic ``rule.failures``. Raises msgspec.DecodeError."""
    return msgspec.json.decode(value, type=FailureRecord)
