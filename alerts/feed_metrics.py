"""What the feed process measures: one declared list, on a registry of its own."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge

from alerts.scope import ScopeFault
from alerts.tokens import TokenFault


class FeedMetrics:
    """The metrics of one feed process. Every refusal's series starts at 0, so that a first one is seen."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.clients = Gauge(
            "fundwatch_feed_clients",
            "Live feeds open now.",
            registry=self.registry,
        )
        self.sent = Counter(
            "fundwatch_feed_records_sent",
            "Alert records sent to readers, by way: live feed or page.",
            ["way"],
            registry=self.registry,
        )
        self.dropped = Counter(
            "fundwatch_feed_clients_dropped",
            "Live feeds ended because their client took nothing for too long; it resumes by its last event id.",
            registry=self.registry,
        )
        self.refused = Counter(
            "fundwatch_feed_requests_refused",
            "Requests refused, by reason: a rise of token_signature is somebody trying.",
            ["reason"],
            registry=self.registry,
        )
        for way in ("feed", "page"):
            self.sent.labels(way)
        for reason in (*TokenFault, *ScopeFault):
            self.refused.labels(reason.value)
