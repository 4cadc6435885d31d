"""Scenes of single payments: cash, amounts, links, dates and channels."""

from __future__ import annotations

from datetime import date
from typing import Any

from connectors.office_days import later
from connectors.simulator.money import Line, funded_line
from connectors.simulator.office import Office
from connectors.simulator.paying import (
    adjust_payment,
    next_working_day,
    pay,
    pay_rest,
    refund,
)
from connectors.simulator.scene import BOTH, HENAN, XINJIANG, Scene, fault, near
from connectors.simulator.truth import RED, YELLOW
from domain.calendar import working_days_after

YUAN = 120_000


def paid_in_part(office: Office, on: date, yuan: int = 20_000, **changes: Any) -> tuple[Line, str, date]:
    """A line paid in part by a payment with ``changes`` after some days, the rest a fortnight later."""
    line = funded_line(office, YUAN, on)
    day = next_working_day(on, office.random.randint(8, 30))
    payment_id = pay(office, line, yuan, day, **changes)
    pay_rest(office, line, next_working_day(day, 14), yuan)
    return line, payment_id, day


# --- cash --------------------------------------------------------------------------------------------------------


def cash_over_the_limit(office: Office, on: date) -> None:
    """1,001 yuan in cash: red, and nothing undoes it."""
    _, payment_id, day = paid_in_part(office, on, 1_001, settlement_method="cash")
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
    paid_in_part(office, on, settlement_method="cheque")


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
    linked_on = working_days_after(day, after_working_days)
    _relink(office, payment_id, line, linked_on)
    return payment_id, day, linked_on


def unlinked_for_long(office: Office, on: date) -> None:
    """Tied to its line after twelve working days: yellow after five, red after ten."""
    payment_id, day, linked_on = _unlinked(office, on, 12)
    steps = ((later(working_days_after(day, 5), 1), YELLOW), (later(working_days_after(day, 10), 1), RED))
    office.alert("payment_unlinked", payment_id, *steps, (linked_on, ""))


def linked_on_the_fifth_day(office: Office, on: date) -> None:
    """Tied to its line on the last day."""
    _unlinked(office, on, 5)


def invalid_record(office: Office, on: date) -> None:
    """Made valid after twelve working days: yellow at once, red after ten."""
    line = funded_line(office, YUAN, on)
    day = next_working_day(on, 10)
    payment_id = pay(office, line, YUAN, day, record_state="invalid")
    mended_on = working_days_after(day, 12)
    adjust_payment(office, payment_id, mended_on, record_state="valid")
    red_on = later(working_days_after(day, 10), 1)
    office.alert("payment_invalid_or_undated", payment_id, (day, YELLOW), (red_on, RED), (mended_on, ""))


def undated_record(office: Office, on: date) -> None:
    """Dated on the tenth working day, so never red."""
    line = funded_line(office, YUAN, on)
    day = next_working_day(on, 10)
    payment_id = pay(office, line, YUAN, None, recorded_on=day)
    mended_on = working_days_after(day, 10)
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
    _, payment_id, day = paid_in_part(office, on, channel="special_account_system")
    office.alert("payment_not_centralised", payment_id, (day, RED))


def off_system(office: Office, on: date) -> None:
    """Budget money paid outside all systems: not centralised, and by hand."""
    _, payment_id, day = paid_in_part(office, on, channel="off_system")
    office.alert("payment_not_centralised", payment_id, (day, RED))
    office.alert("payment_entered_offline", payment_id, (day, RED))


def through_the_special_account_system(office: Office, on: date) -> None:
    """Where special accounts are allowed their system is, too."""
    paid_in_part(office, on, channel="special_account_system")


def donation_outside_the_treasury(office: Office, on: date) -> None:
    """A donation is no budget money."""
    line = funded_line(office, YUAN, on, quota_changes={"fund_nature": "donation"})
    pay(office, line, YUAN, next_working_day(on, 12), channel="special_account_system")


def _entered_after(office: Office, on: date, working_days: int) -> tuple[str, date]:
    line = funded_line(office, YUAN, on)
    day = next_working_day(on, 10)
    recorded_on = working_days_after(day, working_days)
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
)
