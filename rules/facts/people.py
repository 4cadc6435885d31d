"""What is known of persons and households over all regions: claims, payments, and where they are listed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from rules.days import text_of_day
from rules.facts.records import Claim, Listing, PersonFact, PersonPayment, Withdrawn
from rules.fold.folding import SubjectKind
from rules.tables import CACHED_ROWS_MAX, Encode, Rows, Table

# Region, kind and id of what must be judged.
Subject = tuple[str, str, str]

DECEASED = "deceased"


class PersonRow(msgspec.Struct, array_like=True, kw_only=True, gc=False):
    """One person or household, with every fact by its id; those that hold no longer stay, so that alerts can say so."""

    facts: dict[str, PersonFact] = {}

    def claims(self) -> Iterator[Claim]:
        """Rows that name the person or household, live or not."""
        return (fact for fact in self.facts.values() if isinstance(fact, Claim))

    def payments(self) -> Iterator[PersonPayment]:
        """Payments to the person, live or not."""
        return (fact for fact in self.facts.values() if isinstance(fact, PersonPayment))

    def listings(self) -> Iterator[Listing]:
        """Where the person is listed."""
        return (fact for fact in self.facts.values() if isinstance(fact, Listing))

    def listed_on(self, registry: str, day: int) -> list[Listing]:
        """The listings by which the person is on the register that day (`on_register`)."""
        return [each for each in self.listings() if each.registry == registry and each.covers(day) and each.is_entitled]

    def deaths(self) -> list[Listing]:
        """Listings as deceased that nobody withdrew, earliest first."""
        found = [each for each in self.listings() if each.registry == DECEASED and not each.is_withdrawn]
        return sorted(found, key=lambda each: each.effective_from)


class People:
    """All persons and households of a partition of person.facts."""

    def __init__(self, rows: Rows | None) -> None:
        self._people = Table(rows, b"Gn", PersonRow)
        # Facts of the persons that were asked for since `age`: rows of people grow with the months, unlike others.
        self._facts_asked = 0

    def get(self, key: str) -> PersonRow:
        """What is known of a person or household; of an unknown one nothing."""
        return self._people.get(key) or PersonRow()

    def take(self, fact: PersonFact | Withdrawn) -> Iterable[Subject]:
        """Keep the fact. Returns what must be judged."""
        row = self._people.get(fact.key)
        before = None if row is None else row.facts.get(fact.id)
        if isinstance(fact, Withdrawn):
            if row is None or before is None:
                return ()
            after = msgspec.structs.replace(before, is_live=False)
        else:
            row = row or self._people.set(fact.key, PersonRow())
            after = fact
        row.facts[fact.id] = after
        self._facts_asked += len(row.facts)
        self._people.keep(fact.key)
        return _touched(fact.key, row, before, after)

    def flush(self, encode: Encode) -> None:
        """Write what changed, once per batch."""
        self._people.flush(encode)
        if self._facts_asked > CACHED_ROWS_MAX:
            self._facts_asked = 0
            self._people.age()


def _touched(key: str, row: PersonRow, before: PersonFact | None, after: PersonFact) -> dict[Subject, None]:
    """What alerts a fact as it was, or as it is now, can bear on.

    A claim or payment has its own alerts, whatever else is known of the person, who may be on a list every month.
    """
    found: dict[Subject, None] = {}
    for fact in (before, after):
        if isinstance(fact, Claim):
            found.update(_of_claim(key, row, fact))
        elif isinstance(fact, PersonPayment):
            found[_of_payment(key, fact)] = None
        elif isinstance(fact, Listing):
            return _of_all(key, row)
    return found


def _of_all(key: str, row: PersonRow) -> dict[Subject, None]:
    """All that alerts about this person or household can be about."""
    found = {subject: None for claim in row.claims() for subject in _of_claim(key, row, claim)}
    return found | {_of_payment(key, payment): None for payment in row.payments()}


def _of_claim(key: str, row: PersonRow, claim: Claim) -> dict[Subject, None]:
    """The claim's own subject, and its overlaps: each is named by the earlier period of two, in both regions."""
    found = {_named(key, claim.region, claim): None}
    for other in row.claims():
        if other.subsidy_code == claim.subsidy_code and other.id != claim.id:
            first, second = sorted((claim, other), key=lambda each: (each.period_from, each.id))
            if second.period_from <= first.period_to:
                found |= {_named(key, region, first): None for region in (first.region, second.region)}
    return found


def _named(key: str, region: str, claim: Claim) -> Subject:
    return region, SubjectKind.CLAIM, f"{key}|{claim.subsidy_code}|{text_of_day(claim.period_from)}"


def _of_payment(key: str, payment: PersonPayment) -> Subject:
    return payment.region, SubjectKind.PERSON_PAYMENT, f"{key}|{payment.payment_id}"
