"""What a connector must know of a field of the contract to fill it: read off the annotations of `domain.events`."""

from __future__ import annotations

from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin, get_type_hints

from msgspec import NODEFAULT, Struct
from msgspec.structs import fields

from domain.events import BODY_TYPES, Event
from domain.events.types import Form, RequiredIf

_AMOUNTS = ("fen", "fen0", "fen_delta")


class FieldSpec(NamedTuple):
    """One field: the name of its form (`domain.events.types`), its closed list of values, and what may be left out."""

    form: str
    choices: tuple[str, ...]
    is_required: bool
    null_when_empty: bool  # the key must be there, null says that the source has no value
    is_list: bool

    @property
    def is_amount(self) -> bool:
        """Whether it is money in fen."""
        return self.form in _AMOUNTS


@cache
def body_fields(type_name: str) -> dict[str, FieldSpec]:
    """The fields of a type's body, by name."""
    return _specs(BODY_TYPES[type_name])


@cache
def envelope_fields() -> dict[str, FieldSpec]:
    """The fields of the envelope, by name."""
    return _specs(Event)


def _specs(struct: type[Struct]) -> dict[str, FieldSpec]:
    hints = get_type_hints(struct, include_extras=True)
    return {
        field.name: _spec(hints[field.name], field.default is NODEFAULT and field.default_factory is NODEFAULT)
        for field in fields(struct)
    }


def _spec(hint: Any, is_required: bool) -> FieldSpec:
    forms: list[str] = []
    choices: list[str] = []
    kinds: set[object] = set()
    _walk(hint, forms, choices, kinds)
    must_be_there = is_required or RequiredIf in kinds
    return FieldSpec(
        form=forms[0] if forms else "",
        choices=tuple(choices),
        is_required=is_required,
        null_when_empty=must_be_there and NoneType in kinds,
        is_list=tuple in kinds,
    )


def _walk(hint: Any, forms: list[str], choices: list[str], kinds: set[object]) -> None:
    origin = get_origin(hint)
    if origin is Annotated:
        forms.extend(mark.name for mark in hint.__metadata__ if isinstance(mark, Form))
        kinds.update(RequiredIf for mark in hint.__metadata__ if isinstance(mark, RequiredIf) and mark.may_be_null)
        _walk(hint.__origin__, forms, choices, kinds)
    elif origin is Literal:
        choices.extend(get_args(hint))
    elif origin in (Union, UnionType):
        for each in get_args(hint):
            _walk(each, forms, choices, kinds)
    else:
        kinds.add(origin or hint)
