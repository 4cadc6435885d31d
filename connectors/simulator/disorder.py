"""What happens to records on their way: they overtake one another by some days, and some are sent twice.

The set of events stays the same, so what must be open in the end does too (wire.md section 4, "One order").
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from random import Random

from connectors.simulator.book import Sent

# One record in four is held up at all; most sources send at once.
_HELD_UP_SHARE = 4


def disordered(
    days: Iterable[tuple[date, list[Sent]]],
    last: date,
    random: Random,
    *,
    days_late: int,
    redelivered_percent: int,
) -> Iterator[tuple[date, list[Sent]]]:
    """The same records by the day on which they arrive, up to so many days late; nothing arrives after the ``last``."""
    waiting: dict[date, list[Sent]] = {}
    for day, records in days:
        for sent in records:
            is_held_up = days_late and random.randrange(_HELD_UP_SHARE) == 0
            on = min(day + timedelta(days=random.randint(1, days_late) if is_held_up else 0), last)
            waiting.setdefault(on, []).append(sent)
            if random.randrange(100) < redelivered_percent:
                again = min(on + timedelta(days=random.randint(0, max(days_late, 1))), last)
                waiting.setdefault(again, []).append(sent)
        arrived = waiting.pop(day, [])
        if days_late:
            random.shuffle(arrived)
        yield day, arrived
