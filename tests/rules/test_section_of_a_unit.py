"""Who answers for a unit's month: the section of the quota whose money was parked with it last."""

from __future__ import annotations

from tests.rules.tape import findings_of, read_lines

STORY = (
    "region 652722 xinjiang opened 2019-01-01",
    "2019-03-01 quota.received Q1 yuan=200,000.00 responsible_section=农业股",
    "2019-03-01 quota.received Q2 yuan=200,000.00 responsible_section=社保股",
    "2019-03-01 quota.allocated A1 quota_id=Q1 yuan=100,000.00 target_kind=project is_pending=false project_id=P1",
    "2019-03-01 quota.allocated A2 quota_id=Q2 yuan=100,000.00 target_kind=project is_pending=false project_id=P1",
    "2019-05-20 payment.recorded Z1 line_id=A1 yuan=100.00 spending_stage=intermediate payee_unit_code=652722-xz",
    "2019-06-20 payment.recorded Z2 line_id=A2 yuan=100.00 spending_stage=intermediate payee_unit_code=652722-xz",
    "2019-07-11 tick",
)


def test_the_section_is_that_of_the_money_parked_last_by_the_months_end() -> None:
    """What comes in June does not decide for May."""
    told = findings_of(read_lines(STORY, "monthly_payment_entry_missing"))
    assert [(one.subject_key, one.responsible_section) for one in told] == [
        ("652722|652722-xz|2019-05", "农业股"),
        ("652722|652722-xz|2019-06", "社保股"),
    ]
