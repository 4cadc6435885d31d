"""The desk's engine: findings of the other stages, desk actions and ticks of a partition in, findings of its own out.

Its rules look at alerts, not at money: whether they are answered, rectified in time, and how many run on. What the
region's rules found of a journal record is heard before that record is taken, what persons and enterprises gave rise to
whenever it comes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Final

from domain.events import Event
from domain.findings import Finding
from rules.days import day_of_text
from rules.engine import Engine
from rules.fold import desk
from rules.fold.folding import RawEvent
from rules.fold.journal import Book
from rules.rule import Rule, Stage
from rules.tables import Rows
from rules.thresholds import RuleSet

_BOOK: Final = Book(Stage.DESK, desk.HANDLERS, desk.CREATES, (desk.months_passed,))
# Types of journal records that the desk takes; all others only reach it through findings.
TAKEN: Final = frozenset(("clock.tick", "region.opened", *desk.HANDLERS))


class DeskEngine:
    """Judges the alerts of one partition. Of ``rules`` it takes those of its own stage; rows are as in `Engine`."""

    def __init__(
        self,
        rules: Iterable[Rule],
        rule_set: RuleSet,
        rows: Rows | None = None,
        partition: int = 0,
        *,
        rule_sets: Mapping[str, RuleSet] | None = None,
    ) -> None:
        """``rule_sets`` are as in `Engine`."""
        self._engine = Engine(rules, rule_set, rows, partition, book=_BOOK, rule_sets=rule_sets)

    def flush(self) -> None:
        """Write what changed to the rows, once per batch."""
        self._engine.flush()

    def hear(self, finding: Finding) -> list[Finding]:
        """A finding of another stage, on its own log date."""
        change = partial(desk.heard, finding=finding)
        return self._engine.judge(finding.region, change, finding.position, day_of_text(finding.log_on))

    def take_event(self, position: int, event: Event, raw: RawEvent) -> list[Finding]:
        """A journal record of the types that are `TAKEN`, after all that was found of it."""
        return self._engine.take_event(position, event, raw)
