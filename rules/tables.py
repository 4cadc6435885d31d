"""Typed state over plain rows: tables of records and indexes of ids, cached, written once per batch.

Without rows (``rows=None``) everything stays in memory: the pure engine of `fundwatch judge`, tests and backtest.
With rows it is the live judge: the same code on a shard's RocksDB. Keys: one byte for the table, the region, NUL, the
id; of an index the parent, NUL, the child. No id or text of the contract holds a NUL (wire.md 2.1).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator
from typing import Any, Final, Generic, Protocol, TypeVar

import msgspec

T = TypeVar("T", bound=msgspec.Struct)
Encode = Callable[[object], bytes]

# Rows kept decoded between batches, per partition: about 1 kB each, and as many again that are on their way out, so
# four partitions hold 800 MB at most. Without a bound a province would grow without end; far below it the hot lines of
# a batch would be decoded again and again.
CACHED_ROWS_MAX = 100_000
# Children of a parent that are kept in memory after they were read: lines of a quota, targets of a project.
# The payments of a busy line are more, and are asked for by corrections only.
_KNOWN_CHILDREN_MAX = 64


_UNREAD: Final = object()
# A text after all others.
_LAST: Final = "\U0010ffff"


class Rows(Protocol):
    """Plain key-value rows; `streams.stage.Rows` is one."""

    def get(self, key: bytes) -> bytes | None:
        """The row, or None."""

    def put(self, key: bytes, value: bytes) -> None:
        """Set the row."""

    def delete(self, key: bytes) -> None:
        """Remove the row."""

    def scan(self, prefix: bytes) -> Iterator[tuple[bytes, bytes]]:
        """Rows whose key starts with the prefix, in byte order."""


class Table(Generic[T]):
    """Records of one type by id. What `get` and `make` return may be changed in place; call `keep` after a change."""

    __slots__ = ("_decode", "_old", "_prefix", "_rows", "_young", "changed")

    def __init__(self, rows: Rows | None, prefix: bytes, record_type: type[T]) -> None:
        self._rows = rows
        self._prefix = prefix
        self._decode = msgspec.msgpack.Decoder(record_type).decode
        self._young: dict[str, T | None] = {}
        self._old: dict[str, T | None] = {}
        # Keys that wait to be written, in order: what is written is the same every time. Read by who flushes.
        self.changed: dict[str, None] = {}

    def get(self, key: str) -> T | None:
        """The record, or None."""
        held: Any = self._young.get(key, _UNREAD)
        if held is not _UNREAD:
            found: T | None = held
            return found
        if self._rows is None:
            return None
        if key in self._old:
            record = self._old[key]
        else:
            raw = self._rows.get(self._prefix + key.encode())
            record = None if raw is None else self._decode(raw)
        self._young[key] = record
        return record

    def set(self, key: str, record: T) -> T:
        """Put a new record and keep it."""
        self._young[key] = record
        self.changed[key] = None
        return record

    def keep(self, key: str) -> None:
        """Note that the record of this key was changed."""
        self.changed[key] = None

    def drop(self, key: str) -> None:
        """Forget the record."""
        self._young[key] = None
        self.changed[key] = None

    def ids(self) -> list[str]:
        """All keys in order of their text; walks the whole table, so only for what is rare."""
        stored = () if self._rows is None else self._rows.scan(self._prefix)
        known = {key[len(self._prefix) :].decode() for key, _ in stored}
        for key, record in self._young.items():
            (known.discard if record is None else known.add)(key)
        return sorted(known)

    def flush(self, encode: Encode) -> None:
        """Write what changed to the rows; called once at the end of a batch."""
        rows = self._rows
        if rows is None:
            self.changed.clear()
            return
        for key in self.changed:
            record = self._young[key]
            if record is None:
                rows.delete(self._prefix + key.encode())
            else:
                rows.put(self._prefix + key.encode(), encode(record))
        self.changed.clear()

    def held(self) -> int:
        """How many records, or keys known to have none, were asked for since `age`."""
        return len(self._young)

    def age(self) -> None:
        """Forget what was not asked for since the last call; only between batches, when nothing waits to be written."""
        if self._rows is not None:
            self._old, self._young = self._young, {}


class Index:
    """Sets of ids by parent id, read in order.

    A held index is read whole at its first use and kept in memory: for the few that are asked with every record and
    have an entry for hardly any, where each look would cost a walk on disk (15 µs) to find nothing. Of another index a
    parent's children are kept once they were read, until `age`.
    """

    __slots__ = ("_held", "_is_held", "_known", "_prefix", "_rows", "changed")

    def __init__(self, rows: Rows | None, prefix: bytes, *, is_held: bool = False) -> None:
        self._rows = rows
        self._prefix = prefix
        self._is_held = is_held or rows is None
        self._held: dict[str, set[str]] | None = {} if rows is None else None
        # What is not in the rows yet, by parent and child: added, or removed.
        self.changed: dict[str, dict[str, bool]] = {}
        self._known: dict[str, list[str]] = {}  # children by parent, as they are now; replaced when they change

    def add(self, parent: str, child: str) -> None:
        """Add the child; adding it twice is harmless."""
        self._change(parent, child, is_there=True)

    def remove(self, parent: str, child: str) -> None:
        """Remove the child; removing what is not there is harmless."""
        self._change(parent, child, is_there=False)

    def has(self, parent: str) -> bool:
        """Whether the parent has children; of a held index a look into memory."""
        if not self._is_held:
            return bool(self.children(parent))
        return parent in (self._whole() if self._held is None else self._held)

    def children(self, parent: str) -> list[str]:
        """All children in order of their text."""
        if self._is_held:
            held = (self._whole() if self._held is None else self._held).get(parent)
            return [] if held is None else sorted(held)
        known = self._known.get(parent)
        if known is not None:
            return known
        found = self._stored(self._key(parent))
        pending = self.changed.get(parent)
        if pending:
            found = sorted(_applied(set(found), pending))
        if len(found) <= _KNOWN_CHILDREN_MAX:
            self._known[parent] = found
        return found

    def held(self) -> int:
        """How many parents' children are kept."""
        return len(self._known)

    def age(self) -> None:
        """Forget what was read."""
        self._known.clear()

    def parents(self) -> list[str]:
        """All parents in order of their text, perhaps with some that have just lost their last child."""
        return self.parents_up_to(_LAST)

    def parents_up_to(self, last: str) -> list[str]:
        """All parents not above ``last`` in order of their text; for indexes by day, where passed days are removed."""
        parents = {parent for parent, pending in self.changed.items() if any(pending.values())}
        if self._rows is None:
            parents.update(self._whole())
        else:
            for key, _ in self._rows.scan(self._prefix):
                parent = key[len(self._prefix) :].split(b"\x00", 1)[0].decode()
                if parent > last:
                    break
                parents.add(parent)
        return sorted(parent for parent in parents if parent <= last)

    def flush(self) -> None:
        """Write what changed to the rows; called once at the end of a batch."""
        if not self.changed or self._rows is None:
            return
        put, delete = self._rows.put, self._rows.delete
        for parent, pending in self.changed.items():
            key = self._key(parent)
            for child, is_there in pending.items():
                if is_there:
                    put(key + child.encode(), b"\x01")
                else:
                    delete(key + child.encode())
        self.changed.clear()

    def _change(self, parent: str, child: str, *, is_there: bool) -> None:
        if self._is_held:
            whole = self._whole()
            children = _applied(whole.get(parent, set()), {child: is_there})
            if children:
                whole[parent] = children
            else:
                whole.pop(parent, None)
        if self._rows is not None:
            pending = self.changed.get(parent)
            if pending is None:
                pending = self.changed[parent] = {}
            pending[child] = is_there
            known = self._known.pop(parent, None)
            if known is not None and len(known) < _KNOWN_CHILDREN_MAX:
                self._known[parent] = _with(known, child) if is_there else [each for each in known if each != child]

    def _whole(self) -> dict[str, set[str]]:
        """The index as it is now."""
        if self._held is None:
            self._held = {}
            for text in self._stored(self._prefix):
                parent, _, child = text.partition("\x00")
                self._held.setdefault(parent, set()).add(child)
        return self._held

    def _stored(self, prefix: bytes) -> list[str]:
        """What follows the prefix in the rows."""
        return [] if self._rows is None else [key[len(prefix) :].decode() for key, _ in self._rows.scan(prefix)]

    def _key(self, parent: str) -> bytes:
        return self._prefix + parent.encode() + b"\x00"


def _applied(children: set[str], pending: dict[str, bool]) -> set[str]:
    for child, is_there in pending.items():
        (children.add if is_there else children.discard)(child)
    return children


def _with(children: list[str], child: str) -> list[str]:
    """A list like the ordered one, with the child in its place; who walks the old one is not disturbed."""
    if not children or children[-1] < child:
        return [*children, child]  # most ids grow
    place = bisect_left(children, child)
    return children if children[place : place + 1] == [child] else [*children[:place], child, *children[place:]]
