"""What a bureau files beside its money: papers, periodic reports, reconciliations, and who holds which post."""

from __future__ import annotations

from datetime import date

from connectors.simulator.book import Body
from connectors.simulator.office import Office


def say_something(office: Office, source: str, on: date) -> None:
    """A record of a source that says nothing: a paper of another kind, or a total of no money."""
    if source == "treasury_payment":
        figure_id = office.new_id("F")
        body: Body = {
            "figure_id": figure_id,
            "figure_kind": "business_total",
            "amount_kind": "paid",
            "fund_category": f"local-{office.region}-998",
            "budget_year": on.year,
            "as_of_on": on,
            "total_fen": 0,
        }
        office.write("figures.reported", figure_id, body, on, source=source)
        return
    document_id = office.new_id("W")
    paper: Body = {
        "document_id": document_id,
        "document_no": f"{office.place.name[:1]}财办〔{on.year}〕{on:%m%d}号",
        "document_kind": "other",
        "printed_on": on,
        "issuing_section": "办公室",
    }
    office.write("document.printed", document_id, paper, on, source=source)


def file_report(office: Office, kind: str, month: str, on: date, **changes: object) -> None:
    """A periodic report on a month."""
    report_id = office.new_id("B")
    body: Body = {
        "report_id": report_id,
        "report_kind": kind,
        "report_month": month,
        "recipient": "上级财政部门",
        "filed_on": on,
        **changes,
    }
    office.write("report.filed", report_id, body, on)


def reconcile(office: Office, month: str, on: date) -> None:
    """The reconciliation of a month."""
    number = office.new_id("D")
    body: Body = {
        "reconciliation_id": number,
        "reconciliation_month": month,
        "compared_count": 18,
        "differing_count": 0,
        "completed_on": on,
    }
    office.write("reconciliation.completed", number, body, on)


def assign_post(office: Office, post: str, operator: str, on: date, **changes: object) -> str:
    """Somebody takes a post in the bureau, unless told where; returns the assignment's number."""
    assignment_id = office.new_id("GW")
    body: Body = {
        "assignment_id": assignment_id,
        "organisation_code": office.unit("czj"),
        "operator_id": operator,
        "post": post,
        "assigned_on": on,
        **changes,
    }
    office.write("post.assigned", assignment_id, body, on)
    return assignment_id
