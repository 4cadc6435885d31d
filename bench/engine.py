"""(d) The pure engine: the same records, all rules, state in memory, one process, no Kafka and no RocksDB.

Usage: python -m bench.engine FILE (as `keep` writes it); prints a rate as JSON. The journal records are decoded
beforehand: what is measured is `rules.engine.Engine` and nothing else.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from bench.child import answer
from bench.machine import Rate
from bench.records import Journaled
from domain.journal import decode
from domain.settings import names_in
from fundwatch.environment import configured
from rules.catalogue import RULES
from rules.engine import Engine
from rules.selection import chosen_rules
from rules.thresholds import rule_set_of


def keep(path: Path, journals: Sequence[Sequence[Journaled]]) -> None:
    """Write the records where the child reads them."""
    path.write_bytes(msgspec.msgpack.encode([[record.value for record in records] for records in journals]))


def judge(journals: Sequence[Sequence[bytes]]) -> Rate:
    """Judge partition after partition, each with an engine of its own."""
    rules, rule_set = chosen_rules(RULES, names_in(configured().rules)), rule_set_of(RULES)
    pairs = [[(record.position, bytes(record.event)) for record in map(decode, records)] for records in journals]
    began_s, cpu_began_s = time.perf_counter(), time.process_time()
    for partition, records in enumerate(pairs):
        take = Engine(rules, rule_set, None, partition).take
        for position, event in records:
            take(position, event)
    took_s, cpu_s = time.perf_counter() - began_s, time.process_time() - cpu_began_s
    done = sum(map(len, pairs))
    return Rate(done / took_s, done / cpu_s)


if __name__ == "__main__":
    answer(judge(msgspec.msgpack.decode(Path(sys.argv[1]).read_bytes(), type=list[list[bytes]])))
