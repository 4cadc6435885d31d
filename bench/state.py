"""What state costs: a payment's price as rows grow to a million, and a restart with a million rows.

Not part of the default run, since filling a million rows takes minutes: `make bench-state`.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from bench import judge
from bench.machine import Worker, fill, namespace, servers, tell, worker
from bench.records import Journaled, journal_records
from domain.settings import Settings
from domain.topics import JOURNAL
from rules.catalogue import RULES
from rules.selection import chosen_rules
from rules.thresholds import rule_set_of
from streams.judge import JudgeStage
from streams.partition import StagePartition
from streams.stage import Record
from streams.state import DiskRows, shared_cache

SIZES = (10_000, 100_000, 1_000_000)
ROWS = SIZES[-1]
# A record makes two rows: a payment's own and its place under its line.
RECORDS = ROWS // 2 + 40_000
_BATCH = 2_000
_BATCHES_MEASURED = 8
_PAYMENTS_LEAST = 0.95
# Records that wait in the journal while nobody judges.
_WAITING = 2_000


def cost_by_rows() -> dict[int, float]:
    """Microseconds of processor time per record, by rows held: stage, RocksDB and row writes, without broker."""
    (journal,) = journal_records(RECORDS, partitions=1)
    costs: dict[int, list[float]] = {size: [] for size in SIZES}
    keys: set[bytes] = set()
    with tempfile.TemporaryDirectory(prefix="fundwatch-bench-") as folder:
        rows = DiskRows(Path(folder) / "judge-0", shared_cache())
        stage = StagePartition(JudgeStage(chosen_rules(RULES), rule_set_of(RULES)), 0, rows, lineage=b"bench")
        for start in range(0, len(journal), _BATCH):
            records = journal[start : start + _BATCH]
            batch = [Record(JOURNAL, 0, start + n, each.key, each.value, 0) for n, each in enumerate(records)]
            began_s = time.process_time()
            turn = stage.take(batch, 0)
            rows.apply(turn.changes)
            stage.settle()
            cost_us = (time.process_time() - began_s) / len(batch) * 1_000_000
            keys.update(turn.changes)
            reached = [size for size in SIZES if size <= len(keys)]
            is_plain = sum(b'"payment.recorded"' in each.value for each in records) > _PAYMENTS_LEAST * len(records)
            if reached and is_plain and len(costs[reached[-1]]) < _BATCHES_MEASURED:
                costs[reached[-1]].append(cost_us)
        rows.close()
    return {size: round(sorted(found)[len(found) // 2], 1) for size, found in costs.items()}


def restart_s(given: Settings) -> dict[str, float]:
    """Seconds from `kill -9` of a judge with a million rows to the next batch judged, with and without its disk."""
    journals = journal_records(RECORDS)
    waiting = [records[-_WAITING:] for records in journals]
    rest = [records[:-_WAITING] for records in journals]
    with namespace(given, judge.TOPICS) as settings:
        fill(settings, JOURNAL, rest)
        with worker(settings, judge.STAGE) as running:
            running.wait_until_ready()
            judge.watch(running, sum(map(len, rest)))
            running.kill()
            began_s = time.monotonic()
        half, port = [records[: _WAITING // 2] for records in waiting], running.port
        with_disk = _first_batch_s(settings, port, half, began_s)
        with worker(settings, judge.STAGE, port=port) as running:
            running.wait_until_ready()
            running.kill()
            began_s = time.monotonic()
        shutil.rmtree(Path(settings.folder) / "state")
        rest_of_it = [records[_WAITING // 2 :] for records in waiting]
        return {"with_disk": with_disk, "without_disk": _first_batch_s(settings, port, rest_of_it, began_s)}


def _first_batch_s(settings: Settings, port: int, waiting: Sequence[Sequence[Journaled]], began_s: float) -> float:
    with worker(settings, judge.STAGE, port=port) as running:
        fill(settings, JOURNAL, waiting)
        _wait_for_first(running)
        return round(time.monotonic() - began_s, 1)


def _wait_for_first(running: Worker) -> None:
    deadline_s = time.monotonic() + 120
    while True:
        running.assert_lives()
        assert time.monotonic() < deadline_s, "nothing was judged after the restart"
        try:
            if running.progress().records[judge.STAGE]:
                return
        except OSError:
            pass  # it does not answer yet
        time.sleep(0.05)


def measure() -> dict[str, object]:
    """Both."""
    costs = cost_by_rows()
    tell(f"µs a record by rows: {costs}")
    with servers() as given:
        restart = restart_s(given)
    return {"cost_us_by_rows": costs, "restart_s_with_1000000_rows": restart}
