"""One JSON object out of bytes, exactly by RFC 8259, and the digest by which two spellings of it are the same.

msgspec reads (in C, about 3 µs for a payment) and already refuses NaN, bad UTF-8, a byte order mark, unpaired
surrogates and trailing text. What it lets pass or cannot hold is seen to here: a key twice in one object, nesting
beyond `DEPTH_MAX`, and numbers that are no 64-bit integers, which are kept as they are spelled.
"""

from __future__ import annotations

import json
import re
from hashlib import blake2b
from typing import Any, Final

import msgspec
from msgspec import Raw
from msgspec.json import Decoder, Encoder

VALUE_BYTES_MAX: Final = 262_144
# The contract refuses beyond 2,000 levels and lets a reader stop anywhere above the 100 that sources use. The reader
# recurses on the C stack, and Python's limit of 1,000 frames is shared with the caller: 256 leaves room for both, so
# that the same bytes are judged the same however deep the caller stands.
DEPTH_MAX: Final = 256
# Longer integers cannot be held as int (Python's own limit on digits); they stay a Number.
INTEGER_CHARACTERS_MAX: Final = 4_300
DIGEST_BYTES: Final = 16


class MalformedError(ValueError):
    """The bytes are not one JSON object; says what was expected instead."""

    def __init__(self, expected: str) -> None:
        super().__init__(expected)
        self.expected = expected


class Number:
    """A JSON number with a point or exponent, or too long for an int, as it was spelled."""

    __slots__ = ("literal",)

    def __init__(self, literal: str) -> None:
        self.literal = literal

    def __repr__(self) -> str:
        return self.literal

    def is_integer(self) -> bool:
        """Whether it is spelled as an integer."""
        return not any(sign in self.literal for sign in ".eE")

    def canonical(self) -> str:
        """The same text for all spellings of one number: plain digits for a whole number, else digits and exponent."""
        parts: list[tuple[str, str, str, str]] = _NUMBER(self.literal)
        ((sign, whole, fraction, power),) = parts
        if len(power) > INTEGER_CHARACTERS_MAX // 2:
            return self.literal.lower()
        digits = (whole + fraction).lstrip("0")
        exponent = int(power or "0") - len(fraction)
        kept = digits.rstrip("0")
        if not kept:
            return "0"
        exponent += len(digits) - len(kept)
        if exponent >= 0 and len(sign) + len(kept) + exponent <= INTEGER_CHARACTERS_MAX:
            return sign + kept + "0" * exponent
        return f"{sign}{kept}e{exponent}"


_NUMBER: Final = re.compile(r"(-?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?").findall
_STRING_OR_BRACKET: Final = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[{\]}]', re.DOTALL)
_ONE_OBJECT: Final = "one JSON object in UTF-8"


def _spell(value: Any) -> Raw:
    # Called by the encoder for what is no JSON type of Python's: only Number.
    return Raw(value.canonical().encode())


_decode: Final = Decoder(float_hook=Number).decode
_encode_sorted: Final = Encoder(enc_hook=_spell, order="sorted").encode
_encode_verbatim: Final = Encoder(enc_hook=lambda number: Raw(repr(number).encode())).encode


def parse(value: bytes | None) -> dict[str, Any]:
    """The object in the bytes; raises MalformedError. Numbers that are no int come as `Number`."""
    if not value:
        raise MalformedError("a value; an empty one and a tombstone mean nothing here")
    if len(value) > VALUE_BYTES_MAX:
        raise MalformedError(f"at most {VALUE_BYTES_MAX} bytes, not {len(value)}")
    if value.count(b"{") + value.count(b"[") > DEPTH_MAX:
        _refuse_depth(value)
    try:
        parsed = _decode(value)
    except msgspec.ValidationError:  # an integer longer than an int may be
        parsed = _parse_slowly(value)
    except msgspec.DecodeError as error:
        raise MalformedError(f"{_ONE_OBJECT}: {error}") from None
    except UnicodeDecodeError as error:
        raise MalformedError(f"{_ONE_OBJECT}: {error.reason} at byte {error.start}") from None
    if type(parsed) is not dict:
        raise MalformedError(f"{_ONE_OBJECT}, not another value")
    if not _has_each_key_once(value, parsed):
        _parse_slowly(value)
    return parsed


def digest(parsed: dict[str, Any]) -> bytes:
    """16 bytes, the same for all spellings of the same JSON.

    Order of keys, white space, escapes and the spelling of a number do not matter; null and absent differ.
    """
    return blake2b(_encode_sorted(parsed), digest_size=DIGEST_BYTES).digest()


def shown(value: Any) -> str:
    """A parsed value as JSON text, numbers as they were spelled, for people."""
    return _encode_verbatim(value).decode()


def _has_each_key_once(value: bytes, parsed: dict[str, Any]) -> bool:
    """True only if no object has a key twice; False when that needs a closer look.

    Without white space each key ends in ``":``, so the bytes hold that pair at least as often as there are keys, and a
    doubled key is lost in parsing: as many pairs as parsed keys means that none was. Text may hold the pair, too.
    """
    return value.translate(None, b" \t\r\n").count(b'":') == _count_keys(parsed)


def _count_keys(parsed: dict[str, Any] | list[Any]) -> int:
    if type(parsed) is dict:
        count = len(parsed)
        inner: Any = parsed.values()
    else:
        count, inner = 0, parsed
    for each in inner:
        if type(each) is dict or type(each) is list:
            count += _count_keys(each)
    return count


def _refuse_depth(value: bytes) -> None:
    depth = 0
    for token in _STRING_OR_BRACKET.finditer(value):
        first = value[token.start()]
        if first in b"[{":
            depth += 1
            if depth > DEPTH_MAX:
                raise MalformedError(f"nesting of at most {DEPTH_MAX} levels")
        elif first in b"]}":
            depth -= 1


def _parse_slowly(value: bytes) -> Any:
    """Parse again where every key, every number and every string can be looked at; raises MalformedError."""
    try:
        parsed = json.loads(
            value.decode("utf-8"),
            object_pairs_hook=_with_each_key_once,
            parse_float=Number,
            parse_int=_whole_number,
            parse_constant=_refuse_constant,
        )
        # Python's own reader lets unpaired surrogates pass; UTF-8 does not.
        json.dumps(parsed, ensure_ascii=False, default=repr).encode("utf-8")
    except UnicodeError:
        raise MalformedError(f"{_ONE_OBJECT}, surrogates in pairs") from None
    except json.JSONDecodeError as error:
        raise MalformedError(f"{_ONE_OBJECT}: {error.msg} at character {error.pos}") from None
    return parsed


def _with_each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    parsed = dict(pairs)
    if len(parsed) != len(pairs):
        raise MalformedError("each key once in an object")
    return parsed


def _whole_number(literal: str) -> int | Number:
    return int(literal) if len(literal) <= INTEGER_CHARACTERS_MAX else Number(literal)


def _refuse_constant(literal: str) -> None:
    raise MalformedError(f"{_ONE_OBJECT}: {literal} is not JSON")
