"""Types of the wire's fields (wire.md section 2), each declared once with the form that it must have.

A field's annotation carries its form: ``payment_id: Id`` is a ``str`` to Python and to msgspec, and `Form` ID to the
intake, which checks it, and to the schema writer, which prints it. msgspec itself checks no form: what was journaled
has been checked already, and reading it back must cost nothing more (see `domain.events.decode_trusted`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Annotated, Any, Final, Literal

# The largest integer that a double, and so every JSON reader, holds exactly: 2^53 - 1 fen, 90 trillion yuan.
FEN_MAX: Final = 9_007_199_254_740_991
TEXT_CHARACTERS_MAX: Final = 2_000


@dataclass(frozen=True, slots=True)
class Form:
    """How a value of one type is written on the wire: a test, words for people, and the same as JSON Schema."""

    name: str
    accepts: Callable[[Any], bool]
    expected: str
    schema: Mapping[str, object] = field(hash=False)


@dataclass(frozen=True, slots=True)
class RequiredIf:
    """Marks a field that must be there when another field of the same body has a certain value."""

    field: str
    value: str
    may_be_null: bool = False


def _matching(pattern: str) -> Callable[[Any], bool]:
    fits = re.compile(pattern).fullmatch
    return lambda value: type(value) is str and fits(value) is not None


def _whole(least: int, most: int) -> Callable[[Any], bool]:
    # type() and not isinstance(): true is an int to Python and a fault on the wire.
    return lambda value: type(value) is int and least <= value <= most


_DAY = re.compile(r"(?:19|20)[0-9]{2}-[01][0-9]-[0-3][0-9]|2100-[01][0-9]-[0-3][0-9]").fullmatch
_TIME = re.compile(r"T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\+08:00").fullmatch


# The same few thousand days come again and again: 0.1 µs for one seen before, 0.8 µs for a new one.
@lru_cache(maxsize=16_384)
def _names_a_day(text: str) -> bool:
    if _DAY(text) is None:
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _is_day(value: Any) -> bool:
    return type(value) is str and _names_a_day(value)


def _is_moment(value: Any) -> bool:
    return type(value) is str and _names_a_day(value[:10]) and _TIME(value, 10) is not None


def _is_text(value: Any) -> bool:
    return _is_text0(value) and not (value == "" or value.isspace())


def _is_text0(value: Any) -> bool:
    return type(value) is str and len(value) <= TEXT_CHARACTERS_MAX and "\0" not in value


def _text_form(name: str, pattern: str, expected: str) -> Form:
    return Form(name, _matching(pattern), expected, {"type": "string", "pattern": f"^(?:{pattern})$"})


def _whole_form(name: str, least: int, most: int, expected: str) -> Form:
    schema = {"type": "integer", "minimum": least, "maximum": most}
    return Form(name, _whole(least, most), expected, schema)


_DATE_SCHEMA = {"type": "string", "format": "date", "pattern": r"^(?:(?:19|20)[0-9]{2}|2100)-[0-9]{2}-[0-9]{2}$"}
_MONTH = r"(?:(?:19|20)[0-9]{2}|2100)-(?:0[1-9]|1[0-2])"
_CATEGORY = r"(?:central|regional|local-[0-9]{6})-[1-9][0-9]{0,2}|unknown"

ID = _text_form("id", r"[A-Za-z0-9._:-]{1,64}", "1 to 64 of A-Z a-z 0-9 . _ : -")
REGION = _text_form("region", r"[0-9]{6}", "a 6-digit 行政区划代码")
TOWNSHIP = _text_form("township", r"[0-9]{9}", "a 9-digit 统计用区划代码")
VILLAGE = _text_form("village", r"[0-9]{12}", "a 12-digit 统计用区划代码")
ORGANISATION = _text_form("organisation", r"[A-Za-z0-9._-]{1,64}", "1 to 64 of A-Z a-z 0-9 . _ -")
CATEGORY = _text_form("category", _CATEGORY, "central-N, regional-N, local-RRRRRR-N or unknown, N of 1 to 3 digits")
FEN = _whole_form("fen", 1, FEN_MAX, f"whole fen from 1 to {FEN_MAX}, no point, no exponent")
FEN0 = _whole_form("fen0", 0, FEN_MAX, f"whole fen from 0 to {FEN_MAX}, no point, no exponent")
FEN_DELTA = Form(
    "fen_delta",
    lambda value: type(value) is int and value != 0 and -FEN_MAX <= value <= FEN_MAX,
    f"whole fen of either sign, not 0, up to {FEN_MAX}",
    {"type": "integer", "minimum": -FEN_MAX, "maximum": FEN_MAX, "not": {"const": 0}},
)
PERCENT = _whole_form("percent", 0, 1_000, "whole percent from 0 to 1000")
WHOLE = _whole_form("integer", 0, FEN_MAX, f"a whole number from 0 to {FEN_MAX}")
YEAR = _whole_form("year", 2_000, 2_100, "a year from 2000 to 2100")
DECIMAL = _text_form("decimal", r"-?[0-9]+(?:\.[0-9]+)?", 'a number as a string, such as "12.5"')
DAY = Form("date", _is_day, "a date such as 2019-09-30, from 1900-01-01 to 2100-12-31", _DATE_SCHEMA)
MONTH = _text_form("month", _MONTH, "a month such as 2019-09, from 1900-01 to 2100-12")
MOMENT = Form(
    "timestamp",
    _is_moment,
    "a moment such as 2019-09-30T10:21:00+08:00, always +08:00 and whole seconds",
    {
        "type": "string",
        "format": "date-time",
        "pattern": r"^(?:(?:19|20)[0-9]{2}|2100)-[0-9-]{5}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\+08:00$",
    },
)
FLAG = Form("flag", lambda value: type(value) is bool, "true or false", {"type": "boolean"})
PSEUDONYM = _text_form("pseudonym", r"k[0-9]+:[0-9a-f]{32}", "k<key version>: and 32 lower-case hex digits")
CREDIT_CODE = _text_form("credit_code", r"[0-9A-HJ-NP-RT-UW-Y]{18}", "18 of 0-9 and A-Z without I O S V Z")
CODE = _text_form("code", r"[A-Za-z0-9._-]{1,40}", "1 to 40 of A-Z a-z 0-9 . _ -")
TAIL4 = _text_form("tail4", r"[0-9A-Za-z]{4}", "the last 4 characters of an account, of 0-9 A-Z a-z")
TEXT = Form(
    "text",
    _is_text,
    f"1 to {TEXT_CHARACTERS_MAX} characters, not white space only, no U+0000",
    {"type": "string", "maxLength": TEXT_CHARACTERS_MAX, "pattern": r"^[^\u0000]*[^\s\u0000][^\u0000]*$"},
)
TEXT0 = Form(
    "text0",
    _is_text0,
    f"at most {TEXT_CHARACTERS_MAX} characters, no U+0000",
    {"type": "string", "maxLength": TEXT_CHARACTERS_MAX, "pattern": r"^[^\u0000]*$"},
)

# What the fields of the bodies are declared with.
Id = Annotated[str, ID]
Region = Annotated[str, REGION]
Township = Annotated[str, TOWNSHIP]
Village = Annotated[str, VILLAGE]
Organisation = Annotated[str, ORGANISATION]
Category = Annotated[str, CATEGORY]
Fen = Annotated[int, FEN]
Fen0 = Annotated[int, FEN0]
FenDelta = Annotated[int, FEN_DELTA]
Percent = Annotated[int, PERCENT]
Whole = Annotated[int, WHOLE]
Year = Annotated[int, YEAR]
DecimalText = Annotated[str, DECIMAL]
Day = Annotated[date, DAY]
Month = Annotated[str, MONTH]
Moment = Annotated[str, MOMENT]
Flag = Annotated[bool, FLAG]
Pseudonym = Annotated[str, PSEUDONYM]
CreditCode = Annotated[str, CREDIT_CODE]
Code = Annotated[str, CODE]
Tail4 = Annotated[str, TAIL4]
Text = Annotated[str, TEXT]
Text0 = Annotated[str, TEXT0]

# Closed lists of values that several topics use. The kinds of account are 国库单一账户 / 财政专户 / 零余额 /
# 单位实有资金 / 乡镇实有资金 / 村集体 / 企业 / 个人 / 银行内部户 / 无.
AccountKind = Literal[
    "treasury",
    "special_fiscal",
    "unit_zero_balance",
    "unit_real_fund",
    "township_real_fund",
    "village_collective",
    "enterprise",
    "personal",
    "bank_internal",
    "none",
]
ArrangingLevel = Literal["central", "province", "city", "county", "township"]
LineKind = Literal["poverty", "non_poverty"]  # 扶贫 / 非扶贫
SpendingStage = Literal["intermediate", "final"]  # 拨到部门、乡镇或专户 / 到最终收款人
RefundKind = Literal["returned_by_bank", "returned_by_payee", "recovered"]  # 银行退票 / 收款人退回 / 追回

# Source systems, wire.md 2.2; ``monitor`` is this system itself (ticks, linkage notices from a superior's journal).
Source = Literal[
    "budget_execution",
    "integrated_fiscal",
    "treasury_payment",
    "special_account",
    "one_card",
    "project_library",
    "performance_system",
    "poverty_registry",
    "department_exchange",
    "relocation_company",
    "manual_entry",
    "desk_console",
    "monitor",
]
