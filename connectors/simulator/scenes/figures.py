"""Scenes of totals: what is reported elsewhere, how fast money is spent and on what; and of incomplete records."""

from __future__ import annotations

from datetime import date
from typing import Any

from connectors.office_days import later
from connectors.simulator.book import Body
from connectors.simulator.money import allocate, arrange, funded_line
from connectors.simulator.office import Office, fen
from connectors.simulator.paying import approve_plan, next_working_day, pay, pay_rest
from connectors.simulator.projects import enter_target, register_project
from connectors.simulator.scene import HENAN, Scene, Where, fault, near
from connectors.simulator.truth import RED, YELLOW
from domain.calendar import working_days_after

YUAN = 120_000
# So much more than a region has in a year that its own progress is that of the story.
HUGE_YUAN = 5_000_000_000
# What `use_structure_out_of_band`, silent without, must be given to judge the scenes: nothing else is relocation.
BANDS = ("relocation:0:50",)


def _report(office: Office, on: date, total_fen: int, **changes: Any) -> None:
    figure_id = office.new_id("F")
    body: Body = {
        "figure_id": figure_id,
        "figure_kind": "business_total",
        "amount_kind": "scale",
        "fund_category": office.own_category(),
        "budget_year": on.year,
        "as_of_on": on,
        "total_fen": total_fen,
        **changes,
    }
    office.write("figures.reported", figure_id, body, on)


# --- totals ------------------------------------------------------------------------------------------------------


def _known(office: Office, on: date) -> date:
    """Money of one fund, paid out; the day after."""
    line = funded_line(office, YUAN, on)
    day = next_working_day(on, 9)
    pay_rest(office, line, day)
    return later(day, 1)


def totals_differ(office: Office, on: date) -> None:
    """Two fen more elsewhere, for eight working days: red after five."""
    day = _known(office, on)
    _report(office, day, fen(YUAN) + 2)
    agreed_on = working_days_after(day, 8)
    _report(office, agreed_on, fen(YUAN))
    red_on = later(working_days_after(day, 5), 1)
    key = f"scale|{office.own_category()}|{on.year}"
    office.alert("business_totals_differ", key, (day, YELLOW), (red_on, RED), (agreed_on, ""))


def fund_not_in_the_ledger(office: Office, on: date) -> None:
    """A fund of which we know nothing, until its money is entered."""
    _report(office, on, fen(YUAN))
    day = next_working_day(on, 3)
    _report(office, day, 0)
    key = f"scale|{office.own_category()}|{on.year}"
    office.alert("business_totals_differ", key, (on, RED), (day, ""))


def totals_differ_by_a_fen(office: Office, on: date) -> None:
    """One fen is tolerated."""
    _report(office, _known(office, on), fen(YUAN) - 1)


def daily_report_differs(office: Office, on: date) -> None:
    """The daily report has 125,000 yuan, of which 1 percent is less than the difference."""
    day = _known(office, on)
    _report(office, day, fen(125_000), figure_kind="daily_report")
    agreed_on = later(day, 4)
    _report(office, agreed_on, fen(YUAN), figure_kind="daily_report")
    key = f"daily_report|scale|{office.own_category()}|{on.year}"
    office.alert("self_report_differs", key, (day, YELLOW), (agreed_on, ""))


def daily_report_within_a_percent(office: Office, on: date) -> None:
    """121,212 yuan: a yuan less than 1 percent more."""
    _report(office, _known(office, on), fen(121_212), figure_kind="daily_report")


def _untouched(office: Office, on: date, reported_after: int) -> date:
    """A line that nobody pays from for 186 days, while the county says that it has spent."""
    line = funded_line(office, YUAN, on)
    day = next_working_day(on, 186)
    _report(office, later(on, reported_after), fen(10_000), figure_kind="self_reported", amount_kind="paid")
    pay_rest(office, line, day)
    office.alert("funds_idle", line.line_id, (later(on, 91), YELLOW), (later(on, 181), RED), (day, ""))
    return day


def spent_elsewhere(office: Office, on: date) -> None:
    """Reported on day 181."""
    day = _untouched(office, on, 181)
    key = f"{office.own_category()}|{on.year}"
    office.alert("allocation_spending_gap", key, (later(on, 181), YELLOW), (day, ""))


def untouched_for_180_days(office: Office, on: date) -> None:
    """Reported on day 180."""
    _untouched(office, on, 180)


# --- progress and structure --------------------------------------------------------------------------------------


def _huge(office: Office, on: date, *shares: tuple[date, int]) -> str:
    """Money that outweighs all else of the region in the year, paid in shares (in thousandths of it)."""
    office.reserved.add(f"progress {on.year}")
    line = funded_line(office, HUGE_YUAN, on)
    for day, thousandths in shares:
        pay(office, line, HUGE_YUAN // 1_000 * thousandths, day)
    return str(on.year)


def slow_in_spring(office: Office, on: date) -> None:
    """A tenth by the end of April, where 13.3 percent are the least; half by the end of June."""
    april, june, september = (date(on.year, month, day) for month, day in ((4, 22), (6, 20), (9, 10)))
    year = _huge(office, on, (april, 100), (june, 400), (september, 500))
    steps = ((date(on.year, 5, 1), YELLOW), (date(on.year, 7, 1), ""))
    office.alert("payment_progress_slow", year, *steps)


def nothing_paid_in_spring(office: Office, on: date) -> None:
    """Nothing by the end of May: red."""
    year = _huge(office, on, (date(on.year, 6, 1), 500), (date(on.year, 8, 28), 500))
    steps = ((date(on.year, 5, 1), YELLOW), (date(on.year, 6, 1), RED), (date(on.year, 7, 1), ""))
    office.alert("payment_progress_slow", year, *steps)


def just_fast_enough(office: Office, on: date) -> None:
    """13.4 percent by the end of April, 21.8 by the end of May."""
    days = tuple(date(on.year, month, day) for month, day in ((4, 22), (5, 21), (6, 20), (9, 10)))
    _huge(office, on, *zip(days, (134, 84, 282, 500), strict=True))


def _structure(office: Office, on: date, relocation_yuan: int) -> str:
    """A fund of 200,000 yuan for two projects, one of them relocation."""
    quota = arrange(office, 200_000, on)
    for kind, yuan in (("relocation", relocation_yuan), ("industry", 200_000 - relocation_yuan)):
        project_id = register_project(office, on, yuan, measure_kind=kind)
        line = allocate(office, quota, yuan, on, project_id)
        if office.is_xinjiang:
            enter_target(office, project_id, line.fen, on)
        pay_rest(office, line, next_working_day(on, 10))
    return f"{quota.category}|relocation|{on.year}"


def too_much_relocation(office: Office, on: date) -> None:
    """60 percent of relocation where 50 are the most: red, said on the first of the next month."""
    said_on = later(on.replace(day=1), 32).replace(day=1)
    office.alert("use_structure_out_of_band", _structure(office, on, 120_000), (said_on, RED))


def somewhat_too_much_relocation(office: Office, on: date) -> None:
    """59 percent: yellow."""
    said_on = later(on.replace(day=1), 32).replace(day=1)
    office.alert("use_structure_out_of_band", _structure(office, on, 118_000), (said_on, YELLOW))


def half_relocation(office: Office, on: date) -> None:
    """Exactly half."""
    _structure(office, on, 100_000)


# --- records -----------------------------------------------------------------------------------------------------


def _plan_after(office: Office, on: date, working_days: int) -> tuple[str, date, date]:
    """A payment by a plan that becomes known only later."""
    line = funded_line(office, YUAN, on)
    day = next_working_day(on, 9)
    plan_id = f"{office.region}-U{office.serial}-1"
    payment_id = pay(office, line, YUAN, day, plan_id=plan_id)
    known_on = working_days_after(day, working_days)
    approve_plan(office, line, YUAN, known_on)
    return f"{office.place.payment_system}:recorded:{payment_id}:1|reference_unknown", day, known_on


def plan_unknown(office: Office, on: date) -> None:
    """The plan comes on the twelfth working day: yellow after three, red after ten."""
    key, day, known_on = _plan_after(office, on, 12)
    yellow_on, red_on = (later(working_days_after(day, days), 1) for days in (3, 10))
    office.alert("record_incomplete", key, (yellow_on, YELLOW), (red_on, RED), (known_on, ""))


def plan_known_in_time(office: Office, on: date) -> None:
    """The plan comes on the third working day."""
    _plan_after(office, on, 3)


_SPRING = (3, 3)
SCENES: tuple[Scene, ...] = (
    fault("business_totals_differ", totals_differ),
    fault("business_totals_differ", fund_not_in_the_ledger),
    near("business_totals_differ", totals_differ_by_a_fen),
    fault("self_report_differs", daily_report_differs, HENAN),
    near("self_report_differs", daily_report_within_a_percent, HENAN),
    fault("allocation_spending_gap", spent_elsewhere, HENAN, months=(1, 6)),
    near("allocation_spending_gap", untouched_for_180_days, HENAN, months=(1, 6)),
    fault("payment_progress_slow", slow_in_spring, months=_SPRING, where=Where.BUDGET),
    fault("payment_progress_slow", nothing_paid_in_spring, months=_SPRING, where=Where.BUDGET),
    near("payment_progress_slow", just_fast_enough, months=_SPRING, where=Where.BUDGET),
    fault("use_structure_out_of_band", too_much_relocation, months=(1, 11)),
    fault("use_structure_out_of_band", somewhat_too_much_relocation, months=(1, 11)),
    near("use_structure_out_of_band", half_relocation, months=(1, 11)),
    fault("record_incomplete", plan_unknown),
    near("record_incomplete", plan_known_in_time),
)
