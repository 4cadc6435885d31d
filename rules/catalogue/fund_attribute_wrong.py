"""资金属性标识错漏: a quota's poverty or integrable flag is wrong, missing or not decided.

Flags:
    A live quota, in scope or not, each fault an alert of its own: flagged as poverty money but not counted
    (flagged_not_counted), expected to be flagged but not (expected_not_flagged), flag or subject not set (not_marked),
    or a category that counts in part without the part being decided (part_undecided). Yellow at once, red after
    `settle_within_working_days` since its document was printed.

Why it matters:
    001_d381d8650f0b9497.txt (二)2 L18–L20: wrong and missing flags make the scale of poverty money wrong;
    004_6d54267a7b8d1056.txt art. 7 L35 wants them set within 3 working days.

Example:
    In Henan a quota of subject 2130504 is printed on Friday 27 September 2019 and marked 非扶贫: yellow when it comes,
    red at the tick of 9 October (working days: 29 and 30 September, 8 October).

Not a fault when:
    `quota.reflagged` sets it right, or the quota is void or replaced; part_undecided ends also with a live non-poverty
    line.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import msgspec

from domain.calendar import working_days_after_ordinal
from rules.catalogue.evidence import date_or_none
from rules.fold.folding import SubjectKind
from rules.quota_view import is_scope_expected, is_undecided, quota_and_fault, quota_of_fault
from rules.rule import (
    ALL_PROFILES,
    AT_ONCE,
    NO_FAULT,
    RED,
    YELLOW,
    Basis,
    Explanation,
    Judgement,
    Kind,
    Rule,
    Step,
    Steps,
)
from rules.state import QuotaRow
from rules.thresholds import Days, Source
from rules.view import View


class Thresholds(msgspec.Struct, frozen=True, kw_only=True):
    """How long a flag may be wrong before it is a breach."""

    settle_within_working_days: Annotated[Days, Source(Basis.STATED, "working days")] = 3


def _is_flagged_not_counted(quota: QuotaRow, view: View) -> bool:
    if quota.is_poverty_fund is not True or view.quota_is_in_scope(quota):
        return False
    return not (view.profile == "henan" and quota.is_integrable is None)


def _is_expected_not_flagged(quota: QuotaRow, view: View) -> bool:
    return quota.is_poverty_fund is False and is_scope_expected(view, quota)


def _is_not_marked(quota: QuotaRow, view: View) -> bool:
    if quota.is_poverty_fund is None or quota.subject_code is None:
        return True
    return view.profile == "henan" and quota.is_integrable is None


def _is_part_undecided(quota: QuotaRow, view: View) -> bool:
    return is_undecided(view, quota)


_TESTS: dict[str, Callable[[QuotaRow, View], bool]] = {
    "flagged_not_counted": _is_flagged_not_counted,
    "expected_not_flagged": _is_expected_not_flagged,
    "not_marked": _is_not_marked,
    "part_undecided": _is_part_undecided,
}
_WORDS = {
    "flagged_not_counted": ("标为扶贫资金但不在统计范围", "is flagged as poverty money but does not count as such"),
    "expected_not_flagged": ("应为扶贫资金但未标识", "should be flagged as poverty money and is not"),
    "not_marked": ("未标注资金属性或科目", "carries no flag or no subject"),
    "part_undecided": ("属部分扶贫类别但未确定扶贫部分", "counts only in part and the part is not decided"),
}


def judge(subject: str, view: View, thresholds: Thresholds) -> Steps:
    """Yellow at once, red after the term; ``subject`` is ``quota|fault``."""
    quota, fault = quota_and_fault(view, subject)
    test = _TESTS.get(fault)
    if test is None or quota is None or not quota.is_live() or not test(quota, view):
        return NO_FAULT
    return Step(AT_ONCE, YELLOW), Step(_due_on(quota, view, thresholds) + 1, RED)


def _due_on(quota: QuotaRow, view: View, thresholds: Thresholds) -> int:
    began_on = max(quota.document_printed_on, view.opening_on)
    return working_days_after_ordinal(began_on, thresholds.settle_within_working_days)


def explain(subject: str, view: View, thresholds: Thresholds) -> Explanation:
    """Which flag is wrong, and what the quota is."""
    quota, fault = quota_of_fault(view, subject)
    zh, en = _WORDS[fault]
    return Explanation(
        title=quota.fund_name,
        observed=fault,
        limit=date_or_none(_due_on(quota, view, thresholds)),
        unit="date",
        amount_fen=view.quota_net_fen(quota),
        facts={
            "quota_id": quota.id,
            "fault": fault,
            "fund_category": quota.fund_category,
            "fund_name": quota.fund_name,
            "subject_code": quota.subject_code,
            "expenditure_kind": quota.expenditure_kind,
            "is_poverty_fund": quota.is_poverty_fund,
            "is_integrable": quota.is_integrable,
            "scope_expected": is_scope_expected(view, quota),
            "document_no": quota.document_no,
            "document_printed_on": date_or_none(quota.document_printed_on),
            "responsible_section": quota.responsible_section,
            "entered_by": quota.entered_by,
        },
        marks=quota.marks,
        message_zh=f"指标{quota.id}（{quota.fund_name}）{zh}",
        message_en=f"Quota {quota.id} ({quota.fund_name}) {en}",
        fund_category=quota.fund_category,
        responsible_section=quota.responsible_section,
    )


RULE = Rule(
    id="fund_attribute_wrong",
    version="1",
    name_zh="资金属性标识错漏",
    name_en="Poverty or integrable flag wrong, missing or not set",
    category="指标分配",
    owner="归口业务处室",
    kind=Kind.DEADLINE,
    profiles=ALL_PROFILES,
    thresholds=Thresholds,
    judgements={SubjectKind.QUOTA_FAULT: Judgement(judge=judge, explain=explain)},
    basis=(
        "001_d381d8650f0b9497.txt (二)2 L18–L20",
        "004_6d54267a7b8d1056.txt art. 7 L35, art. 13 L48, L52",
        "002_cd118f177911e14b.txt list L139",
    ),
)
