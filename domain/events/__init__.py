"""The event types of the ingress contract (wire.md), as frozen records: one module per topic.

`decode_trusted` reads an event that the intake has accepted; whether an event is to be accepted is `domain.intake`'s
to say, from the same annotations.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from msgspec import Raw, Struct, convert
from msgspec.json import Decoder
from msgspec.structs import force_setattr

from domain.events import (
    account_entries,
    clock_ticks,
    desk_actions,
    distribution_lists,
    document_filings,
    fund_plans,
    linkage_notices,
    management_filings,
    performance_filings,
    project_changes,
    quota_changes,
    registry_enterprises,
    registry_persons,
    relocation_financing,
    treasury_payments,
)
from domain.events.account_entries import AccountEntryRecorded
from domain.events.event_type import EventType, Role
from domain.events.types import Day, Id, Moment, Organisation, Region, Source, Whole

__all__ = [
    "BODY_TYPES",
    "EVENT_TYPES",
    "TOPIC_OF_TYPE",
    "Event",
    "EventType",
    "Role",
    "UnreadEvent",
    "decode_trusted",
    "read_body",
]


class Event(Struct, frozen=True, kw_only=True, gc=False):
    """An event: the envelope that all types share (wire.md section 3), and the body of its type.

    Who enters, for whom, and who answers are three things: ``entered_by`` and ``entered_by_unit`` (谁录入),
    ``entered_for`` (代录), and the responsible section or unit in the body.
    """

    event_id: Id  # unique for ever, made by the source; the dedupe key
    type: str
    region: Region  # 行政区划代码 of the fiscal jurisdiction that owns the record; equals the Kafka key
    occurred_on: Day  # 业务日期; where the body has a named date, rules use the named date, never this one
    recorded_at: Moment  # 录入时间, when the source system stored it
    source: Source
    entered_by: Id  # 录入人; `system` for automatic capture
    entered_by_unit: Organisation  # 录入单位
    entered_for: Organisation | None  # 代录对象; None when for itself
    schema_version: Whole  # 1
    body: Struct  # of BODY_TYPES[type]


EVENT_TYPES: Final[dict[str, EventType]] = {
    each.name: each
    for module in (
        quota_changes,
        linkage_notices,
        fund_plans,
        treasury_payments,
        account_entries,
        project_changes,
        performance_filings,
        distribution_lists,
        document_filings,
        management_filings,
        desk_actions,
        registry_persons,
        registry_enterprises,
        relocation_financing,
        clock_ticks,
    )
    for each in module.TYPES
}
BODY_TYPES: Final[dict[str, type[Struct]]] = {name: each.body for name, each in EVENT_TYPES.items()}
# The topic a type is published on; `registry.snapshot_completed` may come on registry.enterprises too.
TOPIC_OF_TYPE: Final[dict[str, str]] = {name: each.topics[0] for name, each in EVENT_TYPES.items()}


class UnreadEvent(Event, frozen=True, kw_only=True, gc=False):
    """An event whose body is bytes yet, because its type is known only when ``type`` has been read: see `read_body`."""

    body: Raw  # type: ignore[assignment]  # until `read_body` has put the right one there


def _account_entry(raw: Raw) -> Struct:
    """An account entry; a receipt's payee fields are unknown fields (wire.md 6.2), whatever stands in them."""
    fields = _decode_fields(raw)
    if fields["direction"] == "in":
        fields = {name: value for name, value in fields.items() if not name.startswith("payee_")}
    return convert(fields, AccountEntryRecorded)


_decode_fields = Decoder(dict[str, object]).decode
_decode_envelope = Decoder(UnreadEvent).decode
_decode_body: Final[dict[str, Callable[[Raw], Struct]]] = {
    **{name: Decoder(body).decode for name, body in BODY_TYPES.items()},
    "account.entry_recorded": _account_entry,
}


def decode_trusted(raw: bytes | Raw) -> Event:
    """The event in bytes that the intake has accepted.

    Checks what its types need and no forms (about 4 µs for a payment). Raises msgspec.MsgspecError, UnicodeDecodeError
    or KeyError on bytes that the intake would have refused, not on all of them.
    """
    return read_body(_decode_envelope(raw))


def read_body(event: UnreadEvent) -> Event:
    """The same event with its body as the record of its type."""
    # Nobody else has seen it yet, and copying eleven fields would cost a third of the decoding.
    force_setattr(event, "body", _decode_body[event.type](event.body))
    return event
