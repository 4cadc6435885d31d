"""Projects of the library, their performance targets, monitoring and evaluation, each filed in time."""

from __future__ import annotations

from datetime import date
from typing import Any

from connectors.office_days import later
from connectors.simulator.book import Body
from connectors.simulator.office import Office, fen
from connectors.simulator.places import FIRST_YEAR, OWN, Theme
from domain.calendar import working_days_after

# More than the days by which records are late: money whose project comes after it is at fault until then.
REGISTERED_BEFORE_DAYS = 7
FIRST_REGISTERED_ON = date(FIRST_YEAR, 1, 2)  # regions open the day before
INDICATORS = (
    {"indicator_name": "受益贫困户数", "indicator_kind": "outcome", "target_value": "36", "unit_name": "户"},
    {"indicator_name": "贫困户满意度", "indicator_kind": "satisfaction", "target_value": "95", "unit_name": "%"},
)
TARGET_TEXT = "按期完成建设任务，受益贫困户满意"
# Node -> (its month, day and month by which it is filed here; the 20th of the next month is the limit).
NODES = {"may": (5, (6, 8)), "june": (6, (7, 9)), "august": (8, (9, 9))}


def register_project(office: Office, on: date, yuan: int, *, theme: Theme = OWN, **changes: Any) -> str:
    """A project that is in the library when its money comes ``on`` a day; returns its number.

    It names no township unless told, so no local notice is due.
    """
    project_id, registered_on = office.new_id("P"), max(later(on, -REGISTERED_BEFORE_DAYS), FIRST_REGISTERED_ON)
    body: Body = {
        "project_id": project_id,
        "project_name": f"{office.place.name}{theme.title}",
        "library_year": on.year,
        "in_county_plan": True,
        "measure_kind": theme.measure_kind,
        "measure": theme.title,
        "is_household": False,
        "using_unit_code": office.unit(theme.unit),
        "managing_department_code": office.unit("fpb"),
        "person_in_charge": "王明",
        "planned_amount_fen": fen(yuan),
        "permitted_use_codes": [theme.use_code],
        "registered_on": registered_on,
        **changes,
    }
    office.write("project.registered", project_id, body, registered_on)
    return project_id


def enter_target(
    office: Office,
    project_id: str,
    amount: int,
    on: date,
    *,
    entered_on: date | None = None,
    without: str | None = None,
    **changes: Any,
) -> str:
    """A target submitted, approved and entered within two weeks or on a day, and every node after it monitored in time.

    The node ``without`` is left to the story.
    """
    target_id = office.new_id("M")
    entered_on = entered_on or working_days_after(on, 7)
    submit_target(office, target_id, 1, project_id, amount, min(entered_on, working_days_after(on, 3)), **changes)
    review_target(office, target_id, 1, min(entered_on, working_days_after(on, 5)))
    record_target(office, target_id, 1, entered_on)
    if office.is_xinjiang:
        for node in sorted({*nodes_due(entered_on, on.year)} - {without}):
            month, day = NODES[node][1]
            file_monitoring(office, project_id, node, date(on.year, month, day))
    return target_id


def nodes_due(entered_on: date, budget_year: int) -> list[str]:
    """The nodes whose month had not ended when a target was entered."""
    if entered_on.year != budget_year:
        return []
    return [node for node, (month, _) in NODES.items() if entered_on.month <= month]


def submit_target(  # noqa: PLR0917  # the fields of one form
    office: Office, target_id: str, revision: int, project_id: str, amount: int, on: date, **changes: Any
) -> None:
    """A unit submits a revision of its target."""
    body: Body = {
        "target_id": target_id,
        "revision": revision,
        "project_id": project_id,
        "budget_year": on.year,
        "amount_fen": amount,
        "target_text": TARGET_TEXT,
        "indicators": INDICATORS,
        "author_unit_code": office.unit("fpb"),
        "submitted_on": on,
        **changes,
    }
    office.write("target.submitted", target_id, body, on)


def review_target(office: Office, target_id: str, revision: int, on: date, **changes: Any) -> None:
    """The bureau approves a revision, unless ``changes`` say otherwise."""
    body: Body = {
        "target_id": target_id,
        "revision": revision,
        "review_round": revision,
        "review_result": "approved",
        "issue_codes": [],
        "reviewer_unit_code": office.unit("czj"),
        "reviewed_on": on,
        **changes,
    }
    office.write("target.reviewed", target_id, body, on)


def record_target(office: Office, target_id: str, revision: int, on: date) -> None:
    """The bureau enters an approved revision."""
    office.write("target.entered", target_id, {"target_id": target_id, "revision": revision, "entered_on": on}, on)


def file_monitoring(
    office: Office, project_id: str, node: str, on: date, *, proven: bool = True, **changes: Any
) -> str:
    """Monitoring of a project at a node, with its proof two days later; returns its number."""
    monitoring_id = office.new_id("JK")
    body: Body = {
        "monitoring_id": monitoring_id,
        "project_id": project_id,
        "budget_year": on.year,
        "node": node,
        "execution_rate_percent": 50,
        "planned_rate_percent": 50,
        "problem_found": False,
        "filed_on": on,
        "entered_on": on,
        **changes,
    }
    office.write("monitoring.filed", monitoring_id, body, on)
    if proven:
        upload_proof(office, monitoring_id, later(on, 2))
    return monitoring_id


def upload_proof(office: Office, filing_id: str, on: date) -> str:
    """Proof of a filing; returns its number."""
    proof_id = office.new_id("ZM")
    body: Body = {
        "proof_id": proof_id,
        "filing_id": filing_id,
        "uploaded_on": on,
        "storage_reference": f"doc/{proof_id}",
    }
    office.write("proof.uploaded", proof_id, body, on)
    return proof_id


def complete(office: Office, project_id: str, on: date) -> None:
    """The project ends."""
    office.write("project.completed", project_id, {"project_id": project_id, "completed_on": on}, on)


def evaluate(office: Office, project_id: str, on: date) -> str:
    """Self-evaluation with its proof; returns its number."""
    evaluation_id = office.new_id("ZP")
    body: Body = {
        "evaluation_id": evaluation_id,
        "project_id": project_id,
        "score": 92,
        "filed_on": on,
        "entered_on": on,
    }
    office.write("evaluation.filed", evaluation_id, body, on)
    upload_proof(office, evaluation_id, later(on, 3))
    return evaluation_id


def publish_notice(
    office: Office, project_id: str, kind: str, on: date, *, until: date | None = None, level: str = "village"
) -> str:
    """A notice in the township or village; returns its number."""
    announcement_id = office.new_id("G")
    body: Body = {
        "announcement_id": announcement_id,
        "announcement_kind": kind,
        "announcement_level": level,
        "project_id": project_id,
        "township_code": office.township_code(),
        "channel": "notice_board",
        "publisher_unit_code": office.unit("fpb"),
        "published_on": on,
        "published_until": until or later(on, 12),
    }
    office.write("announcement.published", announcement_id, body, on)
    return announcement_id
