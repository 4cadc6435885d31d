"""What a rule of the second stages may look at: a region with what is known of persons and enterprises everywhere."""

from __future__ import annotations

from rules.days import day_of_text
from rules.facts.enterprises import Enterprises
from rules.facts.people import People
from rules.facts.records import Claim, PersonPayment
from rules.ledger import RegionLedger
from rules.state import NO_DAY, RegionRow
from rules.view import View

# Parts of the ids of claims: person or household, subsidy, first day of the period.
_CLAIM_PARTS = 3


class FactsView(View):
    """One region as of its log date."""

    __slots__ = ("enterprises", "people")

    def __init__(self, ledger: RegionLedger, region: RegionRow, people: People, enterprises: Enterprises) -> None:
        super().__init__(ledger, region, NO_DAY)
        self.people, self.enterprises = people, enterprises

    def claims(self, subject_id: str) -> list[Claim]:
        """The region's rows that name this person for this subsidy and period, live or not."""
        parts = subject_id.split("|")
        if len(parts) != _CLAIM_PARTS:
            return []
        key, subsidy_code, period_from = parts
        first_day = day_of_text(period_from)
        return [
            claim
            for claim in self.people.get(key).claims()
            if claim.period_from == first_day
            and claim.region == self.code
            and claim.person_key == key
            and claim.subsidy_code == subsidy_code
        ]

    def overlapping_claims(self, subject_id: str) -> list[tuple[Claim, Claim]]:
        """Pairs of live rows of any two regions, one of them this one, for which somebody claims twice.

        The pair is named by the earlier of the two periods.
        """
        parts = subject_id.split("|")
        if len(parts) != _CLAIM_PARTS:
            return []
        key, subsidy_code, period_from = parts
        first_day = day_of_text(period_from)
        claims = sorted(
            (
                claim
                for claim in self.people.get(key).claims()
                if claim.is_live and claim.claim_key == key and claim.subsidy_code == subsidy_code
            ),
            key=lambda claim: (claim.period_from, claim.id),
        )
        return [
            (first, second)
            for number, first in enumerate(claims)
            if first.period_from == first_day
            for second in claims[number + 1 :]
            if second.period_from <= first.period_to and self.code in (first.region, second.region)
        ]

    def person_payment(self, subject_id: str) -> PersonPayment | None:
        """The payment to a person, live or not."""
        key, _, payment_id = subject_id.partition("|")
        found = (each for each in self.people.get(key).payments() if each.region == self.code)
        return next((each for each in found if each.payment_id == payment_id), None)
