"""Whether an amount is the sum of a few of others: money entered again as one bundle."""

from __future__ import annotations

from collections.abc import Sequence

# Different sums remembered of each half of the amounts, about 10 MB. Where there are more, some bundle gives almost any
# amount, so that a match would say nothing; and the judge must not search for minutes at one record.
SUMS_MAX = 50_000

# By number of parts: each sum with the places of the amounts that give it.
_Sums = list[dict[int, tuple[int, ...]]]


def bundle_of(target: int, amounts: Sequence[int], parts_max: int) -> tuple[int, ...]:
    """The places of 2 to ``parts_max`` amounts (all above 0) that add up to the target; empty when there are none.

    The amounts are split in two halves, whose sums meet. Of several bundles it gives one, by the order of the amounts.
    """
    usable = [(place, amount) for place, amount in enumerate(amounts) if amount < target]
    half = len(usable) // 2
    left = _sums(usable[:half], target, parts_max)
    right = _sums(usable[half:], target, parts_max)
    for left_count, left_sums in enumerate(left):
        for right_sums in right[max(0, 2 - left_count) : parts_max - left_count + 1]:
            for total, places in left_sums.items():
                others = right_sums.get(target - total)
                if others is not None:
                    return (*places, *others)
    return ()


def _sums(amounts: Sequence[tuple[int, int]], target: int, parts_max: int) -> _Sums:
    """Sums of up to ``parts_max`` amounts that do not exceed the target; none at all when there are too many."""
    sums: _Sums = [{0: ()}, *({} for _ in range(parts_max))]
    held = 0
    for place, amount in amounts:
        for count in range(parts_max - 1, -1, -1):
            for total, places in tuple(sums[count].items()):
                if total + amount <= target and total + amount not in sums[count + 1]:
                    sums[count + 1][total + amount] = (*places, place)
                    held += 1
            if held > SUMS_MAX:
                return []
    return sums
