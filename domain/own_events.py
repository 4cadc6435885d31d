"""Events that this system sends itself: ticks, and notices between regions (wire.md 2.2, source ``monitor``). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

MONITOR: Final = "monitor"


def own_event(
    *, event_id: str, type_name: str, region: str, occurred_on: str, recorded_at: str, body: Mapping[str, object]
) -> bytes:
    """The wire event. Nothing in it depends on who sends it or when."""
    return msgspec.json.encode(
        {
            "event_id": event_id,
            "type": type_name,
            "region": region,
            "occurred_on": occurred_on,
            "recorded_at": recorded_at,
            "source": MONITOR,
            "entered_by": "system",
            "entered_by_unit": MONITOR,
            "entered_for": None,
            "schema_version": 1,
            "body": body,
        }
    )
