"""资金闲置: money on a line is not paid for too long.

Flags:
    An in-scope line with something unpaid: yellow after `yellow_after_days`, red after `red_after_days` since it became
    available or was last paid from, whichever is later.

Why it matters:
    002_cd118f177911e14b.txt L52 and 000_4e8d71f0a3c23610.txt L25 have idle money watched; 支付周期 is a class of
    004_6d54267a7b8d1056.txt art. 17.

Example:
    Available on 10 January 2019: yellow at the tick of 11 April (91 days), red at that of 10 July (181 days). A part
    payment on 15 July restarts the clock and closes the alert; the next one is a new episode.

Not a fault when:
    The line is paid out, withdrawn, voided or carried over. Money of an opening quota ages from its true start.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from domain.findings import Reason
from domain.money import yuan_text
from rules.catalogue.evidence import line_facts, line_marks
from rules.fold.folding import SubjectKind
from rules.rule import ALL_PROFILES, NO_FAULT, RED, YELLOW, Basis, Explanation, Judgement, Kind, Rule, Step, Steps
from rules.state import LineRow
from rules.thresholds import Days, Fen, Source
from rules.view import View


class Thresholds(msgspec.Struct, frozen=True, kw_only=True):
    """How long money may lie, and how little of it does not matter."""

    yellow_after_days: Annotated[Days, Source(Basis.PROPOSED, "days")] = 90
    red_after_days: Annotated[Days, Source(Basis.PROPOSED, "days")] = 180
    unpaid_above_fen: Annotated[Fen, Source(Basis.PROPOSED, "fen")] = 0


def judge(line: LineRow, view: View, thresholds: Thresholds) -> Steps:
    """Yellow and red from the days after their terms."""
    if not line.in_scope or line.to_lower or view.line_unpaid_fen(line) <= thresholds.unpaid_above_fen:
        return NO_FAULT
    since = _idle_since(line)
    return (
        Step(since + thresholds.yellow_after_days + 1, YELLOW),
        Step(since + thresholds.red_after_days + 1, RED),
    )


def _idle_since(line: LineRow) -> int:
    return max(line.available_on, line.last_paid_on)


def ending(line: LineRow, view: View, thresholds: Thresholds) -> Reason:
    """Satisfied by a payment, which comes late by nature: the alert stands only after the term."""
    paid = view.line_paid_fen(line)
    is_paid = line.in_scope and paid > 0 and not line.is_void
    is_restarted = _idle_since(line) + thresholds.yellow_after_days >= view.today
    is_paid_out = line.net_fen - paid <= thresholds.unpaid_above_fen  # not: carried over
    return Reason.SATISFIED_LATE if is_paid and (is_restarted or is_paid_out) else Reason.GROUND_REMOVED


def explain(line: LineRow, view: View, thresholds: Thresholds) -> Explanation:
    """How long how much has lain."""
    quota = view.quota_of_line(line)
    unpaid = view.line_unpaid_fen(line)
    days = max(0, view.today - _idle_since(line)) if line.in_scope else 0
    return Explanation(
        title=line.id if quota is None else quota.fund_name,
        observed=days,
        limit=thresholds.red_after_days if days > thresholds.red_after_days else thresholds.yellow_after_days,
        unit="days",
        amount_fen=unpaid,
        facts=line_facts(line, view),
        marks=line_marks(line, view),
        message_zh=f"指标明细{line.id}尚有{yuan_text(unpaid)}元未支付,已{days}天未发生支付",
        message_en=f"Line {line.id} has {yuan_text(unpaid)} yuan unpaid and no payment for {days} days",
        fund_category=None if quota is None else quota.fund_category,
        responsible_section=None if quota is None else quota.responsible_section,
    )


RULE = Rule(
    id="funds_idle",
    version="1",
    name_zh="资金闲置",
    name_en="Money on a line not paid for too long",
    category="支付周期",
    owner="农财",
    kind=Kind.DEADLINE,
    profiles=ALL_PROFILES,
    thresholds=Thresholds,
    judgements={SubjectKind.LINE: Judgement(judge=judge, explain=explain, ending=ending)},
    basis=(
        "002_cd118f177911e14b.txt L52, L83",
        "000_4e8d71f0a3c23610.txt L25",
        "004_6d54267a7b8d1056.txt art. 17 L62",
    ),
)
