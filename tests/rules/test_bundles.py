"""Laws of bundles: an amount is the sum of a few others exactly when trying all of them finds it."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from rules.bundles import bundle_of

amounts_in_fen = st.lists(st.integers(1, 30), max_size=9)


@given(st.integers(1, 120), amounts_in_fen, st.integers(2, 6))
def test_a_bundle_is_found_exactly_when_there_is_one(target: int, amounts: list[int], parts_max: int) -> None:
    """Against every combination."""
    sums = {sum(parts) for count in range(2, parts_max + 1) for parts in combinations(amounts, count)}
    assert bool(bundle_of(target, amounts, parts_max)) == (target in sums)


@given(st.integers(1, 120), amounts_in_fen, st.integers(2, 6))
def test_a_bundle_adds_up_to_the_amount(target: int, amounts: list[int], parts_max: int) -> None:
    """Each amount is taken once, and there are no more parts than may be."""
    places = bundle_of(target, amounts, parts_max)
    assert len(set(places)) == len(places) <= parts_max
    assert not places or sum(amounts[place] for place in places) == target


def test_a_bundle_of_ten_is_found_and_one_of_eleven_is_not() -> None:
    """The limit counts parts."""
    assert bundle_of(1_023, [2**power for power in range(11)], 10) == tuple(range(10))
    assert bundle_of(2_047, [2**power for power in range(11)], 10) == ()


def test_so_many_different_sums_that_any_amount_is_one_give_no_match() -> None:
    """Forty quotas without a common measure: the search ends at once."""
    amounts = [10**9 + 7**power % 999_983 for power in range(40)]
    assert bundle_of(sum(amounts[:9]), amounts, 10) == ()
