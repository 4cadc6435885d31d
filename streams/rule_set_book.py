"""The rule sets that somebody knows of topic ``rule.sets``: a worker that judges, the clock, the command line.

A record that cannot be used is told and left out: it stops nothing, and a tick that names it waits until somebody sends
what can be used.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence

from rules.rule import Rule
from rules.rule_set_record import RuleSetRecord, State, decode, is_name, is_own, version_at
from rules.rule_set_text import content_hash, rule_set_from
from rules.thresholds import RuleSet, rule_set_of
from streams.metrics import Metrics
from streams.stage import Record
from streams.ticked_versions import ticked_versions

log = logging.getLogger("fundwatch.rule_sets")

# A tick that waits for its rule set looks this often: the follower hears of it within milliseconds.
_WAIT_S = 0.2
# A dashboard looks every 15 s.
_WATCH_S = 2.0


class RuleSetBook:
    """All versions by name: ``rule_sets`` those that can be judged by, ``refused`` the others with what is wrong."""

    def __init__(self, rules: tuple[Rule, ...]) -> None:
        """``rules``: the whole catalogue, which rule sets are checked against."""
        self._rules = rules
        built_in = rule_set_of(rules)
        self.built_in = built_in
        self.rule_sets: dict[str, RuleSet] = {built_in.version: built_in}
        self.records: dict[str, RuleSetRecord] = {}
        self.refused: dict[str, str] = {}
        # By stage and partition the version that a tick there waits for.
        self.awaited: dict[tuple[str, int], str] = {}

    def take(self, key: bytes | None, value: bytes | None) -> None:
        """One record of the topic."""
        name = (key or b"").decode(errors="replace")
        try:
            record = _checked(name, value, self.records.get(name))
            made = rule_set_from(record.content, self._rules)
        except Exception as error:
            # Whoever may write to the topic must not be able to stop every worker, at each start anew.
            is_told = isinstance(error, ValueError)  # refused by field, or no JSON: its text says all there is
            self.refused[name] = str(error) if is_told else f"{type(error).__name__}: {error}"
            log.exception("rule set %s cannot be used: %s", name, self.refused[name], exc_info=not is_told)
            return
        self.refused.pop(name, None)
        self.records[name] = record
        # A version's content never changes; the same object spares comparing everything at every tick.
        self.rule_sets.setdefault(name, made)

    def version_at(self, moment: str) -> str:
        """What a tick of this moment names."""
        return version_at(self.records.values(), moment)

    async def admit(self, stage: str, partition: int, records: Sequence[Record]) -> None:
        """Wait until every rule set is known that the ticks among these records name."""
        for version in ticked_versions(records):
            while version not in self.rule_sets:
                if self.awaited.get((stage, partition)) != version:
                    self.awaited[stage, partition] = version
                    why = self.refused.get(version, "nobody has sent it")
                    log.error("%s-%d waits for rule set %s: %s", stage, partition, version, why)
                await asyncio.sleep(_WAIT_S)
        self.awaited.pop((stage, partition), None)


def _checked(name: str, value: bytes | None, held: RuleSetRecord | None) -> RuleSetRecord:
    record = decode(value or b"")
    if name != record.version or content_hash(record.content) != record.content_hash:
        raise ValueError("key, version and content do not belong together")
    if record.content.get("version") != record.version:
        raise ValueError("the content is another version's")
    approver = record.approved_by or ""
    if record.state is State.APPROVED and (not is_name(approver) or is_own(record, approver)):
        raise ValueError("approved by nobody, or by its own author")
    if held is not None and held.content_hash != record.content_hash:
        raise ValueError("another content under the same version: judging goes on by the first one")
    return record


class RuleSetWatch:
    """Measures, for as long as a worker runs, which versions it cannot use and where ticks wait for one."""

    def __init__(self, book: RuleSetBook, stages: Sequence[str]) -> None:
        self._book, self._stages = book, stages

    async def __call__(self, held: Callable[[str], Sequence[int]], metrics: Metrics) -> None:
        """``held`` gives the partitions of a stage that are ready in this worker."""
        while True:
            self.measure(held, metrics)
            await asyncio.sleep(_WATCH_S)

    def measure(self, held: Callable[[str], Sequence[int]], metrics: Metrics) -> None:
        """Once."""
        metrics.set("rule_sets_refused", to=len(self._book.refused))
        for stage in self._stages:
            waiting = [partition for partition in held(stage) if (stage, partition) in self._book.awaited]
            metrics.set("rule_sets_awaited", stage, to=len(waiting))
