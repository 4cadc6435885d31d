"""The engine: journal records of one partition in, findings out. Pure: the same records give the same findings.

Events change what rules see; ticks only pass days. After each event the subjects it touched are judged, at each tick
those whose day has come (index day -> subject), so both cost what they change and no more.
"""

from __future__ import annotations

from collections.abc import Iterable

from domain.events import Event, decode_trusted
from domain.events.clock_ticks import ClockTick
from domain.events.desk_actions import AlertVerified
from domain.findings import Evidence, Finding, Reason, Severity, Transition
from domain.identifiers import alert_id

from rules.days import day_of_moment, text_of_day
from rules.episodes import Decision, decide, dismiss, is_idle, raise_and_clear_late
from rules.fold.folding import Folding, SubjectKind
from rules.fold.journal import REGION, fold
from rules.ledger import PartitionLedger, RegionLedger, Rows
from rules.rule import NONE, RED, YELLOW, Explanation, Judgement, Rule
from rules.state import NO_DAY, AlertRow, ClockRow, FindingState, WatchRow
from rules.thresholds import RuleSet
from rules.view import View

CLOCK = "clock"
_SEVERITIES = {YELLOW: Severity.YELLOW, RED: Severity.RED}
# Subjects whose judge takes a row; the others take the subject's id.
_ROW_KINDS = frozenset(
    (SubjectKind.PAYMENT, SubjectKind.LINE, SubjectKind.ENTRY, SubjectKind.ACCOUNT, SubjectKind.LIST)
)


class Engine:
    """Judges the journal of one partition, record by record, with one rule set.

    ``rules`` are those to be judged; each is judged in the regions of the profiles it is on for. State is in ``rows``,
    or in memory without them; `flush` writes what changed.
    """

    def __init__(self, rules: Iterable[Rule], rule_set: RuleSet, rows: Rows | None = None, partition: int = 0) -> None:
        self._ledger = PartitionLedger(rows)
        self._rule_set = rule_set
        self._partition = partition
        chosen = tuple(rules)
        self._order = {rule.id: number for number, rule in enumerate(chosen)}
        self._by_id = {rule.id: rule for rule in chosen}
        self._plans: dict[str, dict[str, tuple[tuple[Rule, Judgement, object], ...]]] = {
            profile: self._plan(chosen, profile) for profile in ("henan", "xinjiang")
        }

    def _plan(self, rules: tuple[Rule, ...], profile: str) -> dict[str, tuple[tuple[Rule, Judgement, object], ...]]:
        """Per kind of subject the rules to judge, with their thresholds looked up once."""
        plan: dict[str, list[tuple[Rule, Judgement, object]]] = {}
        for rule in rules:
            if profile in rule.profiles:
                for kind, judgement in rule.judgements.items():
                    values = self._rule_set.values[profile][rule.id]
                    plan.setdefault(kind.value, []).append((rule, judgement, values))
        return {kind: tuple(found) for kind, found in plan.items()}

    def flush(self) -> None:
        """Write what changed to the rows, once per batch."""
        self._ledger.flush()

    @property
    def last_tick(self) -> int:
        """The day of the last tick (ordinal), NO_DAY before the first."""
        clock = self._ledger.clock.get(CLOCK)
        return NO_DAY if clock is None else clock.tick_on

    def take(self, position: int, raw: bytes) -> list[Finding]:
        """One journal record: its event as it is in the journal. Returns what it changed, in a fixed order."""
        event = decode_trusted(raw)
        if event.type == "clock.tick":
            return self._tick(position, event.body)
        today = self.last_tick or day_of_moment(event.recorded_at)
        ledger = self._ledger.region(event.region)
        findings: list[Finding] = []
        for folding in fold(ledger, position, event, raw):
            findings += self._judge_touched(folding, ledger, today, position)
            if folding.event.type == "alert.verified":
                findings += self._verify(ledger, folding.event, today, position)
        return findings

    # Events

    def _judge_touched(self, folding: Folding, ledger: RegionLedger, today: int, position: int) -> list[Finding]:
        if not folding.touched:
            return []
        view = View(ledger, folding.region, today)
        findings: list[Finding] = []
        for kind, subject_id in folding.touched:
            found = self._judge_subject(view, kind, subject_id, position)
            if found:
                findings += found
        if len(findings) > 1:
            findings.sort(key=self._rank)
        return findings

    def _rank(self, finding: Finding) -> tuple[int, str]:
        return self._order[finding.rule_id], finding.subject_key

    def _verify(self, ledger: RegionLedger, event: Event, today: int, position: int) -> list[Finding]:
        """alert.verified with outcome false_positive ends the open alert (rules.md section 2)."""
        body: AlertVerified = event.body
        alert = ledger.alerts.get(body.alert_id)
        if alert is None or body.outcome != "false_positive" or alert.rule_id not in self._by_id:
            return []
        watch = ledger.watches.get(f"{alert.subject_kind}|{alert.subject_id}")
        state = None if watch is None else watch.findings.get(alert.rule_id)
        if state is None or self._alert_id(alert, ledger.code, state.episode) != body.alert_id:
            return []
        decision = dismiss(state)
        if decision is None:
            return []
        ledger.watches.keep(f"{alert.subject_kind}|{alert.subject_id}")
        region = ledger.region.get(REGION)
        if region is None:
            return []
        view = View(ledger, region, today)
        return [
            self._finding(view, rule, judgement, values, alert.subject_kind, alert.subject_id, state, decision, position)
            for rule, judgement, values in self._plans[view.profile].get(alert.subject_kind, ())
            if rule.id == alert.rule_id
        ]

    def _alert_id(self, alert: AlertRow, region: str, episode: int) -> str:
        return alert_id(alert.rule_id, f"{region}|{alert.subject_id}", episode)

    # Ticks

    def _tick(self, position: int, body: ClockTick) -> list[Finding]:
        """Pass the days up to the tick's; a tick that is not later than the last one changes nothing."""
        day = body.tick_on.toordinal()
        clock = self._ledger.clock.get(CLOCK) or self._ledger.clock.set(CLOCK, ClockRow())
        if day <= clock.tick_on:
            return []
        clock.tick_on, clock.reference_version = day, body.reference_version
        self._ledger.clock.keep(CLOCK)
        findings: list[Finding] = []
        looked: set[str] = set()
        for passed in self._ledger.due.parents_up_to(_day_key(day)):
            for subject in self._ledger.due.children(passed):
                self._ledger.due.remove(passed, subject)
                if subject not in looked:
                    looked.add(subject)
                    findings += self._look_again(subject, day, position)
        findings.sort(key=lambda finding: (finding.region, *self._rank(finding)))
        return findings

    def _look_again(self, subject: str, today: int, position: int) -> list[Finding]:
        code, kind, subject_id = subject.split("|", 2)
        ledger = self._ledger.region(code)
        region = ledger.region.get(REGION)
        if region is None:
            return []
        watch = ledger.watches.get(f"{kind}|{subject_id}")
        if watch is not None:
            for state in watch.findings.values():
                if state.scheduled <= today:
                    state.scheduled = NO_DAY
            ledger.watches.keep(f"{kind}|{subject_id}")
        return self._judge_subject(View(ledger, region, today), kind, subject_id, position, is_tick=True)

    # Subjects

    def _judge_subject(
        self, view: View, kind: str, subject_id: str, position: int, *, is_tick: bool = False
    ) -> list[Finding]:
        plan = self._plans[view.profile].get(kind)
        if plan is None:
            return []
        subject = self._subject(view, kind, subject_id)
        if subject is None:
            return []
        watch_key = f"{kind}|{subject_id}"
        watch = view.ledger.watches.get(watch_key)
        findings: list[Finding] = []
        today = view.today
        for rule, judgement, values in plan:
            steps = judgement.judge(subject, view, values)
            state = None if watch is None else watch.findings.get(rule.id)
            if not steps and state is None and judgement.was_done_late is None:
                continue
            severity = NONE
            next_day = NO_DAY
            for from_day, step_severity in steps:
                if from_day <= today:
                    severity = max(severity, step_severity)
                elif next_day == NO_DAY or from_day < next_day:
                    next_day = from_day
            if state is None:
                state = FindingState()
            before = (state.severity, state.episode, state.dismissed, state.is_suppressed, state.scheduled)
            decisions, recheck_on = self._decide(view, rule, judgement, values, subject, kind, subject_id, state, severity, is_tick=is_tick)
            for decision in decisions:
                findings.append(
                    self._finding(view, rule, judgement, values, kind, subject_id, state, decision, position)
                )
            for day in (next_day, recheck_on):
                if day != NO_DAY:
                    self._schedule(view.code, watch_key, state, day)
            after = (state.severity, state.episode, state.dismissed, state.is_suppressed, state.scheduled)
            if after != before:
                if watch is None:
                    watch = view.ledger.watches.set(watch_key, WatchRow({}))
                if is_idle(state):
                    watch.findings.pop(rule.id, None)
                else:
                    watch.findings[rule.id] = state
                view.ledger.watches.keep(watch_key)
        return findings

    def _subject(self, view: View, kind: str, subject_id: str) -> object | None:
        ledger = view.ledger
        if kind == "payment":
            return ledger.payments.get(subject_id)
        if kind == "line":
            return ledger.lines.get(subject_id)
        if kind == "entry":
            return ledger.entries.get(subject_id)
        if kind == "account":
            return ledger.accounts.get(subject_id)
        if kind == "list":
            return ledger.lists.get(subject_id)
        return subject_id

    def _schedule(self, code: str, watch_key: str, state: FindingState, day: int) -> None:
        """Have a tick look at the subject on this day. A later entry that stands already is left: looking early is harmless."""
        if state.scheduled != NO_DAY and state.scheduled <= day:
            return
        state.scheduled = day
        self._ledger.due.add(_day_key(day), f"{code}|{watch_key}")

    def _decide(
        self,
        view: View,
        rule: Rule,
        judgement: Judgement,
        values: object,
        subject: object,
        kind: str,
        subject_id: str,
        state: FindingState,
        severity: int,
        *,
        is_tick: bool,
    ) -> tuple[tuple[Decision, ...], int]:
        """The transitions of one rule on one subject now, and the day on which to look again (NO_DAY: none)."""
        recheck_on = NO_DAY
        exempt_until = NO_DAY
        if severity != NONE and state.severity == NONE and severity > state.dismissed:
            exempt_until = self._exempt_until(view, rule.id, f"{view.code}|{subject_id}")
            recheck_on = exempt_until + 1 if exempt_until != NO_DAY else NO_DAY
        was_suppressed = state.is_suppressed
        decision = decide(state, severity, view.today, is_exempt=exempt_until != NO_DAY)
        if state.is_suppressed != was_suppressed:
            index = view.ledger.suppressed
            (index.add if state.is_suppressed else index.remove)(rule.id, f"{kind}|{subject_id}")
        if decision is not None:
            return (decision,), recheck_on
        if (
            judgement.was_done_late is not None
            and severity == NONE
            and state.episode == 0
            and not state.is_late_seen
            and judgement.was_done_late(subject, view, values)
        ):
            if not is_tick:
                return (), view.today + 1
            if self._exempt_until(view, rule.id, f"{view.code}|{subject_id}") == NO_DAY:
                return raise_and_clear_late(state, RED, view.today) or (), NO_DAY
        return (), recheck_on

    def _exempt_until(self, view: View, rule_id: str, subject_key: str) -> int:
        """Last day of the exemption that covers the subject today; NO_DAY when none does."""
        last = NO_DAY
        for exemption_id in view.ledger.rule_exemptions.children(rule_id):
            row = view.ledger.exemptions.get(exemption_id)
            if row is not None and row.covers(subject_key, view.today):
                until = row.valid_until if row.ended_on == NO_DAY else min(row.valid_until, row.ended_on - 1)
                last = max(last, until)
        return last

    # Findings

    def _finding(
        self,
        view: View,
        rule: Rule,
        judgement: Judgement,
        values: object,
        kind: str,
        subject_id: str,
        state: FindingState,
        decision: Decision,
        position: int,
    ) -> Finding:
        subject = self._subject(view, kind, subject_id)
        told: Explanation = judgement.explain(subject, view, values)
        subject_key = f"{view.code}|{subject_id}"
        transition = decision.transition
        episode = state.episode + (1 if transition is Transition.SUPPRESSED else 0)
        identity = alert_id(rule.id, subject_key, episode)
        if transition is Transition.RAISED:
            view.ledger.alerts.set(identity, AlertRow(rule.id, kind, subject_id))
        highest = decision.severity if transition is Transition.SUPPRESSED else state.highest
        return Finding(
            alert_id=identity,
            rule_id=rule.id,
            rule_version=rule.version,
            rule_set_version=self._rule_set.version,
            category=rule.category,
            owner=rule.owner,
            region=view.code,
            profile=view.profile,
            subject_kind=kind,
            subject_key=subject_key,
            subject_title=told.title,
            episode=episode,
            transition=transition,
            reason=_reason(transition, subject, view, judgement, values),
            severity=_SEVERITIES[decision.severity],
            severity_highest=_SEVERITIES[highest],
            log_on=text_of_day(view.today),
            raised_on=None if transition is Transition.SUPPRESSED else text_of_day(state.raised_on),
            observed=told.observed,
            limit=told.limit,
            unit=told.unit,
            amount_fen=told.amount_fen,
            fund_category=told.fund_category,
            responsible_section=told.responsible_section,
            facts=dict(told.facts),
            thresholds=self._rule_set.used[view.profile][rule.id],
            evidence=tuple(Evidence(mark.event_id, mark.position, mark.role) for mark in told.marks),
            basis=rule.basis,
            message_zh=told.message_zh,
            message_en=told.message_en,
            partition=self._partition,
            position=position,
        )


def _day_key(day: int) -> str:
    """A day as index text; seven digits keep the order of text that of days."""
    return f"{day:07d}"


def _reason(transition: Transition, subject: object, view: View, judgement: Judgement, values: object) -> Reason:
    if transition is Transition.SUPPRESSED:
        return Reason.EXEMPTED
    if transition is Transition.DISMISSED:
        return Reason.FALSE_POSITIVE
    if transition is not Transition.CLEARED:
        return Reason.THRESHOLD_CROSSED
    return Reason.GROUND_REMOVED if judgement.ending is None else judgement.ending(subject, view, values)
