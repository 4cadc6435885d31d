"""Where engines keep their state while a history is judged: in memory, or on disk where that would be too much."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from streams.state import DiskRows, PendingRows, shared_cache

# Up to here in memory: a journal record leaves 3 kB of rows there (40,000 records of the bench: 108 MB), so a partition
# judged by two rule sets takes 1.2 GB. On disk a judgement takes half as long again, and is bounded by what engines
# keep decoded (`rules.tables.CACHED_ROWS_MAX`).
RECORDS_IN_MEMORY_MAX: Final = 200_000
# Of a record in a file in bytes, for guessing how many there are: events have some 700, their journal records 800. The
# lesser, so that at worst a history is judged on disk a little sooner.
RECORD_BYTES: Final = 700
# The same of a file of events.
FILE_BYTES_IN_MEMORY_MAX: Final = RECORD_BYTES * RECORDS_IN_MEMORY_MAX


class Scratch:
    """Rows of any number of engines, each by a name of its own; nothing of them is left after `close`."""

    def __init__(self, folder: Path | None) -> None:
        """``folder``: None for memory; it is the caller's to remove."""
        self._folder = folder
        self._cache = shared_cache()
        self._open: list[tuple[DiskRows, PendingRows]] = []

    def rows(self, name: str) -> PendingRows | None:
        """As `rules.engine.Engine` takes them: None means memory."""
        if self._folder is None:
            return None
        disk = DiskRows(self._folder / name, self._cache)
        rows = PendingRows(disk)
        self._open.append((disk, rows))
        return rows

    def settle(self) -> None:
        """Put on disk what engines have flushed, so that it is no longer held."""
        for disk, rows in self._open:
            if rows.changes:
                disk.load(rows.changes)
                rows.clear()

    def close(self) -> None:
        """Let go of the files."""
        for disk, _ in self._open:
            disk.close()
        self._open.clear()


@contextmanager
def scratch_for(events: Path) -> Iterator[Scratch]:
    """Where the state is kept while a file of events is judged: of a large one in a folder of its own."""
    if events.stat().st_size <= FILE_BYTES_IN_MEMORY_MAX:
        yield Scratch(None)
        return
    with TemporaryDirectory(prefix="fundwatch-judge-") as folder, closing(Scratch(Path(folder))) as scratch:
        yield scratch
