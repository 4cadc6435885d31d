"""What desk rules look at, by the derived names of rules.md section 3 (desk)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

from rules.days import month_of
from rules.desk_state import InspectionRow, MonthRow
from rules.fold.desk import CLOSED
from rules.view import View


class CountedMonth(NamedTuple):
    """A month-end with what was counted at it."""

    month_end: int
    row: MonthRow


def months_back(view: View, count: int) -> list[CountedMonth]:
    """The last month-ends, latest first; fewer where one was not counted."""
    found: list[CountedMonth] = []
    month_end = date.fromordinal(view.today).replace(day=1) - timedelta(days=1)
    while len(found) < count:
        row = view.ledger.months.get(month_of(month_end.toordinal()))
        if row is None or not row.is_counted:
            break
        found.append(CountedMonth(month_end.toordinal(), row))
        month_end = month_end.replace(day=1) - timedelta(days=1)
    return found


def closed_inspections(view: View) -> list[InspectionRow]:
    """Inspections of the region that are closed, the latest last."""
    rows = map(view.ledger.inspections.get, view.ledger.closed_inspections.children(CLOSED))
    return sorted((row for row in rows if row is not None), key=lambda row: (row.closed_on, row.id))
