"""An independent, naive judge of the ten rules: our second reading of wire.md, rules.md and rules.tsv.

It keeps the list of events so far and works everything out again at each record: which faults hold now, and from that
what happens to each alert. Nothing of ``rules/`` is used. Where the two disagree, one
has read the text wrongly.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from tests.rules.plain_figures import Figures
from tests.rules.plain_records import Record, day
from tests.rules.plain_rules import (
    PROFILE_OF,
    RANK,
    RED,
    RULE_IDS,
    RULES,
    Fault,
    Faults,
    allocation_documents,
    subject_of,
)


@dataclass(frozen=True, order=True)
class Step:
    """One transition of one alert, as the contract's cases write it."""

    log_on: str
    by: str  # tick or event
    transition: str  # raised, escalated, eased, cleared, suppressed, dismissed
    rule_id: str
    subject_key: str
    severity: str


def alert_id(rule: str, subject: str, episode: int) -> str:
    """First 32 hex digits of SHA-256 over ``rule|subject|episode``."""
    return hashlib.sha256(f"{rule}|{subject}|{episode}".encode()).hexdigest()[:32]


@dataclass
class Watch:
    """What is remembered of one rule and subject."""

    episode: int = 0
    open: str | None = None  # severity of the open alert
    dismissed: str | None = None  # severity of the false positive, while the fault lasts
    is_suppressed: bool = False  # the fault is there, and its suppressed record is written
    was_faulty: bool = False  # a fault was ever seen


@dataclass
class Region:
    """One region's journal and what is remembered of its alerts."""

    name: str
    events: list[Record] = field(default_factory=list)
    held: Figures | None = None
    opened_at: int = 0
    watches: dict[Fault, Watch] = field(default_factory=dict)
    late_and_settled: set[str] = field(default_factory=set)


class PlainJudge:
    """Feed it the journal of a partition, record by record; it gives the transitions of each."""

    def __init__(self, rules: Collection[str] = RULE_IDS) -> None:
        self.rules = rules
        self.last_tick: date | None = None
        self.regions: dict[str, Region] = {}

    def take(self, event: Record) -> list[Step]:
        """What the record does to alerts, in order for each alert.

        Before the first tick the log date is the day of recording; the text names none.
        """
        if event["type"] == "clock.tick":
            today = day(event["body"]["tick_on"])
            if self.last_tick is not None and today <= self.last_tick:
                return []
            self.last_tick = today
            return [step for region in self.regions.values() for step in self._judge(region, today, "tick")]
        today = self.last_tick or day(event["recorded_at"])
        region = self.regions.setdefault(event["region"], Region(event["region"]))
        if any(event["event_id"] == known["event_id"] for known in region.events):
            return []  # a redelivery
        region.events.append(event)
        opened = [each for each in region.events if each["type"] == "region.opened"]
        if not opened:
            return []  # waits for the opening
        region.opened_at = region.events.index(opened[0])
        region.held = Figures(region.name, opened[0]["body"], region.events)
        if event["type"] == "alert.verified":
            return self._verify(region, today, event)
        return self._judge(region, today, "event")

    def open_alerts(self) -> list[tuple[Fault, str]]:
        """Rule, subject and severity of every open alert."""
        watches = [item for region in self.regions.values() for item in region.watches.items()]
        return [(fault, watch.open) for fault, watch in watches if watch.open is not None]

    def _faults(self, held: Figures, today: date) -> Faults:
        faults = Faults()
        for rule in RULES:
            if rule.__name__ in self.rules and PROFILE_OF[rule.__name__] in ("all", held.profile):
                rule(held, today, faults)
        return faults

    def _judge(self, region: Region, today: date, by: str) -> list[Step]:
        held = region.held
        if held is None:
            return []
        faults = self._faults(held, today)
        steps = []
        for fault in sorted(faults.keys() | region.watches.keys()):
            watch = region.watches.setdefault(fault, Watch())
            is_exempt = _is_exempt(held, today, *fault)
            for transition, severity in moved(watch, faults.get(fault), is_exempt):
                steps.append(Step(today.isoformat(), by, transition, *fault, severity))
        return steps + (self._done_late(region, held, today) if by == "tick" else [])

    def _verify(self, region: Region, today: date, event: Record) -> list[Step]:
        """A false positive ends the alert that is open; all else that is said of an alert changes nothing here."""
        for fault, watch in region.watches.items():
            severity = watch.open
            if severity is None or alert_id(*fault, watch.episode) != event["body"]["alert_id"]:
                continue
            if event["body"]["outcome"] == "false_positive":
                watch.dismissed, watch.open = severity, None
                return [Step(today.isoformat(), "event", "dismissed", *fault, severity)]
        return []

    def _done_late(self, region: Region, held: Figures, today: date) -> list[Step]:
        """Done late, seen late: the last step was there with the document, so the next tick raises and clears."""
        rule = "quota_allocation_overdue"
        steps: list[Step] = []
        if rule not in self.rules or held.profile != "henan":
            return []
        for document, due_on in allocation_documents(held):
            done, subject = held.done_by(document), subject_of(held, document)
            quota = held.of["quota"][document["quota_id"]]
            known_at = max(document["at"], quota["at"], region.opened_at)
            watch = region.watches.setdefault((rule, subject), Watch())
            if done is None or done[0] <= due_on or done[1] > known_at or watch.was_faulty:
                continue
            if _is_exempt(held, today, rule, subject):
                transitions = [("suppressed", RED)]
                watch.was_faulty = True
            else:
                transitions = [*moved(watch, RED, is_exempt=False), *moved(watch, None, is_exempt=False)]
            steps += [Step(today.isoformat(), "tick", each, rule, subject, severity) for each, severity in transitions]
        return steps


def _is_exempt(held: Figures, today: date, rule: str, subject: str) -> bool:
    return any(
        each["rule_id"] == rule
        and each["subject_key"] in (None, subject)
        and day(each["valid_from"]) <= today <= day(each["valid_until"])
        and (each["ended_on"] is None or today < day(each["ended_on"]))
        for each in held.of["exemption"].values()
    )


def moved(watch: Watch, severity: str | None, is_exempt: bool) -> Iterable[tuple[str, str]]:
    """What a fault of this severity (None: no fault) does to the alert."""
    watch.was_faulty = watch.was_faulty or severity is not None
    if watch.open is not None:
        before, watch.open = watch.open, severity
        if severity is None:
            return [("cleared", before)]
        if severity == before:
            return []
        return [("escalated" if RANK[severity] > RANK[before] else "eased", severity)]
    if severity is None:
        watch.dismissed, watch.is_suppressed = None, False
        return []
    if watch.dismissed is not None and RANK[severity] <= RANK[watch.dismissed]:
        return []
    if is_exempt:
        is_new, watch.is_suppressed, watch.dismissed = not watch.is_suppressed, True, None
        return [("suppressed", severity)] if is_new else []
    watch.episode, watch.open, watch.is_suppressed, watch.dismissed = watch.episode + 1, severity, False, None
    return [("raised", severity)]


def daily(events: Iterable[Record], first: date, last: date) -> Iterable[Record]:
    """A file of events as a journal (wire.md 5.3): ticks before each event up to its recorded day, then to the last."""
    tick_on = first
    for event in events:
        while tick_on <= day(event["recorded_at"]):
            yield tick(tick_on)
            tick_on += timedelta(days=1)
        yield event
    while tick_on <= last:
        yield tick(tick_on)
        tick_on += timedelta(days=1)


def tick(tick_on: date, kind: str = "daily", partition: int = 0) -> dict[str, Any]:
    """A clock tick."""
    at = f"{tick_on}T00:00:00+08:00"
    return {
        "event_id": f"tick:{partition}:{tick_on}",
        "type": "clock.tick",
        "region": "000000",
        "occurred_on": str(tick_on),
        "recorded_at": at,
        "source": "monitor",
        "entered_by": "system",
        "entered_by_unit": "monitor",
        "entered_for": None,
        "schema_version": 1,
        "body": {
            "tick_on": str(tick_on),
            "tick_at": at,
            "tick_kind": kind,
            "partition": partition,
            "reference_version": "1",
        },
    }
