"""Rows of an export as events of the contract, each with an id that is the same whenever the row is read again.

``event_id`` = source : verb : native id : version. It names the record, not its content: a row that was corrected in
the source and exported again meets its first version in the journal and becomes the dead letter ``event_id_conflict``,
which is how the person learns that a correction is an event of its own (wire.md section 4). Were the content in the
id, the second version would be journaled too and silently ignored as ``id_reused``.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping as ReadOnly
from hashlib import sha256
from typing import NamedTuple

import msgspec

from connectors import cells, pseudonyms
from connectors.cells import UNIT_ZH, CellFault, CellRefused
from connectors.csv_rows import Export, FileRefused, Preamble, Row, RowFault, header_name
from connectors.mapping import ENVELOPE_FIELDS, Making, Mapping, Rule, TypeRule, body_fields
from connectors.rejects import Reject
from domain.events import TOPIC_OF_TYPE
from domain.events.types import DAY, WHOLE
from domain.shapes import Field

_TOTALS = frozenset({"合计", "总计", "小计", "累计", "本页合计", "本页小计", "合计:", "总计:"})
_EVENT_ID_CHARACTERS_MAX = 64
_FILLED_ENVELOPE = ("region", "occurred_on", "recorded_at", "entered_by", "entered_by_unit", "entered_for")
_VERSION = Field("version", WHOLE, WHOLE.accepts, is_required=True, may_be_null=False)
_YUAN, _WAN_YUAN = UNIT_ZH["yuan"], UNIT_ZH["wan_yuan"]


class DraftEvent(NamedTuple):
    """An event built from a row, not yet checked against the contract."""

    row: int
    topic: str
    region: str
    value: bytes
    cells: ReadOnly[str, str]

    def cell(self, column: str) -> str:
        """What stands in a column of its row."""
        return self.cells.get(column, "")


class GivenMissing(ValueError):
    """A mapping needs a value that --set did not give; carries its name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"the mapping needs --set {name}=VALUE")
        self.name = name


class _FieldRefused(Exception):
    def __init__(self, column: str, cell: str, refused: CellRefused, *, is_personal: bool = False) -> None:
        super().__init__(str(refused))
        self.column, self.cell, self.refused, self.is_personal = column, cell, refused, is_personal


class EventsOfRows:
    """Turns the rows of one export into draft events by one mapping."""

    def __init__(self, mapping: Mapping, keys: pseudonyms.Keys | None, givens: ReadOnly[str, str]) -> None:
        for name in sorted(mapping.givens()):
            if name not in givens:
                raise GivenMissing(name)
        self._mapping = mapping
        self._keys = keys
        self._givens = givens
        self._specs = {name: body_fields(name) for name in mapping.types}
        # the order of filling: what looks at other fields comes after them, whatever their places in the file
        self._body = sorted(mapping.body.items(), key=_by_need)
        self._envelope = sorted(mapping.envelope.items(), key=_by_need)
        self._column_of: dict[str, str] = {}  # place in the mapping -> header, or empty when the export lacks it

    def read(self, export: Export) -> Iterator[DraftEvent | Reject]:
        """All rows in order. Raises FileRefused when the header is not there or contradicts the mapping."""
        self._bind(export, export.find_header(self._lacking))
        for row in export.rows():
            if isinstance(row, RowFault):
                yield Reject(row.number, "", row.fault, row.expected)
            elif _is_totals(row):
                yield Reject(row.number, "", "totals_row", "a record; this row is a sum of others", _first_cell(row))
            else:
                yield self._event_or_reject(row)

    # --- header --------------------------------------------------------------------------------------------------

    def _rules(self) -> Iterator[tuple[str, Rule]]:
        yield from ((f"body.{field}", rule) for field, rule in self._mapping.body.items())
        yield from self._mapping.envelope.items()
        if self._mapping.version is not None:
            yield "version", self._mapping.version

    def _lacking(self, headers: frozenset[str]) -> tuple[str, ...]:
        needed = [rule.columns for _, rule in self._rules() if rule.columns and not rule.optional]
        if isinstance(self._mapping.type, TypeRule):
            needed.append(self._mapping.type.columns)
        lacking = [columns[0] for columns in needed if not any(header_name(column) in headers for column in columns)]
        return tuple(dict.fromkeys(lacking))

    def _bind(self, export: Export, preamble: Preamble) -> None:
        present = set(preamble.header)
        for place, rule in self._rules():
            column = next((header_name(each) for each in rule.columns if header_name(each) in present), "")
            if column and preamble.header.count(column) > 1:
                raise FileRefused(export.path, f"one column {column}, not {preamble.header.count(column)}")
            if column and rule.unit is not None:
                _refuse_other_unit(export, preamble, place, column, rule.unit)
            self._column_of[place] = column
        if isinstance(self._mapping.type, TypeRule):
            columns = self._mapping.type.columns
            self._column_of["type"] = next(header_name(c) for c in columns if header_name(c) in present)

    # --- one row -------------------------------------------------------------------------------------------------

    def _event_or_reject(self, row: Row) -> DraftEvent | Reject:
        try:
            return self._event(row)
        except _FieldRefused as error:
            refused = error.refused
            return Reject(
                row.number, error.column, refused.fault, refused.expected, error.cell, is_personal=error.is_personal
            )

    def _event(self, row: Row) -> DraftEvent:
        type_name = self._type(row)
        specs = self._specs[type_name]
        region_rule = self._mapping.envelope["region"]
        known: dict[str, object] = {"region": self._value(row, "region", region_rule, ENVELOPE_FIELDS["region"], {})}
        body: dict[str, object] = {}
        for field, rule in self._body:
            if field in specs:
                value = self._value(row, f"body.{field}", rule, specs[field], known)
                known[field] = value
                if value is not None or specs[field].may_be_null:
                    body[field] = value
        for field, rule in self._envelope:
            known[field] = self._value(row, field, rule, ENVELOPE_FIELDS[field], known)
        region = str(known["region"])
        event = {
            "event_id": self._event_id(row, type_name, region, body),
            "type": type_name,
            **{field: known.get(field) for field in _FILLED_ENVELOPE},
            "source": self._mapping.source,
            "schema_version": 1,
            "body": body,
        }
        return DraftEvent(row.number, TOPIC_OF_TYPE[type_name], region, msgspec.json.encode(event), row.cells)

    def column_of(self, place: str) -> str:
        """The header that fills a field (``body.amount_fen``), or the field itself when no column does."""
        return self._column_of.get(place) or place

    def is_personal(self, place: str) -> bool:
        """Whether a person stands behind the field, so that its value is not to be shown."""
        rule = self._mapping.body.get(place.removeprefix("body."))
        return rule is not None and rule.is_personal

    def _type(self, row: Row) -> str:
        rule = self._mapping.type
        if isinstance(rule, str):
            return rule
        column = self._column_of["type"]
        try:
            return str(cells.code_of(row.cells[column], rule.codes))
        except CellRefused as refused:
            raise _FieldRefused(column, row.cells[column], refused) from None

    def _event_id(self, row: Row, type_name: str, region: str, body: ReadOnly[str, object]) -> str:
        native = str(body[self._mapping.native_id])
        version: object = 1
        if self._mapping.version is not None:
            version = self._value(row, "version", self._mapping.version, _VERSION, {})
        # two counties may number alike, and an event_id is unique for ever
        native = native if native.startswith(region) else f"{region}-{native}"
        event_id = f"{self._mapping.source}:{type_name.partition('.')[2]}:{native}:{version}"
        if len(event_id) > _EVENT_ID_CHARACTERS_MAX:
            event_id = f"{self._mapping.source}:{sha256(event_id.encode()).hexdigest()[:32]}:{version}"
        return event_id

    def _value(
        self, row: Row, place: str, rule: Rule, spec: Field, known: ReadOnly[str, object]
    ) -> str | int | bool | None:
        if rule.constant != "":
            return rule.constant
        if rule.given:
            return self._givens[rule.given]
        if rule.copy:
            return _copied(rule, spec, known)
        column = self._column_of[place]
        cell = row.cells[column] if column else ""
        try:
            making = rule.making if _holds(rule, known) else None
            value = self._made(rule, making, spec, cells.tidy(cell, accept_blanks="blanks" in rule.accept))
        except CellRefused as refused:
            raise _FieldRefused(column, cell, refused, is_personal=rule.is_personal) from None
        if value is None and spec.is_required and not spec.may_be_null:
            raise _FieldRefused(column, cell, CellRefused(CellFault.EMPTY, f"a value: {place} is required"))
        if rule.prefix and value is not None:
            return rule.prefix.replace("{region}", str(known.get("region", ""))) + str(value)
        return value

    def _made(self, rule: Rule, making: Making | None, spec: Field, text: str) -> str | int | bool | None:
        if making == "id_number_state":
            return pseudonyms.id_number_state(text).value
        if not text:
            return None
        if rule.codes is not None:
            return cells.code_of(text, rule.codes)
        if making is not None:
            return self._by_making(making, cells.text_of(text))
        return _by_form(rule, spec, text)

    def _by_making(self, making: Making, text: str) -> str | None:
        match making:
            case "fund_category":
                return cells.category_of(text)
            case "masked_name":
                return pseudonyms.masked_name(text)
            case "masked_id_number":
                return pseudonyms.masked_id_number(text)
            case "tail4":
                return pseudonyms.tail4(text)
            case "name_key":
                normalised = pseudonyms.normalised_name(text)
            case "person_key":
                normalised = pseudonyms.normalised_id_number(text)
            case _:
                normalised = pseudonyms.normalised_number(text)
        if self._keys is None:
            raise GivenMissing("--key-file")
        return self._keys.pseudonym(normalised) if normalised else None


def _by_need(each: tuple[str, Rule]) -> int:
    return 2 if each[1].copies else 1 if each[1].when else 0


def _holds(rule: Rule, known: ReadOnly[str, object]) -> bool:
    return rule.when is None or all(known.get(field) == value for field, value in rule.when.items())


def _by_form(rule: Rule, spec: Field, text: str) -> str | int | bool:
    if rule.unit is not None:  # of amounts only, see `connectors.mapping`
        return cells.fen_of(text, rule.unit, accept_thousands="thousands" in rule.accept)
    match spec.form.name if spec.form else "":
        case "date":
            return cells.day_of(text)
        case "timestamp":
            return cells.moment_of(text)
        case "flag":
            return cells.flag_of(text)
        case "integer" | "year" | "percent":
            return cells.whole_of(text)
        case _:
            return cells.text_of(text)


def _copied(rule: Rule, spec: Field, known: ReadOnly[str, object]) -> str | int | bool | None:
    for field in rule.copies:
        value = known.get(field)
        if value is not None:
            # a day from a moment is its first ten characters, as dates are compared as written (wire.md 5.1)
            return value[:10] if isinstance(value, str) and spec.form is DAY else value  # type: ignore[return-value]  # known holds wire values
    return None


def _refuse_other_unit(export: Export, preamble: Preamble, place: str, column: str, unit: str) -> None:
    """A file that names a unit must name the mapping's: a factor of ten thousand is not to be guessed."""
    above = _unit_named(preamble.above) if "单位" in preamble.above else None
    for where, named in (("the header", _unit_named(column)), ("the text above the header", above)):
        if named is not None and named != UNIT_ZH[unit]:
            wanted = f"{place} in {UNIT_ZH[unit]} as the mapping says; {where} says {named} ({column})"
            raise FileRefused(export.path, wanted)


def _unit_named(text: str) -> str | None:
    if _WAN_YUAN in text:
        return _WAN_YUAN
    return _YUAN if f"({_YUAN})" in text or f"单位:{_YUAN}" in text else None


def _is_totals(row: Row) -> bool:
    return "".join(_first_cell(row).split()) in _TOTALS


def _first_cell(row: Row) -> str:
    return next((cell for cell in row.cells.values() if cell.strip()), "")
