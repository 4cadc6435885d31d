"""The event types are the contract's, field by field, and read what the contract's examples say."""

from __future__ import annotations

import csv
import json
from typing import Any

import msgspec
import pytest

from domain.events import BODY_TYPES, EVENT_TYPES, TOPIC_OF_TYPE, Role, decode_trusted
from domain.events.account_entries import AccountEntryRecorded
from domain.events.quota_changes import QuotaReflagged
from domain.shapes import ENVELOPE, Field, Shape, shape_of
from domain.topics import INGRESS
from tests.domain.examples import CONTRACT, EXAMPLES, example, wire

with (CONTRACT / "wire_fields.tsv").open(encoding="utf-8", newline="") as file:
    CONTRACT_FIELDS = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def said_of(field: Field, prefix: str = "") -> list[tuple[str, str, str]]:
    """Name, type and duty of a field and of its entries' fields, in the words of the contract's table."""
    kind = field.form.name
    if kind == "enum":
        kind = "enum " + "|".join(field.form.schema["enum"])  # type: ignore[arg-type]  # an enum's list of values
    if field.form.expected.endswith(", monitor"):
        kind = "source"
    may_be_null = field.when.may_be_null if field.when else field.may_be_null
    duty = "yes" if field.is_required else "no"
    duty = f"if {field.when.field}={field.when.value}" if field.when else "null" if may_be_null else duty
    kind = f"list<{kind}>" if field.is_list else kind
    inner = [said for each in (field.entry.fields if field.entry else ()) for said in said_of(each, field.name + ".")]
    return [(prefix + field.name, kind, duty), *inner]


def said_by_contract(event_type: str) -> list[tuple[str, str, str]]:
    """The same of the contract's table. That a type takes null is said by the duty too, except where noted there."""
    rows = [row for row in CONTRACT_FIELDS if row["type"] == event_type]
    return [(row["field"], row["field_type"].rstrip("?"), row["required"]) for row in rows]


def shape_of_example(event_type: str) -> Shape:
    """The shape that the type's example has."""
    return shape_of(EVENT_TYPES[event_type], EXAMPLES[event_type]["body"])


@pytest.mark.parametrize("event_type", EXAMPLES)
def test_a_type_has_the_fields_of_the_contract(event_type: str) -> None:
    """Names, order, forms and duties of all fields are those of the contract's table."""
    fields = shape_of_example(event_type).fields
    assert [said for field in fields for said in said_of(field)] == said_by_contract(event_type)


def test_the_envelope_has_the_fields_of_the_contract() -> None:
    """The envelope's fields are those of wire.md section 3, but for the three that are looked at by themselves."""
    apart = {"type", "schema_version", "body"}
    assert [said for field in ENVELOPE.fields for said in said_of(field)] == [
        said for said in said_by_contract("*") if said[0] not in apart
    ]


def test_all_types_of_the_contract_are_there() -> None:
    """The types of the contract's table on the 15 ingress topics, and no other."""
    assert {(row["topic"], row["type"]) for row in CONTRACT_FIELDS if row["type"] != "*"} == {
        (topic, name) for name, topic in TOPIC_OF_TYPE.items()
    }
    assert set(TOPIC_OF_TYPE.values()) == set(INGRESS)


def test_a_snapshot_may_come_on_both_registers() -> None:
    """`registry.snapshot_completed` belongs to the topics of persons and of enterprises."""
    assert EVENT_TYPES["registry.snapshot_completed"].topics == ("registry.persons", "registry.enterprises")


@pytest.mark.parametrize("event_type", EXAMPLES)
def test_an_example_decodes_without_loss(event_type: str) -> None:
    """Every field of an example is found in the record it decodes to, with the same value."""
    event = decode_trusted(wire(EXAMPLES[event_type]))
    assert isinstance(event.body, BODY_TYPES[event_type])
    decoded = msgspec.to_builtins(event)
    assert {name: decoded[name] for name in EXAMPLES[event_type] if name != "body"} == {
        name: value for name, value in EXAMPLES[event_type].items() if name != "body"
    }
    assert without_nulls(decoded["body"]) == without_nulls(EXAMPLES[event_type]["body"])


def without_nulls(value: Any) -> Any:
    """The value with every null field left out."""
    return json.loads(json.dumps(value), object_pairs_hook=lambda pairs: {k: v for k, v in pairs if v is not None})


def test_a_raw_part_of_a_journal_record_decodes_too() -> None:
    """An event is read from the bytes inside its journal record without copying them out."""
    assert decode_trusted(msgspec.Raw(wire(EXAMPLES["payment.recorded"]))).type == "payment.recorded"


def test_null_and_absent_differ_where_null_is_a_value() -> None:
    """A flag set back to "not marked" is None, a flag left alone is UNSET."""
    body = decode_trusted(wire(example("quota.reflagged", is_poverty_fund=None))).body
    assert isinstance(body, QuotaReflagged)
    assert (body.is_poverty_fund, body.is_household) == (None, msgspec.UNSET)


def test_a_receipt_has_no_payee() -> None:
    """The payee fields of an entry that came in are unknown fields, whatever stands in them."""
    receipt = example("account.entry_recorded", direction="in", payee_name=5, payee_kind="nobody", payee_bank_name=[])
    body = decode_trusted(wire(receipt)).body
    assert isinstance(body, AccountEntryRecorded)
    assert (body.payee_name, body.payee_kind, body.payee_bank_name) == (None, None, None)


@pytest.mark.parametrize("event_type", [name for name, each in EVENT_TYPES.items() if each.target])
def test_a_correction_names_its_record(event_type: str) -> None:
    """The target of a correction or follow-up is one of its id fields, and it creates nothing."""
    assert EVENT_TYPES[event_type].target in shape_of_example(event_type).ids
    assert EVENT_TYPES[event_type].own_ids == ()


def test_every_type_creates_or_has_a_target() -> None:
    """A type that neither creates nor ticks says which record it is about."""
    creating = {name for name, each in EVENT_TYPES.items() if each.creates}
    targeted = {name for name, each in EVENT_TYPES.items() if each.target}
    ticking = {name for name, each in EVENT_TYPES.items() if each.role is Role.TICKS}
    assert creating | targeted | ticking == set(EVENT_TYPES)
    assert (creating & targeted, ticking) == (set(), {"clock.tick"})
