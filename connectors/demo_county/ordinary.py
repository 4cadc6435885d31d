"""An ordinary year: money passed down, allocated in time, built with, paid for by progress. Nothing in it is a fault.

That it is clean is planned, not hoped: every line is paid at most 55 days after it became available and then at least
every 50 days, until it is paid out or the year ends (funds_idle speaks after 90 days); every document is allocated on
its day or within two working days (three are allowed); every project has its target within a fortnight (30 days are);
no payment exceeds what is left on its line.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from connectors.demo_county.book import LAST_DAY, YEAR, Body
from connectors.demo_county.budgeting import (
    ALLOCATED_AFTER,
    Document,
    allocate,
    allocate_block,
    print_document,
    receive,
    refine,
)
from connectors.demo_county.office import Line, Office, Quota, fen
from connectors.demo_county.paying import import_list, pay, pay_list
from connectors.demo_county.places import THEMES, Theme
from connectors.demo_county.projects import enter_target, register_project
from connectors.office_days import last_working_day_by, later
from domain.calendar import roll_forward, working_days_after

# When money comes down: months and how many quotas; early money in January, the bulk in spring, the rest by October.
SEASON = ((1, 2), (2, 1), (3, 3), (4, 2), (5, 2), (6, 2), (7, 1), (8, 1), (9, 1), (10, 1))
LINES_PER_QUOTA = (3, 5)
FIRST_PAYMENT_AFTER = (10, 40)  # calendar days
PAYMENT_GAP = (18, 40)
# Share of a line in percent, by progress: advance, first and second interim payment; the rest is the final one.
PROGRESS = ((30, "预付款"), (35, "进度款"), (25, "进度款"), (10, "质保及尾款"))
LATE_SHARE = 20  # one payment in twenty is entered some days after it was made
DELAYED_SHARE = 25  # one in twenty-five reaches the topic some days after it was entered: out of order
LAST_PAYMENT_BY = date(YEAR, 12, 26)
HOUSEHOLD_YUAN = (1_500, 2_000, 2_850, 3_600)


def ordinary_year(office: Office) -> None:
    """All quotas of a place with what follows from them."""
    themes = THEMES[office.place.profile]
    number = 0
    for month, quotas in SEASON:
        for _ in range(quotas if office.above is not None else 1):
            day = roll_forward(date(YEAR, month, office.random.randrange(8, 25)))
            _quota_with_lines(office, themes[number % len(themes)], day)
            number += 1


def _quota_with_lines(office: Office, theme: Theme, printed_on: date) -> None:
    count = office.random.randint(*LINES_PER_QUOTA)
    yuan = [_cost(office, theme) for _ in range(count)]
    amount = fen(sum(yuan))
    quota = receive(office, theme, amount, printed_on)
    on = working_days_after(printed_on, ALLOCATED_AFTER)
    document = print_document(office, quota.quota_id, amount, on, theme.section)
    _file_document(office, document.number, quota, on)
    if office.place.townships and office.random.random() < 0.25 and office.place.profile == "xinjiang":
        _through_a_block(office, quota, theme, yuan, document)
        return
    allocated_on = working_days_after(on, office.random.randrange(3))
    for each in yuan:
        project_id = register_project(office, theme, fen(each), printed_on)
        line = allocate(office, quota, theme, fen(each), allocated_on, document, project_id)
        _plan(office, line)
        _target(office, line)
        _build_and_pay(office, line, each)


def _through_a_block(office: Office, quota: Quota, theme: Theme, yuan: list[int], document: Document) -> None:
    """Cut to a township first, refined to projects within two months (待分配指标)."""
    block = allocate_block(office, quota, theme, fen(sum(yuan)), document.printed_on, document)
    refined_on = roll_forward(later(document.printed_on, office.random.randrange(10, 50)))
    parts = [(register_project(office, theme, fen(each), refined_on), fen(each)) for each in yuan]
    for line, each in zip(refine(office, block, parts, refined_on), yuan, strict=True):
        _target(office, line)
        _build_and_pay(office, line, each)


def _cost(office: Office, theme: Theme) -> int:
    if theme.is_household:
        return sum(_household_amounts(office))
    return office.random.randint(*theme.wan_yuan) * 10_000


def _household_amounts(office: Office) -> list[int]:
    return [office.random.choice(HOUSEHOLD_YUAN)] * office.random.randint(8, 20)


def _target(office: Office, line: Line) -> None:
    # Henan's rules ask for no target; its cities enter them for their own projects all the same
    if line.project_id is not None and (office.place.profile == "xinjiang" or office.place.is_city):
        enter_target(office, line.project_id, line.fen, line.available_on)


def _plan(office: Office, line: Line) -> None:
    """The unit plans to use the money, and the bureau approves."""
    plan_id = office.new_id("U")
    on = working_days_after(line.available_on, 2)
    if on > LAST_PAYMENT_BY:
        return
    submitted: Body = {
        "plan_id": plan_id,
        "line_id": line.line_id,
        "unit_code": office.unit(line.theme.unit),
        "planned_month": f"{on:%Y-%m}",
        "amount_fen": line.fen,
        "submitted_on": on,
    }
    office.write("plan.submitted", plan_id, submitted, on)
    approved_on = working_days_after(on, 1)
    approved: Body = {"plan_id": plan_id, "approved_amount_fen": line.fen, "approved_on": approved_on}
    office.write("plan.approved", plan_id, approved, approved_on)


def _file_document(office: Office, document_no: str, quota: Quota, on: date) -> None:
    """The scan, and the publication of the result (公告公示)."""
    scan_id = office.new_id("S")
    scanned: Body = {
        "scan_id": scan_id,
        "document_no": document_no,
        "quota_id": quota.quota_id,
        "scanned_on": on,
        "storage_reference": f"scan/{YEAR}/{scan_id}.pdf",
    }
    office.write("document.scanned", scan_id, scanned, on)
    announcement_id = office.new_id("G")
    published_on = working_days_after(on, 5)
    published: Body = {
        "announcement_id": announcement_id,
        "announcement_kind": "allocation_result",
        "announcement_level": "city" if office.place.is_city else "county",
        "document_no": document_no,
        "channel": "portal_column",
        "publisher_unit_code": office.unit("czj"),
        "published_on": published_on,
    }
    office.write("announcement.published", announcement_id, published, published_on, by="u-3108")


def _build_and_pay(office: Office, line: Line, yuan: int) -> None:
    if line.theme.is_household:
        _pay_households(office, line, yuan)
        return
    days = _payment_days(office, line.available_on)
    left = yuan
    for (share, purpose), on in zip(PROGRESS, days, strict=False):
        part = left if share == PROGRESS[-1][0] else yuan * share // 100
        left -= part
        pay(office, line, part, on, purpose=purpose, **_delays(office, on))
        if left == 0 and line.project_id is not None:
            _finish(office, line.project_id, on)


def _payment_days(office: Office, available_on: date) -> Iterator[date]:
    on = roll_forward(later(available_on, office.random.randint(*FIRST_PAYMENT_AFTER)))
    while on <= LAST_PAYMENT_BY:
        yield on
        on = roll_forward(later(on, office.random.randint(*PAYMENT_GAP)))


def _delays(office: Office, on: date) -> dict[str, date]:
    """Now and then a payment is entered late, or is entered in time and reaches the topic late."""
    last = last_working_day_by(LAST_DAY)
    if office.random.randrange(LATE_SHARE) == 0:
        return {"recorded_on": min(working_days_after(on, office.random.randint(4, 7)), last)}
    if office.random.randrange(DELAYED_SHARE) == 0:
        return {"arrives_on": min(later(on, office.random.randint(1, 3)), last)}
    return {}


def _finish(office: Office, project_id: str, on: date) -> None:
    """The last payment follows the acceptance of the work."""
    accepted: Body = {
        "project_id": project_id,
        "reported_on": on,
        "implementation_state": "accepted",
        "physical_progress_percent": 100,
    }
    office.write("project.progress_reported", f"{project_id}-{on:%m%d}", accepted, on)
    office.write("project.completed", project_id, {"project_id": project_id, "completed_on": on}, on)


def _pay_households(office: Office, line: Line, yuan: int) -> None:
    """One list through the one-card system; the last household gets what is left over."""
    on = roll_forward(later(line.available_on, office.random.randint(*FIRST_PAYMENT_AFTER)))
    if on > LAST_PAYMENT_BY or not office.place.townships:
        pay(office, line, yuan, min(on, LAST_PAYMENT_BY))
        return
    amounts = _split(yuan, office.random.choice(HOUSEHOLD_YUAN))
    list_id = import_list(office, line, amounts, on)
    pay_list(office, line, list_id, amounts, on)


def _split(yuan: int, share: int) -> list[int]:
    full, rest = divmod(yuan, share)
    amounts = [share] * full
    return [*amounts, rest] if rest else amounts
