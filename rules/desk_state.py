"""Rows of the desk stage: alerts of the other stages as people work them, problems, inspections and month-ends.

See `rules.state` for what all rows have in common.
"""

from __future__ import annotations

import msgspec

from rules.state import NO_DAY, Mark


class Said(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """What a person said of an alert. Of several the one of the latest date counts, of one day the later one."""

    day: int
    position: int
    what: str
    rectify_by: int = NO_DAY


class HeardRow(msgspec.Struct, array_like=True, kw_only=True, gc=False):
    """An alert of another stage: what became of it, and what people said of it."""

    id: str
    rule_id: str = ""
    category: str = ""
    raised_on: int = NO_DAY
    ended_on: int = NO_DAY  # log date on which it was cleared or dismissed
    feedback_on: int = NO_DAY
    verified: Said | None = None
    rectified: Said | None = None
    reviewed: Said | None = None
    marks: tuple[Mark, ...] = ()

    @property
    def is_running(self) -> bool:
        """Raised, neither cleared nor dismissed."""
        return self.raised_on != NO_DAY and self.ended_on == NO_DAY

    def is_rectified(self, day: int) -> bool:
        """Whether it is reported as rectified by that day, and not returned by a review since."""
        if self.rectified is None or self.rectified.day > day:
            return False
        review = self.reviewed
        return review is None or review.what != "returned" or _order(review) < _order(self.rectified)

    def is_open(self, day: int) -> bool:
        """`alert_open`."""
        return self.is_running and not self.is_rectified(day)


def _order(said: Said) -> tuple[int, int]:
    return said.day, said.position


def later(before: Said | None, said: Said) -> Said:
    """Which of two things said of one alert counts."""
    return said if before is None or _order(said) >= _order(before) else before


class ProblemRow(msgspec.Struct, array_like=True, kw_only=True, gc=False):
    """A problem in the work ledger (problem.registered)."""

    id: str
    problem_kind: str
    found_on: int
    rectify_by: int
    responsible_unit_code: str
    rectified_on: int = NO_DAY
    marks: tuple[Mark, ...] = ()


class InspectionRow(msgspec.Struct, array_like=True, kw_only=True, gc=False):
    """A special inspection of the region (inspection.opened)."""

    id: str
    closed_on: int = NO_DAY
    marks: tuple[Mark, ...] = ()


class MonthRow(msgspec.Struct, array_like=True, kw_only=True, gc=False):
    """A month of a region: alerts raised in it, and those open at its end as counted at the first tick after it."""

    raised: int = 0
    is_counted: bool = False
    open_at_month_end: int = 0
    by_category: dict[str, int] = {}
    alert_ids: tuple[str, ...] = ()  # some of those open, for evidence
