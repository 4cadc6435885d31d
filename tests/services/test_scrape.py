"""Laws of what Prometheus is told of a local system."""

from __future__ import annotations

import json
from pathlib import Path

from fundwatch.services import parts
from fundwatch.services.runtime import Part, Runtime, State
from fundwatch.services.scrape import write_targets

RUNTIME = Runtime(
    parts={
        parts.KAFKA: Part(State.RUNNING, None, {"kafka": 9001}, "", 0),
        "worker-1": Part(State.RUNNING, None, {"http": 9002}, "", 0),
        "worker-2": Part(State.RESTARTING, None, {"http": 9003}, "", 1),
        "worker-3": Part(State.STOPPED, None, {"http": 9004}, "", 0),
        parts.FEED: Part(State.RUNNING, None, {"http": 9005}, "", 0),
    }
)


def test_prometheus_is_told_of_every_process_that_ought_to_answer(tmp_path: Path) -> None:
    """Workers and feed by name: one that ended by itself, too, one that was stopped not; servers have no metrics."""
    write_targets(str(tmp_path), RUNTIME)
    assert json.loads((tmp_path / "prometheus.json").read_bytes()) == [
        {"targets": ["127.0.0.1:9002"], "labels": {"job": "fundwatch-worker", "instance": "worker-1"}},
        {"targets": ["127.0.0.1:9003"], "labels": {"job": "fundwatch-worker", "instance": "worker-2"}},
        {"targets": ["127.0.0.1:9005"], "labels": {"job": "fundwatch-feed", "instance": "feed"}},
    ]
