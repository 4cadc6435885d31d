"""What the overview shows: rows of panels with their queries, as data. `overview` makes the dashboard of it.

Every name and label here is declared in `streams.metrics` or `alerts.feed_metrics`; a test asks each query of a real
Prometheus that scrapes a running system. A counter's series exist from the start at 0; `> 0` hides those that rest.
"""

from __future__ import annotations

from dataclasses import dataclass

SECONDS = "s"
PER_SECOND = "cps"
COUNT = "short"


@dataclass(frozen=True, slots=True)
class Query:
    """One PromQL expression; ``legend`` names its series by their labels."""

    expression: str
    legend: str


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel. ``about`` is what a reader who sees it for the first time has to know.

    ``is_total``: one bar per series for the whole time shown, instead of its course.
    """

    title: str
    about: str
    unit: str
    queries: tuple[Query, ...]
    is_total: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """Panels under one heading."""

    title: str
    panels: tuple[Panel, ...]


def _quantiles(metric: str, label: str, *percents: int, where: str = "") -> tuple[Query, ...]:
    series = f"fundwatch_{metric}_bucket{where}"
    return tuple(
        Query(
            f"histogram_quantile({percent / 100}, sum by (le, {label}) (rate({series}[$__rate_interval])))",
            f"{{{{{label}}}}} p{percent}",
        )
        for percent in percents
    )


FLOW = Row(
    "Flow",
    (
        Panel(
            "Events by topic and outcome",
            "What intake did with the records of each ingress topic. A redelivery is dropped and harmless; a refusal "
            "is a dead letter.",
            PER_SECOND,
            (
                Query(
                    "sum by (topic, outcome) (rate(fundwatch_events_total[$__rate_interval])) > 0",
                    "{{topic}} {{outcome}}",
                ),
            ),
        ),
        Panel(
            "Records by stage",
            "Records that each stage applied; a clock tick is one, too.",
            PER_SECOND,
            (Query("sum by (stage) (rate(fundwatch_records_total[$__rate_interval]))", "{{stage}}"),),
        ),
        Panel(
            "Lag by stage",
            "Committed input that a stage has not applied yet, over all partitions. One that stays: see "
            "docs/operations.md, consumer lag.",
            COUNT,
            (Query("sum by (stage) (fundwatch_lag_records)", "{{stage}}"),),
        ),
        Panel(
            "Lag, the worst partition",
            "One busy region shows here and hardly in the sum.",
            COUNT,
            (Query("max by (stage, partition) (fundwatch_lag_records)", "{{stage}} {{partition}}"),),
        ),
        Panel(
            "Batch size",
            "Batches grow under load; at the limit (FUNDWATCH_BATCH_RECORDS_MAX) a stage is saturated.",
            COUNT,
            _quantiles("batch_records", "stage", 50, 95),
        ),
        Panel(
            "Step time",
            "What a stage computes on one batch; it has the process to itself meanwhile.",
            SECONDS,
            _quantiles("step_seconds", "stage", 50, 99),
        ),
        Panel(
            "Commit time",
            "From a computed batch to its commit by the broker, local copy included.",
            SECONDS,
            _quantiles("commit_seconds", "stage", 50, 99),
        ),
    ),
)

DELAY = Row(
    "Delay",
    (
        Panel(
            "Recorded by the source → journal",
            "Counted from recorded_at of a batch's oldest event: how late the upstream systems send.",
            SECONDS,
            _quantiles("delay_seconds", "leg", 50, 95, 99, where='{leg="recorded_to_journal"}'),
        ),
        Panel(
            "Published → journal → finding → alert → queue",
            "Each leg from the moment a batch's oldest record was written to the commit of the batch: the worst of "
            "each batch. The legs add up to the end-to-end delay; the aim is 300 ms, the limit 1 s.",
            SECONDS,
            _quantiles("delay_seconds", "leg", 50, 95, 99, where='{leg!="recorded_to_journal"}'),
        ),
    ),
)

ALERTS = Row(
    "Findings and alerts",
    (
        Panel(
            "Findings by rule and severity",
            "What the judge found in the time shown.",
            COUNT,
            (
                Query(
                    "sum by (rule, severity) (increase(fundwatch_findings_total[$__range])) > 0",
                    "{{rule}} {{severity}}",
                ),
            ),
            is_total=True,
        ),
        Panel(
            "Alert records by section",
            "What the desk wrote for each section that answers.",
            COUNT,
            (Query("sum by (section) (increase(fundwatch_alerts_total[$__range]))", "{{section}}"),),
            is_total=True,
        ),
        Panel(
            "Alert records by status",
            "The status that each record leaves its alert in.",
            COUNT,
            (Query("sum by (status) (increase(fundwatch_alerts_total[$__range]))", "{{status}}"),),
            is_total=True,
        ),
    ),
)

DEAD_LETTERS = Row(
    "Dead letters",
    (
        Panel(
            "Refused by reason",
            "Records in dead.letters. Each is money that nobody watches until the record is repaired and sent again.",
            COUNT,
            (Query("sum by (code) (increase(fundwatch_dead_letters_total[$__range]))", "{{code}}"),),
            is_total=True,
        ),
    ),
)

QUEUES = Row(
    "Queues and feed",
    (
        Panel(
            "Unacknowledged by section",
            "Entries that nobody has acknowledged (签收), over all regions.",
            COUNT,
            (Query("sum by (section) (fundwatch_queue_depth)", "{{section}}"),),
        ),
        Panel(
            "Oldest unacknowledged by section",
            "How long the oldest of them waits.",
            SECONDS,
            (Query("max by (section) (fundwatch_queue_oldest_seconds)", "{{section}}"),),
        ),
        Panel(
            "Live feeds",
            "Readers connected now, and readers let go because they did not keep up (they resume by themselves).",
            COUNT,
            (
                Query("sum(fundwatch_feed_clients)", "open"),
                Query("sum(increase(fundwatch_feed_clients_dropped_total[$__rate_interval]))", "let go"),
            ),
        ),
        Panel(
            "Feed requests refused",
            "A rise of token_signature is somebody trying.",
            COUNT,
            (
                Query(
                    "sum by (reason) (increase(fundwatch_feed_requests_refused_total[$__rate_interval]))", "{{reason}}"
                ),
            ),
        ),
        Panel(
            "Records sent to readers",
            "By live feed, or page by page.",
            PER_SECOND,
            (Query("sum by (way) (rate(fundwatch_feed_records_sent_total[$__rate_interval]))", "{{way}}"),),
        ),
    ),
)

FRESHNESS = Row(
    "Freshness",
    (
        Panel(
            "Oldest source",
            "Since a source was last heard, by days of the log, where it is longest ago. Not every source "
            "sends every day.",
            SECONDS,
            (Query("max by (source) (fundwatch_source_age_seconds)", "{{source}}"),),
        ),
        Panel(
            "Silent sources",
            "Regions that must hear from a source and do not: its rules cannot be judged there.",
            COUNT,
            (Query("sum by (source) (fundwatch_source_silent)", "{{source}}"),),
        ),
        Panel(
            "Rules not evaluable",
            "Regions in which a rule cannot be judged, by what lacks: a silent source, or a register that never came "
            "or is too old. `fundwatch status` names them.",
            COUNT,
            (Query("sum by (rule, lack) (fundwatch_rules_not_evaluable) > 0", "{{rule}} {{lack}}"),),
        ),
    ),
)

CLOCK = Row(
    "Clock",
    (
        Panel(
            "Age of the last tick",
            "Live it goes from 0 to an hour and back; beyond that deadlines do not pass. With a manual clock it is the "
            "distance to the day being played.",
            SECONDS,
            (Query("time() - max by (partition) (fundwatch_last_tick_timestamp_seconds)", "partition {{partition}}"),),
        ),
    ),
)

WORKERS = Row(
    "Workers",
    (
        Panel(
            "Up",
            "1: the process answers.",
            COUNT,
            (Query('max by (job, instance) (up{job=~"fundwatch-.*"})', "{{instance}}"),),
        ),
        Panel(
            "Shards ready",
            "Partitions that are worked on, by stage: the number of partitions, except for moments.",
            COUNT,
            (Query("sum by (stage) (fundwatch_shard_ready)", "{{stage}}"),),
        ),
        Panel(
            "Restore time",
            "Mean time to bring a shard's rows up to date, since the workers started.",
            SECONDS,
            (
                Query(
                    "sum by (stage) (fundwatch_restore_seconds_sum) "
                    "/ (sum by (stage) (fundwatch_restore_seconds_count) > 0)",
                    "{{stage}}",
                ),
            ),
        ),
        Panel(
            "Shards opened, by what became of the local copy",
            "continue: read on from it. Anything else: rebuilt from the changelog, which is right and slower.",
            COUNT,
            (Query("sum by (verdict) (fundwatch_restores_total)", "{{verdict}}"),),
        ),
        Panel(
            "Commit failures",
            "Each has ended its worker, which then starts again; one alone is what a broker's restart costs.",
            COUNT,
            (
                Query(
                    "sum by (stage, instance) (increase(fundwatch_commit_failures_total[$__range]))",
                    "{{instance}} {{stage}}",
                ),
            ),
            is_total=True,
        ),
        Panel(
            "Rebalances",
            "How often partitions were given out anew.",
            COUNT,
            (Query("sum by (instance) (increase(fundwatch_rebalances_total[$__range]))", "{{instance}}"),),
            is_total=True,
        ),
    ),
)

ROWS = (FLOW, DELAY, ALERTS, DEAD_LETTERS, QUEUES, FRESHNESS, CLOCK, WORKERS)
