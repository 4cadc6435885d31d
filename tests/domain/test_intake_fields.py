"""The envelope and the body at intake: each field at fault is refused by its path (wire.md sections 2 and 5)."""

from __future__ import annotations

from typing import Any

import pytest

from domain.intake import Accepted, Refused
from tests.domain.examples import (
    EXAMPLES,
    envelope,
    example,
    flags,
    refusal,
    verdict_on,
    without,
)


@pytest.mark.parametrize("event_type", EXAMPLES)
def test_an_example_is_accepted(event_type: str) -> None:
    """The contract's examples are good events, at most recorded late."""
    assert set(flags(example(event_type))) <= {"late_recorded"}


@pytest.mark.parametrize("version", [None, 0, 2, 1.0, "1", True, [1]])
def test_another_schema_version_is_refused(version: object) -> None:
    """Only the integer 1 is version 1."""
    assert refusal(envelope(schema_version=version)) == ("schema_version_unsupported", "schema_version")


def test_an_absent_schema_version_is_refused() -> None:
    """No version is no version 1."""
    assert refusal(without(envelope(), "schema_version"))[0] == "schema_version_unsupported"


@pytest.mark.parametrize("name", ["event_id", "occurred_on", "recorded_at", "source", "entered_by", "entered_by_unit"])
@pytest.mark.parametrize("is_null", [True, False])
def test_a_field_of_the_envelope_must_be_there(name: str, is_null: bool) -> None:
    """Every field of the envelope is required, and null will not do."""
    event = envelope() | {name: None} if is_null else without(envelope(), name)
    assert refusal(event) == ("field_missing", name)


def test_entered_for_may_be_null_but_not_absent() -> None:
    """The key must be there even where null is its value."""
    assert refusal(without(envelope(), "entered_for")) == ("field_missing", "entered_for")
    assert flags(envelope(entered_for="652722101203")) == ()


@pytest.mark.parametrize(("body", "code"), [(None, "field_missing"), ([], "field_bad"), ("{}", "field_bad")])
def test_a_body_is_an_object(body: object, code: str) -> None:
    """A body that is null is missing, one of another kind is bad."""
    assert refusal(envelope(body=body)) == (code, "body")


@pytest.mark.parametrize("region", ["100000", "000000", "123456", "419000", "652799"])
def test_an_unknown_region_is_refused(region: str) -> None:
    """Central, ticks' 000000, grouping codes and codes of nothing own no money."""
    assert refusal(envelope(region=region)) == ("region_unknown", "region")


def test_a_region_of_the_wrong_form_is_a_bad_field() -> None:
    """A township is no region, even if the key repeats it."""
    assert refusal(envelope(region="652722100")) == ("field_bad", "region")


@pytest.mark.parametrize(
    ("recorded_at", "expected"),
    [("2019-07-14T23:59:59+08:00", "occurred_in_future"), ("2019-07-15T00:00:00+08:00", None)],
)
def test_nothing_happens_after_it_was_recorded(recorded_at: str, expected: str | None) -> None:
    """The day of recording is never refused, the day before it is."""
    verdict = verdict_on(envelope(occurred_on="2019-07-15", recorded_at=recorded_at))
    assert getattr(verdict, "code", None) == expected


@pytest.mark.parametrize("unit", ["652722101203", "village-652722101203"])
def test_a_village_does_not_file(unit: str) -> None:
    """Villages must not be made to file."""
    assert refusal(envelope(entered_by_unit=unit)) == ("village_entry", "entered_by_unit")


@pytest.mark.parametrize("unit", ["65272210120", "6527221012033", "village-65272210120", "x652722101203"])
def test_what_only_looks_like_a_village_may_file(unit: str) -> None:
    """A unit is a village by exactly 12 digits, with or without the word."""
    assert flags(envelope(entered_by_unit=unit)) == ()


@pytest.mark.parametrize(
    ("event_type", "body", "field"),
    [
        ("payment.recorded", {"amount_fen": 0}, "body.amount_fen"),
        ("payment.recorded", {"amount_fen": 9_007_199_254_740_992}, "body.amount_fen"),
        ("payment.recorded", {"amount_fen": 100.0}, "body.amount_fen"),
        ("payment.recorded", {"amount_fen": True}, "body.amount_fen"),
        ("payment.recorded", {"paid_on": "2019-02-30"}, "body.paid_on"),
        ("payment.recorded", {"record_state": "VALID"}, "body.record_state"),
        ("payment.recorded", {"record_state": ["valid"]}, "body.record_state"),
        ("payment.recorded", {"purpose": " \u3000"}, "body.purpose"),
        ("payment.recorded", {"purpose": "字" * 2001}, "body.purpose"),
        ("payment.recorded", {"plan_id": "a b"}, "body.plan_id"),
        ("quota.adjusted", {"delta_fen": 0}, "body.delta_fen"),
        ("batch.settled", {"failed_row_ids": "a"}, "body.failed_row_ids"),
        ("batch.settled", {"failed_row_ids": ["a", ""]}, "body.failed_row_ids[1]"),
        ("quota.refined", {"lines": [{}, 1]}, "body.lines[1]"),
        ("target.reviewed", {"issue_codes": ["fragmented", "x"]}, "body.issue_codes[1]"),
    ],
)
def test_a_bad_value_is_refused_by_its_path(event_type: str, body: dict[str, Any], field: str) -> None:
    """A value of the wrong type, form, range or list is refused, and the letter says which one."""
    assert refusal(example(event_type, **body)) == ("field_bad", field)


def test_entries_are_looked_at_field_by_field() -> None:
    """A field missing in the second entry comes before a later field that is bad in the first."""
    line = EXAMPLES["quota.refined"]["body"]["lines"][0]
    lines = [line | {"amount_fen": 0}, without(dict(line), "project_id")]
    assert refusal(example("quota.refined", lines=lines)) == ("field_missing", "body.lines[1].project_id")


@pytest.mark.parametrize(
    ("event_type", "body", "field"),
    [
        ("payment.recorded", {"channel": "own_account"}, "body.upstream_payment_id"),
        ("payment.recorded", {"channel": "one_card_system", "batch_id": None}, "body.batch_id"),
        ("payment.recorded", {"payee_kind": "person"}, "body.payee_person_key"),
        ("quota.allocated", {"target_kind": "lower_region"}, "body.target_region"),
        ("account.entry_recorded", {"direction": "out", "payee_name": None}, "body.payee_name"),
    ],
)
def test_a_field_required_in_a_case_is_missed_in_that_case(event_type: str, body: dict[str, Any], field: str) -> None:
    """What is required only with a certain value elsewhere is required with it."""
    assert refusal(example(event_type, **body)) == ("field_missing", field)


@pytest.mark.parametrize(
    ("event_type", "body"),
    [
        ("payment.recorded", {"payee_kind": "person", "payee_person_key": None}),
        ("payment.recorded", {"upstream_payment_id": None}),
        ("account.entry_recorded", {"direction": "out", "payee_unit_code": None}),
        ("quota.reflagged", {"is_poverty_fund": None}),
        ("batch.settled", {"failed_row_ids": []}),
    ],
)
def test_null_counts_as_absent_or_as_a_value(event_type: str, body: dict[str, Any]) -> None:
    """Null is accepted where the field may be absent or the contract says it may be null."""
    assert isinstance(verdict_on(example(event_type, **body)), Accepted)


def test_the_letter_names_the_case_that_requires_a_field() -> None:
    """A person who repairs the event learns why the field is wanted."""
    verdict = verdict_on(example("payment.recorded", channel="own_account"))
    assert isinstance(verdict, Refused)
    assert verdict.expected == "1 to 64 of A-Z a-z 0-9 . _ : - (required with channel=own_account)"


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (1.50, "; found 1.5"),
        ("a b", '; found "a b"'),
        ("x" * 99, '; found "' + "x" * 59 + "…"),
        ("编号 6228480402564890", "; found something with 16 digits in a row, not shown"),
        ([{}], "; found [{}]"),
    ],
)
def test_a_letter_shows_what_was_found(value: object, found: str) -> None:
    """The value at fault is shown, shortened, and never if it may be somebody's number."""
    verdict = verdict_on(example("payment.recorded", payment_id=value))
    assert isinstance(verdict, Refused)
    assert verdict.expected == "1 to 64 of A-Z a-z 0-9 . _ : -" + found


def test_a_null_is_told_from_nothing() -> None:
    """A field that is null is shown as null."""
    verdict = verdict_on(envelope(entered_by=None))
    assert isinstance(verdict, Refused)
    assert verdict.expected.endswith("; found null")
