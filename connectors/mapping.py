"""A mapping says which column of an export is which field of the contract; it is a TOML file that a county may edit.

Read strictly: a key that is not known, a field that the type does not have, a required field that nothing fills, an
amount without its unit: each refuses the file by name before the first row is read. docs/contract/connectors.md
explains every key; `connectors/mappings/` has ready-made ones.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Literal

import msgspec

from connectors.cells import FEN_PER
from domain.events import BODY_TYPES, EVENT_TYPES
from domain.events.types import FEN, FEN0, FEN_DELTA
from domain.shapes import ENVELOPE, Field, fields_of

# What a cell becomes when it is not simply a value of its field's form.
Making = Literal[
    "fund_category",
    "person_key",
    "number_key",
    "name_key",
    "masked_name",
    "masked_id_number",
    "id_number_state",
    "tail4",
]
NEEDS_KEYS = frozenset({"person_key", "number_key", "name_key"})
PERSONAL = NEEDS_KEYS | {"masked_name", "masked_id_number", "id_number_state", "tail4"}
READY_MADE = Path(__file__).parent / "mappings"
ENVELOPE_FIELDS = {field.name: field for field in ENVELOPE.fields}


@cache
def body_fields(type_name: str) -> dict[str, Field]:
    """The fields of a type's body, by name."""
    return {field.name: field for field in fields_of(BODY_TYPES[type_name])}


def is_amount(field: Field) -> bool:
    """Whether it is money in fen."""
    return field.form in (FEN, FEN0, FEN_DELTA)


def choices(field: Field) -> tuple[str, ...]:
    """The closed list of values that the field has, if it has one."""
    values = field.form.schema.get("enum", ()) if field.form else ()
    return tuple(str(value) for value in values) if isinstance(values, list) else ()


class MappingRefused(ValueError):
    """A mapping cannot be used; carries the file, the place in it and what was expected there."""

    def __init__(self, path: Path, place: str, expected: str) -> None:
        super().__init__(f"mapping {path}: {place}: {expected}")
        self.path, self.place, self.expected = path, place, expected


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where one field comes from: exactly one of column, constant, given and copy."""

    column: str | tuple[str, ...] = ()  # header, or several spellings of it
    constant: str | int | bool = ""
    given: str = ""  # name of a value given with --set NAME=VALUE, for what a file leaves unsaid (its region)
    copy: str | tuple[str, ...] = ()  # other fields; the first that is not empty, its date where a date is wanted
    making: Making | None = msgspec.field(default=None, name="as")  # else by the field's form
    when: dict[str, str] | None = None  # the field and value with which `as` holds; otherwise the cell as it stands
    unit: Literal["yuan", "wan_yuan", "fen"] | None = None
    codes: dict[str, str | bool] | None = None
    prefix: str = ""  # put before the value; {region} stands for the row's region
    accept: tuple[Literal["blanks", "thousands"], ...] = ()
    optional: bool = False  # the export may lack the column

    @property
    def is_personal(self) -> bool:
        """Whether its cells are about a person, so that they are shown to nobody."""
        return self.making in PERSONAL

    @property
    def columns(self) -> tuple[str, ...]:
        """The spellings of the header."""
        return (self.column,) if isinstance(self.column, str) else self.column

    @property
    def copies(self) -> tuple[str, ...]:
        """The fields to copy from."""
        return (self.copy,) if isinstance(self.copy, str) else self.copy


class TypeRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The event type by a column, where one export holds several kinds of record."""

    column: str | tuple[str, ...]
    codes: dict[str, str]

    @property
    def columns(self) -> tuple[str, ...]:
        """The spellings of the header."""
        return (self.column,) if isinstance(self.column, str) else self.column


class Mapping(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One mapping file."""

    title: str
    type: str | TypeRule
    source: str
    native_id: str  # the body field that names the record in its source, part of the event_id
    version: Rule | None = None  # where the source counts versions of a record; else 1
    delimiter: str = ","
    envelope: dict[str, Rule]
    body: dict[str, Rule]

    @property
    def types(self) -> tuple[str, ...]:
        """The event types it can make, each once."""
        return (self.type,) if isinstance(self.type, str) else tuple(dict.fromkeys(self.type.codes.values()))

    def needs_keys(self) -> bool:
        """Whether pseudonyms are made, so that a key file must be given."""
        return any(rule.making in NEEDS_KEYS for rule in self.body.values())

    def givens(self) -> frozenset[str]:
        """The names that --set must give."""
        return frozenset(rule.given for rule in (*self.envelope.values(), *self.body.values()) if rule.given)


def read_mapping(path: Path) -> Mapping:
    """The mapping in a file, or one of the ready-made ones by its name; raises MappingRefused."""
    if not path.exists() and (READY_MADE / f"{path}.toml").exists():
        path = READY_MADE / f"{path}.toml"
    try:
        mapping = msgspec.toml.decode(path.read_text(encoding="utf-8-sig"), type=Mapping)  # editors may write a mark
    except OSError as error:
        names = " ".join(sorted(each.stem for each in READY_MADE.glob("*.toml")))
        raise MappingRefused(path, "file", f"one that can be read ({error.strerror}); ready-made: {names}") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise MappingRefused(path, "file", str(error)) from None
    for place, expected in _faults(mapping):
        raise MappingRefused(path, place, expected)
    return mapping


def _faults(mapping: Mapping) -> Iterable[tuple[str, str]]:
    for name in mapping.types:
        if name not in EVENT_TYPES:
            yield "type", f"an event type of the contract, not {name!r}"
            return
        if mapping.source not in EVENT_TYPES[name].sources:
            yield "source", f"one of {' '.join(EVENT_TYPES[name].sources)} for {name}"
        yield from _unfilled(mapping, name)
    if len(mapping.delimiter) != 1:
        yield "delimiter", "one character"
    if mapping.native_id not in mapping.body:
        yield "native_id", "a field of [body]"
    known = {field: spec for name in mapping.types for field, spec in body_fields(name).items()}
    for field, rule in mapping.body.items():
        yield from _faults_of_rule(f"body.{field}", rule, known.get(field), mapping)
    for field, rule in mapping.envelope.items():
        yield from _faults_of_rule(f"envelope.{field}", rule, ENVELOPE_FIELDS.get(field), mapping)


def _unfilled(mapping: Mapping, name: str) -> Iterable[tuple[str, str]]:
    for field, spec in body_fields(name).items():
        if spec.is_required and field not in mapping.body:
            yield f"body.{field}", f"a rule: the field is required in {name}"
        if spec.is_list and field in mapping.body:
            yield f"body.{field}", "no list; send records that hold lists as JSON Lines"
    for field in ("region", "occurred_on", "recorded_at", "entered_by", "entered_by_unit"):
        if field not in mapping.envelope:
            yield f"envelope.{field}", "a rule: every event has the field"


def _faults_of_rule(place: str, rule: Rule, spec: Field | None, mapping: Mapping) -> Iterable[tuple[str, str]]:
    if spec is None:
        yield place, f"no such field in {' or '.join(mapping.types)}"
        return
    ways = [bool(rule.columns), rule.constant != "", bool(rule.given), bool(rule.copies)]
    if ways.count(True) != 1:
        yield place, "exactly one of column, constant, given, copy"
    if is_amount(spec) and rule.columns and rule.unit is None:
        yield place, f"unit = one of {' '.join(FEN_PER)}: an amount without its unit would be guessed"
    if rule.unit is not None and not is_amount(spec):
        yield place, "no unit: the field is no amount"
    if allowed := choices(spec):
        values = [rule.constant] if rule.constant != "" else list((rule.codes or {}).values())
        for value in values:
            if value not in allowed:
                yield place, f"one of {' '.join(allowed)}, not {value!r}"
        if rule.columns and rule.codes is None and rule.making is None:
            yield place, f"codes: a table from the export's words to {' '.join(allowed)}"
    if rule.when is not None and (rule.making is None or not set(rule.when) <= set(mapping.body)):
        yield place, "when = { field of [body] = value } beside `as`"
    for source in rule.copies:
        if source not in mapping.body and source not in mapping.envelope:
            yield place, f"copy: {source} is filled by no rule"
