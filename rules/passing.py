"""What a new day itself changes in a region's state, before rules are judged: counts at month ends and the like.

Most rules need nothing here: they say from which day on a fault holds, and the engine passes the days. Only what its
text has judged at month ends, year ends or daily is noted here, in a row of its own, and its subject touched.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from rules import figure_days
from rules.fold import reports, units
from rules.fold.folding import Message
from rules.view import View


class Passing:
    """One region at a tick that is later than the last one.

    ``view.today`` is the tick's day, ``last_tick`` the one before (0: none). ``touched`` and ``sent`` are as in
    `rules.fold.folding.Folding`.
    """

    __slots__ = ("last_tick", "sent", "touched", "view")

    def __init__(self, view: View, last_tick: int) -> None:
        self.view, self.last_tick = view, last_tick
        self.touched: dict[tuple[str, str], None] = {}
        self.sent: list[Message] = []

    @property
    def is_first_of_month(self) -> bool:
        """Whether this is the first tick of its month."""
        if not self.last_tick:
            return True
        return date.fromordinal(self.view.today).replace(day=1).toordinal() > self.last_tick

    def touch(self, kind: str, subject_id: str) -> None:
        """Have the rules of this subject judged at this tick."""
        self.touched[kind, subject_id] = None


# In this order at every tick, for every region that is open.
DAY_HANDLERS: tuple[Callable[[Passing], None], ...] = (
    reports.months_passed,
    figure_days.days_passed,
    units.months_passed,
)
