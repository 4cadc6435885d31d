"""下级勾对非扶贫指标: a poverty quota is matched to a superior quota that is not poverty money.

Flags:
    A live received quota marked as poverty money, in scope or not, under a known notice whose quota above is, as the
    superior says now, not marked (yellow) or marked as not poverty money (red).

Why it matters:
    001_d381d8650f0b9497.txt (四)3 L24: where both are used together the system cannot tell the poverty money, and its
    payment progress is wrong.

Example:
    The county marks Q1 as poverty money and matches it to A0103. The prefecture's quota behind A0103 bears no mark:
    yellow until the prefecture marks it, or the county matches Q1 to another notice. Marked as other money it is red.

Not a fault when:
    The quota is matched elsewhere, a flag is corrected here or above, or the quota is voided or replaced. A quota whose
    notice has not come is not judged.
"""

from __future__ import annotations

from domain.money import yuan_text
from rules.fold.folding import SubjectKind
from rules.linkage_state import NoticeRow
from rules.rule import (
    ALL_PROFILES,
    NO_FAULT,
    RED_AT_ONCE,
    YELLOW_AT_ONCE,
    Explanation,
    Judgement,
    Kind,
    NoThresholds,
    Rule,
    Steps,
)
from rules.state import QuotaRow
from rules.view import View


def judge(quota: QuotaRow, view: View, _thresholds: NoThresholds) -> Steps:
    """By the flag above, as the notice was changed last."""
    if quota.is_poverty_fund is not True or not quota.is_live():
        return NO_FAULT
    notice = _notice(quota, view)
    if notice is None or notice.is_poverty_fund_now() is True:
        return NO_FAULT
    return YELLOW_AT_ONCE if notice.is_poverty_fund_now() is None else RED_AT_ONCE


def _notice(quota: QuotaRow, view: View) -> NoticeRow | None:
    return None if quota.linkage_id is None else view.ledger.notices.get(quota.linkage_id)


def explain(quota: QuotaRow, view: View, _thresholds: NoThresholds) -> Explanation:
    """Both quotas and both flags."""
    notice = _notice(quota, view)
    flag = None if notice is None else notice.is_poverty_fund_now()
    net = view.quota_net_fen(quota)
    above_zh, above_en = ("未标识扶贫属性", "not marked") if flag is None else ("非扶贫资金", "no poverty money")
    return Explanation(
        title=quota.fund_name,
        observed=None if flag is None else str(flag).lower(),
        limit="true",
        unit="flag",
        amount_fen=net,
        facts={
            "quota_id": quota.id,
            "linkage_id": quota.linkage_id,
            "superior_region": quota.superior_region,
            "superior_quota_id": quota.superior_quota_id,
            "superior_is_poverty_fund": flag,
            "is_poverty_fund": quota.is_poverty_fund,
            "amount_fen": net,
        },
        marks=(*(notice.marks if notice is not None else ()), *quota.marks),
        message_zh=f"扶贫指标{quota.id}({yuan_text(net)}元)勾对的上级指标{quota.superior_quota_id}{above_zh}",
        message_en=(
            f"Poverty quota {quota.id} of {yuan_text(net)} yuan is matched to {quota.superior_quota_id} above, "
            f"which is {above_en}"
        ),
        fund_category=quota.fund_category,
        responsible_section=quota.responsible_section,
    )


RULE = Rule(
    id="matched_to_non_poverty_quota",
    version="1",
    name_zh="下级勾对非扶贫指标",
    name_en="Poverty quota matched to a superior quota that is not poverty money",
    category="指标分配",
    owner="预算",
    kind=Kind.JOIN,
    profiles=ALL_PROFILES,
    thresholds=NoThresholds,
    judgements={SubjectKind.QUOTA: Judgement(judge=judge, explain=explain)},
    basis=("001_d381d8650f0b9497.txt (四)3 L24",),
)
