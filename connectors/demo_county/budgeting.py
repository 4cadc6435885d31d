"""Quotas, documents and lines: money on its way from the province to a project."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

from connectors.demo_county.book import YEAR, Body
from connectors.demo_county.office import Line, Office, Quota, fen, fund_name
from connectors.demo_county.places import Theme
from connectors.demo_county.projects import enter_target, register_project
from domain.calendar import working_days_after

# From the printing of the city's document to the line at the project: one day to receive, one to allocate. With three
# working days allowed (art. 7 of 004_6d54267a7b8d1056.txt) nobody is late.
RECEIVED_AFTER, ALLOCATED_AFTER = 1, 2
PROVINCE_BATCHES = (date(YEAR, 1, 4), date(YEAR, 5, 27))


class Document(NamedTuple):
    """An allocation document, as allocations cite it."""

    number: str
    printed_on: date


class Notice(NamedTuple):
    """What a county receives money by."""

    linkage_id: str
    superior_quota_id: str
    document: Document


# --- quotas ------------------------------------------------------------------------------------------------------


def quota_body(quota: Quota, amount: int, on: date, document: Document, **changes: object) -> Body:
    """The group "quota body" (wire.md 6.1)."""
    return {
        "quota_id": quota.quota_id,
        "budget_year": YEAR,
        "fund_category": quota.category,
        "fund_name": fund_name(quota.category),
        "fund_nature": "general_budget",
        "amount_fen": amount,
        "subject_code": quota.subject_code,
        "expenditure_kind": "project",
        "is_poverty_fund": True,
        "is_integrable": True,
        "is_household": False,
        "arranging_level": _arranging_level(quota.category),
        "entry_mode": "linked",
        "document_no": document.number,
        "document_printed_on": document.printed_on,
        "registered_on": on,
        "responsible_section": quota.section,
        **changes,
    }


def _arranging_level(category: str) -> str:
    if category.startswith("central"):
        return "central"
    return "province" if category.startswith("regional") or category == "local-410000-1" else "county"


def draw(city: Office, theme: Theme, amount: int, on: date) -> Quota:
    """Take money of a fund from the province's batch of the season."""
    batch = sum(on >= start for start in PROVINCE_BATCHES[1:])
    city.drawn[theme.category, batch] = city.drawn.get((theme.category, batch), 0) + amount
    return _province_quota(city, theme.category, theme.subject_code, batch)


def _province_quota(city: Office, category: str, subject_code: str, batch: int) -> Quota:
    return Quota(f"{city.place.region}-{YEAR}-S{batch + 1}-{category}", category, subject_code, "农业科")


def close_batches(city: Office, subject_codes: dict[str, str]) -> None:
    """Write the province's money, now that it is known how much was drawn, with the date on which it came."""
    for number, ((category, batch), amount) in enumerate(sorted(city.drawn.items()), 1):
        on = PROVINCE_BATCHES[batch]
        quota = _province_quota(city, category, subject_codes[category], batch)
        body = quota_body(
            quota,
            amount,
            on,
            Document(f"{city.place.superior_prefix}〔{YEAR}〕{number}号", on),
            received_on=on,
            superior_region=city.place.superior,
            linkage_id=f"{city.place.superior}-{YEAR}-A{number:04}",
            superior_quota_id=None,
            reviewed_by="u-2002",
        )
        city.write("quota.received", quota.quota_id, body, on)


def pass_down(city: Office, theme: Theme, amount: int, on: date, region: str, *, late_by: int = 0) -> Notice:
    """Issue money to a county: the document, and the allocation the same day or some working days later."""
    quota = draw(city, theme, amount, on)
    document = print_document(city, quota.quota_id, amount, on, "农业科")
    allocation_id = city.new_id("A")
    allocated_on = working_days_after(on, late_by)
    body: Body = {
        "allocation_id": allocation_id,
        "quota_id": quota.quota_id,
        "target_kind": "lower_region",
        "target_region": region,
        "project_id": None,
        "amount_fen": amount,
        "line_kind": "poverty",
        "is_pending": False,
        "is_household": theme.is_household,
        "document_no": document.number,
        "document_printed_on": on,
        "allocated_on": allocated_on,
        "responsible_section": "农业科",
    }
    city.write("quota.allocated", allocation_id, body, allocated_on)
    return Notice(allocation_id, quota.quota_id, document)


def receive(office: Office, theme: Theme, amount: int, printed_on: date, **changes: object) -> Quota:
    """Money of a fund from above: issued, reviewed and received the next working day. A city draws on its batch."""
    if office.above is None:
        return draw(office, theme, amount, printed_on)
    notice = pass_down(office.above, theme, amount, printed_on, office.place.region)
    return take(office, theme, amount, working_days_after(printed_on, RECEIVED_AFTER), notice, **changes)


def take(office: Office, theme: Theme, amount: int, on: date, notice: Notice, **changes: object) -> Quota:
    """Review and receive what a notice brings."""
    quota = Quota(office.new_id("Q"), theme.category, theme.subject_code, theme.section)
    body = quota_body(
        quota,
        amount,
        on,
        notice.document,
        **{
            "is_household": theme.is_household,
            "received_on": on,
            "superior_region": office.place.superior,
            "linkage_id": notice.linkage_id,
            "superior_quota_id": notice.superior_quota_id,
            "reviewed_by": "u-3108",
            **changes,
        },
    )
    office.write("quota.received", quota.quota_id, body, on)
    return quota


def arrange(office: Office, theme: Theme, amount: int, on: date, **changes: object) -> Quota:
    """The place's own money."""
    quota = Quota(office.new_id("Q"), f"local-{office.place.region}-1", theme.subject_code, theme.section)
    body = quota_body(
        quota,
        amount,
        on,
        Document(office.new_document_no(), on),
        **{"entry_mode": "direct", "arranging_level": "city" if office.place.is_city else "county", **changes},
    )
    office.write("quota.arranged", quota.quota_id, body, on)
    return quota


# --- documents and lines -----------------------------------------------------------------------------------------


def print_document(
    office: Office, quota_id: str, amount: int, on: date, section: str, *, recorded_on: date | None = None
) -> Document:
    """An allocation document of the bureau."""
    number = office.new_document_no()
    document_id = office.new_id("W")
    body: Body = {
        "document_id": document_id,
        "document_no": number,
        "document_kind": "allocation",
        "quota_id": quota_id,
        "amount_fen": amount,
        "printed_on": on,
        "issuing_section": section,
    }
    office.write("document.printed", document_id, body, on, recorded_on=recorded_on)
    return Document(number, on)


def allocate(  # noqa: PLR0917  # what, from where, how much, when, by which document, for which project
    office: Office,
    quota: Quota,
    theme: Theme,
    amount: int,
    on: date,
    document: Document,
    project_id: str | None,
    *,
    arrives_on: date | None = None,
    **changes: object,
) -> Line:
    """Allocate part of a quota; to a project unless ``changes`` say otherwise."""
    allocation_id = office.new_id("A")
    body: Body = {
        "allocation_id": allocation_id,
        "quota_id": quota.quota_id,
        "target_kind": "project",
        "unit_code": office.unit(theme.unit),
        "project_id": project_id,
        "amount_fen": amount,
        "line_kind": "poverty",
        "is_pending": False,
        "is_household": theme.is_household,
        "document_no": document.number,
        "document_printed_on": document.printed_on,
        "allocated_on": on,
        "responsible_section": theme.section,
        **changes,
    }
    office.write("quota.allocated", allocation_id, body, on, arrives_on=arrives_on)
    return Line(allocation_id, quota, theme, project_id, amount, on, office.random.randrange(100))


def allocate_block(office: Office, quota: Quota, theme: Theme, amount: int, on: date, document: Document) -> Line:  # noqa: PLR0917  # as `allocate`
    """A block for a township whose projects are not settled yet (待分配)."""
    town = office.place.townships[office.count("block") % len(office.place.townships)]
    block: Body = {"target_kind": "township", "township_code": town.code, "is_pending": True, "is_household": None}
    return allocate(office, quota, theme, amount, on, document, None, **block)


def refine(office: Office, block: Line, parts: list[tuple[str, int]], on: date) -> list[Line]:
    """Split a pending block into lines of projects."""
    refinement_id = office.new_id("R")
    lines = [
        Line(f"{refinement_id}-{number}", block.quota, block.theme, project_id, amount, on, block.payee)
        for number, (project_id, amount) in enumerate(parts, 1)
    ]
    body: Body = {
        "refinement_id": refinement_id,
        "allocation_id": block.line_id,
        "refined_on": on,
        "lines": [
            {
                "line_id": line.line_id,
                "project_id": line.project_id,
                "unit_code": office.unit(block.theme.unit),
                "amount_fen": line.fen,
                "line_kind": "poverty",
                "is_household": block.theme.is_household,
            }
            for line in lines
        ],
    }
    office.write("quota.refined", refinement_id, body, on)
    return lines


def funded_line(
    office: Office,
    theme: Theme,
    yuan: int,
    printed_on: date,
    *,
    reserve_yuan: int = 0,
    with_target: bool = True,
    quota_changes: Body | None = None,
    **changes: Any,
) -> Line:
    """Money from above on one line of a new project, everything in order: where most stories begin.

    ``reserve_yuan`` more lies unallocated on the quota. The line is available two working days after ``printed_on``;
    its target is entered within a fortnight. ``changes`` are fields of the allocation.
    """
    amount = fen(yuan)
    quota = receive(office, theme, amount + fen(reserve_yuan), printed_on, **(quota_changes or {}))
    on = working_days_after(printed_on, ALLOCATED_AFTER)
    project_id = register_project(office, theme, amount, printed_on)
    document = print_document(office, quota.quota_id, amount, on, theme.section)
    line = allocate(office, quota, theme, amount, on, document, project_id, **changes)
    if with_target:
        enter_target(office, project_id, amount, on)
    return line
