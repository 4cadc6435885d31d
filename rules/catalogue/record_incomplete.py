"""记录不完整或关联不存在: a record was accepted with a flag, and still has the fault.

Flags:
    A journal record with an open flag: an unknown category, no functional subject, a name or target that nobody knows,
    an id used before, a correction of something void or beyond what is left, a scope that nobody has decided, or a
    review by who entered it. Yellow after some working days since it came, red after more.

Why it matters:
    004_6d54267a7b8d1056.txt art. 8 L37: what is entered is complete, true and accurate.

Example:
    A payment came on Monday 1 July 2019 on a line that nobody knows: yellow from Friday the 5th, red from the 16th.

Not a fault when:
    The missing object or value arrives, a correction sets it right, or the record is void. An id used twice, a
    correction of something void, and one beyond what is left cannot be set right: they last.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated

import msgspec

from domain.calendar import working_days_after_ordinal, working_days_between
from rules.catalogue.evidence import date_or_none
from rules.fold.folding import SubjectKind
from rules.fold.records import SCOPE_UNDECIDED
from rules.quota_view import is_undecided
from rules.record_state import FlagRow
from rules.record_view import quota_of_object
from rules.rule import ALL_PROFILES, NO_FAULT, RED, YELLOW, Basis, Explanation, Judgement, Kind, Rule, Step, Steps
from rules.state import Mark
from rules.thresholds import Days, Source
from rules.view import View


class Thresholds(msgspec.Struct, frozen=True, kw_only=True):
    """How long a record may keep a flag."""

    yellow_after_working_days: Annotated[Days, Source(Basis.PROPOSED, "working days")] = 3
    red_after_working_days: Annotated[Days, Source(Basis.PROPOSED, "working days")] = 10


def judge(flag: FlagRow, view: View, thresholds: Thresholds) -> Steps:
    """Yellow and red from the days after their terms."""
    if flag.origin.log_on < view.opening_on or not _is_open(flag, view):
        return NO_FAULT
    return (
        Step(_due_on(flag, thresholds) + 1, YELLOW),
        Step(working_days_after_ordinal(flag.origin.log_on, thresholds.red_after_working_days) + 1, RED),
    )


def _is_open(flag: FlagRow, view: View) -> bool:
    if flag.flag != SCOPE_UNDECIDED:
        return bool(flag.open_objects)
    quotas = (view.ledger.quotas.get(key.partition(":")[2]) for key in flag.open_objects)
    return any(quota is not None and is_undecided(view, quota) for quota in quotas)


def _due_on(flag: FlagRow, thresholds: Thresholds) -> int:
    return working_days_after_ordinal(flag.origin.log_on, thresholds.yellow_after_working_days)


def explain(flag: FlagRow, view: View, thresholds: Thresholds) -> Explanation:
    """Whose record, and since when."""
    origin = flag.origin
    red_on = working_days_after_ordinal(origin.log_on, thresholds.red_after_working_days) + 1
    days, is_red = view.today - origin.log_on, view.today >= red_on
    quota, record = quota_of_object(view, flag.about), view.ledger.records.get(flag.about)
    return Explanation(
        title=f"{origin.type} {flag.flag}",
        observed=working_days_between(date.fromordinal(origin.log_on), date.fromordinal(view.today)),
        limit=thresholds.red_after_working_days if is_red else thresholds.yellow_after_working_days,
        unit="working days",
        amount_fen=None,
        facts={
            "event_id": origin.event_id,
            "type": origin.type,
            "source": origin.source,
            "entered_by": origin.entered_by,
            "entered_by_unit": origin.entered_by_unit,
            "log_on": date_or_none(origin.log_on),
        },
        marks=(Mark(origin.event_id, origin.position, "record"),),
        message_zh=f"{origin.entered_by_unit}录入的{origin.type}记录{origin.event_id}存在{flag.flag},已{days}天",
        message_en=(
            f"Record {origin.event_id} ({origin.type}) of {origin.entered_by_unit} has had flag {flag.flag} "
            f"for {days} days"
        ),
        fund_category=quota.fund_category if quota is not None else None if record is None else record.fund_category,
        responsible_section=flag.responsible_section or (None if quota is None else quota.responsible_section),
    )


RULE = Rule(
    id="record_incomplete",
    version="1",
    name_zh="记录不完整或关联不存在",
    name_en="Record accepted with an open flag",
    category="数据质量",
    owner="归口业务处室",
    kind=Kind.DEADLINE,
    profiles=ALL_PROFILES,
    thresholds=Thresholds,
    judgements={SubjectKind.FLAG: Judgement(judge=judge, explain=explain)},
    basis=("004_6d54267a7b8d1056.txt art.8 L37", "extended: R31"),
)
