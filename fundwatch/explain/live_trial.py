"""An alert of the running system: its records from topic ``alerts``, its history from the journals it comes from.

Of a region's own rule that is the region's part of the journal; of a rule about persons or enterprises what facts there
are of that one; of a rule about alerts what was told of the region's other alerts, with what people did.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from alerts.alert import AlertRecord, Proof, decode
from domain import journal
from domain.events import Event
from domain.findings import Evidence, Finding, Transition
from domain.identifiers import partition_of
from domain.settings import Settings
from domain.topics import ALERTS, ALERTS_CURRENT, ALERTS_SHADOW, JOURNAL
from fundwatch.explain.trial import AlertUnknown, EvidenceEvent, Said, event_of, said, up_to_the_last_day, values_of
from fundwatch.history.hearing import HearingDesk
from fundwatch.history.reader import Reader, reader
from fundwatch.history.terms import JudgingTerms
from rules.catalogue import RULES
from rules.desk import DeskEngine
from rules.engine import Engine
from rules.facts.engine import FactEngine
from rules.facts.records import Common, FactRecord
from rules.facts.records import decode as decode_fact
from rules.facts.telling import TOPICS
from rules.rule import Rule, Stage
from rules.thresholds import BUILT_IN, Mode, RuleSet, Setting, rule_set_of
from streams.rule_set_book import RuleSetBook
from streams.rule_sets import read_book

# A record is looked up by halving; the last bit is read in one go, as a fetch brings some hundred records anyway.
_STRIDE_RECORDS = 500
# Rules of persons and enterprises; all others but the desk's, a rule set's own included, are the region's.
_OF_OTHERS = frozenset(rule.id for rule in RULES if rule.stage in TOPICS)


class Entry(NamedTuple):
    """A record of the journal, decoded once."""

    position: int
    event: Event
    value: bytes


class LiveHistory(NamedTuple):
    """What there is of one alert in the running system, and of what it comes from."""

    partitions: int
    records: Sequence[AlertRecord]
    rule: Rule | None  # None: a rule set's own
    terms: JudgingTerms
    facts: Sequence[tuple[bytes, FactRecord]]  # of its person or enterprise, as they stand and decoded
    entries: Sequence[Entry]
    others: Sequence[Finding]  # what was told of the region's other alerts, where it is about alerts
    events: Mapping[Proof, EvidenceEvent | None]

    @property
    def stage(self) -> Stage:
        """Where its rule is judged."""
        return _stage_of(self.rule)


def live_trial(settings: Settings, alert_id: str) -> LiveTrial:
    """The alert of this id, or beginning of it; all is read once, and no place of any group is moved.

    Raises AlertUnknown, JournalUnreadableError.
    """
    book = asyncio.run(read_book(settings, RULES))
    with reader(settings) as read:
        topics = _Topics.now(settings, read)
        records, is_shadow = topics.find(alert_id)
        rule = next((rule for rule in RULES if rule.id == records[-1].rule_id), None)
        stage = _stage_of(rule)
        return LiveTrial(
            LiveHistory(
                settings.partitions,
                records,
                rule,
                _terms(records, rule, book, is_shadow=is_shadow),
                list(topics.facts(stage, _subject_key(records))) if stage in TOPICS else [],
                list(topics.entries(records[-1], stage)) if stage not in TOPICS else [],
                list(topics.others(records[-1].region)) if stage is Stage.DESK else [],
                {proof: topics.event(proof) for each in records for proof in each.evidence},
            )
        )


class LiveTrial:
    """See `fundwatch.explain.trial.Trial`."""

    def __init__(self, history: LiveHistory) -> None:
        self._history = history

    @property
    def records(self) -> Sequence[AlertRecord]:
        """See `Trial`."""
        return self._history.records

    def again(self, without: str = "") -> tuple[Said, ...]:
        """See `Trial`."""
        stage = self._history.stage
        if stage in TOPICS:
            findings = self._of_facts(stage, without)
        elif stage is Stage.DESK:
            findings = self._of_alerts(without)
        else:
            findings = self._of_journal(without)
        alert_id = self.records[-1].alert_id
        return up_to_the_last_day((said(each) for each in findings if each.alert_id == alert_id), self.records)

    def event(self, proof: Proof) -> EvidenceEvent | None:
        """See `Trial`."""
        return self._history.events.get(proof)

    @property
    def _partition(self) -> int:
        """Where the alert's region is."""
        return partition_of(self.records[-1].region.encode(), self._history.partitions)

    @property
    def _own_rules(self) -> tuple[Rule, ...]:
        rule = self._history.rule
        return () if rule is None else (rule,)  # of a rule set's own rule the rule set itself knows

    def _of_journal(self, without: str) -> Iterator[Finding]:
        terms = self._history.terms
        engine = Engine(self._own_rules, terms.rule_set, None, self._partition, rule_sets=terms.rule_sets)
        for position, event, value in self._history.entries:
            if event.event_id != without:
                yield from engine.take_event(position, event, partial(journal.event_bytes, value))
                engine.sent.clear()

    def _of_facts(self, stage: Stage, without: str) -> Iterator[Finding]:
        terms = self._history.terms
        number = partition_of(_subject_key(self.records).encode(), self._history.partitions)
        engine = FactEngine(stage, self._own_rules, terms.rule_set, None, number, rule_sets=terms.rule_sets)
        for value, record in self._history.facts:
            marks = () if isinstance(record.fact, Common) else record.fact.marks
            if not without or without not in {mark.event_id for mark in marks}:
                yield from engine.take(value)

    def _of_alerts(self, without: str) -> Iterator[Finding]:
        """The desk's own, after what was told of other alerts; without a record nothing that rests on it was told."""
        terms, number = self._history.terms, self._partition
        desk = DeskEngine(self._own_rules, terms.rule_set, None, number, rule_sets=terms.rule_sets)
        others = [each for each in self._history.others if without not in {proof.event_id for proof in each.evidence}]
        of_others = [each for each in others if each.rule_id in _OF_OTHERS]
        of_region: dict[int, list[Finding]] = {}
        for finding in others:
            if finding.rule_id not in _OF_OTHERS:
                of_region.setdefault(finding.position, []).append(finding)
        hearing = HearingDesk(desk, number, of_others)
        for position, event, value in self._history.entries:
            raw, is_left_out = partial(journal.event_bytes, value), event.event_id == without
            yield from hearing.take(position, event, raw, of_region.get(position, ()), is_left_out=is_left_out)


class _Topics(NamedTuple):
    """What is read of the running system: its topics as far as they had come at one moment."""

    partitions: int
    read: Reader
    bounds: Mapping[tuple[str, int], tuple[int, int]]  # as of `Reader.bounds`

    @classmethod
    def now(cls, settings: Settings, read: Reader) -> _Topics:
        """As far as they have come now."""
        topics = (ALERTS, ALERTS_CURRENT, ALERTS_SHADOW, JOURNAL, *TOPICS.values())
        tps = [(topic, number) for topic in topics for number in range(settings.partitions)]
        return cls(settings.partitions, read, read.bounds(tps))

    def find(self, alert_id: str) -> tuple[list[AlertRecord], bool]:
        """The alert's records, and whether its rule was on trial. Raises AlertUnknown."""
        beginning = alert_id.encode()
        current = {key: number for number, key, _ in self._all(ALERTS_CURRENT) if key.startswith(beginning)}
        if len(current) > 1:
            raise AlertUnknown(f"{len(current)} alerts begin with {alert_id}")
        topic, numbers = (ALERTS, set(current.values())) if current else (ALERTS_SHADOW, None)
        records = [decode(value) for _, _, value in self._all(topic, numbers) if b'"alert_id":"' + beginning in value]
        if len({record.alert_id for record in records}) != 1:
            raise AlertUnknown(
                f"no alert {alert_id} was told here" if not records else f"several begin with {alert_id}"
            )
        return records, topic == ALERTS_SHADOW

    def _all(self, topic: str, numbers: Iterable[int] | None = None) -> Iterator[tuple[int, bytes, bytes]]:
        """Partition, key and value of all records of a topic."""
        for number in range(self.partitions) if numbers is None else numbers:
            for records, _ in self.read.run(topic, number, *self.bounds[topic, number]):
                for record in records:
                    if record.value is not None:
                        yield number, record.key or b"", record.value

    def entries(self, last: AlertRecord, stage: Stage) -> Iterator[Entry]:
        """The region's own part of its journal with the ticks, up to the alert's last record."""
        number = self._partition_of(last.region)
        wanted = (last.region.encode(), str(number).encode())
        end = last.position.offset if stage is Stage.REGION else None  # the desk hears of others' places, too
        for _, key, value in self._all(JOURNAL, (number,)):
            if key in wanted:
                position, event = journal.read(value)
                yield Entry(position, event, value)
                if position == end:
                    return

    def facts(self, stage: Stage, key: str) -> Iterator[tuple[bytes, FactRecord]]:
        """Facts of this person or enterprise, and those that concern all."""
        for _, _, value in self._all(TOPICS[stage], (self._partition_of(key),)):
            record = decode_fact(value)
            if isinstance(record.fact, Common) or record.fact.key == key:
                yield value, record

    def others(self, region: str) -> Iterator[Finding]:
        """What was told of the region's alerts but those about alerts."""
        desk = {rule.id for rule in RULES if rule.stage is Stage.DESK}
        for _, key, value in self._all(ALERTS, (self._partition_of(region),)):
            if key == region.encode():
                record = decode(value)
                if record.rule_id not in desk and record.is_a_rules:
                    yield _finding(record)

    def event(self, proof: Proof) -> EvidenceEvent | None:
        """The record at a position. Offsets run ahead of positions, never behind, by what marks transactions."""
        partition, wanted = proof.position.partition, proof.position.offset
        first, end = self.bounds[JOURNAL, partition]
        while end - first > _STRIDE_RECORDS:
            middle = (first + end) // 2
            position = next((journal.decode(value).position for value in self._values(partition, middle, end)), None)
            if position is None or position > wanted:
                end = middle
            else:
                first = middle
        for value in self._values(partition, first, self.bounds[JOURNAL, partition][1]):
            record = journal.decode(value)
            if record.position >= wanted:
                return event_of(bytes(record.event)) if record.position == wanted else None
        return None

    def _values(self, partition: int, first: int, end: int) -> Iterator[bytes]:
        for records, _ in self.read.run(JOURNAL, partition, first, end):
            yield from (record.value for record in records if record.value is not None)

    def _partition_of(self, key: str) -> int:
        return partition_of(key.encode(), self.partitions)


def _stage_of(rule: Rule | None) -> Stage:
    return Stage.REGION if rule is None else rule.stage


def _subject_key(records: Sequence[AlertRecord]) -> str:
    """Of an alert about a person or an enterprise: by what its facts are kept."""
    return records[-1].subject.key.split("|")[1]


def _terms(records: Sequence[AlertRecord], rule: Rule | None, book: RuleSetBook, *, is_shadow: bool) -> JudgingTerms:
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
    return JudgingTerms(known[BUILT_IN], known)


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
