"""All scenes there are, by area."""

from __future__ import annotations

from connectors.simulator.scene import Scene
from connectors.simulator.scenes import payments

SCENES: tuple[Scene, ...] = (*payments.SCENES,)
