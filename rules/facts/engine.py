"""The engine of a second keyed stage: facts of one partition in, findings out. Pure: same facts, same findings.

Alerts are those of the region they belong to: its profile, its log date, its exemptions. Nothing that these rules ask
falls due by itself, so a day only ends exemptions and brings rule sets.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import assert_never

import msgspec

from domain.findings import Finding
from rules.change_over import change_over
from rules.days import day_key
from rules.facts.enterprises import ANY_REGION, Enterprises
from rules.facts.people import People, Subject
from rules.facts.records import (
    Claim,
    Common,
    CommonFact,
    DayBegan,
    EnterpriseListing,
    EnterprisePayment,
    EnterpriseRecord,
    Exempted,
    FactRecord,
    FoundFalse,
    KeyedFact,
    Listing,
    PersonPayment,
    RegisterCovered,
    Withdrawn,
    decode,
)
from rules.facts.view import FactsView
from rules.fold.folding import REGION
from rules.ledger import PartitionLedger
from rules.rule import Rule, Stage
from rules.state import NO_DAY, ExemptionRow, RegionRow
from rules.subjects import SubjectJudge, open_state
from rules.tables import Index, Rows, Table
from rules.thresholds import RuleSet, named_of

_PLACE = "place"


class PlaceRow(msgspec.Struct, array_like=True):
    """How far the partition has come: by journal partition the last day that began there."""

    days: dict[int, int] = {}
    versions: dict[int, str] = {}  # of the rule set that this day named


class FactEngine:
    """Judges one partition of the facts of ``stage``. State is in ``rows``, or in memory without them."""

    def __init__(
        self,
        stage: Stage,
        rules: Iterable[Rule],
        rule_set: RuleSet,
        rows: Rows | None = None,
        partition: int = 0,
        *,
        rule_sets: Mapping[str, RuleSet] | None = None,
    ) -> None:
        """``partition`` is the facts partition's number; findings carry that of the journal.

        ``rule_sets`` are as in `rules.engine.Engine`: each journal partition's last day named the one of its regions.
        """
        self._ledger = PartitionLedger(rows)
        self._rules = tuple(rule for rule in rules if rule.stage is stage)
        self._rule_set, self._rule_sets, self._partition = rule_set, rule_sets, partition
        self._judges: dict[int, SubjectJudge] = {}  # by journal partition
        # What was judged of each region: "kind|subject id".
        self._subjects = Index(rows, b"Gv")
        self._people, self._enterprises = People(rows), Enterprises(rows)
        self._places = Table(rows, b"Gu", PlaceRow)
        self._place = self._places.get(_PLACE) or self._places.set(_PLACE, PlaceRow())
        self._views: dict[str, FactsView] = {}
        self._encode = msgspec.msgpack.Encoder().encode

    def take(self, value: bytes) -> list[Finding]:
        """One record of the facts topic. Returns what it changed, in a fixed order."""
        record = decode(value)
        fact = record.fact
        if isinstance(fact, Common):
            findings = self._take_common(fact, record)
        else:
            self._note_region(fact, record)
            findings = self._judge_all(self._fold(fact), record)
        rank = self._judge(fact.partition).rank
        findings.sort(key=lambda finding: (finding.region, *rank(finding)))
        # What they rest on last is the journal record that brought the fact.
        return [msgspec.structs.replace(finding, partition=fact.partition) for finding in findings]

    @property
    def is_any_enterprise_register(self) -> bool:
        """Whether the enterprise register of any region has come."""
        return self._enterprises.is_covered(ANY_REGION)

    def flush(self) -> None:
        """Write what changed to the rows, once per batch."""
        self._ledger.flush()
        self._people.flush(self._encode)
        self._enterprises.flush(self._encode)
        self._places.flush(self._encode)
        self._subjects.flush()

    def _fold(self, fact: KeyedFact) -> Iterable[Subject]:
        match fact:
            case Claim() | PersonPayment() | Listing():
                return self._people.take(fact)
            case EnterprisePayment() | EnterpriseRecord() | EnterpriseListing():
                return self._enterprises.take(fact)
            case Withdrawn():
                return {**dict.fromkeys(self._people.take(fact)), **dict.fromkeys(self._enterprises.take(fact))}
            case _:
                assert_never(fact)

    def _take_common(self, fact: CommonFact, record: FactRecord) -> list[Finding]:
        match fact:
            case DayBegan():
                return self._begin_day(fact, record.position)
            case RegisterCovered():
                return self._judge_all(self._enterprises.cover(fact), record)
            case Exempted():
                return self._judge_all(self._exempt(fact), record)
            case FoundFalse():
                return self._dismiss(fact, record)
            case _:
                assert_never(fact)

    def _note_region(self, fact: KeyedFact, record: FactRecord) -> None:
        ledger = self._ledger.region(fact.region)
        row = ledger.region.get(REGION) or ledger.region.set(REGION, RegionRow(is_open=True))
        if (row.profile, row.journal_partition) != (record.profile, fact.partition):
            row.profile, row.journal_partition = record.profile, fact.partition
            ledger.region.keep(REGION)

    def _view(self, code: str, log_on: int) -> FactsView | None:
        """The region on its log date: the last day that began in its journal; before the first one ``log_on``."""
        ledger = self._ledger.region(code)
        region = ledger.region.get(REGION)
        if region is None:
            return None
        view = self._views.get(code)
        if view is None:
            view = self._views[code] = FactsView(ledger, region, self._people, self._enterprises)
        last_tick = self._place.days.get(region.journal_partition, NO_DAY)
        view.move_to(region, last_tick or log_on, last_tick)
        return view

    def _judge_all(self, touched: Iterable[Subject], record: FactRecord) -> list[Finding]:
        findings: list[Finding] = []
        for code, kind, subject_id in touched:
            view = self._view(code, record.log_on)
            if view is not None:
                self._subjects.add(code, f"{kind}|{subject_id}")
                judge = self._judge(view.region.journal_partition)
                findings += judge.judge(view, kind, subject_id, record.position, is_tick=False)
        return findings

    def _begin_day(self, fact: DayBegan, position: int) -> list[Finding]:
        """Exemptions of the journal partition's regions may have ended, and another rule set may have begun."""
        judge, place = self._judge(fact.partition), self._place
        if fact.tick_on < place.days.get(fact.partition, NO_DAY):
            return []
        place.days[fact.partition] = fact.tick_on
        place.versions[fact.partition] = fact.rule_set_version
        self._places.keep(_PLACE)
        findings = self._take_up(judge, fact, position)
        due = self._ledger.due
        for day in due.parents_up_to(day_key(fact.tick_on)):
            for subject in due.children(day):
                code, kind, subject_id = subject.split("|", 2)
                view = self._view(code, fact.tick_on)
                if view is not None and view.region.journal_partition == fact.partition:
                    due.remove(day, subject)
                    judge.forget_passed_days(view, kind, subject_id)
                    findings += judge.judge(view, kind, subject_id, position, is_tick=True)
        return findings

    def _judge(self, journal_partition: int) -> SubjectJudge:
        """Judges the regions of a journal partition, by the rule set that its last day named."""
        found = self._judges.get(journal_partition)
        if found is None:
            found = SubjectJudge(self._rules, self._rule_set, self._ledger.due, self._partition, has_customs=False)
            if journal_partition in self._place.versions:
                version = self._place.versions[journal_partition]
                found.use(self._named(version), self._place.days[journal_partition])
            self._judges[journal_partition] = found
        return found

    def _named(self, version: str) -> RuleSet:
        """Records of earlier builds named none: these judged by the built-in one."""
        return named_of(self._rule_set, self._rule_sets, version) if version else self._rule_set

    def _take_up(self, judge: SubjectJudge, fact: DayBegan, position: int) -> list[Finding]:
        """Judge the partition's regions by the rule set of this day, and at once what it changes."""
        rule_set = self._named(fact.rule_set_version)
        if rule_set is judge.rule_set and not rule_set.regions:
            return []
        views = [self._view(code, fact.tick_on) for code in self._subjects.parents()]
        own = [view for view in views if view is not None and view.region.journal_partition == fact.partition]
        plans = [judge.plans_of(view) for view in own]
        judge.use(rule_set, fact.tick_on)
        findings: list[Finding] = []
        for view, old in zip(own, plans, strict=True):
            findings += change_over(judge, view, old, position, partial(self._listed, view.code))
        return findings

    def _listed(self, code: str, kind: str) -> list[str]:
        """All subjects of a kind that were judged in a region, whether or not any rule spoke."""
        keys = (key.partition("|") for key in self._subjects.children(code))
        return [subject_id for each, _, subject_id in keys if each == kind]

    def _exempt(self, fact: Exempted) -> list[Subject]:
        """Keep the exemption as it is now. Returns what it suppressed: it may have ended."""
        ledger = self._ledger.region(fact.region)
        ledger.exemptions.set(
            fact.exemption_id,
            ExemptionRow(
                id=fact.exemption_id,
                rule_id=fact.rule_id,
                subject_key=fact.subject_key,
                valid_from=fact.valid_from,
                valid_until=fact.valid_until,
                ended_on=fact.ended_on,
            ),
        )
        ledger.rule_exemptions.add(fact.rule_id, fact.exemption_id)
        suppressed = (subject.split("|", 1) for subject in ledger.suppressed.children(fact.rule_id))
        return [(fact.region, kind, subject_id) for kind, subject_id in suppressed]

    def _dismiss(self, fact: FoundFalse, record: FactRecord) -> list[Finding]:
        view = self._view(fact.region, record.log_on)
        alert = None if view is None else view.ledger.alerts.get(fact.alert_id)
        if view is None or alert is None:
            return []
        state = open_state(view, alert, fact.alert_id)
        return (
            []
            if state is None
            else self._judge(view.region.journal_partition).dismiss(view, alert, state, record.position)
        )
