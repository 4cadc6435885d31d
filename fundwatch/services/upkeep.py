"""What to start and what to stop, decided purely from what is wanted and what was seen."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import Enum
from typing import NamedTuple

# A part that ends by itself starts again at once (0.1 s), then ever later: a worker whose broker is away stops at every
# start, and two cores have better things to do. 2 s at most, so that it is back soon after the broker is.
_DELAY_S_FIRST = 0.1
_DELAY_S_MAX = 2.0
# Who ran this long had not failed to start: the count begins anew.
_SETTLED_S = 10.0


class Action(Enum):
    """What the supervisor does next with one part."""

    START = "start"
    STOP = "stop"


class Seen(NamedTuple):
    """One part as it was seen now."""

    is_alive: bool
    start_at_s: float  # not to be started before; on the same clock as ``now_s``


def due(wanted: Collection[str], seen: Mapping[str, Seen], now_s: float) -> list[tuple[Action, str]]:
    """The actions that are due, in the order of ``wanted``; stops last."""
    never_seen = Seen(is_alive=False, start_at_s=now_s)
    starts = [
        (Action.START, name)
        for name in wanted
        if not seen.get(name, never_seen).is_alive and seen.get(name, never_seen).start_at_s <= now_s
    ]
    stops = [(Action.STOP, name) for name, part in seen.items() if part.is_alive and name not in wanted]
    return starts + stops


def delay_s(quick_ends: int) -> float:
    """How long to wait before the next start, after so many ends in a row that each came soon after their start."""
    return min(_DELAY_S_FIRST * 2.0 ** min(quick_ends, 16), _DELAY_S_MAX)


def quick_ends_after(quick_ends: int, ran_s: float) -> int:
    """The count of quick ends, after one more end of a part that ran ``ran_s``."""
    return 0 if ran_s >= _SETTLED_S else quick_ends + 1
