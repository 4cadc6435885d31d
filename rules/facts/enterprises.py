"""What is known of enterprises over all regions: what they were paid, how they are registered, on which lists they are.

Of payments rules ask only for the days, so an enterprise paid a thousand times is judged by its days of payment.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

import msgspec

from rules.facts.people import Subject
from rules.facts.records import (
    EnterpriseFact,
    EnterpriseListing,
    EnterprisePayment,
    EnterpriseRecord,
    RegisterCovered,
    Withdrawn,
)
from rules.fold.folding import SubjectKind
from rules.tables import CACHED_ROWS_MAX, Encode, Index, Rows, Table

# `registry_as_of`(enterprise, any region) exists.
ANY_REGION = "any"
# Payments shown of one day: thousands would make an alert of megabytes.
SHOWN_MAX = 50
# GB 32100-2015: the worth of a character is its place in this text.
_WORTHS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_MODULUS = 31
_CHECKED = 17
# Where in a credit code the region stands in which the enterprise is registered.
_REGION = slice(2, 8)


@lru_cache(maxsize=16_384)  # the enterprises that a partition pays; asked for again with every payment of theirs
def credit_code_sound(code: str) -> bool:
    """Whether the check digit is right (`credit_code_sound`)."""
    total = sum(_WORTHS.index(character) * 3**place for place, character in enumerate(code[:_CHECKED]))
    return _WORTHS[-total % _MODULUS] == code[_CHECKED]


class EnterpriseRow(msgspec.Struct, array_like=True, kw_only=True, gc=False):
    """One enterprise: register, lists, and the subjects that alerts about it can have."""

    records: dict[str, EnterpriseRecord] = {}  # by fact id; of one day the one that came later stands later
    listings: dict[str, EnterpriseListing] = {}
    subjects: dict[str, list[str]] = {}  # by region: subject ids

    def state_on(self, day: int) -> EnterpriseRecord | None:
        """The record that holds on a day (`enterprise_state_on`)."""
        return self._latest(record for record in self.records.values() if record.state_from <= day)

    def latest(self) -> EnterpriseRecord | None:
        """The record with the latest day."""
        return self._latest(self.records.values())

    def listed_on(self, list_kind: str, day: int) -> EnterpriseListing | None:
        """The listing by which it is on a list that day (`on_enterprise_list`)."""
        return next((each for each in self.listings.values() if each.list_kind == list_kind and each.covers(day)), None)

    @staticmethod
    def _latest(records: Iterable[EnterpriseRecord]) -> EnterpriseRecord | None:
        found: EnterpriseRecord | None = None
        for record in records:
            if found is None or record.state_from >= found.state_from:
                found = record
        return found


class PaidRow(msgspec.Struct, array_like=True, kw_only=True, gc=False):
    """What a region paid an enterprise of a year's money: by day, how often and how much. Day 0: not dated yet."""

    key: str
    payee_name: str
    credit_code: str | None
    days: dict[int, tuple[int, int]] = {}


class CoverageRow(msgspec.Struct, array_like=True):
    """How far a region's enterprise register has come."""

    as_of_on: int


class Enterprises:
    """All enterprises of a partition of enterprise.facts."""

    def __init__(self, rows: Rows | None) -> None:
        self._enterprises = Table(rows, b"Go", EnterpriseRow)
        self._paid = Table(rows, b"Gp", PaidRow)  # "region|subject id"
        self._payments = Table(rows, b"Gq", EnterprisePayment)  # by fact id
        self._coverage = Table(rows, b"Gr", CoverageRow)  # by region
        self._paid_on = Index(rows, b"Gs")  # "region|subject id|day" -> fact ids
        self._waiting = Index(rows, b"Gt")  # region whose register must come -> enterprises
        self._tables = (self._enterprises, self._paid, self._payments, self._coverage)

    def get(self, key: str) -> EnterpriseRow:
        """What is known of an enterprise; of an unknown one nothing."""
        return self._enterprises.get(key) or EnterpriseRow()

    def paid(self, region: str, subject_id: str) -> PaidRow | None:
        """What a region paid it of a year's money."""
        return self._paid.get(f"{region}|{subject_id}")

    def payments_on(self, region: str, subject_id: str, day: int) -> list[EnterprisePayment]:
        """Payments of a day, as many as an alert shows."""
        ids = self._paid_on.children(f"{region}|{subject_id}|{day}")[:SHOWN_MAX]
        return [fact for fact in map(self._payments.get, ids) if fact is not None]

    def is_covered(self, region: str) -> bool:
        """Whether the region's register has come (ANY_REGION: any)."""
        return self._coverage.get(region) is not None

    def is_covered_for(self, code: str) -> bool:
        """Whether the register has come of the region in which a credit code is registered."""
        return self.is_covered(code[_REGION])

    def take(self, fact: EnterpriseFact | Withdrawn) -> Iterable[Subject]:
        """Keep the fact. Returns what must be judged."""
        if isinstance(fact, EnterprisePayment):
            return self._take_payment(fact)
        if isinstance(fact, Withdrawn):
            known = self._payments.get(fact.id)
            return () if known is None or not known.is_live else self._move(known, None)
        row = self._enterprises.get(fact.key) or self._enterprises.set(fact.key, EnterpriseRow())
        if isinstance(fact, EnterpriseRecord):
            row.records.pop(fact.id, None)
            row.records[fact.id] = fact
        else:
            row.listings[fact.id] = fact
        self._enterprises.keep(fact.key)
        return _subjects(row)

    def cover(self, fact: RegisterCovered) -> Iterable[Subject]:
        """A region's register has come. Returns what waited for it."""
        touched: dict[Subject, None] = {}
        for region in (fact.region, ANY_REGION):
            if self._coverage.get(region) is None:
                self._coverage.set(region, CoverageRow(fact.as_of_on))
                for key in self._waiting.children(region):
                    self._waiting.remove(region, key)
                    touched.update(_subjects(self.get(key)))
        return touched

    def flush(self, encode: Encode) -> None:
        """Write what changed, once per batch."""
        for table in self._tables:
            table.flush(encode)
        self._paid_on.flush()
        self._waiting.flush()
        if sum(table.held() for table in self._tables) > CACHED_ROWS_MAX:
            for table in self._tables:
                table.age()

    def _take_payment(self, fact: EnterprisePayment) -> Iterable[Subject]:
        known = self._payments.get(fact.id)
        return self._move(known if known is not None and known.is_live else None, fact)

    def _move(self, before: EnterprisePayment | None, after: EnterprisePayment | None) -> dict[Subject, None]:
        """Count a payment as it is now instead of as it was."""
        touched: dict[Subject, None] = {}
        if before is not None:
            self._payments.set(before.id, msgspec.structs.replace(before, is_live=False))
            touched[self._count(before, -1)] = None
        if after is not None:
            self._payments.set(after.id, after)
            touched[self._count(after, 1)] = None
            self._note_subject(after)
        return touched

    def _count(self, fact: EnterprisePayment, sign: int) -> Subject:
        key = f"{fact.region}|{fact.subject_id}"
        row = self._paid.get(key) or self._paid.set(
            key, PaidRow(key=fact.key, payee_name=fact.payee_name, credit_code=fact.credit_code)
        )
        times, fen = row.days.get(fact.paid_on, (0, 0))
        times, fen = times + sign, fen + sign * fact.net_fen
        if times:
            row.days[fact.paid_on] = (times, fen)
        else:
            del row.days[fact.paid_on]
        self._paid.keep(key)
        day_key = f"{key}|{fact.paid_on}"
        (self._paid_on.add if sign > 0 else self._paid_on.remove)(day_key, fact.id)
        return fact.region, SubjectKind.ENTERPRISE_YEAR, fact.subject_id

    def _note_subject(self, fact: EnterprisePayment) -> None:
        """Remember whom a change of the register concerns, and which register must come first."""
        row = self._enterprises.get(fact.key) or self._enterprises.set(fact.key, EnterpriseRow())
        subjects = row.subjects.setdefault(fact.region, [])
        if fact.subject_id in subjects:
            return
        subjects.append(fact.subject_id)
        self._enterprises.keep(fact.key)
        if fact.credit_code is not None:
            for region in (fact.credit_code[_REGION], ANY_REGION):
                if not self.is_covered(region):
                    self._waiting.add(region, fact.key)


def _subjects(row: EnterpriseRow) -> dict[Subject, None]:
    return {
        (region, SubjectKind.ENTERPRISE_YEAR, subject_id): None
        for region, subject_ids in row.subjects.items()
        for subject_id in subject_ids
    }
