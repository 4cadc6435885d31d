"""What is shown of a record whose text may name persons. Pure.

Connectors send pseudonyms and masked names only, and the intake refuses plain numbers; here even these are cut, since
an explanation is passed on: a pseudonym to what tells two persons apart, a person's name to its first character.
"""

from __future__ import annotations

import re
from typing import Any, Final

import msgspec

_PSEUDONYM: Final = re.compile(r"\b(k[0-9]+:[0-9a-f]{8})[0-9a-f]{24}\b")
_NUMBER: Final = re.compile(r"[0-9]{16,}[0-9Xx]?")
_MASKED_NAMES: Final = ("name_masked",)


def masked(text: str) -> str:
    """A text without whole pseudonyms, long numbers and control characters."""
    cut = _NUMBER.sub("****", _PSEUDONYM.sub(r"\1…", text))
    return "".join(character if character.isprintable() else " " for character in cut)


def masked_body(body: bytes | msgspec.Raw) -> str:
    """An event's body as JSON, masked; names of persons are cut to their first character."""
    return masked(msgspec.json.encode(_without_names(msgspec.json.decode(body))).decode())


def _without_names(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_names(each) for each in value]
    if not isinstance(value, dict):
        return value
    names = (*_MASKED_NAMES, "payee_name") if value.get("payee_kind") == "person" else _MASKED_NAMES
    return {
        name: f"{each[:1]}**" if name in names and isinstance(each, str) else _without_names(each)
        for name, each in value.items()
    }
