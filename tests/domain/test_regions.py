"""The region tree: levels and superiors by the code, and who is in it."""

from __future__ import annotations

import pytest

from domain.regions import all_regions, exists, full_name, name, superior, tier


@pytest.mark.parametrize(
    ("region", "level", "above"),
    [
        ("410000", "province", None),
        ("410300", "city", "410000"),
        ("410324", "county", "410300"),
        ("419001", "county", "410000"),
        ("652722", "county", "652700"),
        ("652701", "county", "652700"),
        ("653100", "city", "650000"),
        ("659001", "county", "650000"),
        ("110101", "county", "110000"),
    ],
)
def test_level_and_superior_follow_from_the_code(region: str, level: str, above: str | None) -> None:
    """NN0000 is a province, NNNN00 a city, the rest counties; NN90NN and a municipality's lie under the province."""
    assert (tier(region), superior(region)) == (level, above)


def test_reference_data_may_put_a_county_under_its_province() -> None:
    """A directly managed county (省直管县) keeps its level and changes its superior."""
    assert superior("411321", {"411321"}) == "410000"
    assert tier("411321") == "county"


@pytest.mark.parametrize("region", ["100000", "000000", "110100", "410301", "419000", "659000", "710000", "419999"])
def test_what_keeps_no_treasury_is_no_region(region: str) -> None:
    """Central, ticks' 000000, grouping rows and codes of nothing are not in the tree."""
    assert not exists(region)


@pytest.mark.parametrize(("region", "expected"), [("410322", "孟津县"), ("410308", "孟津区"), ("654223", "沙湾县")])
def test_a_county_of_earlier_years_is_known(region: str, expected: str) -> None:
    """Merged or renamed counties keep their code and name: their money of those years is still theirs."""
    assert (exists(region), name(region)) == (True, expected)


def test_every_region_hangs_on_a_province_of_the_tree() -> None:
    """Each superior is in the tree itself, up to a province."""
    tops = {region for region in all_regions() if superior(region) is None}
    assert len(tops) == 31
    assert {superior(region) for region in all_regions()} - {None} <= set(all_regions())


def test_a_full_name_goes_down_from_the_province() -> None:
    """People read where a county lies; of an unknown region they read its code."""
    assert full_name("410324") == "河南省洛阳市栾川县"
    assert name("999999") == "999999"
