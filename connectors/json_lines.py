"""Files of wire events, one JSON object a line: sent as they stand, byte for byte, when the contract takes them."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple, Self

import msgspec

from connectors.rejects import Reject
from domain.events import EVENT_TYPES
from domain.topics import INGRESS

# wire.md section 1; a longer line is passed over in pieces of this size and never held whole.
EVENT_BYTES_MAX = 262_144


class LineEvent(NamedTuple):
    """A line with the topic and the key that its own type and region name; not yet checked against the contract."""

    row: int
    topic: str
    region: str
    value: bytes

    def cell(self, column: str) -> str:  # noqa: ARG002  # a line has no columns
        """Nothing: the check itself says what it found."""
        return ""


class _Outline(msgspec.Struct):
    """As much of an event as says where it goes; whether it is sound is the contract's check to say."""

    type: object = None
    region: object = None
    body: msgspec.Raw = msgspec.Raw(b"null")


class _Snapshot(msgspec.Struct):
    registry: object = None


_decode = msgspec.json.Decoder(_Outline).decode
_decode_snapshot = msgspec.json.Decoder(_Snapshot).decode
# What tells no topic is looked at as if it were of the first one; the check refuses it by name.
_TOPIC_OF_STRANGERS = INGRESS[0]


class Lines:
    """An open file of wire events."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: BinaryIO = path.open("rb")

    def __enter__(self) -> Self:
        """The open file; closed at the end of the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        self._file.close()

    def bytes_read(self) -> int:
        """How far the file has been read, for progress."""
        return self._file.tell()

    def read(self) -> Iterator[LineEvent | Reject]:
        """All lines in order; empty ones are passed over, and a byte order mark before the first."""
        number = 0
        while line := self._file.readline(EVENT_BYTES_MAX + 2):
            number += 1
            if len(line) > EVENT_BYTES_MAX and not line.endswith(b"\n"):
                self._pass_over()
                yield Reject(number, "", "malformed", f"at most {EVENT_BYTES_MAX} bytes in a line")
                continue
            value = line.strip(b" \t\r\n")
            if number == 1:
                value = value.removeprefix(codecs.BOM_UTF8)
            if value:
                yield _addressed(number, value)

    def _pass_over(self) -> None:
        while (piece := self._file.readline(EVENT_BYTES_MAX)) and not piece.endswith(b"\n"):
            pass


def _addressed(number: int, value: bytes) -> LineEvent:
    try:
        event = _decode(value)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        event = _Outline()
    event_type = EVENT_TYPES.get(event.type) if isinstance(event.type, str) else None
    topic = _topic(event_type.topics, event.body) if event_type else _TOPIC_OF_STRANGERS
    return LineEvent(number, topic, event.region if isinstance(event.region, str) else "", value)


def _topic(topics: tuple[str, ...], body: msgspec.Raw) -> str:
    """The type's topic; a completed snapshot follows its register (wire.md 7.12)."""
    if len(topics) == 1:
        return topics[0]
    try:
        is_of_enterprises = _decode_snapshot(body).registry == "enterprise"
    except msgspec.MsgspecError:
        is_of_enterprises = False
    return next((topic for topic in topics if topic.endswith("enterprises") == is_of_enterprises), topics[0])
