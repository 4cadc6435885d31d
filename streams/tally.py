"""The smallest stage that can go wrong: running sums by key. For trying the shells, for their tests and the bench.

A sum shows a lost record, a doubled one and a lost write alike, and its running totals show the order.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from streams.stage import Output, Record, Rows


@dataclass(frozen=True, slots=True)
class Tally:
    """Reads whole numbers by key and writes the key's new total for each, so that tallies can be chained."""

    name: str = "tally"
    inputs: tuple[str, ...] = ("numbers",)
    output: str = "totals"

    def open(self, partition: int, rows: Rows) -> TallyPartition:
        """The sums of one partition."""
        del partition
        return TallyPartition(self.output, rows)


@dataclass(slots=True)
class TallyPartition:
    """A row per key, holding its total in decimal digits."""

    output: str
    rows: Rows

    def step(self, records: Iterable[Record], now_ms: int) -> list[Output]:
        """Add each number to its key's total. Zero deletes the row: it stands for a correction that undoes all."""
        del now_ms
        outputs = []
        for record in records:
            key, number = record.key or b"-", int(record.value or b"0")
            if number == 0:
                self.rows.delete(key)
                outputs.append(Output(self.output, key, b"0"))
                continue
            total = b"%d" % (int(self.rows.get(key) or b"0") + number)
            self.rows.put(key, total)
            outputs.append(Output(self.output, key, total))
        return outputs
