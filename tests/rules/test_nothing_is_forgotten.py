"""Laws of what folds and rules must not forget: to have judged what an event can change, and to keep what they changed.

The contract's random cases in an order that is not theirs: some events are lost, some come days or weeks later. What
should follow nobody has written down. But at a tick all alerts must stand as all that is known then says, and an engine
that starts anew from its rows must say what one says that never stopped.

Run it longer with FUNDWATCH_EXAMPLES, the number of cases (default 12).
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest

from alerts.alert import AlertRecord
from domain.events import Event
from domain.findings import Finding
from fundwatch.judging import FileJudge
from rules.catalogue import RULES
from rules.engine import Engine
from rules.fold.folding import RawEvent
from rules.ledger import OPENED
from rules.subject_tables import TABLES
from rules.thresholds import rule_set_of
from rules.view import View
from streams.state import MemoryRows
from tests.rules.test_contract_cases import Case, cases

EXAMPLES = int(os.environ.get("FUNDWATCH_EXAMPLES", "12"))
RULE_SET = rule_set_of(RULES)
SAMPLES = cases("sample_cases.jsonl.gz")
CASES = [SAMPLES[number * len(SAMPLES) // EXAMPLES] for number in range(min(EXAMPLES, len(SAMPLES)))]
# Everything is judged anew at every so many ticks: often enough to catch an alert that stands wrong for a month.
TICKS_BETWEEN = 20
LOST, LATE = 0.03, 0.35
DELAYS = (0, 1, 3, 10, 40)


def disordered(case: Case) -> list[bytes]:
    """The case's events, some lost and some recorded later than they were."""
    draw = Random(case["case"])  # noqa: S311 - repeatable, not secret
    events: list[dict[str, Any]] = []
    for event in case["events"]:
        chance = draw.random()
        late = timedelta(days=draw.choice(DELAYS)) if chance < LATE else timedelta()
        day = date.fromisoformat(event["recorded_at"][:10]) + late
        if chance >= LOST:
            events.append(event | {"recorded_at": f"{day}{event['recorded_at'][10:]}"})
    return [json.dumps(event).encode() for event in sorted(events, key=lambda event: event["recorded_at"])]


class Recorder:
    """Stands before an engine's judging of subjects and notes which there are."""

    def __init__(self, engine: Engine) -> None:
        self._judge = engine._judge.judge
        self.subjects: dict[tuple[str, str, str], None] = {}
        engine._judge.judge = self.judge  # type: ignore[method-assign]  # what it notes nobody else tells

    def judge(self, view: View, kind: str, subject_id: str, position: int, **how: bool) -> list[Finding]:
        """See `SubjectJudge.judge`."""
        self.subjects[view.code, str(kind), subject_id] = None
        return self._judge(view, kind, subject_id, position, **how)


class Sweeping(FileJudge):
    """A file judge that judges everything anew after ticks; ``forgotten`` is what that changed."""

    def __init__(self) -> None:
        super().__init__(RULES, RULE_SET, emitted_at="2020-01-01T00:00:00.000+08:00")
        (self._engine,) = self._engines
        self._recorder = Recorder(self._engine)
        self.ticks = 0
        self.forgotten: list[tuple[str, str, str]] = []

    def _judge(self, entry: Any) -> list[AlertRecord]:
        records = super()._judge(entry)
        if entry.event.type == "clock.tick":
            self.ticks += 1
            if self.ticks % TICKS_BETWEEN == 0:
                self.forgotten += self._changed()
        return records

    def _changed(self) -> Iterator[tuple[str, str, str]]:
        subjects = self._recorder.subjects | dict.fromkeys(self._rows())
        for region, kind, subject_id in subjects:
            view = self._engine._views.get(region)
            if view is not None:
                view.today = self._engine.last_tick
                for finding in self._recorder.judge(view, kind, subject_id, 0, is_tick=True):
                    yield finding.rule_id, finding.transition, finding.subject_key

    def _rows(self) -> Iterator[tuple[str, str, str]]:
        for region in self._engine._ledger.opened.children(OPENED):
            ledger = self._engine._ledger.region(region)
            for kind, table in TABLES.items():
                rows = getattr(ledger, table)._young
                yield from ((region, str(kind), key) for key, row in rows.items() if row is not None)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"sample-{case['case']}")
def test_judging_everything_anew_changes_nothing(case: Case) -> None:
    """At a tick every alert stands as the state says, whichever events led there."""
    judge = Sweeping()
    list(judge.run(disordered(case), date.fromisoformat(case["start"]), date.fromisoformat(case["end"])))
    assert judge.ticks > TICKS_BETWEEN
    assert judge.forgotten == []


class Doubled(Engine):
    """An engine beside one that starts anew from its rows for every record; ``differing`` is where they part."""

    def __init__(self) -> None:
        super().__init__(RULES, RULE_SET)
        self._kept = MemoryRows()
        self.compared = 0
        self.differing: list[int] = []

    def take_event(self, position: int, event: Event, raw: RawEvent) -> list[Finding]:
        """See `Engine`."""
        found = super().take_event(position, event, raw)
        started_anew = Engine(RULES, RULE_SET, self._kept)
        if (started_anew.take_event(position, event, raw), started_anew.sent) != (found, self.sent):
            self.differing.append(position)
        self.compared += 1
        started_anew.flush()
        return found


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"sample-{case['case']}")
def test_an_engine_that_starts_anew_says_what_one_says_that_never_stopped(case: Case) -> None:
    """All that it needs is in the rows, after every single record."""
    judge = FileJudge(RULES, RULE_SET, emitted_at="2020-01-01T00:00:00.000+08:00")
    engine = Doubled()
    judge._engines = [engine]
    list(judge.run(disordered(case), date.fromisoformat(case["start"]), date.fromisoformat(case["end"])))
    assert engine.compared
    assert engine.differing == []
