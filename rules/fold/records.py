"""Flags of journal records (wire.md 5.2): which are open, by the present values of what the record made.

Independent of what rules know of the objects: every type of the contract makes, corrects or names records, also those
that nothing else reads. A correction of something unknown waits here until its target comes.
"""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from domain.catalogue import PARTIAL, UNKNOWN, is_listed
from domain.events import Role, decode_trusted
from domain.own_events import MONITOR
from rules.fold.folding import Folding, SubjectKind
from rules.fold.record_types import CORRECTIONS, CREATIONS, OWN_DAY, PAYMENT, QUOTA, REFERENCES, Correction, Creation
from rules.ledger import RegionLedger
from rules.record_state import FlagRow, Origin, RecordRow
from rules.state import ParkedRow, PaymentRow

CATEGORY_UNKNOWN: Final = "category_unknown"
SUBJECT_MISSING: Final = "subject_missing"
REFERENCE_UNKNOWN: Final = "reference_unknown"
SELF_REVIEWED: Final = "self_reviewed"
SCOPE_UNDECIDED: Final = "scope_undecided"
ID_REUSED: Final = "id_reused"
TARGET_UNKNOWN: Final = "target_unknown"
TARGET_NOT_LIVE: Final = "target_not_live"
CORRECTION_EXCESS: Final = "correction_excess"
# An object that stands for the event itself: its flag lasts.
_EVENT: Final = "event"
_PAYMENT_KEY: Final = f"{PAYMENT}:"


def noted(folding: Folding) -> None:
    """Take one event into account, after its own handler."""
    kind = folding.event.type
    creation = CREATIONS.get(kind)
    if creation is not None:
        if kind != "payment.recorded" or not _is_sound_payment(folding, creation, folding.event.body):
            _created(folding, creation, folding.event.body)
        return
    correction = CORRECTIONS.get(kind)
    if correction is not None:
        _corrected(folding, correction, folding.event.body)


def _is_sound_payment(folding: Folding, creation: Creation, body: Any) -> bool:
    """Whether the payment has no fault, and nothing waits for it: then its own row tells all that is to be known.

    The hot path: a row more for each payment would be a fifth of what a payment costs. `_record` makes it when a
    correction needs it.
    """
    ledger, key = folding.ledger, f"{PAYMENT}:{body.payment_id}"
    row = ledger.payments.get(body.payment_id)
    if row is None or row.marks[0].position != folding.position:
        return False
    if ledger.looking.has(key) or ledger.waiting_for.has(key) or ledger.replaced_payments.has(body.payment_id):
        return False
    if body.subject_code is None or not is_listed(body.fund_category) or body.reviewed_by == folding.event.entered_by:
        return False
    for field, kind in creation.names:
        named = getattr(body, field)
        if named is not None and not _is_known(ledger, f"{kind}:{named}"):
            return False
    return True


def _created(folding: Folding, creation: Creation, body: Any) -> None:
    own_day = OWN_DAY.get(folding.event.type)
    if own_day is not None:
        day = getattr(body, own_day) or folding.event.occurred_on
        if folding.precedes_opening(day.toordinal()):
            return  # before_opening: as if it had not been sent
    own = [f"{kind}:{getattr(body, field)}" for field, kind in creation.own]
    entries = [(f"{kind}:{getattr(entry, field)}", entry) for field, kind in creation.entries for entry in body.lines]
    if folding.event.type == "target.submitted":
        own = [f"revision:{body.target_id}|{body.revision}"]
    if any(_is_known_before(folding, key) for key in own):
        _flag(folding, ID_REUSED, is_open=True, about=own[0])
        return
    new = [(key, entry) for key, entry in entries if not _is_known_before(folding, key)]
    if len(new) < len(entries):
        _flag(folding, ID_REUSED, is_open=True, about=own[0])  # the other lines count
    hangs_on = f"{creation.hangs_on}:{getattr(body, creation.hangs_by)}" if creation.hangs_by else ""
    row = _row(folding, creation, body, hangs_on)
    if folding.event.type == "target.submitted" and not _is_known(folding.ledger, hangs_on):
        _keep_new(folding, hangs_on, RecordRow(origin=row.origin))  # of which this is the first revision
    shared = row.names if new else {}  # of a refinement with lines each names the block: when all are void, it is too
    if shared:
        row.names = {}
    for key in own:
        _keep_new(folding, key, row)
    nameless = f"{_EVENT}:{folding.event.event_id}"
    if not own and not _is_sound(folding, nameless, row):
        _keep_new(folding, nameless, row)  # nothing can correct it, but what it names may come
    for key, entry in new:
        project_id = entry.project_id
        names = shared if project_id is None else {**shared, "project_id": f"project:{project_id}"}
        _keep_new(folding, key, RecordRow(origin=row.origin, hangs_on=hangs_on, left_fen=entry.amount_fen, names=names))


def _is_known_before(folding: Folding, key: str) -> bool:
    """Whether another record has made the object."""
    kind, _, identity = key.partition(":")
    if kind != PAYMENT:
        return folding.ledger.records.get(key) is not None
    row = folding.ledger.payments.get(identity)
    return row is not None and row.marks[0].position != folding.position


def _is_known(ledger: RegionLedger, key: str) -> bool:
    """Whether a record has made the object."""
    if key.startswith(_PAYMENT_KEY):
        return ledger.payments.get(key.removeprefix(_PAYMENT_KEY)) is not None
    return ledger.records.get(key) is not None


def _record(ledger: RegionLedger, key: str) -> RecordRow | None:
    """The object's row; of a payment that was sound and uncorrected so far, made from the payment's own."""
    row = ledger.records.get(key)
    if row is not None or not key.startswith(_PAYMENT_KEY):
        return row
    payment = ledger.payments.get(key.removeprefix(_PAYMENT_KEY))
    return None if payment is None else _record_of_payment(payment)


def _record_of_payment(payment: PaymentRow) -> RecordRow:
    """As it was before its first correction: what that changes of names and values, it sets once more."""
    created = payment.marks[0]
    names = ((field, kind, getattr(payment, field, None)) for field, kind in CREATIONS["payment.recorded"].names)
    return RecordRow(
        origin=Origin(
            created.event_id,
            created.position,
            "payment.recorded",
            payment.source,
            payment.entered_by,
            payment.entered_by_unit,
            payment.log_on,
        ),
        left_fen=payment.amount_fen,
        names={field: f"{kind}:{named}" for field, kind, named in names if named is not None},
        fund_category=payment.fund_category,
        subject_code=payment.subject_code,
    )


def _row(folding: Folding, creation: Creation, body: Any, hangs_on: str) -> RecordRow:
    is_own = folding.event.source == MONITOR  # of this system's notices nobody can correct anything
    return RecordRow(
        origin=_origin(folding),
        hangs_on=hangs_on,
        left_fen=getattr(body, "amount_fen", None) or 0,
        names={
            field: f"{kind}:{named}" for field, kind in creation.names if (named := getattr(body, field)) is not None
        },
        fund_category=body.fund_category if creation.has_category and not is_own else None,
        subject_code=body.subject_code if creation.has_subject and not is_own else "",
        is_self_reviewed=creation.has_reviewer and body.reviewed_by == folding.event.entered_by,
    )


def _origin(folding: Folding) -> Origin:
    event = folding.event
    return Origin(
        event.event_id,
        folding.position,
        event.type,
        event.source,
        event.entered_by,
        event.entered_by_unit,
        folding.log_on,
    )


def _keep_new(folding: Folding, key: str, row: RecordRow) -> None:
    ledger = folding.ledger
    ledger.records.set(key, row)
    if key.startswith(_PAYMENT_KEY):
        for original in ledger.replaced_payments.children(key.removeprefix(_PAYMENT_KEY)):
            _take_over(folding, f"{PAYMENT}:{original}", key)
    _refresh(folding, key, row)
    if ledger.looking.has(key):
        _refresh_looking(folding, key)
    if ledger.waiting_for.has(key):
        _take_waiting(folding, key)


def _refresh_looking(folding: Folding, key: str) -> None:
    """Look again at the objects whose flags depend on this one."""
    for looking in folding.ledger.looking.children(key):
        row = folding.ledger.records.get(looking)
        if row is not None:
            _refresh(folding, looking, row)


def _take_waiting(folding: Folding, key: str) -> None:
    """Corrections that waited for this object, in journal order."""
    ledger = folding.ledger
    waiting = ledger.parked.get(f"record|{key}")
    ledger.parked.drop(f"record|{key}")
    ledger.waiting_for.remove(key, _EVENT)
    for position, raw, log_on in [] if waiting is None else waiting.events:
        event = decode_trusted(raw)
        waited = Folding(ledger, folding.region, position, event, partial(bytes, raw), log_on=log_on)
        _flag(waited, TARGET_UNKNOWN, is_open=False)
        _apply(waited, CORRECTIONS[event.type], key)
        folding.include(waited)


def _corrected(folding: Folding, correction: Correction, body: Any) -> None:
    named = getattr(body, correction.field)
    if correction.kinds == ("revision",):
        named = f"{named}|{body.revision}"
    keys = [f"{kind}:{named}" for kind in correction.kinds]
    known = [key for key in keys if _is_known(folding.ledger, key)]
    if not known:
        _flag(folding, TARGET_UNKNOWN, is_open=True)
        for key in keys:
            _wait(folding, key)
        return
    for key in known:
        _apply(folding, correction, key)


def _wait(folding: Folding, key: str) -> None:
    ledger = folding.ledger
    row = ledger.parked.get(f"record|{key}") or ledger.parked.set(f"record|{key}", ParkedRow())
    row.events.append((folding.position, folding.raw(), folding.log_on))
    ledger.parked.keep(f"record|{key}")
    ledger.waiting_for.add(key, _EVENT)


def _apply(folding: Folding, correction: Correction, key: str) -> None:
    """One correction or next step of a known object."""
    row = _record(folding.ledger, key)
    if row is None:
        return
    if _is_dead(folding, row):
        _flag(folding, TARGET_NOT_LIVE, is_open=True, about=key)
        return
    body: Any = folding.event.body
    row.is_dead = correction.role in (Role.VOIDS, Role.REPLACES)
    if _change_amount(folding, row, correction, body):
        _flag(folding, CORRECTION_EXCESS, is_open=True, about=key)
    _change_values(row, correction, body)
    folding.ledger.records.set(key, row)
    _refresh(folding, key, row)
    if row.is_dead:
        _refresh_looking(folding, key)
    if folding.event.type == "payment.replaced":
        _take_over(folding, key, f"{PAYMENT}:{body.replacement_payment_id}")


def _take_over(folding: Folding, original: str, replacement: str) -> None:
    """Refunds booked on a payment count for what replaced it."""
    before, row = _record(folding.ledger, original), _record(folding.ledger, replacement)
    if before is not None and row is not None and before.refunded_fen:
        row.refunded_fen += before.refunded_fen
        row.left_fen = max(0, row.left_fen - before.refunded_fen)
        before.refunded_fen = 0
        folding.ledger.records.set(original, before)
        folding.ledger.records.set(replacement, row)


def _change_amount(folding: Folding, row: RecordRow, correction: Correction, body: Any) -> bool:
    """What is left of the amount; returns whether a reduction is beyond it, where it has no effect."""
    delta = getattr(body, "delta_fen", None) or 0
    if correction.role is Role.REFUNDS:
        delta = -body.amount_fen
        row.refunded_fen += min(row.left_fen, body.amount_fen)
    elif folding.event.type == "distribution.row_reissued":
        delta = body.amount_fen
    is_excess = delta < 0 and row.left_fen + delta < 0
    row.left_fen = 0 if is_excess else row.left_fen + delta
    return is_excess


def _change_values(row: RecordRow, correction: Correction, body: Any) -> None:
    """Only the fields present change; the link of a payment is set anew with what it says, null included."""
    fields = body.__struct_fields__
    for field in ("line_id", "project_id"):
        if field == correction.field or field not in fields:
            continue
        named = getattr(body, field)
        if named is not None:
            row.names = {**row.names, field: f"{REFERENCES[field]}:{named}"}
        elif correction.kinds == ("payment",) and correction.role is Role.RELINKS:
            row.names = {name: key for name, key in row.names.items() if name != field}
    if "plan_id" in fields and correction.field != "plan_id" and body.plan_id is not None:
        row.names = {**row.names, "plan_id": f"plan:{body.plan_id}"}
    if "fund_category" in fields and body.fund_category is not None and row.fund_category is not None:
        row.fund_category = body.fund_category
    if "subject_code" in fields and body.subject_code is not None:
        row.subject_code = body.subject_code


def _is_dead(folding: Folding, row: RecordRow) -> bool:
    above = folding.ledger.records.get(row.hangs_on) if row.hangs_on else None
    return row.is_dead or (above is not None and above.is_dead)


def _refresh(folding: Folding, key: str, row: RecordRow) -> None:
    """Open and close the flags of an object by its present values."""
    if not row.flagged and _is_sound(folding, key, row):
        return  # the usual record, and the hot path: nothing to open, nothing to close
    is_live = not _is_dead(folding, row)
    unknown = [name for name in row.names.values() if not _is_known(folding.ledger, name)] if is_live else []
    category = row.fund_category
    is_uncertain = category is not None and (category == UNKNOWN or not is_listed(category))
    faults = {
        CATEGORY_UNKNOWN: is_live and is_uncertain,
        SUBJECT_MISSING: is_live and row.subject_code is None,
        REFERENCE_UNKNOWN: bool(unknown),
        SELF_REVIEWED: is_live and row.is_self_reviewed,
        # Whether it still is, the rule asks of the quota.
        SCOPE_UNDECIDED: is_live and category in PARTIAL and key.startswith(f"{QUOTA}:"),
    }
    for name in unknown:
        folding.ledger.looking.add(name, key)
    if row.hangs_on and any(faults.values()):
        folding.ledger.looking.add(row.hangs_on, key)
    for flag, is_open in faults.items():
        if is_open and flag not in row.flagged:
            row.flagged = (*row.flagged, flag)
            folding.ledger.records.keep(key)
        if flag in row.flagged:
            _flag_of(folding, row.origin, flag, key, is_open=is_open)


def _is_sound(folding: Folding, key: str, row: RecordRow) -> bool:
    """Whether the object has no fault, be it live or not."""
    category = row.fund_category
    if row.subject_code is None or row.is_self_reviewed:
        return False
    if category is not None and (not is_listed(category) or (category in PARTIAL and key.startswith(f"{QUOTA}:"))):
        return False
    return all(_is_known(folding.ledger, name) for name in row.names.values())


def _flag(folding: Folding, flag: str, *, is_open: bool, about: str = "") -> None:
    """The present record itself has the fault, or no longer has it; ``about`` is the known object that it names."""
    _flag_of(folding, _origin(folding), flag, _EVENT, is_open=is_open, about=about)


def _flag_of(folding: Folding, origin: Origin, flag: str, key: str, *, is_open: bool, about: str = "") -> None:
    """One object of a record has the fault, or no longer has it."""
    flag_key = f"{origin.event_id}|{flag}"
    row = folding.ledger.flags.get(flag_key)
    if row is None:
        if not is_open:
            return
        section = getattr(folding.event.body, "responsible_section", None) if key == _EVENT else None
        new = FlagRow(origin=origin, flag=flag, about=about or key, responsible_section=section)
        row = folding.ledger.flags.set(flag_key, new)
    others = tuple(each for each in row.open_objects if each != key)
    row.open_objects = (*others, key) if is_open else others
    folding.ledger.flags.keep(flag_key)
    folding.touch(SubjectKind.FLAG, flag_key)
