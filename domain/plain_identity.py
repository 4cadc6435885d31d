"""Plain identities: what must never lie open on this network (wire.md 5.1, plain_identity and redaction).

Two tests, for two ends. A run of 16 or more digits in free text or in a field nobody declared refuses the event: bank
cards have 16 to 19, ID numbers 18. A true ID number anywhere in the bytes of a refused record hides the bytes.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any, Final

from domain.json_text import Number

RUN_DIGITS: Final = 16
# Full-width digits are what input methods make of digits; a reader sees no difference.
_RUN: Final = re.compile(rf"[0-9０-９]{{{RUN_DIGITS}}}").search
# 17 digits and a check character, not part of a longer run; X ends a run.
_ID_NUMBER: Final = re.compile(rb"(?<![0-9])[0-9]{17}(?:[0-9](?![0-9])|[Xx])")
# GB 11643 (ISO 7064 MOD 11-2): weights of the first 17 digits, and the check character for each remainder.
_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_CHARACTERS: Final = b"10X98765432"


def has_run(text: str) -> bool:
    """Whether the text holds 16 digits in a row; digits parted by blanks or signs are no run."""
    return _RUN(text) is not None


def has_id_number(data: bytes) -> bool:
    """Whether the bytes hold a plain ID number: right check character, and a date from 1900 to 2100 in it."""
    return any(_is_id_number(match[0].upper()) for match in _ID_NUMBER.finditer(data))


def _is_id_number(number: bytes) -> bool:
    total = sum(weight * (digit - 0x30) for weight, digit in zip(_WEIGHTS, number, strict=False))
    if _CHECK_CHARACTERS[total % 11] != number[17]:
        return False
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    return 1900 <= born.year <= 2100


def path_in_unknown(value: Any, path: str) -> str | None:
    """Path of the first run in a value that no contract describes: in a name, a string or an integer, at any depth.

    A name that is itself the run is not repeated: the path then ends at its object.
    """
    if type(value) is str:
        return path if has_run(value) else None
    if type(value) is int:
        return path if has_run(str(value)) else None
    if isinstance(value, Number):
        return path if value.is_integer() and has_run(value.literal) else None
    if type(value) is list:
        inner: Any = ((f"{path}[{index}]", each) for index, each in enumerate(value))
    elif type(value) is dict:
        if any(has_run(name) for name in value):
            return path
        inner = ((f"{path}.{name}", each) for name, each in value.items())
    else:
        return None
    for inner_path, each in inner:
        found = path_in_unknown(each, inner_path)
        if found is not None:
            return found
    return None
