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

    def get(self, key: str) -> PersonRow:
        """What is known of a person or household; of an unknown one nothing."""
        return self._people.get(key) or PersonRow()

    def take(self, fact: PersonFact | Withdrawn) -> Iterable[Subject]:
        """Keep the fact. Returns what must be judged."""
        row = self._people.get(fact.key)
        if isinstance(fact, Withdrawn):
            known = None if row is None else row.facts.get(fact.id)
            if row is None or known is None:
                return ()
            row.facts[fact.id] = msgspec.structs.replace(known, is_live=False)
        else:
            row = row or self._people.set(fact.key, PersonRow())
            row.facts[fact.id] = fact
        self._people.keep(fact.key)
        return _subjects(fact.key, row)

    def flush(self, encode: Encode) -> None:
        """Write what changed, once per batch."""
        self._people.flush(encode)
        if self._people.held() > CACHED_ROWS_MAX:
            self._people.age()


def _subjects(key: str, row: PersonRow) -> dict[Subject, None]:
    """All that alerts about this person or household can be about.

    Of a claim that overlaps one of another region with an earlier period, the alert is named by that period in both.
    """
    claims = list(row.claims())
    regions = dict.fromkeys(claim.region for claim in claims)
    periods = dict.fromkeys((claim.subsidy_code, claim.period_from) for claim in claims)
    found: dict[Subject, None] = {
        (region, SubjectKind.CLAIM, f"{key}|{subsidy}|{text_of_day(period_from)}"): None
        for region in regions
        for subsidy, period_from in periods
    }
    for payment in row.payments():
        found[payment.region, SubjectKind.PERSON_PAYMENT, f"{key}|{payment.payment_id}"] = None
    return found
