"""What the types of events say about records: which objects they create or correct, and which others they name."""

from __future__ import annotations

from typing import Final, NamedTuple

from domain.events import EVENT_TYPES, EventType, Role

QUOTA, LINE, PAYMENT = "quota", "line", "payment"
# Fields that name an object, and its kind (reference_unknown, wire.md 5.2).
REFERENCES: Final = {
    "quota_id": QUOTA,
    "carried_from_quota_id": QUOTA,
    "allocation_id": LINE,
    "line_id": LINE,
    "project_id": "project",
    "plan_id": "plan",
    "account_id": "account",
    "list_id": "list",
    "batch_id": "batch",
    "upstream_payment_id": PAYMENT,
    "source_payment_id": PAYMENT,
}
# Kinds of objects whose own id is not named after them.
_KIND_OF_ID: Final = {"quota_id": QUOTA, "allocation_id": LINE, "line_id": LINE, "payment_id": PAYMENT}
_FILINGS: Final = ("target", "monitoring", "filing", "evaluation")
# Corrections that name records of several kinds.
_KINDS_OF_TARGET: Final = {
    "filing.voided": _FILINGS,
    "document.withdrawn": ("document", "scan", "announcement", "proof"),
    "relocation.voided": ("financing", "spending"),
    "target.reviewed": ("revision",),
    "target.entered": ("revision",),
}
# The field by which an object hangs on another that takes it along when it is void.
_HANGS_BY: Final = {
    "distribution.row_recorded": "list_id",
    "quota.refined": "allocation_id",
    "target.submitted": "target_id",  # a revision on its target
}
# Creating types whose own date decides whether they count (wire.md section 4, Opening).
OWN_DAY: Final = {
    "quota.arranged": "registered_on",
    "quota.received": "received_on",
    "quota.carried_over": "registered_on",
    "quota.allocated": "allocated_on",
    "quota.refined": "refined_on",
    "linkage.quota_issued": "issued_on",
    "payment.recorded": "paid_on",
    "account.entry_recorded": "booked_on",
    "document.printed": "printed_on",
}


class Creation(NamedTuple):
    """A type that makes records."""

    own: tuple[tuple[str, str], ...]  # field and kind of its own ids
    entries: tuple[tuple[str, str], ...]  # the same of each of its lines
    names: tuple[tuple[str, str], ...]
    hangs_by: str  # field and kind of what it hangs on
    hangs_on: str
    has_category: bool
    has_subject: bool
    has_reviewer: bool


class Correction(NamedTuple):
    """A type that corrects a record or is its next step."""

    field: str
    kinds: tuple[str, ...]
    role: Role


def kind_of(event_type: str, field: str) -> str:
    """The kind of object that a type's id field is of."""
    if field == "listing_id":
        return f"{event_type.split('.', maxsplit=1)[0]}_listing"  # persons and enterprises are registers of their own
    return _KIND_OF_ID.get(field) or field.removesuffix("_id")


def _creation(each: EventType) -> Creation:
    fields = each.body.__struct_fields__
    flat = tuple(field for field in each.own_ids if "." not in field)
    listed = tuple(field.split(".")[1] for field in each.own_ids if "." in field)
    return Creation(
        own=tuple((field, kind_of(each.name, field)) for field in flat),
        entries=tuple((field, kind_of(each.name, field)) for field in listed),
        names=tuple((field, kind) for field, kind in REFERENCES.items() if field in fields and field not in flat),
        hangs_by=_HANGS_BY.get(each.name, ""),
        hangs_on=kind_of(each.name, _HANGS_BY.get(each.name, "")),
        has_category="fund_category" in fields,
        has_subject="subject_code" in fields,
        has_reviewer="reviewed_by" in fields,
    )


def _correction(each: EventType) -> Correction:
    kinds = _KINDS_OF_TARGET.get(each.name) or (kind_of(each.name, each.target),)
    return Correction(each.target, kinds, each.role)


CREATIONS: Final = {
    name: _creation(each) for name, each in EVENT_TYPES.items() if each.creates and name != "region.opened"
}
CORRECTIONS: Final = {name: _correction(each) for name, each in EVENT_TYPES.items() if each.target}
