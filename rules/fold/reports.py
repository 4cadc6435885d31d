"""Folding of monthly reports and reconciliations, and the months for which they are due."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from domain.events.management_filings import ReconciliationCompleted, ReportFiled
from domain.regions import tier
from rules.fold import units
from rules.fold.folding import Folding, SubjectKind
from rules.ledger import RegionLedger
from rules.management_state import ReportRow
from rules.state import QuotaRow, RegionRow, SeenRow

if TYPE_CHECKING:
    from rules.passing import Passing
    from rules.view import View

RECONCILIATION: Final = "reconciliation"
SECTION_MONTHLY: Final = "section_monthly"
UNIT_MONTH: Final = "unit_payment_month"
_KINDS_OF_REPORT: Final = ("county_monthly", SECTION_MONTHLY, "prefecture_performance")


def report_key(kind: str, section: str, month: str) -> str:
    """What a monthly report is known by: a section's own only where every section sends one."""
    return f"{kind}|{section if kind == SECTION_MONTHLY else ''}|{month}"


def filed(folding: Folding, body: ReportFiled) -> None:
    """report.filed: the earliest of several of one month counts."""
    if body.report_kind in _KINDS_OF_REPORT and _is_new(folding, f"report:{body.report_id}"):
        _file(folding, report_key(body.report_kind, body.section or "", body.report_month), body.filed_on)
    if body.report_kind == UNIT_MONTH and body.unit_code is not None and _is_new(folding, f"report:{body.report_id}"):
        units.reported(folding, body.unit_code, body.report_month, body.filed_on)


def reconciled(folding: Folding, body: ReconciliationCompleted) -> None:
    """reconciliation.completed: the month is compared, whatever the comparison showed."""
    if _is_new(folding, f"reconciliation:{body.reconciliation_id}"):
        _file(folding, report_key(RECONCILIATION, "", body.reconciliation_month), body.completed_on)


def months_passed(passing: Passing) -> None:
    """At the first tick of a month the reports of the month before, and of months without any tick, begin to be due."""
    view = passing.view
    if not passing.is_first_of_month:
        return
    for month_end in month_ends(passing.last_tick or view.today - 1, view.today):
        for key in _keys_of_month(view, month_end):
            passing.touch(SubjectKind.MONTHLY_REPORT, key)


def report_keys_since(view: View, day: int) -> Iterator[str]:
    """All reports of the months that ended between this day and today."""
    for month_end in month_ends(day, view.today):
        yield from _keys_of_month(view, month_end)


def _keys_of_month(view: View, month_end: date) -> Iterator[str]:
    month = month_end.isoformat()[:7]
    for kind in (RECONCILIATION, *_KINDS_OF_REPORT):
        yield report_key(kind, "", month)
    if _has_section_reports(view.region, view.code):
        for section in _sections(view.ledger, month_end.year):
            yield report_key(SECTION_MONTHLY, section, month)


def touch_section_reports(folding: Folding, quota: QuotaRow) -> None:
    """A quota that comes, enters or leaves the scope decides for which past months its section had to report."""
    if not _has_section_reports(folding.region, folding.ledger.code):
        return
    first = max(date.fromordinal(quota.registered_on), date(quota.budget_year, 1, 1))
    last = min(folding.log_on, date(quota.budget_year, 12, 31).toordinal() + 1)
    for month_end in month_ends(first.toordinal(), last):
        key = report_key(SECTION_MONTHLY, quota.responsible_section, month_end.isoformat()[:7])
        folding.touch(SubjectKind.MONTHLY_REPORT, key)


def _has_section_reports(region: RegionRow, code: str) -> bool:
    return region.profile == "xinjiang" and tier(code) == "city"


def _sections(ledger: RegionLedger, budget_year: int) -> list[str]:
    quotas = map(ledger.quotas.get, ledger.year_quotas.children(str(budget_year)))
    return sorted({quota.responsible_section for quota in quotas if quota is not None})


def month_ends(after: int, before: int) -> Iterator[date]:
    """The last days of months that are over between two days, the first one not earlier than ``after``."""
    first = date.fromordinal(after).replace(day=1)
    while True:
        following = (first + timedelta(days=31)).replace(day=1)
        if following.toordinal() > before:
            return
        yield following - timedelta(days=1)
        first = following


def _is_new(folding: Folding, key: str) -> bool:
    if folding.ledger.seen.get(key) is not None:
        return False
    folding.ledger.seen.set(key, SeenRow(folding.position))
    return True


def _file(folding: Folding, key: str, filed_on: date) -> None:
    day = filed_on.toordinal()
    row = folding.ledger.reports.get(key)
    if row is None:
        row = folding.ledger.reports.set(key, ReportRow(id=key, filed_on=day))
    row.filed_on = min(row.filed_on, day)
    row.marks = (*row.marks, folding.mark("report"))
    folding.ledger.reports.keep(key)
    folding.touch(SubjectKind.MONTHLY_REPORT, key)
