"""Rows of what figures rest on: sums over a quota's lines, and what was paid from a line by day.

As in `rules.state`: days are ordinals, money is fen, and the format is public.
"""

from __future__ import annotations

from typing import Final

import msgspec


class Share(msgspec.Struct, array_like=True, frozen=True, kw_only=True, gc=False):
    """What a line adds to the sums of its quota at present (`SumsRow`)."""

    quota_key: str
    line_fen: int = 0
    lower_fen: int = 0
    other_fen: int = 0
    pending_fen: int = 0
    paid_fen: int = 0
    opening_paid_fen: int = 0
    unpaid_fen: int = 0
    overpaid_fen: int = 0


NO_SHARE: Final = Share(quota_key="")


class SumsRow(msgspec.Struct, array_like=True, kw_only=True, gc=False):
    """Sums over all lines of a quota, replacements followed; payments count as though the quota were in scope."""

    line_fen: int = 0  # poverty money on its own lines, blocks included
    lower_fen: int = 0  # poverty money issued to lower regions
    other_fen: int = 0  # parts that are no poverty money, wherever they went
    pending_fen: int = 0  # of line_fen: blocks not yet refined
    paid_fen: int = 0  # from its poverty lines, without what an opening brought
    opening_paid_fen: int = 0
    unpaid_fen: int = 0  # over its poverty lines, each not below 0; nothing taken off for money carried over
    overpaid_fen: int = 0


class PaidDaysRow(msgspec.Struct, array_like=True, gc=False):
    """What was paid from a line by day, as in `LineRow.paid_fen`; refunds are on their own days."""

    days: dict[int, int]


class ProgressRow(msgspec.Struct, array_like=True, kw_only=True, gc=False):
    """Funds and spending of a budget year as at a month's end, noted at the first tick after it."""

    month_end: int
    available_fen: int
    spent_fen: int


class Reported(msgspec.Struct, array_like=True, frozen=True, kw_only=True, gc=False):
    """One total held outside."""

    as_of_on: int
    total_fen: int
    record_count: int | None
    counted_source: str | None
    event_id: str
    position: int


class ReportedRow(msgspec.Struct, array_like=True, kw_only=True, gc=False):
    """Totals of one kind, amount, category (None: all) and budget year: the latest of each month by their own day."""

    figure_kind: str
    amount_kind: str
    fund_category: str | None
    budget_year: int
    latest: Reported
    of_months: dict[int, Reported]  # by `month_number` of as_of_on
