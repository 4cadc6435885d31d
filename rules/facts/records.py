"""Facts: the records of topics person.facts and enterprise.facts (wire.md section 8).

A fact is an upsert by its own id: the later record of an id replaces the earlier one, so whatever order the facts of
different objects come in, the same is known in the end. Facts about a person, household or enterprise go to its key's
partition; what concerns a region as a whole (its days, exemptions, registers) goes to every partition.
Days are ordinals, 0 for none; money is fen.
"""

from __future__ import annotations

from typing import Final

import msgspec

from rules.state import NO_DAY, Mark


class Keyed(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What every fact about a person, household or enterprise says; ``marks`` lie in the journal ``partition``."""

    id: str
    key: str
    region: str
    partition: int
    marks: tuple[Mark, ...] = ()
    is_live: bool = True


class Common(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What every fact about a region, or a whole journal partition, says."""

    region: str
    partition: int


class Claim(Keyed, frozen=True, kw_only=True, tag="claim", gc=False):
    """A live distribution row with what its list says, as it concerns the person or household ``key``."""

    row_id: str
    list_id: str
    project_id: str
    fund_category: str
    subsidy_code: str
    period_from: int
    period_to: int
    paid_per: str
    requires_registered_poor: bool
    person_key: str | None
    claim_key: str
    household_key: str | None
    name_key: str | None
    name_masked: str
    id_number_masked: str | None
    is_identified: bool  # the number passed its check, so registers may be asked for it
    net_fen: int
    paid_on: int
    registry_as_of: dict[str, int]  # how far each register of the row's region has come

    @property
    def test_on(self) -> int:
        """`row_test_on`."""
        return self.paid_on or self.period_to


class PersonPayment(Keyed, frozen=True, kw_only=True, tag="person_payment", gc=False):
    """A live in-scope payment to the person ``key``."""

    payment_id: str
    fund_category: str
    name_masked: str
    net_fen: int
    paid_on: int


class Listing(Keyed, frozen=True, kw_only=True, tag="listing", gc=False):
    """The person ``key`` on a register."""

    registry: str
    name_key: str
    effective_from: int
    effective_to: int
    is_entitled: bool
    is_withdrawn: bool  # a later event ended it or called it wrong
    providing_department: str

    def covers(self, day: int) -> bool:
        """Whether it holds on a day."""
        return self.effective_from <= day and (self.effective_to == NO_DAY or day <= self.effective_to)


class EnterprisePayment(Keyed, frozen=True, kw_only=True, tag="enterprise_payment", gc=False):
    """A live in-scope payment, or out entry, to the enterprise ``key``: its credit code, or its name without one."""

    credit_code: str | None
    payee_name: str
    budget_year: int
    payment_id: str | None
    entry_id: str | None
    fund_category: str
    net_fen: int
    paid_on: int

    @property
    def subject_id(self) -> str:
        """Enterprise and year, as rules name their subject within the region."""
        return f"{self.key}|{self.budget_year}"


class EnterpriseRecord(Keyed, frozen=True, kw_only=True, tag="enterprise_record", gc=False):
    """The state of the enterprise ``key`` from a day on."""

    established_on: int
    enterprise_state: str
    state_from: int


class EnterpriseListing(Keyed, frozen=True, kw_only=True, tag="enterprise_listing", gc=False):
    """The enterprise ``key`` on a list."""

    list_kind: str
    effective_from: int
    effective_to: int

    def covers(self, day: int) -> bool:
        """Whether it holds on a day."""
        return self.effective_from <= day and (self.effective_to == NO_DAY or day <= self.effective_to)


class Withdrawn(Keyed, frozen=True, kw_only=True, tag="withdrawn", gc=False):
    """The fact of this id holds no longer for ``key``: void, out of scope, or about somebody else."""


class RegisterCovered(Common, frozen=True, kw_only=True, tag="register_covered", gc=False):
    """A snapshot of the region's enterprise register is complete; to every partition."""

    as_of_on: int


class DayBegan(Common, frozen=True, kw_only=True, tag="day_began", gc=False):
    """The regions of the journal partition have a new log date, or another rule set; to every partition."""

    tick_on: int
    rule_set_version: str = ""


class Exempted(Common, frozen=True, kw_only=True, tag="exempted", gc=False):
    """An exemption as it is now; to every partition."""

    exemption_id: str
    rule_id: str
    subject_key: str | None
    valid_from: int
    valid_until: int
    ended_on: int


class FoundFalse(Common, frozen=True, kw_only=True, tag="found_false", gc=False):
    """A person called an alert false that the region's judge did not raise itself; to every partition."""

    alert_id: str


PersonFact = Claim | PersonPayment | Listing
EnterpriseFact = EnterprisePayment | EnterpriseRecord | EnterpriseListing
KeyedFact = PersonFact | EnterpriseFact | Withdrawn
CommonFact = RegisterCovered | DayBegan | Exempted | FoundFalse
Fact = KeyedFact | CommonFact


class FactRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One record of a facts topic: the fact, the profile of its region, and the journal record that brought it."""

    profile: str
    log_on: int
    position: int
    fact: Fact


class _Told(msgspec.Struct, frozen=True, kw_only=True):
    """The same with the fact as its bytes."""

    profile: str
    log_on: int
    position: int
    fact: msgspec.Raw


encode: Final = msgspec.json.Encoder(order="deterministic").encode
decode: Final = msgspec.json.Decoder(FactRecord).decode


def record_of(profile: str, log_on: int, position: int, fact: bytes) -> bytes:
    """The bytes of a `FactRecord` whose fact is encoded already."""
    return encode(_Told(profile=profile, log_on=log_on, position=position, fact=msgspec.Raw(fact)))
