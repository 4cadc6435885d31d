"""The intake's check: whether a record may enter the journal, and if not, why not (wire.md section 5). Pure.

Steps in the contract's order; the first failure decides: parse, topic and type, key, envelope, body, source, plain
identities, classified funds, duplicates. What the region's past has to say is asked of `Known`; what is to be
remembered of a record is in the answer, for the caller to keep.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from msgspec import Struct

from domain.catalogue import CLASSIFIED
from domain.events import EVENT_TYPES, EventType
from domain.identifiers import partition_of
from domain.intake_flags import flags_of
from domain.json_text import MalformedError, digest, parse, shown
from domain.own_events import MONITOR
from domain.plain_identity import has_id_number, has_run, path_in_unknown
from domain.refusals import NOTHING, Code, Fault
from domain.regions import exists
from domain.shapes import ENVELOPE, ENVELOPE_NAMES, Shape, first_fault, shape_of
from domain.topics import OWN

TICK_REGION: Final = "000000"
SCHEMA_VERSION: Final = 1
# What people are shown of a value at fault, and of the texts that name a record; the whole is in the dead letter's own
# bytes. Without limits a quarter megabyte in `event_id` would be in it three times.
FOUND_CHARACTERS_MAX: Final = 60
ECHO_CHARACTERS_MAX: Final = 200

_NO_SOURCES: Final[Mapping[str, frozenset[str]]] = {}
_VILLAGE: Final = re.compile(r"(?:village-)?[0-9]{12}").fullmatch
_PARTITION_NUMBER: Final = re.compile(rb"0|[1-9][0-9]{0,8}").fullmatch


@dataclass(frozen=True, slots=True)
class Reference:
    """What a deployment knows beside the contract.

    ``partitions`` is the number of partitions of the ingress topics; None where a record lies in none (a file), and
    then its place is not looked at. ``sources`` are the sources that a region's reference data register; a region
    without an entry takes all that the contract allows for the type. ``own_topics`` are those that nobody but this
    system can write to, by the broker's access rules: only there is the source ``monitor`` believed.
    """

    partitions: int | None = None
    sources: Mapping[str, frozenset[str]] = field(default_factory=lambda: _NO_SOURCES)
    own_topics: frozenset[str] = frozenset(OWN)


class Known(Protocol):
    """What was remembered of the records before this one, by region. Asked at most once per record; must not fail."""

    def content(self, region: str, event_id: str) -> bytes | None:
        """The digest kept of the event journaled under this id, or None."""

    def refused_ids(self, region: str) -> frozenset[str] | set[str]:
        """The own ids of creating events that were refused as classified."""


class Accepted(Struct, frozen=True, gc=False):
    """The record enters the journal. To be remembered: ``content`` under the event's id in its region."""

    event_id: str
    type: str
    region: str
    flags: tuple[str, ...]
    content: bytes


class Redelivered(Struct, frozen=True, gc=False):
    """The same event again: dropped and counted."""

    event_id: str
    type: str
    region: str


class Refused(Struct, frozen=True, gc=False):
    """The record becomes a dead letter. To be remembered: ``refused_ids`` in the region.

    ``event_id``, ``type`` and ``region`` are texts as they stand in the record, None where there is none.
    """

    code: Code
    field: str | None
    expected: str
    event_id: str | None
    type: str | None
    region: str | None
    is_redacted: bool
    refused_ids: tuple[str, ...] = ()


def check(
    topic: str,
    partition: int | None,
    key: bytes | None,
    value: bytes | None,
    *,
    reference: Reference,
    known: Known,
) -> Accepted | Refused | Redelivered:
    """What becomes of one record of an ingress topic; ``topic`` is the contract's name, without namespace."""
    try:
        event = parse(value)
    except MalformedError as error:
        return _refused(Fault(Code.MALFORMED, None, error.expected), {}, value)
    event_type = _type_of(event, topic)
    if isinstance(event_type, Fault):
        return _refused(event_type, event, value)
    fault = (
        _fault_of_key(event, event_type, partition, key, reference)
        or _fault_of_envelope(event, event_type)
        or _fault_of_body(event, event_type)
        or _fault_of_source(event, event_type, topic, reference)
    )
    if fault is not None:
        return _refused(fault, event, value)
    return _judge_content(event, event_type, value, known)


def _judge_content(
    event: dict[str, Any], event_type: EventType, value: bytes | None, known: Known
) -> Accepted | Refused | Redelivered:
    """The later steps: everything has its form now, and only what it says can be wrong."""
    body, region, event_id = event["body"], event["region"], event["event_id"]
    shape = shape_of(event_type, body)
    has_unknown = _has_unknown_fields(event, body, shape)
    fault = _fault_of_identity(event, body, shape, has_unknown=has_unknown)
    if fault is not None:
        return _refused(fault, event, value)
    # A notice names ids of the region above, which may be those that a refused record has here.
    refused_ids = frozenset[str]() if event["source"] == MONITOR else known.refused_ids(region)
    fault = _fault_of_fund(event, body, shape, refused_ids)
    if fault is not None:
        return _refused(fault, event, value, _own_ids(event_type, body) if event_type.creates else ())
    content = digest(event)
    journaled = known.content(region, event_id)
    if journaled is None:
        flags = flags_of(event, event_type, body, has_unknown=has_unknown)
        return Accepted(event_id, event_type.name, region, flags, content)
    if journaled == content:
        return Redelivered(event_id, event_type.name, region)
    expected = "the content journaled under this event_id, or another event_id"
    return _refused(Fault(Code.EVENT_ID_CONFLICT, "event_id", expected), event, value)


def _type_of(event: dict[str, Any], topic: str) -> EventType | Fault:
    name = event.get("type", NOTHING)
    event_type = EVENT_TYPES.get(name) if type(name) is str else None
    if event_type is None:
        return Fault(Code.UNKNOWN_TYPE, "type", "an event type of the contract", name)
    if topic not in event_type.topics and topic != event_type.own_topic:
        return Fault(Code.UNKNOWN_TYPE, "type", f"a type of topic {topic}", name)
    return event_type


def _fault_of_key(
    event: dict[str, Any], event_type: EventType, partition: int | None, key: bytes | None, reference: Reference
) -> Fault | None:
    region = event.get("region", NOTHING)
    if key is None:
        return Fault(Code.KEY_MISMATCH, None, "the region as key of the record", NOTHING)
    if type(region) is not str:
        return Fault(Code.KEY_MISMATCH, "region", "the region as text, equal to the key", region)
    if event_type.name == "clock.tick":
        return _fault_of_tick_key(event, region, partition, key)
    if key != region.encode():
        return Fault(Code.KEY_MISMATCH, "region", "the key of the record", region)
    if reference.partitions is not None and partition != partition_of(key, reference.partitions):
        expected = f"partition {partition_of(key, reference.partitions)} for this key, by murmur2"
        return Fault(Code.KEY_MISMATCH, None, expected, partition)
    return None


def _fault_of_tick_key(event: dict[str, Any], region: str, partition: int | None, key: bytes) -> Fault | None:
    """A tick's key is the number of the partition that it lies in and that it names."""
    if region != TICK_REGION:
        return Fault(Code.KEY_MISMATCH, "region", TICK_REGION, region)
    if _PARTITION_NUMBER(key) is None or (partition is not None and int(key) != partition):
        return Fault(Code.KEY_MISMATCH, None, "the number of the tick's partition as key")
    body = event.get("body")
    named = body.get("partition") if type(body) is dict else None
    if type(named) is int and named != int(key):
        return Fault(Code.KEY_MISMATCH, "body.partition", "the partition that the tick lies in", named)
    return None


def _fault_of_envelope(event: dict[str, Any], event_type: EventType) -> Fault | None:
    version = event.get("schema_version", NOTHING)
    if type(version) is not int or version != SCHEMA_VERSION:
        return Fault(Code.SCHEMA_VERSION_UNSUPPORTED, "schema_version", f"the integer {SCHEMA_VERSION}", version)
    fault = first_fault(ENVELOPE, event, "")
    if fault is not None:
        return fault
    body = event.get("body", NOTHING)
    if body is None or body is NOTHING:
        return Fault(Code.FIELD_MISSING, "body", "an object with the fields of the type", body)
    if type(body) is not dict:
        return Fault(Code.FIELD_BAD, "body", "an object with the fields of the type", body)
    if event_type.name != "clock.tick" and not exists(event["region"]):
        return Fault(Code.REGION_UNKNOWN, "region", "a province, city or county of the region tree", event["region"])
    if event["occurred_on"] > event["recorded_at"][:10]:
        expected = "a day not after the date of recorded_at"
        return Fault(Code.OCCURRED_IN_FUTURE, "occurred_on", expected, event["occurred_on"])
    if _VILLAGE(event["entered_by_unit"]) is not None:
        expected = "a unit that is no village: villages are not made to file"
        return Fault(Code.VILLAGE_ENTRY, "entered_by_unit", expected, event["entered_by_unit"])
    return None


def _fault_of_body(event: dict[str, Any], event_type: EventType) -> Fault | None:
    body = event["body"]
    return first_fault(shape_of(event_type, body), body, "body.")


def _fault_of_source(event: dict[str, Any], event_type: EventType, topic: str, reference: Reference) -> Fault | None:
    source = event["source"]
    if source not in event_type.sources:
        return Fault(Code.SOURCE_NOT_ALLOWED, "source", "one of " + ", ".join(event_type.sources), source)
    if source == MONITOR and topic not in reference.own_topics:
        return Fault(Code.SOURCE_NOT_ALLOWED, "source", "a system outside: monitor is this system itself", source)
    registered = reference.sources.get(event["region"])
    # This system's own notices and ticks are no source that a region could register.
    if registered and source not in registered and source != MONITOR:
        return Fault(Code.SOURCE_NOT_ALLOWED, "source", "a source registered for the region", source)
    return None


def _has_unknown_fields(event: dict[str, Any], body: dict[str, Any], shape: Shape) -> bool:
    if not (ENVELOPE_NAMES.issuperset(event) and shape.names.issuperset(body)):
        return True
    return any(not entry.names.issuperset(each) for name, entry in shape.entries for each in body.get(name) or ())


def _fault_of_identity(event: dict[str, Any], body: dict[str, Any], shape: Shape, *, has_unknown: bool) -> Fault | None:
    path = next(_paths_of_runs_in_texts(body, shape, "body."), None)
    if path is None and has_unknown:
        path = next(_paths_of_runs_in_unknown(event, body, shape), None)
    if path is None:
        return None
    expected = "no plain identity: fewer than 16 digits in a row here, persons and accounts as pseudonyms"
    return Fault(Code.PLAIN_IDENTITY, path or None, expected)


def _paths_of_runs_in_texts(values: Mapping[str, Any], shape: Shape, path: str) -> Iterator[str]:
    for name in shape.texts:
        text = values.get(name)
        if text is not None and has_run(text):
            yield path + name
    for name, entry in shape.entries:
        for index, each in enumerate(values.get(name) or ()):
            yield from _paths_of_runs_in_texts(each, entry, f"{path}{name}[{index}].")


def _paths_of_runs_in_unknown(event: dict[str, Any], body: dict[str, Any], shape: Shape) -> Iterator[str]:
    objects: list[tuple[Mapping[str, Any], frozenset[str], str]] = [
        (event, ENVELOPE_NAMES, ""),
        (body, shape.names, "body"),
        *(
            (each, entry.names, f"body.{name}[{index}]")
            for name, entry in shape.entries
            for index, each in enumerate(body.get(name) or ())
        ),
    ]
    for values, names, path in objects:
        unknown = {name: value for name, value in values.items() if name not in names}
        found = path_in_unknown(unknown, path)
        if found is not None:
            yield found.removeprefix(".")


def _fault_of_fund(
    event: dict[str, Any], body: dict[str, Any], shape: Shape, refused: frozenset[str] | set[str]
) -> Fault | None:
    if "fund_category" in shape.names and body.get("fund_category") in CLASSIFIED:
        return Fault(Code.CLASSIFIED_FUND, "body.fund_category", "a fund that is not classified (涉密)")
    # Most regions never had one refused; then there is nothing to look for.
    if not refused:
        return None
    for path, named in (*_named_ids(event, ENVELOPE, ""), *_named_ids(body, shape, "body.")):
        if named in refused:
            return Fault(Code.CLASSIFIED_FUND, path, "no id that was refused as classified (涉密)")
    return None


def _named_ids(values: Mapping[str, Any], shape: Shape, path: str) -> Iterator[tuple[str, str]]:
    for name in shape.ids:
        named = values.get(name)
        if type(named) is list:
            yield from ((f"{path}{name}[{index}]", each) for index, each in enumerate(named))
        elif named is not None:
            yield path + name, named
    for name, entry in shape.entries:
        for index, each in enumerate(values.get(name) or ()):
            yield from _named_ids(each, entry, f"{path}{name}[{index}].")


def _own_ids(event_type: EventType, body: dict[str, Any]) -> tuple[str, ...]:
    ids: list[str] = []
    for path in event_type.own_ids:
        name, _, inner = path.partition(".")
        ids.extend([each[inner] for each in body[name]] if inner else [body[name]])
    return tuple(ids)


def _refused(fault: Fault, event: Mapping[str, Any], value: bytes | None, refused_ids: Sequence[str] = ()) -> Refused:
    is_redacted = fault.code in (Code.PLAIN_IDENTITY, Code.CLASSIFIED_FUND) or has_id_number(value or b"")
    expected = fault.expected if is_redacted else fault.expected + _found(fault.found)
    return Refused(
        code=fault.code,
        field=fault.path[:ECHO_CHARACTERS_MAX] if fault.path else None,
        expected=expected,
        event_id=_text(event, "event_id"),
        type=_text(event, "type"),
        region=_text(event, "region"),
        is_redacted=is_redacted,
        refused_ids=tuple(refused_ids),
    )


def _text(event: Mapping[str, Any], name: str) -> str | None:
    """A field that the dead letter repeats for people; not when it is no text, endless, or an ID number itself."""
    text = event.get(name)
    if type(text) is not str or len(text) > ECHO_CHARACTERS_MAX or has_id_number(text.encode()):
        return None
    return text


def _found(value: Any) -> str:
    if value is NOTHING:
        return ""
    text = shown(value)
    if has_run(text):
        return "; found something with 16 digits in a row, not shown"
    return f"; found {text if len(text) <= FOUND_CHARACTERS_MAX else text[:FOUND_CHARACTERS_MAX] + '…'}"
