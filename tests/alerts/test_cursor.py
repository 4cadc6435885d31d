"""Laws of the cursor: it reads what it wrote, and refuses the rest."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.cursor import Cursor, CursorRefused, cursor_at_start, parse_cursor


@given(st.lists(st.integers(-1, 2**53), min_size=1, max_size=64))
def test_cursor_reads_what_it_wrote(at: list[int]) -> None:
    """Any place in any number of partitions."""
    assert parse_cursor(str(Cursor(at)), len(at)).at == at


def test_cursor_at_the_start_has_read_nothing() -> None:
    """The next offset of each partition is 0."""
    assert str(cursor_at_start(3)) == "0.0.0"


@pytest.mark.parametrize("text", ["", "1", "1.2", "1.2.3.4", "1.-2.3", "1.２.3", "a.b.c", "1..3", "1.2." + "9" * 19])
def test_text_that_is_no_cursor_of_this_system_is_refused(text: str) -> None:
    """Also one of a system with another number of partitions."""
    with pytest.raises(CursorRefused):
        parse_cursor(text, 3)


@pytest.mark.parametrize(("at", "is_beyond"), [([3, 5], False), ([0, 0], False), ([4, 0], True), ([3, 6], True)])
def test_a_cursor_is_beyond_the_end_when_one_partition_is(at: list[int], is_beyond: bool) -> None:
    """However far behind the others are."""
    assert Cursor(at).is_beyond(Cursor([3, 5])) is is_beyond
