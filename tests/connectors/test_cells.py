"""Laws of reading cells: exact, strict, and every refusal has a name."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.cells import (
    FEN_PER,
    CellFault,
    CellRefused,
    category_of,
    code_of,
    day_of,
    fen_of,
    flag_of,
    moment_of,
    text_of,
    tidy,
    whole_of,
)
from domain.events.types import FEN_MAX

AMOUNTS = st.integers(min_value=-FEN_MAX, max_value=FEN_MAX)
UNITS = st.sampled_from(["yuan", "wan_yuan", "fen"])


@given(AMOUNTS, UNITS)
def test_an_amount_survives_being_written_and_read(fen: int, unit: str) -> None:
    """In any unit, to the last fen, up to the contract's largest amount."""
    assert fen_of(str(Decimal(fen) / FEN_PER[unit]), unit, accept_thousands=False) == fen


@given(st.decimals(min_value=-(9 * 10**9), max_value=9 * 10**9, places=6))
def test_wan_yuan_are_exact_decimals(wan: Decimal) -> None:
    """Six decimals of 万元 are whole fen; none is lost or rounded."""
    assert fen_of(format(wan, "f"), "wan_yuan", accept_thousands=False) == int(wan * 1_000_000)


@given(st.integers(min_value=0, max_value=FEN_MAX // 100))
def test_thousands_separators_change_nothing_where_accepted(yuan: int) -> None:
    """1,234,567 is 1234567."""
    assert fen_of(f"{yuan:,}", "yuan", accept_thousands=True) == yuan * 100


@pytest.mark.parametrize(
    ("text", "unit", "fault"),
    [
        ("12.345", "yuan", CellFault.FRACTION_OF_A_FEN),
        ("0.0000001", "wan_yuan", CellFault.FRACTION_OF_A_FEN),
        ("1.5", "fen", CellFault.FRACTION_OF_A_FEN),
        ("1.2E+05", "yuan", CellFault.SCIENTIFIC_NOTATION),
        ("1e5", "yuan", CellFault.SCIENTIFIC_NOTATION),
        ("1,234.00", "yuan", CellFault.THOUSANDS_SEPARATOR),
        ("12,34.00", "yuan", CellFault.NOT_A_NUMBER),
        ("￥100", "yuan", CellFault.NOT_A_NUMBER),
        ("100元", "yuan", CellFault.NOT_A_NUMBER),
        ("(100)", "yuan", CellFault.NOT_A_NUMBER),
        ("1.", "yuan", CellFault.NOT_A_NUMBER),
        (".5", "yuan", CellFault.NOT_A_NUMBER),
        ("", "yuan", CellFault.NOT_A_NUMBER),
        ("9" * 17, "yuan", CellFault.OUT_OF_RANGE),
        ("9" * 60, "yuan", CellFault.OUT_OF_RANGE),
    ],
)
def test_a_faulty_amount_is_refused_by_name(text: str, unit: str, fault: CellFault) -> None:
    """No amount is guessed, rounded or stripped of signs."""
    with pytest.raises(CellRefused) as refused:
        fen_of(text, unit, accept_thousands=False)
    assert refused.value.fault is fault


def test_full_width_digits_are_digits() -> None:
    """１２３．４５ is 123.45; trailing zeros are no fraction of a fen."""
    assert fen_of("１２３．４５", "yuan", accept_thousands=False) == 12_345
    assert fen_of("123.4500", "yuan", accept_thousands=False) == 12_345


FORMS = st.sampled_from(["{0:%Y-%m-%d}", "{0.year}/{0.month}/{0.day}", "{0.year}.{0.month}.{0.day}", "{0:%Y%m%d}"])


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2100, 12, 31)), FORMS)
def test_every_form_of_a_date_is_that_date(day: date, form: str) -> None:
    """The usual forms of exports, with and without leading zeros."""
    assert day_of(form.format(day)) == day.isoformat()


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2100, 12, 31)))
def test_a_chinese_date_is_that_date(day: date) -> None:
    """2019年7月15日, with or without leading zeros, with a time of day behind it."""
    assert day_of(f"{day.year}年{day.month}月{day.day}日") == day.isoformat()
    assert day_of(f"{day.year}/{day.month}/{day.day} 0:00") == day.isoformat()


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("2019-02-30", CellFault.NOT_A_DATE),
        ("19-07-15", CellFault.NOT_A_DATE),
        ("2019-7", CellFault.NOT_A_DATE),
        ("15/07/2019", CellFault.NOT_A_DATE),
        ("2019-07/15", CellFault.NOT_A_DATE),
        ("2019-07-15 25:00", CellFault.NOT_A_DATE),
        ("43661", CellFault.SPREADSHEET_DATE),
        ("43661.5", CellFault.SPREADSHEET_DATE),
    ],
)
def test_what_is_no_date_is_refused_by_name(text: str, fault: CellFault) -> None:
    """Days that do not exist, other orders, and a spreadsheet's day counts."""
    with pytest.raises(CellRefused) as refused:
        day_of(text)
    assert refused.value.fault is fault


@given(st.integers(min_value=36_526, max_value=73_050))
def test_a_day_count_is_never_taken_for_a_date(count: int) -> None:
    """Any day of this century as a spreadsheet counts it is refused: 43661 may also be 1943."""
    with pytest.raises(CellRefused):
        day_of(str(count))
    assert date(1899, 12, 30) + timedelta(days=count) > date(1999, 12, 31)


def test_a_moment_is_of_china_standard_time() -> None:
    """Seconds may be missing, a date alone is its midnight."""
    assert moment_of("2019/7/15 9:05") == "2019-07-15T09:05:00+08:00"
    assert moment_of("2019-07-15 10:21:33.000") == "2019-07-15T10:21:33+08:00"
    assert moment_of("20190715") == "2019-07-15T00:00:00+08:00"
    with pytest.raises(CellRefused):
        moment_of("10:21")


def test_blanks_are_refused_unless_accepted() -> None:
    """A trailing tab, as exports add it against scientific notation, is the mapping's to accept."""
    with pytest.raises(CellRefused) as refused:
        tidy("652722-1\t", accept_blanks=False)
    assert refused.value.fault is CellFault.BLANKS_AROUND
    assert tidy("652722-1\t", accept_blanks=True) == "652722-1"
    assert tidy("  ", accept_blanks=False) == ""


@pytest.mark.parametrize("text", ["#REF!", "#N/A", "#DIV/0!", "########", "#VALUE!"])
def test_a_spreadsheets_error_is_no_value(text: str) -> None:
    """What the spreadsheet could not compute cannot be sent."""
    with pytest.raises(CellRefused) as refused:
        tidy(text, accept_blanks=True)
    assert refused.value.fault is CellFault.SPREADSHEET_ERROR


def test_a_rounded_number_is_no_text() -> None:
    """6.52722E+17 has lost its digits for good."""
    with pytest.raises(CellRefused) as refused:
        text_of("6.52722E+17")
    assert refused.value.fault is CellFault.SCIENTIFIC_NOTATION
    assert text_of("E5-2") == "E5-2"


def test_words_stand_for_values_of_closed_lists() -> None:
    """是 and 否, the mapping's tables, and whole numbers."""
    assert flag_of("是") is True
    assert flag_of("0") is False
    assert code_of("直接支付", {"直接支付": "direct"}) == "direct"
    assert whole_of("２０１９") == 2019
    with pytest.raises(CellRefused, match="one of 直接支付"):
        code_of("微信", {"直接支付": "direct"})
    with pytest.raises(CellRefused):
        flag_of("大概")
    with pytest.raises(CellRefused):
        whole_of("2019.0")


def test_a_fund_is_known_by_key_or_by_a_name_that_only_one_has() -> None:
    """农村环境连片整治示范资金 is on both lists, so its name alone does not say which."""
    assert category_of("中央财政专项扶贫资金") == "central-36"
    assert category_of("老少边地区转移支付（不含专项扶贫资金）") == "central-3"
    assert category_of("local-652722-3") == "local-652722-3"
    with pytest.raises(CellRefused, match="central-12 regional-2"):
        category_of("农村环境连片整治示范资金")
    with pytest.raises(CellRefused, match="a fund of the catalogue"):
        category_of("办公经费")
