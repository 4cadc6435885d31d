"""What the judge remembers of the accounts of a region beyond single entries: their books, and source functions."""

from __future__ import annotations

import msgspec

from rules.state import Mark


class Switch(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A source function went on or off from a day on (function.switched). They sort by day, then as journaled."""

    day: int
    position: int
    is_enabled: bool


class FunctionRow(msgspec.Struct, array_like=True, kw_only=True, gc=False):
    """A source function of the region with all its switches, in order of their days."""

    switches: tuple[Switch, ...] = ()
    marks: tuple[Mark, ...] = ()


class Balance(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """What the bank says an account held at the end of a day; of two for a day the later in the journal."""

    position: int
    fen: int


class BooksRow(msgspec.Struct, array_like=True, kw_only=True, gc=False):
    """An account's movements and balances by day, and its live entries that are not accounted yet."""

    moved: dict[int, int] = {}  # in less out, with adjustments and refunds
    balances: dict[int, Balance] = {}
    unaccounted: dict[str, int] = {}  # entry -> day on which it was booked
