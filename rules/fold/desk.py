"""Folding of what the desk stage reads: findings of the other stages, and what people do with alerts and problems."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from domain.events.desk_actions import (
    AlertFeedbackGiven,
    AlertRectified,
    AlertReviewed,
    AlertVerified,
    InspectionClosed,
    InspectionOpened,
    ProblemRectified,
    ProblemRegistered,
)
from domain.findings import Finding, Transition
from rules.days import day_of_text, month_of
from rules.desk_state import HeardRow, InspectionRow, MonthRow, ProblemRow, Said, later
from rules.fold.folding import Folding, SubjectKind
from rules.fold.reports import month_ends
from rules.ledger import RegionLedger
from rules.state import NO_DAY, Mark

if TYPE_CHECKING:
    from rules.passing import Passing

# The one parent of the index of closed inspections.
CLOSED: Final = "closed"
# Parents of the index of alerts to be counted at a month-end.
RUNNING: Final = "running"
ENDED: Final = "ended"  # since the last one
# Alerts named in the evidence of a month-end; a region in trouble has hundreds.
NAMED_MAX: Final = 20
_ENDINGS: Final = frozenset((Transition.CLEARED, Transition.DISMISSED))


def heard(ledger: RegionLedger, finding: Finding) -> dict[tuple[str, str], bool]:
    """What another stage found; returns the subject to be judged. Changes of severity are no concern here."""
    if finding.transition is Transition.RAISED:
        _raised(ledger, finding)
    elif finding.transition in _ENDINGS:
        row = alert(ledger, finding.alert_id)
        row.ended_on = day_of_text(finding.log_on)
        ledger.alerts_heard.keep(row.id)
        ledger.counted_alerts.remove(RUNNING, row.id)
        ledger.counted_alerts.add(ENDED, row.id)
    else:
        return {}
    return {(SubjectKind.ALERT, finding.alert_id): False}


def _raised(ledger: RegionLedger, finding: Finding) -> None:
    row = alert(ledger, finding.alert_id)
    row.rule_id, row.category, row.ended_on = finding.rule_id, finding.category, NO_DAY
    row.raised_on = day_of_text(finding.raised_on or finding.log_on)
    row.marks = tuple(Mark(proof.event_id, proof.position, proof.role) for proof in finding.evidence)
    ledger.alerts_heard.keep(row.id)
    ledger.counted_alerts.add(RUNNING, row.id)
    key = month_of(row.raised_on)
    month = ledger.months.get(key) or ledger.months.set(key, MonthRow())
    month.raised += 1
    ledger.months.keep(key)


def alert(ledger: RegionLedger, alert_id: str) -> HeardRow:
    """The alert's row, made when nothing has named it before."""
    return ledger.alerts_heard.get(alert_id) or ledger.alerts_heard.set(alert_id, HeardRow(id=alert_id))


def verified(folding: Folding, body: AlertVerified) -> None:
    """alert.verified: what is said of an alert that is not raised, or has ended, changes nothing."""
    row = alert(folding.ledger, body.alert_id)
    if row.is_running:
        rectify_by = NO_DAY if body.rectify_by is None else body.rectify_by.toordinal()
        said = Said(body.verified_on.toordinal(), folding.position, body.outcome, rectify_by)
        row.verified = later(row.verified, said)
        _said(folding, row, "verification")


def feedback_given(folding: Folding, body: AlertFeedbackGiven) -> None:
    """alert.feedback_given: the earliest counts."""
    row = alert(folding.ledger, body.alert_id)
    day = body.feedback_on.toordinal()
    row.feedback_on = day if row.feedback_on == NO_DAY else min(row.feedback_on, day)
    _said(folding, row, "feedback")


def rectified(folding: Folding, body: AlertRectified) -> None:
    """alert.rectified: from its date on the alert is not open, unless a review returns it."""
    row = alert(folding.ledger, body.alert_id)
    day = body.rectified_on.toordinal()
    row.rectified = later(row.rectified, Said(day, folding.position, "rectified"))
    _said(folding, row, "rectification")
    folding.touch_on(day, SubjectKind.ALERT, row.id)


def reviewed(folding: Folding, body: AlertReviewed) -> None:
    """alert.reviewed: accepted or returned."""
    row = alert(folding.ledger, body.alert_id)
    row.reviewed = later(row.reviewed, Said(body.reviewed_on.toordinal(), folding.position, body.review_result))
    _said(folding, row, "review")


def _said(folding: Folding, row: HeardRow, role: str) -> None:
    row.marks = (*row.marks, folding.mark(role))
    folding.ledger.alerts_heard.keep(row.id)
    folding.touch(SubjectKind.ALERT, row.id)


def problem_registered(folding: Folding, body: ProblemRegistered) -> None:
    """problem.registered: a problem enters the work ledger."""
    if folding.ledger.desk_problems.get(body.problem_id) is not None:
        return
    row = ProblemRow(
        id=body.problem_id,
        problem_kind=body.problem_kind,
        found_on=body.found_on.toordinal(),
        rectify_by=NO_DAY if body.rectify_by is None else body.rectify_by.toordinal(),
        responsible_unit_code=body.responsible_unit_code,
        marks=(folding.mark("problem"),),
    )
    folding.ledger.desk_problems.set(row.id, row)
    folding.touch(SubjectKind.PROBLEM, row.id)


def problem_rectified(folding: Folding, body: ProblemRectified) -> None:
    """problem.rectified: said twice, the earlier day counts."""
    row = folding.ledger.desk_problems.get(body.problem_id)
    if row is None:
        folding.park(f"problem:{body.problem_id}")
        return
    day = body.rectified_on.toordinal()
    row.rectified_on = day if row.rectified_on == NO_DAY else min(row.rectified_on, day)
    row.marks = (*row.marks, folding.mark("rectification"))
    folding.ledger.desk_problems.keep(row.id)
    folding.touch(SubjectKind.PROBLEM, row.id)


def inspection_opened(folding: Folding, body: InspectionOpened) -> None:
    """inspection.opened: only its end is judged by."""
    if folding.ledger.inspections.get(body.inspection_id) is None:
        row = InspectionRow(id=body.inspection_id, marks=(folding.mark("inspection"),))
        folding.ledger.inspections.set(row.id, row)


def inspection_closed(folding: Folding, body: InspectionClosed) -> None:
    """inspection.closed: month-ends up to its date no longer count towards the next one."""
    row = folding.ledger.inspections.get(body.inspection_id)
    if row is None:
        folding.park(f"inspection:{body.inspection_id}")
        return
    row.closed_on = max(row.closed_on, body.closed_on.toordinal())
    row.marks = (*row.marks, folding.mark("close"))
    folding.ledger.inspections.keep(row.id)
    folding.ledger.closed_inspections.add(CLOSED, row.id)
    folding.touch(SubjectKind.MONTH_ENDS, "")


def months_passed(passing: Passing) -> None:
    """At the first tick of a month count what was open at the end of the months before, once and for all."""
    view = passing.view
    if not passing.is_first_of_month:
        return
    for month_end in month_ends(passing.last_tick or view.today - 1, view.today):
        _count(view.ledger, month_end.toordinal())
    for alert_id in view.ledger.counted_alerts.children(ENDED):
        view.ledger.counted_alerts.remove(ENDED, alert_id)
    passing.touch(SubjectKind.MONTH_ENDS, "")
    passing.touch(SubjectKind.FREQUENCY, "")


def _count(ledger: RegionLedger, month_end: int) -> None:
    key = month_of(month_end)
    row = ledger.months.get(key) or ledger.months.set(key, MonthRow())
    ids = sorted((*ledger.counted_alerts.children(RUNNING), *ledger.counted_alerts.children(ENDED)))
    rows = map(ledger.alerts_heard.get, ids)
    found = [each for each in rows if each is not None and _was_open(each, month_end)]
    row.is_counted, row.open_at_month_end = True, len(found)
    row.by_category = dict(sorted(Counter(each.category for each in found).items()))
    row.alert_ids = tuple(each.id for each in found[:NAMED_MAX])
    ledger.months.keep(key)


def _was_open(row: HeardRow, month_end: int) -> bool:
    """Whether the alert was open when the month ended: what this very tick has cleared was."""
    has_ended = NO_DAY != row.ended_on <= month_end
    return row.raised_on <= month_end and not has_ended and not row.is_rectified(month_end)


HANDLERS: Final[dict[str, Callable[[Folding, Any], None]]] = {
    "alert.verified": verified,
    "alert.feedback_given": feedback_given,
    "alert.rectified": rectified,
    "alert.reviewed": reviewed,
    "problem.registered": problem_registered,
    "problem.rectified": problem_rectified,
    "inspection.opened": inspection_opened,
    "inspection.closed": inspection_closed,
}
CREATES: Final[dict[str, Callable[[Any], tuple[str, ...]]]] = {
    "problem.registered": lambda body: (f"problem:{body.problem_id}",),
    "inspection.opened": lambda body: (f"inspection:{body.inspection_id}",),
}
