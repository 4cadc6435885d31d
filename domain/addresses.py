"""Where the bytes of an event are sent: the topic of its type and the key of its region, whether it is sound or not.

Whether it is sound is the intake's check to say: what names no topic is sent to the first one, where it is refused by
name.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from msgspec import MsgspecError, Raw, Struct
from msgspec.json import Decoder

from domain.events import EVENT_TYPES
from domain.topics import INGRESS

_TOPIC_OF_STRANGERS: Final = INGRESS[0]


class Address(NamedTuple):
    """The topic, and what else says where a record belongs; None where it is missing or no text."""

    topic: str
    region: str | None
    recorded_at: str | None


class _Outline(Struct):
    """As much of an event as says where it goes. Each member by itself, so that one that is wrong spoils no other."""

    type: Raw = Raw(b"null")
    region: Raw = Raw(b"null")
    recorded_at: Raw = Raw(b"null")
    body: Raw = Raw(b"null")


class _Snapshot(Struct):
    registry: object = None


_outline = Decoder(_Outline).decode
_snapshot = Decoder(_Snapshot).decode
_decode_text = Decoder(str).decode


def address_of(value: bytes) -> Address:
    """Where these bytes go; bytes that are no JSON object go to the first topic without a key."""
    try:
        outline = _outline(value)
    except (MsgspecError, UnicodeDecodeError):
        return Address(_TOPIC_OF_STRANGERS, None, None)
    event_type = EVENT_TYPES.get(_text(outline.type) or "")
    topic = _TOPIC_OF_STRANGERS if event_type is None else _topic(event_type.topics, outline.body)
    return Address(topic, _text(outline.region), _text(outline.recorded_at))


def _text(raw: Raw) -> str | None:
    try:
        return _decode_text(raw)
    except (MsgspecError, UnicodeDecodeError):
        return None


def _topic(topics: tuple[str, ...], body: Raw) -> str:
    """The type's topic; a completed snapshot follows its register (wire.md 7.12)."""
    if len(topics) == 1:
        return topics[0]
    try:
        is_of_enterprises = _snapshot(body).registry == "enterprise"
    except (MsgspecError, UnicodeDecodeError):
        is_of_enterprises = False
    return next((topic for topic in topics if topic.endswith("enterprises") == is_of_enterprises), topics[0])
