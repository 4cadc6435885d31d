"""绩效目标填写不规范或金额错误: a target says too little, or names another amount than the project has.

Flags:
    Of a live target its highest revision: red when its text is shorter than `target_text_min`, no indicator has a
    value, the last review calls it nonstandard, or its amount is above the project's money of the year by more than
    `tolerance_fen`; yellow when the amount is below by more than that.

Why it matters:
    003_5a361372162cdc2c.txt (三) L55: targets not filled in to standard, or with a wrong amount, are sent back.

Example:
    Lines of 50,000.00 and a target of 50,000.02 is red, one of 49,999.98 yellow, one of 50,000.01 neither.

Not a fault when:
    A new revision or a change of the lines ends it. Reviews of earlier revisions do not count; amounts are compared
    once the project has money.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from domain.money import yuan_text
from rules.fold.folding import SubjectKind
from rules.project_state import RevisionRow, TargetRow
from rules.project_view import latest_revision, project_lines_fen, project_marks, quota_of_lines
from rules.rule import (
    NO_FAULT,
    RED_AT_ONCE,
    XINJIANG,
    YELLOW_AT_ONCE,
    Basis,
    Explanation,
    Judgement,
    Kind,
    Rule,
    Steps,
)
from rules.thresholds import Fen, Source
from rules.view import View

Characters = Annotated[int, msgspec.Meta(ge=0, le=2_000)]
NONSTANDARD = "nonstandard"


class Thresholds(msgspec.Struct, frozen=True, kw_only=True):
    """How much a target must say, and how far its amount may be off."""

    target_text_min: Annotated[Characters, Source(Basis.PROPOSED, "characters")] = 10
    tolerance_fen: Annotated[Fen, Source(Basis.PROPOSED, "fen")] = 1


def judge(target: TargetRow, view: View, thresholds: Thresholds) -> Steps:
    """Red by the form or too high an amount, yellow by too low a one."""
    if target.is_void:
        return NO_FAULT
    _, revision = latest_revision(target)
    surplus_fen = _surplus_fen(revision, view)
    if _is_nonstandard(revision, thresholds) or surplus_fen > thresholds.tolerance_fen:
        return RED_AT_ONCE
    return YELLOW_AT_ONCE if -surplus_fen > thresholds.tolerance_fen else NO_FAULT


def _is_nonstandard(revision: RevisionRow, thresholds: Thresholds) -> bool:
    is_short = len(revision.target_text) < thresholds.target_text_min
    return is_short or not revision.is_quantified or NONSTANDARD in revision.issue_codes


def _surplus_fen(revision: RevisionRow, view: View) -> int:
    """What the target has above the project's money; 0 while the project has none."""
    lines_fen = project_lines_fen(view, revision.project_id, revision.budget_year)
    return revision.amount_fen - lines_fen if lines_fen > 0 else 0


def explain(target: TargetRow, view: View, thresholds: Thresholds) -> Explanation:
    """What the target says beside what the project has."""
    number, revision = latest_revision(target)
    lines = view.project_lines(revision.project_id, revision.budget_year)
    lines_fen = project_lines_fen(view, revision.project_id, revision.budget_year)
    quota = quota_of_lines(view, lines)
    is_nonstandard = _is_nonstandard(revision, thresholds)
    amounts = yuan_text(revision.amount_fen), yuan_text(lines_fen)
    return Explanation(
        title=target.id,
        observed=len(revision.target_text) if is_nonstandard else revision.amount_fen,
        limit=thresholds.target_text_min if is_nonstandard else lines_fen,
        unit="characters" if is_nonstandard else "fen",
        amount_fen=revision.amount_fen,
        facts={
            "target_id": target.id,
            "revision": number,
            "project_id": revision.project_id,
            "amount_fen": revision.amount_fen,
            "project_lines_fen": lines_fen,
            "target_text": revision.target_text,
            "issue_codes": ", ".join(revision.issue_codes),
            "author_unit_code": revision.author_unit_code,
        },
        marks=(
            *project_marks(view, revision.project_id),
            *(mark for line in lines for mark in line.marks),
            *target.marks,
        ),
        message_zh=f"绩效目标{target.id}"
        + ("填写不规范" if is_nonstandard else f"金额{amounts[0]}元,项目资金{amounts[1]}元"),
        message_en=(
            f"Target {target.id} "
            + ("is not to standard" if is_nonstandard else f"names {amounts[0]} yuan, its project has {amounts[1]}")
        ),
        fund_category=None if quota is None else quota.fund_category,
        responsible_section=None if quota is None else quota.responsible_section,
    )


RULE = Rule(
    id="performance_target_faulty",
    version="1",
    name_zh="绩效目标填写不规范或金额错误",
    name_en="Target not to standard or wrong in amount",
    category="绩效",
    owner="绩效",
    kind=Kind.EVENT,
    profiles=XINJIANG,
    thresholds=Thresholds,
    judgements={SubjectKind.TARGET: Judgement(judge=judge, explain=explain)},
    basis=("003_5a361372162cdc2c.txt (三) L55",),
)
