"""Corrections of every verb on ordinary records, none of them a fault: what a monitor sees on every working day."""

from __future__ import annotations

from datetime import date

from connectors.demo_county.book import YEAR, Body
from connectors.demo_county.budgeting import (
    ALLOCATED_AFTER,
    Document,
    allocate,
    arrange,
    funded_line,
    print_document,
    quota_body,
)
from connectors.demo_county.office import Line, Office, Quota, fen
from connectors.demo_county.paying import book_in, import_list, pay, pay_list, pay_out, register_account
from connectors.demo_county.places import GRAIN, INDUSTRY, ROAD, WATER
from connectors.demo_county.projects import enter_target, register_project
from connectors.office_days import later
from domain.calendar import roll_forward, working_days_after


def _day(line: Line, days: int) -> date:
    return roll_forward(later(line.available_on, days))


def correct_everything(office: Office) -> None:
    """One of each, spread over spring and summer."""
    _payments(office, date(YEAR, 3, 20))
    _quotas(office, date(YEAR, 4, 10))
    _lines_and_projects(office, date(YEAR, 5, 15))
    _lists(office, date(YEAR, 6, 12))
    _papers(office, date(YEAR, 7, 10))


def _payments(office: Office, on: date) -> None:
    """Void, refund in part, adjust, re-link, replace."""
    line = funded_line(office, ROAD, 500_000, on)
    other = funded_line(office, ROAD, 100_000, on)
    doubled = pay(office, line, 100_000, _day(line, 15))
    pay(office, line, 100_000, _day(line, 15))
    voided_on = _day(line, 17)
    office.correct("payment.voided", doubled, voided_on, "重复支付", payment_id=doubled, voided_on=voided_on)
    part = pay(office, line, 150_000, _day(line, 30))
    refund, back_on = office.new_id("T"), _day(line, 36)
    back: Body = {"amount_fen": fen(20_000), "refunded_on": back_on, "refund_kind": "returned_by_bank"}
    office.correct("payment.refunded", refund, back_on, "银行退票", refund_id=refund, payment_id=part, **back)
    changed: Body = {"adjusted_on": back_on, "delta_fen": fen(-10_000), "purpose": "通村道路硬化二期进度款"}
    office.correct("payment.adjusted", part, back_on, "金额更正", payment_id=part, **changed)
    strayed = pay(office, line, 100_000, _day(line, 40))
    relinked: Body = {"line_id": other.line_id, "project_id": other.project_id, "relinked_on": _day(line, 43)}
    office.correct("payment.relinked", strayed, _day(line, 43), "串项更正", payment_id=strayed, **relinked)
    old = pay(office, line, 200_000, _day(line, 50))
    # the new voucher counts from its replacement on; before it both would be on the line, so it is reissued smaller
    new = pay(office, line, 80_000, _day(line, 55), purpose="凭证重开")
    replaced: Body = {"replacement_payment_id": new, "replaced_on": working_days_after(_day(line, 55), 1)}
    office.correct("payment.replaced", old, replaced["replaced_on"], "凭证重开", payment_id=old, **replaced)
    pay(office, line, 200_000, _day(line, 80))


def _quotas(office: Office, on: date) -> None:
    """Void, adjust, re-flag, replace."""
    wrong = arrange(office, INDUSTRY, fen(300_000), on)
    voided_on = working_days_after(on, 2)
    office.correct("quota.voided", wrong.quota_id, voided_on, "录错", quota_id=wrong.quota_id, voided_on=voided_on)
    quota = arrange(office, INDUSTRY, fen(300_000), on, is_household=None)
    flagged: Body = {"corrected_on": voided_on, "is_household": False}
    office.correct("quota.reflagged", quota.quota_id, voided_on, "补标识", quota_id=quota.quota_id, **flagged)
    adjustment_id, adjusted_on = office.new_id("J"), working_days_after(on, 4)
    added: Body = {
        "quota_id": quota.quota_id,
        "delta_fen": fen(60_000),
        "adjust_kind": "supplement",
        "document_no": office.new_document_no(),
        "document_printed_on": adjusted_on,
        "adjusted_on": adjusted_on,
    }
    office.correct("quota.adjusted", adjustment_id, adjusted_on, "追加", adjustment_id=adjustment_id, **added)
    successor = Quota(office.new_id("Q"), quota.category, quota.subject_code, quota.section)
    replaced_on = working_days_after(on, 6)
    body = quota_body(successor, fen(360_000), replaced_on, Document(office.new_document_no(), replaced_on))
    direct: Body = {**body, "entry_mode": "direct", "arranging_level": "county"}
    office.write("quota.arranged", successor.quota_id, direct, replaced_on)
    replaced: Body = {"replacement_quota_id": successor.quota_id, "replaced_on": working_days_after(on, 7)}
    office.correct(
        "quota.replaced", quota.quota_id, replaced["replaced_on"], "指标重录", quota_id=quota.quota_id, **replaced
    )
    _line_of(office, successor, working_days_after(on, 9))


def _line_of(office: Office, quota: Quota, on: date) -> None:
    project_id = register_project(office, INDUSTRY, fen(360_000), on)
    document = print_document(office, quota.quota_id, fen(360_000), on, quota.section)
    line = allocate(office, quota, INDUSTRY, fen(360_000), on, document, project_id)
    enter_target(office, project_id, line.fen, on)
    pay_out(office, line, 360_000, _day(line, 25), parts=3)


def _lines_and_projects(office: Office, on: date) -> None:
    """A line re-linked to another project and reduced; a project corrected, another withdrawn; a plan voided."""
    line = funded_line(office, WATER, 300_000, on)
    instead = register_project(office, WATER, line.fen, on)
    enter_target(office, instead, line.fen, line.available_on)
    relinked_on = _day(line, 6)
    relinked: Body = {"allocation_id": line.line_id, "project_id": instead, "relinked_on": relinked_on}
    office.correct("allocation.relinked", line.line_id, relinked_on, "项目调整", **relinked)
    withdrawn: Body = {"project_id": line.project_id, "withdrawn_on": relinked_on}
    office.correct("project.withdrawn", str(line.project_id), relinked_on, "不再实施", **withdrawn)
    corrected: Body = {"project_id": instead, "corrected_on": relinked_on, "person_in_charge": "赵敏"}
    office.correct("project.corrected", instead, relinked_on, "负责人变更", **corrected)
    plan_id, planned_on = office.new_id("U"), _day(line, 8)
    submitted: Body = {
        "plan_id": plan_id,
        "line_id": line.line_id,
        "unit_code": office.unit("slj"),
        "planned_month": f"{planned_on:%Y-%m}",
        "amount_fen": line.fen,
        "submitted_on": planned_on,
    }
    office.write("plan.submitted", plan_id, submitted, planned_on)
    voided: Body = {"plan_id": plan_id, "voided_on": working_days_after(planned_on, 2)}
    office.correct("plan.voided", plan_id, voided["voided_on"], "计划重报", **voided)
    pay_out(office, line, 300_000, _day(line, 25), project_id=instead)


def _lists(office: Office, on: date) -> None:
    """A row adjusted, one returned by the bank and reissued, one voided; a whole list voided."""
    line = funded_line(office, GRAIN, 30_000, on)
    list_id = import_list(office, line, [2_000] * 15, _day(line, 12))
    pay_list(office, line, list_id, [2_000] * 15, _day(line, 13))
    rows = [f"{list_id}-{number:04}" for number in range(1, 4)]
    adjusted: Body = {"row_id": rows[0], "adjusted_on": _day(line, 20), "delta_fen": fen(-100)}
    office.correct("distribution.row_adjusted", rows[0], _day(line, 20), "金额更正", **adjusted)
    returned: Body = {
        "row_id": rows[1],
        "amount_fen": fen(2_000),
        "returned_on": _day(line, 16),
        "return_kind": "payout_failed",
    }
    return_id = office.new_id("B")
    office.correct("distribution.row_returned", return_id, _day(line, 16), "账号有误", return_id=return_id, **returned)
    reissued: Body = {"row_id": rows[1], "amount_fen": fen(2_000), "reissued_on": _day(line, 23)}
    office.write("distribution.row_reissued", rows[1], reissued, _day(line, 23))
    voided: Body = {"row_id": rows[2], "voided_on": _day(line, 24)}
    office.correct("distribution.row_voided", rows[2], _day(line, 24), "重复", **voided)
    twice = import_list(office, line, [2_000] * 3, _day(line, 26))
    list_voided: Body = {"list_id": twice, "voided_on": _day(line, 27)}
    office.correct("distribution.list_voided", twice, _day(line, 27), "重复导入", **list_voided)


def _papers(office: Office, on: date) -> None:
    """A document withdrawn; an account's entries voided and adjusted, and the account closed."""
    document_id = office.new_id("W")
    printed: Body = {
        "document_id": document_id,
        "document_no": office.new_document_no(),
        "document_kind": "other",
        "printed_on": on,
        "issuing_section": "农业股",
    }
    office.write("document.printed", document_id, printed, on)
    withdrawn: Body = {"record_id": document_id, "withdrawn_on": working_days_after(on, 3)}
    office.correct("document.withdrawn", document_id, withdrawn["withdrawn_on"], "文号重复", **withdrawn)
    account = register_account(office, "township_real_fund", on)
    entry = book_in(office, account, 6_000, working_days_after(on, 1), None, None)
    other = book_in(office, account, 9_000, working_days_after(on, 2), None, None)
    late = working_days_after(on, 5)
    office.correct("account.entry_voided", entry, late, "重复入账", entry_id=entry, voided_on=late)
    changed: Body = {"entry_id": other, "adjusted_on": late, "delta_fen": fen(-500)}
    office.correct("account.entry_adjusted", other, late, "金额更正", **changed)
    closed: Body = {"account_id": account, "closed_on": working_days_after(on, ALLOCATED_AFTER + 20)}
    office.correct("account.closed", account, closed["closed_on"], "账户清理", **closed)
