"""Which rules are judged in a region, and how: the rule set in force, resolved per kind of subject."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from domain.findings import Parameter
from rules.rule import Judgement, Rule, Steps
from rules.state import NO_DAY
from rules.thresholds import InForce, Mode, RuleSet, shadow_of


@dataclass(frozen=True, slots=True)
class Plan:
    """One rule as it is judged on one kind of subject in one region."""

    rule: Rule
    rule_id: str
    judgement: Judgement
    judge: Callable[[Any, Any, Any], Steps]  # the judgement's own, at one look-up less
    values: Any
    used: Mapping[str, Parameter]
    is_seen_late: bool
    home: str  # the rule's first kind of subject: its alerts are kept there, whichever kind speaks
    others: tuple[str, ...]  # the rule's other kinds: an id of one of them makes the same subject key
    voice: str  # under which the alerts are kept and identified: the rule's id, or its shadow's
    is_shadow: bool


@dataclass(frozen=True, slots=True)
class Plans:
    """All rules that are judged in a region: by kind of subject, and the terms of each by its id."""

    by_kind: Mapping[str, tuple[Plan, ...]]
    terms: Mapping[str, InForce]

    def of(self, kind: str, rule_id: str) -> Plan | None:
        """One rule's plan for one kind."""
        return next((plan for plan in self.by_kind.get(kind, ()) if plan.rule_id == rule_id), None)


class Planner:
    """Resolves one rule set, each combination once: most regions of a profile share one."""

    def __init__(self, rules: tuple[Rule, ...], rule_set: RuleSet, *, has_customs: bool) -> None:
        """``rules`` are those that may be judged, in their order; the rule set's own ones come after them.

        ``has_customs``: not where persons, enterprises or alerts are judged, of which custom rules know nothing.
        """
        self.rule_set = rule_set
        self._rules = (*rules, *rule_set.customs) if has_customs else rules
        self._made: dict[tuple[str, str, tuple[str, ...]], Plans] = {}

    def plans(self, code: str, profile: str, day: int) -> Plans:
        """What is judged in a region on a day; NO_DAY: before the first tick."""
        special = self.rule_set.says_of(code, day) if day != NO_DAY else ()
        key = (profile, code if special else "", special)
        found = self._made.get(key)
        if found is None:
            found = self._made[key] = self._planned(code if special else "", profile, day)
        return found

    def _planned(self, code: str, profile: str, day: int) -> Plans:
        plans: dict[str, list[Plan]] = {}
        judged: dict[str, InForce] = {}
        for rule in self._rules:
            terms = self.rule_set.in_force(rule, profile, code, day)
            if terms.mode is not Mode.OFF:
                judged[rule.id] = terms
                for kind, judgement in rule.judgements.items():
                    plans.setdefault(kind.value, []).append(_plan(terms, kind, judgement))
        return Plans({kind: tuple(found) for kind, found in plans.items()}, judged)


def _plan(terms: InForce, kind: str, judgement: Judgement) -> Plan:
    rule, is_shadow = terms.rule, terms.mode is Mode.SHADOW
    return Plan(
        rule=rule,
        rule_id=rule.id,
        judgement=judgement,
        judge=judgement.judge,
        values=terms.values,
        used=terms.used,
        is_seen_late=judgement.was_done_late is not None,
        home=next(iter(rule.judgements)),
        others=tuple(each for each in rule.judgements if each != kind),
        voice=shadow_of(rule.id) if is_shadow else rule.id,
        is_shadow=is_shadow,
    )


def changed(before: Plans, after: Plans) -> tuple[InForce, ...]:
    """Rules that are judged otherwise than before, as they were judged, in the order before; then the new ones."""
    if before is after:
        return ()
    old = [terms for rule_id, terms in before.terms.items() if after.terms.get(rule_id) != terms]
    return (*old, *(terms for rule_id, terms in after.terms.items() if rule_id not in before.terms))
