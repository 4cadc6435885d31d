"""(b) Plain Faust as its documentation shows it: an agent, a RocksDB table, one rule, at least once.

Usage: python -m bench.plain_faust SERVERS NAMESPACE PARTITIONS RECORDS FOLDER; prints a rate as JSON. The sums per line
of the same payments, and an alert when a line is paid beyond its quota.
"""

from __future__ import annotations

import os
import sys
import time
from typing import Any

import faust

from bench.child import answer
from bench.machine import Rate

TOPIC = "payments"
_QUOTA_FEN = 5_000_000_00


def build(servers: str, namespace: str, partitions: int, expected: int, folder: str) -> faust.App:
    """The app. It ends the process when it has taken so many payments."""
    app = faust.App(
        f"{namespace}.plain-faust",
        broker=f"kafka://{servers}",
        store="rocksdb://",
        datadir=folder,
        topic_partitions=partitions,
        web_enabled=False,
        worker_redirect_stdouts=False,
    )
    # The codec "json" is orjson where it is installed, and it is.
    payments = app.topic(f"{namespace}.{TOPIC}", key_serializer="raw", value_serializer="json")
    alerts = app.topic(f"{namespace}.plain-faust-alerts", value_serializer="json")
    paid = app.Table("paid", default=int, options={"driver": "rocksdict"})
    taken, began_s, cpu_began_s = 0, 0.0, 0.0

    @app.agent(payments)
    async def judge(stream: Any) -> None:
        nonlocal taken, began_s, cpu_began_s
        async for payment in stream:
            if not taken:
                began_s, cpu_began_s = time.perf_counter(), time.process_time()
            body = payment["body"]
            line = body["line_id"]
            if line is not None:
                total = paid[line] + body["amount_fen"]
                paid[line] = total
                if total > _QUOTA_FEN:
                    await alerts.send(key=line, value={"line_id": line, "paid_fen": total, "quota_fen": _QUOTA_FEN})
            taken += 1
            if taken == expected:
                took_s, cpu_s = time.perf_counter() - began_s, time.process_time() - cpu_began_s
                answer(Rate(taken / took_s, taken / cpu_s))
                os._exit(0)  # an orderly end would take seconds, and nothing is to be kept

    return app


if __name__ == "__main__":
    given = build(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), sys.argv[5])
    faust.Worker(given, loglevel="ERROR", quiet=True, redirect_stdouts=False).execute_from_commandline()
