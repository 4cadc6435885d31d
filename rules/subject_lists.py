"""All subjects of a kind that a region's state knows: what must be looked at when a rule begins or changes.

A list may name more than there is to judge, never less than the folds touch. It walks whole tables: only for the rare
moments at which the rule set changes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from domain.events.project_changes import MEASURE_KINDS
from rules.days import month_before, month_of, months
from rules.derivation import QUOTA_FAULTS, names_of_quota, quota_key
from rules.fold.folding import SubjectKind
from rules.fold.reports import report_keys_since
from rules.project_touches import NODES, NOTICE_KINDS
from rules.reports_compared import subject_of_reported
from rules.subject_tables import TABLES
from rules.view import View


def subjects_of(view: View, kind: str) -> list[str]:
    """Ids of all subjects of this kind, in order of their text."""
    table = TABLES.get(kind)
    if table is not None:
        ids: list[str] = getattr(view.ledger, table).ids()
        return ids
    return sorted(set(LISTS[kind](view)))


def _documents(view: View) -> Iterator[str]:
    """Quotas, by all their names, with the numbers of all documents that count for them."""
    ledger = view.ledger
    named = {*ledger.quotas.ids(), *ledger.quota_documents.parents()}
    for quota_id in named:
        names = names_of_quota(ledger, quota_key(ledger, quota_id))
        rows = [ledger.documents.get(each) for name in names for each in ledger.quota_documents.children(name)]
        for number in ("", *(row.document_no for row in rows if row is not None)):
            yield f"{quota_id}|{number}"


def _document_numbers(view: View) -> Iterator[str]:
    ledger = view.ledger
    for index in (ledger.numbered_documents, ledger.numbered_quotas, ledger.numbered_allocations):
        yield from index.parents()
    for index in (ledger.numbered_scans, ledger.document_announcements):
        yield from index.parents()
    yield from ledger.copies.ids()


def _projects(view: View) -> Iterator[str]:
    """Projects that anything names."""
    ledger = view.ledger
    yield from ledger.projects.ids()
    for index in (ledger.project_lines, ledger.project_payments, ledger.project_targets, ledger.project_filings):
        yield from index.parents()
    for index in (ledger.project_lists, ledger.project_announcements, ledger.project_problems):
        yield from index.parents()


def _project_years(view: View) -> Iterator[str]:
    """Projects with the years in which they have money or plans."""
    ledger = view.ledger
    for line_id in ledger.lines.ids():
        line = ledger.lines.get(line_id)
        if line is not None and line.project_id is not None and line.budget_year:
            yield f"{line.project_id}|{line.budget_year}"
    for target_id in ledger.targets.ids():
        target = ledger.targets.get(target_id)
        for revision in () if target is None else target.revisions.values():
            yield f"{revision.project_id}|{revision.budget_year}"
    for filing_id in ledger.filings.ids():
        filing = ledger.filings.get(filing_id)
        if filing is not None and filing.budget_year:
            yield f"{filing.project_id}|{filing.budget_year}"


def _project_nodes(view: View) -> Iterator[str]:
    return (f"{subject}|{node}" for subject in _project_years(view) for node in NODES)


def _notices(view: View) -> Iterator[str]:
    return (f"{project}|{kind}" for project in _projects(view) for kind in NOTICE_KINDS)


def _filings(view: View) -> Iterator[str]:
    rows = map(view.ledger.filings.get, view.ledger.filings.ids())
    return (row.id for row in rows if row is not None)


def _quota_faults(view: View) -> Iterator[str]:
    return (f"{quota_id}|{fault}" for quota_id in view.ledger.quotas.ids() for fault in QUOTA_FAULTS)


def _monthly_reports(view: View) -> Iterator[str]:
    yield from view.ledger.reports.ids()
    yield from report_keys_since(view, view.opening_on)


def _posts(view: View) -> Iterator[str]:
    for post_id in view.ledger.posts.ids():
        post = view.ledger.posts.get(post_id)
        if post is not None:
            yield post.organisation_code
            yield f"{post.organisation_code}|{post.operator_id}"


def _years(view: View) -> Iterator[str]:
    ledger = view.ledger
    return iter((*ledger.year_quotas.parents(), *ledger.progress.ids()))


def _category_years(view: View) -> Iterator[str]:
    for year in view.ledger.year_quotas.parents():
        for quota in view.quotas_of_year(int(year)):
            yield f"{quota.fund_category}|{year}"


def _measure_years(view: View) -> Iterator[str]:
    for category_year in _category_years(view):
        category, _, year = category_year.rpartition("|")
        for measure in MEASURE_KINDS:
            yield f"{category}|{measure}|{year}"


def _spending_gaps(view: View) -> Iterator[str]:
    yield from _category_years(view)
    yield from (f"|{year}" for year in view.ledger.year_quotas.parents())
    for key in view.ledger.reported.ids():
        yield "|".join(key.split("|")[-2:])


def _business_totals(view: View) -> Iterator[str]:
    return _reported(view, SubjectKind.BUSINESS_TOTAL)


def _self_reports(view: View) -> Iterator[str]:
    return _reported(view, SubjectKind.SELF_REPORT)


def _reported(view: View, wanted: str) -> Iterator[str]:
    for key in view.ledger.reported.ids():
        kind, subject_id = subject_of_reported(key)
        if kind == wanted:
            yield subject_id


def _unit_months(view: View) -> Iterator[str]:
    """Units with the months that are over since they were first named."""
    last = month_before(month_of(view.today))
    for unit_code in view.ledger.units.ids():
        unit = view.ledger.units.get(unit_code)
        if unit is not None and unit.months:
            yield from (f"{unit_code}|{month}" for month in months(min(unit.months), last))


def _region(_: View) -> Iterator[str]:
    """The region itself."""
    return iter(("",))


# Of kinds that are no rows of their own.
LISTS: dict[str, Callable[[View], Iterator[str]]] = {
    SubjectKind.DOCUMENT: _documents,
    SubjectKind.DOCUMENT_NO: _document_numbers,
    SubjectKind.PROJECT: _projects,
    SubjectKind.PROJECT_YEAR: _project_years,
    SubjectKind.PROJECT_NODE: _project_nodes,
    SubjectKind.NOTICE: _notices,
    SubjectKind.FILING: _filings,
    SubjectKind.QUOTA_FAULT: _quota_faults,
    SubjectKind.MONTHLY_REPORT: _monthly_reports,
    SubjectKind.POSTS: _posts,
    SubjectKind.CATEGORY_YEAR: _category_years,
    SubjectKind.BUDGET_YEAR: _years,
    SubjectKind.MEASURE_YEAR: _measure_years,
    SubjectKind.SPENDING_GAP: _spending_gaps,
    SubjectKind.BUSINESS_TOTAL: _business_totals,
    SubjectKind.SELF_REPORT: _self_reports,
    SubjectKind.UNIT_MONTH: _unit_months,
    SubjectKind.MONTH_ENDS: _region,
    SubjectKind.FREQUENCY: _region,
}
