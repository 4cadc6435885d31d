"""A file of wire events as the journals that a system would make of it, on disk, to be judged part by part.

Which notices regions send each other, and what is told of persons and enterprises, follows from the records and not
from rules: so the file is folded once, without judging, and all that it gives rise to stands in the journals then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import BinaryIO, NamedTuple

from domain.topics import JOURNAL
from fundwatch.backtest.journals import FolderJournals
from fundwatch.journal_file import first_day, opened
from fundwatch.judging import FileJudge, refusal_text
from fundwatch.scratch import Scratch
from rules.catalogue import RULES
from rules.facts.telling import TOPICS
from rules.rule import Rule
from rules.thresholds import Mode, Setting, rule_set_of


class Made(NamedTuple):
    """The journals of a file; how many of its lines were refused, so are in none, and what for the first was."""

    journals: FolderJournals
    refused: int
    first_refusal: str


class EventFile:
    """One file of wire events, one a line, and the days of its ticks."""

    def __init__(self, path: Path, first: date, last: date) -> None:
        """Ticks begin with the day of the first event where that is earlier than ``first``."""
        with opened(path) as lines:
            begins_on = first_day(lines)
        self.path, self.last = path, last
        self.first = first if begins_on is None else min(first, begins_on)

    def write_journals(
        self, folder: Path, rules: tuple[Rule, ...], partitions: int, scratch: Scratch, read: Callable[[int], None]
    ) -> Made:
        """Journals of so many partitions in ``folder``.

        ``read`` is told of the bytes of each line, and of none with each record written: years of ticks may follow.
        """
        tellers = tuple(rule for rule in rules if rule.stage in TOPICS)  # what is told depends on who is there to hear
        silent = rule_set_of(RULES, {rule.id: Setting(mode=Mode.OFF) for rule in tellers})
        journals = FolderJournals(folder)
        with ExitStack() as stack:
            files: dict[tuple[str, int], BinaryIO] = {
                (topic, number): stack.enter_context(journals.path(topic, number).open("wb"))
                for topic in (JOURNAL, *TOPICS.values())
                for number in range(partitions)
            }

            def journaled(topic: str, partition: int, value: bytes) -> None:
                files[topic, partition].write(value + b"\n")
                read(0)

            judge = FileJudge(
                tellers, silent, emitted_at="", partitions=partitions, journaled=journaled, scratch=scratch
            )
            for _ in judge.run(self._lines(read), self.first, self.last):
                raise AssertionError("nothing is judged here")
        first = ""
        for number, refused in judge.dead_letters[:1]:
            first = refusal_text(number, refused.code, refused.field, refused.expected)
        return Made(journals, len(judge.dead_letters), first)

    def _lines(self, read: Callable[[int], None]) -> Iterator[bytes]:
        with opened(self.path) as lines:
            for line in lines:
                read(len(line))
                yield line
