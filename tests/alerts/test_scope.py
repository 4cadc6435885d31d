"""Laws of scope: a request narrows what its token grants and never widens it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.delivery import QueueName
from alerts.routing import Section
from alerts.scope import ScopeFault, ScopeRefused, is_within, narrowed, region_of
from alerts.tokens import WHOLE_COUNTRY, Grant, Post
from domain import regions

CITY = Grant("u", Post.HANDLING, (Section.TREASURY, Section.BUSINESS), "652700", ("农业处", "社保处"))
REGIONS = ("650000", "652700", "652722", "652723", "653000", "410000", "410324", "110000", "110101", "419001")
SECTIONS = tuple(section.value for section in Section)


def test_request_without_parameters_has_all_that_is_granted() -> None:
    """Nothing named, nothing left out."""
    scope = narrowed(CITY)
    assert (scope.sections, scope.region, scope.business_sections) == (
        frozenset(("treasury", "business")),
        "652700",
        frozenset(("农业处", "社保处")),
    )


def test_request_narrows_section_region_and_business_section() -> None:
    """One county, one section."""
    scope = narrowed(CITY, sections=["business"], region="652722", business_sections=["社保处"])
    assert (scope.sections, scope.region, scope.business_sections) == (
        frozenset(("business",)),
        "652722",
        frozenset(("社保处",)),
    )


@pytest.mark.parametrize(
    ("asked", "fault", "is_forbidden"),
    [
        ({"sections": ["budget"]}, ScopeFault.SECTION, True),
        ({"sections": ["treasury", "budget"]}, ScopeFault.SECTION, True),
        ({"sections": ["kitchen"]}, ScopeFault.SECTION_UNKNOWN, False),
        ({"region": "650000"}, ScopeFault.REGION, True),
        ({"region": "65"}, ScopeFault.REGION, True),
        ({"region": "410324"}, ScopeFault.REGION, True),
        ({"region": "000000"}, ScopeFault.REGION, True),
        ({"region": "652799"}, ScopeFault.REGION_UNKNOWN, False),
        ({"region": "6527220"}, ScopeFault.REGION_UNKNOWN, False),
        ({"region": "６５２７２２"}, ScopeFault.REGION_UNKNOWN, False),
        ({"business_sections": ["金融处"]}, ScopeFault.BUSINESS_SECTION, True),
    ],
)
def test_request_for_more_is_refused_by_name(
    asked: dict[str, object], fault: ScopeFault, *, is_forbidden: bool
) -> None:
    """Not silently cut down: an empty feed means no alerts, not no rights."""
    with pytest.raises(ScopeRefused) as refused:
        narrowed(CITY, **asked)  # type: ignore[arg-type]
    assert (refused.value.fault, refused.value.is_forbidden) == (fault, is_forbidden)


def test_administrators_are_not_operators() -> None:
    """Who runs the system sees no alert, whatever the token lists."""
    with pytest.raises(ScopeRefused) as refused:
        narrowed(Grant("u", Post.SYSTEM_ADMINISTRATOR, tuple(Section), WHOLE_COUNTRY))
    assert refused.value.fault is ScopeFault.POST


@given(
    granted=st.tuples(st.sets(st.sampled_from(SECTIONS), min_size=1), st.sampled_from(REGIONS)),
    asked=st.tuples(st.lists(st.sampled_from(SECTIONS)), st.sampled_from(("", *REGIONS))),
    record=st.tuples(st.sampled_from(REGIONS), st.lists(st.sampled_from(SECTIONS), min_size=1)),
)
def test_no_request_shows_what_its_token_does_not(
    granted: tuple[set[str], str], asked: tuple[list[str], str], record: tuple[str, list[str]]
) -> None:
    """Scope comes from the token only: what a request lets through, the bare token lets through too."""
    grant = Grant("u", Post.REVIEW, tuple(Section(name) for name in sorted(granted[0])), granted[1])
    try:
        scope = narrowed(grant, sections=asked[0], region=asked[1])
    except ScopeRefused:
        return
    assert scope.includes(*record, "") <= narrowed(grant).includes(*record, "")
    assert scope.includes(*record, "") <= (is_within(record[0], granted[1]) and bool(granted[0] & set(record[1])))


@pytest.mark.parametrize(
    ("region", "root", "expected"),
    [
        ("652722", "652722", True),
        ("652722", "652700", True),
        ("652722", "650000", True),
        ("652722", WHOLE_COUNTRY, True),
        ("652700", "652722", False),
        ("652722", "653000", False),
        ("419001", "410000", True),  # 济源, directly under its province
        ("110101", "110000", True),  # a district of a municipality
    ],
)
def test_region_is_within_those_above_it(region: str, root: str, *, expected: bool) -> None:
    """By the chain of superiors."""
    assert is_within(region, root) is expected


def test_every_region_is_within_its_province_and_the_country() -> None:
    """The tree has no loose end."""
    assert [code for code in regions.all_regions() if not is_within(code, code[:2] + "0000")] == []


@pytest.mark.parametrize(
    ("prefix", "code"), [("65", "650000"), ("6527", "652700"), ("652722", "652722"), ("000000", WHOLE_COUNTRY)]
)
def test_short_region_names_the_region_it_begins(prefix: str, code: str) -> None:
    """6527 is 652700."""
    assert region_of(prefix) == code


def test_scope_chooses_the_queues_that_hold_something_of_it() -> None:
    """Section and subtree."""
    mine, other_section, other_region = (
        QueueName(0, "652722", "treasury"),
        QueueName(0, "652722", "inspection"),
        QueueName(0, "410324", "treasury"),
    )
    assert narrowed(CITY).queues([mine, other_section, other_region]) == (mine,)
