"""Judging one subject: its rules' steps become the state of its alerts, and what changes becomes findings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from domain.findings import Evidence, Finding, Reason, Severity, Transition
from domain.identifiers import alert_id
from rules.days import day_key, text_of_day
from rules.episodes import Decision, decide, dismiss, is_idle, raise_and_clear_late
from rules.fold.folding import SubjectKind
from rules.rule import NO_FAULT, NONE, RED, YELLOW, Judgement, Rule, Steps
from rules.state import NO_DAY, AlertRow, FindingState, WatchRow
from rules.tables import Index
from rules.thresholds import RuleSet
from rules.view import View
from rules.wording import Sentence, told

# Kinds of subjects that are rows of their own, and the region's table that holds them.
_TABLES: dict[str, str] = {
    SubjectKind.PAYMENT: "payments",
    SubjectKind.LINE: "lines",
    SubjectKind.ENTRY: "entries",
    SubjectKind.ACCOUNT: "accounts",
    SubjectKind.LIST: "lists",
    SubjectKind.SOURCE: "sources",
    SubjectKind.DOUBT: "doubts",
    SubjectKind.FLAG: "flags",
    SubjectKind.ALERT: "alerts_heard",
    SubjectKind.PROBLEM: "desk_problems",
    SubjectKind.TARGET: "targets",
    SubjectKind.QUOTA: "quotas",
    SubjectKind.ROW: "list_rows",
    SubjectKind.LINKAGE: "notices",
}
_SEVERITIES = {YELLOW: Severity.YELLOW, RED: Severity.RED}


def subject_key(code: str, subject_id: str) -> str:
    """What an alert is about, region included; the region alone where the region itself is the subject."""
    return f"{code}|{subject_id}" if subject_id else code


@dataclass(frozen=True, slots=True)
class Plan:
    """One rule as it is judged on one kind of subject in one profile."""

    rule: Rule
    rule_id: str
    judgement: Judgement
    judge: Callable[[Any, Any, Any], Steps]  # the judgement's own, at one look-up less
    values: Any
    is_seen_late: bool
    home: str  # the rule's first kind of subject: its alerts are kept there, whichever kind speaks
    others: tuple[str, ...]  # the rule's other kinds: an id of one of them makes the same subject key


@dataclass(frozen=True, slots=True)
class Case:
    """One rule on one subject, at one journal position."""

    view: View
    plan: Plan
    kind: str
    subject_id: str
    subject: Any
    position: int

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

    def __init__(self, rules: tuple[Rule, ...], rule_set: RuleSet, due: Index, partition: int) -> None:
        """``due`` is the partition's index of days on which ticks look again."""
        self._rule_set, self._due, self._partition = rule_set, due, partition
        self._order = {rule.id: number for number, rule in enumerate(rules)}
        self._plans = {profile: self._planned(rules, profile) for profile in rule_set.values}

    def _planned(self, rules: tuple[Rule, ...], profile: str) -> dict[str, tuple[Plan, ...]]:
        """Per kind of subject the rules to judge, with their thresholds looked up once."""
        plans: dict[str, list[Plan]] = {}
        for rule in rules:
            if profile in rule.profiles:
                for kind, judgement in rule.judgements.items():
                    values = self._rule_set.values[profile][rule.id]
                    is_seen_late = judgement.was_done_late is not None
                    home, others = next(iter(rule.judgements)), tuple(each for each in rule.judgements if each != kind)
                    plan = Plan(rule, rule.id, judgement, judgement.judge, values, is_seen_late, home, others)
                    plans.setdefault(kind.value, []).append(plan)
        return {kind: tuple(found) for kind, found in plans.items()}

    def rank(self, finding: Finding) -> tuple[int, str]:
        """Order of findings of one record: the catalogue's, then the subject's."""
        return self._order[finding.rule_id], finding.subject_key

    def judge(
        self, view: View, kind: str, subject_id: str, position: int, *, is_tick: bool, is_new: bool = False
    ) -> list[Finding]:
        """All rules on one subject, as of the view's day.

        ``is_new``: its row was made just now, so no alert rests on it, and a look on disk for what is not there is
        spared with every payment. An alert on another kind of the same id can stand; it matters if this is a fault too.
        """
        plans = self._plans[view.profile].get(kind)
        if plans is None:
            return []
        subject = _subject(view, kind, subject_id)
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
            state = None if watch is None else watch.findings.get(plan.rule_id)
            if state is None:
                if not steps and not plan.is_seen_late:
                    continue
            elif not plan.others and not plan.is_seen_late and _is_settled(state, steps, view.today):
                continue
            case = Case(view, plan, kind, subject_id, subject, position)
            if plan.others:
                case, steps = self._joined(case, steps)
            findings += self._follow(case, state or FindingState(), steps, is_tick=is_tick)
            own = watches.get(f"{kind}|{subject_id}")
        return findings

    def _joined(self, case: Case, steps: Steps) -> tuple[Case, Steps]:
        """The facts of all kinds that share the subject's key: one alert, and the gravest fact speaks.

        Ids are unique per kind of object only, so a payment, an entry and an account may have the same one.
        """
        speaker, loudest = case, _now_and_next(steps, case.view.today)[0]
        for other in case.plan.others:
            subject = _subject(case.view, other, case.subject_id)
            plan = self._plan(case.view.profile, other, case.plan.rule_id)
            if subject is None or plan is None:
                continue
            told = plan.judge(subject, case.view, plan.values)
            severity = _now_and_next(told, case.view.today)[0]
            if severity > loudest or speaker.subject is None:
                speaker, loudest = replace(case, plan=plan, kind=other, subject=subject), severity
            steps = (*steps, *told)
        return speaker, steps

    def _plan(self, profile: str, kind: str, rule_id: str) -> Plan | None:
        return next((plan for plan in self._plans[profile].get(kind, ()) if plan.rule_id == rule_id), None)

    def _follow(self, case: Case, state: FindingState, steps: Steps, *, is_tick: bool) -> list[Finding]:
        """Move the alert's state to the severity, tell what changed, and see to it that a tick looks when it must."""
        severity, next_day = _now_and_next(steps, case.view.today)
        if severity < state.severity and _stays(case):
            severity = state.severity
        decisions, recheck_on = self._decide(case, state, severity, is_tick=is_tick)
        findings = [self._finding(case, state, decision) for decision in decisions]
        for day in (next_day, recheck_on):
            if day != NO_DAY and not NO_DAY != state.scheduled <= day:
                # A later entry that stands already is left: a tick that looks too early does no harm.
                state.scheduled = day
                self._due.add(day_key(day), f"{case.view.code}|{case.watch_key}")
        self._keep(case, state)
        return findings

    def _keep(self, case: Case, state: FindingState) -> None:
        watches = case.view.ledger.watches
        watch = watches.get(case.watch_key)
        if is_idle(state):
            if watch is not None and watch.findings.pop(case.plan.rule.id, None) is not None:
                watches.keep(case.watch_key) if watch.findings else watches.drop(case.watch_key)
            return
        if watch is None:
            watch = watches.set(case.watch_key, WatchRow({}))
        watch.findings[case.plan.rule.id] = state
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
        plan = self._plan(view.profile, alert.subject_kind, alert.rule_id)
        decision = None if plan is None else dismiss(state)
        if plan is None or decision is None:
            return []
        subject = _subject(view, alert.subject_kind, alert.subject_id)
        case = Case(view, plan, alert.subject_kind, alert.subject_id, subject, position)
        if plan.others:
            case, _ = self._joined(case, NO_FAULT if subject is None else plan.judge(subject, view, plan.values))
        self._keep(case, state)
        return [self._finding(case, state, decision)]

    def kinds_confirmed(self, view: View, alert: AlertRow) -> tuple[str, ...]:
        """The kinds of object that a person means who confirms the alert: those whose fact holds now.

        None when the rule only states faults, or is not judged here: there is nothing to confirm then.
        """
        plan = self._plan(view.profile, alert.subject_kind, alert.rule_id)
        if plan is None or not plan.rule.is_candidate:
            return ()
        return tuple(kind for kind in (plan.home, *plan.others) if self._holds(view, kind, alert))

    def _holds(self, view: View, kind: str, alert: AlertRow) -> bool:
        plan, subject = self._plan(view.profile, kind, alert.rule_id), _subject(view, kind, alert.subject_id)
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
        identity = alert_id(rule.id, case.subject_key, episode)
        if transition is Transition.RAISED:
            view.ledger.alerts.set(identity, AlertRow(rule.id, case.plan.home, case.subject_id))
        return Finding(
            alert_id=identity,
            rule_id=rule.id,
            rule_version=rule.version,
            rule_set_version=self._rule_set.version,
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
            thresholds=self._rule_set.used[view.profile][rule.id],
            evidence=(
                *(Evidence(mark.event_id, mark.position, mark.role) for mark in measured.marks),
                *measured.proofs,
            ),
            basis=rule.basis,
            message_zh=message.zh,
            message_en=message.en,
            partition=self._partition,
            position=case.position,
        )


def open_state(view: View, alert: AlertRow, identity: str) -> FindingState | None:
    """Where the alert stands that this id names; None when it is not open, or the id is an earlier episode's."""
    watch = view.ledger.watches.get(f"{alert.subject_kind}|{alert.subject_id}")
    state = None if watch is None else watch.findings.get(alert.rule_id)
    if state is None or state.severity == NONE:
        return None
    named = alert_id(alert.rule_id, subject_key(view.code, alert.subject_id), state.episode)
    return state if named == identity else None


def _subject(view: View, kind: str, subject_id: str) -> object | None:
    """What the rules of this kind take: a row, or the id where a subject is no row of its own."""
    name = _TABLES.get(kind)
    if name is None:
        return subject_id
    found: object | None = getattr(view.ledger, name).get(subject_id)
    return found


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
    if state.severity or state.dismissed or state.is_suppressed:
        return False
    scheduled = state.scheduled
    for from_day, _ in steps:  # noqa: SIM110 - all() with a generator costs a microsecond per payment
        if from_day <= today or scheduled == NO_DAY or scheduled > from_day:
            return False
    return True


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
    ending = case.plan.judgement.ending
    return Reason.GROUND_REMOVED if ending is None else ending(case.subject, case.view, case.plan.values)
