"""All scenes there are, by area."""

from __future__ import annotations

from connectors.simulator.scene import Scene
from connectors.simulator.scenes import (
    accounts,
    desk,
    figures,
    levels,
    management,
    payees,
    payments,
    people,
    performance,
    quotas,
)

SCENES: tuple[Scene, ...] = (
    *quotas.SCENES,
    *levels.SCENES,
    *payments.SCENES,
    *payees.SCENES,
    *accounts.SCENES,
    *people.SCENES,
    *performance.SCENES,
    *management.SCENES,
    *figures.SCENES,
    *desk.SCENES,
)
