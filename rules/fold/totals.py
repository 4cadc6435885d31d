"""Folding of figures.reported: totals held outside, to be compared with ours."""

from __future__ import annotations

from datetime import date

from domain.events.management_filings import FiguresReported
from rules.figure_state import Reported, ReportedRow
from rules.fold.folding import REGION, Folding, SubjectKind
from rules.reports_compared import SELF_REPORTED, subject_of_reported
from rules.state import SeenRow


def reported(folding: Folding, body: FiguresReported) -> None:
    """figures.reported: of several the latest by its day counts, of one day the last accepted."""
    ledger, seen_key = folding.ledger, f"figure:{body.figure_id}"
    if ledger.seen.get(seen_key) is not None:
        return
    ledger.seen.set(seen_key, SeenRow(folding.position))
    id_ = f"{body.amount_kind}|{body.fund_category or ''}|{body.budget_year}"
    key = f"{body.figure_kind}|{id_}"
    new = Reported(
        as_of_on=body.as_of_on.toordinal(),
        total_fen=body.total_fen,
        record_count=body.record_count,
        counted_source=body.counted_source,
        event_id=folding.event.event_id,
        position=folding.position,
    )
    row = ledger.reported.get(key)
    if row is None:
        row = ReportedRow(
            figure_kind=body.figure_kind,
            amount_kind=body.amount_kind,
            fund_category=body.fund_category,
            budget_year=body.budget_year,
            latest=new,
            of_months={},
        )
        ledger.reported.set(key, row)
        ledger.year_reported.add(str(body.budget_year), key)
    _note(row, new)
    ledger.reported.keep(key)
    folding.touch(*subject_of_reported(key))
    if body.figure_kind == SELF_REPORTED and body.amount_kind == "paid":
        folding.touch(SubjectKind.SPENDING_GAP, f"{body.fund_category or ''}|{body.budget_year}")
        if body.budget_year not in folding.region.self_reported_years:
            folding.region.self_reported_years = (*folding.region.self_reported_years, body.budget_year)
            ledger.region.keep(REGION)


def _note(row: ReportedRow, new: Reported) -> None:
    month = month_number(new.as_of_on)
    of_month = row.of_months.get(month)
    if of_month is None or new.as_of_on >= of_month.as_of_on:
        row.of_months[month] = new
    if new.as_of_on >= row.latest.as_of_on:
        row.latest = new


def month_number(day: int) -> int:
    """Months counted through the years, so that the one before is one less."""
    at = date.fromordinal(day)
    return at.year * 12 + at.month
