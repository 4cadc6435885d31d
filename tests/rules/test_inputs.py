"""What rules say they read is what they read: found by judging every tape and every case of the contract."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from domain.events import EVENT_TYPES, decode_trusted
from domain.findings import Finding
from domain.topics import LINKAGE_DERIVED
from rules.catalogue import RULES
from rules.engine import Engine
from rules.facts.engine import FactEngine
from rules.facts.telling import TOPICS
from rules.fold.folding import Folding
from rules.fold.journal import HANDLERS, JOURNAL
from rules.inputs import READS, Family, registers_of, sources_of
from rules.rule import Rule, Stage
from rules.selection import chosen_rules
from rules.silence import SOURCE_SILENT
from rules.thresholds import RuleSet, Setting, rule_set_of
from tests.rules import tape
from tests.rules.test_contract_cases import Case, cases

TAPES = sorted((Path(__file__).parent / "tapes").glob("*.tape"))
# What every rule reads: time, the region itself, exemptions, and what people say of its own alert.
OF_ALL = frozenset(("clock.tick", "region.opened", "exemption.granted", "exemption.ended", "alert.verified"))
# Alerts of these rest on other alerts, or on any event at all.
ON_ANYTHING = frozenset(rule.id for rule in RULES if rule.stage is Stage.DESK) | {SOURCE_SILENT}
# What the rule reads at ticks only, or of the object that its subject hangs on: nothing shows it but its code.
UNSEEN: Mapping[str, frozenset[Family]] = {
    # Sums that ticks look at.
    "payment_progress_slow": frozenset((Family.LINES, Family.PAYMENTS, Family.ACCOUNTS)),
    "use_structure_out_of_band": frozenset((Family.LINES, Family.PROJECTS)),
    "business_totals_differ": frozenset((Family.QUOTAS, Family.LINES, Family.PAYMENTS, Family.ACCOUNTS)),
    "self_report_differs": frozenset((Family.QUOTAS, Family.LINES, Family.PAYMENTS, Family.ACCOUNTS)),
    "carry_over_entered_as_current": frozenset((Family.ACCOUNTS,)),
    # Its flags are those of any record; no case has a faulty one.
    "record_incomplete": frozenset((Family.RELOCATION,)),
    # Whether the line's money is poverty money.
    "payee_enterprise_inactive": frozenset((Family.QUOTAS,)),
    "payee_enterprise_unregistered": frozenset((Family.QUOTAS,)),
    "recipient_deceased": frozenset((Family.LINES,)),
    "performance_target_faulty": frozenset((Family.QUOTAS,)),
}


class Seen(NamedTuple):
    """By rule, the types of records that caused or proved an alert; by type, the kinds of subject that it touched."""

    of_rules: Mapping[str, set[str]]
    touched: Mapping[str, set[str]]


def play(rules: tuple[Rule, ...], rule_set: RuleSet, events: list[dict[str, Any]], seen: Seen) -> None:
    """Judge the events, ticks among them, and note what alerts rest on."""
    types: dict[str, str] = {}
    by_position: list[str] = []

    def noted(one: Folding) -> None:
        assert JOURNAL.noted is not None
        JOURNAL.noted(one)
        later = ((kind, subject_id) for _, kind, subject_id in one.touched_later)
        seen.touched[one.event.type].update(kind for kind, _ in (*one.touched, *later))

    def note(finding: Finding) -> None:
        proven = {types[each.event_id] for each in finding.evidence if not each.role.startswith("silent_source")}
        seen.of_rules[finding.rule_id].update(proven, {by_position[finding.position]})

    engine = Engine(rules, rule_set)
    folding = Engine((), rule_set, book=JOURNAL._replace(noted=noted))
    stages = {topic: FactEngine(stage, rules, rule_set) for stage, topic in TOPICS.items()}
    for event in events:
        waiting = [json.dumps(event, ensure_ascii=False).encode()]
        while waiting:
            raw = waiting.pop(0)
            read = decode_trusted(raw)
            types[read.event_id] = read.type
            by_position.append(read.type)
            found = engine.take_event(len(by_position) - 1, read, partial(bytes, raw))
            folding.take_event(len(by_position) - 1, read, partial(bytes, raw))
            sent, engine.sent = engine.sent, []
            waiting += [message.value for message in sent if message.topic == LINKAGE_DERIVED]
            facts = [(stages[message.topic], message.value) for message in sent if message.topic in stages]
            for finding in [*found, *(told for stage, value in facts for told in stage.take(value))]:
                note(finding)


def with_ticks(events: list[dict[str, Any]], last: str) -> Iterator[dict[str, Any]]:
    """The events of a case as a tape would play them."""
    story = tape.Tape("", events=events, last_day=date.fromisoformat(last))
    return (event for _, event in tape.with_ticks(story))


def is_readable(event: dict[str, Any]) -> bool:
    """Whether the intake would take the event, as far as it can be judged at all."""
    try:
        decode_trusted(json.dumps(event).encode())
    except (ValueError, KeyError):
        return False
    return True


def play_case(case: Case, seen: Seen) -> None:
    """A case of the contract, in the order of its file."""
    events = sorted(filter(is_readable, case["events"]), key=lambda event: str(event["recorded_at"])[:10])
    rules = chosen_rules(RULES, case["enabled_rules"])
    play(rules, rule_set_of(RULES), list(with_ticks(events, case["end"])), seen)


@pytest.fixture(scope="module")
def seen() -> Seen:
    """What all tapes and cases show."""
    found = Seen(defaultdict(set), defaultdict(set))
    for story in map(tape.read, TAPES):
        rule_set = rule_set_of(RULES, {story.rule_id: Setting(parameters=story.thresholds)})
        events = [event for _, event in tape.with_ticks(story) if event["type"] != "finding"]
        play(chosen_rules(RULES, (story.rule_id,)), rule_set, events, found)
    for case in (*cases("worked_cases.json"), *cases("sample_cases.jsonl.gz")):
        play_case(case, found)
    return found


def test_every_rule_says_what_it_reads() -> None:
    """A rule that says nothing would never be called not evaluable."""
    assert list(READS) == [rule.id for rule in RULES]


def test_every_type_that_is_folded_is_of_a_family() -> None:
    """A type that no family has would make no rule depend on who sends it."""
    of_families = {name for family in Family for name in family.value}
    assert of_families <= EVENT_TYPES.keys()
    assert HANDLERS.keys() <= of_families | OF_ALL


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.id not in ON_ANYTHING], ids=lambda rule: rule.id)
def test_what_alerts_of_a_rule_rest_on_is_what_it_says_it_reads(rule: Rule, seen: Seen) -> None:
    """By the records that moved its alerts and those that its alerts name."""
    read = {name for family in READS[rule.id] for name in family.value}
    assert seen.of_rules[rule.id] - OF_ALL <= read


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.id not in ON_ANYTHING], ids=lambda rule: rule.id)
def test_a_rule_does_not_say_that_it_reads_what_never_matters_to_it(rule: Rule, seen: Seen) -> None:
    """Each family moved or proved an alert, or touched a subject of the rule; but for those that nothing can show."""
    kinds = {kind.value for kind in rule.judgements}
    unseen = frozenset(
        family
        for family in READS[rule.id]
        if not any(name in seen.of_rules[rule.id] or seen.touched[name] & kinds for name in family.value)
    )
    assert unseen == UNSEEN.get(rule.id, frozenset())


def test_rules_about_payments_depend_on_the_treasury_and_those_about_posts_do_not() -> None:
    """Who may send what a rule reads, by the contract; a rule that nobody knows may read anything."""
    assert "treasury_payment" in sources_of("payment_unlinked")
    assert "treasury_payment" not in sources_of("quota_without_project")
    assert sources_of("posts_improper") == {"manual_entry"}
    assert sources_of("own_rule") >= {"treasury_payment", "budget_execution", "one_card"}


def test_only_rules_about_persons_and_enterprises_need_registers() -> None:
    """Those that rest on registers; a death needs none."""
    values = rule_set_of(RULES).values["xinjiang"]
    needed = {rule.id: registers_of(rule.id, values[rule.id]) for rule in RULES}
    assert {rule_id: [register.name for register in found] for rule_id, found in needed.items() if found} == {
        "payee_enterprise_inactive": ["enterprise"],
        "payee_enterprise_unregistered": ["enterprise"],
        "recipient_not_registered_poor": ["registered_poor"],
        "recipient_on_public_payroll": ["public_payroll", "village_cadre"],
    }
