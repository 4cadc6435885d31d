"""What runs and how it does: from the runtime file, and from each worker's own word."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import orjson

from domain.settings import Settings, without_password
from domain.topics import STAGES
from fundwatch.services.ports import HOST
from fundwatch.services.processes import is_alive
from fundwatch.services.runtime import Part, Runtime, State, read_runtime
from streams.freshness import RegionFreshness

_ANSWER_S_MAX = 2.0
# Of a shard that no worker holds: it is given out anew after a crash, or none is running.
UNASSIGNED = "unassigned"
# A province has some 170; a line is to be read.
_REGIONS_SHOWN_MAX = 5


class ProcessStatus(msgspec.Struct, frozen=True):
    """One process of the system on this machine."""

    name: str
    pid: int | None
    state: State
    ports: dict[str, int]
    started: str
    restarts: int


class ShardStatus(msgspec.Struct, frozen=True):
    """One stage on one partition."""

    partition: int
    worker: str | None
    health: str  # opening, ready, closing, or what it waits for; unassigned when no worker holds it
    lag: int | None  # records; None while unknown
    last_tick: str | None


class Status(msgspec.Struct, frozen=True):
    """What `fundwatch status --json` prints. Public: scripts and the demo read it."""

    namespace: str
    kafka: str
    redis: str
    feed: str
    processes: tuple[ProcessStatus, ...]
    stages: dict[str, tuple[ShardStatus, ...]]
    regions: tuple[RegionFreshness, ...]  # how fresh what each is judged on is, and which rules cannot be judged


class _Announced(msgspec.Struct, frozen=True):
    """As much of a worker's own file as is needed to ask it."""

    pid: int
    port: int


def status(settings: Settings) -> Status:
    """How the system does now. ``settings`` as configured: with the addresses of its servers."""
    runtime = read_runtime(settings.folder)
    shards: list[tuple[str, dict[str, Any]]] = []
    regions: list[RegionFreshness] = []
    for worker, said in _said(settings, runtime):
        shards += [(worker, shard) for shard in said["shards"]]
        regions += msgspec.convert(said["regions"], list[RegionFreshness])
    ticks = {shard["partition"]: shard["last_tick"] for _, shard in shards if shard["last_tick"]}
    names = list(dict.fromkeys([*STAGES, *(shard["stage"] for _, shard in shards)]))
    return Status(
        settings.namespace,
        settings.kafka,
        without_password(settings.redis),
        runtime.feed,
        tuple(_process(name, part) for name, part in runtime.parts.items()),
        {
            name: tuple(
                _shard(partition, [(worker, shard) for worker, shard in shards if shard["stage"] == name], ticks)
                for partition in range(settings.partitions)
            )
            for name in names
        },
        tuple(sorted(regions, key=lambda region: region.region)),
    )


def not_evaluable(found: Status) -> list[str]:
    """A line for each thing that rules lack: what, in how many regions, and the rules."""
    regions: dict[tuple[str, str], list[str]] = {}
    rules: dict[tuple[str, str], dict[str, None]] = {}
    for region in found.regions:
        for each in region.not_evaluable:
            regions.setdefault((each.lack, each.name), []).append(region.region)
            rules.setdefault((each.lack, each.name), {}).update(dict.fromkeys(each.rules))
    return [
        f"not evaluable, {lack} {name}, in {_some(regions[lack, name])}: {', '.join(rules[lack, name])}"
        for lack, name in sorted(regions)
    ]


def _some(regions: list[str]) -> str:
    more = len(regions) - _REGIONS_SHOWN_MAX
    return ", ".join(regions[:_REGIONS_SHOWN_MAX]) + (f" and {more} more" if more > 0 else "")


def _process(name: str, part: Part) -> ProcessStatus:
    process = part.process
    alive = process is not None and is_alive(process)
    # A file that a killed supervisor left may still say running.
    state = part.state if alive or part.state in (State.STOPPED, State.RESTARTING) else State.STOPPED
    pid = process.pid if process is not None and alive else None
    return ProcessStatus(name, pid, state, part.ports, part.started, part.restarts)


def _said(settings: Settings, runtime: Runtime) -> Iterator[tuple[str, dict[str, Any]]]:
    """What each worker says of itself, with its name."""
    names = {part.process.pid: name for name, part in runtime.parts.items() if part.process is not None}
    # Every worker writes such a file, also one that somebody runs in the foreground.
    for path in sorted((Path(settings.folder) / "run").glob("worker-*.json")):
        try:
            announced = msgspec.json.decode(path.read_bytes(), type=_Announced)
            with urllib.request.urlopen(f"http://{HOST}:{announced.port}/health", timeout=_ANSWER_S_MAX) as answer:
                said = orjson.loads(answer.read())
        except (OSError, ValueError):
            continue  # killed, starting, ending, or too busy to say: its shards show as unassigned
        if said["pid"] != announced.pid:
            continue  # the file of a killed worker, whose port another has
        yield names.get(announced.pid, f"pid {announced.pid}"), said


def _shard(partition: int, shards: list[tuple[str, dict[str, Any]]], ticks: dict[int, str]) -> ShardStatus:
    for worker, shard in shards:
        if shard["partition"] == partition:
            # Intake alone meets ticks as such; a later stage that has read everything has passed the last one too.
            last_tick = shard["last_tick"] or (ticks.get(partition) if shard["lag"] == 0 else None)
            awaited = shard.get("awaited_rule_set")
            phase = f"waits for rule set {awaited}" if awaited else shard["phase"]
            return ShardStatus(partition, worker, phase, shard["lag"], last_tick)
    return ShardStatus(partition, None, UNASSIGNED, None, None)
