"""Why the intake refuses a record: the thirteen codes of wire.md 5.1, in the order in which they are looked for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final


class Code(StrEnum):
    """The code of a dead letter; also its metric label."""

    MALFORMED = "malformed"
    UNKNOWN_TYPE = "unknown_type"
    KEY_MISMATCH = "key_mismatch"
    SCHEMA_VERSION_UNSUPPORTED = "schema_version_unsupported"
    FIELD_MISSING = "field_missing"
    FIELD_BAD = "field_bad"
    REGION_UNKNOWN = "region_unknown"
    OCCURRED_IN_FUTURE = "occurred_in_future"
    VILLAGE_ENTRY = "village_entry"
    SOURCE_NOT_ALLOWED = "source_not_allowed"
    PLAIN_IDENTITY = "plain_identity"
    CLASSIFIED_FUND = "classified_fund"
    EVENT_ID_CONFLICT = "event_id_conflict"


# Stands for "there is no such key", which null is not.
NOTHING: Final = object()


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a record: the code, where, what was expected and what was there (NOTHING: not told)."""

    code: Code
    path: str | None
    expected: str
    found: Any = NOTHING
