"""Laws of state on rows: what is cached, and where a batch ends, changes nothing of what is found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from bench.records import Journaled, journal_records
from domain.findings import Finding
from domain.journal import decode
from rules import ledger
from rules.catalogue import RULES
from rules.engine import Engine
from rules.selection import chosen_rules
from rules.tables import Index
from rules.thresholds import rule_set_of
from streams.state import MemoryRows


@pytest.fixture(scope="module")
def journal() -> Sequence[Journaled]:
    """One partition of many counties."""
    return journal_records(14_000, partitions=4)[0]


def found(journal: Sequence[Journaled], rows: MemoryRows | None, batch: int) -> Iterator[Finding]:
    """All findings, with the state written after each batch."""
    engine = Engine(chosen_rules(RULES), rule_set_of(RULES), rows)
    for number, record in enumerate(map(decode, (each.value for each in journal)), 1):
        yield from engine.take(record.position, bytes(record.event))
        if number % batch == 0:
            engine.flush()


@pytest.mark.parametrize(("cached_max", "batch"), [(0, 1), (50, 37), (1_000, 500)])
def test_rows_and_batches_of_any_size_find_what_memory_finds(
    journal: Sequence[Journaled], monkeypatch: pytest.MonkeyPatch, cached_max: int, batch: int
) -> None:
    """A row that was let go of is read again as it was."""
    monkeypatch.setattr(ledger, "CACHED_ROWS_MAX", cached_max)
    assert list(found(journal, MemoryRows(), batch)) == list(found(journal, None, batch))


@pytest.mark.parametrize("is_held", [False, True])
def test_an_index_tells_what_is_not_written_yet(is_held: bool) -> None:
    """Children added and removed since the last flush are seen, in order of their text."""
    rows = MemoryRows({b"x1\x00a": b"\x01", b"x1\x00c": b"\x01"})
    index = Index(rows, b"x", is_held=is_held)
    index.add("1", "b")
    index.remove("1", "a")
    assert index.children("1") == ["b", "c"]


@pytest.mark.parametrize("is_held", [False, True])
def test_a_flushed_index_is_in_the_rows(is_held: bool) -> None:
    """What was added is there, what was removed is not."""
    rows = MemoryRows({b"x1\x00a": b"\x01"})
    index = Index(rows, b"x", is_held=is_held)
    index.add("2", "b")
    index.remove("1", "a")
    index.flush()
    assert rows.snapshot() == {b"x2\x00b": b"\x01"}


def test_children_that_were_read_are_told_as_they_change() -> None:
    """What is kept in memory follows additions and removals, before and after they are written."""
    index = Index(MemoryRows({b"x1\x00b": b"\x01"}), b"x")
    assert index.children("1") == ["b"]
    index.add("1", "a")
    index.remove("1", "b")
    assert index.children("1") == ["a"]
    index.flush()
    index.age()
    assert index.children("1") == ["a"]


def test_more_children_than_are_kept_are_read_anew() -> None:
    """The bound on memory changes nothing of what is told."""
    index = Index(MemoryRows(), b"x")
    names = [f"{number:03}" for number in range(70)]
    for name in names:
        assert index.children("1") == names[: names.index(name)]
        index.add("1", name)
    assert index.children("1") == names


def test_days_of_an_index_are_told_in_order_and_up_to_the_last() -> None:
    """From the rows and from what is not written yet, each once."""
    index = Index(MemoryRows({b"o3\x00a": b"\x01", b"o5\x00a": b"\x01"}), b"o")
    index.add("3", "b")
    index.add("2", "a")
    assert index.parents_up_to("4") == ["2", "3"]
