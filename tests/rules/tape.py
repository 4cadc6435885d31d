"""Tapes: rules specified as a story that an auditor can read, one event per line, what must follow at its end.

    region 652722 xinjiang opened 2019-01-01
    2019-01-10  quota.received   Q1  yuan=200,000.00
    2019-01-10  quota.allocated  A1  quota_id=Q1 yuan=200,000.00 project_id=P1
    2019-04-11  tick                                        => raised yellow A1
    2019-07-15  payment.recorded Z1  line_id=A1 yuan=50.00   => cleared yellow A1 satisfied_late

Ticks run every day; a ``tick`` line only says what must follow at that one. What a tape does not say must not happen.
The third column is the object's own id. An event starts as the contract's example of its type, with every date of its
body set to the line's date; ``key=value`` sets fields (``yuan`` sets amount_fen, ``null`` is null), ``key=-`` leaves
one out; ``source`` and ``entered_by`` are the envelope's. ``recorded=DATE`` sets the day of recording, on which what
follows happens. ``SUBJECT@EPISODE`` is the id of the rule's alert. ``again ID`` sends the same event once more.
``in REGION`` goes on in a region that is open already; a subject of another region is written with it (``652723|R1``).
``finding ID TRANSITION`` is what another stage says of an alert with this id (``category`` sets its class); the subject
``-`` is the region itself. A line ``set NAME=VALUE`` gives a threshold of the rule.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from domain.events import decode_trusted
from domain.findings import Finding, Transition
from domain.identifiers import alert_id
from domain.topics import LINKAGE_DERIVED
from rules.catalogue import RULES
from rules.desk import TAKEN, DeskEngine
from rules.engine import Engine
from rules.facts.engine import FactEngine
from rules.facts.telling import TOPICS
from rules.selection import chosen_rules
from rules.thresholds import Setting, rule_set_of
from tests.alerts.findings import finding

_DATA = Path(__file__).parent.parent / "data" / "contract"
EXAMPLES: dict[str, dict[str, Any]] = {
    event["type"]: event for event in map(json.loads, (_DATA / "wire_examples.jsonl").read_text("utf-8").splitlines())
}
_OWN_ID = {
    "quota.refined": "refinement_id",
    "quota.adjusted": "adjustment_id",
    "allocation.adjusted": "adjustment_id",
    "payment.refunded": "refund_id",
    "account.entry_refunded": "refund_id",
    "account.balance_reported": "account_id",
    "alert.verified": "alert_id",
    "document.copied": "document_no",
    "function.switched": "function_name",
    "enterprise.recorded": "credit_code",
}
# Fields of the envelope that a line may set.
_ENVELOPE = frozenset(("source", "entered_by"))
_WITH_REGION = re.compile(r"\d{6}\|")
# An end of validity is not a date of the record.
_KEPT_DATES = frozenset(("valid_until", "period_from", "period_to", "planned_end_on"))


@dataclass
class Tape:
    """What a tape file says: the events in order, and what must follow."""

    rule_id: str
    events: list[dict[str, Any]] = field(default_factory=list)
    expected: list[tuple[str, ...]] = field(default_factory=list)
    last_day: date = date.min
    thresholds: dict[str, Any] = field(default_factory=dict)


def read(path: Path) -> Tape:
    """Parse a tape; its name is the rule's id."""
    return read_lines(path.read_text("utf-8").splitlines(), path.name.split(".")[0])


def read_lines(lines: Iterable[str], rule_id: str) -> Tape:
    """Parse the lines of a tape about this rule."""
    tape = Tape(rule_id)
    region = ""
    by_id: dict[str, dict[str, Any]] = {}
    for line in lines:
        story = line.split("#", 1)[0].strip()
        if not story:
            continue
        told, _, expected = story.partition("=>")
        words = told.split()
        if words[0] == "region":
            region = words[1]
            tape.events.append(opening(*words[1:]))
            continue
        if words[0] == "in":
            region = words[1]
            continue
        if words[0] == "set":
            name, _, text = words[1].partition("=")
            tape.thresholds[name] = _value(text)
            continue
        day, kind = words[0], words[1]
        tape.last_day = max(tape.last_day, date.fromisoformat(day))
        if kind == "again":
            tape.events.append(by_id[words[2]] | {"recorded_at": f"{day}T12:00:00+08:00"})
        elif kind == "finding":
            tape.events.append(_finding(region, day, words[2], words[3], dict(word.split("=") for word in words[4:])))
        elif kind != "tick":
            own_id = _alert_named(rule_id, region, words[2]) if kind.startswith("alert.") else words[2]
            event = _event(region, day, kind, own_id, words[3:], len(tape.events))
            by_id[words[2]] = event
            tape.events.append(event)
            day = event["recorded_at"][:10]
        for one in filter(None, (part.strip() for part in expected.split(";"))):
            transition, severity, subject, *reason = one.split()
            by = "tick" if kind == "tick" else "event"
            key = subject if _WITH_REGION.match(subject) else f"{region}|{subject}"
            tape.expected.append((day, by, transition, severity, region if subject == "-" else key, *reason))
    return tape


def _alert_named(rule_id: str, region: str, name: str) -> str:
    """The id of the alert that a tape calls ``subject@episode``; any other text is an id itself."""
    subject, at, episode = name.rpartition("@")
    return alert_id(rule_id, f"{region}|{subject}", int(episode)) if at else name


def opening(region: str, profile: str, _: str, day: str) -> dict[str, Any]:
    """The region joins; the words of a tape's ``region`` line."""
    event = deepcopy(EXAMPLES["region.opened"])
    event.update(event_id=f"opened:{region}", region=region, occurred_on=day, recorded_at=f"{day}T08:00:00+08:00")
    event["body"].update(opening_on=day, profile=profile)
    return event


def _event(region: str, day: str, kind: str, own_id: str, words: list[str], number: int) -> dict[str, Any]:
    event = deepcopy(EXAMPLES[kind])
    body = event["body"]
    for name in body:
        if (name.endswith("_on") or name == "valid_from") and name not in _KEPT_DATES and body[name] is not None:
            body[name] = day
    body[_OWN_ID.get(kind) or next(name for name in body if name.endswith("_id"))] = own_id
    event.update(event_id=f"{kind}:{own_id}:{number}", region=region, occurred_on=day)
    event["recorded_at"] = f"{day}T10:00:00+08:00"
    for word in words:
        name, _, text = word.partition("=")
        if name == "recorded":
            event["recorded_at"] = f"{text}T10:00:00+08:00"
        elif name in _ENVELOPE:
            event[name] = text
        elif name == "yuan":
            body["amount_fen"] = int(text.replace(",", "").replace(".", ""))
        elif name.startswith("lines."):
            body["lines"][0][name.removeprefix("lines.")] = _value(text)
        elif text == "-":
            body.pop(name, None)
        else:
            body[name] = _value(text)
    return event


def _finding(region: str, day: str, identity: str, transition: str, fields: dict[str, str]) -> dict[str, Any]:
    """In the place of an event: another stage's finding of an alert."""
    told = {"alert_id": identity, "transition": Transition(transition), "region": region, **fields}
    return {"type": "finding", "recorded_at": f"{day}T10:00:00+08:00", "is": finding(log_on=day, raised_on=day, **told)}


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def play(tape: Tape, **thresholds: int | str | bool) -> list[tuple[str, ...]]:
    """Judge the tape's events with its one rule, a tick every day, and tell what followed in the tape's own words.

    Notices between regions, and facts about persons and enterprises, come right after the record that made them.
    ``thresholds`` override the rule's own.
    """
    rules = chosen_rules(RULES, (tape.rule_id,))
    rule_set = rule_set_of(RULES, {tape.rule_id: Setting(parameters=tape.thresholds | thresholds)})
    engine, desk = Engine(rules, rule_set), DeskEngine(rules, rule_set)
    stages = {topic: FactEngine(stage, rules, rule_set) for stage, topic in TOPICS.items()}
    told: list[tuple[str, ...]] = []
    position = 0
    for by, event in with_ticks(tape):
        if event["type"] == "finding":
            told += [_told(finding, by) for finding in desk.hear(event["is"])]
            continue
        waiting = [json.dumps(event, ensure_ascii=False).encode()]
        while waiting:
            told += [_told(finding, by) for finding in engine.take(position, waiting.pop(0))]
            position += 1
            sent, engine.sent = engine.sent, []
            waiting += [message.value for message in sent if message.topic == LINKAGE_DERIVED]
            facts = [(stages[message.topic], message.value) for message in sent if message.topic in stages]
            told += [_told(finding, by) for stage, value in facts for finding in stage.take(value)]
        told += [_told(finding, by) for finding in _at_desk(desk, position, event)]
    return told


def findings_of(tape: Tape) -> list[Finding]:
    """What the tape's one rule, of the region's own stage, says of its events, whole."""
    engine = Engine(chosen_rules(RULES, (tape.rule_id,)), rule_set_of(RULES))
    found: list[Finding] = []
    for position, (_, event) in enumerate(with_ticks(tape)):
        found += engine.take(position, json.dumps(event, ensure_ascii=False).encode())
    return found


def _at_desk(desk: DeskEngine, position: int, event: dict[str, Any]) -> list[Finding]:
    raw = json.dumps(event, ensure_ascii=False).encode()
    return desk.take_event(position, decode_trusted(raw), partial(bytes, raw)) if event["type"] in TAKEN else []


def with_ticks(tape: Tape) -> Iterator[tuple[str, dict[str, Any]]]:
    """The tape's events and the daily ticks between them, each with what it is called in expectations."""
    ticked = date.fromisoformat(tape.events[0]["recorded_at"][:10]) - timedelta(days=1)
    for event in [*tape.events, None]:
        until = tape.last_day if event is None else date.fromisoformat(event["recorded_at"][:10])
        while ticked < until:
            ticked += timedelta(days=1)
            yield "tick", tick_event(ticked)
        if event is not None:
            yield "event", event


def _told(finding: Finding, by: str) -> tuple[str, ...]:
    return (
        finding.log_on,
        by,
        finding.transition.value,
        finding.severity.value,
        finding.subject_key,
        finding.reason.value,
    )


def tick_event(day: date, partition: int = 0) -> dict[str, Any]:
    """The daily tick of a day."""
    return {
        "event_id": f"tick:{partition}:{day}T00",
        "type": "clock.tick",
        "region": "000000",
        "occurred_on": str(day),
        "recorded_at": f"{day}T00:00:00+08:00",
        "source": "monitor",
        "entered_by": "system",
        "entered_by_unit": "monitor",
        "entered_for": None,
        "schema_version": 1,
        "body": {
            "tick_on": str(day),
            "tick_at": f"{day}T00:00:00+08:00",
            "tick_kind": "daily",
            "partition": partition,
            "reference_version": "1",
        },
    }
