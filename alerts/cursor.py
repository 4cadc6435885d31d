"""A reader's place in all partitions at once: the ``id`` of a feed event and the cursor of a page. Pure.

Written as the next offset of each partition, joined by dots: ``18.0.5.234``. It says "everything before these offsets
has been sent, or was not mine". Offsets are those of topic ``alerts``, so a cursor outlives Redis.
"""

from __future__ import annotations

from collections.abc import Iterable

START = "start"  # from the first alert
NOW = "now"  # only what comes from now on
# 18 digits are below 2^63 and no partition ever gets there; a longer run is not a number we wrote.
_DIGITS_MAX = 18


class CursorRefused(ValueError):
    """A cursor is not one of this system; carries it (cut short)."""

    def __init__(self, text: str, expected: str) -> None:
        super().__init__(f"cursor {text[:80]!r}: expected {expected}")


class Cursor:
    """Mutable place of one reader: ``at[partition]`` is the offset up to which it has read, -1 for nothing."""

    __slots__ = ("at",)

    def __init__(self, at: Iterable[int]) -> None:
        self.at = list(at)

    def is_beyond(self, end: Cursor) -> bool:
        """Whether it lies behind what there is, in some partition."""
        return any(at > last for at, last in zip(self.at, end.at, strict=True))

    def __str__(self) -> str:
        return ".".join([str(offset + 1) for offset in self.at])


def cursor_at_start(partitions: int) -> Cursor:
    """Nothing read yet."""
    return Cursor([-1] * partitions)


def parse_cursor(text: str, partitions: int) -> Cursor:
    """The place that a text names. Raises CursorRefused."""
    parts = text.split(".")
    if len(parts) != partitions or len(text) > partitions * (_DIGITS_MAX + 1):
        raise CursorRefused(text, f"{partitions} numbers joined by dots, 'start' or 'now'")
    if not all(part.isascii() and part.isdigit() and len(part) <= _DIGITS_MAX for part in parts):
        raise CursorRefused(text, f"{partitions} numbers joined by dots, 'start' or 'now'")
    return Cursor(int(part) - 1 for part in parts)
