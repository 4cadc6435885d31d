"""One cell of an export as the value it stands for, or a named fault: nothing is guessed.

Exports pass through spreadsheets, and a spreadsheet damages in known ways: long numbers become 6.22848E+18 and lose
digits for good, dates become day counts, sums grow thousands separators, cells keep blanks. What cannot be undone is
refused with its name. What is only untidy (blanks around a value, thousands separators) is refused too unless the
mapping says ``accept``, so that the person who knows the source decides, once, in writing.

Money goes through exact decimals to whole fen; no float comes near it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, time
from enum import StrEnum

from domain.catalogue import ENTRIES
from domain.events.types import CATEGORY, FEN_MAX

FEN_PER = {"yuan": 100, "wan_yuan": 1_000_000, "fen": 1}
UNIT_ZH = {"yuan": "元", "wan_yuan": "万元", "fen": "分"}
# 2^53 fen have 16 digits; a longer digit string is refused before it costs anything.
AMOUNT_LENGTH_MAX = 40


class CellFault(StrEnum):
    """What is wrong with a cell; the column ``reason`` of a rejects file."""

    EMPTY = "empty"
    BLANKS_AROUND = "blanks_around"
    SCIENTIFIC_NOTATION = "scientific_notation"
    THOUSANDS_SEPARATOR = "thousands_separator"
    NOT_A_NUMBER = "not_a_number"
    FRACTION_OF_A_FEN = "fraction_of_a_fen"
    OUT_OF_RANGE = "out_of_range"
    SPREADSHEET_ERROR = "spreadsheet_error"
    SPREADSHEET_DATE = "spreadsheet_date"
    NOT_A_DATE = "not_a_date"
    NOT_A_MOMENT = "not_a_moment"
    UNKNOWN_CODE = "unknown_code"


class CellRefused(ValueError):
    """A cell stands for no value; carries the fault and a sentence for people."""

    def __init__(self, fault: CellFault, expected: str) -> None:
        super().__init__(f"{fault}: {expected}")
        self.fault, self.expected = fault, expected


_SCIENTIFIC = re.compile(r"[+-]?[0-9]+(?:\.[0-9]*)?[eE][+-]?[0-9]+")
_PLAIN_AMOUNT = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_GROUPED_AMOUNT = re.compile(r"-?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?")
_WHOLE = re.compile(r"[0-9]{1,18}")
_DAY = re.compile(
    r"(?:([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})|([0-9]{4})/([0-9]{1,2})/([0-9]{1,2})|([0-9]{4})\.([0-9]{1,2})\.([0-9]{1,2})"
    r"|([0-9]{4})年([0-9]{1,2})月([0-9]{1,2})[日号]|([0-9]{4})([0-9]{2})([0-9]{2}))"
    r"(?:[ T]([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.0+)?)?)?"
)
# 2000-01-01 … 2099-12-31 as Excel counts days: a bare number in this range is a date that lost its format.
_DAY_COUNT = re.compile(r"[0-9]{5}(?:\.[0-9]+)?")
_DAY_COUNT_FIRST, _DAY_COUNT_LAST = 36_526, 73_050


def tidy(text: str, *, accept_blanks: bool) -> str:
    """The cell without blanks around it, which must have been accepted; refuses a spreadsheet's error marks."""
    stripped = text.strip().strip("\ufeff\u200b").strip()
    if stripped.startswith("#") and stripped.rstrip("!?").upper() in _SPREADSHEET_ERRORS:
        raise CellRefused(CellFault.SPREADSHEET_ERROR, "a value; the spreadsheet shows an error here")
    if stripped != text and stripped and not accept_blanks:
        raise CellRefused(CellFault.BLANKS_AROUND, 'no blanks around the value (or accept = ["blanks"] in the mapping)')
    return stripped


_SPREADSHEET_ERRORS = frozenset({"#REF", "#VALUE", "#N/A", "#NAME", "#DIV/0", "#NULL", "#NUM", "#####", "########"})


def text_of(text: str) -> str:
    """Text as it stands, but not a long number that a spreadsheet has rounded."""
    if _SCIENTIFIC.fullmatch(text):
        raise CellRefused(
            CellFault.SCIENTIFIC_NOTATION,
            "the digits themselves; format the column as text and export again (the lost digits are not in this file)",
        )
    return text


def fen_of(text: str, unit: str, *, accept_thousands: bool) -> int:
    """An amount in ``unit`` as whole fen. The sign is kept; whether it may be negative is the contract's to say."""
    number = unicodedata.normalize("NFKC", text)
    if _SCIENTIFIC.fullmatch(number):
        raise CellRefused(CellFault.SCIENTIFIC_NOTATION, f"the amount in {UNIT_ZH[unit]} written out, such as 1234.56")
    if _GROUPED_AMOUNT.fullmatch(number):
        if not accept_thousands:
            raise CellRefused(
                CellFault.THOUSANDS_SEPARATOR,
                'an amount without thousands separators (or accept = ["thousands"] in the mapping)',
            )
        number = number.replace(",", "")
    if not _PLAIN_AMOUNT.fullmatch(number):
        raise CellRefused(CellFault.NOT_A_NUMBER, f"an amount in {UNIT_ZH[unit]} such as 1234.56, without sign or unit")
    if len(number) > AMOUNT_LENGTH_MAX:
        raise CellRefused(CellFault.OUT_OF_RANGE, f"at most {FEN_MAX} fen")
    whole, _, fraction = number.lstrip("-").partition(".")
    fraction = fraction.rstrip("0")
    places = len(str(FEN_PER[unit])) - 1
    if len(fraction) > places:
        raise CellRefused(CellFault.FRACTION_OF_A_FEN, f"at most {places} decimals of {UNIT_ZH[unit]}")
    fen = int(whole + fraction.ljust(places, "0"))
    if fen > FEN_MAX:
        raise CellRefused(CellFault.OUT_OF_RANGE, f"at most {FEN_MAX} fen")
    return -fen if number.startswith("-") else fen


def whole_of(text: str) -> int:
    """A whole number from 0, such as a year or a count."""
    number = unicodedata.normalize("NFKC", text)
    if _SCIENTIFIC.fullmatch(number):
        raise CellRefused(CellFault.SCIENTIFIC_NOTATION, "a whole number written out")
    if not _WHOLE.fullmatch(number):
        raise CellRefused(CellFault.NOT_A_NUMBER, "a whole number")
    return int(number)


def day_of(text: str) -> str:
    """A date in one of the forms of Chinese exports, as ``2019-07-15``; a time of day behind it is left off."""
    return _moment(text, CellFault.NOT_A_DATE, "a date: 2019-07-15, 2019/7/15, 2019.7.15, 2019年7月15日 or 20190715")[0]


def moment_of(text: str) -> str:
    """A moment of China Standard Time; a date alone is its midnight."""
    day, time = _moment(text, CellFault.NOT_A_MOMENT, "a moment: 2019-07-15 10:21:00, 2019/7/15 10:21 or a date")
    return f"{day}T{time}+08:00"


def _moment(text: str, fault: CellFault, expected: str) -> tuple[str, str]:
    cell = unicodedata.normalize("NFKC", text)
    if _DAY_COUNT.fullmatch(cell) and _DAY_COUNT_FIRST <= int(cell.partition(".")[0]) <= _DAY_COUNT_LAST:
        raise CellRefused(CellFault.SPREADSHEET_DATE, f"{expected}; this is a spreadsheet's day count")
    match = _DAY.fullmatch(cell)
    if match is None:
        raise CellRefused(fault, expected)
    year, month, day = (int(part) for part in match.groups()[:15] if part is not None)
    hour, minute, second = (int(part or 0) for part in match.groups()[15:])
    try:
        return date(year, month, day).isoformat(), time(hour, minute, second).isoformat("seconds")
    except ValueError:
        raise CellRefused(fault, f"{expected}; there is no such day or time") from None


def flag_of(text: str) -> bool:
    """是 or 否, as exports write it."""
    flag = _FLAGS.get(text.upper())
    if flag is None:
        raise CellRefused(CellFault.UNKNOWN_CODE, "是 or 否")
    return flag


_FLAGS = {"是": True, "否": False, "1": True, "0": False, "Y": True, "N": False, "TRUE": True, "FALSE": False}


def code_of(text: str, codes: Mapping[str, str | bool]) -> str | bool:
    """The contract's value for a word of the source, by the mapping's table."""
    value = codes.get(text)
    if value is None:
        raise CellRefused(CellFault.UNKNOWN_CODE, f"one of {' '.join(codes)}")
    return value


def category_of(text: str) -> str:
    """A fund category by its key, or by its name in the catalogue when only one category has that name."""
    if CATEGORY.accepts(text):
        return text
    named = _CATEGORIES_BY_NAME.get(_name_form(text), ())
    if len(named) != 1:
        expected = f"a key, since several have this name: {' '.join(named)}" if named else "a fund of the catalogue"
        raise CellRefused(CellFault.UNKNOWN_CODE, f"{expected} (资金清单), or a key such as central-36")
    return named[0]


def _name_form(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())


def _categories_by_name() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for entry in ENTRIES:
        name = _name_form(entry.name_zh)
        found[name] = (*found.get(name, ()), entry.category)
    return found


_CATEGORIES_BY_NAME = _categories_by_name()
