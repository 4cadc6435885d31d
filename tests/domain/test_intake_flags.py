"""What the intake notices on events that it accepts (wire.md 5.2)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.domain.examples import (
    envelope,
    example,
    flags,
)

NOTICE = example("linkage.quota_issued", fund_category="unknown")


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (example("payment.recorded", paid_on=None), ("paid_on_empty",)),
        (example("relocation.spent", spent_on=None), ("paid_on_empty",)),
        (example("payment.recorded", record_state="invalid"), ("record_invalid",)),
        (example("payment.recorded", line_id=None), ("unlinked",)),
        (example("payment.recorded", project_id=None), ("unlinked",)),
        (example("payment.recorded", project_id=None) | {"region": "652700"}, ()),
        (example("payment.recorded", line_id=None) | {"region": "652700"}, ("unlinked",)),
        (example("quota.arranged", is_household=None), ("flag_unset",)),
        (example("quota.arranged", is_poverty_fund=None, is_integrable=None), ("flag_unset",)),
        (example("quota.arranged", fund_category="unknown"), ("category_unknown",)),
        (example("quota.arranged", fund_category="central-42"), ("category_unknown",)),
        (example("quota.arranged", fund_category="local-999999-7"), ()),
        (example("figures.reported", fund_category=None), ()),
        (example("quota.reflagged", fund_category="unknown"), ()),
        (example("quota.arranged", subject_code=None), ("subject_missing",)),
        (example("payment.recorded", subject_code=None), ("subject_missing",)),
        (example("quota.received", linkage_id=None), ("not_linked_reception",)),
        (example("distribution.row_recorded", person_key=None), ("identity_faulty",)),
        (example("distribution.row_recorded", id_number_state="missing"), ("identity_faulty",)),
        (example("payment.recorded", payee_credit_code=None), ("credit_code_faulty",)),
        (example("payment.recorded", payee_credit_code="91652722MA775A1B21"), ("credit_code_faulty",)),
        (example("payment.recorded", payee_kind="bank", payee_credit_code=None), ()),
        (example("account.entry_recorded", direction="in", payee_kind="enterprise"), ("unknown_field",)),
        (example("quota.received", reviewed_by="system"), ("self_reviewed",)),
        (example("payment.recorded", x_note=1), ("unknown_field",)),
        (envelope(x_note=1), ("unknown_field",)),
        (example("quota.voided", x_note=1), ("unknown_field",)),
        (NOTICE | {"source": "monitor"}, ()),
        (NOTICE | {"source": "budget_execution"}, ("category_unknown",)),
    ],
)
def test_a_flag_says_what_intake_noticed(event: dict[str, Any], expected: tuple[str, ...]) -> None:
    """Each flag is set by its cause, on events that create a record; three of them on every event."""
    assert flags(event) == expected


def test_flags_come_in_the_order_of_the_contract() -> None:
    """Several flags are listed as the contract's table lists them."""
    event = example("payment.recorded", paid_on=None, record_state="invalid", line_id=None, reviewed_by="system", x=1)
    assert flags(event) == ("paid_on_empty", "record_invalid", "unlinked", "self_reviewed", "unknown_field")


@pytest.mark.parametrize(
    ("recorded_on", "expected"),
    [("2019-10-01", ()), ("2019-10-10", ()), ("2019-10-11", ("late_recorded",)), ("2020-01-01", ("late_recorded",))],
)
def test_late_is_more_than_five_working_days(recorded_on: str, expected: tuple[str, ...]) -> None:
    """The fifth working day after Friday 27 September 2019 is 10 October: make-up Sunday in, holidays out."""
    event = envelope(occurred_on="2019-09-27", recorded_at=f"{recorded_on}T08:00:00+08:00")
    assert flags(event) == expected


def test_late_is_told_of_corrections_too() -> None:
    """A correction recorded late changes past figures as any event does."""
    assert flags(envelope("quota.voided", recorded_at="2021-01-01T00:00:00+08:00")) == ("late_recorded",)
