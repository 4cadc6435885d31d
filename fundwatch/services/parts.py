"""The parts of a local system by name, and in which order they start and stop."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterable
from pathlib import Path
from urllib import error, request

from domain.settings import Settings
from fundwatch.environment import environ_of
from fundwatch.services import kafka, processes, valkey
from fundwatch.services.part import Kind, Launch
from fundwatch.services.ports import HOST
from fundwatch.services.processes import Identity

KAFKA = "kafka"
REDIS = "redis"
FEED = "feed"
SERVERS = (KAFKA, REDIS)

# A worker finishes its batch, gives its partitions back and closes its rows; Kafka writes its indexes, and once its
# archive of classes (5 s).
_PATIENCE_S = 20.0


def worker_names(number: int) -> tuple[str, ...]:
    """Names of ``number`` workers."""
    return tuple(f"worker-{index}" for index in range(1, number + 1))


def kind(name: str, settings: Settings) -> Kind:
    """How the part ``name`` of this system is started and known to be ready."""
    if name == KAFKA:
        return kafka.kind(settings.home, settings.folder)
    if name == REDIS:
        return valkey.kind(settings.folder)
    return Kind(
        ports=("http",),
        launch=lambda ports: _own_program(name, settings, ports["http"]),
        is_ready=lambda ports: _answers(f"http://{HOST}:{ports['http']}/health/ready"),
    )


def stop_in_order(running: Iterable[tuple[str, Identity]]) -> None:
    """Stop these parts: first those that use the servers, then the servers."""
    everything = tuple(running)
    processes.stop((process for name, process in everything if name not in SERVERS), _PATIENCE_S)
    processes.stop((process for name, process in everything if name in SERVERS), _PATIENCE_S)


def _own_program(name: str, settings: Settings, port: int) -> Launch:
    command = ("feed", "--serve") if name == FEED else ("worker",)
    # A worker's name lasts over its restarts, so that Kafka gives it its old partitions back without asking the others.
    worker = "" if name == FEED else name
    ours = dataclasses.replace(settings, metrics_port=port, feed_port=port, worker=worker)
    return Launch((sys.executable, "-m", "fundwatch", *command), Path(settings.folder), environ_of(ours))


def _answers(url: str) -> bool:
    try:
        with request.urlopen(url, timeout=1) as answer:  # noqa: S310  # our own address, http
            return bool(answer.status == 200)
    except (error.URLError, OSError):
        return False
