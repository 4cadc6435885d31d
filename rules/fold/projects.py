"""Folding of topic project.changes: the county's project library."""

from __future__ import annotations

from msgspec import UNSET

from domain.events.project_changes import ProjectCompleted, ProjectCorrected, ProjectRegistered, ProjectWithdrawn
from rules.fold.folding import Folding
from rules.project_state import ProjectRow
from rules.project_touches import touch_lines_and_payments_of_project, touch_project


def registered(folding: Folding, body: ProjectRegistered) -> None:
    """project.registered: the project enters the library; it may have ended, or have money, before that is known."""
    row = _project(folding, body.project_id)
    if row.is_registered:
        return  # id_reused
    row.is_registered = True
    row.name, row.in_county_plan, row.is_household = body.project_name, body.in_county_plan, body.is_household
    row.measure_kind, row.permitted_use_codes = body.measure_kind, body.permitted_use_codes
    row.using_unit_code, row.managing_department_code = body.using_unit_code, body.managing_department_code
    row.township_code, row.village_code = body.township_code, body.village_code
    row.registered_on = body.registered_on.toordinal()
    _changed(folding, row, "project")


def corrected(folding: Folding, body: ProjectCorrected) -> None:
    """project.corrected: only the fields present change; a null household flag goes back to not chosen."""
    row = _live(folding, body.project_id)
    if row is None:
        return
    row.name = body.project_name if body.project_name is not None else row.name
    row.measure_kind = body.measure_kind if body.measure_kind is not None else row.measure_kind
    if body.in_county_plan is not None:
        row.in_county_plan = body.in_county_plan
    if body.is_household is not UNSET:
        row.is_household = body.is_household
    if body.managing_department_code is not None:
        row.managing_department_code = body.managing_department_code
    if body.permitted_use_codes is not None:
        row.permitted_use_codes = body.permitted_use_codes
    _changed(folding, row, "correction")


def withdrawn(folding: Folding, body: ProjectWithdrawn) -> None:
    """project.withdrawn: it leaves the library."""
    row = _live(folding, body.project_id)
    if row is not None:
        row.is_withdrawn = True
        _changed(folding, row, "correction")


def completed(folding: Folding, body: ProjectCompleted) -> None:
    """project.completed: of several dates the latest counts; it may be said of a project that is not registered."""
    row = _project(folding, body.project_id)
    row.completed_on = max(row.completed_on, body.completed_on.toordinal())
    row.marks = (*row.marks, folding.mark("completion"))
    folding.ledger.projects.keep(row.id)
    touch_project(folding, row.id)


def _project(folding: Folding, project_id: str) -> ProjectRow:
    row = folding.ledger.projects.get(project_id)
    return row if row is not None else folding.ledger.projects.set(project_id, ProjectRow(id=project_id))


def _live(folding: Folding, project_id: str) -> ProjectRow | None:
    row = folding.ledger.projects.get(project_id)
    if row is None or not row.is_registered:
        folding.park(f"project:{project_id}")
        return None
    return None if row.is_withdrawn else row


def _changed(folding: Folding, row: ProjectRow, role: str) -> None:
    row.marks = (*row.marks, folding.mark(role))
    folding.ledger.projects.keep(row.id)
    touch_project(folding, row.id)
    touch_lines_and_payments_of_project(folding, row.id)
