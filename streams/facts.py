"""Stages ``person`` and ``enterprise``: facts of all regions through the engine that keeps their subject together.

Their rows are the engine's state (`rules.facts`). What they find goes to the desk that keeps the region's alerts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from domain.topics import FINDINGS
from rules.facts.engine import FactEngine
from rules.facts.telling import TOPICS
from rules.rule import Rule, Stage
from rules.thresholds import RuleSet
from streams.stage import Output, Record, Rows


class FactStage:
    """One of the two stages as the worker knows it: which rules, with which thresholds."""

    def __init__(
        self,
        stage: Stage,
        rules: tuple[Rule, ...],
        rule_set: RuleSet,
        rule_sets: Mapping[str, RuleSet] | None = None,
    ) -> None:
        """``rule_sets``: those that days may name, as `FactEngine` takes them."""
        self._stage, self._rules, self._rule_set, self._rule_sets = stage, rules, rule_set, rule_sets

    @property
    def name(self) -> str:
        """See `streams.stage.Stage`."""
        return self._stage.value

    @property
    def inputs(self) -> tuple[str, ...]:
        """See `streams.stage.Stage`."""
        return (TOPICS[self._stage],)

    def open(self, partition: int, rows: Rows) -> FactJudge:
        """See `streams.stage.Stage`."""
        engine = FactEngine(self._stage, self._rules, self._rule_set, rows, partition, rule_sets=self._rule_sets)
        return FactJudge(engine)


class FactJudge:
    """The stage on one partition."""

    def __init__(self, engine: FactEngine) -> None:
        self._engine = engine
        self._encode = msgspec.json.Encoder(order="deterministic").encode

    @property
    def is_any_enterprise_register(self) -> bool:
        """Whether the enterprise register of any region has come; every partition hears of it."""
        return self._engine.is_any_enterprise_register

    def step(self, records: Iterable[Record], now_ms: int) -> Sequence[Output]:  # noqa: ARG002 - time is in the facts
        """Judge each fact in order; the state is written once for the batch."""
        outputs = [
            Output(FINDINGS, finding.region.encode(), self._encode(finding), by_key=True)
            for record in records
            if record.value is not None
            for finding in self._engine.take(record.value)
        ]
        self._engine.flush()
        return outputs
