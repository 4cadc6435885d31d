"""Files of wire events, one JSON object a line: sent as they stand, byte for byte, when the contract takes them."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple, Self

from connectors.rejects import Reject
from domain.addresses import address_of

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
                address = address_of(value)
                yield LineEvent(number, address.topic, address.region or "", value)

    def _pass_over(self) -> None:
        while (piece := self._file.readline(EVENT_BYTES_MAX)) and not piece.endswith(b"\n"):
            pass
