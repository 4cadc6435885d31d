"""Scenes of whom a payment goes to, through which account and for what."""

from __future__ import annotations

from datetime import date

from connectors.simulator.book import Body
from connectors.simulator.money import Line, funded_line
from connectors.simulator.office import Office
from connectors.simulator.paying import (
    adjust_payment,
    next_working_day,
    pay,
    pay_rest,
    to_person,
    to_township,
    to_unit,
    void_payment,
)
from connectors.simulator.projects import register_project
from connectors.simulator.scene import XINJIANG, Scene, fault, near
from connectors.simulator.scenes.payments import YUAN, paid_in_part
from connectors.simulator.truth import RED, YELLOW

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
    _, payment_id, day = paid_in_part(office, on, **_FINAL_TO_TOWNSHIP)
    office.alert("allocation_booked_as_spending", payment_id, (day, RED))


def village_booked_as_payee(office: Office, on: date) -> None:
    """A village may be the true payee: yellow, until the stage is set right."""
    _, payment_id, day = paid_in_part(office, on, **_TO_VILLAGE)
    mended_on = next_working_day(day, 5)
    adjust_payment(office, payment_id, mended_on, spending_stage="intermediate")
    office.alert("allocation_booked_as_spending", payment_id, (day, YELLOW), (mended_on, ""))


def transfer_booked_as_transfer(office: Office, on: date) -> None:
    """The same transfers, booked as what they are."""
    paid_in_part(office, on, **{**_TO_VILLAGE, "spending_stage": "intermediate"})


def paid_to_itself(office: Office, on: date) -> None:
    """Payer and payee are one unit; the record is voided, and the money paid to who did the work."""
    itself: Body = {"payee_kind": "other", "payee_name": "农业农村局", "payee_credit_code": None}
    account: Body = {"payee_account_kind": "unit_zero_balance", "payee_unit_code": office.unit("nyj")}
    line, payment_id, day = paid_in_part(office, on, **itself, **account)
    voided_on = next_working_day(day, 9)
    void_payment(office, payment_id, voided_on)
    pay(office, line, 20_000, voided_on)
    office.alert("fictitious_expenditure", payment_id, (day, RED), (voided_on, ""))


def paid_to_another_unit(office: Office, on: date) -> None:
    """Another unit of the same bureau is not itself."""
    other: Body = {"payee_kind": "other", "payee_name": "林业局", "payee_credit_code": None}
    paid_in_part(office, on, **other, payee_account_kind="unit_zero_balance", payee_unit_code=office.unit("lyj"))


def enterprise_with_personal_account(office: Office, on: date) -> None:
    """An enterprise is paid into somebody's own account."""
    _, payment_id, day = paid_in_part(office, on, payee_account_kind="personal")
    office.alert("payee_account_kind_mismatch", payment_id, (day, RED))


def person_with_enterprise_account(office: Office, on: date) -> None:
    """A person is paid into an enterprise's account, until the kind is set right."""
    _, payment_id, day = paid_in_part(office, on, **{**to_person(office), "payee_account_kind": "enterprise"})
    mended_on = next_working_day(day, 6)
    adjust_payment(office, payment_id, mended_on, payee_account_kind="personal")
    office.alert("payee_account_kind_mismatch", payment_id, (day, YELLOW), (mended_on, ""))


def person_without_account(office: Office, on: date) -> None:
    """A person without an account is no mismatch."""
    paid_in_part(office, on, **{**to_person(office), "payee_account_kind": "none"})


def somebody_with_personal_account(office: Office, on: date) -> None:
    """Who is neither enterprise nor unit may have an account of their own."""
    other: Body = {"payee_kind": "other", "payee_name": "王**", "payee_credit_code": None}
    paid_in_part(office, on, **other, payee_account_kind="personal")


# --- purposes ----------------------------------------------------------------------------------------------------


def forbidden_purpose(office: Office, on: date) -> None:
    """Office costs out of poverty money, until the purpose is set right."""
    _, payment_id, day = paid_in_part(office, on, purpose="补充办公经费")
    mended_on = next_working_day(day, 6)
    adjust_payment(office, payment_id, mended_on, purpose="项目监理费")
    office.alert("payment_use_forbidden", payment_id, (day, YELLOW), (mended_on, ""))


def forbidden_purpose_for_good(office: Office, on: date) -> None:
    """A car, and nobody says otherwise."""
    _, payment_id, day = paid_in_part(office, on, purpose="乡镇购置车辆")
    office.alert("payment_use_forbidden", payment_id, (day, YELLOW))


def purpose_almost_forbidden(office: Office, on: date) -> None:
    """The words of a forbidden term, but not the term."""
    paid_in_part(office, on, purpose="村级办公用房改造经费")


def use_not_permitted(office: Office, on: date) -> None:
    """A use that the project does not have."""
    _, payment_id, day = paid_in_part(office, on, use_code="tourism")
    mended_on = next_working_day(day, 8)
    adjust_payment(office, payment_id, mended_on, use_code="industry")
    office.alert("payment_off_project", payment_id, (day, YELLOW), (mended_on, ""))


def other_project(office: Office, on: date) -> None:
    """Paid for another project than the line's."""
    other = register_project(office, on, YUAN)
    _, payment_id, day = paid_in_part(office, on, project_id=other)
    office.alert("payment_off_project", payment_id, (day, RED))


def no_use_given(office: Office, on: date) -> None:
    """Without a use there is nothing to compare."""
    paid_in_part(office, on, use_code=None)


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
    line, payment_id, day = paid_in_part(office, on, **to_township(office))
    _pass_on(office, line, payment_id, to_township(office)["payee_unit_code"], day)
    office.alert("paid_through_unit_real_account", payment_id, (day, YELLOW))


def into_a_unit_account(office: Office, on: date) -> None:
    """A unit's account is not."""
    line, payment_id, day = paid_in_part(office, on, **to_unit(office))
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
