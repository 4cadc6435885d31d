"""Laws of the records that the bench measures with: they are what they claim to be, or its figures mean nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pytest

from bench.records import Sent, journal_records, wire_records
from domain.findings import Transition
from domain.intake import Accepted, Reference, check
from domain.journal import read
from fundwatch.judging import Memory
from rules.catalogue import RULES
from rules.engine import Engine
from rules.selection import chosen_rules
from rules.thresholds import rule_set_of

COUNT = 15_000
PARTITIONS = 4


@pytest.fixture(scope="module")
def records() -> Sequence[Sent]:
    """A bench run's records, fewer than it takes."""
    return list(wire_records(COUNT, PARTITIONS))


@pytest.fixture(scope="module")
def verdicts(records: Sequence[Sent]) -> Sequence[object]:
    """What the intake says of each, in order."""
    memory, found = Memory(), []
    for sent in records:
        where = (sent.topic, sent.partition, sent.key, sent.value)
        verdict = check(*where, reference=Reference(partitions=PARTITIONS), known=memory)
        memory.remember(verdict)  # type: ignore[arg-type]  # a redelivery would be told below
        found.append(verdict)
    return found


def test_every_record_is_one_that_the_intake_accepts(verdicts: Sequence[object]) -> None:
    """The bench measures the flow's work, not its refusals."""
    assert [verdict for verdict in verdicts if not isinstance(verdict, Accepted)] == []


def test_there_are_as_many_records_as_asked_for(records: Sequence[Sent]) -> None:
    """Within two hundredths: corrections are drawn by lot."""
    assert len(records) == pytest.approx(COUNT, rel=0.02)


def test_most_records_of_a_full_run_are_payments() -> None:
    """About 85 of 100."""
    kinds = Counter(sent.topic for sent in wire_records(100_000))
    assert kinds["treasury.payments"] / kinds.total() == pytest.approx(0.87, abs=0.02)


def test_the_records_are_the_same_every_time(records: Sequence[Sent]) -> None:
    """Two runs, on two machines, measure with the same bytes."""
    assert list(wire_records(COUNT, PARTITIONS)) == records


def test_the_journal_holds_the_same_events_with_positions_from_zero(records: Sequence[Sent]) -> None:
    """Position by position, as the intake numbers them."""
    journals = journal_records(COUNT, PARTITIONS)
    assert [[read(record.value)[0] for record in journal] for journal in journals] == [
        list(range(sum(sent.partition == partition for sent in records))) for partition in range(PARTITIONS)
    ]


def test_what_is_said_to_raise_an_alert_at_once_does(records: Sequence[Sent]) -> None:
    """The delays are measured by these records: each is told by the very record that it is."""
    engine = Engine(chosen_rules(RULES), rule_set_of(RULES))
    told = {
        sent.raises: {finding.transition for finding in findings}
        for position, sent in enumerate(records)
        if (findings := engine.take(position, sent.value)) and sent.raises
    }
    assert [told.get(sent.raises, set()) & {Transition.RAISED} for sent in records if sent.raises] == [
        {Transition.RAISED} for sent in records if sent.raises
    ]
