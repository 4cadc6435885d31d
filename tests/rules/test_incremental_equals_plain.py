"""The engine, which touches only what a record changes, judges as the plain judge does, which recomputes everything.

Run it longer with FUNDWATCH_EXAMPLES, the number of journals per law (default 60).
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.findings import Finding
from rules.catalogue import RULES
from rules.engine import Engine
from rules.thresholds import rule_set_of
from streams.state import MemoryRows
from tests.rules.plain_judge import PlainJudge, Step
from tests.rules.plain_rules import RULE_IDS
from tests.strategies import Event, journals, seeded_journals

RULE_SET = rule_set_of(RULES)
# The rules that the plain judge knows; batches and restarts are tried with all.
PLAIN = tuple(rule for rule in RULES if rule.id in RULE_IDS)
EXAMPLES = int(os.environ.get("FUNDWATCH_EXAMPLES", "60"))
# A journal takes a tenth of a second and has a thousand choices: hypothesis would call that slow and large.
at_length = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))

Record = tuple[int, Event]
Steps = list[list[Step]]


def journaled(events: list[Event]) -> list[Record]:
    """The journal as intake leaves it: each event of a region once, every tick, and positions without gaps."""
    once: dict[tuple[str, object], Event] = {}
    for number, event in enumerate(events):
        is_tick = event["type"] == "clock.tick"
        once.setdefault((event["region"], number if is_tick else event["event_id"]), event)
    return list(enumerate(once.values()))


def plainly(journal: list[Record]) -> Steps:
    """Each record's transitions, by recomputing everything."""
    judge = PlainJudge()
    return [sorted(judge.take(event)) for _, event in journal]


def step_of(event: Event, finding: Finding) -> Step:
    """A finding as the contract's cases write a transition."""
    by = "tick" if event["type"] == "clock.tick" else "event"
    told = (finding.transition.value, finding.rule_id, finding.subject_key, finding.severity.value)
    return Step(finding.log_on, by, *told)


def judged(engine: Engine, records: Iterable[Record]) -> Steps:
    """Each record's transitions, by the engine."""
    return [
        sorted(step_of(event, finding) for finding in engine.take(position, json.dumps(event).encode()))
        for position, event in records
    ]


def judged_in_batches(journal: list[Record], sizes: list[tuple[int, bool]]) -> Steps:
    """By an engine on rows, flushed after each batch; a crash loses what the batch did, and it is judged once more."""
    rows, steps, start = MemoryRows(), [], 0
    engine = Engine(RULES, RULE_SET, rows)
    for size, crashes in sizes:
        batch = journal[start : start + size]
        done = judged(engine, batch)
        if crashes:
            engine = Engine(RULES, RULE_SET, rows)
            done = judged(engine, batch)
        engine.flush()
        steps += done
        start += size
    return steps + judged(Engine(RULES, RULE_SET, rows), journal[start:])


batches = st.lists(st.tuples(st.integers(1, 12), st.booleans()), max_size=30)


@at_length
@given(journals())
def test_every_record_moves_the_same_alerts(events: list[Event]) -> None:
    """Whatever the journal, engine and plain judge tell the same transitions at each record."""
    journal = journaled(events)
    assert judged(Engine(PLAIN, RULE_SET), journal) == plainly(journal)


@at_length
@given(seeded_journals())
def test_every_record_of_a_well_mixed_journal_moves_the_same_alerts(events: list[Event]) -> None:
    """The same, over journals that are spread more evenly than hypothesis spreads its choices."""
    journal = journaled(events)
    assert judged(Engine(PLAIN, RULE_SET), journal) == plainly(journal)


@at_length
@given(seeded_journals(), batches)
def test_batches_crashes_and_restarts_change_nothing(events: list[Event], sizes: list[tuple[int, bool]]) -> None:
    """An engine that is opened anew from its rows, whenever, goes on as one that never stopped."""
    journal = journaled(events)
    assert judged_in_batches(journal, sizes) == judged(Engine(RULES, RULE_SET), journal)
