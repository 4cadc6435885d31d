"""The months of departments and townships that money is parked with: their reports, and from when on they are due."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from rules.days import month_before, month_of, months
from rules.fold.folding import Folding, SubjectKind
from rules.postings import UNITS, touch_unit, unit_row

if TYPE_CHECKING:
    from rules.passing import Passing


def reported(folding: Folding, unit_code: str, month: str, filed_on: date) -> None:
    """report.filed of kind unit_payment_month: the unit's month is complete, if need be with nothing in it."""
    row = unit_row(folding, unit_code)
    day = filed_on.toordinal()
    row.reports[month] = min(day, row.reports.get(month, day))
    folding.ledger.units.keep(row.id)
    touch_unit(folding, row.id, month)


def months_passed(passing: Passing) -> None:
    """At the first tick of a month the months since the last tick are over for every unit."""
    if not passing.is_first_of_month:
        return
    ledger, last = passing.view.ledger, month_before(month_of(passing.view.today))
    for unit_code in ledger.all_units.children(UNITS):
        row = ledger.units.get(unit_code)
        if row is not None and row.months:
            since = month_of(passing.last_tick) if passing.last_tick else min(row.months)
            for month in months(since, last):
                if row.is_missing(month):
                    passing.touch(SubjectKind.UNIT_MONTH, f"{unit_code}|{month}")
