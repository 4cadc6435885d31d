"""What custom rules add up over the lines of a quota or project, or over one line: totals, and sums over windows.

Nothing is kept for it: the rows that figures rest on are walked over, as far as the limits allow.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from rules.custom.limits import LINES_MAX, PAID_DAYS_MAX
from rules.derivation import lines_of
from rules.project_state import ProjectRow
from rules.state import NO_DAY, LineRow, QuotaRow
from rules.view import View


class TooLarge(Exception):
    """A subject with more parts than a custom rule may look at; carries how many it may."""


@dataclass(frozen=True, slots=True)
class Window:
    """Days up to today: the last so many of them (``days``), or those of this year since MM-DD."""

    name: str
    days: int = 0
    since: str = ""

    def first_day(self, today: int) -> int:
        """The first day of the window that ends today; of one that begins later this year, a day after today."""
        if self.days:
            return today - self.days + 1
        return date.fromisoformat(f"{date.fromordinal(today).year}-{self.since}").toordinal()

    def leaves_on(self, day: int, today: int) -> int:
        """When a day that lies in the window now no longer does."""
        return day + self.days if self.days else date(date.fromordinal(today).year + 1, 1, 1).toordinal()


class Paid(NamedTuple):
    """The sum over a window, and the next day on which it is another if nothing happens (NO_DAY: never)."""

    fen: int
    changes_on: int


class Totals(NamedTuple):
    """What the lines of a project hold together: those in scope that are not 0, of all years."""

    lines: int
    amount_fen: int
    paid_fen: int
    unpaid_fen: int
    first_paid_on: int
    last_paid_on: int


def paid_in(window: Window, lines: Iterable[LineRow], view: View) -> Paid:
    """What was paid from these lines in the window, by day of payment; refunds on their own days. Raises TooLarge."""
    today, total, changes, looked_at = view.today, 0, list[int](), 0
    first = window.first_day(today)
    for line in lines:
        row = view.ledger.paid_days.get(line.id) if line.in_scope else None
        for day, fen in () if row is None else row.days.items():
            if day > today:
                changes.append(day)
            elif day >= first:
                total += fen
                changes.append(window.leaves_on(day, today))
        looked_at += 0 if row is None else len(row.days)
        if looked_at > PAID_DAYS_MAX:
            raise TooLarge(f"more than {PAID_DAYS_MAX} days with payments")
    return Paid(total, min(changes, default=NO_DAY))


def lines_of_quota(quota: QuotaRow, view: View) -> list[LineRow]:
    """The payable lines of a quota, replacements followed. Raises TooLarge."""
    return _bounded(line for line in lines_of(view.ledger, quota.id) if line.is_payable)


def lines_of_project(project: ProjectRow, view: View) -> list[LineRow]:
    """The payable lines of a project in scope, of whatever year. Raises TooLarge."""
    rows = map(view.ledger.lines.get, view.ledger.project_lines.children(project.id))
    return _bounded(row for row in rows if row is not None and row.is_payable and row.in_scope)


def _bounded(lines: Iterable[LineRow]) -> list[LineRow]:
    found: list[LineRow] = []
    for line in lines:
        found.append(line)
        if len(found) > LINES_MAX:
            raise TooLarge(f"more than {LINES_MAX} lines")
    return found


def totals_of(project: ProjectRow, view: View) -> Totals:
    """The project's money over all its lines. Raises TooLarge."""
    lines = [line for line in lines_of_project(project, view) if line.net_fen or view.line_paid_fen(line)]
    firsts = [line.first_paid_on for line in lines if line.first_paid_on != NO_DAY]
    return Totals(
        len(lines),
        sum(line.net_fen for line in lines),
        sum(view.line_paid_fen(line) for line in lines),
        sum(view.line_unpaid_fen(line) for line in lines),
        min(firsts, default=NO_DAY),
        max((line.last_paid_on for line in lines), default=NO_DAY),
    )
