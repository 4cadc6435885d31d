"""The rows of a CSV export: encoding found strictly, header found by its columns, rows streamed.

A file is read twice, and never whole into memory: once to know its encoding for certain, once for its rows. Guessing
from the first kilobytes would send 县 as 鍘 a million rows later, under ids that can never be used again.
"""

from __future__ import annotations

import codecs
import csv
import unicodedata
from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple, Self, TextIO

_CHUNK_BYTES = 262_144
# Exports put a title, a unit line and a date above their header; more than that is no header at all.
HEADER_WITHIN_ROWS = 20
# csv's own limit would be 131,072 characters; the longest text of the contract has 2,000.
CELL_CHARACTERS_MAX = 131_072


class FileRefused(ValueError):
    """A file cannot be read as an export; carries the path and what was expected."""

    def __init__(self, path: Path, expected: str) -> None:
        super().__init__(f"{path}: {expected}")
        self.path, self.expected = path, expected


class Encoding(StrEnum):
    """The encodings that Chinese exports come in; the values are codec names."""

    UTF_8 = "utf-8"
    UTF_8_WITH_MARK = "utf-8-sig"
    GB18030 = "gb18030"  # contains GBK and GB2312


class Row(NamedTuple):
    """One row below the header: its number as a spreadsheet shows it, and its cells by header."""

    number: int
    cells: dict[str, str]


class RowFault(NamedTuple):
    """A row that cannot be taken apart."""

    number: int
    fault: str
    expected: str


class Preamble(NamedTuple):
    """The header's cells and the text above it."""

    header: tuple[str, ...]
    above: str


def encoding_of(path: Path) -> Encoding:
    """The encoding, proved on every byte; FileRefused when it is none of them."""
    with path.open("rb") as file:
        start = file.read(3)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise FileRefused(path, 'UTF-8 or GB18030; this is UTF-16 ("Unicode text" of a spreadsheet): save as CSV UTF-8')
    if start.startswith(b"PK\x03"):
        raise FileRefused(path, "CSV; this is a spreadsheet file (.xlsx): save it as CSV UTF-8")
    if start == codecs.BOM_UTF8:
        fault = _decoding_fault(path, "utf-8-sig")
        if fault is None:
            return Encoding.UTF_8_WITH_MARK
        raise FileRefused(path, f"UTF-8, as its byte order mark says; {fault}")
    utf_8_fault = _decoding_fault(path, "utf-8")
    if utf_8_fault is None:
        return Encoding.UTF_8
    gb18030_fault = _decoding_fault(path, "gb18030")
    if gb18030_fault is None:
        return Encoding.GB18030
    raise FileRefused(path, f"UTF-8 or GB18030; as UTF-8 {utf_8_fault}, as GB18030 {gb18030_fault}")


def _decoding_fault(path: Path, codec: str) -> str | None:
    decoder = codecs.getincrementaldecoder(codec)()
    line = 1
    with path.open("rb") as file:
        while True:
            chunk = file.read(_CHUNK_BYTES)
            try:
                decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                line += error.object[: error.start].count(b"\n")
                return f"line {line} has bytes {error.object[error.start : error.end][:4].hex(' ')} ({error.reason})"
            if not chunk:
                return None
            line += chunk.count(b"\n")


def header_name(text: str) -> str:
    """A header as it is compared: full-width signs and blanks make no difference, nor do line breaks in the cell."""
    return "".join(unicodedata.normalize("NFKC", text).split()).strip("\ufeff\u200b")


class Export:
    """An open export: find the header first, then take the rows."""

    def __init__(self, path: Path, delimiter: str) -> None:
        self.path = path
        self.encoding = encoding_of(path)
        self._file: TextIO = path.open(encoding=self.encoding, newline="")
        csv.field_size_limit(CELL_CHARACTERS_MAX)
        self._reader = csv.reader(self._file, delimiter=delimiter, strict=True)
        self._row_number = 0
        self._header: tuple[str, ...] = ()

    def __enter__(self) -> Self:
        """The export itself; its file is closed at the end of the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        self._file.close()

    def bytes_read(self) -> int:
        """How far the file has been read, for progress; up to a buffer ahead of the rows taken."""
        return self._file.buffer.tell()

    def find_header(self, missing: Callable[[frozenset[str]], tuple[str, ...]]) -> Preamble:
        """The first row that lacks no column; ``missing`` says which columns a set of headers lacks."""
        above: list[str] = []
        nearest: tuple[tuple[str, ...], tuple[str, ...]] | None = None
        for cells in self._reader:
            self._row_number += 1
            names = tuple(header_name(cell) for cell in cells)
            lacking = missing(frozenset(names))
            if not lacking:
                self._header = names
                return Preamble(names, " ".join(above))
            if nearest is None or len(lacking) < len(nearest[0]):
                nearest = (lacking, names)
            above.extend(name for name in names if name)
            if self._row_number >= HEADER_WITHIN_ROWS:
                break
        if nearest is None:
            raise FileRefused(self.path, "a header and rows; the file is empty")
        raise FileRefused(
            self.path,
            f"a header with the columns {'、'.join(nearest[0])} in the first {HEADER_WITHIN_ROWS} rows; "
            f"nearest was {'、'.join(name for name in nearest[1] if name)}",
        )

    def rows(self) -> Iterator[Row | RowFault]:
        """The rows below the header; blank ones are passed over."""
        width = len(self._header)
        while True:
            self._row_number += 1
            try:
                cells = next(self._reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield RowFault(
                    self._row_number, "csv_fault", f"a readable row ({error}); look for a quote never closed"
                )
                continue
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) < width or any(cell.strip() for cell in cells[width:]):
                fault = f"{width} cells as in the header, not {len(cells)}; look for a comma in an unquoted cell"
                yield RowFault(self._row_number, "cell_count", fault)
                continue
            yield Row(self._row_number, dict(zip(self._header, cells, strict=False)))
