"""Laws of the working-day limits as configuration: defaults, what a file changes, what is refused by name."""

from __future__ import annotations

import pytest

from alerts.deadlines import Deadlines, LimitRefused, Limits, limits_from


def test_empty_file_is_the_proposed_limits() -> None:
    """What is not said keeps its default."""
    assert limits_from({}) == Deadlines()


def test_file_changes_what_it_names_and_nothing_else() -> None:
    """One number of one severity."""
    assert limits_from({"red": {"verify_within": 7}}) == Deadlines(red=Limits(1, 7, 20))


@pytest.mark.parametrize(
    ("table", "name"),
    [
        ({"orange": {}}, "orange"),
        ({"red": 3}, "red"),
        ({"red": {"answer_within": 3}}, "red.answer_within"),
        ({"red": {"acknowledge_within": 0}}, "acknowledge_within"),
        ({"red": {"rectify_within": 251}}, "rectify_within"),
        ({"red": {"verify_within": "5"}}, "verify_within"),
        ({"yellow": {"verify_within": True}}, "verify_within"),
        ({"red": {"verify_within": 30}}, "acknowledge_within, verify_within, rectify_within"),
    ],
)
def test_limit_that_cannot_be_meant_is_refused_by_name(table: dict[str, object], name: str) -> None:
    """A bad file stops the process and says where."""
    with pytest.raises(LimitRefused) as refused:
        limits_from(table)
    assert refused.value.name == name
