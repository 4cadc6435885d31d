"""支付进度慢: payment progress is behind the calendar.

Flags:
    At the first tick of each month but January, from `from_month` full months on: spending of the budget year's
    in-scope money as at the month's end, against the share of the year that is over: yellow when it lags by more than
    `yellow_lag_points`, red by more than `red_lag_points`.

Why it matters:
    000_4e8d71f0a3c23610.txt L24 has 支付进度 watched and reported; the calendar as its measure is extended from other
    systems (R13 of their study).

Example:
    On 31 May 2019, 5 of 12 months are over (41.67 %). 20 % are paid: yellow at the tick of 1 June. On 30 June still:
    50 % less 20 % is 30 points, yellow; on 31 August 46.67 points, red.

Not a fault when:
    A later month's test is passed, nothing is available, or the next year has begun. What is paid or corrected between
    the first ticks of two months changes nothing until the next one.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated

import msgspec

from domain.money import basis_points, yuan_text
from rules.catalogue.evidence import date_or_none, money_marks, percent_text
from rules.figure_state import ProgressRow
from rules.fold.folding import SubjectKind
from rules.quota_money import current_quotas
from rules.rule import (
    ALL_PROFILES,
    NO_FAULT,
    RED_AT_ONCE,
    YELLOW_AT_ONCE,
    Basis,
    Explanation,
    Judgement,
    Kind,
    Rule,
    Steps,
)
from rules.thresholds import Percent, Source
from rules.view import View

_MONTHS_OF_YEAR = 12

Months = Annotated[int, msgspec.Meta(ge=1, le=_MONTHS_OF_YEAR)]


class Thresholds(msgspec.Struct, frozen=True, kw_only=True):
    """After how many months progress is tested, and how far it may lag."""

    from_month: Annotated[Months, Source(Basis.PROPOSED, "months")] = 4
    yellow_lag_points: Annotated[Percent, Source(Basis.PROPOSED, "percentage points")] = 20
    red_lag_points: Annotated[Percent, Source(Basis.PROPOSED, "percentage points")] = 40


def judge(subject: str, view: View, thresholds: Thresholds) -> Steps:
    """By what was noted at the first tick of the month; ``subject`` is the budget year."""
    row = view.ledger.progress.get(subject)
    if row is None or date.fromordinal(view.today).year > int(subject):
        return NO_FAULT
    if row.available_fen <= 0 or _months_elapsed(row) < thresholds.from_month:
        return NO_FAULT
    if _lags_by_more(row, thresholds.red_lag_points):
        return RED_AT_ONCE
    return YELLOW_AT_ONCE if _lags_by_more(row, thresholds.yellow_lag_points) else NO_FAULT


def _months_elapsed(row: ProgressRow) -> int:
    return date.fromordinal(row.month_end).month


def _lags_by_more(row: ProgressRow, points: int) -> bool:
    """`progress_percent` < `months_elapsed`/12 in percent - points, with nothing rounded."""
    due = 100 * _months_elapsed(row) - _MONTHS_OF_YEAR * points
    return 100 * _MONTHS_OF_YEAR * row.spent_fen < due * row.available_fen


def explain(subject: str, view: View, thresholds: Thresholds) -> Explanation:
    """How much of the year's money is spent, and how much of the year is over."""
    row = view.ledger.progress.get(subject) or ProgressRow(month_end=view.today, available_fen=0, spent_fen=0)
    months = _months_elapsed(row)
    points = (
        thresholds.red_lag_points if _lags_by_more(row, thresholds.red_lag_points) else thresholds.yellow_lag_points
    )
    progress = basis_points(row.spent_fen, row.available_fen)
    limit = (100 * months - _MONTHS_OF_YEAR * points) * 100 // _MONTHS_OF_YEAR
    spent, available = yuan_text(row.spent_fen), yuan_text(row.available_fen)
    return Explanation(
        title=subject,
        observed=progress,
        limit=limit,
        unit="basis points",
        amount_fen=max(0, row.available_fen - row.spent_fen),
        facts={
            "budget_year": int(subject),
            "month_end": date_or_none(row.month_end),
            "available_fen": row.available_fen,
            "paid_fen": row.spent_fen,
            "progress_percent": percent_text(progress),
            "months_elapsed": months,
        },
        marks=money_marks(current_quotas(view, int(subject))),
        message_zh=f"{subject}年可用资金{available}元,{months}个月过后支付{spent}元,进度落后",
        message_en=f"Of {available} yuan of {subject}, {spent} are paid after {months} months",
    )


RULE = Rule(
    id="payment_progress_slow",
    version="1",
    name_zh="支付进度慢",
    name_en="Payment progress behind the calendar",
    category="支付周期",
    owner="农财",
    kind=Kind.AGGREGATE,
    profiles=ALL_PROFILES,
    thresholds=Thresholds,
    judgements={SubjectKind.BUDGET_YEAR: Judgement(judge=judge, explain=explain)},
    basis=("000_4e8d71f0a3c23610.txt L24", "R13"),
)
