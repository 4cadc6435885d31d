"""Stage ``judge``: the journal of a partition through the rule engine, findings out.

Its rows are the engine's state (`rules.state`); the same engine judges a file in memory (`fundwatch judge`).
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from functools import partial

import msgspec

from domain.journal import event_bytes, read
from domain.passed_on import passed_on
from domain.topics import FINDINGS, JOURNAL, JUDGE, RULE_FAILURES
from rules.desk import TAKEN
from rules.engine import Engine
from rules.fold.folding import Message
from rules.freshness import Freshness
from rules.rule import Rule
from rules.thresholds import RuleSet
from streams.stage import Output, Record, Rows


class JudgeStage:
    """The stage as the worker knows it: which rules, with which thresholds."""

    name = JUDGE
    inputs = (JOURNAL,)

    def __init__(
        self,
        rules: tuple[Rule, ...],
        rule_set: RuleSet,
        rule_sets: Mapping[str, RuleSet] | None = None,
        *,
        outputs_max: int = sys.maxsize,
    ) -> None:
        """``rule_sets``: those that ticks may name, as `Engine` takes them.

        ``outputs_max``: with so many outputs a batch ends.
        """
        self._rules, self._rule_set, self._rule_sets = rules, rule_set, rule_sets
        self._outputs_max = outputs_max

    def open(self, partition: int, rows: Rows) -> Judge:
        """See `Stage`."""
        return Judge(Engine(self._rules, self._rule_set, rows, partition, rule_sets=self._rule_sets), self._outputs_max)


class Judge:
    """The stage on one partition."""

    def __init__(self, engine: Engine, outputs_max: int) -> None:
        self._engine, self._outputs_max = engine, outputs_max
        self._encode = msgspec.json.Encoder(order="deterministic").encode

    def step(self, records: Iterable[Record], now_ms: int) -> Sequence[Output]:  # noqa: ARG002 - time is in the journal
        """Judge journal records in order until enough is to be written; the state is written once for them.

        What the desk reads of the journal follows the findings of that record, so that it sees both in one order. What
        other regions and stages must be told goes into the partitions of theirs, in the same transaction. Where custom
        rules had no value is told once a batch.
        """
        outputs: list[Output] = []
        for record in records:
            if record.value is None:
                continue
            position, event = read(record.value)
            findings = self._engine.take_event(position, event, partial(event_bytes, record.value))
            if findings:
                outputs += [Output(FINDINGS, finding.region.encode(), self._encode(finding)) for finding in findings]
            if event.type in TAKEN:
                outputs.append(Output(FINDINGS, record.key, passed_on(record.value)))
            if self._engine.sent:
                outputs += map(_output, self._engine.sent)
                self._engine.sent = []
            if len(outputs) >= self._outputs_max:
                break
        outputs += [Output(RULE_FAILURES, each.key, self._encode(each)) for each in self._engine.failures()]
        self._engine.flush()
        return outputs

    def freshness(self, *, is_any_enterprise_register: bool) -> list[Freshness]:
        """See `Engine.freshness`."""
        return self._engine.freshness(is_any_enterprise_register=is_any_enterprise_register)


def _output(message: Message) -> Output:
    return Output(message.topic, message.key.encode(), message.value, by_key=True, to_all=message.is_for_all)
