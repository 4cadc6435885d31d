"""Laws of the demonstration: its truth is what the rules find, its days hold in any order, its bytes are fixed."""

from __future__ import annotations

from collections import Counter
from datetime import date
from functools import cache
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from random import Random

import pytest

from alerts.alert import AlertRecord, record_of
from alerts.routing import Section
from connectors.demo_county import faults_of_accounts, faults_of_payments, faults_of_time
from connectors.demo_county.book import FIRST_DAY, LAST_DAY, Sent
from connectors.demo_county.places import PLACES
from connectors.demo_county.truth import RULES, ExpectedAlert
from connectors.demo_county.year import SEED, DemoYear, demo_year, write_files
from domain.events import EVENT_TYPES, Role, decode_trusted
from domain.identifiers import alert_id
from domain.intake import Accepted, Redelivered, Reference, Refused, check
from domain.refusals import Code
from domain.ticks import daily_tick, tick_event
from fundwatch.judging import Memory
from rules.catalogue import RULES as CATALOGUE
from rules.engine import Engine
from rules.thresholds import rule_set_of

Verdict = Accepted | Refused | Redelivered


@cache
def year() -> DemoYear:
    """The year that `fundwatch demo` plays."""
    return demo_year()


class Played:
    """A year judged in memory, days in order, the topics of a day in the order that ``shuffle`` gives them."""

    def __init__(self, played: DemoYear, shuffle: Random | None = None) -> None:
        rules = rule_set_of(CATALOGUE)
        self._engine = Engine(tuple(rule for rule in CATALOGUE if rule.id in RULES), rules)
        self._memory = Memory()
        self._position = 0
        self.current: dict[str, AlertRecord] = {}
        self.verdicts: list[Verdict] = []
        for day, records in played.days.items():
            self._judge(tick_event(daily_tick(day), 0, rules.version))
            for sent in _in_topic_runs(records, shuffle):
                self._take(sent)

    def _take(self, sent: Sent) -> None:
        said = check(sent.topic, None, sent.key, sent.value, reference=Reference(), known=self._memory)
        self.verdicts.append(said)
        if not isinstance(said, Redelivered):
            self._memory.remember(said)
        if isinstance(said, Accepted):
            self._judge(sent.value)

    def _judge(self, value: bytes) -> None:
        for finding in self._engine.take(self._position, value):
            previous = self.current.get(finding.alert_id)
            self.current[finding.alert_id] = record_of(finding, previous, emitted_at="")
        self._position += 1

    def alerts(self) -> list[ExpectedAlert]:
        """The alerts at the end of the year, in the form of the truth."""
        return sorted(
            ExpectedAlert(
                record.rule_id,
                record.subject.key,
                next(n for n in (1, 2, 3) if alert_id(record.rule_id, record.subject.key, n) == record.alert_id),
                record.severity,
                record.status,  # type: ignore[arg-type]  # both are texts of the same values
                record.section,
            )
            for record in self.current.values()
        )


def _in_topic_runs(records: list[Sent], shuffle: Random | None) -> list[Sent]:
    """As the intake may meet a day: each topic in its own order, the topics in any."""
    if shuffle is None:
        return records
    by_topic = [list(run) for _, run in groupby(sorted(records, key=attrgetter("topic")), key=attrgetter("topic"))]
    shuffle.shuffle(by_topic)
    return [sent for run in by_topic for sent in run]


@cache
def played() -> Played:
    """The year in the order in which it is written."""
    return Played(year())


def test_the_rules_find_what_was_planted_and_nothing_else() -> None:
    """Alert by alert: rule, subject, episode, severity, status and section at the end of the year."""
    assert played().alerts() == year().truth.alerts


@pytest.mark.parametrize("seed", range(3))
def test_a_days_topics_may_come_in_any_order(seed: int) -> None:
    """Fifteen topics are merged in no order of their own; every day holds in any."""
    shuffled = Played(year(), Random(seed))  # noqa: S311  # an order, no secret
    assert shuffled.alerts() == year().truth.alerts
    assert Counter(map(type, shuffled.verdicts)) == Counter(map(type, played().verdicts))


@pytest.mark.parametrize("seed", range(3))
def test_other_seeds_are_as_clean(seed: int) -> None:
    """The background is clean by its plan, not by the luck of one seed."""
    other = demo_year(seed)
    assert Played(other).alerts() == other.truth.alerts


def test_every_record_has_the_fate_that_the_truth_counts() -> None:
    """Accepted, sent again, refused by code."""
    truth, verdicts = year().truth, played().verdicts
    assert sum(isinstance(said, Accepted) for said in verdicts) == truth.accepted
    assert sum(isinstance(said, Redelivered) for said in verdicts) == truth.redelivered
    assert Counter(str(said.code) for said in verdicts if isinstance(said, Refused)) == truth.dead_letters


def test_the_same_seed_writes_the_same_bytes(tmp_path: Path) -> None:
    """Nothing in it depends on the clock, the process or the order of a set."""
    write_files(year(), tmp_path / "a")
    write_files(demo_year(SEED), tmp_path / "b")
    assert (tmp_path / "a/events.jsonl").read_bytes() == (tmp_path / "b/events.jsonl").read_bytes()
    assert (tmp_path / "a/truth.json").read_bytes() == (tmp_path / "b/truth.json").read_bytes()


def test_the_year_shows_everything_it_is_there_to_show() -> None:
    """All rules, all refusals, all verbs, both profiles, at least three sections, thousands of events."""
    truth = year().truth
    assert {alert.rule_id for alert in truth.alerts} == set(RULES)
    assert set(truth.dead_letters) == set(Code)
    assert {alert.section for alert in truth.alerts} <= set(Section)
    assert len(truth.by_section()) >= 3
    assert 3_000 <= truth.events_in <= 8_000
    assert {place.profile for place in PLACES} == {"henan", "xinjiang"}
    roles = {EVENT_TYPES[said.type].role for said in played().verdicts if isinstance(said, Accepted)}
    assert roles == set(Role) - {Role.TICKS}


def test_records_come_late_and_out_of_order() -> None:
    """Some are entered days after what they record, and some reach the topic after the day they were entered."""
    good = [(day, decode_trusted(sent.value)) for day, sent in _good_payments()]
    assert any((date.fromisoformat(event.recorded_at[:10]) - event.occurred_on).days > 5 for _, event in good)
    assert any(day > date.fromisoformat(event.recorded_at[:10]) for day, event in good)


def _good_payments() -> list[tuple[date, Sent]]:
    return [
        (day, sent)
        for day, records in year().days.items()
        for sent in records
        if b'"payment.recorded"' in sent.value
        and b'"demo:' not in sent.value
        and sent.value.startswith(b'{"event_id":"')
    ]


def test_every_story_has_its_day_and_its_words() -> None:
    """A story without docstring tells an auditor nothing."""
    modules = (faults_of_accounts, faults_of_payments, faults_of_time)
    stories = [(on, story) for module in modules for _, on, story in module.STORIES]
    assert all(FIRST_DAY < on < LAST_DAY for on, _ in stories)
    assert all(story.__doc__ for _, story in stories)
