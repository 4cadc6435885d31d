"""乡村两级未公告公示: township and village do not say what is done with the money there.

Flags:
    A live project with a township or village and an in-scope line above 0, without a notice at either level: of its
    arrangement since its money became available, and, once it has ended, of the use of its funds since its end; yellow
    after `yellow_after_days`, red after `red_after_days`. Yellow, too, while every notice hung for less than
    `notice_days_min`.

Why it matters:
    002_cd118f177911e14b.txt (五) L73: arrangement of projects and use of funds are announced in township and village.
    The least time of a notice follows a rule of another system (R50).

Example:
    Money since 3 June 2019: yellow at the tick of the 14th (11 days), red at that of the 24th. A notice from 14 to 23
    June hung for 9 days: yellow; one without an end is long enough.

Not a fault when:
    A notice that is long enough is there, the project is withdrawn, or no line is left. A start before the opening is
    not judged.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from domain.findings import Reason
from domain.money import yuan_text
from rules.catalogue.evidence import date_or_none
from rules.fold.folding import SubjectKind
from rules.project_state import AnnouncementRow
from rules.project_touches import NOTICE_KINDS
from rules.project_view import announcements, funded_lines, project_marks, project_title, quota_of_lines
from rules.rule import (
    NO_FAULT,
    RED,
    XINJIANG,
    YELLOW,
    YELLOW_AT_ONCE,
    Basis,
    Explanation,
    Judgement,
    Kind,
    Rule,
    Step,
    Steps,
)
from rules.state import NO_DAY
from rules.thresholds import Days, Source
from rules.view import View

ARRANGEMENT, FUND_USE = NOTICE_KINDS
LOCAL_LEVELS = frozenset(("township", "village"))


class Thresholds(msgspec.Struct, frozen=True, kw_only=True):
    """How soon a notice must follow, and how long it must hang."""

    yellow_after_days: Annotated[Days, Source(Basis.PROPOSED, "days")] = 10
    red_after_days: Annotated[Days, Source(Basis.PROPOSED, "days")] = 20
    notice_days_min: Annotated[Days, Source(Basis.EXTENDED, "days")] = 10


def judge(subject: str, view: View, thresholds: Thresholds) -> Steps:
    """By the days since the start, or by notices that were too short; ``subject`` is ``project|kind``."""
    start = _start(subject, view)
    if start == NO_DAY or start < view.opening_on:
        return NO_FAULT
    notices = _notices(subject, view, start)
    if any(_is_long_enough(notice, thresholds) for notice in notices):
        return NO_FAULT
    if notices:
        return YELLOW_AT_ONCE
    return (
        Step(start + thresholds.yellow_after_days + 1, YELLOW),
        Step(start + thresholds.red_after_days + 1, RED),
    )


def _parts(subject: str) -> tuple[str, str]:
    project_id, _, kind = subject.rpartition("|")
    return project_id, kind


def _start(subject: str, view: View) -> int:
    """The day from which the notice is awaited; NO_DAY while there is nothing to announce."""
    project_id, kind = _parts(subject)
    project = view.ledger.projects.get(project_id)
    if project is None or not project.is_live() or (project.township_code or project.village_code) is None:
        return NO_DAY
    lines = funded_lines(view, project_id)
    if not lines:
        return NO_DAY
    if kind == ARRANGEMENT:
        return min(line.available_on for line in lines)
    return project.completed_on if kind == FUND_USE else NO_DAY


def _notices(subject: str, view: View, start: int) -> list[AnnouncementRow]:
    """Live notices of the kind in township or village; of the use of funds only those from the start on."""
    project_id, kind = _parts(subject)
    return [
        row
        for row in announcements(view, project_id)
        if row.kind == kind and row.level in LOCAL_LEVELS and (kind != FUND_USE or row.published_on >= start)
    ]


def _is_long_enough(notice: AnnouncementRow, thresholds: Thresholds) -> bool:
    until = notice.published_until
    return until == NO_DAY or until - notice.published_on >= thresholds.notice_days_min


def ending(subject: str, view: View, thresholds: Thresholds) -> Reason:
    """Satisfied by a notice that is long enough, late when it was published after the first term."""
    start = _start(subject, view)
    if start == NO_DAY:
        return Reason.GROUND_REMOVED
    days = [row.published_on for row in _notices(subject, view, start) if _is_long_enough(row, thresholds)]
    if not days:
        return Reason.GROUND_REMOVED
    is_in_time = min(days) <= start + thresholds.yellow_after_days
    return Reason.SATISFIED_IN_TIME if is_in_time else Reason.SATISFIED_LATE


def explain(subject: str, view: View, thresholds: Thresholds) -> Explanation:
    """Since when a notice is awaited, and which there are."""
    project_id, kind = _parts(subject)
    project = view.ledger.projects.get(project_id)
    lines = funded_lines(view, project_id)
    quota = quota_of_lines(view, lines)
    start = _start(subject, view)
    notices = sorted(_notices(subject, view, start), key=lambda row: (row.published_on, row.id))
    shown = notices[-1] if notices else None
    days = 0 if start == NO_DAY else view.today - start
    amount = sum(line.net_fen for line in lines)
    is_red = shown is None and days > thresholds.red_after_days
    return Explanation(
        title=project_title(view, project_id),
        observed=days if shown is None else shown.published_until - shown.published_on,
        limit=_limit(thresholds, is_short=shown is not None, is_red=is_red),
        unit="days",
        amount_fen=amount,
        facts={
            "project_id": project_id,
            "township_code": None if project is None else project.township_code,
            "village_code": None if project is None else project.village_code,
            "announcement_kind": kind,
            "project_available_on": date_or_none(min((line.available_on for line in lines), default=NO_DAY)),
            "completed_on": date_or_none(NO_DAY if project is None else project.completed_on),
            "published_on": date_or_none(NO_DAY if shown is None else shown.published_on),
            "published_until": date_or_none(NO_DAY if shown is None else shown.published_until),
        },
        marks=(
            *project_marks(view, project_id),
            *(mark for line in lines for mark in line.marks),
            *(mark for notice in notices for mark in notice.marks),
        ),
        message_zh=f"项目{project_id}(资金{yuan_text(amount)}元)乡村两级" + _told_zh(kind, days, shown),
        message_en=f"Project {project_id} of {yuan_text(amount)} yuan: " + _told_en(kind, days, shown),
        fund_category=None if quota is None else quota.fund_category,
        responsible_section=None if quota is None else quota.responsible_section,
    )


def _limit(thresholds: Thresholds, *, is_short: bool, is_red: bool) -> int:
    if is_short:
        return thresholds.notice_days_min
    return thresholds.red_after_days if is_red else thresholds.yellow_after_days


def _told_zh(kind: str, days: int, shown: AnnouncementRow | None) -> str:
    what = "项目安排" if kind == ARRANGEMENT else "资金使用"
    return f"{days}天未公告公示{what}" if shown is None else f"公告公示{what}的时间不足"


def _told_en(kind: str, days: int, shown: AnnouncementRow | None) -> str:
    what = "its arrangement" if kind == ARRANGEMENT else "the use of its funds"
    how = f"was not announced for {days} days" if shown is None else "was announced for too short a time"
    return f"{what} {how} in township or village"


RULE = Rule(
    id="local_notice_missing",
    version="1",
    name_zh="乡村两级未公告公示",
    name_en="Township or village notice missing or too short",
    category="公告公示",
    owner="归口业务处室",
    kind=Kind.DEADLINE,
    profiles=XINJIANG,
    thresholds=Thresholds,
    judgements={SubjectKind.NOTICE: Judgement(judge=judge, explain=explain, ending=ending)},
    basis=("002_cd118f177911e14b.txt (五) L73", "extended: R50"),
)
