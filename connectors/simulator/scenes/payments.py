"""Scenes of single payments: cash, links, dates, channels, payees and purposes."""

from __future__ import annotations

from datetime import date
from typing import Any

from connectors.simulator.book import Body, later, working_days_later
from connectors.simulator.money import Line, funded_line
from connectors.simulator.office import Office
from connectors.simulator.paying import (
    adjust_payment,
    next_working_day,
    pay,
    pay_rest,
    refund,
    to_person,
    to_township,
    to_unit,
    void_payment,
)
from connectors.simulator.projects import register_project
from connectors.simulator.scene import BOTH, HENAN, XINJIANG, Scene, fault, near
from connectors.simulator.truth import RED, YELLOW

YUAN = 120_000


def _paid(office: Office, on: date, yuan: int = 20_000, **changes: Any) -> tuple[Line, str, date]:
    """A line paid in part by a payment with ``changes`` after some days, the rest a fortnight later."""
    line = funded_line(office, YUAN, on)
    day = next_working_day(on, office.random.randint(8, 30))
    payment_id = pay(office, line, yuan, day, **changes)
    pay_rest(office, line, next_working_day(day, 14), yuan)
    return line, payment_id, day


# --- cash --------------------------------------------------------------------------------------------------------


def cash_over_the_limit(office: Office, on: date) -> None:
    """1,001 yuan in cash: red, and nothing undoes it."""
    _, payment_id, day = _paid(office, on, 1_001, settlement_method="cash")
    office.alert("cash_withdrawal", payment_id, (day, RED))


def cash_at_the_limit(office: Office, on: date) -> None:
    """1,000 yuan in cash are yellow; refunded in full they are none of the rule's."""
    line = funded_line(office, YUAN, on)
    day = next_working_day(on, 12)
    payment_id = pay(office, line, 1_000, day, settlement_method="cash")
    back_on = next_working_day(day, 6)
    refund(office, payment_id, 1_000, back_on)
    pay_rest(office, line, back_on)
    office.alert("cash_withdrawal", payment_id, (day, YELLOW), (back_on, ""))


def cash_of_other_money(office: Office, on: date) -> None:
    """Cash from a line that is not for poverty relief."""
    line = funded_line(office, YUAN, on, target=False, line_kind="non_poverty")
    pay(office, line, YUAN, next_working_day(on, 12), settlement_method="cash")


def cheque(office: Office, on: date) -> None:
    """A cheque is no cash."""
    _paid(office, on, settlement_method="cheque")


# --- amounts and links -------------------------------------------------------------------------------------------


def paid_too_much(office: Office, on: date) -> None:
    """One yuan more than the line holds, which comes back a week later."""
    line = funded_line(office, YUAN, on)
    day = next_working_day(on, 15)
    payment_id = pay(office, line, YUAN + 1, day)
    back_on = next_working_day(day, 7)
    refund(office, payment_id, 1, back_on)
    office.alert("payment_exceeds_quota", line.line_id, (day, RED), (back_on, ""))


def paid_to_the_last_fen(office: Office, on: date) -> None:
    """Exactly what the line holds."""
    line = funded_line(office, YUAN, on)
    pay(office, line, YUAN - 1, next_working_day(on, 15))
    pay(office, line, 1, next_working_day(on, 20))


def _relink(office: Office, payment_id: str, line: Line, on: date) -> None:
    office.correct(
        "payment.relinked",
        payment_id,
        on,
        "补关联",
        payment_id=payment_id,
        line_id=line.line_id,
        project_id=line.project_id,
        relinked_on=on,
    )


def _unlinked(office: Office, on: date, after_working_days: int) -> tuple[str, date, date]:
    line = funded_line(office, YUAN, on)
    day = next_working_day(on, 10)
    payment_id = pay(office, line, YUAN, day, line_id=None, project_id=None)
    linked_on = working_days_later(day, after_working_days)
    _relink(office, payment_id, line, linked_on)
    return payment_id, day, linked_on


def unlinked_for_long(office: Office, on: date) -> None:
    """Tied to its line after twelve working days: yellow after five, red after ten."""
    payment_id, day, linked_on = _unlinked(office, on, 12)
    steps = ((later(working_days_later(day, 5), 1), YELLOW), (later(working_days_later(day, 10), 1), RED))
    office.alert("payment_unlinked", payment_id, *steps, (linked_on, ""))


def linked_on_the_fifth_day(office: Office, on: date) -> None:
    """Tied to its line on the last day."""
    _unlinked(office, on, 5)


def invalid_record(office: Office, on: date) -> None:
    """Made valid after twelve working days: yellow at once, red after ten."""
    line = funded_line(office, YUAN, on)
    day = next_working_day(on, 10)
    payment_id = pay(office, line, YUAN, day, record_state="invalid")
    mended_on = working_days_later(day, 12)
    adjust_payment(office, payment_id, mended_on, record_state="valid")
    red_on = later(working_days_later(day, 10), 1)
    office.alert("payment_invalid_or_undated", payment_id, (day, YELLOW), (red_on, RED), (mended_on, ""))


def undated_record(office: Office, on: date) -> None:
    """Dated on the tenth working day, so never red."""
    line = funded_line(office, YUAN, on)
    day = next_working_day(on, 10)
    payment_id = pay(office, line, YUAN, None, recorded_on=day)
    mended_on = working_days_later(day, 10)
    adjust_payment(office, payment_id, mended_on, paid_on=day)
    office.alert("payment_invalid_or_undated", payment_id, (day, YELLOW), (mended_on, ""))


def undated_record_of_other_money(office: Office, on: date) -> None:
    """Without a date, but not poverty money."""
    line = funded_line(office, YUAN, on, target=False, line_kind="non_poverty")
    day = next_working_day(on, 10)
    pay(office, line, YUAN, None, recorded_on=day)


# --- channels and entry ------------------------------------------------------------------------------------------


def outside_the_treasury(office: Office, on: date) -> None:
    """Budget money through the special-account system, where there must be none."""
    _, payment_id, day = _paid(office, on, channel="special_account_system")
    office.alert("payment_not_centralised", payment_id, (day, RED))


def off_system(office: Office, on: date) -> None:
    """Budget money paid outside all systems: not centralised, and by hand."""
    _, payment_id, day = _paid(office, on, channel="off_system")
    office.alert("payment_not_centralised", payment_id, (day, RED))
    office.alert("payment_entered_offline", payment_id, (day, RED))


def through_the_special_account_system(office: Office, on: date) -> None:
    """Where special accounts are allowed their system is, too."""
    _paid(office, on, channel="special_account_system")


def donation_outside_the_treasury(office: Office, on: date) -> None:
    """A donation is no budget money."""
    line = funded_line(office, YUAN, on, quota_changes={"fund_nature": "donation"})
    pay(office, line, YUAN, next_working_day(on, 12), channel="special_account_system")


def _entered_after(office: Office, on: date, working_days: int) -> tuple[str, date]:
    line = funded_line(office, YUAN, on)
    day = next_working_day(on, 10)
    recorded_on = working_days_later(day, working_days)
    return pay(office, line, YUAN, day, recorded_on=recorded_on), recorded_on


def entered_a_day_late(office: Office, on: date) -> None:
    """Entered on the sixth working day."""
    payment_id, recorded_on = _entered_after(office, on, 6)
    office.alert("payment_entered_offline", payment_id, (recorded_on, YELLOW))


def entered_a_month_late(office: Office, on: date) -> None:
    """Entered on the 21st working day."""
    payment_id, recorded_on = _entered_after(office, on, 21)
    office.alert("payment_entered_offline", payment_id, (recorded_on, RED))


def entered_in_time(office: Office, on: date) -> None:
    """Entered on the fifth working day."""
    _entered_after(office, on, 5)


# --- payees ------------------------------------------------------------------------------------------------------

_FINAL_TO_TOWNSHIP: Body = {
    "payee_name": "城关镇人民政府",
    "payee_kind": "township_government",
    "payee_credit_code": None,
    "payee_account_kind": "unit_zero_balance",
}
_TO_VILLAGE: Body = {
    "payee_name": "村股份经济合作社",
    "payee_kind": "village_collective",
    "payee_credit_code": None,
    "payee_account_kind": "village_collective",
}


def transfer_booked_as_spending(office: Office, on: date) -> None:
    """Money to a township, booked as if it had reached who did the work."""
    _, payment_id, day = _paid(office, on, **_FINAL_TO_TOWNSHIP)
    office.alert("allocation_booked_as_spending", payment_id, (day, RED))


def village_booked_as_payee(office: Office, on: date) -> None:
    """A village may be the true payee: yellow, until the stage is set right."""
    _, payment_id, day = _paid(office, on, **_TO_VILLAGE)
    mended_on = next_working_day(day, 5)
    adjust_payment(office, payment_id, mended_on, spending_stage="intermediate")
    office.alert("allocation_booked_as_spending", payment_id, (day, YELLOW), (mended_on, ""))


def transfer_booked_as_transfer(office: Office, on: date) -> None:
    """The same transfers, booked as what they are."""
    _paid(office, on, **{**_TO_VILLAGE, "spending_stage": "intermediate"})


def paid_to_itself(office: Office, on: date) -> None:
    """Payer and payee are one unit; the record is voided, and the money paid to who did the work."""
    itself: Body = {"payee_kind": "other", "payee_name": "农业农村局", "payee_credit_code": None}
    account: Body = {"payee_account_kind": "unit_zero_balance", "payee_unit_code": office.unit("nyj")}
    line, payment_id, day = _paid(office, on, **itself, **account)
    voided_on = next_working_day(day, 9)
    void_payment(office, payment_id, voided_on)
    pay(office, line, 20_000, voided_on)
    office.alert("fictitious_expenditure", payment_id, (day, RED), (voided_on, ""))


def paid_to_another_unit(office: Office, on: date) -> None:
    """Another unit of the same bureau is not itself."""
    other: Body = {"payee_kind": "other", "payee_name": "林业局", "payee_credit_code": None}
    _paid(office, on, **other, payee_account_kind="unit_zero_balance", payee_unit_code=office.unit("lyj"))


def enterprise_with_personal_account(office: Office, on: date) -> None:
    """An enterprise is paid into somebody's own account."""
    _, payment_id, day = _paid(office, on, payee_account_kind="personal")
    office.alert("payee_account_kind_mismatch", payment_id, (day, RED))


def person_with_enterprise_account(office: Office, on: date) -> None:
    """A person is paid into an enterprise's account, until the kind is set right."""
    _, payment_id, day = _paid(office, on, **{**to_person(office), "payee_account_kind": "enterprise"})
    mended_on = next_working_day(day, 6)
    adjust_payment(office, payment_id, mended_on, payee_account_kind="personal")
    office.alert("payee_account_kind_mismatch", payment_id, (day, YELLOW), (mended_on, ""))


def person_without_account(office: Office, on: date) -> None:
    """A person without an account is no mismatch."""
    _paid(office, on, **{**to_person(office), "payee_account_kind": "none"})


def somebody_with_personal_account(office: Office, on: date) -> None:
    """Who is neither enterprise nor unit may have an account of their own."""
    other: Body = {"payee_kind": "other", "payee_name": "王**", "payee_credit_code": None}
    _paid(office, on, **other, payee_account_kind="personal")


# --- purposes ----------------------------------------------------------------------------------------------------


def forbidden_purpose(office: Office, on: date) -> None:
    """Office costs out of poverty money, until the purpose is set right."""
    _, payment_id, day = _paid(office, on, purpose="补充办公经费")
    mended_on = next_working_day(day, 6)
    adjust_payment(office, payment_id, mended_on, purpose="项目监理费")
    office.alert("payment_use_forbidden", payment_id, (day, YELLOW), (mended_on, ""))


def forbidden_purpose_for_good(office: Office, on: date) -> None:
    """A car, and nobody says otherwise."""
    _, payment_id, day = _paid(office, on, purpose="乡镇购置车辆")
    office.alert("payment_use_forbidden", payment_id, (day, YELLOW))


def purpose_almost_forbidden(office: Office, on: date) -> None:
    """The words of a forbidden term, but not the term."""
    _paid(office, on, purpose="村级办公用房改造经费")


def use_not_permitted(office: Office, on: date) -> None:
    """A use that the project does not have."""
    _, payment_id, day = _paid(office, on, use_code="tourism")
    mended_on = next_working_day(day, 8)
    adjust_payment(office, payment_id, mended_on, use_code="industry")
    office.alert("payment_off_project", payment_id, (day, YELLOW), (mended_on, ""))


def other_project(office: Office, on: date) -> None:
    """Paid for another project than the line's."""
    other = register_project(office, on, YUAN)
    _, payment_id, day = _paid(office, on, project_id=other)
    office.alert("payment_off_project", payment_id, (day, RED))


def no_use_given(office: Office, on: date) -> None:
    """Without a use there is nothing to compare."""
    _paid(office, on, use_code=None)


# --- accounts of units -------------------------------------------------------------------------------------------


def _pass_on(office: Office, line: Line, upstream: str, payer: object, on: date) -> None:
    pay(
        office,
        line,
        20_000,
        on,
        channel="own_account",
        upstream_payment_id=upstream,
        payer_unit_code=payer,
        payer_account_kind="township_real_fund",
    )


def into_a_township_account(office: Office, on: date) -> None:
    """A township's account is tolerated, yellow; it pays on the same day."""
    line, payment_id, day = _paid(office, on, **to_township(office))
    _pass_on(office, line, payment_id, to_township(office)["payee_unit_code"], day)
    office.alert("paid_through_unit_real_account", payment_id, (day, YELLOW))


def into_a_unit_account(office: Office, on: date) -> None:
    """A unit's account is not."""
    line, payment_id, day = _paid(office, on, **to_unit(office))
    _pass_on(office, line, payment_id, to_unit(office)["payee_unit_code"], day)
    office.alert("paid_through_unit_real_account", payment_id, (day, RED))


def donation_into_a_township_account(office: Office, on: date) -> None:
    """A donation may."""
    line = funded_line(office, YUAN, on, quota_changes={"fund_nature": "donation"})
    day = next_working_day(on, 12)
    payment_id = pay(office, line, 20_000, day, **to_township(office))
    _pass_on(office, line, payment_id, to_township(office)["payee_unit_code"], day)
    pay_rest(office, line, next_working_day(day, 10), 20_000)


SCENES: tuple[Scene, ...] = (
    fault("cash_withdrawal", cash_over_the_limit),
    fault("cash_withdrawal", cash_at_the_limit),
    near("cash_withdrawal", cash_of_other_money),
    near("cash_withdrawal", cheque),
    fault("payment_exceeds_quota", paid_too_much),
    near("payment_exceeds_quota", paid_to_the_last_fen),
    fault("payment_unlinked", unlinked_for_long),
    near("payment_unlinked", linked_on_the_fifth_day),
    fault("payment_invalid_or_undated", invalid_record),
    fault("payment_invalid_or_undated", undated_record),
    near("payment_invalid_or_undated", undated_record_of_other_money),
    fault("payment_not_centralised", outside_the_treasury, XINJIANG),
    fault("payment_not_centralised", off_system, HENAN),
    near("payment_not_centralised", through_the_special_account_system, HENAN),
    near("payment_not_centralised", donation_outside_the_treasury, BOTH),
    fault("payment_entered_offline", entered_a_day_late),
    fault("payment_entered_offline", entered_a_month_late),
    near("payment_entered_offline", entered_in_time),
    fault("allocation_booked_as_spending", transfer_booked_as_spending),
    fault("allocation_booked_as_spending", village_booked_as_payee),
    near("allocation_booked_as_spending", transfer_booked_as_transfer),
    fault("fictitious_expenditure", paid_to_itself),
    near("fictitious_expenditure", paid_to_another_unit),
    fault("payee_account_kind_mismatch", enterprise_with_personal_account),
    fault("payee_account_kind_mismatch", person_with_enterprise_account, XINJIANG),
    near("payee_account_kind_mismatch", person_without_account, XINJIANG),
    near("payee_account_kind_mismatch", somebody_with_personal_account),
    fault("payment_use_forbidden", forbidden_purpose),
    fault("payment_use_forbidden", forbidden_purpose_for_good),
    near("payment_use_forbidden", purpose_almost_forbidden),
    fault("payment_off_project", use_not_permitted),
    fault("payment_off_project", other_project),
    near("payment_off_project", no_use_given),
    fault("paid_through_unit_real_account", into_a_township_account, XINJIANG),
    fault("paid_through_unit_real_account", into_a_unit_account, XINJIANG),
    near("paid_through_unit_real_account", donation_into_a_township_account, XINJIANG),
)
