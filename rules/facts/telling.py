"""What the region's judge tells the stages that keep persons and enterprises together (wire.md section 8).

After each record the objects that it touched are looked at: what other stages should know of them now is compared with
what they were told, and the difference is sent. So it does not matter why a payment came into scope or left it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import blake2b
from typing import NamedTuple

import msgspec

from domain.topics import ENTERPRISE_FACTS, PERSON_FACTS
from rules.facts.records import (
    Claim,
    DayBegan,
    EnterpriseListing,
    EnterprisePayment,
    EnterpriseRecord,
    Exempted,
    Fact,
    FoundFalse,
    KeyedFact,
    Listing,
    PersonPayment,
    RegisterCovered,
    Withdrawn,
    encode,
    record_of,
)
from rules.fold.folding import Folding, Message, SubjectKind
from rules.fold.registers import ENTERPRISE
from rules.list_state import ListRow, RowRow
from rules.register_state import ToldRow
from rules.rule import Rule, Stage
from rules.state import EntryRow, PaymentRow
from rules.view import View

TOPICS: Mapping[Stage, str] = {Stage.PERSON: PERSON_FACTS, Stage.ENTERPRISE: ENTERPRISE_FACTS}
# Registers whose coverage rules about persons ask for; a death needs no snapshot.
_COVERED = (
    "registered_poor",
    "public_payroll",
    "village_cadre",
    "vehicle_owner",
    "urban_house_owner",
    "enterprise_owner",
)
# Enough that two facts of one object never look alike by chance.
_DIGEST_BYTES = 12

ByKey = Mapping[str, KeyedFact]
NOTHING: ByKey = {}


class _Place(NamedTuple):
    """Where in its region's journal a fact became known."""

    profile: str
    log_on: int
    position: int


class Teller:
    """Tells the stages that some rule is judged in."""

    def __init__(self, rules: Iterable[Rule], partition: int) -> None:
        """``partition`` is the journal partition's number."""
        self._partition = partition
        self._topics = {rule.id: TOPICS[rule.stage] for rule in rules if rule.stage in TOPICS}
        self._all = tuple(sorted(set(self._topics.values())))
        self._tellers = {
            kind: tuple(each for each in tellers if each.topic in self._all) for kind, tellers in _TELLERS.items()
        }

    def told(self, view: View, folding: Folding) -> list[Message]:
        """What the objects touched by a record give other stages to know."""
        messages: list[Message] = []
        if not self._all:
            return messages
        place = _Place(view.profile, folding.log_on, folding.position)
        for (kind, subject_id), is_new in folding.touched.items():
            for teller in self._tellers.get(kind, ()):
                facts = teller.facts(view, subject_id, self._partition)
                if facts is not None:
                    name = f"{kind}|{subject_id}"
                    messages += self._difference(view, name, teller.topic, facts, place, is_new=is_new)
            if kind == SubjectKind.EXEMPTION:
                messages += self._exempted(view, subject_id, place)
            elif kind == SubjectKind.REGISTER and ENTERPRISE_FACTS in self._all:
                messages.append(self._to_all(ENTERPRISE_FACTS, self._covered(view), place))
        return messages

    def day_began(self, day: int, rule_set_version: str, position: int) -> list[Message]:
        """A tick is no region's own: every partition of the stages must know how late it is in this one's regions."""
        fact = DayBegan(region="", partition=self._partition, tick_on=day, rule_set_version=rule_set_version)
        return [self._to_all(topic, fact, _Place("", day, position)) for topic in self._all]

    def found_false(self, view: View, alert_id: str, position: int) -> list[Message]:
        """A person called an alert false that is not one of the region's stage: whoever raised it will know it."""
        fact = FoundFalse(region=view.code, partition=self._partition, alert_id=alert_id)
        return [self._to_all(topic, fact, _Place(view.profile, view.today, position)) for topic in self._all]

    def _difference(
        self, view: View, name: str, topic: str, facts: ByKey, place: _Place, *, is_new: bool
    ) -> list[Message]:
        """``is_new``: the object was made just now, so nothing can have been told of it."""
        told = None if is_new else view.ledger.told.get(name)
        before = {} if told is None else told.digests
        bodies = {key: encode(fact) for key, fact in facts.items()}
        after = {key: _digest(body) for key, body in bodies.items()}
        if before == after:
            return []
        view.ledger.told.set(name, ToldRow(digests=after))
        gone = (
            Withdrawn(id=_id(view, name), key=key, region=view.code, partition=self._partition)
            for key in before
            if key not in after
        )
        new = [(fact.key, encode(fact)) for fact in gone]
        new += [(key, body) for key, body in bodies.items() if before.get(key) != after[key]]
        return [Message(topic, key, _value(body, place)) for key, body in new]

    def _exempted(self, view: View, exemption_id: str, place: _Place) -> list[Message]:
        row = view.ledger.exemptions.get(exemption_id)
        topic = None if row is None else self._topics.get(row.rule_id)
        if row is None or topic is None:
            return []
        fact = Exempted(
            region=view.code,
            partition=self._partition,
            exemption_id=row.id,
            rule_id=row.rule_id,
            subject_key=row.subject_key,
            valid_from=row.valid_from,
            valid_until=row.valid_until,
            ended_on=row.ended_on,
        )
        return [self._to_all(topic, fact, place)]

    def _covered(self, view: View) -> RegisterCovered:
        row = view.ledger.registers.get(ENTERPRISE)
        return RegisterCovered(region=view.code, partition=self._partition, as_of_on=0 if row is None else row.as_of_on)

    def _to_all(self, topic: str, fact: Fact, place: _Place) -> Message:
        # The key only names the sender: such a record goes to every partition.
        return Message(topic, str(self._partition), _value(encode(fact), place), is_for_all=True)


def _value(fact: bytes, place: _Place) -> bytes:
    return record_of(place.profile, place.log_on, place.position, fact)


def _digest(fact: bytes) -> bytes:
    return blake2b(fact, digest_size=_DIGEST_BYTES).digest()


def _id(view: View, name: str) -> str:
    """A fact's own id: kind, region and id of the object."""
    kind, _, subject_id = name.partition("|")
    return f"{kind}|{view.code}|{subject_id}"


def _of_row(view: View, row_id: str, partition: int) -> ByKey | None:
    """A live row with a positive net amount on a live list: to its person, and to its household where that claims."""
    row = view.ledger.list_rows.get(row_id)
    of_list = None if row is None else view.ledger.lists.get(row.list_id)
    if row is None or of_list is None or of_list.is_void or row.net_fen <= 0:
        return NOTHING
    claim_key = row.household_key if of_list.paid_per == "household" and row.household_key else row.person_key
    if claim_key is None:
        return NOTHING
    claim = _claim(view, row, of_list, claim_key, partition)
    keys = (claim_key,) if row.person_key in (claim_key, None) else (claim_key, row.person_key)
    return {key: msgspec.structs.replace(claim, key=key) for key in keys if key is not None}


def _claim(view: View, row: RowRow, of_list: ListRow, claim_key: str, partition: int) -> Claim:
    return Claim(
        id=_id(view, f"{SubjectKind.ROW}|{row.id}"),
        key=claim_key,
        region=view.code,
        partition=partition,
        marks=(*of_list.marks, *row.marks),
        row_id=row.id,
        list_id=of_list.id,
        project_id=of_list.project_id,
        fund_category=of_list.fund_category,
        subsidy_code=of_list.subsidy_code,
        period_from=of_list.period_from,
        period_to=of_list.period_to,
        paid_per=of_list.paid_per,
        requires_registered_poor=of_list.requires_registered_poor,
        person_key=row.person_key,
        claim_key=claim_key,
        household_key=row.household_key,
        name_key=row.name_key,
        name_masked=row.name_masked,
        id_number_masked=row.id_number_masked,
        is_identified=row.id_number_state == "valid",
        net_fen=row.net_fen,
        paid_on=row.paid_on,
        registry_as_of=_coverage(view) if of_list.requires_registered_poor else {},
    )


def _coverage(view: View) -> dict[str, int]:
    """How far each register of the region has come: it travels with the claim."""
    rows = ((name, view.ledger.registers.get(name)) for name in _COVERED)
    return {name: row.as_of_on for name, row in rows if row is not None}


def _of_person_payment(view: View, payment_id: str, partition: int) -> ByKey | None:
    row = view.ledger.payments.get(payment_id)
    if row is None or row.payee_kind != "person" or row.payee_person_key is None:
        return None
    if not _counts(view, row):
        return NOTHING
    fact = PersonPayment(
        id=_id(view, f"{SubjectKind.PAYMENT}|{row.id}"),
        key=row.payee_person_key,
        region=view.code,
        partition=partition,
        marks=row.marks,
        payment_id=row.id,
        fund_category=_category(view, row),
        name_masked=row.payee_name,
        net_fen=row.net_fen,
        paid_on=row.paid_on,
    )
    return {fact.key: fact}


def _category(view: View, row: PaymentRow) -> str:
    quota = view.quota_of_payment(row)
    return row.fund_category if quota is None else quota.fund_category


def _counts(view: View, row: PaymentRow) -> bool:
    """Live, not refunded in full, and poverty money."""
    return row.net_fen > 0 and view.payment_is_in_scope(row)


def _of_enterprise_payment(view: View, payment_id: str, partition: int) -> ByKey | None:
    row = view.ledger.payments.get(payment_id)
    if row is None or row.payee_kind != "enterprise":
        return None
    if not _counts(view, row):
        return NOTHING
    fact = EnterprisePayment(
        id=_id(view, f"{SubjectKind.PAYMENT}|{row.id}"),
        key=row.payee_credit_code or row.payee_name,
        region=view.code,
        partition=partition,
        marks=row.marks,
        credit_code=row.payee_credit_code,
        payee_name=row.payee_name,
        budget_year=row.budget_year,
        payment_id=row.id,
        entry_id=None,
        fund_category=_category(view, row),
        net_fen=row.net_fen,
        paid_on=row.paid_on,
    )
    return {fact.key: fact}


def _of_entry(view: View, entry_id: str, partition: int) -> ByKey | None:
    row = view.ledger.entries.get(entry_id)
    if row is None or row.payee_kind != "enterprise":
        return None
    if row.net_fen <= 0 or not view.is_out_entry(row) or not view.entry_is_in_scope(row):
        return NOTHING
    fact = EnterprisePayment(
        id=_id(view, f"{SubjectKind.ENTRY}|{row.id}"),
        key=row.payee_credit_code or row.payee_name,
        region=view.code,
        partition=partition,
        marks=row.marks,
        credit_code=row.payee_credit_code,
        payee_name=row.payee_name,
        budget_year=_entry_year(view, row),
        payment_id=None,
        entry_id=row.id,
        fund_category=row.fund_category,
        net_fen=row.net_fen,
        paid_on=row.booked_on,
    )
    return {fact.key: fact}


def _of_listing(view: View, listing_id: str, partition: int) -> ByKey | None:
    row = view.ledger.listings.get(listing_id)
    if row is None:
        return None
    fact = Listing(
        id=_id(view, f"{SubjectKind.LISTING}|{row.id}"),
        key=row.person_key,
        region=view.code,
        partition=partition,
        marks=row.marks,
        registry=row.registry,
        name_key=row.name_key,
        effective_from=row.effective_from,
        effective_to=row.effective_to,
        is_entitled=row.is_entitled,
        is_withdrawn=row.is_withdrawn,
        providing_department=row.providing_department,
    )
    return {fact.key: fact}


def _of_enterprise_record(view: View, record_key: str, partition: int) -> ByKey | None:
    row = view.ledger.enterprise_records.get(record_key)
    if row is None:
        return None
    fact = EnterpriseRecord(
        id=_id(view, f"{SubjectKind.ENTERPRISE_RECORD}|{record_key}"),
        key=row.credit_code,
        region=view.code,
        partition=partition,
        marks=row.marks,
        established_on=row.established_on,
        enterprise_state=row.enterprise_state,
        state_from=row.state_from,
    )
    return {fact.key: fact}


def _of_enterprise_listing(view: View, listing_id: str, partition: int) -> ByKey | None:
    row = view.ledger.enterprise_listings.get(listing_id)
    if row is None:
        return None
    fact = EnterpriseListing(
        id=_id(view, f"{SubjectKind.ENTERPRISE_LISTING}|{row.id}"),
        key=row.credit_code,
        region=view.code,
        partition=partition,
        marks=row.marks,
        list_kind=row.list_kind,
        effective_from=row.effective_from,
        effective_to=row.effective_to,
    )
    return {fact.key: fact}


def _entry_year(view: View, row: EntryRow) -> int:
    """`entry_year`."""
    line = view.known_line(row.line_id)
    quota = None if line is None else view.quota_of_line(line)
    return date.fromordinal(row.booked_on).year if quota is None else quota.budget_year


@dataclass(frozen=True, slots=True)
class _Telling:
    """One kind of object as one stage hears of it; ``facts`` gives None for an object that it never hears of."""

    topic: str
    facts: Callable[[View, str, int], ByKey | None]


_TELLERS: Mapping[str, tuple[_Telling, ...]] = {
    SubjectKind.ROW: (_Telling(PERSON_FACTS, _of_row),),
    SubjectKind.PAYMENT: (
        _Telling(PERSON_FACTS, _of_person_payment),
        _Telling(ENTERPRISE_FACTS, _of_enterprise_payment),
    ),
    SubjectKind.ENTRY: (_Telling(ENTERPRISE_FACTS, _of_entry),),
    SubjectKind.LISTING: (_Telling(PERSON_FACTS, _of_listing),),
    SubjectKind.ENTERPRISE_RECORD: (_Telling(ENTERPRISE_FACTS, _of_enterprise_record),),
    SubjectKind.ENTERPRISE_LISTING: (_Telling(ENTERPRISE_FACTS, _of_enterprise_listing),),
}
