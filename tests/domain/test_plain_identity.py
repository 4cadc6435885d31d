"""What must not lie open: digits in a row in texts, ID numbers in bytes."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.plain_identity import has_id_number, has_run

WEIGHTS = [2 ** (17 - index) % 11 for index in range(17)]


def id_number(area: int, born: date, order: int) -> str:
    """An ID number with the check character of GB 11643, from the definition: sum of 2^(17-i) digits mod 11."""
    digits = f"{area:06d}{born:%Y%m%d}{order:03d}"
    total = sum(weight * int(digit) for weight, digit in zip(WEIGHTS, digits, strict=True))
    return digits + "10X98765432"[total % 11]


NUMBERS = st.builds(
    id_number,
    st.integers(110_000, 659_999),
    st.dates(date(1900, 1, 1), date(2100, 12, 31)),
    st.integers(0, 999),
)
EDGES = st.sampled_from(["", '"', " ", "编号", ":", "x", "A"])


@given(NUMBERS, EDGES, EDGES)
def test_every_id_number_is_found(number: str, before: str, after: str) -> None:
    """A right number is found between anything but digits, with a small x too."""
    assert has_id_number(f"{before}{number}{after}".encode())
    assert has_id_number(f"{before}{number.lower()}{after}".encode())


@given(NUMBERS, st.integers(0, 9))
def test_part_of_a_longer_run_is_no_id_number(number: str, digit: int) -> None:
    """A digit before it, or after one that ends in a digit, makes it something else."""
    assert not has_id_number(f"{digit}{number}".encode())
    assert has_id_number(f"{number}{digit}".encode()) is number.endswith("X")


@given(NUMBERS, st.integers(0, 17), st.integers(1, 9))
def test_one_wrong_digit_makes_no_id_number(number: str, at: int, shift: int) -> None:
    """The check character finds every single wrong digit."""
    digits = "0123456789X" if at == 17 else "0123456789"
    changed = digits[(digits.index(number[at]) + shift) % len(digits)]
    assert not has_id_number(f"{number[:at]}{changed}{number[at + 1 :]}".encode())


@pytest.mark.parametrize(
    "number",
    [
        "110105194912310021",  # check character
        "11010518991231005X",  # born before 1900
        "110105210101010019",  # born after 2100
        "110105194902300020",  # 30 February
        "6228480402564890018",  # a card of 19
        "11010519491231002",  # 17 digits
        "１１０１０５１９４９１２３１００２Ｘ",  # full width: a run in a text, no ASCII
    ],
)
def test_what_only_looks_like_one_is_none(number: str) -> None:
    """Right form with a wrong date or check character is nobody's number."""
    assert not has_id_number(f'"{number}"'.encode())


def test_the_example_of_the_standard_is_found() -> None:
    """GB 11643 gives this number."""
    assert has_id_number(b"11010519491231002X")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1" * 15, False),
        ("1" * 16, True),
        ("１" * 16, True),
        ("12345678" + "１２３４５６７８", True),
        ("12345678 12345678", False),
        ("12345678-12345678", False),
        ("١" * 16, False),
        ("卡号" + "6" * 19 + "的", True),
    ],
)
def test_sixteen_digits_in_a_row_are_a_run(text: str, expected: bool) -> None:
    """ASCII and full-width digits count alike, blanks and signs part a run, other scripts' digits are none."""
    assert has_run(text) is expected
