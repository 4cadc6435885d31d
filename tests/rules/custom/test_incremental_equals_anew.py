"""Custom rules, judged where a record reaches, stand where they would if every subject were judged anew.

Run it longer with FUNDWATCH_EXAMPLES, the number of journals per law (default 60).
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from domain.findings import Finding
from rules.catalogue import RULES
from rules.custom.expressions import FactType
from rules.custom.facts import TODAY, types_of
from rules.engine import Engine
from rules.fold.folding import SubjectKind
from rules.rule import NONE
from rules.subject_lists import subjects_of
from rules.subject_tables import subject_of
from rules.thresholds import RuleSet, rule_set_of
from rules.view import View
from streams.state import MemoryRows
from tests.rules.custom.rule_sets import rule_set_with
from tests.rules.test_incremental_equals_plain import journaled
from tests.strategies import EXAMPLES as WIRE
from tests.strategies import Event, seeded_journals

EXAMPLES = int(os.environ.get("FUNDWATCH_EXAMPLES", "60"))
at_length = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
KINDS = (SubjectKind.PAYMENT, SubjectKind.LINE, SubjectKind.QUOTA, SubjectKind.PROJECT)
WINDOWS = {"month": {"days": 30}, "days": {"days": 3}, "year": {"since": "10-01"}}
PROJECT_EVENTS = ("project.registered", "project.corrected", "project.completed", "project.withdrawn")


def as_number(name: str, kind: FactType) -> str:
    """An expression that differs when the fact does, mostly."""
    if kind is FactType.BOOL:
        return f"({name} ? 1 : 0)"
    return f"size({name})" if kind is FactType.STRING else name


def sensitive(kind: SubjectKind) -> Iterator[dict[str, Any]]:
    """Rules that between them ask for every fact of a kind of subject: any change of one may move an alert."""
    types = {name: each for name, each in types_of(kind).items() if name != TODAY}
    windows = {} if kind is SubjectKind.PAYMENT else WINDOWS
    types |= {f"window.{name}": FactType.INT for name in windows}
    groups = sorted({name.partition(".")[0] for name in types})
    for group in groups:
        names = [as_number(name, each) for name, each in sorted(types.items()) if name.startswith(f"{group}.")]
        for part in range(0, len(names), 7):
            total = " + ".join(names[part : part + 7])
            yield {
                "id": f"custom_{kind}_{group}_{part}",
                "subject": kind.value,
                "yellow": f"({total}) % 3 == 1",
                "red": f"({total}) % 3 == 2",
                "windows": windows,
            }


TODAYS = (
    {"id": "custom_idle", "yellow": "today - line.available_on > 30", "red": "today - line.last_paid_on > 3"},
    {"id": "custom_weekday", "subject": "quota", "red": "weekday(today) == 2 && quota.unallocated_fen > 0"},
    {"id": "custom_from", "red": {"when": "line.unpaid_fen > 0", "from": "line.available_on + 40"}},
    {"id": "custom_divides", "subject": "quota", "red": "quota.amount_fen / (quota.amount_fen - 100) < 0"},
)
RULE_SET = rule_set_with(*(table for kind in KINDS for table in sensitive(kind)), *TODAYS)


def test_every_fact_is_asked_for() -> None:
    """The law below speaks of all documented facts."""
    asked = {name for kind in KINDS for table in sensitive(kind) for name in types_of(kind) if name in table["red"]}
    assert asked == {name for kind in KINDS for name in types_of(kind)} - {TODAY}


def with_projects(events: list[Event], seed: int) -> list[Event]:
    """The journal with projects that are registered, corrected, completed and withdrawn in between."""
    random = Random(seed)  # noqa: S311 - no secret
    told: list[Event] = []
    for number, event in enumerate(events):
        told.append(event)
        if random.random() < 0.25 and event["type"] != "clock.tick":
            kind = random.choice(PROJECT_EVENTS)
            own = deepcopy(WIRE[kind]) | {"region": event["region"], "event_id": f"{kind}:{seed}:{number}"}
            own["recorded_at"] = event["recorded_at"]
            own["body"]["project_id"] = random.choice(("P1", "P2"))
            told.append(own)
    return told


def standing(engine: Engine, region: str) -> dict[tuple[str, str], int]:
    """By rule and subject the severity at which its alert is open; dismissed and suppressed ones are none."""
    view = engine.view_of(region)
    found: dict[tuple[str, str], int] = {}
    for key in () if view is None else view.ledger.watches.ids():
        watch = None if view is None else view.ledger.watches.get(key)
        for rule_id, state in () if watch is None else watch.findings.items():
            if state.severity != NONE:
                found[rule_id, key.partition("|")[2]] = state.severity
    return found


def anew(view: View, rule_set: RuleSet) -> tuple[dict[tuple[str, str], int], set[tuple[str, str]]]:
    """The same by judging every subject there is, and where a rule has no value."""
    found: dict[tuple[str, str], int] = {}
    for rule in rule_set.customs:
        for kind, judgement in rule.judgements.items():
            for subject_id in subjects_of(view, kind):
                subject = subject_of(view, kind, subject_id)
                steps = judgement.judge(subject, view, rule_set.values[view.profile][rule.id])
                severity = max((each.severity for each in steps if each.from_day <= view.today), default=NONE)
                if severity != NONE:
                    found[rule.id, subject_id] = severity
    nothing = {(noted.rule_id, noted.subject_id) for noted in view.failures}
    view.failures.clear()
    return found, nothing


def differing(engine: Engine, regions: set[str], rule_set: RuleSet) -> list[object]:
    """Where alerts stand otherwise than judging anew says; where a rule has no value they may stand as they did."""
    found: list[object] = []
    for region in sorted(regions):
        view = engine.view_of(region)
        if view is not None:
            stands, (should, nothing) = standing(engine, region), anew(view, rule_set)
            unequal = {key for key in stands.keys() | should.keys() if stands.get(key) != should.get(key)} - nothing
            found += [(region, *key, stands.get(key), should.get(key)) for key in sorted(unequal)]
    return found


@at_length
@given(seeded_journals(), st.integers(0, 2**32))
def test_after_every_record_alerts_stand_as_if_all_were_judged_anew(events: list[Event], seed: int) -> None:
    """Whatever the journal, its corrections, its order and its ticks."""
    journal = journaled(with_projects(events, seed))
    regions = {event["region"] for _, event in journal if event["region"]}
    engine = Engine((), RULE_SET)
    for position, event in journal:
        engine.take(position, json.dumps(event).encode())
        assert differing(engine, regions, RULE_SET) == [], (position, event["type"])


@at_length
@given(seeded_journals(), st.integers(0, 2**32), st.integers(1, 9))
def test_a_restart_changes_neither_alerts_nor_counts(events: list[Event], seed: int, size: int) -> None:
    """An engine that is opened anew from its rows after every few records goes on as one that never stopped."""
    journal = journaled(with_projects(events, seed))
    through, rows = Engine((), RULE_SET), MemoryRows()
    once = [through.take(position, json.dumps(event).encode()) for position, event in journal]
    again: list[list[Finding]] = []
    last: dict[tuple[str, str], int] = {}
    for start in range(0, len(journal), size):
        engine = Engine((), RULE_SET, rows)
        again += [
            engine.take(position, json.dumps(event).encode()) for position, event in journal[start : start + size]
        ]
        last |= {(each.region, each.rule_id): each.count for each in engine.failures()}
        engine.flush()
    assert again == once
    assert last == {(each.region, each.rule_id): each.count for each in through.failures()}


@at_length
@given(seeded_journals(), st.integers(0, 2**32))
def test_the_catalogue_says_what_it_says_without_custom_rules(events: list[Event], seed: int) -> None:
    """Whatever custom rules ask for, reach and fail on."""
    journal = [(position, json.dumps(event).encode()) for position, event in journaled(with_projects(events, seed))]
    with_own, without = Engine(RULES, RULE_SET), Engine(RULES, rule_set_of(RULES, version="own"))
    for position, raw in journal:
        found = [each for each in with_own.take(position, raw) if not each.rule_id.startswith("custom_")]
        assert found == without.take(position, raw)
    assert with_own.sent == without.sent


@pytest.mark.parametrize("kind", KINDS)
def test_the_journals_move_alerts_of_every_kind(kind: SubjectKind) -> None:
    """The laws above look at something: on rules about each kind of subject alerts are raised and cleared."""
    assert {"raised", "cleared"} <= moved()[kind]


@cache
def moved() -> dict[SubjectKind, set[str]]:
    """By kind of subject the transitions of the findings in some journals, always the same ones."""
    found: dict[SubjectKind, set[str]] = {kind: set() for kind in KINDS}
    kinds = {rule.id: kind for rule in RULE_SET.customs for kind in rule.judgements}

    @seed(5)
    @settings(max_examples=25, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(seeded_journals(), st.integers(0, 2**32))
    def play(events: list[Event], number: int) -> None:
        engine = Engine((), RULE_SET)
        for position, event in journaled(with_projects(events, number)):
            for finding in engine.take(position, json.dumps(event).encode()):
                found[kinds[finding.rule_id]].add(finding.transition)

    play()
    return found
