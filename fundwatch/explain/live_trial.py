"""An alert of the running system: its records from topic ``alerts``, its history from the journals it comes from.

Of a region's own rule that is the region's part of the journal; of a rule about persons or enterprises what facts there
are of that one; of a rule about alerts what was told of the region's other alerts, with what people did.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

from alerts.alert import AlertRecord, Proof, decode
from domain import journal
from domain.events import Event
from domain.findings import Evidence, Finding, Transition
from domain.identifiers import partition_of
from domain.settings import Settings
from domain.topics import ALERTS, ALERTS_CURRENT, ALERTS_SHADOW, JOURNAL
from fundwatch.backtest.hearing import Hearing
from fundwatch.backtest.journals import Reader, reader
from fundwatch.backtest.judges import Terms
from fundwatch.explain.trial import AlertUnknown, EvidenceEvent, Said, event_of, said, up_to_the_last_day, values_of
from rules.catalogue import RULES
from rules.desk import DeskEngine
from rules.engine import Engine
from rules.facts.engine import FactEngine
from rules.facts.records import Common, FactRecord
from rules.facts.records import decode as decode_fact
from rules.facts.telling import TOPICS
from rules.rule import Rule, Stage
from rules.thresholds import BUILT_IN, Mode, RuleSet, Setting, rule_set_of
from streams.rule_sets import RuleSetBook, read_book

# A record is looked up by halving; the last bit is read in one go, as a fetch brings some hundred records anyway.
_STRIDE_RECORDS = 500
_TOLD = frozenset(transition.value for transition in Transition)
# Rules of persons and enterprises; all others but the desk's, a rule set's own included, are the region's.
_OF_OTHERS = frozenset(rule.id for rule in RULES if rule.stage in TOPICS)


class Entry(NamedTuple):
    """A record of the journal, decoded once."""

    position: int
    event: Event
    value: bytes


class LiveTrial:
    """See `fundwatch.explain.trial.Trial`. Everything is read once; no place of any group is moved."""

    def __init__(self, settings: Settings, alert_id: str) -> None:
        """``alert_id`` may be a beginning of it. Raises AlertUnknown, JournalUnreadableError."""
        self._settings = settings
        book = asyncio.run(read_book(settings, RULES))
        with reader(settings) as read:
            self._bounds = read.bounds(
                (topic, number)
                for topic in (ALERTS, ALERTS_CURRENT, ALERTS_SHADOW, JOURNAL, *TOPICS.values())
                for number in range(settings.partitions)
            )
            self.records, is_shadow = self._find(read, alert_id)
            self._rule = next((rule for rule in RULES if rule.id == self.records[-1].rule_id), None)
            self._terms = _terms(self.records, self._rule, book, is_shadow=is_shadow)
            stage = Stage.REGION if self._rule is None else self._rule.stage
            self._facts = list(self._read_facts(read, stage)) if stage in TOPICS else []
            self._entries = list(self._read_entries(read)) if stage not in TOPICS else []
            self._others = list(self._read_others(read)) if stage is Stage.DESK else []
            self._events = {proof: self._look_up(read, proof) for each in self.records for proof in each.evidence}
        self._stage = stage

    def again(self, without: str = "") -> tuple[Said, ...]:
        """See `Trial`."""
        if self._stage in TOPICS:
            findings = self._of_facts(without)
        elif self._stage is Stage.DESK:
            findings = self._of_alerts(without)
        else:
            findings = self._of_journal(without)
        alert_id = self.records[-1].alert_id
        return up_to_the_last_day((said(each) for each in findings if each.alert_id == alert_id), self.records)

    def event(self, proof: Proof) -> EvidenceEvent | None:
        """See `Trial`."""
        return self._events.get(proof)

    @property
    def _partition(self) -> int:
        """Where the alert's region is."""
        return partition_of(self.records[-1].region.encode(), self._settings.partitions)

    @property
    def _own_rules(self) -> tuple[Rule, ...]:
        return () if self._rule is None else (self._rule,)  # of a rule set's own rule the rule set itself knows

    def _of_journal(self, without: str) -> Iterator[Finding]:
        terms = self._terms
        engine = Engine(self._own_rules, terms.rule_set, None, self._partition, rule_sets=terms.rule_sets)
        for position, event, value in self._entries:
            if event.event_id != without:
                yield from engine.take_event(position, event, partial(journal.event_bytes, value))
                engine.sent.clear()

    def _of_facts(self, without: str) -> Iterator[Finding]:
        terms, key = self._terms, self._subject_key
        number = partition_of(key.encode(), self._settings.partitions)
        engine = FactEngine(self._stage, self._own_rules, terms.rule_set, None, number, rule_sets=terms.rule_sets)
        for value, record in self._facts:
            marks = () if isinstance(record.fact, Common) else record.fact.marks
            if not without or without not in {mark.event_id for mark in marks}:
                yield from engine.take(value)

    def _of_alerts(self, without: str) -> Iterator[Finding]:
        """The desk's own, after what was told of other alerts; without a record nothing that rests on it was told."""
        terms, number = self._terms, self._partition
        desk = DeskEngine(self._own_rules, terms.rule_set, None, number, rule_sets=terms.rule_sets)
        others = [each for each in self._others if without not in {proof.event_id for proof in each.evidence}]
        of_others = [each for each in others if each.rule_id in _OF_OTHERS]
        of_region: dict[int, list[Finding]] = {}
        for finding in others:
            if finding.rule_id not in _OF_OTHERS:
                of_region.setdefault(finding.position, []).append(finding)
        hearing = Hearing(desk, number, of_others)
        for position, event, value in self._entries:
            raw, is_left_out = partial(journal.event_bytes, value), event.event_id == without
            yield from hearing.take(position, event, raw, of_region.get(position, ()), is_left_out=is_left_out)

    @property
    def _subject_key(self) -> str:
        """Of an alert about a person or an enterprise: by what its facts are kept."""
        return self.records[-1].subject.key.split("|")[1]

    def _find(self, read: Reader, alert_id: str) -> tuple[list[AlertRecord], bool]:
        """The alert's records, and whether its rule was on trial."""
        beginning = alert_id.encode()
        current = {key: number for number, key, _ in self._all(read, ALERTS_CURRENT) if key.startswith(beginning)}
        if len(current) > 1:
            raise AlertUnknown(f"{len(current)} alerts begin with {alert_id}")
        topic, numbers = (ALERTS, set(current.values())) if current else (ALERTS_SHADOW, None)
        records = [
            decode(value) for _, _, value in self._all(read, topic, numbers) if b'"alert_id":"' + beginning in value
        ]
        if len({record.alert_id for record in records}) != 1:
            raise AlertUnknown(
                f"no alert {alert_id} was told here" if not records else f"several begin with {alert_id}"
            )
        return records, topic == ALERTS_SHADOW

    def _all(
        self, read: Reader, topic: str, numbers: Iterable[int] | None = None
    ) -> Iterator[tuple[int, bytes, bytes]]:
        """Partition, key and value of all records of a topic."""
        for number in range(self._settings.partitions) if numbers is None else numbers:
            for records, _ in read.run(topic, number, *self._bounds[topic, number]):
                for record in records:
                    if record.value is not None:
                        yield number, record.key or b"", record.value

    def _read_entries(self, read: Reader) -> Iterator[Entry]:
        """The region's own part of its journal with the ticks, up to the alert's last record."""
        number, region = self._partition, self.records[-1].region.encode()
        wanted = (region, str(number).encode())
        is_ours = self._rule is None or self._rule.stage is Stage.REGION  # the desk hears of others' places, too
        end = self.records[-1].position.offset if is_ours else None
        for _, key, value in self._all(read, JOURNAL, (number,)):
            if key in wanted:
                position, event = journal.read(value)
                yield Entry(position, event, value)
                if position == end:
                    return

    def _read_facts(self, read: Reader, stage: Stage) -> Iterator[tuple[bytes, FactRecord]]:
        """Facts of the alert's person or enterprise, and those that concern all."""
        key = self._subject_key
        number = partition_of(key.encode(), self._settings.partitions)
        for _, _, value in self._all(read, TOPICS[stage], (number,)):
            record = decode_fact(value)
            if isinstance(record.fact, Common) or record.fact.key == key:
                yield value, record

    def _read_others(self, read: Reader) -> Iterator[Finding]:
        """What was told of the region's other alerts."""
        region, desk = self.records[-1].region, {rule.id for rule in RULES if rule.stage is Stage.DESK}
        for _, key, value in self._all(read, ALERTS, (self._partition,)):
            if key == region.encode():
                record = decode(value)
                if record.rule_id not in desk and record.transition.value in _TOLD:
                    yield _finding(record)

    def _look_up(self, read: Reader, proof: Proof) -> EvidenceEvent | None:
        """The record at a position. Offsets run ahead of positions, never behind, by what marks transactions."""
        partition, wanted = proof.position.partition, proof.position.offset
        first, end = self._bounds[JOURNAL, partition]
        while end - first > _STRIDE_RECORDS:
            middle = (first + end) // 2
            position = next((journal.decode(value).position for value in _values(read, partition, middle, end)), None)
            if position is None or position > wanted:
                end = middle
            else:
                first = middle
        for value in _values(read, partition, first, self._bounds[JOURNAL, partition][1]):
            record = journal.decode(value)
            if record.position >= wanted:
                return event_of(bytes(record.event)) if record.position == wanted else None
        return None


def _values(read: Reader, partition: int, first: int, end: int) -> Iterator[bytes]:
    for records, _ in read.run(JOURNAL, partition, first, end):
        yield from (record.value for record in records if record.value is not None)


def _terms(records: Sequence[AlertRecord], rule: Rule | None, book: RuleSetBook, *, is_shadow: bool) -> Terms:
    """The rule sets that ticks name; those that are not here by the values that the records carry.

    So is the built-in one, whose values another build may have had.
    """
    known: dict[str, RuleSet] = dict(book.rule_sets)
    for record in records if rule is not None else ():
        version = record.rule_set_version
        if version == BUILT_IN or version not in book.rule_sets:
            mode = Mode.SHADOW if is_shadow else None if version == BUILT_IN else Mode.ON
            setting = Setting(mode=mode, parameters=values_of(record.thresholds))
            known[version] = rule_set_of(RULES, {record.rule_id: setting}, version=version)
    return Terms(known[BUILT_IN], known)


def _finding(record: AlertRecord) -> Finding:
    """As much of what an alert record was made of as the desk hears of (`rules.fold.desk.heard`)."""
    return Finding(
        alert_id=record.alert_id,
        rule_id=record.rule_id,
        rule_version=record.rule_version,
        rule_set_version=record.rule_set_version,
        category=record.category,
        owner="",
        region=record.region,
        profile="",
        subject_kind=record.subject.kind,
        subject_key=record.subject.key,
        subject_title=record.subject.title,
        episode=0,
        transition=Transition(record.transition.value),
        reason=record.reason,
        severity=record.severity,
        severity_highest=record.severity_highest,
        log_on=record.log_on,
        raised_on=record.raised_on,
        observed=record.observed,
        limit=record.limit,
        unit=record.unit,
        amount_fen=record.amount_fen,
        fund_category=None,
        responsible_section=None,
        facts={},
        thresholds=record.thresholds,
        evidence=tuple(Evidence(each.event_id, each.position.offset, each.role) for each in record.evidence),
        basis=record.basis,
        message_zh=record.message_zh,
        message_en=record.message_en,
        partition=record.position.partition,
        position=record.position.offset,
    )
