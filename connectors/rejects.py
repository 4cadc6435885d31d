"""The rejects file: which row and column was refused, why, and what stood there, for the person who mends the export.

It lies on somebody's disk, so it holds no identity: digit runs as long as an ID or account number are cut to their
first six and last four, and cells that were to become a name are masked.
"""

from __future__ import annotations

import codecs
import csv
import re
import unicodedata
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self, TextIO

COLUMNS = ("file", "row", "column", "reason", "expected", "value")
# 15 and 18 digits are ID numbers, 16 to 19 bank accounts; 12 is the shortest account number in use, 13 a moment in ms.
_LONG_RUN = re.compile(r"[0-9Xx](?:[ -]?[0-9Xx]){11,}")
_VALUE_CHARACTERS_MAX = 200
# A spreadsheet runs what begins with these as a formula when the rejects file is opened.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


class Reject(NamedTuple):
    """One refused row or line. ``column`` is a header of the export, or a field's path for JSON Lines."""

    row: int
    column: str
    reason: str
    expected: str
    value: str = ""
    is_personal: bool = False  # stands for a person: the value is not shown at all


def redacted(value: str) -> str:
    """The value with every long number cut, and no longer than a person wants to read."""
    folded = unicodedata.normalize("NFKC", value)
    cut = _LONG_RUN.sub(lambda run: f"{run.group()[:6]}********{run.group()[-4:]}", folded)
    return cut if len(cut) <= _VALUE_CHARACTERS_MAX else cut[:_VALUE_CHARACTERS_MAX] + "…"


class RejectsPathRefused(ValueError):
    """The rejects cannot go there: something else would be lost, or no file can be made. Carries the path."""

    def __init__(self, path: Path, found: str) -> None:
        super().__init__(f"{path}: expected a new file or the rejects of an earlier run, found {found}")
        self.path = path


class RejectsFile:
    """A CSV file that a spreadsheet opens as it is. Made when the first reject comes, so a clean run leaves none.

    A file of an earlier run is replaced at the start: what it lists is either mended or refused again. Any other file
    stays as it is: a mistyped path must not cost an export or a key.
    """

    def __init__(self, path: Path) -> None:
        """Raises RejectsPathRefused."""
        if not _is_ours(path):
            raise RejectsPathRefused(path, "another file")
        self.path = path
        self.count = 0
        self._file: TextIO | None = None
        try:  # here and not at the first reject, when half of an export may be sent
            path.open("wb").close()
            path.unlink()
        except OSError as error:
            raise RejectsPathRefused(path, f"that none can be made: {error.strerror}") from error

    def add(self, source: Path, reject: Reject) -> None:
        """Write one reject."""
        if self._file is None:
            # the byte order mark makes spreadsheets read UTF-8; closed in __exit__
            self._file = self.path.open("w", encoding="utf-8-sig", newline="")
            csv.writer(self._file).writerow(COLUMNS)
        value = "*" * min(len(reject.value), 8) if reject.is_personal else redacted(reject.value)
        cells = (source.name, str(reject.row), reject.column, reject.reason, reject.expected, value)
        csv.writer(self._file).writerow(_harmless(cell) for cell in cells)
        self.count += 1

    def __enter__(self) -> Self:
        """The file itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close the file if there is one."""
        if self._file is not None:
            self._file.close()


def _is_ours(path: Path) -> bool:
    """Whether nothing is at the path (or nothing in it), or the rejects of an earlier run, known by their header."""
    if not path.exists() or (path.is_file() and not path.stat().st_size):
        return True
    with path.open("rb") as file:
        return file.readline().removeprefix(codecs.BOM_UTF8).strip() == ",".join(COLUMNS).encode()


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell
