"""What the judge remembers of a region's registers, and what it told other stages; as `rules.state`."""

from __future__ import annotations

import msgspec

from rules.state import NO_DAY, Mark


class ListingRow(msgspec.Struct, array_like=True, kw_only=True, gc=False):
    """A person on a register (person.listed)."""

    id: str
    person_key: str
    registry: str
    name_key: str
    effective_from: int
    effective_to: int
    is_entitled: bool
    providing_department: str
    is_withdrawn: bool = False  # person.unlisted named it
    marks: tuple[Mark, ...] = ()


class RegisterRow(msgspec.Struct, array_like=True, kw_only=True, gc=False):
    """How far a register has come (`registry_as_of`)."""

    as_of_on: int = NO_DAY


class EnterpriseRecordRow(msgspec.Struct, array_like=True, kw_only=True, gc=False):
    """The state of an enterprise from a day (enterprise.recorded)."""

    credit_code: str
    established_on: int
    enterprise_state: str
    state_from: int
    marks: tuple[Mark, ...] = ()


class EnterpriseListingRow(msgspec.Struct, array_like=True, kw_only=True, gc=False):
    """An enterprise on a list (enterprise.listed)."""

    id: str
    credit_code: str
    list_kind: str
    effective_from: int
    effective_to: int
    marks: tuple[Mark, ...] = ()


class ToldRow(msgspec.Struct, array_like=True, kw_only=True, gc=False):
    """What other stages know of an object: by the key it was told under, the digest of the fact."""

    digests: dict[str, bytes] = {}
