"""Laws of what is known of persons: a fact has only those alerts judged again that it can bear on."""

from __future__ import annotations

from datetime import date

import msgspec

from rules.facts.people import People, Subject
from rules.facts.records import Claim, Listing, PersonPayment, Withdrawn
from rules.fold.folding import SubjectKind

KEY, HERE, THERE = "k1:person", "652722", "652723"


def claim(number: int, month: int, region: str = HERE, subsidy: str = "post", months: int = 1) -> Claim:
    """A row of a list that pays for some months from one of 2019 on."""
    return Claim(
        id=f"row|{region}|H{number}",
        key=KEY,
        region=region,
        partition=0,
        row_id=f"H{number}",
        list_id="L1",
        project_id="P1",
        fund_category="local-652722-1",
        subsidy_code=subsidy,
        period_from=date(2019, month, 1).toordinal(),
        period_to=date(2019, month + months - 1, 28).toordinal(),
        paid_per="person",
        requires_registered_poor=True,
        person_key=KEY,
        claim_key=KEY,
        household_key=None,
        name_key=None,
        name_masked="王**",
        id_number_masked=None,
        is_identified=True,
        net_fen=20_000,
        paid_on=0,
        registry_as_of={},
    )


def payment(number: int) -> PersonPayment:
    """A payment to the person."""
    return PersonPayment(
        id=f"payment|{HERE}|Z{number}",
        key=KEY,
        region=HERE,
        partition=0,
        payment_id=f"Z{number}",
        fund_category="local-652722-1",
        name_masked="王**",
        net_fen=20_000,
        paid_on=737_000,
    )


def listing() -> Listing:
    """A death."""
    return Listing(
        id=f"listing|{HERE}|N1",
        key=KEY,
        region=HERE,
        partition=0,
        registry="deceased",
        name_key="k1:name",
        effective_from=737_000,
        effective_to=0,
        is_entitled=True,
        is_withdrawn=False,
        providing_department="民政局",
    )


def of_claim(month: int, region: str = HERE, subsidy: str = "post") -> Subject:
    """The alert of a period that begins with a month."""
    return region, SubjectKind.CLAIM, f"{KEY}|{subsidy}|2019-{month:02}-01"


def of_payment(number: int) -> Subject:
    """The alert of a payment."""
    return HERE, SubjectKind.PERSON_PAYMENT, f"{KEY}|Z{number}"


def test_a_claim_of_another_month_has_its_own_alerts_alone() -> None:
    """However long somebody has been on the lists."""
    people = People(None)
    for month in range(1, 12):
        people.take(claim(month, month))
    assert set(people.take(claim(12, 12))) == {of_claim(12)}


def test_an_overlap_is_named_by_the_earlier_period_in_both_regions() -> None:
    """Whichever of the two becomes known last."""
    subjects = {of_claim(3), of_claim(3, THERE), of_claim(4, THERE)}
    early, late = claim(1, 3, months=2), claim(2, 4, THERE)
    people = People(None)
    people.take(early)
    assert set(people.take(late)) == subjects
    people = People(None)
    people.take(late)
    assert set(people.take(early)) == subjects - {of_claim(4, THERE)}


def test_a_claim_of_another_subsidy_overlaps_nothing() -> None:
    """The same months, other money."""
    people = People(None)
    people.take(claim(1, 3))
    assert set(people.take(claim(2, 3, THERE, "school"))) == {of_claim(3, THERE, "school")}


def test_a_changed_claim_bears_on_what_it_was_and_what_it_is() -> None:
    """A subsidy that is set right leaves one alert and comes to another."""
    people = People(None)
    people.take(claim(1, 3))
    assert set(people.take(claim(1, 3, subsidy="school"))) == {of_claim(3), of_claim(3, subsidy="school")}


def test_what_is_withdrawn_has_its_alerts_judged() -> None:
    """They may be over; of what nobody knows there are none."""
    people = People(None)
    people.take(claim(1, 3))
    people.take(payment(1))
    gone = Withdrawn(id=f"row|{HERE}|H1", key=KEY, region=HERE, partition=0)
    assert set(people.take(gone)) == {of_claim(3)}
    assert set(people.take(msgspec.structs.replace(gone, id="row|652722|H9"))) == set()


def test_a_listing_bears_on_all_of_the_person() -> None:
    """A death concerns every row and payment."""
    people = People(None)
    people.take(claim(1, 3))
    people.take(claim(2, 4))
    assert set(people.take(payment(1))) == {of_payment(1)}
    assert set(people.take(listing())) == {of_claim(3), of_claim(4), of_payment(1)}
