"""Folding of problems (topic desk.actions): what people found, and that it was set right."""

from __future__ import annotations

from domain.events.desk_actions import ProblemRectified, ProblemRegistered
from rules.fold.folding import Folding, SubjectKind
from rules.project_state import ProblemRow


def registered(folding: Folding, body: ProblemRegistered) -> None:
    """problem.registered: found by people; some are of a project."""
    if folding.ledger.problems.get(body.problem_id) is not None:
        return  # id_reused
    row = ProblemRow(id=body.problem_id, project_id=body.project_id, marks=(folding.mark("problem"),))
    folding.ledger.problems.set(row.id, row)
    if row.project_id is not None:
        folding.ledger.project_problems.add(row.project_id, row.id)


def rectified(folding: Folding, body: ProblemRectified) -> None:
    """problem.rectified: of several dates the latest counts."""
    row = folding.ledger.problems.get(body.problem_id)
    if row is None:
        folding.park(f"problem:{body.problem_id}")
        return
    row.rectified_on = max(row.rectified_on, body.rectified_on.toordinal())
    row.marks = (*row.marks, folding.mark("rectification"))
    folding.ledger.problems.keep(row.id)
    if row.project_id is not None:
        _touch_monitored_years(folding, row.project_id)


def _touch_monitored_years(folding: Folding, project_id: str) -> None:
    for key in folding.ledger.project_filings.children(project_id):
        filing = folding.ledger.filings.get(key)
        if filing is not None and filing.budget_year:
            folding.touch(SubjectKind.PROJECT_YEAR, f"{project_id}|{filing.budget_year}")
