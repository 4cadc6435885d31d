"""Scenes of quotas between levels and years: reception, double entry, carry-over, and what is left on 31 December."""

from __future__ import annotations

from datetime import date
from typing import Any

from connectors.office_days import last_working_day_by, later
from connectors.simulator.money import Quota, allocate, arrange, funded_line, issue, print_document, quota_body, scan
from connectors.simulator.office import Office, fen
from connectors.simulator.paying import next_working_day, pay, pay_rest
from connectors.simulator.places import OWN, Theme
from connectors.simulator.projects import enter_target, register_project
from connectors.simulator.scene import XINJIANG, Scene, fault, near
from connectors.simulator.scenes.quotas import YUAN, take_up
from connectors.simulator.truth import RED, YELLOW
from domain.calendar import working_days_after

FROM_ABOVE = Theme("central-22", "2130505", "农村饮水安全工程", "infrastructure", "slj", "water", "农业股")


def void_quota(office: Office, quota: Quota, on: date) -> None:
    """The quota should never have been entered."""
    office.correct("quota.voided", quota.quota_id, on, "重复录入", quota_id=quota.quota_id, voided_on=on)


# --- amounts and levels ------------------------------------------------------------------------------------------


def issued_beyond_the_quota(office: Office, on: date) -> None:
    """One yuan more than there is, taken back after two days."""
    project_id = register_project(office, on, YUAN)
    quota = arrange(office, YUAN, on)
    document_no = print_document(office, quota, quota.fen, on)
    line = allocate(office, quota, YUAN + 1, on, project_id, document_no=document_no)
    day, adjustment_id = working_days_after(on, 2), office.new_id("J")
    fields = {"allocation_id": line.line_id, "delta_fen": -fen(1), "adjusted_on": day}
    office.correct("allocation.adjusted", adjustment_id, day, "分配超额", adjustment_id=adjustment_id, **fields)
    if office.is_xinjiang:
        enter_target(office, project_id, fen(YUAN), on)
    pay(office, line, YUAN, next_working_day(day, 9))
    office.alert("improper_issue", f"{quota.quota_id}|over_allocated", (on, RED), (day, ""))


def issued_in_full(office: Office, on: date) -> None:
    """Exactly what there is."""
    take_up(office, arrange(office, YUAN, on), YUAN, on)


def _split(office: Office, on: date, rest_on: date) -> Quota:
    """A transfer of which three fifths are for poverty relief; the other part gets its line later."""
    quota = arrange(office, 200_000, on, poverty_amount_fen=fen(YUAN))
    take_up(office, quota, YUAN, on)
    project_id = register_project(office, rest_on, 80_000)
    rest = allocate(office, quota, 80_000, rest_on, project_id, line_kind="non_poverty")
    pay_rest(office, rest, next_working_day(rest_on, 9))
    return quota


def transfer_split_late(office: Office, on: date) -> None:
    """Split after 33 days, and so long unallocated."""
    day = next_working_day(on, 33)
    quota = _split(office, on, day)
    for rule_id in ("mixed_transfer_unsplit", "quota_unallocated_aged"):
        office.alert(rule_id, quota.quota_id, (later(on, 31), YELLOW), (day, ""))


def transfer_split_in_time(office: Office, on: date) -> None:
    """Split by the thirtieth day."""
    _split(office, on, last_working_day_by(later(on, 30)))


def receive(office: Office, yuan: int, on: date, **changes: Any) -> Quota:
    """Money from above, received outside the linkage module unless told otherwise."""
    category = changes.pop("category", None) or office.own_category()
    quota = Quota(office.new_id("Q"), category, changes.pop("theme", OWN), on.year, fen(yuan))
    document_no = office.new_document_no(on)
    reception = {
        "received_on": on,
        "superior_region": office.place.city,
        "linkage_id": None,
        "superior_quota_id": None,
        "reviewed_by": "u-3120",
        "entry_mode": "linked",
        "arranging_level": "central",
    }
    office.write("quota.received", quota.quota_id, quota_body(quota, on, document_no, **{**reception, **changes}), on)
    scan(office, document_no, on)
    return quota


def _received_after(office: Office, on: date, working_days: int) -> tuple[str, date]:
    linkage_id, _, superior_quota_id = issue(office.superior(), office.region, FROM_ABOVE, YUAN, on)
    day = working_days_after(on, working_days)
    link = {"linkage_id": linkage_id, "superior_quota_id": superior_quota_id}
    quota = receive(office, YUAN, day, category=FROM_ABOVE.category, theme=FROM_ABOVE, **link)
    take_up(office, quota, YUAN, day)
    return linkage_id, day


def received_late(office: Office, on: date) -> None:
    """Received on the twelfth working day: yellow after five, red after ten."""
    linkage_id, day = _received_after(office, on, 12)
    yellow_on, red_on = (later(working_days_after(on, days), 1) for days in (5, 10))
    office.alert("superior_quota_not_received", linkage_id, (yellow_on, YELLOW), (red_on, RED), (day, ""))


def received_in_time(office: Office, on: date) -> None:
    """Received on the fifth working day."""
    _received_after(office, on, 5)


def matched_to_other_money(office: Office, on: date) -> None:
    """The city forgot its flag, so the county's poverty money rests on money that is none; mended on the sixth day."""
    city = office.superior()
    linkage_id, _, superior_quota_id = issue(city, office.region, FROM_ABOVE, YUAN, on, is_poverty_fund=False)
    received_on, mended_on = working_days_after(on, 1), working_days_after(on, 6)
    link = {"linkage_id": linkage_id, "superior_quota_id": superior_quota_id}
    quota = receive(office, YUAN, received_on, category=FROM_ABOVE.category, theme=FROM_ABOVE, **link)
    take_up(office, quota, YUAN, received_on)
    fields = {"quota_id": superior_quota_id, "corrected_on": mended_on, "is_poverty_fund": True}
    city.correct("quota.reflagged", superior_quota_id, mended_on, "补标", **fields)
    office.alert("matched_to_non_poverty_quota", quota.quota_id, (received_on, RED), (mended_on, ""))
    red_on = later(working_days_after(on, 3), 1)
    key = f"{superior_quota_id}|expected_not_flagged"
    city.alert("fund_attribute_wrong", key, (on, YELLOW), (red_on, RED), (mended_on, ""))


def matched_to_nothing(office: Office, on: date) -> None:
    """Received outside the linkage module there is nothing to disagree with."""
    take_up(office, receive(office, YUAN, on), YUAN, on)


# --- double entry ------------------------------------------------------------------------------------------------


def entered_again(office: Office, on: date) -> None:
    """Received money entered once more by hand, voided after a week."""
    take_up(office, receive(office, YUAN, on), YUAN, on)
    day = next_working_day(on, 4)
    again = arrange(office, YUAN + 7, day, entry_mode="re_entered")
    voided_on = next_working_day(day, 7)
    void_quota(office, again, voided_on)
    office.alert("received_quota_reentered", again.quota_id, (day, RED), (voided_on, ""))


def entered_with_the_same_amount(office: Office, on: date) -> None:
    """The same amount within a month only points at it."""
    take_up(office, receive(office, YUAN, on), YUAN, on)
    day = next_working_day(on, 20)
    again = arrange(office, YUAN, day)
    voided_on = next_working_day(day, 7)
    void_quota(office, again, voided_on)
    office.alert("received_quota_reentered", again.quota_id, (day, YELLOW), (voided_on, ""))


def same_amount_a_month_later(office: Office, on: date) -> None:
    """The same amount after the 30 days is chance."""
    take_up(office, receive(office, YUAN, on), YUAN, on)
    day = next_working_day(on, 31)
    take_up(office, arrange(office, YUAN, day), YUAN, day)


def _carried(office: Office, on: date, yuan: int) -> tuple[Quota, date]:
    """Money unpaid at the end of the year, and an amount of the same fund entered in January; paid a week later."""
    line = funded_line(office, YUAN, on)
    new_year = date(on.year + 1, 1, 1)
    entered_on, paid_on = next_working_day(new_year, 13), next_working_day(new_year, 19)
    again = arrange(office, yuan, entered_on)
    pay_rest(office, line, paid_on)
    office.alert("year_end_unspent", f"{line.quota.category}|{on.year}", (new_year, RED), (paid_on, ""))
    return again, entered_on


def carry_over_entered_again(office: Office, on: date) -> None:
    """What was unpaid is entered as this year's money, voided after some days."""
    again, entered_on = _carried(office, on, YUAN)
    voided_on = next_working_day(entered_on, 6)
    void_quota(office, again, voided_on)
    office.alert("carry_over_entered_as_current", again.quota_id, (entered_on, YELLOW), (voided_on, ""))


def another_amount_in_january(office: Office, on: date) -> None:
    """One yuan more is another amount."""
    again, entered_on = _carried(office, on, YUAN + 1)
    take_up(office, again, YUAN + 1, entered_on)


def _left_at_year_end(office: Office, on: date, left_yuan: int) -> tuple[str, date, date]:
    line = funded_line(office, 1_000_000, on)
    pay(office, line, 1_000_000 - left_yuan, next_working_day(on, 12))
    new_year = date(on.year + 1, 1, 1)
    paid_on = next_working_day(new_year, 15)
    pay(office, line, left_yuan, paid_on)
    return f"{line.quota.category}|{on.year}", new_year, paid_on


def a_tenth_unspent(office: Office, on: date) -> None:
    """A tenth is left on 31 December: red."""
    key, new_year, paid_on = _left_at_year_end(office, on, 100_000)
    office.alert("year_end_unspent", key, (new_year, RED), (paid_on, ""))


def little_unspent(office: Office, on: date) -> None:
    """A fen less than 7 percent is left: yellow."""
    key, new_year, paid_on = _left_at_year_end(office, on, 69_999)
    office.alert("year_end_unspent", key, (new_year, YELLOW), (paid_on, ""))


def spent_on_the_last_days(office: Office, on: date) -> None:
    """Everything is paid by the last working day."""
    line = funded_line(office, YUAN, on)
    pay_rest(office, line, last_working_day_by(date(on.year, 12, 31)))


_LATE_YEAR = (11, 11)
SCENES: tuple[Scene, ...] = (
    fault("improper_issue", issued_beyond_the_quota),
    near("improper_issue", issued_in_full),
    fault("mixed_transfer_unsplit", transfer_split_late, XINJIANG),
    near("mixed_transfer_unsplit", transfer_split_in_time, XINJIANG),
    fault("superior_quota_not_received", received_late),
    near("superior_quota_not_received", received_in_time),
    fault("matched_to_non_poverty_quota", matched_to_other_money),
    near("matched_to_non_poverty_quota", matched_to_nothing),
    fault("received_quota_reentered", entered_again),
    fault("received_quota_reentered", entered_with_the_same_amount),
    near("received_quota_reentered", same_amount_a_month_later),
    fault("carry_over_entered_as_current", carry_over_entered_again, months=_LATE_YEAR, over_the_year=True),
    near("carry_over_entered_as_current", another_amount_in_january, months=_LATE_YEAR, over_the_year=True),
    fault("year_end_unspent", a_tenth_unspent, months=_LATE_YEAR, over_the_year=True),
    fault("year_end_unspent", little_unspent, months=_LATE_YEAR, over_the_year=True),
    near("year_end_unspent", spent_on_the_last_days, months=_LATE_YEAR, over_the_year=True),
)
