"""How far publishing is: a bar on a terminal, a plain line every few seconds otherwise, and the sum at the end."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

import click
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, TaskID, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bars

from connectors.rejects import RejectsFile
from connectors.shipment import Counts

_Each = TypeVar("_Each")
# Often enough to see that it moves, seldom enough to cost nothing.
_LOOK_EVERY_ROWS = 500
_LINE_EVERY_S = 5.0


class Progress:
    """Progress over files, measured in bytes read: the rows of a file are not known before its end."""

    def __init__(self, files: Sequence[Path], console: Console | None = None, *, is_check: bool = False) -> None:
        """``is_check``: nothing is sent, so nothing is said to be."""
        self._done = "sound" if is_check else "sent"
        console = console or Console(stderr=True)
        self._sizes = {path: path.stat().st_size for path in files}
        self._bars: Bars | None = None
        if console.is_terminal:
            columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
            self._bars = Bars(*columns, TextColumn("{task.fields[counts]}"), console=console)
        self._said_at_s = time.monotonic()

    def __enter__(self) -> Self:
        """Begin to show."""
        if self._bars is not None:
            self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Stop showing."""
        if self._bars is not None:
            self._bars.stop()

    def follow(
        self, path: Path, rows: Iterator[_Each], bytes_read: Callable[[], int], counts: Counts
    ) -> Iterator[_Each]:
        """The rows themselves, shown as they are taken."""
        task = self._bars.add_task(path.name, total=self._sizes[path], counts="") if self._bars is not None else None
        for number, row in enumerate(rows):
            if number % _LOOK_EVERY_ROWS == 0:
                self._show(path, task, bytes_read(), counts)
            yield row
        if self._bars is not None and task is not None:
            self._bars.update(task, completed=self._sizes[path], counts=self._words(counts))

    def close(self, counts: Counts, rejects: RejectsFile) -> None:
        """The sum, on stdout: it is the command's answer."""
        if self._bars is not None:
            self._bars.stop()
        click.echo(self._words(counts) + (f", see {rejects.path}" if rejects.count else ""))

    def _show(self, path: Path, task: TaskID | None, done: int, counts: Counts) -> None:
        if self._bars is not None and task is not None:
            self._bars.update(task, completed=done, counts=self._words(counts))
        elif time.monotonic() - self._said_at_s >= _LINE_EVERY_S:
            self._said_at_s = time.monotonic()
            percent = 100 * done // max(self._sizes[path], 1)
            click.echo(f"{path.name}: {percent} %, {self._words(counts)}", err=True)

    def _words(self, counts: Counts) -> str:
        words = f"{counts.rows} rows, {counts.sent} {self._done}, {counts.rejected} rejected"
        return f"{words}, {counts.undelivered} not acknowledged" if counts.undelivered else words
