"""Folding of registry.persons and registry.enterprises: what the region's registers say.

The region's own rules do not look at it; it is kept because corrections name listings by id only, and told on to the
stages that keep persons and enterprises together (`rules.facts`).
"""

from __future__ import annotations

from domain.events.registry_enterprises import EnterpriseListed, EnterpriseRecorded, EnterpriseUnlisted
from domain.events.registry_persons import PersonListed, PersonUnlisted, RegistrySnapshotCompleted
from rules.fold.folding import NO_DAY, Folding, SubjectKind
from rules.register_state import EnterpriseListingRow, EnterpriseRecordRow, ListingRow, RegisterRow
from rules.state import SeenRow

ENTERPRISE = "enterprise"
# Absence from this one is a fault. Of the others it says nothing: only whether they are there at all is asked.
REGISTERED_POOR = "registered_poor"
# The one parent of the index of lists that only the registered poor may be on.
POOR_ONLY = "poor"


def person_listed(folding: Folding, body: PersonListed) -> None:
    """person.listed: a person is on a register from a date."""
    if folding.ledger.listings.get(body.listing_id) is not None:
        return  # id_reused
    row = ListingRow(
        id=body.listing_id,
        person_key=body.person_key,
        registry=body.registry,
        name_key=body.name_key,
        effective_from=body.effective_from.toordinal(),
        effective_to=NO_DAY if body.effective_to is None else body.effective_to.toordinal(),
        is_entitled=body.is_entitled,
        providing_department=body.providing_department,
        marks=(folding.mark("listing"),),
    )
    folding.ledger.listings.set(row.id, row)
    folding.touch(SubjectKind.LISTING, row.id)


def person_unlisted(folding: Folding, body: PersonUnlisted) -> None:
    """person.unlisted: the listing ends, or never held."""
    row = folding.ledger.listings.get(body.listing_id)
    if row is None:
        folding.park(f"listing:{body.listing_id}")
        return
    row.effective_to, row.is_withdrawn = body.effective_to.toordinal(), True
    row.marks = (*row.marks, folding.mark("correction"))
    folding.ledger.listings.keep(row.id)
    folding.touch(SubjectKind.LISTING, row.id)


def snapshot_completed(folding: Folding, body: RegistrySnapshotCompleted) -> None:
    """registry.snapshot_completed: the register is there up to a date, so that absence from it says something."""
    ledger, key = folding.ledger, f"snapshot:{body.snapshot_id}"
    if ledger.seen.get(key) is not None:
        return  # id_reused
    ledger.seen.set(key, SeenRow(folding.position))
    row = ledger.registers.get(body.registry) or ledger.registers.set(body.registry, RegisterRow())
    before = row.as_of_on
    if body.as_of_on.toordinal() <= before:
        return
    row.as_of_on = body.as_of_on.toordinal()
    ledger.registers.keep(body.registry)
    if body.registry == ENTERPRISE:
        folding.touch(SubjectKind.REGISTER, body.registry)
        return
    if before != NO_DAY and body.registry != REGISTERED_POOR:
        return
    for list_id in ledger.lists_by_condition.children(POOR_ONLY):
        _touch_waiting(folding, list_id, before)


def _touch_waiting(folding: Folding, list_id: str, before: int) -> None:
    """The rows of a list that were tested for a day to which the register had not come yet."""
    of_list = folding.ledger.lists.get(list_id)
    if of_list is None:
        return
    for row_id in folding.ledger.rows_of_list.children(list_id):
        row = folding.ledger.list_rows.get(row_id)
        if row is not None and (row.paid_on or of_list.period_to) > before:
            folding.touch(SubjectKind.ROW, row_id)


def enterprise_recorded(folding: Folding, body: EnterpriseRecorded) -> None:
    """enterprise.recorded: the state of an enterprise from a date; two of one date: the later in the journal."""
    key = f"{body.credit_code}|{body.state_from.isoformat()}"
    folding.ledger.enterprise_records.set(
        key,
        EnterpriseRecordRow(
            credit_code=body.credit_code,
            established_on=body.established_on.toordinal(),
            enterprise_state=body.enterprise_state,
            state_from=body.state_from.toordinal(),
            marks=(folding.mark("enterprise"),),
        ),
    )
    folding.touch(SubjectKind.ENTERPRISE_RECORD, key)


def enterprise_listed(folding: Folding, body: EnterpriseListed) -> None:
    """enterprise.listed: an enterprise is put on a list."""
    if folding.ledger.enterprise_listings.get(body.listing_id) is not None:
        return  # id_reused
    row = EnterpriseListingRow(
        id=body.listing_id,
        credit_code=body.credit_code,
        list_kind=body.list_kind,
        effective_from=body.effective_from.toordinal(),
        effective_to=NO_DAY if body.effective_to is None else body.effective_to.toordinal(),
        marks=(folding.mark("listing"),),
    )
    folding.ledger.enterprise_listings.set(row.id, row)
    folding.touch(SubjectKind.ENTERPRISE_LISTING, row.id)


def enterprise_unlisted(folding: Folding, body: EnterpriseUnlisted) -> None:
    """enterprise.unlisted: the listing ends, or was wrong."""
    row = folding.ledger.enterprise_listings.get(body.listing_id)
    if row is None:
        folding.park(f"enterprise_listing:{body.listing_id}")
        return
    row.effective_to = body.effective_to.toordinal()
    row.marks = (*row.marks, folding.mark("correction"))
    folding.ledger.enterprise_listings.keep(row.id)
    folding.touch(SubjectKind.ENTERPRISE_LISTING, row.id)
