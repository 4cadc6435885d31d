"""Reading one JSON object exactly, and telling when two spellings are the same content."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example as also
from hypothesis import given
from hypothesis import strategies as st

from domain.json_text import DEPTH_MAX, MalformedError, Number, digest, parse, shown

# Few names and texts, full of what a counter of quotes and colons could stumble over.
NAMES = st.sampled_from(["a", "b", ":", '"', '":', "\\", "键", "", " "])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(['":', '":"a":', " : ", "\\", "x", "\u3000"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=6,
)
PAIRS = st.lists(st.tuples(NAMES, VALUES), max_size=4)
SPACES = st.sampled_from(["", " ", "\n", "\t", " \r\n"])


def spelled(pairs: list[tuple[str, Any]], space: str, *, is_ascii: bool) -> bytes:
    """An object of these pairs, keys doubled and all, with white space before and after its colons and commas."""
    separators = (f"{space},{space}", f"{space}:{space}")
    parts = [
        json.dumps(name, ensure_ascii=is_ascii)
        + separators[1]
        + json.dumps(value, ensure_ascii=is_ascii, separators=separators)
        for name, value in pairs
    ]
    return f"{space}{{{space}{separators[0].join(parts)}{space}}}{space}".encode()


def reading(value: bytes) -> dict[str, Any] | None:
    """What is read, None if it is refused."""
    try:
        return parse(value)
    except MalformedError:
        return None


@given(PAIRS, SPACES, st.booleans())
@also([('":', 1)], "", False)
@also([("a", '":'), ("a", 1)], " ", False)
def test_an_object_is_read_unless_a_key_comes_twice(pairs: list[tuple[str, Any]], space: str, is_ascii: bool) -> None:
    """However keys, texts and white space look, a doubled key is found and nothing else is taken for one."""
    is_once = len({name for name, _ in pairs}) == len(pairs)
    assert reading(spelled(pairs, space, is_ascii=is_ascii)) == (dict(pairs) if is_once else None)


@given(PAIRS, SPACES)
def test_a_doubled_key_is_found_at_any_depth(pairs: list[tuple[str, Any]], space: str) -> None:
    """A key twice is malformed inside lists and objects too."""
    inner = spelled([*pairs, ("a", 1), ("a", 2)], space, is_ascii=False).decode()
    assert reading(f'{{"x": [1, {{"y": {inner}}}]}}'.encode()) is None


@given(st.dictionaries(NAMES, VALUES), SPACES, st.booleans())
def test_spelling_makes_no_other_content(content: dict[str, Any], space: str, is_ascii: bool) -> None:
    """Order of keys, white space and escapes do not change the digest."""
    turned = spelled(list(reversed(content.items())), space, is_ascii=is_ascii)
    assert digest(parse(turned)) == digest(parse(json.dumps(content).encode()))


@given(st.dictionaries(NAMES, VALUES), st.dictionaries(NAMES, VALUES))
def test_other_content_has_another_digest(one: dict[str, Any], other: dict[str, Any]) -> None:
    """Two contents have the same digest only if they are equal as JSON."""
    is_same = json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
    assert (digest(parse(json.dumps(one).encode())) == digest(parse(json.dumps(other).encode()))) is is_same


@pytest.mark.parametrize(
    "spellings",
    [
        ("1", "1.0", "10e-1", "0.1E1", "1e0", "1.000"),
        ("0", "-0", "0.0", "-0.0e7", "0e99999"),
        ("-150", "-1.5e2", "-150.0"),
        ("0.00125", "1.25e-3", "125E-5"),
        ("18446744073709551616", "1.8446744073709551616e19"),
        ("1e400", "10e399", "1" + "0" * 400),
        ("1e5000", "10e4999", "1" + "0" * 5000, "0.1e5001"),
        ("1" * 4301, "1" * 4301 + ".0"),
        ("1e" + "9" * 3000, "1E" + "9" * 3000),
    ],
    ids=lambda spellings: str(spellings[0])[:12],
)
def test_spellings_of_one_number_are_one_content(spellings: tuple[str, ...]) -> None:
    """A number is its value, whatever its point and exponent."""
    assert len({digest(parse(f'{{"n":{spelling}}}'.encode())) for spelling in spellings}) == 1


@pytest.mark.parametrize(("one", "other"), [("1", "true"), ("1", '"1"'), ("0", "null"), ("1", "10"), ("1", "-1")])
def test_kinds_are_not_mixed_up(one: str, other: str) -> None:
    """A number, a text, a flag and null are four things."""
    assert digest(parse(f'{{"n":{one}}}'.encode())) != digest(parse(f'{{"n":{other}}}'.encode()))


@pytest.mark.parametrize("nested", [b"[", b'{"a":'])
def test_nesting_has_one_limit_for_all_readers(nested: bytes) -> None:
    """The deepest allowed object is read, one level more is malformed, and so are 100,000."""
    close = b"]" if nested == b"[" else b"}"

    def deep(levels: int) -> bytes:
        return b'{"a":' + nested * (levels - 1) + b"1" + close * (levels - 1) + b"}"

    assert reading(deep(DEPTH_MAX)) is not None
    assert reading(deep(DEPTH_MAX + 1)) is None
    assert reading(deep(40_000)) is None


def test_brackets_side_by_side_and_in_texts_are_not_nested() -> None:
    """Many objects beside each other, and brackets inside texts, have no depth."""
    assert reading(json.dumps({"a": [{"[\\": '"{['}] * 1000}).encode()) is not None


@pytest.mark.parametrize(
    "value",
    [
        b'{"n":' + b"1" * 5000 + b',"s":"\\ud83d"}',
        b'{"n":' + b"1" * 5000 + b',"\\ud83d":1}',
        b'{"n":' + b"1" * 5000 + b',"m":NaN}',
        b'{"n":' + b"1" * 5000 + b",}",
        b'{"n":' + b"1" * 5000 + b',"s":"\xff"}',
        b'{"s":"\\ud83d"}',
        b'{"s":"\\ude00\\ud83d"}',
        b'\xef\xbb\xbf{"a":1}',
        b'{"a":1}\x00',
        b"\x0c{}",
        b'{"a":-Infinity}',
        b'{"a":01}',
        b"{'a':1}",
    ],
)
def test_what_is_no_json_stays_malformed_beside_an_endless_number(value: bytes) -> None:
    """Bytes that RFC 8259 or UTF-8 forbids are refused by both readers."""
    assert reading(value) is None


def test_an_endless_number_is_kept_as_it_is_spelled() -> None:
    """An integer that cannot be held is no fault of the JSON."""
    digits = "1" * 5000
    number = parse(b'{"n":' + digits.encode() + b"}")["n"]
    assert isinstance(number, Number)
    assert (number.is_integer(), shown(number), number.literal) == (True, digits, digits)


@pytest.mark.parametrize("literal", ["1.0", "1e3", "1E3"])
def test_a_point_or_exponent_makes_no_integer(literal: str) -> None:
    """What is spelled with a point or exponent is no integer on this wire."""
    number = parse(f'{{"n":{literal}}}'.encode())["n"]
    assert isinstance(number, Number)
    assert (number.is_integer(), repr(number)) == (False, literal)
