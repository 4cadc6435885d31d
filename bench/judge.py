"""(a) The judge: a worker with this stage alone, all present rules, exactly once, RocksDB, from a full journal."""

from __future__ import annotations

import time
from collections.abc import Sequence

from bench.machine import Progress, Rate, Worker, fill, worker
from bench.records import Journaled
from domain.settings import Settings
from domain.topics import (
    ENTERPRISE_FACTS,
    FINDINGS,
    JOURNAL,
    LINKAGE_DERIVED,
    PERSON_FACTS,
    RULE_FAILURES,
    RULE_SETS,
    changelog,
)

STAGE = "judge"
# What the judge writes to, and what its worker cannot be without.
TOPICS = (
    *(JOURNAL, FINDINGS, LINKAGE_DERIVED, PERSON_FACTS, ENTERPRISE_FACTS),
    *(RULE_SETS, RULE_FAILURES, changelog(STAGE)),
)
# A look costs the worker some 6 ms of processor time; a run takes 5 s and more.
_LOOK_S = 1.0
_RUN_S_MAX = 300.0


def measure(settings: Settings, journals: Sequence[Sequence[Journaled]]) -> Rate:
    """Journal records judged and committed, from the first commit seen to the last."""
    fill(settings, JOURNAL, journals)
    with worker(settings, STAGE) as running:
        running.wait_until_ready()
        return watch(running, sum(map(len, journals)))


def watch(running: Worker, expected: int) -> Rate:
    """The rate at which a worker gets from its first commit to this many records."""
    deadline_s = time.monotonic() + _RUN_S_MAX
    first = _next_look(running, 0, deadline_s)
    last = first
    while last.records[STAGE] < expected:
        last = _next_look(running, last.records[STAGE], deadline_s)
    done = last.records[STAGE] - first.records[STAGE]
    return Rate(done / (last.at_s - first.at_s), done / (last.cpu_s - first.cpu_s))


def _next_look(running: Worker, before: int, deadline_s: float) -> Progress:
    """The first look that finds more than before."""
    while (seen := running.progress()).records[STAGE] <= before:
        assert time.monotonic() < deadline_s, f"the judge stands at {before} records"
        time.sleep(_LOOK_S)
    return seen
