"""年底资金结余未支付: money of a year is left over when the year is over.

Flags:
    From the first tick of a year on, for each fund category with money of a year before: yellow while anything of it is
    unallocated or unpaid, red while that is `red_share_percent` of what was available or more.

Why it matters:
    000_4e8d71f0a3c23610.txt ㈧ L39 has what is paid and what is left reported as two figures. That a year's money be
    spent in it is extended from a city's notice (R16 of the study of other systems).

Example:
    Of 1,000,000.00 yuan of central-36 of 2019, 80,000.00 are unpaid on 31 December: red at the tick of 1 January 2020
    (8 %). 20,000.00 are paid in January: yellow. The rest is carried over: cleared.

Not a fault when:
    All of it is paid, withdrawn, or brought forward as carry-over. Money carried over itself, and what a person found
    entered twice, are not counted.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated

import msgspec

from domain.findings import Reason
from domain.money import yuan_text
from rules.catalogue.evidence import money_marks
from rules.figures import money_of, unspent_fen
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


class Thresholds(msgspec.Struct, frozen=True, kw_only=True):
    """Which share of a year's money may not be left."""

    red_share_percent: Annotated[Percent, Source(Basis.EXTENDED, "percent")] = 7


def judge(subject: str, view: View, thresholds: Thresholds) -> Steps:
    """Yellow or red by what is left now; ``subject`` is ``category|year``."""
    category, year = _parts(subject)
    if view.today < date(year + 1, 1, 1).toordinal():
        return NO_FAULT
    unspent = unspent_fen(view, year, category)
    if unspent <= 0:
        return NO_FAULT
    available = money_of(view, year, category).available_fen
    return RED_AT_ONCE if unspent * 100 >= thresholds.red_share_percent * available else YELLOW_AT_ONCE


def _parts(subject: str) -> tuple[str, int]:
    category, _, year = subject.partition("|")
    return category, int(year)


def ending(subject: str, view: View, _: Thresholds) -> Reason:
    """Satisfied by spending, which is late by nature; without any, by withdrawal, carry-over or a correction."""
    category, year = _parts(subject)
    return Reason.SATISFIED_LATE if money_of(view, year, category).spent_fen > 0 else Reason.GROUND_REMOVED


def explain(subject: str, view: View, thresholds: Thresholds) -> Explanation:
    """What is left of how much."""
    category, year = _parts(subject)
    money, unspent = money_of(view, year, category), unspent_fen(view, year, category)
    quotas = list(current_quotas(view, year, category))
    available = yuan_text(money.available_fen)
    return Explanation(
        title=f"{category} {year}",
        observed=unspent,
        limit=money.available_fen * thresholds.red_share_percent // 100,
        unit="fen",
        amount_fen=unspent,
        facts={
            "fund_category": category,
            "budget_year": year,
            "available_fen": money.available_fen,
            "paid_fen": money.paid_fen,
            "unspent_fen": unspent,
        },
        marks=money_marks(quotas),
        message_zh=f"{year}年{category}资金可用{available}元,年底结余{yuan_text(unspent)}元未支付",
        message_en=f"Of {available} yuan of {category} of {year}, {yuan_text(unspent)} are unspent",
        fund_category=category,
        responsible_section=quotas[0].responsible_section if quotas else None,
    )


RULE = Rule(
    id="year_end_unspent",
    version="1",
    name_zh="年底资金结余未支付",
    name_en="Unspent at year-end",
    category="支付周期",
    owner="农财",
    kind=Kind.AGGREGATE,
    profiles=ALL_PROFILES,
    thresholds=Thresholds,
    judgements={SubjectKind.CATEGORY_YEAR: Judgement(judge=judge, explain=explain, ending=ending)},
    basis=("000_4e8d71f0a3c23610.txt ㈧ L39", "R16"),
)
