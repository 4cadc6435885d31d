"""The fund catalogue: 61 categories, one classified, eight restricted."""

from __future__ import annotations

import pytest

from domain.catalogue import CLASSIFIED, ENTRIES, PARTIAL, entry, is_in_list_of, is_listed, is_local


def test_the_catalogue_has_the_two_lists() -> None:
    """41 central and 20 regional categories, numbered without gaps."""
    assert [each.category for each in ENTRIES] == [
        *(f"central-{no}" for no in range(1, 42)),
        *(f"regional-{no}" for no in range(1, 21)),
    ]


def test_one_category_is_classified() -> None:
    """护边员补助经费 alone may only be named."""
    assert {"regional-8"} == CLASSIFIED


def test_restricted_categories_are_marked() -> None:
    """The categories of which only a part counts are those of calibres.md 2.2."""
    assert {each.category for each in ENTRIES if each.partial} == PARTIAL


def test_two_categories_of_one_name_stay_apart() -> None:
    """The key is level and number, never the name."""
    twins = [each.category for each in ENTRIES if each.name_zh == "农村环境连片整治示范资金"]
    assert twins == ["central-12", "regional-2"]


@pytest.mark.parametrize(
    ("category", "listed"),
    [("central-41", True), ("central-42", False), ("regional-21", False), ("local-652722-9", True), ("unknown", False)],
)
def test_a_category_is_listed_or_local(category: str, listed: bool) -> None:
    """Local categories always are, others only if the catalogue has them."""
    assert (is_listed(category), entry(category) is not None) == (listed, listed and not is_local(category))


@pytest.mark.parametrize(
    ("category", "region", "expected"),
    [
        ("central-36", "652722", True),
        ("central-42", "652722", False),
        ("local-652722-3", "652722", True),
        ("local-652700-1", "652722", True),
        ("local-650000-1", "652722", True),
        ("local-652723-1", "652722", False),
        ("local-652722-1", "652700", False),
    ],
)
def test_a_region_uses_its_own_list_and_those_above(category: str, region: str, expected: bool) -> None:
    """The central and regional lists serve all, a local one its region and those below."""
    assert is_in_list_of(category, region) is expected
