"""What rules see of projects, by the derived names of rules.md section 3: functions of a view."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from rules.project_state import AnnouncementRow, FilingKind, FilingRow, RevisionRow, TargetRow
from rules.state import NO_DAY, LineRow, Mark, PaymentRow, QuotaRow
from rules.view import View


def is_in_library(view: View, project_id: str) -> bool:
    """`project_in_library`: registered by this region, in the county plan, not withdrawn."""
    project = view.ledger.projects.get(project_id)
    return project is not None and project.is_live() and project.in_county_plan


def is_project_household(view: View, project_id: str) -> bool:
    """`project_household`: by the project's own flag, or by that of a line with money, of any year."""
    project = view.ledger.projects.get(project_id)
    if project is not None and project.is_live() and project.is_household:
        return True
    return any(line.is_household for line in funded_lines(view, project_id))


def funded_lines(view: View, project_id: str) -> list[LineRow]:
    """The project's in-scope lines with money, of any year."""
    rows = map(view.ledger.lines.get, view.ledger.project_lines.children(project_id))
    return [row for row in rows if row is not None and row.in_scope and row.is_payable and row.net_fen > 0]


def project_lines_fen(view: View, project_id: str, budget_year: int) -> int:
    """`project_lines_fen`."""
    return sum(line.net_fen for line in view.project_lines(project_id, budget_year))


def project_first_paid_on(view: View, project_id: str) -> int:
    """`project_first_paid_on`; NO_DAY when nothing is paid."""
    rows = map(view.ledger.lines.get, view.ledger.project_lines.children(project_id))
    days = [row.first_paid_on for row in rows if row is not None and row.in_scope and row.is_payable]
    days += [payment.paid_on for payment in own_payments(view, project_id)]
    return min((day for day in days if day != NO_DAY), default=NO_DAY)


def own_payments(view: View, project_id: str) -> list[PaymentRow]:
    """Counted payments on the project by their own word: without a line, or on a line without project."""
    rows = map(view.ledger.payments.get, view.ledger.project_payments.children(project_id))
    return [row for row in rows if row is not None and _is_own(view, row, project_id)]


def _is_own(view: View, payment: PaymentRow, project_id: str) -> bool:
    if payment.project_id != project_id or payment.net_fen <= 0 or not view.payment_is_counted(payment):
        return False
    line = view.known_line(payment.line_id)
    return line is None or line.project_id is None


def live_filings(view: View, project_id: str, kind: FilingKind) -> list[FilingRow]:
    """The project's filings of a kind that are not void, in the order of the journal."""
    rows = map(view.ledger.filings.get, view.ledger.project_filings.children(project_id))
    found = [row for row in rows if row is not None and row.kind == kind and not row.is_void]
    return sorted(found, key=lambda row: row.position)


def monitorings(view: View, project_id: str, budget_year: int) -> list[FilingRow]:
    """The project's live monitorings of a year, in the order of the journal."""
    return [row for row in live_filings(view, project_id, FilingKind.MONITORING) if row.budget_year == budget_year]


def announcements(view: View, project_id: str) -> list[AnnouncementRow]:
    """What was published about the project and not withdrawn."""
    rows = map(view.ledger.announcements.get, view.ledger.project_announcements.children(project_id))
    return [row for row in rows if row is not None and not row.is_withdrawn]


def latest_revision(target: TargetRow) -> tuple[int, RevisionRow]:
    """The target's highest revision with its number: it replaces the earlier ones."""
    number = max(target.revisions)
    return number, target.revisions[number]


def parts_of_year(subject: str) -> tuple[str, int]:
    """Project and budget year of a subject ``project|year``."""
    project_id, _, year = subject.rpartition("|")
    return project_id, int(year)


def next_month_tick(view: View) -> int:
    """The day of the first tick of a month: today when this is one, else the first day of the next month."""
    today = date.fromordinal(view.today)
    first = today.replace(day=1).toordinal()
    if first > view.last_tick:
        return view.today
    return (today.replace(day=1, month=today.month % 12 + 1, year=today.year + today.month // 12)).toordinal()


def project_marks(view: View, project_id: str | None) -> tuple[Mark, ...]:
    """The project's own records; none while nothing was said of it."""
    project = None if project_id is None else view.ledger.projects.get(project_id)
    return () if project is None else project.marks


def project_title(view: View, project_id: str) -> str:
    """The project's name, or its id while nobody registered it."""
    project = view.ledger.projects.get(project_id)
    return project.name if project is not None and project.name else project_id


def quota_of_lines(view: View, lines: Sequence[LineRow]) -> QuotaRow | None:
    """The quota of the line that was available first: it stands for a project's money."""
    first = min(lines, key=lambda line: (line.available_on, line.id), default=None)
    return None if first is None else view.quota_of_line(first)


def project_first_payment(view: View, project_id: str) -> PaymentRow | None:
    """A payment of `project_first_paid_on`, for evidence."""
    paid_on = project_first_paid_on(view, project_id)
    found = [payment for payment in own_payments(view, project_id) if payment.paid_on == paid_on]
    for line_id in view.ledger.project_lines.children(project_id):
        line = view.known_line(line_id)
        if line is not None and line.in_scope and line.first_paid_on == paid_on != NO_DAY:
            rows = map(view.ledger.payments.get, view.ledger.line_payments.children(line_id))
            found += [row for row in rows if row is not None and row.given is not None and row.given.day == paid_on]
    return min(found, key=lambda row: row.id, default=None)
