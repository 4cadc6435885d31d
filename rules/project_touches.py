"""What must be judged again when a project, its lines or its payments change."""

from __future__ import annotations

from typing import Final, get_args

from domain.events.performance_filings import MonitoringNode
from rules.fold.folding import Folding, SubjectKind
from rules.state import NO_DAY, Given, LineRow, PaymentRow

# The nodes of a year at which projects are monitored, in their order.
NODES: Final[tuple[str, ...]] = get_args(MonitoringNode)
# What township or village must announce of a project.
NOTICE_KINDS: Final = ("project_arrangement", "fund_use")


def touch_project(folding: Folding, project_id: str) -> None:
    """Have the rules about the project as a whole judged, in all years in which it has money."""
    folding.touch(SubjectKind.PROJECT, project_id)
    for kind in NOTICE_KINDS:
        folding.touch(SubjectKind.NOTICE, f"{project_id}|{kind}")
    for line_id in folding.ledger.project_lines.children(project_id):
        line = folding.ledger.lines.get(line_id)
        if line is not None and line.budget_year:
            folding.touch(SubjectKind.PROJECT_YEAR, f"{project_id}|{line.budget_year}")


def touch_project_year(folding: Folding, project_id: str, budget_year: int) -> None:
    """Have the rules judged that look at the project's money of one year."""
    subject = f"{project_id}|{budget_year}"
    folding.touch(SubjectKind.PROJECT_YEAR, subject)
    for node in NODES:
        folding.touch(SubjectKind.PROJECT_NODE, f"{subject}|{node}")
    for target_id in folding.ledger.project_targets.children(project_id):
        folding.touch(SubjectKind.TARGET, target_id)


def touch_project_of_line(folding: Folding, line: LineRow) -> None:
    """Have the line's project judged: its money, its household flag or the start of its duties may be other now."""
    if line.project_id is not None:
        touch_project(folding, line.project_id)
        if line.budget_year:
            touch_project_year(folding, line.project_id, line.budget_year)


def touch_lines_and_payments_of_project(folding: Folding, project_id: str) -> None:
    """Have all lines and payments judged that hang on the project: they are compared with its attributes."""
    ledger = folding.ledger
    for line_id in ledger.project_lines.children(project_id):
        folding.touch(SubjectKind.LINE, line_id)
        for payment_id in ledger.line_payments.children(line_id):
            folding.touch(SubjectKind.PAYMENT, payment_id)
    for payment_id in ledger.project_payments.children(project_id):
        folding.touch(SubjectKind.PAYMENT, payment_id)


def note_own_project(folding: Folding, payment: PaymentRow) -> None:
    """Tie a payment to the project that it names itself, where no line with a project stands between them.

    The tie stays when its line turns out to have a project: who follows it looks at the line once more.
    """
    if payment.project_id is None:
        return
    line = None if payment.line_id is None else folding.ledger.lines.get(payment.line_id)
    if line is None or not line.is_payable or line.project_id is None:
        folding.ledger.project_payments.add(payment.project_id, payment.id)
        folding.touch(SubjectKind.PROJECT, payment.project_id)


def note_first_paid(folding: Folding, before: Given | None, after: Given | None) -> None:
    """Keep the first day on which payments took from a line, and have its project judged when that day moves.

    The caller has put ``after`` on the payment already: when the first day loses a payment it is found anew.
    """
    left, came = _paid(before), _paid(after)
    if left == came:
        return
    if left is not None:
        line = folding.line(left[0])
        if line.first_paid_on == left[1]:
            _set_first_paid(folding, line, _first_paid_on(folding, line))
    if came is not None:
        line = folding.line(came[0])
        if line.first_paid_on == NO_DAY or came[1] < line.first_paid_on:
            _set_first_paid(folding, line, came[1])


def _paid(given: Given | None) -> tuple[str, int] | None:
    """Line and day of a payment's contribution; None of an out entry, and when nothing is left of it."""
    return (given.line_id, given.day) if given is not None and not given.is_out_entry and given.fen > 0 else None


def _first_paid_on(folding: Folding, line: LineRow) -> int:
    rows = map(folding.ledger.payments.get, folding.ledger.line_payments.children(line.id))
    paid = (_paid(row.given) for row in rows if row is not None)
    return min((each[1] for each in paid if each is not None and each[0] == line.id), default=NO_DAY)


def _set_first_paid(folding: Folding, line: LineRow, day: int) -> None:
    if day != line.first_paid_on:
        line.first_paid_on = day
        folding.ledger.lines.keep(line.id)
        if line.project_id is not None:
            folding.touch(SubjectKind.PROJECT, line.project_id)
