"""Quotas, documents and lines: money on its way to a project, everything in order unless a story says otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from connectors.office_days import later
from connectors.simulator.book import Body
from connectors.simulator.office import Office, fen
from connectors.simulator.places import OWN, Theme
from connectors.simulator.projects import enter_target, register_project

PUBLISHED_AFTER_DAYS = 8  # twenty are allowed (allocation_result_unpublished)


@dataclass(frozen=True, slots=True)
class Quota:
    """A quota and what its lines inherit from it."""

    quota_id: str
    category: str
    theme: Theme
    budget_year: int
    fen: int


@dataclass(frozen=True, slots=True)
class Line:
    """A payable line, from the day on which it can be paid."""

    line_id: str
    quota: Quota
    project_id: str | None
    fen: int
    available_on: date


def quota_body(quota: Quota, on: date, document_no: str, **changes: object) -> Body:
    """The group "quota body" (wire.md 6.1)."""
    return {
        "quota_id": quota.quota_id,
        "budget_year": quota.budget_year,
        "fund_category": quota.category,
        "fund_name": f"扶贫资金({quota.category})",
        "fund_nature": "general_budget",
        "amount_fen": quota.fen,
        "subject_code": quota.theme.subject_code,
        "expenditure_kind": "project",
        "is_poverty_fund": True,
        "is_integrable": True,
        "is_household": False,
        "arranging_level": "county",
        "entry_mode": "direct",
        "document_no": document_no,
        "document_printed_on": on,
        "registered_on": on,
        "responsible_section": quota.theme.section,
        **changes,
    }


def arrange(
    office: Office,
    yuan: int,
    on: date,
    *,
    theme: Theme = OWN,
    category: str | None = None,
    scanned: bool = True,
    **changes: Any,
) -> Quota:
    """The place's own money, registered on the day its document is printed, the document scanned the same day."""
    quota = Quota(office.new_id("Q"), category or office.own_category(), theme, on.year, fen(yuan))
    document_no = changes.pop("document_no", None) or office.new_document_no(on)
    office.write("quota.arranged", quota.quota_id, quota_body(quota, on, document_no, **changes), on)
    if scanned:
        scan(office, document_no, on)
    return quota


def scan(office: Office, document_no: str, on: date) -> str:
    """The scan of a document; returns its number."""
    scan_id = office.new_id("SM")
    body: Body = {
        "scan_id": scan_id,
        "document_no": document_no,
        "scanned_on": on,
        "storage_reference": f"doc/{office.region}/{scan_id}",
    }
    office.write("document.scanned", scan_id, body, on)
    return scan_id


def print_document(office: Office, quota: Quota, amount: int, on: date, *, published_on: date | None = None) -> str:
    """An allocation document of the bureau, scanned the same day and published some days later; returns its number."""
    document_no, document_id = office.new_document_no(on), office.new_id("W")
    body: Body = {
        "document_id": document_id,
        "document_no": document_no,
        "document_kind": "allocation",
        "quota_id": quota.quota_id,
        "amount_fen": amount,
        "printed_on": on,
        "issuing_section": quota.theme.section,
    }
    office.write("document.printed", document_id, body, on)
    scan(office, document_no, on)
    publish_result(office, document_no, published_on or later(on, PUBLISHED_AFTER_DAYS))
    return document_no


def publish_result(office: Office, document_no: str, on: date) -> None:
    """The result of an allocation on the bureau's pages (公告公示)."""
    announcement_id = office.new_id("G")
    body: Body = {
        "announcement_id": announcement_id,
        "announcement_kind": "allocation_result",
        "announcement_level": "city" if office.place.is_city else "county",
        "document_no": document_no,
        "channel": "portal_column",
        "publisher_unit_code": office.unit("czj"),
        "published_on": on,
    }
    office.write("announcement.published", announcement_id, body, on)


def allocate(
    office: Office,
    quota: Quota,
    yuan: int,
    on: date,
    project_id: str | None,
    *,
    document_no: str | None = None,
    **changes: Any,
) -> Line:
    """Allocate part of a quota to a project by a document of the same day."""
    amount = fen(yuan)
    document_no = document_no or print_document(office, quota, amount, on)
    allocation_id = office.new_id("A")
    body: Body = {
        "allocation_id": allocation_id,
        "quota_id": quota.quota_id,
        "target_kind": "project",
        "unit_code": office.unit(quota.theme.unit),
        "project_id": project_id,
        "amount_fen": amount,
        "line_kind": "poverty",
        "is_pending": False,
        "is_household": False,
        "document_no": document_no,
        "document_printed_on": on,
        "allocated_on": on,
        "responsible_section": quota.theme.section,
        **changes,
    }
    office.write("quota.allocated", allocation_id, body, on)
    return Line(allocation_id, quota, project_id, amount, on)


def refine(office: Office, block: Line, parts: list[tuple[str, int]], on: date) -> list[Line]:
    """Split a pending block into lines of projects; amounts in yuan."""
    refinement_id = office.new_id("R")
    lines = [
        Line(f"{refinement_id}-{number}", block.quota, project_id, fen(yuan), on)
        for number, (project_id, yuan) in enumerate(parts, 1)
    ]
    entries = [
        {
            "line_id": line.line_id,
            "project_id": line.project_id,
            "amount_fen": line.fen,
            "line_kind": "poverty",
            "is_household": False,
        }
        for line in lines
    ]
    body: Body = {"refinement_id": refinement_id, "allocation_id": block.line_id, "refined_on": on, "lines": entries}
    office.write("quota.refined", refinement_id, body, on)
    return lines


def funded_line(
    office: Office,
    yuan: int,
    on: date,
    *,
    target: bool = True,
    project_changes: Body | None = None,
    quota_changes: Body | None = None,
    **changes: Any,
) -> Line:
    """Own money on one line of a new project, all on one day and everything in order: where most stories begin."""
    project_id = register_project(office, on, yuan, **(project_changes or {}))
    quota = arrange(office, yuan, on, **(quota_changes or {}))
    line = allocate(office, quota, yuan, on, project_id, **changes)
    if target:
        enter_target(office, project_id, line.fen, on)
    return line


def issue(city: Office, region: str, theme: Theme, yuan: int, on: date, **changes: object) -> tuple[str, str, str]:
    """The province's money, received and issued on one day; the notice's number, the document's, and the quota's."""
    quota = Quota(city.new_id("Q"), theme.category, theme, on.year, fen(yuan))
    superior = f"{city.region[:2]}0000"
    received_by = f"省财扶〔{on.year}〕{city.serial}号"
    body = quota_body(
        quota,
        on,
        received_by,
        received_on=on,
        superior_region=superior,
        linkage_id=f"{superior}-A{city.serial}-{city.region}",
        superior_quota_id=None,
        reviewed_by="u-2002",
        entry_mode="linked",
        arranging_level="central",
        responsible_section="农业科",
        **changes,
    )
    city.write("quota.received", quota.quota_id, body, on)
    scan(city, received_by, on)
    document_no = print_document(city, quota, quota.fen, on)
    line = allocate(
        city, quota, yuan, on, None, document_no=document_no, target_kind="lower_region", target_region=region
    )
    return line.line_id, document_no, quota.quota_id
