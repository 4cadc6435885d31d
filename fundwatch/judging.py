"""Judging a file in memory: intake, engine and desk without any server, the very code that the stages run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from itertools import chain
from typing import NamedTuple

import msgspec

from alerts.alert import AlertRecord, record_of
from domain.events import Event, decode_trusted
from domain.findings import Finding
from domain.identifiers import partition_of
from domain.intake import Accepted, Redelivered, Reference, Refused, check
from domain.journal import JournalRecord, encode
from domain.ticks import daily_tick, tick_event
from domain.topics import JOURNAL, LINKAGE_DERIVED
from fundwatch.figures_wanted import FiguresRecord, FiguresWanted, record_of_figures
from fundwatch.journal_file import DayBegins, FileEvent, holding_on, steps
from fundwatch.scratch import Scratch
from rules.catalogue import RULES
from rules.custom.failures import FailureRecord
from rules.desk import TAKEN, DeskEngine
from rules.engine import Engine
from rules.facts.engine import FactEngine
from rules.facts.telling import TOPICS
from rules.fold.folding import Message
from rules.rule import Rule, Stage
from rules.thresholds import RuleSet, shadow_of

# What engines change they hold until it is written: some 10 kB a record, and of a fact all that is known of its person.
# A snapshot of a register tells thousands of these. Oftener would only cost time.
_SETTLED_AFTER = 5_000
# In place of a line number: of what came from no line of the file.
NO_LINE = 0
# Of rules beyond the region's own; custom ones are all of a region.
_RANKS = {rule_id: list(Stage).index(rule.stage) for rule in RULES for rule_id in (rule.id, shadow_of(rule.id))}
# Told of a record of a journal: topic, partition, bytes.
Journaled = Callable[[str, int, bytes], None]


def refusal_text(number: int, code: str, field: str | None, expected: str) -> str:
    """For people: what was refused in this line of a file, and what was expected."""
    return f"line {number}: {code}: {field or 'record'}: expected {expected}"


class Memory:
    """What the intake remembers of a file's earlier events (`domain.intake.Known`)."""

    def __init__(self) -> None:
        self._contents: dict[
            str, dict[str, bytes]
        ] = {}  # by region and event id: a pair as key would take as much again
        self._refused: dict[str, set[str]] = {}

    def content(self, region: str, event_id: str) -> bytes | None:
        """See `Known`."""
        of_region = self._contents.get(region)
        return None if of_region is None else of_region.get(event_id)

    def refused_ids(self, region: str) -> set[str]:
        """See `Known`."""
        return self._refused.get(region, set())

    def remember(self, verdict: Accepted | Refused) -> None:
        """Keep what later events are checked against."""
        if isinstance(verdict, Accepted):
            self._contents.setdefault(verdict.region, {})[verdict.event_id] = verdict.content
        elif verdict.refused_ids and verdict.region is not None:
            self._refused.setdefault(verdict.region, set()).update(verdict.refused_ids)


class _Entry(NamedTuple):
    """A journal record."""

    partition: int
    position: int
    event: Event
    value: bytes

    def raw(self) -> bytes:
        """The event's bytes (`rules.fold.folding.RawEvent`)."""
        return self.value


class FileJudge:
    """Judges one file. After the run ``dead_letters`` holds what was refused: line number and verdict.

    The journal is parted as a system of so many ``partitions`` would part it, so that positions are those which the
    same file gets there. No rule of a region looks beyond it, so nothing else depends on it. What one region's judge
    writes into another's journal comes right after the record that made it write.
    """

    def __init__(
        self,
        rules: tuple[Rule, ...],
        rule_set: RuleSet,
        *,
        emitted_at: str,
        partitions: int = 1,
        figures: Iterable[FiguresWanted] = (),
        changes: Mapping[date, RuleSet] | None = None,
        journaled: Journaled | None = None,
        scratch: Scratch | None = None,
    ) -> None:
        """``emitted_at`` is stamped on the records: the wall clock is the caller's. ``figures``: see `figured`.

        ``changes``: the rule sets that take the place of ``rule_set``, by the day from whose tick on they do.
        ``journaled`` is told of every record that a system would write into its journals; ``scratch`` says where
        state is kept.
        """
        self._rule_set, self._changes = rule_set, changes or {}
        self._journaled, self._scratch, self._unsettled = journaled, scratch or Scratch(None), 0
        known = {each.version: each for each in (rule_set, *self._changes.values())}
        rows, numbers = self._scratch.rows, range(partitions)
        self._engines = [Engine(rules, rule_set, rows(f"judge-{n}"), n, rule_sets=known) for n in numbers]
        self._desks = [DeskEngine(rules, rule_set, rows(f"desk-{n}"), n, rule_sets=known) for n in numbers]
        self._positions = [0] * partitions
        self._memory = Memory()
        self._reference = Reference()
        self._alerts: dict[str, AlertRecord] = {}
        self._emitted_at = emitted_at
        self.dead_letters: list[tuple[int, Refused]] = []
        # What rules on trial would have said, in the order of the journal.
        self.shadow: list[AlertRecord] = []
        # Who takes what the engines send, by topic.
        self._receivers: dict[str, Callable[[Message], list[AlertRecord]]] = {LINKAGE_DERIVED: self._notice}
        self._wanted = sorted(figures, key=lambda wanted: wanted.day)
        # Figures as of the end of each day asked for; they are there once the alert records of that day are taken.
        self.figured: list[FiguresRecord] = []
        self._fact_engines = {
            topic: [FactEngine(stage, rules, rule_set, rows(f"{stage}-{n}"), n, rule_sets=known) for n in numbers]
            for stage, topic in TOPICS.items()
        }
        self._receivers |= dict.fromkeys(self._fact_engines, self._fact)

    def run(self, lines: Iterable[bytes], first: date, last: date) -> Iterator[AlertRecord]:
        """All alert records, day by day, in `canonical_order` within each."""
        return self.run_steps(steps(lines, first, last))

    def run_steps(self, days: Iterable[FileEvent | DayBegins]) -> Iterator[AlertRecord]:
        """The same of events whose days are known."""
        day: list[AlertRecord] = []
        for step in days:
            if isinstance(step, DayBegins):
                yield from canonical_order(day)
                day = []
                self._figure(before=step.day)
            day += self._take(step)
            self._settle()
        yield from canonical_order(day)
        self._figure(before=date.max)

    def _settle(self) -> None:
        """Write state to where it is kept, now and then: after so many records and facts."""
        self._unsettled += 1
        if self._unsettled < _SETTLED_AFTER:
            return
        self._unsettled = 0
        facts = (engine for engines in self._fact_engines.values() for engine in engines)
        stages: tuple[Iterable[Engine | DeskEngine | FactEngine], ...] = (self._engines, self._desks, facts)
        for engine in chain.from_iterable(stages):
            engine.flush()
        self._scratch.settle()

    def failures(self) -> list[FailureRecord]:
        """Where custom rules had no value since the last call, by rule and region."""
        found = [each for engine in self._engines for each in engine.failures()]
        return sorted(found, key=lambda each: (each.rule_id, each.region))

    def _figure(self, before: date) -> None:
        """The figures of the days that are over."""
        while self._wanted and self._wanted[0].day < before:
            wanted = self._wanted.pop(0)
            engines = [self._engines[partition_of(region.encode(), len(self._engines))] for region in wanted.regions]
            views = [engine.view_of(region) for engine, region in zip(engines, wanted.regions, strict=True)]
            self.figured.append(record_of_figures(wanted, [view for view in views if view is not None]))

    def _take(self, step: FileEvent | DayBegins) -> list[AlertRecord]:
        if isinstance(step, DayBegins):
            return self._tick(step.day)
        return self._offer(step.number, step.topic, step.key, step.value)

    def _offer(self, number: int, topic: str, key: bytes | None, value: bytes) -> list[AlertRecord]:
        """One record at the intake, and what the judge makes of it; ``number`` is its line in the file."""
        verdict = check(topic, None, key, value, reference=self._reference, known=self._memory)
        if isinstance(verdict, Refused):
            self.dead_letters.append((number, verdict))
        if isinstance(verdict, Redelivered):
            return []
        self._memory.remember(verdict)
        if isinstance(verdict, Refused):
            return []
        partition = partition_of(verdict.region.encode(), len(self._engines))
        entry = self._append(value, partition, verdict.flags)
        return self._judge(entry) + self._at_desk(entry) + self._deliver()

    def _tick(self, day: date) -> list[AlertRecord]:
        """The day begins in all partitions before anything is delivered, so that a message meets one day in each."""
        version = holding_on(day, self._rule_set, self._changes).version
        ticks = [
            self._append(tick_event(daily_tick(day), partition, version), partition)
            for partition in range(len(self._engines))
        ]
        records = [record for tick in ticks for record in self._judge(tick) + self._at_desk(tick)]
        return records + self._deliver()

    def _append(self, value: bytes, partition: int, flags: tuple[str, ...] = ()) -> _Entry:
        entry = _Entry(partition, self._positions[partition], decode_trusted(value), value)
        self._positions[partition] += 1
        if self._journaled is not None:
            record = JournalRecord(entry.position, self._emitted_at, flags, msgspec.Raw(value.strip()))
            self._journaled(JOURNAL, partition, encode(record))
        return entry

    def _judge(self, entry: _Entry) -> list[AlertRecord]:
        findings = self._engines[entry.partition].take_event(entry.position, entry.event, entry.raw)
        return [record for finding in findings for record in self._tell(finding)]

    def _at_desk(self, entry: _Entry) -> list[AlertRecord]:
        """What the desk makes of a journal record, after what its own region's rules found of it."""
        if entry.event.type not in TAKEN:
            return []
        findings = self._desks[entry.partition].take_event(entry.position, entry.event, entry.raw)
        return [record for finding in findings for record in self._record(finding)]

    def _tell(self, finding: Finding) -> list[AlertRecord]:
        """The record of a finding, and what the desk finds of it."""
        records = self._record(finding)
        if finding.is_shadow:
            return records
        desk = self._desks[partition_of(finding.region.encode(), len(self._desks))]
        return records + [record for heard in desk.hear(finding) for record in self._record(heard)]

    def _deliver(self) -> list[AlertRecord]:
        """What the last record gave rise to in other regions and stages, right after it, and what that does in turn."""
        messages: list[Message] = []
        for engine in self._engines:
            messages += engine.sent
            engine.sent = []
        records: list[AlertRecord] = []
        for message in messages:
            records += self._receivers[message.topic](message)
        return records

    def _notice(self, message: Message) -> list[AlertRecord]:
        """A notice from another region's judge takes the way of any event, as it does when it comes through Kafka."""
        return self._offer(NO_LINE, message.topic, message.key.encode(), message.value)

    def _fact(self, message: Message) -> list[AlertRecord]:
        """What a region's judge tells of persons and enterprises goes to where each is kept together."""
        engines = self._fact_engines[message.topic]
        own = (partition_of(message.key.encode(), len(engines)),)
        numbers = range(len(engines)) if message.is_for_all else own
        if self._journaled is not None:
            for number in numbers:
                self._journaled(message.topic, number, message.value)
        self._settle()
        taken = [engines[number].take(message.value) for number in numbers]
        return [record for findings in taken for finding in findings for record in self._tell(finding)]

    def _record(self, finding: Finding) -> list[AlertRecord]:
        """The record of a finding; none of a rule on trial, whose record is kept apart."""
        record = record_of(finding, self._alerts.get(finding.alert_id), emitted_at=self._emitted_at)
        self._alerts[finding.alert_id] = record
        if finding.is_shadow:
            self.shadow.append(record)
            return []
        return [record]


def canonical_order(records: Iterable[AlertRecord]) -> list[AlertRecord]:
    """Records by log date, then region; of a region first those of its own rules, in journal order, then the others.

    Regions of several partitions have no order of their own; this one is the same however they are spread. Nor have
    the stages: what is said of persons, enterprises and alerts comes when their workers get to it, so it goes by stage,
    rule and subject. What is said of one subject keeps its order.
    """
    return sorted(records, key=_place)


def _place(record: AlertRecord) -> tuple[str, str, int, str, str]:
    rank = _RANKS.get(record.rule_id, 0)
    named = (record.rule_id, record.subject.key) if rank else ("", "")
    return record.log_on, record.region, rank, *named
