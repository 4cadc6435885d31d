"""Failed commits outlive the worker that they end: a process that exits at once is never asked for its metrics again.

One line per failure, the stage's name, in ``failures/<worker>.log`` of the system's folder; a worker that starts again
under the same name counts on from there, so the series goes up by one as Prometheus wants it.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from domain.settings import Settings

# A worker without a name shares its file with all such workers of the folder: good enough for one by hand.
_NAMELESS = "worker"


def note_failure(settings: Settings, stage: str) -> None:
    """Write a failed commit of ``stage`` down. Called in the last moment of a process: short, and appending only."""
    path = _path(settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(f"{stage}\n")


def noted_failures(settings: Settings) -> Counter[str]:
    """Failed commits of this worker's earlier lives, by stage."""
    path = _path(settings)
    return Counter(path.read_text(encoding="utf-8").split()) if path.exists() else Counter()


def _path(settings: Settings) -> Path:
    return Path(settings.folder) / "failures" / f"{settings.worker or _NAMELESS}.log"
