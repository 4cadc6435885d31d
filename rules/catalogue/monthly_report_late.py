"""月报、核对逾期: a monthly report or reconciliation is late.

Flags:
    A report that the region's profile and tier impose for a month that is over, and that has not come: yellow on the
    due day of the next month (the next working day, where it is none), red after it. A prefecture's sections report
    each for themselves, as soon as they answer for a quota in scope of the year.

Why it matters:
    000_4e8d71f0a3c23610.txt L27, L30: counties report by the 10th, sections by the 15th; 003_5a361372162cdc2c.txt L37:
    prefectures on performance each month; 004_6d54267a7b8d1056.txt art. 13 L50: data are reconciled regularly.

Example:
    The report of county 652722 for May 2019 is due on Monday 10 June: yellow that day, red from the 11th.

Not a fault when:
    The report comes, in time or late; the month ended before the opening, or before the region came.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, NamedTuple

import msgspec

from domain.calendar import roll_forward
from domain.findings import Reason
from rules.catalogue.evidence import date_or_none
from rules.fold.folding import SubjectKind
from rules.fold.reports import RECONCILIATION, SECTION_MONTHLY
from rules.rule import ALL_PROFILES, NO_FAULT, RED, YELLOW, Basis, Explanation, Judgement, Kind, Rule, Step, Steps
from rules.state import Mark
from rules.thresholds import Source
from rules.view import View

DayOfMonth = Annotated[int, msgspec.Meta(ge=1, le=28)]

_OWNERS = {
    "county_monthly": "归口业务处室",
    SECTION_MONTHLY: "扶贫资金管理办公室",
    "prefecture_performance": "绩效",
    RECONCILIATION: "农财",
}


class Thresholds(msgspec.Struct, frozen=True, kw_only=True):
    """By which day of the next month each report is due (``duties``)."""

    county_monthly_day: Annotated[DayOfMonth, Source(Basis.STATED, "day of month")] = 10
    section_monthly_day: Annotated[DayOfMonth, Source(Basis.STATED, "day of month")] = 15
    prefecture_performance_day: Annotated[DayOfMonth, Source(Basis.PROPOSED, "day of month")] = 5
    reconciliation_day: Annotated[DayOfMonth, Source(Basis.PROPOSED, "day of month")] = 15


class Duty(NamedTuple):
    """One report of one month."""

    kind: str
    section: str
    month: str

    @property
    def month_end(self) -> date:
        """The last day of the month reported on."""
        return _following(self.month) - timedelta(days=1)


def _following(month: str) -> date:
    return (date.fromisoformat(f"{month}-01") + timedelta(days=31)).replace(day=1)


def _duty(subject: str) -> Duty:
    kind, _, rest = subject.partition("|")
    section, _, month = rest.rpartition("|")
    return Duty(kind, section, month)


def judge(subject: str, view: View, thresholds: Thresholds) -> Steps:
    """Yellow on the due day, red after it; ``subject`` is ``kind|section|month``."""
    duty = _duty(subject)
    began_on = max(view.opening_on, view.region.opened_log_on)
    if view.ledger.reports.get(subject) is not None or duty.month_end.toordinal() < began_on:
        return NO_FAULT
    if not _is_imposed(duty, view):
        return NO_FAULT
    due_on = _due_on(duty, thresholds)
    return Step(due_on, YELLOW), Step(due_on + 1, RED)


def _is_imposed(duty: Duty, view: View) -> bool:
    if duty.kind == RECONCILIATION:
        return view.profile == "henan"
    if view.profile != "xinjiang":
        return False
    if duty.kind == "county_monthly":
        return view.tier == "county"
    return view.tier == "city" and (duty.kind != SECTION_MONTHLY or _marks_of_section(duty, view) is not None)


def _marks_of_section(duty: Duty, view: View) -> tuple[Mark, ...] | None:
    """The records of the first quota for which the section had to report on the month; None where there is none."""
    last = duty.month_end.toordinal()
    for quota in view.quotas_of_year(duty.month_end.year):
        is_of_section = quota.responsible_section == duty.section and quota.registered_on <= last
        if is_of_section and view.quota_is_in_scope(quota):
            return quota.marks
    return None


def _due_on(duty: Duty, thresholds: Thresholds) -> int:
    day: int = getattr(thresholds, f"{duty.kind}_day")
    return roll_forward(_following(duty.month).replace(day=day)).toordinal()


def ending(subject: str, view: View, thresholds: Thresholds) -> Reason:
    """Satisfied by the report, late when it was filed after the due day."""
    report = view.ledger.reports.get(subject)
    if report is None:
        return Reason.GROUND_REMOVED
    is_in_time = report.filed_on <= _due_on(_duty(subject), thresholds)
    return Reason.SATISFIED_IN_TIME if is_in_time else Reason.SATISFIED_LATE


def explain(subject: str, view: View, thresholds: Thresholds) -> Explanation:
    """Which report of which month, and when it was due."""
    duty = _duty(subject)
    due_on = _due_on(duty, thresholds)
    is_reconciliation = duty.kind == RECONCILIATION
    report = view.ledger.reports.get(subject)
    of_section = _marks_of_section(duty, view) if duty.kind == SECTION_MONTHLY else None
    whose = f"{duty.section} " if duty.section else ""
    return Explanation(
        title=f"{duty.kind} {whose}{duty.month}",
        observed=max(0, view.today - due_on),
        limit=0,
        unit="days",
        amount_fen=None,
        facts={
            "report_kind": None if is_reconciliation else duty.kind,
            "report_month": None if is_reconciliation else duty.month,
            "reconciliation_month": duty.month if is_reconciliation else None,
            "section": duty.section or None,
            "due_on": date_or_none(due_on),
        },
        marks=(*(of_section or ()), *(report.marks if report is not None else ())),
        message_zh=f"{whose}{duty.month}的{duty.kind}应于{date_or_none(due_on)}前完成,尚未收到",
        message_en=f"{whose}{duty.kind} of {duty.month} was due on {date_or_none(due_on)} and has not come",
        responsible_section=duty.section or None,
        owner=_OWNERS[duty.kind],
    )


RULE = Rule(
    id="monthly_report_late",
    version="1",
    name_zh="月报、核对逾期",
    name_en="A monthly report or reconciliation is late",
    category="管理时限",
    owner="归口业务处室",
    kind=Kind.DEADLINE,
    profiles=ALL_PROFILES,
    thresholds=Thresholds,
    judgements={SubjectKind.MONTHLY_REPORT: Judgement(judge=judge, explain=explain, ending=ending)},
    basis=(
        "000_4e8d71f0a3c23610.txt L27, L30",
        "003_5a361372162cdc2c.txt L37",
        "004_6d54267a7b8d1056.txt art.13 L50",
    ),
)
