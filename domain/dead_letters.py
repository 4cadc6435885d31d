"""The dead letter (wire.md 5.1): a refused record, why, and its own bytes, for somebody to repair and send again."""

from __future__ import annotations

from base64 import b64encode
from typing import Final

from msgspec import Struct
from msgspec.json import Decoder, Encoder

from domain.events.types import REGION
from domain.intake import ECHO_CHARACTERS_MAX, Refused
from domain.plain_identity import has_id_number


class DeadLetter(Struct, frozen=True, kw_only=True, gc=False):
    """One record of topic ``dead.letters``, in the contract's order of fields."""

    topic: str  # where it came from, without namespace
    partition: int
    offset: int
    key: str | None  # None also when it is no text, endless, or an ID number itself
    refused_at: str  # wall clock
    code: str
    field: str | None  # path such as body.lines[0].amount_fen
    expected: str  # for people
    event_id: str | None
    type: str | None
    region: str | None
    is_redacted: bool
    value_base64: str | None  # the original bytes; None when redacted or when there was no value


encode: Final = Encoder().encode
decode: Final = Decoder(DeadLetter).decode


def letter_of(
    refused: Refused,
    *,
    topic: str,
    partition: int,
    offset: int,
    key: bytes | None,
    value: bytes | None,
    refused_at: str,
) -> DeadLetter:
    """The dead letter of a record that was refused; what is redacted is not in it."""
    is_kept = value is not None and not refused.is_redacted
    return DeadLetter(
        topic=topic,
        partition=partition,
        offset=offset,
        key=_text_of_key(key),
        refused_at=refused_at,
        code=refused.code,
        field=refused.field,
        expected=refused.expected,
        event_id=refused.event_id,
        type=refused.type,
        region=refused.region,
        is_redacted=refused.is_redacted,
        value_base64=b64encode(value).decode("ascii") if is_kept and value is not None else None,
    )


def key_of(letter: DeadLetter) -> bytes:
    """The key on the topic: the region, so that each region's count can reach zero; empty when none can be told."""
    return letter.region.encode() if REGION.accepts(letter.region) and letter.region else b""


def _text_of_key(key: bytes | None) -> str | None:
    if key is None or has_id_number(key):
        return None
    try:
        text = key.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return text if len(text) <= ECHO_CHARACTERS_MAX else None
