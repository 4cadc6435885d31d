"""Rows of relocation financing (易地扶贫搬迁融资): money outside the budget, shown apart. As `rules.state`."""

from __future__ import annotations

import msgspec

from rules.state import Change


class FinancingRow(msgspec.Struct, array_like=True, kw_only=True, gc=False):
    """Financing that was drawn (relocation.raised)."""

    id: str
    amount_fen: int
    raised_on: int
    is_void: bool = False


class SpendingRow(msgspec.Struct, array_like=True, kw_only=True, gc=False):
    """Financing that was spent (relocation.spent); ``changes`` are its refunds."""

    id: str
    amount_fen: int
    spent_on: int  # NO_DAY: not dated, so not counted
    is_void: bool = False
    changes: tuple[Change, ...] = ()
