"""A backtest from its beginning to what differs: the parts of a history judged side by side, in processes of their own.

Facts come first, as desks hear of what is found by them; then the journal, the largest partition first.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import tempfile
import time
from collections import ChainMap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from domain.findings import Finding
from domain.identifiers import partition_of
from domain.topics import JOURNAL
from fundwatch.backtest.courses import Comparison, Life, together
from fundwatch.backtest.file_journals import EventFile, Made
from fundwatch.backtest.journals import FolderJournals, Journals
from fundwatch.backtest.judges import Side
from fundwatch.backtest.tasks import (
    Judged,
    Shared,
    Work,
    begin,
    judge_facts,
    judge_journal,
    read_alerts,
    write_journals,
)
from fundwatch.scratch import RECORDS_IN_MEMORY_MAX
from rules.custom.failures import FailureRecord
from rules.facts.telling import TOPICS

# Two judgements of one partition are one core's work; more processes than cores would only hold more state at once.
PROCESSES_MAX = os.cpu_count() or 1
# How often progress is told, and the wish to stop is looked at.
_TELL_EVERY_S = 0.5
# Making journals of a file folds each record once; judging them by two sides takes about twice as long.
_SHARE_OF_MAKING = 1 / 3


class Asked(NamedTuple):
    """What is compared: two sides, the rules that may speak (none: all), and the days whose alerts are looked at."""

    before: Side
    after: Side
    rules: tuple[str, ...]
    since: date | None
    until: date | None
    partitions: int
    processes: int = PROCESSES_MAX
    records_in_memory_max: int = RECORDS_IN_MEMORY_MAX


class Progress(NamedTuple):
    """How far a backtest is: share of all that is to do, and journal records judged so far."""

    share: float
    records: int


class Done(NamedTuple):
    """What differs; how many journal records were judged, each by so many sides, in how long.

    ``failures``: where custom rules of the side that is tried had no value. ``refused``: lines of a file that are in no
    journal, and what the first was refused for.
    """

    comparison: Comparison
    records: int
    sides: int
    took_s: float
    failures: Sequence[FailureRecord]
    refused: int
    first_refusal: str


Told = Callable[[Progress], None]


def backtest(asked: Asked, history: Journals | EventFile, told: Told) -> Done:
    """What ``after`` says otherwise than ``before`` of a history, which is judged from its beginning.

    Raises RuleSetRefused, RuleSetUnknown, JournalUnreadableError. When it is interrupted its processes end within a
    batch, and nothing is left.
    """
    began_s = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="fundwatch-backtest-") as folder, _processes(asked) as crew:
        work = Work(
            FolderJournals(Path(folder)) if isinstance(history, EventFile) else history,
            asked.before,
            asked.after,
            asked.rules,
            asked.since,
            asked.until,
            Path(folder),
            asked.records_in_memory_max,
        )
        base, refused, first_refusal = 0.0, 0, ""
        if isinstance(history, EventFile):
            size, base = max(1, history.path.stat().st_size), _SHARE_OF_MAKING
            (making,) = crew.submit([(write_journals, work, 0, history, asked.partitions)])
            _wait([making], lambda: told(Progress(base * crew.shared.done[0] / size, 0)))
            crew.shared.done[0] = 0
            made: Made = making.result()
            work, refused, first_refusal = work._replace(journals=made.journals), made.refused, made.first_refusal
        found, records, failures = _judge(crew, work, asked.partitions, lambda each: told(_after(base, each)))
        took_s = time.monotonic() - began_s
        return Done(found, records, len(work.judged), took_s, failures, refused, first_refusal)


class _Crew(NamedTuple):
    pool: ProcessPoolExecutor
    shared: Shared

    def submit(self, calls: Iterable[Sequence[Any]]) -> list[Future[Any]]:
        """Calls of a function with its arguments. Processes that this starts are never interrupted themselves.

        A blocked signal is inherited: from a terminal Ctrl-C goes to all processes, and those that only just start
        would each end with a traceback. Here it waits until it is unblocked.
        """
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            return [self.pool.submit(*call) for call in calls]
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


@contextmanager
def _processes(asked: Asked) -> Iterator[_Crew]:
    """Processes that end with this block, however it ends."""
    context = multiprocessing.get_context("spawn")
    # Numbered in this order: a task for each partition of the facts topics, of the journal, and of what was told.
    tasks = (2 + len(TOPICS)) * asked.partitions
    # Each place is written by one task alone, so nothing needs a lock.
    shared = Shared(context.Array("q", tasks, lock=False), context.Array("q", tasks, lock=False), context.Event())
    processes = max(1, min(asked.processes, asked.partitions))
    pool = ProcessPoolExecutor(processes, mp_context=context, initializer=begin, initargs=shared)
    try:
        yield _Crew(pool, shared)
    finally:
        shared.is_stopping.set()
        pool.shutdown(wait=True, cancel_futures=True)


def _judge(crew: _Crew, work: Work, partitions: int, told: Told) -> tuple[Comparison, int, list[FailureRecord]]:
    """Every part; returns what differs, how many journal records there were, and where custom rules had no value."""
    numbers = range(partitions)
    parts = [(stage, number) for stage in TOPICS for number in numbers]
    whole = max(1, sum(work.journals.size(topic, n) for topic in (*TOPICS.values(), JOURNAL) for n in numbers))

    def tell() -> None:
        told(Progress(sum(crew.shared.done[: len(parts) + partitions]) / whole, sum(crew.shared.records[len(parts) :])))

    facts = crew.submit((judge_facts, work, task, stage, number) for task, (stage, number) in enumerate(parts))
    _wait(facts, tell)
    found: list[Judged] = [future.result() for future in facts]
    heard = [
        _by_partition([finding for each in found for finding in each.heard[side]], partitions)
        for side in range(len(work.judged))
    ]
    order = sorted(numbers, key=lambda number: -work.journals.size(JOURNAL, number))
    journals = crew.submit(
        (judge_journal, work, len(parts) + number, number, [of_side[number] for of_side in heard]) for number in order
    )
    _wait(journals, tell)
    found += [future.result() for future in journals]
    records = sum(crew.shared.records[len(parts) :])
    compared = [each.comparison for each in found if each.comparison is not None]
    failures = sorted((one for each in found for one in each.failures), key=lambda one: (one.rule_id, one.region))
    if compared:
        return together(compared), records, failures
    return _against_recorded(crew, work, partitions, [each.lives for each in found], tell), records, failures


def _against_recorded(
    crew: _Crew, work: Work, partitions: int, after: Sequence[Mapping[str, Life]], tell: Callable[[], None]
) -> Comparison:
    """A region's alerts of all stages lie in one partition of what was told, so all is put together first."""
    first_task = (1 + len(TOPICS)) * partitions
    reading = crew.submit((read_alerts, work, first_task + number, number) for number in range(partitions))
    _wait(reading, tell)
    return work.compared(ChainMap(*(future.result() for future in reading)), ChainMap(*map(dict, after)))


def _wait(futures: Sequence[Future[Any]], tell: Callable[[], None]) -> None:
    """Until all are there; at the first that failed this raises what it raised."""
    waiting = set(futures)
    while waiting:
        done, waiting = wait(waiting, timeout=_TELL_EVERY_S)
        for future in done:
            future.result()
        tell()


def _by_partition(findings: Sequence[Finding], partitions: int) -> list[list[Finding]]:
    """By the journal partition of the alert's region."""
    parted: list[list[Finding]] = [[] for _ in range(partitions)]
    for finding in findings:
        parted[partition_of(finding.region.encode(), partitions)].append(finding)
    return parted


def _after(base: float, progress: Progress) -> Progress:
    return Progress(base + (1 - base) * progress.share, progress.records)
