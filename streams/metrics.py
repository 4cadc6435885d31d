"""Every metric of a worker, declared once: name, kind, what it says, its labels and all the values they can have.

Names and labels are public: dashboards and alert rules are built on them (CHANGELOG). Series exist from the start at 0,
so that "no dead letter yet" and "not measured" look different. Each process exposes its own on its own port.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from itertools import product
from typing import cast

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics, generate_latest
from prometheus_client.metrics import MetricWrapperBase

from alerts.lifecycle import Status
from alerts.routing import Section
from domain.findings import Severity
from domain.refusals import Code
from domain.topics import ALERTS, FINDINGS, INGRESS, JOURNAL, LINKAGE_DERIVED
from rules.custom.failures import Why
from rules.freshness import Lack
from streams.restore import Verdict
from streams.stage import Failure

# Seconds from 1 ms to 10 min: a batch alone takes some 10 ms, the aim end to end is 300 ms, the limit 1 s.
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 2.5, 5, 10, 60, 600)
# Days too: an upstream may send what it recorded last week.
_LONG_SECONDS = (0.1, 0.3, 1, 3, 10, 60, 600, 3_600, 21_600, 86_400, 604_800)
_RECORDS = (1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_000, 5_000, 10_000)


class Outcome(StrEnum):
    """What intake did with a record."""

    JOURNALED = "journaled"
    REFUSED = "refused"
    REDELIVERED = "redelivered"


class Leg(StrEnum):
    """A part of the way from the source system to a section's queue."""

    RECORDED_TO_JOURNAL = "recorded_to_journal"
    PUBLISHED_TO_JOURNAL = "published_to_journal"
    JOURNAL_TO_FINDING = "journal_to_finding"
    FINDING_TO_ALERT = "finding_to_alert"
    ALERT_TO_QUEUE = "alert_to_queue"


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric: ``labels`` names them in order; a histogram has ``buckets``, other kinds none."""

    kind: type[Counter | Gauge | Histogram]
    name: str
    help: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()


METRICS = (
    Metric(Counter, "events", "Records that intake took, by topic and what became of them.", ("topic", "outcome")),
    Metric(Counter, "unknown_fields", "Journaled events with fields that the contract does not know.", ("topic",)),
    Metric(Counter, "dead_letters", "Records that intake refused, by reason (wire.md 5.1).", ("code",)),
    Metric(Counter, "findings", "What the judge found, by rule and severity.", ("rule", "severity")),
    Metric(
        Counter, "shadow_findings", "What rules on trial would have said, by rule and severity.", ("rule", "severity")
    ),
    Metric(
        Counter,
        "custom_rule_failures",
        "Subjects on which a custom rule had no value when judged, by reason; `fundwatch rules show` names the rule.",
        ("reason",),
    ),
    Metric(Gauge, "rule_sets_refused", "Versions on topic rule.sets that this worker cannot use."),
    Metric(Gauge, "rule_sets_awaited", "Partitions whose tick waits for a rule set, by stage.", ("stage",)),
    Metric(Counter, "alerts", "Alert records that the desk wrote, by section and status.", ("section", "status")),
    Metric(Counter, "records", "Records that a stage applied, redelivered offsets not counted.", ("stage",)),
    Metric(Histogram, "batch_records", "Records in a batch: grows under load.", ("stage",), _RECORDS),
    Metric(Histogram, "step_seconds", "Time a stage computed on a batch.", ("stage",), _SECONDS),
    Metric(
        Histogram,
        "commit_seconds",
        "Time from a computed batch to its commit, local copy included.",
        ("stage",),
        _SECONDS,
    ),
    Metric(Counter, "commit_failures", "Batches refused or of unknown outcome; each ends the worker.", ("stage",)),
    Metric(Counter, "step_failures", "Batches that a stage could not take; each ends the worker.", ("stage", "reason")),
    Metric(
        Histogram,
        "delay_seconds",
        "From the moment a batch's oldest record was written to the moment the batch is committed; for "
        "recorded_to_journal from the source system's own record.",
        ("leg",),
        _LONG_SECONDS,
    ),
    Metric(Gauge, "lag_records", "Committed input records that a stage has not applied yet.", ("stage", "partition")),
    Metric(Gauge, "shard_ready", "1 while a stage works on a partition here, else 0.", ("stage", "partition")),
    Metric(Histogram, "restore_seconds", "Time to bring a shard's rows up to date.", ("stage",), _SECONDS),
    Metric(Counter, "restored_rows", "Changelog records read to bring rows up to date.", ("stage",)),
    Metric(Counter, "restores", "Shards opened, by what became of the local copy.", ("stage", "verdict")),
    Metric(
        Gauge, "last_tick_timestamp_seconds", "Moment of the last clock tick journaled by this worker.", ("partition",)
    ),
    Metric(
        Gauge,
        "source_age_seconds",
        "From the log date on which a region's source was last heard to that of the last tick.",
        ("region", "source"),
    ),
    Metric(
        Gauge,
        "source_silent",
        "1 while a source that a region must be heard from is silent (rule source_silent), else 0.",
        ("region", "source"),
    ),
    Metric(
        Gauge,
        "rules_not_evaluable",
        "Regions in which a rule cannot be judged by what is there, by what lacks.",
        ("rule", "lack"),
    ),
    Metric(
        Counter,
        "rebalances",
        "How often partitions were given to this worker: once at its start, and whenever they are dealt out anew.",
    ),
    Metric(Gauge, "queue_depth", "Entries of a section's queues that nobody has acknowledged.", ("section",)),
    Metric(Gauge, "queue_oldest_seconds", "Age of the oldest entry that nobody has acknowledged.", ("section",)),
)
PREFIX = "fundwatch_"

_INTAKE_TOPICS = (*INGRESS, LINKAGE_DERIVED)
_LEG_OF_INPUT = {JOURNAL: Leg.JOURNAL_TO_FINDING, FINDINGS: Leg.FINDING_TO_ALERT, ALERTS: Leg.ALERT_TO_QUEUE}


def leg_of(topic: str) -> Leg | None:
    """The part of the way that a stage covers which reads ``topic``."""
    return Leg.PUBLISHED_TO_JOURNAL if topic in _INTAKE_TOPICS else _LEG_OF_INPUT.get(topic)


class Metrics:
    """The metrics of one process. ``values`` names what a bounded label can be; its series exist from the start."""

    def __init__(self, values: Mapping[str, Iterable[str]]) -> None:
        self.registry = CollectorRegistry()
        # A second series for each, which nothing here asks for.
        disable_created_metrics()  # type: ignore[no-untyped-call]  # prometheus_client types all but this
        known = {**_known_values(), **{name: tuple(given) for name, given in values.items()}}
        self._metrics = {metric.name: _made(metric, self.registry, known) for metric in METRICS}

    def count(self, name: str, *labels: str, by: float = 1) -> None:
        """Add to a counter."""
        cast("Counter", self._series(name, labels)).inc(by)

    def set(self, name: str, *labels: str, to: float) -> None:
        """Set a gauge."""
        cast("Gauge", self._series(name, labels)).set(to)

    def observe(self, name: str, *labels: str, value: float) -> None:
        """Put one value into a histogram."""
        cast("Histogram", self._series(name, labels)).observe(value)

    def forget(self, name: str, *labels: str) -> None:
        """Take a series out: what it measured is no longer this process's."""
        with suppress(KeyError):
            self._metrics[name].remove(*labels)

    def exposition(self) -> bytes:
        """All of it in Prometheus' text format."""
        return generate_latest(self.registry)

    def _series(self, name: str, labels: Sequence[str]) -> MetricWrapperBase:
        metric = self._metrics[name]
        return metric.labels(*labels) if labels else metric


def _known_values() -> dict[str, tuple[str, ...]]:
    return {
        "topic": _INTAKE_TOPICS,
        "outcome": tuple(Outcome),
        "severity": tuple(Severity),
        "section": tuple(Section),
        "status": tuple(Status),
        "leg": tuple(Leg),
        "code": tuple(Code),
        "verdict": tuple(Verdict),
        "reason": tuple(Failure),
        "lack": tuple(Lack),
        "custom_rule_failures.reason": tuple(Why),  # of this metric alone
    }


def _values(metric: Metric, label: str, known: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    return known.get(f"{metric.name}.{label}") or known.get(label, ())


def _made(metric: Metric, registry: CollectorRegistry, known: Mapping[str, tuple[str, ...]]) -> MetricWrapperBase:
    buckets = {"buckets": metric.buckets} if metric.buckets else {}
    made = metric.kind(PREFIX + metric.name, metric.help, metric.labels, registry=registry, **buckets)  # type: ignore[arg-type]  # buckets only where a histogram is made
    if metric.labels:
        for labels in product(*(_values(metric, label, known) for label in metric.labels)):
            made.labels(*labels)
    return made
