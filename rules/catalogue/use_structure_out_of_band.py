"""资金使用结构不合理: the share of a measure in a fund is outside the band that the owner set.

Flags:
    At the first tick of each month, for each band that is set: the share of the lines of projects of that measure in
    all lines of the fund with a registered project. Outside the band (its ends are inside) yellow, by
    `red_margin_points` or more red.

Why it matters:
    002_cd118f177911e14b.txt L52 has 资金使用结构不合理 watched; which structure is right no text says, so the owner
    sets it (extended: R11 of the study of other systems asks 60 % for industry).

Example:
    Band industry:60:100. Of 1,000,000.00 yuan of central-36 on projects, 550,000.00 are for industry (55 %): yellow at
    the first tick of the next month; with 500,000.00 (50 %) red.

Not a fault when:
    No band is set, a later month's test is passed, or the fund has no line with a registered project.
"""

from __future__ import annotations

from typing import Annotated, NamedTuple

import msgspec

from domain.events.project_changes import MEASURE_KINDS
from domain.money import basis_points, yuan_text
from rules.catalogue.evidence import money_marks, percent_text
from rules.figures import measure_fen
from rules.fold.folding import SubjectKind
from rules.quota_money import quotas_in_scope
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

Band = Annotated[str, msgspec.Meta(pattern=rf"^({'|'.join(MEASURE_KINDS)}):[0-9]{{1,3}}:[0-9]{{1,3}}$")]

_WHOLE_PERCENT = 100


class Thresholds(msgspec.Struct, frozen=True, kw_only=True):
    """The bands, each as measure:least percent:most percent, and how far out is grave."""

    bands: Annotated[tuple[Band, ...], Source(Basis.PROPOSED, "measure:percent:percent")] = ()
    red_margin_points: Annotated[Percent, Source(Basis.PROPOSED, "percentage points")] = 10

    def __post_init__(self) -> None:
        """Refuse a band that no share can be in. Raises ValueError."""
        for band in self.bands:
            _, least, most = band.split(":")
            if not int(least) <= int(most) <= _WHOLE_PERCENT:
                raise ValueError(f"Expected percents from 0 to {_WHOLE_PERCENT}, the lower one first, not `{band}`")


class Share(NamedTuple):
    """What a measure has of a fund's money, and the bands that are set for it, in percent."""

    part_fen: int
    whole_fen: int
    bands: tuple[tuple[int, int], ...]

    def points_out_fen(self) -> int:
        """How far the share is out of the bands: percentage points times the whole, so that nothing is rounded."""
        share = 100 * self.part_fen
        return max((max(least * self.whole_fen - share, share - most * self.whole_fen) for least, most in self.bands))


def judge(subject: str, view: View, thresholds: Thresholds) -> Steps:
    """By the share now, which is the first tick of a month; ``subject`` is ``category|measure|year``."""
    share = _share(subject, view, thresholds)
    if share is None or share.points_out_fen() <= 0:
        return NO_FAULT
    is_red = share.points_out_fen() >= thresholds.red_margin_points * share.whole_fen
    return RED_AT_ONCE if is_red else YELLOW_AT_ONCE


def _share(subject: str, view: View, thresholds: Thresholds) -> Share | None:
    """None when no band is set for the measure, or there is nothing to test."""
    category, measure, year = subject.split("|")
    bands = _bands(measure, thresholds)
    part, whole = measure_fen(view, int(year), category, measure) if bands else (0, 0)
    return Share(part, whole, bands) if whole > 0 else None


def _bands(measure: str, thresholds: Thresholds) -> tuple[tuple[int, int], ...]:
    bands = (band.split(":") for band in thresholds.bands)
    return tuple((int(least), int(most)) for name, least, most in bands if name == measure)


def stays(subject: str, view: View, thresholds: Thresholds) -> bool:
    """Without anything to test an open alert is left as it is: only a test that is passed ends it."""
    return bool(_bands(subject.split("|")[1], thresholds)) and _share(subject, view, thresholds) is None


def explain(subject: str, view: View, thresholds: Thresholds) -> Explanation:
    """How much of the fund goes to the measure."""
    category, measure, year = subject.split("|")
    part, whole = measure_fen(view, int(year), category, measure)
    percent = percent_text(basis_points(part, whole))
    return Explanation(
        title=f"{category} {measure} {year}",
        observed=basis_points(part, whole),
        limit=", ".join(thresholds.bands),
        unit="basis points",
        amount_fen=part,
        facts={
            "fund_category": category,
            "budget_year": int(year),
            "measure_kind": measure,
            "line_net_fen": part,
            "percent": percent,
        },
        marks=money_marks(quota for quota in quotas_in_scope(view, int(year), category)),
        message_zh=f"{year}年{category}资金用于{measure}的{yuan_text(part)}元,占{percent}%,超出设定范围",
        message_en=f"{measure} has {yuan_text(part)} yuan, {percent} % of {category} of {year}, outside its band",
        fund_category=category,
    )


RULE = Rule(
    id="use_structure_out_of_band",
    version="1",
    name_zh="资金使用结构不合理",
    name_en="Share of a measure outside its band",
    category="资金风险",
    owner="农财",
    kind=Kind.AGGREGATE,
    profiles=ALL_PROFILES,
    thresholds=Thresholds,
    judgements={SubjectKind.MEASURE_YEAR: Judgement(judge=judge, explain=explain, stays=stays)},
    basis=("002_cd118f177911e14b.txt L52", "R11"),
    is_on=False,
)
