"""The published JSON Schemas are in step with the code, and say the same as the intake."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from domain.events import EVENT_TYPES
from domain.intake import Refused
from domain.refusals import Code
from domain.schemas import ENVELOPE_FILE, schema_files
from tests.domain.changes import changed_events
from tests.domain.examples import EXAMPLES, key_of, verdict_on

PUBLISHED = Path(__file__).parents[2] / "docs" / "schemas"
SCHEMAS: dict[str, dict[str, Any]] = {name: json.loads(text) for name, text in schema_files().items()}
REGISTRY: Registry[Any] = Registry().with_resources(
    (name, Resource.from_contents(schema)) for name, schema in SCHEMAS.items()
)
VALIDATORS = {
    name: Draft202012Validator(
        SCHEMAS[f"{name}.json"], registry=REGISTRY, format_checker=Draft202012Validator.FORMAT_CHECKER
    )
    for name in EVENT_TYPES
}
# Refusals that a schema can tell, and the codes that come after all of them.
IN_SCHEMA = {Code.SCHEMA_VERSION_UNSUPPORTED, Code.FIELD_MISSING, Code.FIELD_BAD, Code.SOURCE_NOT_ALLOWED}
BEYOND = {Code.KEY_MISMATCH, Code.REGION_UNKNOWN, Code.OCCURRED_IN_FUTURE, Code.VILLAGE_ENTRY, Code.PLAIN_IDENTITY}


def test_the_published_schemas_are_those_of_the_code() -> None:
    """docs/schemas holds exactly what `python -m fundwatch.schema_files docs/schemas` writes."""
    assert {path.name: path.read_text("utf-8") for path in PUBLISHED.glob("*.json")} == schema_files()


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_is_one(name: str) -> None:
    """Each file is a valid schema of draft 2020-12 that names itself."""
    Draft202012Validator.check_schema(SCHEMAS[name])
    assert SCHEMAS[name]["$id"] == name


def test_there_is_a_schema_for_every_type() -> None:
    """One file per type, and the envelope."""
    assert set(SCHEMAS) == {f"{name}.json" for name in EVENT_TYPES} | {ENVELOPE_FILE}


@pytest.mark.parametrize("event_type", EXAMPLES)
def test_a_schema_accepts_its_example(event_type: str) -> None:
    """The contract's examples are valid."""
    assert list(VALIDATORS[event_type].iter_errors(EXAMPLES[event_type])) == []


@settings(max_examples=300, deadline=None)
@given(changed_events())
def test_schema_and_intake_say_the_same(event: dict[str, Any]) -> None:
    """What the schema refuses the intake refuses for its form, and what it accepts only for more than form."""
    verdict = verdict_on(event, key=key_of(EXAMPLES[event["type"]]))
    is_valid = VALIDATORS[event["type"]].is_valid(event)
    code = verdict.code if isinstance(verdict, Refused) else None
    assert code is None or code in IN_SCHEMA | BEYOND
    assert code in BEYOND or is_valid is (code not in IN_SCHEMA)
