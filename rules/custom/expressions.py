"""CEL expressions over documented facts: compiled with their types, and evaluated to a value or a reason.

The only module that knows the CEL library (ADR 9). What is left out of the language is what would cost more than its
length (macros, which loop, and regular expressions), what would make money a fraction (conversions to double), and
what would put off a type error until money is judged (dyn).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final, NamedTuple, Protocol

from cel_expr_python import cel  # type: ignore[import-untyped]  # ships stubs, but no py.typed

from domain.calendar import is_working_day
from rules.custom.failures import Failure, Why
from rules.custom.limits import (
    DETAIL_CHARACTERS_MAX,
    EXPRESSION_CHARACTERS_MAX,
    EXPRESSION_NODES_MAX,
    FACTS_MAX,
    LANGUAGES_MAX,
)

_OPERATORS: Final = (
    *("_+_", "_-_", "_*_", "_/_", "_%_", "-_", "!_", "_&&_", "_||_", "_?_:_"),
    *("_==_", "_!=_", "_<_", "_<=_", "_>_", "_>=_", "@in", "_[_]"),
)
FUNCTIONS: Final = ("size", "contains", "startsWith", "endsWith")
_LANGUAGE: Final = "\n".join(
    (
        "name: fundwatch",
        "stdlib:",
        "  disable_macros: true",
        "  include_functions:",
        *(f'    - name: "{name}"' for name in (*_OPERATORS, *FUNCTIONS)),
    )
)


class FactType(StrEnum):
    """What a fact can be."""

    INT = "int"
    STRING = "string"
    BOOL = "bool"
    STRINGS = "list of strings"


_TYPES: Final = {
    FactType.INT: cel.Type.INT,
    FactType.STRING: cel.Type.STRING,
    FactType.BOOL: cel.Type.BOOL,
    FactType.STRINGS: cel.Type.List(cel.Type.STRING),
}


class ExpressionRefused(ValueError):
    """What is no expression of the language over the facts there are, or not of the type that is asked for."""

    def __init__(self, expected: str, found: str = "") -> None:
        super().__init__(f"{found}, expected {expected}" if found else f"expected {expected}")
        self.expected, self.found = expected, found


class _Compiled(Protocol):
    def eval(self, activation: Any) -> Any: ...
    def serialize(self) -> bytes: ...
    def return_type(self) -> Any: ...


class Expression(NamedTuple):
    """A compiled expression, and the facts that it asks for, by name in the order of their text."""

    text: str
    facts: tuple[str, ...]
    compiled: _Compiled
    language: Any

    def bound(self, facts: Mapping[str, object]) -> object:
        """The facts as expressions over the same ones take them; those that are absent are left out."""
        return self.language.Activation(facts)

    def evaluate(self, bound: object) -> int | bool | Failure:
        """Its value on these facts, or why it has none. Raises nothing."""
        value: int | bool | str = self.compiled.eval(bound).value()
        # No expression gives a text, so a text is what went wrong; to ask for the result's type would cost 2 µs.
        return _failure(value) if isinstance(value, str) else value


def _day(text: str) -> int:
    return date.fromisoformat(text).toordinal()


def _weekday(day: int) -> int:
    return date.fromordinal(day).isoweekday()


class Day(NamedTuple):
    """A function on days for expressions: what it says, for the page of facts, and how it is worked out."""

    name: str
    takes: FactType
    gives: FactType
    says: str
    of: Callable[[Any], object]


DAY_FUNCTIONS: Final = (
    Day("day", FactType.STRING, FactType.INT, "the day that is written `YYYY-MM-DD`", _day),
    Day("year", FactType.INT, FactType.INT, "the year of a day", lambda day: date.fromordinal(day).year),
    Day("month", FactType.INT, FactType.INT, "the month of a day, 1 to 12", lambda day: date.fromordinal(day).month),
    Day("day_of_month", FactType.INT, FactType.INT, "1 to 31", lambda day: date.fromordinal(day).day),
    Day("weekday", FactType.INT, FactType.INT, "1 for Monday to 7 for Sunday", _weekday),
    Day(
        "is_working_day",
        FactType.INT,
        FactType.BOOL,
        "whether the statutory calendar has the day as a working day",
        lambda day: is_working_day(date.fromordinal(day)),
    ),
)


def compiled(text: str, types: Mapping[str, FactType], wanted: FactType) -> Expression:
    """The expression, its result being of the ``wanted`` type. Raises ExpressionRefused, saying what was expected."""
    if not text.strip() or len(text) > EXPRESSION_CHARACTERS_MAX:
        raise ExpressionRefused(f"an expression of 1 to {EXPRESSION_CHARACTERS_MAX} characters")
    language = _language(tuple(sorted(types.items())))
    try:
        made = language.compile(text)
    except (RuntimeError, ValueError) as error:
        raise _refused(str(error), types) from None
    if made.return_type() != _TYPES[wanted]:
        raise ExpressionRefused(f"an expression of type {wanted}", f"type {made.return_type().name().lower()}")
    nodes, facts = _looked_through(made.serialize(), types)
    if nodes > EXPRESSION_NODES_MAX:
        raise ExpressionRefused(f"at most {EXPRESSION_NODES_MAX}", f"{nodes} names, values and operators")
    if len(facts) > FACTS_MAX:
        raise ExpressionRefused(f"at most {FACTS_MAX}", f"{len(facts)} different facts")
    return Expression(text, facts, made, language)


@lru_cache(maxsize=LANGUAGES_MAX)
def _language(types: tuple[tuple[str, FactType], ...]) -> Any:
    """The language over these facts; custom rules on one kind of subject mostly share it."""
    functions = [
        cel.FunctionDecl(
            each.name,
            [cel.Overload(each.name, _TYPES[each.gives], [_TYPES[each.takes]], is_member=False, impl=each.of)],
        )
        for each in DAY_FUNCTIONS
    ]
    config = cel.NewEnvConfigFromYaml(_LANGUAGE)
    return cel.NewEnv(config=config, variables={name: _TYPES[each] for name, each in types}, functions=functions)


_UNDECLARED: Final = "undeclared reference to '"
_TOO_DEEP: Final = "recursion"
_ABSENT: Final = 'No value with name "'


def _refused(message: str, types: Mapping[str, FactType]) -> ExpressionRefused:
    """What the compiler found first; of a name that it does not know, those there are."""
    first = message.splitlines()[0].removeprefix("INVALID_ARGUMENT: ").removesuffix(" [INVALID_ARGUMENT]")
    _, is_unknown, rest = first.partition(_UNDECLARED)
    if is_unknown:
        name = rest.partition("'")[0]
        return ExpressionRefused(f"one of {', '.join(_near(name, types))}", f"unknown fact or function `{name}`")
    if _TOO_DEEP in first:
        return ExpressionRefused("an expression nested less than 32 deep")
    return ExpressionRefused("an expression of CEL", first.removeprefix("ERROR: <input>:"))


def _near(name: str, types: Mapping[str, FactType]) -> list[str]:
    """The facts of the same group as the name, or else all of them, and the functions."""
    first, is_dotted, _ = name.partition(".")
    group = [fact for fact in types if fact.partition(".")[0] == first]
    functions = [] if is_dotted else [*(f"{each.name}()" for each in DAY_FUNCTIONS), *(f"{f}()" for f in FUNCTIONS)]
    return [*sorted(group or types), *functions]


def _failure(message: str) -> Failure:
    code, _, said = message.partition(": ")
    text = said[:DETAIL_CHARACTERS_MAX]
    if text.endswith(" by zero"):
        return Failure(Why.DIVIDE_BY_ZERO, text)
    if text == "integer overflow":
        return Failure(Why.OVERFLOW, text)
    if text.startswith(_ABSENT):
        return Failure(Why.ABSENT_FACT, text.removeprefix(_ABSENT).partition('"')[0])
    return Failure(Why.NOT_A_DAY if code == "OUT_OF_RANGE" else Why.OTHER, text)


def _looked_through(serialized: bytes, types: Mapping[str, FactType]) -> tuple[int, tuple[str, ...]]:
    """How many nodes a compiled expression has, and which facts it asks for.

    Read from the message that the library writes of it (cel.expr.CheckedExpr in an Any): field 2 has a reference for
    each name, field 3 a type for each node.
    """
    checked = next(content for number, content in _fields(serialized) if number == 2)
    nodes, named = 0, set[str]()
    for number, content in _fields(checked):
        nodes += number == 3
        if number == 2:
            reference = dict(_fields(dict(_fields(content)).get(2, b"")))
            named.add(reference.get(1, b"").decode())
    return nodes, tuple(sorted(named & types.keys()))


def _fields(message: bytes) -> Iterator[tuple[int, bytes]]:
    """The fields of a protobuf message that hold bytes, in order; numbers are passed over."""
    place = 0
    while place < len(message):
        tag, place = _number(message, place)
        length, place = _number(message, place)
        if tag & 7 == 2:
            yield tag >> 3, message[place : place + length]
            place += length


def _number(message: bytes, place: int) -> tuple[int, int]:
    """A number as protobuf writes it, and where it ends."""
    number = shift = 0
    while True:
        byte = message[place]
        number |= (byte & 0x7F) << shift
        place, shift = place + 1, shift + 7
        if not byte & 0x80:
            return number, place
