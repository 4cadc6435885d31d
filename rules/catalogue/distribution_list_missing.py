"""到人到户未导入发放表: a household project is paid, and nobody imported its distribution list.

Flags:
    A project whose money goes to persons or households, since its first payment: yellow after `yellow_after_days`, red
    after `red_after_days` without a live list that has a row.

Why it matters:
    000_4e8d71f0a3c23610.txt ㈡ L33, ㈤ L36, ㈧ L39: the list of who got what is imported for every such project;
    without it no person can be compared with any register.

Example:
    First paid on 10 May 2019: yellow at the tick of 10 June (31 days), red at that of 10 July (61 days).

Not a fault when:
    A list with a row is imported, all payments are refunded, or neither the project nor one of its lines is marked
    到人到户.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from domain.findings import Reason
from domain.money import yuan_text
from rules.catalogue.evidence import date_or_none
from rules.fold.folding import SubjectKind
from rules.list_state import ListRow
from rules.project_view import (
    funded_lines,
    is_project_household,
    project_first_paid_on,
    project_first_payment,
    project_marks,
    project_title,
    quota_of_lines,
)
from rules.rule import NO_FAULT, RED, XINJIANG, YELLOW, Basis, Explanation, Judgement, Kind, Rule, Step, Steps
from rules.state import NO_DAY
from rules.thresholds import Days, Source
from rules.view import View


class Thresholds(msgspec.Struct, frozen=True, kw_only=True):
    """How long a list may follow the first payment."""

    yellow_after_days: Annotated[Days, Source(Basis.PROPOSED, "days")] = 30
    red_after_days: Annotated[Days, Source(Basis.PROPOSED, "days")] = 60


def judge(project_id: str, view: View, thresholds: Thresholds) -> Steps:
    """Yellow and red from the days after their terms."""
    if not is_project_household(view, project_id) or _filled_lists(view, project_id):
        return NO_FAULT
    paid_on = project_first_paid_on(view, project_id)
    if paid_on == NO_DAY or paid_on < view.opening_on:
        return NO_FAULT
    return (
        Step(paid_on + thresholds.yellow_after_days + 1, YELLOW),
        Step(paid_on + thresholds.red_after_days + 1, RED),
    )


def _filled_lists(view: View, project_id: str) -> list[ListRow]:
    """Live lists of the project with a live row."""
    rows = map(view.ledger.lists.get, view.ledger.project_lists.children(project_id))
    return [row for row in rows if row is not None and not row.is_void and row.rows_count > 0]


def ending(project_id: str, view: View, thresholds: Thresholds) -> Reason:
    """Satisfied by a list; in time only when it was imported within the first term and told of later.

    Of one that was known by then rows were missing, so it is late.
    """
    lists = _filled_lists(view, project_id)
    paid_on = project_first_paid_on(view, project_id)
    if not lists or paid_on == NO_DAY or not is_project_household(view, project_id):
        return Reason.GROUND_REMOVED
    due_on = paid_on + thresholds.yellow_after_days
    is_in_time = any(row.imported_on <= due_on < row.imported_log_on for row in lists)
    return Reason.SATISFIED_IN_TIME if is_in_time else Reason.SATISFIED_LATE


def explain(project_id: str, view: View, thresholds: Thresholds) -> Explanation:
    """Since when the project is paid."""
    project = view.ledger.projects.get(project_id)
    lines = funded_lines(view, project_id)
    paid_on = project_first_paid_on(view, project_id)
    payment = project_first_payment(view, project_id)
    days = 0 if paid_on == NO_DAY else view.today - paid_on
    amount = sum(line.net_fen for line in lines)
    quota, category = quota_of_lines(view, lines), None
    if payment is not None and not lines:  # only the payment names the project: it alone tells of the money
        quota, category, amount = view.quota_of_payment(payment), payment.fund_category, payment.net_fen
    return Explanation(
        title=project_title(view, project_id),
        observed=days,
        limit=thresholds.red_after_days if days > thresholds.red_after_days else thresholds.yellow_after_days,
        unit="days",
        amount_fen=amount,
        facts={
            "project_id": project_id,
            "is_household": is_project_household(view, project_id),
            "project_first_paid_on": date_or_none(paid_on),
            "payment_id": None if payment is None else payment.id,
            "managing_department_code": None if project is None else project.managing_department_code or None,
        },
        marks=(
            *project_marks(view, project_id),
            *(mark for line in lines for mark in line.marks),
            *(payment.marks if payment is not None else ()),
        ),
        message_zh=f"到人到户项目{project_id}(资金{yuan_text(amount)}元)支付已{days}天,未导入发放表",
        message_en=(
            f"Household project {project_id} of {yuan_text(amount)} yuan has been paid from for {days} days "
            "without a distribution list"
        ),
        fund_category=category if quota is None else quota.fund_category,
        responsible_section=None if quota is None else quota.responsible_section,
    )


RULE = Rule(
    id="distribution_list_missing",
    version="1",
    name_zh="到人到户未导入发放表",
    name_en="Household project paid without a distribution list",
    category="个人风险",
    owner="归口业务处室",
    kind=Kind.DEADLINE,
    profiles=XINJIANG,
    thresholds=Thresholds,
    judgements={SubjectKind.PROJECT: Judgement(judge=judge, explain=explain, ending=ending)},
    basis=("000_4e8d71f0a3c23610.txt ㈡ L33, ㈤ L36, ㈧ L39",),
)
