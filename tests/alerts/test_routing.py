"""Laws of routing: every owner of the rule catalogue to its section, under both profiles."""

from __future__ import annotations

import pytest

from alerts.routing import Route, Section, route

TO_INSPECTION = (Section.INSPECTION,)
TO_OFFICE = (Section.INSPECTION, Section.POVERTY_FUND_OFFICE)


def of(owner: str, profile: str = "henan", *, fund: str | None = None, section: str | None = None) -> Route:
    """A route by what a finding says."""
    return route(owner=owner, profile=profile, fund_category=fund, responsible_section=section)


@pytest.mark.parametrize(
    ("owner", "section"),
    [
        ("预算", Section.BUDGET),
        ("国库", Section.TREASURY),
        ("农财", Section.RURAL_FINANCE),
        ("绩效", Section.PERFORMANCE),
        ("信息", Section.INFORMATION),
        ("扶贫资金管理办公室", Section.POVERTY_FUND_OFFICE),
    ],
)
def test_owner_with_a_desk_of_its_own_answers_and_inspection_gets_a_copy(owner: str, section: Section) -> None:
    """Art. 17 of the Henan measure; 监督检查 sees all."""
    assert of(owner) == Route(section, None, TO_INSPECTION)


def test_inspection_gets_no_copy_of_its_own_alerts() -> None:
    """One desk, one entry."""
    assert of("监督检查") == Route(Section.INSPECTION, None, ())


def test_business_section_is_that_of_the_quota() -> None:
    """归口业务处室 is the quota's responsible section, whatever the catalogue says."""
    assert of("归口业务处室", fund="central-22", section="社保股") == Route(Section.BUSINESS, "社保股", TO_INSPECTION)


def test_business_section_is_else_that_of_the_catalogue() -> None:
    """Money whose quota is not known has the section of its category."""
    assert of("归口业务处室", fund="central-22") == Route(Section.BUSINESS, "农业处", TO_INSPECTION)


@pytest.mark.parametrize("fund", [None, "unknown", "local-652722-3", "central-99"])
def test_what_nobody_owns_goes_to_dispatch(fund: str | None) -> None:
    """Neither quota nor catalogue name a section: 总收发岗 finds out."""
    assert of("归口业务处室", fund=fund) == Route(Section.DISPATCH, None, TO_INSPECTION)


def test_owner_that_is_not_known_goes_to_dispatch() -> None:
    """A new owner in the catalogue must not lose an alert."""
    assert of("新设处室") == Route(Section.DISPATCH, None, TO_INSPECTION)


def test_in_xinjiang_rural_finance_is_the_section_of_the_catalogue_with_a_copy_to_the_office() -> None:
    """002_cd118f177911e14b.txt L83; the catalogue goes before the quota's own section."""
    assert of("农财", "xinjiang", fund="central-22", section="农业股") == Route(Section.BUSINESS, "农业处", TO_OFFICE)


def test_in_xinjiang_money_outside_the_catalogue_is_the_quotas_section() -> None:
    """A local category has no row; the quota names who answers."""
    assert of("农财", "xinjiang", fund="local-652722-3", section="农业股") == Route(
        Section.BUSINESS, "农业股", TO_OFFICE
    )


def test_in_xinjiang_unknown_money_goes_to_dispatch_with_a_copy_to_the_office() -> None:
    """Nobody is named, and the office still sees it."""
    assert of("农财", "xinjiang") == Route(Section.DISPATCH, None, TO_OFFICE)


def test_other_owners_are_the_same_in_xinjiang() -> None:
    """Only 农财 has no desk there."""
    assert of("国库", "xinjiang", fund="central-22") == Route(Section.TREASURY, None, TO_INSPECTION)


@pytest.mark.parametrize(
    ("section", "desk"),
    [("扶贫资金管理办公室", Section.POVERTY_FUND_OFFICE), ("预算处", Section.BUDGET), ("预算科", Section.BUDGET)],
)
def test_business_section_with_a_desk_of_its_own_gets_a_copy_there(section: str, desk: Section) -> None:
    """Otherwise it would have to watch two queues."""
    assert of("归口业务处室", section=section) == Route(
        Section.BUSINESS, section, tuple(sorted({desk, Section.INSPECTION}))
    )
