"""Money in whole fen: shown without loss, divided with a said rounding."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.events.types import FEN_MAX
from domain.money import basis_points, yuan_text

FEN = st.integers(-FEN_MAX, FEN_MAX)


@given(FEN)
def test_yuan_show_every_fen(fen: int) -> None:
    """The text read back is the amount, to the fen."""
    assert Decimal(yuan_text(fen).replace(",", "")) * 100 == fen


@pytest.mark.parametrize(("fen", "text"), [(0, "0.00"), (-5, "-0.05"), (123456789, "1,234,567.89")])
def test_yuan_are_grouped_for_people(fen: int, text: str) -> None:
    """Thousands are parted, the sign stands first."""
    assert yuan_text(fen) == text


@pytest.mark.parametrize(
    ("part", "whole", "points"),
    [
        (39_000_000, 140_000_000, 2786),  # the running example of calibres.md
        (27_000_000, 110_000_000, 2455),
        (1, 20_000, 1),  # half a basis point goes up
        (0, 5, 0),
        (-1, 20_000, 0),
        (-39_000_000, -140_000_000, 2786),
        (5, 0, None),
    ],
)
def test_a_ratio_is_in_basis_points_half_up(part: int, whole: int, points: int | None) -> None:
    """A ratio is rounded half up from whole numbers, and has no value without a denominator."""
    assert basis_points(part, whole) == points


@pytest.mark.parametrize("amount", [1.0, True, "1", Decimal(1), None])
def test_nothing_but_an_int_is_money(amount: Any) -> None:
    """A float, a flag or a text is a mistake of the program, not an amount."""
    with pytest.raises(TypeError, match="whole number of fen"):
        yuan_text(amount)
