"""Kills processes of a running system at random moments, by pid, and keeps count."""

from __future__ import annotations

import asyncio
import signal
from collections import Counter
from random import Random

from domain.settings import Settings
from fundwatch.services.processes import is_alive, send
from fundwatch.services.runtime import read_runtime

# Seconds between two kills. Short enough to hit a worker while it restores, long enough for it to be back at times.
PAUSE_S_MIN = 0.5
# A victim that is down cannot be killed again; its supervisor brings it back within seconds.
_LOOK_S = 0.1


class Killer:
    """`kill -9`, until the wanted number of each kind is reached."""

    def __init__(
        self, workers: Settings, servers: Settings, plan: dict[str, int], seed: int, *, pause_s_max: float = 5.0
    ) -> None:
        """``plan``: how many of ``worker``, ``redis`` and ``kafka`` to kill; in a random order."""
        self._pause_s_max = pause_s_max
        self._folders = {"worker": workers.folder, "redis": servers.folder, "kafka": servers.folder}
        self._random = Random(seed)  # noqa: S311 - repeatable, not secret
        self._victims = [kind for kind, times in plan.items() for _ in range(times)]
        self._random.shuffle(self._victims)
        self.killed: Counter[str] = Counter()

    async def run(self) -> None:
        """Kill them all, one after the other."""
        for kind in self._victims:
            await asyncio.sleep(self._random.uniform(PAUSE_S_MIN, self._pause_s_max))
            await self._kill(kind)

    async def _kill(self, kind: str) -> None:
        while True:
            parts = read_runtime(self._folders[kind]).parts
            alive = [
                part.process
                for name, part in sorted(parts.items())
                if name.startswith(kind) and part.process is not None and is_alive(part.process)
            ]
            if alive:
                send(self._random.choice(alive), signal.SIGKILL)
                self.killed[kind] += 1
                return
            await asyncio.sleep(_LOOK_S)
