"""The shape of each body, taken from its annotations: which fields, in the contract's order, of which form.

The order is that of wire.md: the type's own fields as its table has them, then its group's; a list before its entries,
and of the entries one field after the other. The first field at fault decides, so `first_fault` looks in that order.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

from msgspec import Struct, UnsetType, structs

from domain.events import EVENT_TYPES, Event, EventType
from domain.events.groups import Payee
from domain.events.types import ID, TEXT, TEXT0, Form, RequiredIf
from domain.refusals import NOTHING, Code, Fault


@dataclass(frozen=True, slots=True)
class Field:
    """One field: what it must look like, and when it may be left out.

    ``form`` is that of the value or, where ``is_list``, of each element; a list of objects has ``entry`` instead.
    ``may_be_null``: where the key must be there, null will do. ``when``: it must be there only in that case.
    """

    name: str
    form: Form
    accepts: Callable[[Any], bool]
    is_required: bool
    may_be_null: bool
    is_list: bool = False
    entry: Shape | None = None
    when: RequiredIf | None = None

    @property
    def expected(self) -> str:
        """What stands there in a good event, in words."""
        return f"a list, each {self.form.expected}" if self.is_list else self.form.expected


class Shape:
    """The fields of one kind of object, sorted by what is asked of them."""

    __slots__ = ("columns", "entries", "fields", "ids", "names", "steps", "texts")

    def __init__(self, fields: tuple[Field, ...]) -> None:
        self.fields = fields
        # The hot path's own form of the fields: name, test, whether its absence is worth a look, entries, the field.
        self.steps = tuple(
            (field.name, field.accepts, field.is_required or field.when is not None, field.entry, field)
            for field in fields
        )
        self.names: frozenset[str] = frozenset(field.name for field in fields)
        self.texts = tuple(field.name for field in fields if field.form in (TEXT, TEXT0))
        self.ids = tuple(field.name for field in fields if field.form is ID)
        self.entries = tuple((field.name, field.entry) for field in fields if field.entry is not None)
        # One shape per field, for lists of such objects: their entries are looked at field by field.
        self.columns: tuple[Shape, ...] = tuple(Shape((field,)) for field in fields) if len(fields) > 1 else (self,)


def _one_of(values: tuple[str, ...]) -> Form:
    allowed = frozenset(values)
    return Form(
        "enum",
        lambda value: type(value) is str and value in allowed,
        "one of " + ", ".join(values),
        {"type": "string", "enum": list(values)},
    )


def _list_of(accepts: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: type(value) is list and all(map(accepts, value))


_OBJECT: Final = Form("object", lambda value: type(value) is dict, "an object", {"type": "object"})


def _field(field: structs.FieldInfo) -> Field:
    hint, when = field.type, None
    if get_origin(hint) is Annotated and isinstance(hint.__metadata__[0], RequiredIf):
        hint, when = hint.__origin__, hint.__metadata__[0]
    may_be_null = False
    if get_origin(hint) in (Union, UnionType):
        may_be_null = True
        (hint,) = (each for each in get_args(hint) if each not in (NoneType, UnsetType))
    is_list = get_origin(hint) is tuple
    if is_list:
        hint = get_args(hint)[0]
    # Where a field must be there in a case only, null will do for it only if the contract says so.
    null_is_a_value = when.may_be_null if when else may_be_null and field.required
    entry: Shape | None = None
    if get_origin(hint) is None:
        form, entry = _OBJECT, Shape(fields_of(hint))
    elif get_origin(hint) is Literal:
        form = _one_of(get_args(hint))
    else:
        form = hint.__metadata__[0]
    accepts = _list_of(form.accepts) if is_list else form.accepts
    return Field(field.name, form, accepts, field.required, null_is_a_value, is_list=is_list, entry=entry, when=when)


def fields_of(struct: type[Struct], without: Container[str] = ()) -> tuple[Field, ...]:
    """Fields of a struct in the contract's order: its own as they are declared, then its group's."""
    known = {field.name: field for field in structs.fields(struct)}
    own = [name for name in struct.__annotations__ if name in known]
    group = [name for name in known if name not in struct.__annotations__]
    return tuple(_field(known[name]) for name in (*own, *group) if name not in without)


# Of the envelope's fields three are looked at by themselves: version first, type before that, the body last.
ENVELOPE: Final = Shape(fields_of(Event, without=("type", "schema_version", "body")))
ENVELOPE_NAMES: Final = frozenset(Event.__struct_fields__)
_SHAPES: Final = {
    name: Shape(fields_of(each.body, without=Payee.__struct_fields__ if each.payee_if else ()))
    for name, each in EVENT_TYPES.items()
}
_SHAPES_WITH_PAYEE: Final = {
    name: Shape((*_SHAPES[name].fields, *fields_of(Payee))) for name, each in EVENT_TYPES.items() if each.payee_if
}


def shape_of(event_type: EventType, body: Mapping[str, Any]) -> Shape:
    """The shape of this body: an account entry has payee fields only in one direction."""
    if event_type.payee_if is not None:
        field, value = event_type.payee_if
        if body.get(field) == value:
            return _SHAPES_WITH_PAYEE[event_type.name]
    return _SHAPES[event_type.name]


def first_fault(shape: Shape, body: Mapping[str, Any], path: str) -> Fault | None:
    """The first field at fault, in the contract's order; ``path`` is that of the object, ending in a point."""
    get = body.get
    for name, accepts, is_wanted, entry, field in shape.steps:
        value = get(name)
        if value is None:
            if is_wanted and (fault := _lack(field, body, path)):
                return fault
        elif not accepts(value):
            return _bad(field, value, path)
        elif entry is not None and (fault := _fault_of_entries(entry, value, path + name)):
            return fault
    return None


def _fault_of_entries(entry: Shape, values: list[Any], path: str) -> Fault | None:
    """Entries are looked at one field after the other, each in all entries before the next."""
    for column in entry.columns:
        for index, value in enumerate(values):
            fault = first_fault(column, value, f"{path}[{index}].")
            if fault is not None:
                return fault
    return None


def _lack(field: Field, body: Mapping[str, Any], path: str) -> Fault | None:
    """What is wrong with a field that is absent or null, if anything."""
    is_null = field.name in body
    if is_null and field.may_be_null:
        return None
    expected = f"{field.expected}, or null" if field.may_be_null else field.expected
    if field.when is not None:
        if body.get(field.when.field) != field.when.value:
            return None
        expected += f" (required with {field.when.field}={field.when.value})"
    return Fault(Code.FIELD_MISSING, path + field.name, expected, None if is_null else NOTHING)


def _bad(field: Field, value: Any, path: str) -> Fault:
    if field.is_list and type(value) is list:
        index, element = next((index, each) for index, each in enumerate(value) if not field.form.accepts(each))
        return Fault(Code.FIELD_BAD, f"{path}{field.name}[{index}]", field.form.expected, element)
    return Fault(Code.FIELD_BAD, path + field.name, field.expected, value)
