"""Laws of state rows: one contract for memory, for disk, and for a batch's writes on top of either."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streams.stage import Rows
from streams.state import (
    DiskRows,
    FolderDamagedError,
    MemoryRows,
    PendingRows,
    ReservedKeyError,
    discard,
    end_of,
    shared_cache,
)
from tests.waiting import until

# A small alphabet with both ends of the byte range makes keys collide, nest and stand at the edge of a prefix.
keys = st.binary(min_size=1, max_size=4).map(lambda raw: bytes(b"\x01a\xfe\xff"[byte % 4] for byte in raw))
writes = st.lists(st.tuples(keys, st.none() | st.binary(min_size=1, max_size=3)), max_size=30)


def write(rows: Rows, changes: list[tuple[bytes, bytes | None]]) -> None:
    """Apply changes through the interface that stages use."""
    for key, value in changes:
        rows.delete(key) if value is None else rows.put(key, value)


def as_dict(changes: list[tuple[bytes, bytes | None]]) -> dict[bytes, bytes]:
    """The plain answer: a dict after the same changes."""
    plain: dict[bytes, bytes] = {}
    for key, value in changes:
        plain.pop(key, None) if value is None else plain.__setitem__(key, value)
    return plain


def under(plain: dict[bytes, bytes], prefix: bytes) -> list[tuple[bytes, bytes]]:
    """The plain answer to a scan."""
    return sorted(row for row in plain.items() if row[0].startswith(prefix))


Pair = tuple[Rows, Callable[[], None]]  # rows as a stage sees them, and what commits them


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A place for RocksDB folders."""
    path = tmp_path_factory.mktemp("rows")
    yield path
    discard(path)


def rows_over(base: MemoryRows | DiskRows) -> Pair:
    """A batch's rows over a base, and its commit."""
    pending = PendingRows(base)

    def commit() -> None:
        base.apply(pending.changes)
        pending.clear()

    return pending, commit


@pytest.fixture(params=["memory", "memory under a batch", "disk under a batch"])
def make(request: pytest.FixtureRequest, folder: Path) -> Iterator[Callable[[], Pair]]:
    """Makes empty rows of each kind."""
    opened: list[DiskRows] = []
    cache = shared_cache()

    def disk() -> Pair:
        opened.append(DiskRows(folder / f"{request.node.name}-{len(opened)}".replace("/", "-"), cache))
        return rows_over(opened[-1])

    kinds: dict[str, Callable[[], Pair]] = {
        "memory": lambda: (MemoryRows(), lambda: None),
        "memory under a batch": lambda: rows_over(MemoryRows()),
        "disk under a batch": disk,
    }
    yield kinds[request.param]
    for rows in opened:
        rows.close()


CONTRACT = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@CONTRACT
@given(committed=writes, pending=writes, prefix=keys | st.just(b""))
def test_rows_equal_a_plain_dict_whatever_is_committed(
    make: Callable[[], Pair],
    committed: list[tuple[bytes, bytes | None]],
    pending: list[tuple[bytes, bytes | None]],
    prefix: bytes,
) -> None:
    """Reads and scans see the batch's own writes over the committed ones, as one dict would."""
    rows, commit = make()
    write(rows, committed)
    commit()
    write(rows, pending)
    plain = as_dict(committed + pending)
    assert list(rows.scan(prefix)) == under(plain, prefix)
    assert [rows.get(key) for key, _ in committed + pending] == [plain.get(key) for key, _ in committed + pending]


@CONTRACT
@given(changes=writes, prefix=keys)
def test_scan_of_a_batch_equals_the_scan_after_its_commit(
    make: Callable[[], Pair], changes: list[tuple[bytes, bytes | None]], prefix: bytes
) -> None:
    """A commit changes nothing that the stage can see."""
    rows, commit = make()
    write(rows, changes)
    before = list(rows.scan(prefix))
    commit()
    assert list(rows.scan(prefix)) == before


def test_writing_while_scanning_is_not_seen(make: Callable[[], Pair]) -> None:
    """A scan shows the rows as they were when it was asked for."""
    rows, _ = make()
    write(rows, [(b"a1", b"x"), (b"a3", b"x")])
    scan = rows.scan(b"a")
    first = next(scan)
    write(rows, [(b"a2", b"y"), (b"a3", None)])
    assert [first, *scan] == [(b"a1", b"x"), (b"a3", b"x")]


def test_a_row_written_and_deleted_in_one_batch_is_gone(make: Callable[[], Pair]) -> None:
    """The last write of a batch is the one that counts."""
    rows, commit = make()
    write(rows, [(b"a", b"x"), (b"a", None), (b"b", None), (b"b", b"y")])
    commit()
    assert list(rows.scan(b"")) == [(b"b", b"y")]


@pytest.mark.parametrize("key", [b"", b"\x00", b"\x00next/journal"])
def test_the_shards_own_keys_are_refused_to_stages(make: Callable[[], Pair], key: bytes) -> None:
    """A stage cannot overwrite what tells the shard where it stands."""
    rows, _ = make()
    with pytest.raises(ReservedKeyError):
        rows.put(key, b"x")
    with pytest.raises(ReservedKeyError):
        rows.delete(key)


def test_an_empty_value_is_refused(make: Callable[[], Pair]) -> None:
    """In the changelog an empty record is a deletion, so it cannot be a value."""
    rows, _ = make()
    with pytest.raises(ReservedKeyError):
        rows.put(b"a", b"")


def test_the_shards_own_rows_are_not_shown_to_stages() -> None:
    """A scan of everything shows the stage's rows only."""
    base = MemoryRows()
    base.apply({b"\x00next/journal": b"1", b"a": b"x"})
    assert list(PendingRows(base).scan(b"")) == [(b"a", b"x")]


def test_a_folder_keeps_what_was_committed(folder: Path) -> None:
    """Closing and opening the local copy changes nothing, even with a scan left half-way."""
    rows = DiskRows(folder / "kept", shared_cache())
    rows.load({b"\x00position": b"7", b"a": b"1", b"b": b"2"})
    rows.settle()
    until(lambda: rows.is_settled, "rows in files")
    rows.apply({b"a": None, b"c": b"3"})
    half_way = rows.scan(b"")
    next(half_way)
    del half_way
    rows.close()
    again = DiskRows(folder / "kept", shared_cache())
    assert (list(again.scan(b"")), again.get(b"\x00position")) == ([(b"b", b"2"), (b"c", b"3")], b"7")
    again.close()


def test_rows_loaded_in_bulk_are_all_there_and_the_last_write_counts(folder: Path) -> None:
    """The folder is opened twice with different options; nothing may be lost between."""
    rows = DiskRows(folder / "bulk", shared_cache(), is_bulk=True)
    for start in range(0, 50_000, 5_000):
        chunk: dict[bytes, bytes | None] = {b"%08d" % number: b"1" for number in range(start, start + 5_000)}
        rows.load({**chunk, b"\x00position": b"%d" % start})
    rows.load({b"00000007": None})
    rows.settle()
    until(lambda: rows.is_settled, "rows in files")
    rows.close()
    again = DiskRows(folder / "bulk", shared_cache())
    assert (sum(1 for _ in again.scan(b"")), again.get(b"\x00position")) == (49_999, b"45000")
    again.apply({b"00000008": None})
    assert [again.get(b"%08d" % number) for number in (6, 7, 8)] == [b"1", None, None]
    again.close()


def test_a_damaged_folder_is_told_apart_from_a_taken_one(folder: Path) -> None:
    """A damaged copy is discarded; one that a paused process holds is left alone."""
    DiskRows(folder / "damaged", shared_cache()).close()
    (folder / "damaged" / "CURRENT").write_text("nonsense")
    with pytest.raises(FolderDamagedError):
        DiskRows(folder / "damaged", shared_cache())


@pytest.mark.parametrize(
    ("prefix", "end"), [(b"a", b"b"), (b"a\xff", b"b"), (b"\xff", None), (b"", None), (b"a\x00", b"a\x01")]
)
def test_the_end_of_a_prefix_is_the_first_key_behind_it(prefix: bytes, end: bytes | None) -> None:
    """A prefix of 0xff bytes has no key behind it."""
    assert end_of(prefix) == end
