"""Rows about records as such: what created an object, whether it still stands, what it names, and which flags are open.

See `rules.state` for what all rows have in common.
"""

from __future__ import annotations

import msgspec


class Origin(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """The journal record of an event, as far as an alert about it shows it."""

    event_id: str
    position: int
    type: str
    source: str
    entered_by: str
    entered_by_unit: str
    log_on: int


class RecordRow(msgspec.Struct, array_like=True, kw_only=True, gc=False):
    """An object (``kind:id``) with the record that created it, and its present values, corrections applied."""

    origin: Origin
    hangs_on: str = ""  # a list or block: what hangs on it is void with it
    is_dead: bool = False  # void or replaced
    left_fen: int = 0
    refunded_fen: int = 0  # of a payment: a replacement takes it over
    names: dict[str, str] = {}  # by field, the objects that it names
    fund_category: str | None = None  # None: the type has none, or it says "all"
    subject_code: str | None = ""  # "": the type has none
    is_self_reviewed: bool = False
    flagged: tuple[str, ...] = ()  # flags that it has or had: of others there is nothing to close


class FlagRow(msgspec.Struct, array_like=True, kw_only=True, gc=False):
    """A flag of a journal record (wire.md 5.2). Several objects of one record may have the fault."""

    origin: Origin
    flag: str
    open_objects: tuple[str, ...] = ()
    about: str = ""  # the object whose record it is, or which a correction names (``kind:id``)
    responsible_section: str | None = None  # who answers for a correction, where it says so
