"""Topic `clock.ticks` (时钟), wire.md section 7.15.

Key: partition number. Time itself. One tick per partition at 00:00 of each day; live also hourly. Serves every region
of the partition, hence region `000000`.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from domain.events.event_type import EventType, Role, of_topic
from domain.events.types import (
    Day,
    Moment,
    Text,
    Whole,
)

TickKind = Literal["daily", "hourly"]


class ClockTick(Struct, frozen=True, kw_only=True, gc=False):
    """时钟 (`clock.tick`): everything up to the moment before `tick_at` is over.

    `occurred_on` = `tick_on`.
    """

    tick_on: Day  # the day that begins (or runs)
    tick_at: Moment  # the moment
    tick_kind: TickKind  # kind
    partition: Whole  # journal partition
    # version of catalogue, region tree, profiles, rule parameters and working-day calendar in force from here on
    reference_version: Text


TYPES = of_topic(
    "clock.ticks",
    EventType("clock.tick", ClockTick, Role.TICKS, ("monitor",)),
)
