"""Judging one subject: its rules' steps become the state of its alerts, and what changes becomes findings."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from domain.findings import Evidence, Finding, Reason, Severity, Transition
from domain.identifiers import alert_id
from rules.custom.reach import reach_of
from rules.days import day_key, text_of_day
from rules.episodes import Decision, decide, dismiss, is_idle, raise_and_clear_late
from rules.planning import Plan, Planner, Plans
from rules.rule import NO_FAULT, NONE, RED, YELLOW, Rule, Steps
from rules.silence import silence_proofs
from rules.state import NO_DAY, AlertRow, FindingState, WatchRow
from rules.subject_tables import subject_of
from rules.tables import Index
from rules.thresholds import RuleSet
from rules.view import View
from rules.wording import Sentence, told

_SEVERITIES = {YELLOW: Severity.YELLOW, RED: Severity.RED}


def subject_key(code: str, subject_id: str) -> str:
    """What an alert is about, region included; the region alone where the region itself is the subject."""
    return f"{code}|{subject_id}" if subject_id else code


@dataclass(frozen=True, slots=True)
class Case:
    """One rule on one subject, at one journal position."""

    view: View
    plan: Plan
    kind: str
    subject_id: str
    subject: Any
    position: int
    is_change_over: bool = False  # an open alert judged anew because the rule set changed, not the money

    @property
    def subject_key(self) -> str:
        """What the alert is about, region included."""
        return subject_key(self.view.code, self.subject_id)

    @property
    def watch_key(self) -> str:
        """Key of the row that holds the subject's alerts."""
        return f"{self.plan.home}|{self.subject_id}"


class SubjectJudge:
    """Judges subjects of all regions of a partition with one rule set."""

    def __init__(
        self,
        rules: tuple[Rule, ...],
        rule_set: RuleSet,
        due: Index,
        partition: int,
        *,
        has_customs: bool,
    ) -> None:
        """``due`` is the partition's index of days on which ticks look again; ``has_customs``: see `Planner`."""
        self._rules, self._due, self._partition = rules, due, partition
        self._has_customs = has_customs
        self._order = {rule.id: number for number, rule in enumerate(rules)}
        self._planner = Planner(rules, rule_set, has_customs=has_customs)
        # What custom rules look at beyond what records touch; None: the rule set has none.
        self.reach = reach_of(rule_set.customs) if has_customs else None
        self._planned_on = NO_DAY
        self._plans: dict[str, Plans] = {}  # by region

    @property
    def rule_set(self) -> RuleSet:
        """By which is judged now."""
        return self._planner.rule_set

    def use(self, rule_set: RuleSet, day: int) -> None:
        """Judge by this rule set as it is on this day, from now on."""
        if rule_set is not self._planner.rule_set:
            self._planner = Planner(self._rules, rule_set, has_customs=self._has_customs)
            self.reach = reach_of(rule_set.customs) if self._has_customs else None
        self._planned_on = day
        self._plans.clear()

    def plans_of(self, view: View) -> Plans:
        """How rules are judged in the view's region now."""
        found = self._plans.get(view.code)
        if found is None:
            found = self._plans[view.code] = self._planner.plans(view.code, view.profile, self._planned_on)
        return found

    def rank(self, finding: Finding) -> tuple[int, str, str]:
        """Order of findings of one record: the catalogue's, a rule set's own rules by id, then the subject's."""
        return self._order.get(finding.rule_id, len(self._order)), finding.rule_id, finding.subject_key

    def judge(
        self, view: View, kind: str, subject_id: str, position: int, *, is_tick: bool, is_new: bool = False
    ) -> list[Finding]:
        """All rules on one subject, as of the view's day.

        ``is_new``: its row was made just now, so no alert rests on it, and a look on disk for what is not there is
        spared with every payment. An alert on another kind of the same id can stand; it matters if this is a fault too.
        """
        plans = self.plans_of(view).by_kind.get(kind)
        if plans is None:
            return []
        subject = subject_of(view, kind, subject_id)
        watches = view.ledger.watches
        own = None if is_new else watches.get(f"{kind}|{subject_id}")
        findings: list[Finding] = []
        for plan in plans:
            if subject is None and not plan.others:
                continue
            steps = NO_FAULT if subject is None else plan.judge(subject, view, plan.values)
            if is_new and not steps and not plan.is_seen_late:
                continue
            watch = own if plan.home == kind and not is_new else watches.get(f"{plan.home}|{subject_id}")
            state = None if watch is None else watch.findings.get(plan.voice)
            if state is None:
                if not steps and not plan.is_seen_late:
                    continue
            elif not plan.others and not plan.is_seen_late and _is_settled(state, steps, view.today):
                continue
            case = Case(view, plan, kind, subject_id, subject, position)
            if plan.others:
                case, steps = _joined(case, steps, self.plans_of(view))
            findings += self._follow(case, state or FindingState(), steps, is_tick=is_tick)
            own = watches.get(f"{kind}|{subject_id}")
        return findings

    def _follow(self, case: Case, state: FindingState, steps: Steps, *, is_tick: bool) -> list[Finding]:
        """Move the alert's state to the severity, tell what changed, and see to it that a tick looks when it must."""
        severity, next_day = _now_and_next(steps, case.view.today)
        if severity < state.severity and _stays(case):
            severity = state.severity
        decisions, recheck_on = self._decide(case, state, severity, is_tick=is_tick)
        findings = [self._finding(case, state, decision) for decision in decisions]
        for day in (next_day, recheck_on):
            if day != NO_DAY and (state.scheduled == NO_DAY or day < state.scheduled):
                # No tick looks by then. A later entry that stands already is left: a look too many does no harm.
                state.scheduled = day
                self._due.add(day_key(day), f"{case.view.code}|{case.watch_key}")
        self._keep(case, state)
        return findings

    def _keep(self, case: Case, state: FindingState) -> None:
        watches = case.view.ledger.watches
        watch = watches.get(case.watch_key)
        if is_idle(state):
            if watch is not None and watch.findings.pop(case.plan.voice, None) is not None:
                watches.keep(case.watch_key) if watch.findings else watches.drop(case.watch_key)
            return
        if watch is None:
            watch = watches.set(case.watch_key, WatchRow({}))
        watch.findings[case.plan.voice] = state
        watches.keep(case.watch_key)

    def _decide(
        self, case: Case, state: FindingState, severity: int, *, is_tick: bool
    ) -> tuple[tuple[Decision, ...], int]:
        """The transitions of one rule on one subject now, and the day on which to look again (NO_DAY: none)."""
        recheck_on = NO_DAY
        is_new_fault = severity != NONE and state.severity == NONE and severity > state.dismissed
        if is_new_fault and case.plan.judgement.raised_on is not None:
            raised_on = case.plan.judgement.raised_on(case.view)
            if raised_on != case.view.today:
                return (), raised_on
        exempt_until = _exempt_until(case) if is_new_fault else NO_DAY
        if exempt_until != NO_DAY:
            recheck_on = exempt_until + 1
        was_suppressed = state.is_suppressed
        decision = decide(state, severity, case.view.today, is_exempt=exempt_until != NO_DAY)
        if state.is_suppressed != was_suppressed:
            index = case.view.ledger.suppressed
            (index.add if state.is_suppressed else index.remove)(case.plan.rule.id, case.watch_key)
        if decision is not None:
            return (decision,), recheck_on
        if severity == NONE and state.episode == 0 and not state.is_late_seen and _was_done_late(case):
            if not is_tick:
                return (), case.view.today + 1
            if _exempt_until(case) != NO_DAY:
                state.is_late_seen = True
                return (Decision(Transition.SUPPRESSED, RED),), NO_DAY
            return raise_and_clear_late(state, RED, case.view.today) or (), NO_DAY
        return (), recheck_on

    def rejudge(
        self, view: View, plan: Plan, kind: str, subject_id: str, position: int, *, is_change_over: bool = True
    ) -> list[Finding]:
        """One rule on one subject, by default because the rule set changed; ``plan`` as it is from now on."""
        subject = subject_of(view, kind, subject_id)
        watch = view.ledger.watches.get(f"{plan.home}|{subject_id}")
        state = None if watch is None else watch.findings.get(plan.voice)
        steps = NO_FAULT if subject is None else plan.judge(subject, view, plan.values)
        if (subject is None and not plan.others) or (state is None and not steps and not plan.is_seen_late):
            return []
        is_open = state is not None and state.severity != NONE
        case = Case(view, plan, kind, subject_id, subject, position, is_change_over=is_change_over and is_open)
        if plan.others:
            case, steps = _joined(case, steps, self.plans_of(view))
        return self._follow(case, state or FindingState(), steps, is_tick=True)

    def silence(self, view: View, plans: Plans, plan: Plan, subject_id: str, position: int) -> list[Finding]:
        """End the open alert of a rule that is not judged any more as it was by ``plan``, one of the ``plans``."""
        watch = view.ledger.watches.get(f"{plan.home}|{subject_id}")
        state = None if watch is None else watch.findings.get(plan.voice)
        if state is None or state.severity == NONE:
            return []
        decision = decide(state, NONE, view.today, is_exempt=False)
        subject = subject_of(view, plan.home, subject_id)
        case = Case(view, plan, plan.home, subject_id, subject, position, is_change_over=True)
        if plan.others:
            case, _ = _joined(case, NO_FAULT if subject is None else plan.judge(subject, view, plan.values), plans)
        self._keep(case, state)
        return [] if decision is None else [self._finding(case, state, decision)]

    def forget_passed_days(self, view: View, kind: str, subject_id: str) -> None:
        """A tick looks at the subject now: what was scheduled up to today is no more."""
        watch = view.ledger.watches.get(f"{kind}|{subject_id}")
        if watch is not None:
            for state in watch.findings.values():
                if state.scheduled <= view.today:
                    state.scheduled = NO_DAY
            view.ledger.watches.keep(f"{kind}|{subject_id}")

    def dismiss(self, view: View, alert: AlertRow, state: FindingState, position: int) -> list[Finding]:
        """A person called the open alert false; nothing when it is not open or its rule is not judged here."""
        plan = self.plans_of(view).of(alert.subject_kind, alert.rule_id)
        decision = None if plan is None else dismiss(state)
        if plan is None or decision is None:
            return []
        subject = subject_of(view, alert.subject_kind, alert.subject_id)
        case = Case(view, plan, alert.subject_kind, alert.subject_id, subject, position)
        if plan.others:
            steps = NO_FAULT if subject is None else plan.judge(subject, view, plan.values)
            case, _ = _joined(case, steps, self.plans_of(view))
        self._keep(case, state)
        return [self._finding(case, state, decision)]

    def kinds_confirmed(self, view: View, alert: AlertRow) -> tuple[str, ...]:
        """The kinds of object that a person means who confirms the alert: those whose fact holds now.

        Empty when the rule only states faults, or is not judged here: there is nothing to confirm then.
        """
        plan = self.plans_of(view).of(alert.subject_kind, alert.rule_id)
        if plan is None or not plan.rule.is_candidate:
            return ()
        return tuple(kind for kind in (plan.home, *plan.others) if self._holds(view, kind, alert))

    def _holds(self, view: View, kind: str, alert: AlertRow) -> bool:
        plan, subject = self.plans_of(view).of(kind, alert.rule_id), subject_of(view, kind, alert.subject_id)
        if plan is None or subject is None:
            return False
        return _now_and_next(plan.judge(subject, view, plan.values), view.today)[0] != NONE

    def _finding(self, case: Case, state: FindingState, decision: Decision) -> Finding:
        view, rule, transition = case.view, case.plan.rule, decision.transition
        measured = case.plan.judgement.explain(case.subject, view, case.plan.values)
        reason = _reason(case, transition)
        message = told(transition, reason, Sentence(measured.message_zh, measured.message_en))
        is_suppressed = transition is Transition.SUPPRESSED
        # A suppressed fault has the id that the next episode will have.
        episode = state.episode + (1 if is_suppressed else 0)
        identity = alert_id(case.plan.voice, case.subject_key, episode)
        if transition is Transition.RAISED and not case.plan.is_shadow:
            view.ledger.alerts.set(identity, AlertRow(rule.id, case.plan.home, case.subject_id))
        return Finding(
            alert_id=identity,
            rule_id=rule.id,
            rule_version=rule.version,
            rule_set_version=self._planner.rule_set.version,
            category=rule.category,
            owner=measured.owner or rule.owner,
            region=view.code,
            profile=view.profile,
            subject_kind=case.kind,
            subject_key=case.subject_key,
            subject_title=measured.title,
            episode=episode,
            transition=transition,
            reason=reason,
            severity=_SEVERITIES[decision.severity],
            severity_highest=_SEVERITIES[decision.severity if is_suppressed else state.highest],
            log_on=text_of_day(view.today),
            raised_on=None if is_suppressed else text_of_day(state.raised_on),
            observed=measured.observed,
            limit=measured.limit,
            unit=measured.unit,
            amount_fen=measured.amount_fen,
            fund_category=measured.fund_category,
            responsible_section=measured.responsible_section,
            facts=dict(measured.facts),
            thresholds=dict(case.plan.used),
            evidence=(
                *(Evidence(mark.event_id, mark.position, mark.role) for mark in measured.marks),
                *measured.proofs,
                *silence_proofs(view, rule.id, self.plans_of(view).terms),
            ),
            basis=rule.basis,
            message_zh=message.zh,
            message_en=message.en,
            partition=self._partition,
            position=case.position,
            is_shadow=case.plan.is_shadow,
        )


def open_state(view: View, alert: AlertRow, identity: str) -> FindingState | None:
    """Where the alert stands that this id names; None when it is not open, or the id is an earlier episode's."""
    watch = view.ledger.watches.get(f"{alert.subject_kind}|{alert.subject_id}")
    state = None if watch is None else watch.findings.get(alert.rule_id)
    if state is None or state.severity == NONE:
        return None
    named = alert_id(alert.rule_id, subject_key(view.code, alert.subject_id), state.episode)
    return state if named == identity else None


def _joined(case: Case, steps: Steps, plans: Plans) -> tuple[Case, Steps]:
    """The facts of all kinds that share the subject's key: one alert, and the gravest fact speaks.

    Ids are unique per kind of object only, so a payment, an entry and an account may have the same one.
    """
    speaker, loudest = case, _now_and_next(steps, case.view.today)[0]
    for other in case.plan.others:
        subject = subject_of(case.view, other, case.subject_id)
        plan = plans.of(other, case.plan.rule_id)
        if subject is None or plan is None:
            continue
        told = plan.judge(subject, case.view, plan.values)
        severity = _now_and_next(told, case.view.today)[0]
        if severity > loudest or speaker.subject is None:
            speaker, loudest = replace(case, plan=plan, kind=other, subject=subject), severity
        steps = (*steps, *told)
    return speaker, steps


def _now_and_next(steps: Steps, today: int) -> tuple[int, int]:
    """The severity today, and the first day after today on which a step begins (NO_DAY: none)."""
    severity, next_day = NONE, NO_DAY
    for from_day, step_severity in steps:
        if from_day <= today:
            severity = max(severity, step_severity)
        elif next_day == NO_DAY or from_day < next_day:
            next_day = from_day
    return severity, next_day


def _is_settled(state: FindingState, steps: Steps, today: int) -> bool:
    """Whether nothing can change: the hot path of a busy line, whose steps only move further away."""
    if state.dismissed or state.is_suppressed:
        return False
    severity, scheduled = NONE, state.scheduled
    for from_day, step_severity in steps:
        if from_day <= today:
            severity = max(severity, step_severity)
        elif scheduled == NO_DAY or scheduled > from_day:
            return False
    return severity == state.severity


def _was_done_late(case: Case) -> bool:
    test = case.plan.judgement.was_done_late
    return test is not None and test(case.subject, case.view, case.plan.values)


def _stays(case: Case) -> bool:
    test = case.plan.judgement.stays
    return test is not None and case.subject is not None and test(case.subject, case.view, case.plan.values)


def _exempt_until(case: Case) -> int:
    """Last day of the exemption that covers the subject today; NO_DAY when none does."""
    ledger, today, last = case.view.ledger, case.view.today, NO_DAY
    for exemption_id in ledger.rule_exemptions.children(case.plan.rule.id):
        row = ledger.exemptions.get(exemption_id)
        if row is not None and row.covers(case.subject_key, today):
            last = max(last, row.valid_until if row.ended_on == NO_DAY else min(row.valid_until, row.ended_on - 1))
    return last


def _reason(case: Case, transition: Transition) -> Reason:
    if transition is Transition.SUPPRESSED:
        return Reason.EXEMPTED
    if transition is Transition.DISMISSED:
        return Reason.FALSE_POSITIVE
    if transition is not Transition.CLEARED:
        return Reason.THRESHOLD_CROSSED
    if case.is_change_over:
        return Reason.GROUND_REMOVED
    ending = case.plan.judgement.ending
    return Reason.GROUND_REMOVED if ending is None else ending(case.subject, case.view, case.plan.values)
