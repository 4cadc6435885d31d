"""The journal's record (wire.md 5.3): an accepted event with its place, its flags and its own bytes.

The event stays verbatim: unknown fields, their order and the spelling of numbers are the source's and are kept.
"""

from __future__ import annotations

from typing import Final

from msgspec import Raw, Struct
from msgspec.json import Decoder, Encoder

from domain.events import Event, UnreadEvent, read_body


class JournalRecord(Struct, frozen=True, gc=False):
    """One place in a partition's order of everything: 0, 1, 2 … without gaps."""

    position: int
    accepted_at: str  # wall clock, for delay measurement only; nothing is judged by it
    flags: tuple[str, ...]  # what the intake noticed (wire.md 5.2)
    event: Raw


class _Entry(Struct, frozen=True, gc=False):
    """As much of it as the judge needs, read in one go: the bytes of a payment are a third of its decoding."""

    position: int
    event: UnreadEvent


_decode: Final = Decoder(JournalRecord).decode
_decode_entry: Final = Decoder(_Entry).decode
_encode: Final = Encoder().encode


def encode(record: JournalRecord) -> bytes:
    """The record's bytes."""
    return _encode(record)


def decode(value: bytes) -> JournalRecord:
    """The record of its bytes; ``event`` is a view of them."""
    return _decode(value)


def event_bytes(value: bytes) -> bytes:
    """The event's own bytes, of the record's; a copy."""
    return bytes(_decode(value).event)


def read(value: bytes) -> tuple[int, Event]:
    """Position and event of the record's bytes; raises as `domain.events.decode_trusted`."""
    entry = _decode_entry(value)
    return entry.position, read_body(entry.event)
