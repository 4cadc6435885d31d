"""JSON Schemas (2020-12) of every event, from the same annotations that the intake checks by.

What a schema cannot say stands in wire.md only: the order in which faults are looked for, that an integer has no point
or exponent (to JSON Schema 1.0 is one), and everything that needs the region's past or the region tree.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from inspect import getdoc
from typing import Any, Final

from domain.events import EVENT_TYPES, EventType
from domain.events.groups import Payee
from domain.events.types import RequiredIf
from domain.shapes import ENVELOPE, Field, Shape, fields_of, shape_of

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
ENVELOPE_FILE: Final = "envelope.json"
Schema = dict[str, Any]


def schema_files() -> dict[str, str]:
    """The text of each schema file by its name: one per type, and the envelope that all of them refer to."""
    files = {f"{name}.json": _event_schema(each) for name, each in EVENT_TYPES.items()}
    files[ENVELOPE_FILE] = _envelope_schema()
    return {name: json.dumps(files[name], ensure_ascii=False, indent=1) + "\n" for name in sorted(files)}


def _envelope_schema() -> Schema:
    schema = _object_schema(ENVELOPE.fields)
    schema["properties"] |= {
        "type": {"enum": list(EVENT_TYPES)},
        "schema_version": {"const": 1},
        "body": {"type": "object"},
    }
    schema["required"] += ["type", "schema_version", "body"]
    return {
        "$schema": _DIALECT,
        "$id": ENVELOPE_FILE,
        "title": "Envelope of every event (wire.md section 3)",
        **schema,
    }


def _event_schema(event_type: EventType) -> Schema:
    body = _body_schema(shape_of(event_type, {}))
    if event_type.payee_if is not None:
        body.setdefault("allOf", []).append(_when(*event_type.payee_if, _body_schema(Shape(fields_of(Payee)))))
    return {
        "$schema": _DIALECT,
        "$id": f"{event_type.name}.json",
        "title": event_type.name,
        "description": getdoc(event_type.body),
        "allOf": [{"$ref": ENVELOPE_FILE}],
        "properties": {
            "type": {"const": event_type.name},
            "source": {"enum": list(event_type.sources)},
            "body": body,
        },
    }


def _body_schema(shape: Shape) -> Schema:
    schema = _object_schema(shape.fields)
    cases = [_required_case(field, field.when) for field in shape.fields if field.when is not None]
    return schema | ({"allOf": cases} if cases else {})


def _object_schema(fields: Iterable[Field]) -> Schema:
    listed = tuple(fields)
    return {
        "type": "object",
        "properties": {field.name: _field_schema(field, or_null=_takes_null(field)) for field in listed},
        "required": [field.name for field in listed if field.is_required],
    }


def _takes_null(field: Field) -> bool:
    # Null counts as absent where a field may be absent.
    return field.may_be_null or not field.is_required


def _field_schema(field: Field, *, or_null: bool) -> Schema:
    schema: Schema = {"description": field.form.expected, **field.form.schema}
    if field.entry is not None:
        schema = _object_schema(field.entry.fields)
    if field.is_list:
        schema = {"type": "array", "items": schema}
    return {"anyOf": [schema, {"type": "null"}]} if or_null else schema


def _required_case(field: Field, when: RequiredIf) -> Schema:
    there = {"properties": {field.name: _field_schema(field, or_null=field.may_be_null)}, "required": [field.name]}
    return _when(when.field, when.value, there)


def _when(name: str, value: str, then: Schema) -> Schema:
    return {"if": {"properties": {name: {"const": value}}, "required": [name]}, "then": then}
