"""What a worker says of itself over HTTP: alive, ready, how each shard does, and its metrics."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime

import msgspec

from domain.ticks import CHINA
from domain.topics import INTAKE
from streams.clock import Clock
from streams.crew import Crew, Phase
from streams.freshness import RegionFreshness


class ShardHealth(msgspec.Struct, frozen=True):
    """One shard as `fundwatch status` shows it."""

    stage: str
    partition: int
    phase: Phase
    lag: int | None  # None: not known yet
    next_offsets: dict[str, int]  # by input topic
    last_tick: str | None  # intake only
    awaited_rule_set: str | None = None  # the version that a tick waits for


class WorkerHealth(msgspec.Struct, frozen=True):
    """One worker as `fundwatch status` shows it."""

    pid: int
    stages: tuple[str, ...]
    is_ready: bool
    is_clock_leader: bool
    shards: tuple[ShardHealth, ...]
    regions: tuple[RegionFreshness, ...] = ()


def health(
    crew: Crew,
    stages: tuple[str, ...],
    last_ticks: Mapping[int, datetime],
    clock: Clock,
    *,
    awaited: Mapping[tuple[str, int], str],
    regions: tuple[RegionFreshness, ...],
) -> WorkerHealth:
    """How the worker does now."""
    shards = tuple(
        ShardHealth(
            held.job.name,
            held.partition,
            held.phase,
            held.lag,
            dict(held.shard.next_offsets),
            _moment(last_ticks.get(held.partition)) if held.job.name == INTAKE else None,
            awaited.get((held.job.name, held.partition)),
        )
        for held in crew.held
    )
    return WorkerHealth(os.getpid(), stages, crew.is_ready, clock.is_leader, shards, regions)


def _moment(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(CHINA).isoformat()
