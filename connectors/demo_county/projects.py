"""Projects of the library and their performance targets."""

from __future__ import annotations

from datetime import date

from connectors.demo_county.book import YEAR, Body
from connectors.demo_county.office import Office
from connectors.demo_county.places import Theme
from domain.calendar import working_days_after

_INDICATORS = (
    {"indicator_name": "受益贫困户数", "indicator_kind": "outcome", "target_value": "36", "unit_name": "户"},
    {"indicator_name": "贫困户满意度", "indicator_kind": "satisfaction", "target_value": "95", "unit_name": "%"},
)


def register_project(office: Office, theme: Theme, amount: int, on: date) -> str:
    """A project of the library; returns its number."""
    number = office.count("project")
    project_id = f"{office.place.region}-P{number:04}"
    towns = office.place.townships
    town = towns[number % len(towns)] if towns else None
    body: Body = {
        "project_id": project_id,
        "project_name": theme.title.format(town.name if town else office.place.name),
        "library_year": YEAR,
        "in_county_plan": True,
        "measure_kind": theme.measure_kind,
        "measure": theme.measure,
        "is_household": theme.is_household,
        "using_unit_code": office.unit(theme.unit),
        "managing_department_code": office.unit("fpb"),
        "person_in_charge": office.random.choice(office.place.people or ("王明",)),
        "planned_amount_fen": amount,
        "permitted_use_codes": [theme.use_code],
        "registered_on": on,
    }
    if town:
        body["township_code"] = town.code
    office.write("project.registered", project_id, body, on, by="u-3108")
    return project_id


def enter_target(office: Office, project_id: str, amount: int, on: date) -> str:
    """A performance target submitted, approved and entered within a fortnight of ``on``; returns its number."""
    target_id = office.new_id("M")
    submit_target(office, target_id, 1, project_id, amount, working_days_after(on, 3))
    review_target(office, target_id, 1, "approved", working_days_after(on, 5))
    record_target(office, target_id, 1, working_days_after(on, 7))
    return target_id


def submit_target(office: Office, target_id: str, revision: int, project_id: str, amount: int, on: date) -> None:  # noqa: PLR0917  # the fields of one form
    """A unit submits a revision of its target."""
    body: Body = {
        "target_id": target_id,
        "revision": revision,
        "project_id": project_id,
        "budget_year": YEAR,
        "amount_fen": amount,
        "target_text": "按期完成建设任务，受益贫困户满意",
        "indicators": _INDICATORS,
        "author_unit_code": office.unit("fpb"),
        "submitted_on": on,
    }
    office.write("target.submitted", target_id, body, on, by="u-3108")


def review_target(office: Office, target_id: str, revision: int, result: str, on: date) -> None:
    """The bureau approves or returns a revision."""
    body: Body = {
        "target_id": target_id,
        "revision": revision,
        "review_round": revision,
        "review_result": result,
        "issue_codes": [] if result == "approved" else ["nonstandard"],
        "reviewer_unit_code": office.unit("czj"),
        "reviewed_on": on,
    }
    office.write("target.reviewed", target_id, body, on, by="u-3120")


def record_target(office: Office, target_id: str, revision: int, on: date) -> None:
    """The bureau enters an approved revision into the monitor."""
    body: Body = {"target_id": target_id, "revision": revision, "entered_on": on}
    office.write("target.entered", target_id, body, on, by="u-3120")
