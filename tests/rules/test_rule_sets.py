"""Laws of rule sets in the engine: they change at a tick, and from there on it is as if they had always been so."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from alerts.alert import AlertRecord
from alerts.lifecycle import Command
from fundwatch.judging import FileJudge, canonical_order
from rules.catalogue import RULES
from rules.change_over import change_over
from rules.engine import Engine
from rules.ledger import PartitionLedger
from rules.rule import Rule, Stage
from rules.selection import chosen_rules
from rules.state import RegionRow
from rules.subject_lists import LISTS
from rules.subject_tables import TABLES
from rules.subjects import SubjectJudge
from rules.thresholds import Mode, RuleSet, RuleSetUnknown, Setting, rule_set_of
from rules.view import View
from streams.state import MemoryRows
from tests.rules.tape import read_lines, with_ticks

DATA = Path(__file__).parent.parent / "data" / "contract" / "sample_cases.jsonl.gz"
Case = dict[str, Any]
CASES: list[Case] = [json.loads(line) for line in gzip.decompress(DATA.read_bytes()).splitlines()]
REGIONAL = tuple(rule for rule in RULES if rule.stage is Stage.REGION)
EVERY = rule_set_of(RULES)
OFF = {rule.id: Setting(mode=Mode.OFF) for rule in RULES}
SILENT = rule_set_of(RULES, OFF, version="silent")
# What a person confirms of a candidate is in the figures, so candidates have to be there to be confirmed.
POINTING = rule_set_of(RULES, {rule.id: OFF[rule.id] for rule in RULES if not rule.is_candidate}, version="pointing")
TRIAL = rule_set_of(RULES, {rule.id: Setting(mode=Mode.SHADOW) for rule in RULES}, version="trial")
# What these say depends on what was said before, or on the tick at which they may begin to say it.
WITH_A_PAST = {
    rule.id
    for rule in REGIONAL
    for judgement in rule.judgements.values()
    if judgement.stays or judgement.raised_on or rule.is_candidate
} | {"business_totals_differ"}
Open = set[tuple[str, str, str]]


def regional(case: Case) -> tuple[Rule, ...]:
    """The rules of a case that are judged in the region."""
    return chosen_rules(REGIONAL, set(case["enabled_rules"]) & {rule.id for rule in REGIONAL} or {"funds_idle"})


def between_regions(case: Case) -> tuple[Rule, ...]:
    """The rules of a case that are judged over all regions, by person or enterprise."""
    ids = {rule.id for rule in RULES if rule.stage in (Stage.PERSON, Stage.ENTERPRISE)}
    return chosen_rules(RULES, ids & set(case["enabled_rules"]))


def judged(
    case: Case,
    rule_set: RuleSet,
    changes: Mapping[date, RuleSet] | None = None,
    rules: tuple[Rule, ...] = (),
) -> tuple[list[AlertRecord], FileJudge]:
    """The alert records of a case, and the judge."""
    judging = FileJudge(rules or regional(case), rule_set, emitted_at="", partitions=3, changes=changes)
    lines = [json.dumps(event, ensure_ascii=False).encode() for event in case["events"]]
    records = list(judging.run(lines, date.fromisoformat(case["start"]), date.fromisoformat(case["end"])))
    return records, judging


def told(record: AlertRecord) -> tuple[str, ...]:
    """What a record says, but for its id."""
    return (record.log_on, record.transition, record.rule_id, record.subject.key, record.severity, record.reason)


def open_of(records: list[AlertRecord], *but: str) -> Open:
    """Rule, subject and severity of what is open at the end."""
    last = {record.alert_id: record for record in records}
    ended = {Command.CLEARED, Command.DISMISSED, Command.SUPPRESSED}
    return {
        (record.rule_id, record.subject.key, record.severity)
        for record in last.values()
        if record.transition not in ended and record.rule_id not in but
    }


def test_every_kind_of_subject_can_be_listed() -> None:
    """A rule that is switched on must find all it could be about."""
    kinds = {kind.value for rule in RULES if rule.stage in (Stage.REGION, Stage.DESK) for kind in rule.judgements}
    assert kinds - set(TABLES) - set(LISTS) == set()


def test_a_change_of_all_rules_lists_each_kind_of_subject_once() -> None:
    """A list may walk whole tables of a region: not again for every rule about that kind."""
    ledger, today = PartitionLedger(None), date(2019, 6, 1).toordinal()
    view = View(ledger.region("652722"), RegionRow(is_open=True, profile="xinjiang"), today)
    judge = SubjectJudge(REGIONAL, SILENT, ledger.due, 0, has_customs=False)
    before = judge.plans_of(view)
    judge.use(EVERY, today)
    listed: list[str] = []

    def subjects(kind: str) -> list[str]:
        listed.append(kind)
        return []

    change_over(judge, view, before, 1, subjects)
    assert sorted(listed) == sorted(judge.plans_of(view).by_kind)


@pytest.mark.parametrize("case", CASES[::5], ids=lambda case: f"sample-{case['case']}")
def test_rules_switched_on_at_a_tick_find_what_they_would_have_found(case: Case) -> None:
    """All rules are off until the last day: then everything that is open without that is raised at once."""
    last = date.fromisoformat(case["end"])
    records, _ = judged(case, POINTING, {last: EVERY})
    assert {record.log_on for record in records if record.rule_id not in WITH_A_PAST} <= {str(last)}
    dismissed = {
        (record.rule_id, record.subject.key) for record in judged(case, EVERY)[0] if record.transition == "dismissed"
    }
    found = {each for each in open_of(records, *WITH_A_PAST) if each[:2] not in dismissed}
    assert found == {each for each in open_of(judged(case, EVERY)[0], *WITH_A_PAST) if each[:2] not in dismissed}


FACTUAL = [case for case in CASES if any(rule.id in case["enabled_rules"] for rule in between_regions(case))]


@pytest.mark.parametrize("case", FACTUAL[::8], ids=lambda case: f"sample-{case['case']}")
def test_rules_about_persons_and_enterprises_are_switched_on_too(case: Case) -> None:
    """The day that a journal partition's tick begins names the rule set to their stages."""
    last = date.fromisoformat(case["end"])
    rules = between_regions(case)
    records, _ = judged(case, SILENT, {last: EVERY}, rules)
    spoken, _ = judged(case, EVERY, rules=rules)
    assert {record.log_on for record in records} <= {str(last)}
    dismissed = {(record.rule_id, record.subject.key) for record in spoken if record.transition == "dismissed"}
    assert {each for each in open_of(records) if each[:2] not in dismissed} == {
        each for each in open_of(spoken) if each[:2] not in dismissed
    }
    assert open_of(judged(case, EVERY, {last: SILENT}, rules)[0]) == set()


@pytest.mark.parametrize("case", CASES[::20], ids=lambda case: f"sample-{case['case']}")
def test_rules_switched_off_leave_nothing_open(case: Case) -> None:
    """What was open ends at that tick, its ground removed, and nothing follows."""
    last = date.fromisoformat(case["end"])
    records, _ = judged(case, EVERY, {last - timedelta(days=30): SILENT})
    assert open_of(records) == set()
    assert max((record.log_on for record in records), default="") <= str(last - timedelta(days=30))


@pytest.mark.parametrize("case", CASES[::20], ids=lambda case: f"sample-{case['case']}")
def test_a_rule_on_trial_says_the_same_apart(case: Case) -> None:
    """Nobody hears of it, and no alert has the id of one that counts."""
    records, trial = judged(case, TRIAL)
    spoken, _ = judged(case, EVERY)
    assert records == []
    verified = {event["body"].get("alert_id") for event in case["events"] if event["type"] == "alert.verified"}
    unheard = {record.subject.key for record in spoken if record.alert_id in verified}
    assert [told(record) for record in canonical_order(trial.shadow) if record.subject.key not in unheard] == [
        told(record) for record in spoken if record.subject.key not in unheard
    ]
    assert not {record.alert_id for record in trial.shadow} & {record.alert_id for record in spoken}


def test_a_trial_that_ends_begins_the_alerts() -> None:
    """From the day on which the rule is on, its alerts are raised as first episodes; those of the trial end."""
    case = CASES[0]
    last = date.fromisoformat(case["end"])
    records, trial = judged(case, TRIAL, {last: EVERY})
    assert open_of(records, *WITH_A_PAST) == open_of(judged(case, EVERY)[0], *WITH_A_PAST)
    assert open_of(trial.shadow) == set()


IDLE = """
region 652722 xinjiang opened 2019-01-01
2019-01-10  quota.received    Q1  yuan=200,000.00
2019-01-10  quota.allocated   A1  quota_id=Q1 yuan=200,000.00 target_kind=project is_pending=false project_id=P1
2019-12-31  tick
"""


def idle_set(version: str, yellow_after_days: int, **own: Any) -> RuleSet:
    """A rule set with other patience for idle money, and perhaps a setting of the region."""
    settings = {"funds_idle": Setting(parameters={"yellow_after_days": yellow_after_days})}
    return rule_set_of(RULES, settings, {"652722": {"funds_idle": Setting(**own)}} if own else {}, version=version)


def journal(versions: Mapping[str, str], first: str = "builtin-1") -> Iterator[bytes]:
    """The story of a line that is never paid from, its ticks naming rule sets: ``first``, then others by moment."""
    version = first
    for _, event in with_ticks(read_lines(IDLE.splitlines(), "funds_idle")):
        if event["type"] == "clock.tick":
            day = event["body"]["tick_on"]
            version = versions.get(day, version)
            event["body"]["reference_version"] = version
        yield json.dumps(event).encode()
        for moment, named in versions.items():
            if event["type"] == "clock.tick" and "T" in moment and moment.startswith(event["body"]["tick_on"]):
                version = named
                body = event["body"] | {"tick_at": f"{moment}+08:00", "tick_kind": "hourly", "reference_version": named}
                yield json.dumps(event | {"event_id": f"tick:0:{moment[:13]}", "body": body}).encode()


def transitions(
    records: Iterable[bytes], rule_sets: Iterable[RuleSet], rows: MemoryRows | None = None
) -> list[tuple[str, ...]]:
    """What one engine makes of a journal; with rows one that starts anew at every record."""
    known = {EVERY.version: EVERY} | {each.version: each for each in rule_sets}
    rules = chosen_rules(RULES, ("funds_idle",))
    engine = Engine(rules, EVERY, rows, rule_sets=known)
    found: list[tuple[str, ...]] = []
    for position, record in enumerate(records):
        if rows is not None:
            engine = Engine(rules, EVERY, rows, rule_sets=known)
        found += [
            (finding.log_on, finding.transition, finding.severity, finding.rule_set_version)
            for finding in engine.take(position, record)
        ]
        engine.flush()
    return found


def test_a_changed_threshold_holds_from_its_tick_on() -> None:
    """Alerts that other thresholds would not have raised end with their ground; days are counted from the start."""
    story = journal({"2019-05-01": "patient", "2019-06-01": "hasty"})
    assert transitions(story, (idle_set("patient", 150), idle_set("hasty", 30))) == [
        ("2019-04-11", "raised", "yellow", "builtin-1"),
        ("2019-05-01", "cleared", "yellow", "patient"),
        ("2019-06-01", "raised", "yellow", "hasty"),
        ("2019-07-10", "escalated", "red", "hasty"),
    ]


def test_an_hourly_tick_brings_a_rule_set_too() -> None:
    """What was approved in the morning need not wait for the next day."""
    story = journal({"2019-05-01T10:00:00": "patient"})
    assert transitions(story, (idle_set("patient", 150),))[1] == ("2019-05-01", "cleared", "yellow", "patient")


def test_a_tick_from_earlier_brings_nothing() -> None:
    """Two leaders of the clock may send an hour twice; the older one's rule set does not come back."""
    records = list(journal({"2019-05-01T10:00:00": "patient"}))
    late = [record.replace(b"T10:00:00", b"T09:00:00").replace(b"patient", b"hasty") for record in records]
    place = next(number for number, record in enumerate(records) if b"T10:00:00" in record and b"hourly" in record)
    records.insert(place + 1, late[place])
    rule_sets = (idle_set("patient", 150), idle_set("hasty", 30))
    assert [version for *_, version in transitions(records, rule_sets)] == [
        "builtin-1",
        "patient",
        "patient",
        "patient",
    ]


def test_a_restart_at_any_record_changes_nothing() -> None:
    """The version in force is part of the state."""
    changes = {"2019-05-01": "patient", "2019-06-01T10:00:00": "hasty", "2019-11-02": "builtin-1"}
    own = {"mode": Mode.ON, "parameters": {"red_after_days": 170}, "valid_from": date(2019, 6, 20).toordinal()}
    rule_sets = (idle_set("patient", 150), idle_set("hasty", 30, **own))
    once = transitions(journal(changes), rule_sets)
    assert transitions(journal(changes), rule_sets, MemoryRows()) == once
    assert ("2019-06-30", "escalated", "red", "hasty") in once


def test_what_a_region_may_differ_in_begins_and_ends_with_its_days() -> None:
    """Of the days of validity both are included; a day that only passes brings the change."""
    own = {"mode": Mode.OFF, "valid_from": date(2019, 5, 1).toordinal(), "valid_until": date(2019, 5, 31).toordinal()}
    found = transitions(journal({}, "own"), (idle_set("own", 90, **own),))
    assert [each[:3] for each in found] == [
        ("2019-04-11", "raised", "yellow"),
        ("2019-05-01", "cleared", "yellow"),
        ("2019-06-01", "raised", "yellow"),
        ("2019-07-10", "escalated", "red"),
    ]


def test_a_rule_set_that_is_not_known_is_not_guessed() -> None:
    """The tick is not taken, and can be taken when the rule set has come."""
    records = list(journal({"2019-01-02": "unheard-of"}))
    rules, known = chosen_rules(RULES, ("funds_idle",)), {EVERY.version: EVERY}
    engine = Engine(rules, EVERY, rule_sets=known)
    place = next(number for number, record in enumerate(records) if b"unheard-of" in record)
    for position, record in enumerate(records[:place]):
        engine.take(position, record)
    with pytest.raises(RuleSetUnknown, match="unheard-of"):
        engine.take(place, records[place])
    known["unheard-of"] = idle_set("unheard-of", 30)
    engine.take(place, records[place])
    assert engine.last_tick == date(2019, 1, 2).toordinal()
