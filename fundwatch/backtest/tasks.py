"""What the processes of a backtest do: each takes one partition at a time and judges it by both sides at once.

Both in one process, so that a record is fetched and decoded once, and alerts are compared where they are. The folder of
a task's state is its own; what is shared is the count of what is done, and the wish to stop.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import date
from multiprocessing import parent_process
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from alerts.alert import decode
from domain.events import Event
from domain.findings import Finding
from domain.journal import read
from domain.topics import ALERTS, ALERTS_SHADOW, JOURNAL
from fundwatch.backtest.courses import Comparison, Life, Lives, compared
from fundwatch.backtest.file_journals import EventFile, Made
from fundwatch.backtest.journals import Journals
from fundwatch.backtest.judges import RECORDED, FactsJudge, JournalJudge, Side, is_in_time, outline_of_fact
from fundwatch.scratch import RECORD_BYTES, RECORDS_IN_MEMORY_MAX, Scratch
from rules.catalogue import RULES
from rules.custom.failures import FailureRecord
from rules.facts.telling import TOPICS
from rules.rule import Rule, Stage
from rules.selection import chosen_rules
from streams.reading import fetch_lean

# Lines read and records written while journals of a file are made: a fraction of a second.
_LOOK_EVERY_RECORDS = 200


class Work(NamedTuple):
    """What all tasks of one backtest have in common. Can be sent to another process."""

    journals: Journals
    before: Side
    after: Side
    rules: tuple[str, ...]  # names; none: all
    since: date | None
    until: date | None
    folder: Path  # for state, and whatever else is written meanwhile
    records_in_memory_max: int = RECORDS_IN_MEMORY_MAX

    def chosen(self) -> tuple[Rule, ...]:
        """The rules that may speak."""
        return chosen_rules(RULES, self.rules)

    @property
    def judged(self) -> tuple[Side, ...]:
        """The sides that have to be judged: both, unless the first is what the system has told."""
        return (self.after,) if self.before.name == RECORDED else (self.before, self.after)

    def outcome(self, lives: Sequence[Mapping[str, Life]], heard: Sequence[list[Finding]] = ()) -> Judged:
        """Of one task, by the sides that it judged."""
        if len(lives) == 1:
            return Judged(None, lives[0], heard)
        return Judged(self.compared(*lives), {}, heard)

    def compared(self, before: Mapping[str, Life], after: Mapping[str, Life]) -> Comparison:
        """From the first day on that is of interest."""
        return compared(before, after, "" if self.since is None else self.since.isoformat())


class Judged(NamedTuple):
    """What came of one task: a comparison, or where only one side was judged, its alerts.

    ``heard``: what desks have to know of it, by each side that was judged. ``failures``: where custom rules of the side
    that is tried had no value.
    """

    comparison: Comparison | None
    lives: Mapping[str, Life]
    heard: Sequence[list[Finding]] = ()
    failures: Sequence[FailureRecord] = ()


class Stopped(Exception):
    """The backtest was given up."""


class Shared(NamedTuple):
    """What processes share: by task how much is done and how many records; and whether to stop."""

    done: Any  # multiprocessing's own types, which it does not name
    records: Any
    is_stopping: Any


# At most one: what `begin` was given. A list, as a pool hands it to each process only once, before any task.
_shared: list[Shared] = []


def begin(done: Any, records: Any, is_stopping: Any) -> None:
    """Once in each process, which ends with its parent even where that one is killed."""
    _shared.append(Shared(done, records, is_stopping))
    fetch_lean()
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def judge_facts(work: Work, number: int, stage: Stage, partition: int) -> Judged:
    """One partition of a facts topic; ``number`` is the task's."""
    topic, rules = TOPICS[stage], work.chosen()
    with _scratches(work, topic, partition) as scratches:
        judges = [
            FactsJudge(stage, rules, side.terms(), partition, scratch)
            for side, scratch in zip(work.judged, scratches, strict=False)  # where one side is judged, one is left over
        ]
        _judge_all(judges, scratches, number, _facts(work, _batches(work, number, topic, partition)))
        return work.outcome([judge.lives.by_id for judge in judges], [judge.heard for judge in judges])


def judge_journal(work: Work, number: int, partition: int, heard: Sequence[list[Finding]]) -> Judged:
    """One partition of the journal; ``heard`` is what each side found of persons and enterprises in its regions."""
    rules = work.chosen()
    with _scratches(work, JOURNAL, partition) as scratches:
        judges = [
            JournalJudge(rules, side.terms(), partition, found, scratch)
            for side, found, scratch in zip(work.judged, heard, scratches, strict=False)  # as above
        ]
        _judge_all(judges, scratches, number, _events(work, _batches(work, number, JOURNAL, partition)))
        outcome = work.outcome([judge.lives.by_id for judge in judges])
        return outcome._replace(failures=judges[-1].failures())


def read_alerts(work: Work, number: int, partition: int) -> Mapping[str, Life]:
    """The alerts that the system has told in one partition, by the rules and days that are compared."""
    left_out = {rule.id for rule in RULES}.difference(rule.id for rule in work.chosen())  # custom rules always speak
    last = "9999" if work.until is None else work.until.isoformat()
    lives = Lives()
    for topic in (ALERTS, ALERTS_SHADOW):
        for values in _batches(work, number, topic, partition):
            for record in map(decode, values):
                if record.log_on <= last and record.rule_id not in left_out:
                    lives.take_record(record, is_shadow=topic == ALERTS_SHADOW)
    return lives.by_id


def write_journals(work: Work, number: int, events: EventFile, partitions: int) -> Made:
    """The journals of a file, in the backtest's folder."""
    done, calls = _shared[0].done, 0

    def noted(length: int) -> None:
        nonlocal calls
        done[number] += length
        calls += 1
        if calls % _LOOK_EVERY_RECORDS == 0:
            _stop_if_asked()

    folder = work.folder / "journals"
    folder.mkdir()
    is_small = events.path.stat().st_size <= work.records_in_memory_max * RECORD_BYTES
    with closing(Scratch(None if is_small else work.folder / "folding")) as scratch:
        return events.write_journals(folder, work.chosen(), partitions, scratch, noted)


class _Judge(Protocol):
    @property
    def take(self) -> Callable[..., None]: ...

    def flush(self) -> None: ...


def _judge_all(
    judges: Sequence[_Judge], scratches: Iterable[Scratch], number: int, batches: Iterable[list[tuple[Any, ...]]]
) -> None:
    """Every record by each judge; what they keep is written after each batch."""
    for entries in batches:
        for judge in judges:
            for entry in entries:
                judge.take(*entry)
            judge.flush()
        for scratch in scratches:
            scratch.settle()
        _shared[0].records[number] += len(entries)


def _events(work: Work, batches: Iterable[list[bytes]]) -> Iterator[list[tuple[int, Event, bytes]]]:
    """Records of the journal up to the last day."""
    for values in batches:
        entries: list[tuple[int, Event, bytes]] = []
        for value in values:
            position, event = read(value)
            if not is_in_time(event, work.until):
                yield entries
                return
            entries.append((position, event, value))
        yield entries


def _facts(work: Work, batches: Iterable[list[bytes]]) -> Iterator[list[tuple[bytes]]]:
    """Facts up to the last day, which is not the same in all the journals that they come from."""
    last = date.max.toordinal() if work.until is None else work.until.toordinal()
    for values in batches:
        yield [(value,) for value in values if outline_of_fact(value).log_on <= last]


def _batches(work: Work, number: int, topic: str, partition: int) -> Iterator[list[bytes]]:
    done = _shared[0].done
    for batch in work.journals.batches(topic, partition):
        _stop_if_asked()
        yield batch.values
        done[number] = batch.done
    done[number] = work.journals.size(topic, partition)


def _stop_if_asked() -> None:
    if _shared[0].is_stopping.is_set():
        raise Stopped


@contextmanager
def _scratches(work: Work, topic: str, partition: int) -> Iterator[tuple[Scratch, Scratch]]:
    """One for each side: in memory, or in the backtest's folder where there is more than fits there."""
    is_small = work.journals.records(topic, partition) <= work.records_in_memory_max
    folder = work.folder / f"{topic}-{partition}"
    with (
        closing(Scratch(None if is_small else folder / "before")) as before,
        closing(Scratch(None if is_small else folder / "after")) as after,
    ):
        yield before, after
