"""Where Prometheus finds this system's processes: a file that its ``file_sd_configs`` reads again when it changes.

Written by the supervisor beside the runtime file. Job names and ``instance`` are what deploy/prometheus/rules.yml and
the dashboard build on.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from fundwatch.services import parts
from fundwatch.services.ports import HOST
from fundwatch.services.runtime import Runtime, State

_FILE = "prometheus.json"


class TargetGroup(msgspec.Struct, frozen=True):
    """One process, in Prometheus' words."""

    targets: tuple[str, ...]
    labels: dict[str, str]


def targets(runtime: Runtime) -> list[TargetGroup]:
    """The processes that ought to answer: also one that has ended by itself, so that its silence is seen."""
    return [
        TargetGroup(
            (f"{HOST}:{part.ports['http']}",),
            {"job": "fundwatch-feed" if name == parts.FEED else "fundwatch-worker", "instance": name},
        )
        for name, part in runtime.parts.items()
        if "http" in part.ports and part.state is not State.STOPPED
    ]


def write_targets(folder: str, runtime: Runtime) -> None:
    """Replace the file as a whole."""
    path = Path(folder) / _FILE
    fresh = path.with_suffix(".json.new")
    fresh.write_bytes(msgspec.json.format(msgspec.json.encode(targets(runtime))) + b"\n")
    fresh.replace(path)
