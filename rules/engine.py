"""The engine: journal records of one partition in, findings out. Pure: the same records give the same findings.

Events change what rules see; ticks only pass days. After each event the subjects it touched are judged, at each tick
those whose day has come (index day -> subject), so both cost what they change and no more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import cast

from domain.events import Event, decode_trusted
from domain.events.clock_ticks import ClockTick
from domain.events.desk_actions import AlertVerified
from domain.findings import Finding
from rules.change_over import change_over
from rules.custom.failure_counts import FailureCounts
from rules.custom.failures import FailureRecord
from rules.custom.reach import Reach
from rules.days import day_key, day_of_moment
from rules.facts.telling import Teller
from rules.fold.confirmations import confirm, take_back
from rules.fold.folding import REGION, Folding, Message, RawEvent
from rules.fold.journal import JOURNAL, Book, fold
from rules.fold.registers import ENTERPRISE
from rules.freshness import Freshness, freshness_of
from rules.ledger import OPENED, PartitionLedger, RegionLedger
from rules.passing import Passing
from rules.planning import Planner
from rules.rule import Rule
from rules.state import NO_DAY, ClockRow, RegionRow
from rules.subjects import SubjectJudge, open_state
from rules.tables import Rows
from rules.thresholds import RuleSet, named_of
from rules.view import View

CLOCK = "clock"
# Kind and id of subjects to be judged, in the order in which they were met; True: made by the present record.
Touched = Mapping[tuple[str, str], bool]


class Engine:
    """Judges the journal of one partition, record by record, with the rule set in force at each.

    Of ``rules``, those that may be judged, it takes those of its book's stage; whether one is, and where, the rule set
    says. State is in ``rows``, or in memory without them; `flush` writes what changed.
    """

    def __init__(
        self,
        rules: Iterable[Rule],
        rule_set: RuleSet,
        rows: Rows | None = None,
        partition: int = 0,
        *,
        book: Book = JOURNAL,
        rule_sets: Mapping[str, RuleSet] | None = None,
    ) -> None:
        """``partition`` is the journal partition's number, which findings carry; ``book`` says what is folded.

        ``rule_set`` is in force before the first tick; from there on the one of the ``rule_sets`` that the last tick
        named, or without them ``rule_set`` for good. Raises RuleSetUnknown.
        """
        self._book = book
        self._ledger = PartitionLedger(rows)
        self._rule_set, self._rule_sets = rule_set, rule_sets
        rules = tuple(rules)
        self._rules = rules
        own = tuple(rule for rule in rules if rule.stage is book.stage)
        self._judge = SubjectJudge(own, rule_set, self._ledger.due, partition, has_customs=book is JOURNAL)
        self._failures = FailureCounts()
        self._teller = Teller(rules if book is JOURNAL else (), partition)
        self._views: dict[str, View] = {}
        # What other regions and stages must be told of the records taken so far; the caller takes it out.
        self.sent: list[Message] = []
        clock = self._ledger.clock.get(CLOCK) or ClockRow()
        self._last_tick, self._last_moment = clock.tick_on, clock.moment
        if clock.tick_on != NO_DAY:
            self._rule_set = self._named(clock.reference_version)
            self._judge.use(self._rule_set, clock.tick_on)

    def flush(self) -> None:
        """Write what changed to the rows, once per batch."""
        self._ledger.flush()

    @property
    def last_tick(self) -> int:
        """The day of the last tick (ordinal), NO_DAY before the first."""
        return self._last_tick

    def take(self, position: int, raw: bytes) -> list[Finding]:
        """One journal record: its event as it is in the journal. Returns what it changed, in a fixed order."""
        return self.take_event(position, decode_trusted(raw), partial(bytes, raw))

    def take_event(self, position: int, event: Event, raw: RawEvent) -> list[Finding]:
        """The same of an event that is decoded already; ``raw`` gives its bytes, which are needed where it must wait.

        Before a partition's first tick the log date is the day on which the event was recorded.
        """
        if event.type == "clock.tick":
            return self._tick(position, cast("ClockTick", event.body))
        today = self._last_tick or day_of_moment(event.recorded_at)
        ledger = self._ledger.region(event.region)
        folding = fold(self._book, ledger, position, event, raw, log_on=today)
        if folding is None:
            return []
        if event.type == "region.opened":
            self._ledger.opened.add(OPENED, event.region)
        view = self._view(ledger, folding.region, today, today)
        dismissed = self._verify(folding, view) if event.type == "alert.verified" else []
        self.sent += folding.sent
        self.sent += self._teller.told(view, folding)
        for day, kind, subject_id in folding.touched_later:
            self._ledger.due.add(day_key(day), f"{event.region}|{kind}|{subject_id}")
        findings = dismissed + self._judge_touched(folding.touched, view, position) if folding.touched else dismissed
        if self._judge.reach is not None:
            findings = findings + self._judge_reached(self._judge.reach, folding, view)
        return findings

    def failures(self) -> list[FailureRecord]:
        """Where custom rules had no value since the last call."""
        return self._failures.taken(self._rule_set.version)

    def judge(self, code: str, change: Callable[[RegionLedger], Touched], position: int, day: int) -> list[Finding]:
        """Change the state of a region by what is no event of its journal, and judge what was touched."""
        ledger = self._ledger.region(code)
        region = ledger.region.get(REGION)
        if region is None or not region.is_open:
            return []
        touched, today = change(ledger), max(day, self._last_tick)
        return self._judge_touched(touched, self._view(ledger, region, today, self._last_tick), position)

    def view_of(self, region: str) -> View | None:
        """A region as of the last record taken; None while it is not open."""
        ledger = self._ledger.region(region)
        row = ledger.region.get(REGION)
        return None if row is None or not row.is_open else self._view(ledger, row, self._last_tick, self._last_tick)

    def freshness(self, *, is_any_enterprise_register: bool = False) -> list[Freshness]:
        """How fresh what each open region is judged on is, and which rules of any stage cannot be judged by it.

        Asked now and then, never with a record. ``is_any_enterprise_register``: one has come of another partition.
        """
        if self._last_tick == NO_DAY:
            return []
        views = self._open_views(self._last_tick, self._last_tick)
        is_any = is_any_enterprise_register or any(view.ledger.registers.get(ENTERPRISE) for view in views)
        planner = Planner(self._rules, self._rule_set, has_customs=True)
        return [
            freshness_of(
                view,
                planner.plans(view.code, view.profile, self._last_tick).terms,
                is_any_enterprise_register=is_any,
            )
            for view in views
        ]

    def _view(self, ledger: RegionLedger, region: RegionRow, today: int, last_tick: int) -> View:
        view = self._views.get(ledger.code)
        if view is None:
            view = self._views[ledger.code] = View(ledger, region, today, self._rule_set.rules)
        view.move_to(region, today, last_tick)
        return view

    def _judge_touched(self, touched: Touched, view: View, position: int) -> list[Finding]:
        findings: list[Finding] = []
        for (kind, subject_id), is_new in touched.items():
            findings += self._judge.judge(view, kind, subject_id, position, is_tick=False, is_new=is_new)
        if len(findings) > 1:
            findings.sort(key=self._judge.rank)
        return findings

    def _judge_reached(self, reach: Reach, folding: Folding, view: View) -> list[Finding]:
        """Custom rules on what the record reached beyond what it touched; where they had no value is noted."""
        plans, position = self._judge.plans_of(view), folding.position
        findings: list[Finding] = []
        for kind, subject_id in reach.beyond(view.ledger, folding.touched, folding.event.type):
            for plan in plans.by_kind.get(kind, ()):
                if plan.rule.is_custom:
                    findings += self._judge.rejudge(view, plan, kind, subject_id, position, is_change_over=False)
        self._failures.note(view, plans, position)
        return sorted(findings, key=self._judge.rank)

    def _verify(self, folding: Folding, view: View) -> list[Finding]:
        """alert.verified: false_positive ends the open alert, confirmed keeps a candidate (rules.md section 2)."""
        body = cast("AlertVerified", folding.event.body)
        alert = view.ledger.alerts.get(body.alert_id)
        state = None if alert is None else open_state(view, alert, body.alert_id)
        if alert is None and body.outcome == "false_positive":
            self.sent += self._teller.found_false(view, body.alert_id, folding.position)
        if alert is None or state is None:
            return []  # what is said of an alert that is not open changes nothing
        if body.outcome == "confirmed":
            for kind in self._judge.kinds_confirmed(view, alert):
                confirm(folding, alert.rule_id, kind, alert.subject_id)
        if body.outcome != "false_positive":
            return []
        take_back(folding, alert.rule_id, alert.subject_id)
        return self._judge.dismiss(view, alert, state, folding.position)

    def _tick(self, position: int, body: ClockTick) -> list[Finding]:
        """Pass the days up to the tick's, and take up the rule set that it names; a tick from earlier changes nothing.

        An hourly tick passes no day, but it may bring another rule set.
        """
        day, moment = body.tick_on.toordinal(), body.tick_at
        if day < self._last_tick or (day == self._last_tick and moment <= self._last_moment):
            return []
        rule_set = self._named(body.reference_version)
        before, self._last_tick, self._last_moment = self._last_tick, day, moment
        row = ClockRow(tick_on=day, reference_version=body.reference_version, moment=moment)
        self._ledger.clock.set(CLOCK, row)
        if day > before or rule_set is not self._rule_set:
            self.sent += self._teller.day_began(day, rule_set.version, position)
        due = self._due(before, day) if day > before else {}
        findings = self._take_up(rule_set, position, before)
        for subject in due:
            code, kind, subject_id = subject.split("|", 2)
            ledger = self._ledger.region(code)
            region = ledger.region.get(REGION)
            if region is not None:
                view = self._view(ledger, region, day, before)
                self._judge.forget_passed_days(view, kind, subject_id)
                findings += self._judge.judge(view, kind, subject_id, position, is_tick=True)
        for view in self._views.values() if self._judge.reach is not None else ():
            self._failures.note(view, self._judge.plans_of(view), position)
        findings.sort(key=lambda finding: (finding.region, *self._judge.rank(finding)))
        return findings

    def _named(self, version: str) -> RuleSet:
        return named_of(self._rule_set, self._rule_sets, version)

    def _take_up(self, rule_set: RuleSet, position: int, before: int) -> list[Finding]:
        """Judge by this rule set from now on, and at once what it changes, also by the mere passing of its days."""
        is_same, self._rule_set = rule_set is self._rule_set, rule_set
        if is_same and not rule_set.regions and before != NO_DAY:
            return []
        views = self._open_views(self._last_tick, before)
        plans = [self._judge.plans_of(view) for view in views]
        self._judge.use(rule_set, self._last_tick)
        return [
            finding
            for view, old in zip(views, plans, strict=True)
            for finding in change_over(self._judge, view, old, position)
        ]

    def _due(self, before: int, day: int) -> dict[str, None]:
        """The subjects to look at on a new day: whose day has come, and what the day itself changes."""
        due: dict[str, None] = {}
        for passed in self._ledger.due.parents_up_to(day_key(day)):
            for subject in self._ledger.due.children(passed):
                self._ledger.due.remove(passed, subject)
                due[subject] = None
        for subject in self._touched_by_day(before, day):
            due[subject] = None
        return due

    def _touched_by_day(self, before: int, day: int) -> list[str]:
        """What the day itself changes, whatever falls due: month ends and the like, region by region."""
        if not self._book.day_handlers:
            return []
        touched: list[str] = []
        for view in self._open_views(day, before):
            passing = Passing(view, before)
            for handler in self._book.day_handlers:
                handler(passing)
            touched += [f"{view.code}|{kind}|{subject_id}" for kind, subject_id in passing.touched]
            self.sent += passing.sent
        return touched

    def _open_views(self, today: int, last_tick: int) -> list[View]:
        """All open regions, in order of their codes."""
        ledgers = map(self._ledger.region, self._ledger.opened.children(OPENED))
        found = ((ledger, ledger.region.get(REGION)) for ledger in ledgers)
        return [self._view(ledger, region, today, last_tick) for ledger, region in found if region is not None]
