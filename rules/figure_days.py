"""What figures have looked at by the calendar: a year's end, each month, and daily what others reported."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from domain.events.project_changes import MEASURE_KINDS
from rules.figure_state import ProgressRow
from rules.figures import money_of
from rules.fold.folding import REGION, SubjectKind
from rules.reports_compared import subject_of_reported
from rules.view import View

if TYPE_CHECKING:
    from rules.passing import Passing

# Any budget year is a text below this one.
_LAST_YEAR = "9999"


def days_passed(passing: Passing) -> None:
    """At every later tick; see `rules.passing.DAY_HANDLERS`."""
    view, region = passing.view, passing.view.region
    today = date.fromordinal(view.today)
    if region.present_year != today.year:
        for year in range(region.present_year or today.year - 1, today.year):
            _year_ended(passing, year)
        region.present_year = today.year
        view.ledger.region.keep(REGION)
    if passing.is_first_of_month:
        _note_progress(passing, today)
        _touch_structures(passing)
    if region.changed_years:
        for year in region.changed_years:
            for key in view.ledger.year_reported.children(str(year)):
                passing.touch(*subject_of_reported(key))
        region.changed_years = ()
        view.ledger.region.keep(REGION)


def _year_ended(passing: Passing, year: int) -> None:
    """Money of the year may be left over; a slow year cannot catch up any more."""
    passing.touch(SubjectKind.BUDGET_YEAR, str(year))
    for category in _categories(passing.view, year):
        passing.touch(SubjectKind.CATEGORY_YEAR, f"{category}|{year}")


def _categories(view: View, year: int) -> list[str]:
    quotas = map(view.ledger.quotas.get, view.ledger.year_quotas.children(str(year)))
    return sorted({quota.fund_category for quota in quotas if quota is not None})


def _note_progress(passing: Passing, today: date) -> None:
    """Funds and spending as at the end of the month before: between the first ticks of months nothing changes."""
    if today.month == 1:
        return
    view, month_end = passing.view, today.replace(day=1) - timedelta(days=1)
    money = money_of(view, today.year, upto=month_end.toordinal())
    row = ProgressRow(
        month_end=month_end.toordinal(),
        available_fen=money.available_fen,
        spent_fen=money.spent_fen,
    )
    view.ledger.progress.set(str(today.year), row)
    passing.touch(SubjectKind.BUDGET_YEAR, str(today.year))


def _touch_structures(passing: Passing) -> None:
    for year in passing.view.ledger.year_quotas.parents_up_to(_LAST_YEAR):
        for category in _categories(passing.view, int(year)):
            for measure in MEASURE_KINDS:
                passing.touch(SubjectKind.MEASURE_YEAR, f"{category}|{measure}|{year}")
