"""What the judge remembers of plans to spend money, and of units that pass it on month by month."""

from __future__ import annotations

import msgspec

from rules.state import NO_DAY, Mark


class PlanRow(msgspec.Struct, array_like=True, kw_only=True, gc=False):
    """A plan to use money 用款计划; known once plan.submitted has come, which its payments may precede."""

    id: str
    is_known: bool = False
    line_id: str = ""
    unit_code: str = ""
    planned_month: str = ""
    approved_fen: int = 0
    approved_on: int = NO_DAY  # by the last approval in the journal
    is_void: bool = False
    paid_fen: int = 0  # by counted payments that carry the plan
    marks: tuple[Mark, ...] = ()


class MonthRow(msgspec.Struct, array_like=True, kw_only=True, gc=False):
    """What a unit's parked money changed by in one month, and how many onward payments are dated in it."""

    parked_fen: int = 0
    entries: int = 0


class UnitRow(msgspec.Struct, array_like=True, kw_only=True, gc=False):
    """A department or township that money is parked with, or that pays it on, by month as YYYY-MM."""

    id: str
    months: dict[str, MonthRow] = {}
    reports: dict[str, int] = {}  # month -> first day on which the unit reported it complete

    def parked_fen(self, month: str) -> int:
        """`parked_fen` at the end of the month."""
        return sum(row.parked_fen for each, row in self.months.items() if each <= month)

    def is_entered(self, month: str) -> bool:
        """Whether an onward payment is dated in the month."""
        row = self.months.get(month)
        return row is not None and row.entries > 0

    def is_missing(self, month: str) -> bool:
        """Whether money was parked at the month's end, and the unit neither entered nor reported anything for it."""
        return month not in self.reports and not self.is_entered(month) and self.parked_fen(month) > 0
