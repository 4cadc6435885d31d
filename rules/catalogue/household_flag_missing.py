"""“是否到人到户”标识缺失或不一致: nobody chose whether a line's money goes to persons, or line and project disagree.

Flags:
    A county's in-scope line above 0 that is not pending: yellow when its own `is_household` is not chosen, or differs
    from that of its live project; red when the catalogue says that its category goes to households and it is not true.

Why it matters:
    000_4e8d71f0a3c23610.txt ㈡ L33, ㈤ L36: the flag is chosen when the quota is issued and on the project; by it the
    distribution list is asked for.

Example:
    A line with `is_household` null is yellow at once. The line says true, its project false: yellow as well.

Not a fault when:
    The line is re-linked with its flag, the project's flag is corrected or the project withdrawn, or the line falls to
    0. The flag of the quota does not matter. No category is marked in the catalogue yet, so none is red.
"""

from __future__ import annotations

from domain.catalogue import entry
from domain.money import yuan_text
from rules.fold.folding import SubjectKind
from rules.project_view import project_marks
from rules.rule import (
    NO_FAULT,
    RED_AT_ONCE,
    XINJIANG,
    YELLOW_AT_ONCE,
    Explanation,
    Judgement,
    Kind,
    NoThresholds,
    Rule,
    Steps,
)
from rules.state import LineRow
from rules.view import View


def judge(line: LineRow, view: View, _: NoThresholds) -> Steps:
    """Red by the catalogue, yellow by what is not chosen or does not agree."""
    if not line.in_scope or not line.is_payable or line.is_pending or line.net_fen <= 0 or view.tier != "county":
        return NO_FAULT
    if line.is_household is not True and _is_household_category(line, view):
        return RED_AT_ONCE
    if line.is_household is None:
        return YELLOW_AT_ONCE
    of_project = _flag_of_project(line, view)
    return YELLOW_AT_ONCE if of_project is not None and of_project is not line.is_household else NO_FAULT


def _is_household_category(line: LineRow, view: View) -> bool:
    quota = view.quota_of_line(line)
    found = None if quota is None else entry(quota.fund_category)
    return found is not None and found.household


def _flag_of_project(line: LineRow, view: View) -> bool | None:
    """What is chosen on the line's live project; None when nothing is."""
    project = None if line.project_id is None else view.ledger.projects.get(line.project_id)
    return project.is_household if project is not None and project.is_live() else None


def explain(line: LineRow, view: View, _: NoThresholds) -> Explanation:
    """The two flags side by side."""
    quota = view.quota_of_line(line)
    of_project = _flag_of_project(line, view)
    is_chosen = line.is_household is not None
    told = ("line", _told(line.is_household)), ("project", _told(of_project))
    return Explanation(
        title=line.id if quota is None else quota.fund_name,
        observed=_told(line.is_household),
        limit=_told(of_project) if is_chosen else "chosen",
        unit="flag",
        amount_fen=line.net_fen,
        facts={
            "allocation_id": line.id,
            "quota_id": line.quota_key,
            "project_id": line.project_id,
            "is_household": line.is_household,
            "fund_category": None if quota is None else quota.fund_category,
            "entered_by": line.entered_by,
        },
        marks=(*line.marks, *project_marks(view, line.project_id)),
        message_zh=(
            f"指标明细{line.id}({yuan_text(line.net_fen)}元)"
            + ("“是否到人到户”与项目不一致" if is_chosen else "未选择“是否到人到户”标识")
        ),
        message_en=(
            f"Line {line.id} of {yuan_text(line.net_fen)} yuan: household flag "
            + ", ".join(f"of the {what} {flag}" for what, flag in told)
        ),
        fund_category=None if quota is None else quota.fund_category,
        responsible_section=None if quota is None else quota.responsible_section,
    )


def _told(flag: bool | None) -> str:
    return "not chosen" if flag is None else "true" if flag else "false"


RULE = Rule(
    id="household_flag_missing",
    version="1",
    name_zh="“是否到人到户”标识缺失或不一致",
    name_en="Household flag not chosen, or quota and project disagree",
    category="指标分配",
    owner="归口业务处室",
    kind=Kind.EVENT,
    profiles=XINJIANG,
    thresholds=NoThresholds,
    judgements={SubjectKind.LINE: Judgement(judge=judge, explain=explain)},
    basis=("000_4e8d71f0a3c23610.txt ㈡ L33, ㈤ L36",),
)
