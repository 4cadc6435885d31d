"""Scenes of lists, of the people on them, and of enterprises."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from connectors.demo_county.credit_codes import credit_code
from connectors.office_days import later
from connectors.simulator.book import Body
from connectors.simulator.money import funded_line
from connectors.simulator.office import Office, fen
from connectors.simulator.paying import (
    import_list,
    next_working_day,
    pay,
    pay_rest,
    record_row,
    settle_batch,
    to_person,
)
from connectors.simulator.projects import register_project
from connectors.simulator.registers import list_person, record_enterprise
from connectors.simulator.scene import HENAN, XINJIANG, Scene, fault, near
from connectors.simulator.truth import RED, YELLOW
from domain.calendar import working_days_after

YUAN = 120_000
Who = tuple[str, str, str]


def _list(office: Office, on: date, yuan: int = 600, rows: int = 1, **changes: Any) -> str:
    project_id = register_project(office, on, YUAN)
    return import_list(office, project_id, office.own_category(), yuan, rows, on, **changes)


def _claim(office: Office, who: Who, on: date) -> str:
    """Subject of an alert about a person's subsidy of this story, for the year."""
    return f"{who[0]}|subsidy_{office.serial}|{on.year}-01-01"


# --- lists -------------------------------------------------------------------------------------------------------


def _household_project(office: Office, on: date, days: int) -> tuple[str, date, date]:
    """A household project, paid soon, its list so many days after the payment."""
    line = funded_line(office, YUAN, on, project_changes={"is_household": True}, is_household=True)
    paid_on = next_working_day(on, 8)
    pay_rest(office, line, paid_on)
    day = later(paid_on, days)
    project_id = str(line.project_id)
    list_id = import_list(office, project_id, line.quota.category, 600, 1, day)
    record_row(office, list_id, 600, day)
    return project_id, paid_on, day


def list_missing(office: Office, on: date) -> None:
    """The list comes on day 65: yellow after 30, red after 60."""
    project_id, paid_on, day = _household_project(office, on, 65)
    steps = ((later(paid_on, 31), YELLOW), (later(paid_on, 61), RED), (day, ""))
    office.alert("distribution_list_missing", project_id, *steps)


def list_in_time(office: Office, on: date) -> None:
    """The list comes on day 30."""
    _household_project(office, on, 30)


def _completed_after(office: Office, on: date, days: int) -> str:
    list_id = _list(office, on, 1_200, 2)
    record_row(office, list_id, 600, on)
    record_row(office, list_id, 600, later(on, days))
    return list_id


def row_missing(office: Office, on: date) -> None:
    """A row and its money are missing when the three days are over."""
    list_id = _completed_after(office, on, 6)
    office.alert("distribution_list_faulty", list_id, (later(on, 3), RED), (later(on, 6), ""))


def number_faulty(office: Office, on: date) -> None:
    """An identity number that cannot be one, set right after a week."""
    list_id = _list(office, on)
    row_id = record_row(office, list_id, 600, on, id_number_state="bad_checksum")
    day = later(on, 7)
    fields = {"row_id": row_id, "adjusted_on": day, "id_number_state": "valid"}
    office.correct("distribution.row_adjusted", row_id, day, "身份证号更正", **fields)
    office.alert("distribution_list_faulty", list_id, (later(on, 3), YELLOW), (day, ""))


def row_follows_in_time(office: Office, on: date) -> None:
    """The missing row comes on the second day."""
    _completed_after(office, on, 2)


def _handed_to(office: Office, on: date, channel: str) -> tuple[str, date]:
    list_id = _list(office, on, payout_channel=channel)
    record_row(office, list_id, 600, on)
    day = later(on, 4)
    office.correct("distribution.list_voided", list_id, day, "改由一卡通发放", list_id=list_id, voided_on=day)
    return list_id, day


def list_to_a_bank(office: Office, on: date) -> None:
    """A list handed to a bank."""
    list_id, day = _handed_to(office, on, "bank_list")
    office.alert("paid_outside_one_card", list_id, (on, RED), (day, ""))


def list_by_the_treasury(office: Office, on: date) -> None:
    """A list paid by the treasury itself."""
    list_id, day = _handed_to(office, on, "treasury_direct")
    office.alert("paid_outside_one_card", list_id, (on, YELLOW), (day, ""))


def person_paid_by_the_treasury(office: Office, on: date) -> None:
    """A person paid by the treasury."""
    line = funded_line(office, YUAN, on)
    day = next_working_day(on, 9)
    payment_id = pay(office, line, 600, day, **to_person(office))
    pay_rest(office, line, day, 600)
    office.alert("paid_outside_one_card", payment_id, (day, RED))


def list_by_one_card(office: Office, on: date) -> None:
    """A list through the one-card system."""
    record_row(office, _list(office, on), 600, on)


def _failed(office: Office, on: date, working_days: int) -> tuple[str, date]:
    """A row that the bank could not pay, paid again later."""
    list_id, batch_id = _list(office, on), office.new_id("YK")
    row_id = record_row(office, list_id, 600, on, batch_id=batch_id)
    failed: Body = {"succeeded_count": 0, "succeeded_amount_fen": 0, "failed_count": 1, "failed_amount_fen": fen(600)}
    settle_batch(office, list_id, batch_id, 600, 1, on, **failed, failed_row_ids=[row_id])
    day = working_days_after(on, working_days)
    again: Body = {"row_id": row_id, "amount_fen": fen(600), "reissued_on": day}
    office.write("distribution.row_reissued", row_id, again, day)
    return row_id, day


def payout_never_repeated(office: Office, on: date) -> None:
    """Paid again after 32 working days: yellow after 15, red after 30."""
    row_id, day = _failed(office, on, 32)
    yellow_on, red_on = (later(working_days_after(on, days), 1) for days in (15, 30))
    office.alert("payout_failure_unresolved", row_id, (yellow_on, YELLOW), (red_on, RED), (day, ""))


def payout_repeated_in_time(office: Office, on: date) -> None:
    """Paid again on the fifteenth working day."""
    _failed(office, on, 15)


# --- people ------------------------------------------------------------------------------------------------------


def _unlist(office: Office, listing_id: str, until: date, on: date) -> None:
    fields = {"listing_id": listing_id, "effective_to": until}
    office.correct("person.unlisted", listing_id, on, "剔除", **fields)


def not_on_the_register(office: Office, on: date) -> None:
    """Paid to somebody who is not registered poor, until the register says otherwise."""
    who = office.person()
    record_row(office, _list(office, on, requires_registered_poor=True), 600, on, who=who)
    day = later(on, 6)
    list_person(office, who, "registered_poor", date(2016, 1, 1), day)
    office.alert("recipient_not_registered_poor", _claim(office, who, on), (on, RED), (day, ""))


def on_the_register_since_today(office: Office, on: date) -> None:
    """Registered from the day of the payment on, and until it."""
    who = office.person()
    list_person(office, who, "registered_poor", on, on, until=on)
    record_row(office, _list(office, on, requires_registered_poor=True), 600, on, who=who)


def _deceased(office: Office, on: date, died_on: date) -> tuple[Who, str]:
    who = office.person()
    listing_id = list_person(office, who, "deceased", died_on, on)
    record_row(office, _list(office, on), 600, on, who=who)
    return who, listing_id


def died_before_the_period(office: Office, on: date) -> None:
    """Somebody died the year before; the register was wrong."""
    who, listing_id = _deceased(office, on, date(on.year - 1, 12, 31))
    day = later(on, 6)
    _unlist(office, listing_id, date(on.year - 1, 12, 30), day)
    office.alert("recipient_deceased", _claim(office, who, on), (on, RED), (day, ""))


def died_within_the_period(office: Office, on: date) -> None:
    """Somebody died the day before the payment."""
    who, _ = _deceased(office, on, on - timedelta(days=1))
    office.alert("recipient_deceased", _claim(office, who, on), (on, YELLOW))


def died_on_the_day_of_payment(office: Office, on: date) -> None:
    """Somebody died on the day of the payment itself."""
    _deceased(office, on, on)


def _official(office: Office, on: date, registry: str, until: date | None = None) -> Who:
    who = office.person()
    list_person(office, who, "registered_poor", date(2014, 12, 31), on)
    list_person(office, who, registry, date(2015, 1, 1), on, until=until)
    record_row(office, _list(office, on, requires_registered_poor=True), 600, on, who=who)
    return who


def official_paid(office: Office, on: date) -> None:
    """Somebody on the public payroll."""
    who = _official(office, on, "public_payroll")
    office.alert("recipient_on_public_payroll", _claim(office, who, on), (on, RED))


def cadre_paid(office: Office, on: date) -> None:
    """A village cadre."""
    who = _official(office, on, "village_cadre")
    office.alert("recipient_on_public_payroll", _claim(office, who, on), (on, YELLOW))


def official_until_yesterday(office: Office, on: date) -> None:
    """On the payroll until the day before."""
    _official(office, on, "public_payroll", until=on - timedelta(days=1))


def _two_claims(office: Office, on: date, second_from: date, first_to: date) -> tuple[Who, str, date]:
    who, day = office.person(), later(on, 3)
    first = _list(office, on, period_to=first_to)
    record_row(office, first, 600, on, who=who)
    second = _list(office, day, period_from=second_from)
    return who, record_row(office, second, 600, day, who=who), day


def claimed_twice(office: Office, on: date) -> None:
    """The same subsidy for one and the same day on two lists; the second is paid back."""
    june = date(on.year, 6, 30)
    who, row_id, day = _two_claims(office, on, june, june)
    back_on, return_id = later(day, 8), office.new_id("RT")
    fields = {"row_id": row_id, "amount_fen": fen(600), "returned_on": back_on, "return_kind": "recovered"}
    office.correct("distribution.row_returned", return_id, back_on, "追回", return_id=return_id, **fields)
    office.alert("duplicate_claim", _claim(office, who, on), (day, RED), (back_on, ""))


def claimed_for_two_periods(office: Office, on: date) -> None:
    """The second period begins when the first is over."""
    _two_claims(office, on, date(on.year, 7, 1), date(on.year, 6, 30))


# --- enterprises -------------------------------------------------------------------------------------------------


def _paid_enterprise(office: Office, on: date, code: str) -> date:
    line = funded_line(office, YUAN, on)
    day = next_working_day(on, 9)
    pay(office, line, YUAN, day, payee_name=f"新兴公司{office.serial}", payee_credit_code=code)
    return day


def _new_code(office: Office) -> str:
    return credit_code(office.region, f"新兴公司{office.serial}")


def cancelled_enterprise(office: Office, on: date) -> None:
    """Cancelled before it was paid."""
    code = _new_code(office)
    record_enterprise(office, "新兴公司", code, on)
    record_enterprise(office, "新兴公司", code, on, enterprise_state="cancelled", state_from=on)
    day = _paid_enterprise(office, on, code)
    office.alert("payee_enterprise_inactive", f"{code}|{on.year}", (day, RED))


def abnormal_enterprise(office: Office, on: date) -> None:
    """On the list of abnormal operation when it was paid; the list was wrong."""
    code, listing_id = _new_code(office), office.new_id("YC")
    record_enterprise(office, "新兴公司", code, on)
    listed: Body = {"listing_id": listing_id, "credit_code": code, "list_kind": "abnormal_operation"}
    body = {**listed, "effective_from": on, "effective_to": None}
    office.write("enterprise.listed", listing_id, body, on)
    day = _paid_enterprise(office, on, code)
    mended_on = later(day, 7)
    fields = {"listing_id": listing_id, "effective_to": later(day, -1)}
    office.correct("enterprise.unlisted", listing_id, mended_on, "移出", **fields)
    office.alert("payee_enterprise_inactive", f"{code}|{on.year}", (day, YELLOW), (mended_on, ""))


def cancelled_on_the_next_day(office: Office, on: date) -> None:
    """Cancelled on the day after the payment."""
    code = _new_code(office)
    record_enterprise(office, "新兴公司", code, on)
    gone_on = later(_paid_enterprise(office, on, code), 1)
    record_enterprise(office, "新兴公司", code, gone_on, enterprise_state="cancelled", state_from=gone_on)


def unknown_enterprise(office: Office, on: date) -> None:
    """Not on the register, which catches up after a week."""
    code = _new_code(office)
    day = _paid_enterprise(office, on, code)
    known_on = later(day, 7)
    record_enterprise(office, "新兴公司", code, known_on)
    office.alert("payee_enterprise_unregistered", f"{code}|{on.year}", (day, YELLOW), (known_on, ""))


def founded_after_payment(office: Office, on: date) -> None:
    """Founded, says the register, on the day after it was paid."""
    code = _new_code(office)
    record_enterprise(office, "新兴公司", code, on, established_on=later(next_working_day(on, 9), 1), state_from=on)
    day = _paid_enterprise(office, on, code)
    office.alert("payee_enterprise_unregistered", f"{code}|{on.year}", (day, RED))


def founded_on_the_day_of_payment(office: Office, on: date) -> None:
    """Founded on the very day."""
    code = _new_code(office)
    record_enterprise(office, "新兴公司", code, on, established_on=next_working_day(on, 9), state_from=on)
    _paid_enterprise(office, on, code)


SCENES: tuple[Scene, ...] = (
    fault("distribution_list_missing", list_missing, XINJIANG),
    near("distribution_list_missing", list_in_time, XINJIANG),
    fault("distribution_list_faulty", row_missing),
    fault("distribution_list_faulty", number_faulty),
    near("distribution_list_faulty", row_follows_in_time),
    fault("paid_outside_one_card", list_to_a_bank, HENAN),
    fault("paid_outside_one_card", list_by_the_treasury, HENAN),
    fault("paid_outside_one_card", person_paid_by_the_treasury, HENAN),
    near("paid_outside_one_card", list_by_one_card, HENAN),
    fault("payout_failure_unresolved", payout_never_repeated),
    near("payout_failure_unresolved", payout_repeated_in_time),
    fault("recipient_not_registered_poor", not_on_the_register),
    near("recipient_not_registered_poor", on_the_register_since_today),
    fault("recipient_deceased", died_before_the_period),
    fault("recipient_deceased", died_within_the_period),
    near("recipient_deceased", died_on_the_day_of_payment),
    fault("recipient_on_public_payroll", official_paid),
    fault("recipient_on_public_payroll", cadre_paid),
    near("recipient_on_public_payroll", official_until_yesterday),
    fault("duplicate_claim", claimed_twice),
    near("duplicate_claim", claimed_for_two_periods),
    fault("payee_enterprise_inactive", cancelled_enterprise),
    fault("payee_enterprise_inactive", abnormal_enterprise),
    near("payee_enterprise_inactive", cancelled_on_the_next_day),
    fault("payee_enterprise_unregistered", unknown_enterprise),
    fault("payee_enterprise_unregistered", founded_after_payment),
    near("payee_enterprise_unregistered", founded_on_the_day_of_payment),
)
