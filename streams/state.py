"""State rows of a shard: in memory, on local disk (RocksDB), and the writes of the batch under way on top of either.

Keys and values are bytes; keys that start with a zero byte are the shard's own (`streams.partition`) and stages cannot
write them. The local disk is a cache of the changelog topic: it may be lost at any moment, and it is written only
after the broker has committed, so it never holds what might not have happened.
"""

from __future__ import annotations

import gc
import shutil
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Generic, Protocol, TypeVar, cast

from rocksdict import BlockBasedOptions, Cache, MemtableFactory, Options, Rdict, WriteBatch, WriteOptions
from sortedcontainers import SortedList

RESERVED = b"\x00"
_FIRST_USER_KEY = b"\x01"
Value = TypeVar("Value")

# What RocksDB may hold in memory. Each shard has up to two write buffers; the block cache is one for the process, so
# a worker with 16 busy shards stays below 16 x 2 x 16 + 128 = 640 MB. Smaller buffers mean more, smaller files.
_WRITE_BUFFER_BYTES = 16 << 20
_BLOCK_CACHE_BYTES = 128 << 20
_BULK_BUFFER_BYTES = 64 << 20
# What RocksDB counts of rows that are not in files yet.
_UNSETTLED = ("mem-table-flush-pending", "num-running-flushes", "num-entries-imm-mem-tables")
# 10 bits a key answer 99 % of the look-ups of absent keys (intake's "was this event seen?") without touching a block.
_BLOOM_BITS_PER_KEY = 10


class ReservedKeyError(ValueError):
    """A stage used a key that belongs to the shard, or wrote an empty value (which in a changelog means deleted)."""


class FolderTakenError(Exception):
    """Another process has the folder open (on one machine: a paused worker whose partition has moved)."""


class FolderDamagedError(Exception):
    """RocksDB cannot open the folder. It is only a copy: `discard` it and restore."""


class OrderedTable(Generic[Value]):
    """A dict whose keys can be walked in byte order; the order is kept up only as far as somebody walks."""

    __slots__ = ("_fresh", "_order", "rows")

    def __init__(self) -> None:
        self.rows: dict[bytes, Value] = {}
        self._order: SortedList[bytes] = SortedList()
        self._fresh: set[bytes] = set()

    def set(self, key: bytes, value: Value) -> None:
        """Add or replace."""
        if key not in self.rows:
            self._fresh.add(key)
        self.rows[key] = value

    def remove(self, key: bytes) -> None:
        """Remove; harmless when it is not there."""
        if self.rows.pop(key, None) is None:
            return
        if key in self._fresh:
            self._fresh.remove(key)
        else:
            self._order.remove(key)

    def with_prefix(self, prefix: bytes) -> list[tuple[bytes, Value]]:
        """The rows under ``prefix`` in order, as they are now."""
        if self._fresh:
            self._order.update(self._fresh)
            self._fresh.clear()
        rows = self.rows
        return [(key, rows[key]) for key in self._order.irange(prefix, end_of(prefix), (True, False))]


class MemoryRows:
    """Rows in memory: for tests, for the driver and for judging a file. A `streams.stage.Rows` and a base for one."""

    __slots__ = ("_table",)

    def __init__(self, rows: Mapping[bytes, bytes] | None = None) -> None:
        self._table: OrderedTable[bytes] = OrderedTable()
        for key, value in (rows or {}).items():
            self._table.set(key, value)

    def get(self, key: bytes) -> bytes | None:
        """The row, or None."""
        return self._table.rows.get(key)

    def put(self, key: bytes, value: bytes) -> None:
        """Set the row."""
        refuse_reserved(key, value)
        self._table.set(key, value)

    def delete(self, key: bytes) -> None:
        """Remove the row."""
        refuse_reserved(key)
        self._table.remove(key)

    def scan(self, prefix: bytes) -> Iterator[tuple[bytes, bytes]]:
        """Rows under ``prefix`` in byte order, as they are at the call."""
        return iter(self._table.with_prefix(prefix) if prefix else self._user_rows())

    def apply(self, changes: Mapping[bytes, bytes | None]) -> None:
        """Write a committed batch; None deletes. The shard's own rows come this way too."""
        for key, value in changes.items():
            if value is None:
                self._table.remove(key)
            else:
                self._table.set(key, value)

    def snapshot(self) -> dict[bytes, bytes]:
        """All rows, the shard's own included."""
        return dict(self._table.rows)

    def _user_rows(self) -> list[tuple[bytes, bytes]]:
        return [row for row in self._table.with_prefix(b"") if not row[0].startswith(RESERVED)]


class CommittedRows(Protocol):
    """What a batch's writes are laid over: the rows as of the last commit."""

    def get(self, key: bytes) -> bytes | None:
        """The row, or None."""

    def scan(self, prefix: bytes) -> Iterator[tuple[bytes, bytes]]:
        """Rows under ``prefix`` in byte order, without the shard's own."""


class PendingRows:
    """The rows a stage sees: the committed ones with the writes of the batch under way on top."""

    __slots__ = ("_base", "_changes")

    def __init__(self, base: CommittedRows) -> None:
        self._base = base
        self._changes: OrderedTable[bytes | None] = OrderedTable()

    @property
    def changes(self) -> Mapping[bytes, bytes | None]:
        """Every row written since `clear`, in the order of first writing; None means deleted."""
        return self._changes.rows

    def clear(self) -> None:
        """Forget the writes: they are in the base now, or the batch is abandoned."""
        self._changes = OrderedTable()

    def get(self, key: bytes) -> bytes | None:
        """The row, or None."""
        changes = self._changes.rows
        return changes[key] if key in changes else self._base.get(key)

    def put(self, key: bytes, value: bytes) -> None:
        """Set the row."""
        if not key or not value or key[0] == 0:  # asked here as well: the call is spared with every row
            refuse_reserved(key, value)
        self._changes.set(key, value)

    def delete(self, key: bytes) -> None:
        """Remove the row."""
        refuse_reserved(key)
        self._changes.set(key, None)

    def scan(self, prefix: bytes) -> Iterator[tuple[bytes, bytes]]:
        """Rows under ``prefix`` in byte order, as they are at the call."""
        changed = self._changes.with_prefix(prefix)
        return _merged(changed, self._base.scan(prefix)) if changed else self._base.scan(prefix)


class DiskRows:
    """Rows in a RocksDB folder. One process and one shard use it at a time; RocksDB's own lock sees to that."""

    __slots__ = ("_db", "_unlogged")

    def __init__(self, folder: Path, cache: Cache, *, is_bulk: bool = False) -> None:
        """``is_bulk``: only to be loaded, settled and closed. Four times faster, and reading would be very slow."""
        folder.parent.mkdir(parents=True, exist_ok=True)
        self._db = _opened(folder, _bulk_options if is_bulk else partial(_options, cache))
        self._unlogged = WriteOptions()
        self._unlogged.disable_wal = True  # type: ignore[method-assign, assignment]  # the stub calls it a method

    def get(self, key: bytes) -> bytes | None:
        """The row, or None."""
        row: bytes | None = self._db.get(key)
        return row

    def scan(self, prefix: bytes) -> Iterator[tuple[bytes, bytes]]:
        """Rows under ``prefix`` in byte order, as they are at the call."""
        # The walk ends in Python: RocksDB's upper bound is freed with the read options that rocksdict does not keep,
        # and the rest of the walk is then cut short at random (seen with rocksdict 0.3.29).
        rows = cast("Iterator[tuple[bytes, bytes]]", self._db.items(from_key=prefix or _FIRST_USER_KEY))
        return _while_prefixed(rows, prefix) if prefix else rows

    def apply(self, changes: Mapping[bytes, bytes | None]) -> None:
        """Write a committed batch as a whole or not at all. It survives the process, not the machine (no fsync)."""
        self._db.write(_batch_of(changes))

    def load(self, changes: Mapping[bytes, bytes | None]) -> None:
        """`apply` for restoring: half the time, and what a kill loses is restored once more."""
        self._db.write(_batch_of(changes), self._unlogged)

    def settle(self) -> None:
        """Begin to make what `load` wrote as durable as what `apply` writes; nothing is applied before `is_settled`.

        It goes on in RocksDB's own threads: waiting for it here would stop the whole process (rocksdict keeps the GIL).
        """
        self._db.flush(wait=False)

    @property
    def is_settled(self) -> bool:
        """Whether all that was loaded is in files."""
        return not any(self._db.property_int_value(f"rocksdb.{name}") for name in _UNSETTLED)

    def close(self) -> None:
        """Release the folder."""
        self._db.close()


def shared_cache() -> Cache:
    """One block cache for all shards of a process."""
    return Cache(_BLOCK_CACHE_BYTES)


def discard(folder: Path) -> None:
    """Delete a local copy that cannot be trusted; the changelog has it all."""
    shutil.rmtree(folder, ignore_errors=True)


def refuse_reserved(key: bytes, value: bytes = b"-") -> None:
    """Raise ReservedKeyError when a stage may not write this row."""
    if not key or key[0] == 0:
        raise ReservedKeyError(f"a row's key must be non-empty and not start with a zero byte, got {key!r}")
    if not value:
        raise ReservedKeyError(f"the row {key!r} has an empty value, which in a changelog means deleted")


def end_of(prefix: bytes) -> bytes | None:
    """The first key after all keys that start with ``prefix``; None when there is none (empty, or all 0xff)."""
    stem = prefix.rstrip(b"\xff")
    return stem[:-1] + bytes((stem[-1] + 1,)) if stem else None


def _while_prefixed(rows: Iterator[tuple[bytes, bytes]], prefix: bytes) -> Iterator[tuple[bytes, bytes]]:
    for row in rows:
        if not row[0].startswith(prefix):
            return
        yield row


def _merged(
    changed: list[tuple[bytes, bytes | None]], committed: Iterator[tuple[bytes, bytes]]
) -> Iterator[tuple[bytes, bytes]]:
    """Two ordered runs as one; where both have a key the change wins, and a deletion hides the row."""
    position, count = 0, len(changed)
    for key, value in committed:
        while position < count and changed[position][0] < key:
            fresh_key, fresh = changed[position]
            position += 1
            if fresh is not None:
                yield fresh_key, fresh
        if position < count and changed[position][0] == key:
            replaced = changed[position][1]
            position += 1
            if replaced is not None:
                yield key, replaced
        else:
            yield key, value
    for key, fresh in changed[position:]:
        if fresh is not None:
            yield key, fresh


def _opened(folder: Path, make_options: Callable[[], Options]) -> Rdict:
    """The folder's database. rocksdict's exceptions have no classes: RocksDB's own words tell them apart."""
    for _ in range(2):
        try:
            # Without column families rocksdict would open with the options that the folder was last opened with.
            return Rdict(str(folder), make_options(), column_families={"default": make_options()})
        except Exception as error:
            if "While lock file" in str(error):
                raise FolderTakenError(str(folder)) from error
            if "lock hold by current process" not in str(error):
                raise FolderDamagedError(f"{folder}: {error}") from error
            gc.collect()  # a scan that nobody finished still holds the folder
    raise FolderTakenError(str(folder))


def _batch_of(changes: Mapping[bytes, bytes | None]) -> WriteBatch:
    batch = WriteBatch(raw_mode=True)
    for key, value in changes.items():
        if value is None:
            batch.delete(key)
        else:
            batch.put(key, value)
    return batch


def _bulk_options() -> Options:
    """Rows are appended to a plain array and sorted once, when it is written to a file in the background."""
    options = Options(raw_mode=True)
    options.create_if_missing(True)
    options.set_write_buffer_size(_BULK_BUFFER_BYTES)
    options.set_keep_log_file_num(2)
    options.set_memtable_factory(MemtableFactory.vector())
    options.set_allow_concurrent_memtable_write(False)
    options.set_block_based_table_factory(_blocks())
    return options


def _options(cache: Cache) -> Options:
    options = Options(raw_mode=True)
    options.create_if_missing(True)
    options.set_write_buffer_size(_WRITE_BUFFER_BYTES)
    options.set_keep_log_file_num(2)
    options.set_memtable_whole_key_filtering(True)
    options.set_memtable_prefix_bloom_ratio(0.05)  # the share RocksDB's own tuning guide gives
    blocks = _blocks()
    blocks.set_block_cache(cache)
    options.set_block_based_table_factory(blocks)
    return options


def _blocks() -> BlockBasedOptions:
    blocks = BlockBasedOptions()
    blocks.set_bloom_filter(_BLOOM_BITS_PER_KEY, False)
    return blocks
