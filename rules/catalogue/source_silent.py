"""数据源静默: a source that must be heard from has stopped sending.

Flags:
    A source of the region's profile whose last event, of any type, is more working days ago than the limits allow.
    Before its first event it counts as heard when the region came.

Why it matters:
    000_4e8d71f0a3c23610.txt L28: payments are imported in real time. When nothing comes, every other rule looks at a
    picture that is no longer true: the alert names the rules that read what the source sends.

Example:
    The last event came on Monday 1 July 2019: yellow from Friday the 5th, red from the 16th.

Not a fault when:
    Any event of the source is accepted; from then on the days count anew.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated

import msgspec

from domain.calendar import working_days_after_ordinal, working_days_between
from domain.findings import Reason
from rules.catalogue.evidence import date_or_none
from rules.fold.folding import SubjectKind
from rules.fold.sources import EXPECTED_SOURCES
from rules.inputs import sources_of
from rules.management_state import SourceRow
from rules.rule import ALL_PROFILES, NO_FAULT, RED, YELLOW, Basis, Explanation, Judgement, Kind, Rule, Step, Steps
from rules.silence import SOURCE_SILENT
from rules.thresholds import Days, Source
from rules.view import View


class Thresholds(msgspec.Struct, frozen=True, kw_only=True):
    """How long a source may be silent."""

    yellow_after_working_days: Annotated[Days, Source(Basis.PROPOSED, "working days")] = 3
    red_after_working_days: Annotated[Days, Source(Basis.PROPOSED, "working days")] = 10


def judge(source: SourceRow, view: View, thresholds: Thresholds) -> Steps:
    """Yellow and red from the days after their terms."""
    if source.id not in EXPECTED_SOURCES[view.profile]:
        return NO_FAULT
    return (
        Step(working_days_after_ordinal(source.heard_on, thresholds.yellow_after_working_days) + 1, YELLOW),
        Step(working_days_after_ordinal(source.heard_on, thresholds.red_after_working_days) + 1, RED),
    )


def ending(source: SourceRow, view: View, thresholds: Thresholds) -> Reason:
    """A silence ends by an event only, which is later than it should have been."""
    del source, view, thresholds
    return Reason.SATISFIED_LATE


def explain(source: SourceRow, view: View, thresholds: Thresholds) -> Explanation:
    """Since when the source has been silent."""
    days = view.today - source.heard_on
    red_on = working_days_after_ordinal(source.heard_on, thresholds.red_after_working_days) + 1
    is_red = view.today >= red_on
    since, affected = date_or_none(source.heard_on), _affected(source.id, view)
    names_zh, names_en = "、".join(rule.name_zh for rule in affected), ", ".join(rule.id for rule in affected)
    return Explanation(
        title=source.id,
        observed=working_days_between(date.fromordinal(source.heard_on), date.fromordinal(view.today)),
        limit=thresholds.red_after_working_days if is_red else thresholds.yellow_after_working_days,
        unit="working days",
        amount_fen=None,
        facts={
            "source": source.id,
            "log_on": since,
            "rules": ",".join(rule.id for rule in affected),
        },
        marks=source.marks,
        message_zh=f"数据源{source.id}自{since}起已{days}天没有数据,以下规则无法据实判断:{names_zh}",
        message_en=f"Source {source.id} has sent nothing since {since}, for {days} days; not evaluable: {names_en}",
    )


def _affected(source: str, view: View) -> tuple[Rule, ...]:
    """The rules that the catalogue has on in regions of this profile and that read what the source sends."""
    return tuple(
        rule for rule in view.rules if rule.is_on and view.profile in rule.profiles and source in sources_of(rule.id)
    )


RULE = Rule(
    id=SOURCE_SILENT,
    version="1",
    name_zh="数据源静默",
    name_en="A source has stopped sending",
    category="数据质量",
    owner="信息",
    kind=Kind.DEADLINE,
    profiles=ALL_PROFILES,
    thresholds=Thresholds,
    judgements={SubjectKind.SOURCE: Judgement(judge=judge, explain=explain, ending=ending)},
    basis=("extended: freshness gate", "000_4e8d71f0a3c23610.txt L28"),
)
