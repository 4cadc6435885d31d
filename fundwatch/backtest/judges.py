"""A journal judged once more from its beginning, partition by partition, by whichever rule sets are asked for.

Partitions of the journal know nothing of each other: what regions tell one another is in it. So are partitions of the
facts topics, which are the journals of the second stages. Only the desk hears of both; see `HearingDesk`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import partial
from itertools import chain
from typing import NamedTuple, cast

import msgspec

from domain.events import Event
from domain.events.clock_ticks import ClockTick
from domain.findings import Finding, Transition
from domain.journal import event_bytes
from fundwatch.backtest.courses import Lives
from fundwatch.history.hearing import HearingDesk
from fundwatch.history.terms import JudgingTerms
from fundwatch.scratch import Scratch
from rules.catalogue import RULES
from rules.custom.failures import FailureRecord
from rules.desk import DeskEngine
from rules.engine import Engine
from rules.facts.engine import FactEngine
from rules.rule import Rule, Stage
from rules.rule_set_text import Content, rule_set_from
from rules.thresholds import rule_set_of

# Names of two sides that are no rule sets.
IN_FORCE = "in-force"  # `in_force`
RECORDED = "recorded"  # judges nothing: what the system has told
# What the desk's rules hear of an alert (`rules.fold.desk.heard`).
_HEARD = frozenset((Transition.RAISED, Transition.CLEARED, Transition.DISMISSED))


class Side(NamedTuple):
    """By what is judged. Can be sent to another process.

    ``content`` (None: the catalogue's values) is in force from the beginning on, and for good unless there are
    ``named`` ones: then from each tick on the version that it names.
    """

    name: str
    content: Content | None = None
    named: Mapping[str, Content] | None = None

    def terms(self) -> JudgingTerms:
        """The rule sets themselves."""
        built_in = rule_set_of(RULES)
        fixed = built_in if self.content is None else rule_set_from(self.content, RULES)
        if self.named is None:
            return JudgingTerms(fixed, None)
        made = {version: rule_set_from(content, RULES) for version, content in self.named.items()}
        return JudgingTerms(fixed, {built_in.version: built_in, **made})

    def customs(self) -> tuple[Rule, ...]:
        """Custom rules that this side may judge by; of several versions each has its own."""
        rule_set, rule_sets = self.terms()
        return tuple(rule for each in (rule_set, *(rule_sets or {}).values()) for rule in each.customs)


def in_force(named: Mapping[str, Content]) -> Side:
    """What was in force at each place of the journal, of these versions."""
    return Side(IN_FORCE, None, named)


def is_in_time(event: Event, last: date | None) -> bool:
    """Whether this is not yet the tick of a day after ``last``."""
    return last is None or event.type != "clock.tick" or cast("ClockTick", event.body).tick_on <= last


class JournalJudge:
    """One partition of the journal: the regions' rules, and those of the desk on all its regions' alerts."""

    def __init__(
        self,
        rules: tuple[Rule, ...],
        terms: JudgingTerms,
        partition: int,
        heard: Iterable[Finding] = (),
        scratch: Scratch | None = None,
    ) -> None:
        """``heard``: what was found of persons and enterprises in the regions of this partition."""
        scratch = scratch or Scratch(None)
        own = tuple(rule for rule in rules if rule.stage is Stage.REGION)
        self.lives = Lives()
        self._engine = Engine(own, terms.rule_set, scratch.rows("judge"), partition, rule_sets=terms.rule_sets)
        self._desk = DeskEngine(rules, terms.rule_set, scratch.rows("desk"), partition, rule_sets=terms.rule_sets)
        self._hearing = HearingDesk(self._desk, partition, heard)

    def take(self, position: int, event: Event, value: bytes) -> None:
        """The next record; ``value``: as it is in the journal."""
        raw = partial(event_bytes, value)
        found = self._engine.take_event(position, event, raw)
        self._engine.sent.clear()  # other regions' journals have it, and the facts topics
        for finding in chain(found, self._hearing.take(position, event, raw, found)):
            self.lives.take(finding)

    def flush(self) -> None:
        """Write what changed to the rows, once per batch."""
        self._engine.flush()
        self._desk.flush()

    def failures(self) -> list[FailureRecord]:
        """Where custom rules had no value since the last call."""
        return self._engine.failures()


class FactsJudge:
    """One partition of a facts topic."""

    def __init__(
        self, stage: Stage, rules: tuple[Rule, ...], terms: JudgingTerms, partition: int, scratch: Scratch | None = None
    ) -> None:
        rows = (scratch or Scratch(None)).rows(stage.value)
        self._engine = FactEngine(stage, rules, terms.rule_set, rows, partition, rule_sets=terms.rule_sets)
        self.lives = Lives()
        # What the desks have to hear of.
        self.heard: list[Finding] = []

    def take(self, value: bytes) -> None:
        """The next fact."""
        for finding in self._engine.take(value):
            self.lives.take(finding)
            if finding.transition in _HEARD and not finding.is_shadow:
                self.heard.append(finding)

    def flush(self) -> None:
        """Write what changed to the rows, once per batch."""
        self._engine.flush()


class FactOutline(msgspec.Struct):
    """As much of a fact as tells whether its day is still of interest."""

    log_on: int


outline_of_fact = msgspec.json.Decoder(FactOutline).decode
