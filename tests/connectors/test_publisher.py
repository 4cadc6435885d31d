"""What a wire to a broker promises, in memory and on the real Kafka; and what a publisher adds."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.broker import KafkaWire
from connectors.memory_broker import MemoryBroker
from connectors.publisher import (
    IN_FLIGHT_RECORDS_MAX,
    BrokerUnreachable,
    Message,
    Outcome,
    Placement,
    Publisher,
    Receipt,
    TopicMissing,
    Wire,
)
from domain.identifiers import partition_of
from domain.settings import Settings
from domain.topics import INGRESS, TOPICS

PAYMENTS = "treasury.payments"
Made = tuple[Wire, Settings]


@pytest.fixture
def memory() -> Made:
    """A broker in memory with all topics."""
    return MemoryBroker(tuple(topic.name for topic in TOPICS), 4), Settings()


@pytest.fixture
def kafka(topics: Settings) -> Iterator[Made]:
    """The real one, in a namespace of the test's own."""
    wire = KafkaWire(topics)
    yield wire, topics
    wire.close()


@pytest.fixture(params=["memory", pytest.param("kafka", marks=pytest.mark.broker)])
def made(request: pytest.FixtureRequest) -> Made:
    """Each wire in turn."""
    wire: Made = request.getfixturevalue(request.param)
    return wire


def opened(made: Made) -> tuple[Publisher, list[Receipt]]:
    """A publisher on the wire, and its receipts as they come."""
    receipts: list[Receipt] = []
    wire, settings = made
    return Publisher(wire, settings, receipts.append), receipts


def messages(count: int, region: str = "652722") -> list[Message]:
    """Numbered messages of one region."""
    return [Message(PAYMENTS, region.encode(), f"value {number}".encode(), number) for number in range(count)]


def test_receipts_come_in_the_order_sent(made: Made) -> None:
    """One for each message, delivered, with rising offsets in the one partition of the region."""
    sending, receipts = opened(made)
    partitions = {sending.send(message) for message in messages(300)}
    sending.settle()
    assert partitions == {partition_of(b"652722", 4)}
    assert [receipt.message.reference for receipt in receipts] == list(range(300))
    assert {receipt.outcome for receipt in receipts} == {Outcome.DELIVERED}
    assert [receipt.offset for receipt in receipts] == list(range(300))


def test_a_region_has_one_partition_number_in_every_topic(made: Made) -> None:
    """What lets one worker hold a region's whole state; ticks go to the partition that their key names."""
    sending, receipts = opened(made)
    for topic in INGRESS[:-1]:
        sending.send(Message(topic, b"410324", b"x"))
    sending.send(Message("clock.ticks", b"3", b"tick"))
    sending.settle()
    assert {receipt.partition for receipt in receipts[:-1]} == {partition_of(b"410324", 4)}
    assert receipts[-1].partition == 3


def test_a_record_without_key_gets_there_to_be_refused(made: Made) -> None:
    """The intake says what is wrong with it; a publisher that swallowed it would hide a fault."""
    sending, receipts = opened(made)
    sending.send(Message(PAYMENTS, None, b"value"))
    sending.send(Message(PAYMENTS, b"652722", None))
    sending.settle()
    assert [receipt.outcome for receipt in receipts] == [Outcome.DELIVERED, Outcome.DELIVERED]


def test_an_unknown_topic_is_named(made: Made) -> None:
    """Before anything is sent to it, with the command that makes it."""
    sending, _ = opened(made)
    with pytest.raises(TopicMissing, match="fundwatch topics create"):
        sending.send(Message("payments.of.nobody", b"652722", b"x"))


@pytest.mark.broker
def test_a_record_too_large_is_reported_and_the_rest_delivered(kafka: Made) -> None:
    """One record's fault is its own."""
    sending, receipts = opened(kafka)
    sending.send(Message(PAYMENTS, b"652722", b"x" * 3_000_000, 1))
    sending.send(Message(PAYMENTS, b"652722", b"x", 2))
    sending.settle()
    assert [(receipt.message.reference, receipt.outcome) for receipt in receipts] == [
        (1, Outcome.TOO_LARGE),
        (2, Outcome.DELIVERED),
    ]


def test_no_broker_is_said_with_its_address() -> None:
    """Within the look-up time, not after minutes."""
    with pytest.raises(BrokerUnreachable, match=r"127\.0\.0\.1:1"):
        KafkaWire(Settings(kafka="127.0.0.1:1"))


def test_failures_are_reported_record_by_record() -> None:
    """A broker that goes away after five records: five delivered, the others timed out, none forgotten."""
    sending, receipts = opened((MemoryBroker(INGRESS, 4, refuse_from=5), Settings()))
    for message in messages(8):
        sending.send(message)
    sending.settle()
    assert [receipt.outcome for receipt in receipts] == [Outcome.DELIVERED] * 5 + [Outcome.TIMED_OUT] * 3


class Stalled:
    """A wire that answers only when it is waited for, and remembers how much was under way."""

    def __init__(self) -> None:
        self.under_way = self.under_way_max = 0

    def partitions(self, topic: str) -> int:
        """One."""
        return len(topic[:1])

    def hand_over(self, topic: str, partition: int, key: bytes | None, value: bytes | None) -> Stalled:
        """Take it and do not answer."""
        assert topic, (partition, key, value)
        self.under_way += 1
        self.under_way_max = max(self.under_way_max, self.under_way)
        return self

    def settled(self) -> bool:
        """Never by itself."""
        return False

    def placement(self) -> Placement:
        """Somebody waits."""
        self.under_way -= 1
        return Placement(Outcome.DELIVERED, 0, "")

    def close(self) -> None:
        """Nothing is held."""


@pytest.mark.parametrize(("size", "limit"), [(1, IN_FLIGHT_RECORDS_MAX), (1_048_576, 17)])
def test_no_more_is_under_way_than_the_limits(size: int, limit: int) -> None:
    """A stalled broker stops the reader: by records when they are small, by bytes when they are large."""
    wire = Stalled()
    sending = Publisher(wire, Settings(), lambda _: None)
    value = b"x" * size
    for number in range(limit + 50):
        sending.send(Message(PAYMENTS, b"652722", value, number))
    assert wire.under_way_max <= limit
    sending.close()
    assert wire.under_way == 0


@given(st.binary(min_size=1), st.integers(min_value=1, max_value=64))
def test_every_key_has_a_partition(key: bytes, partitions: int) -> None:
    """Whatever a source takes for a key, its record lands somewhere to be refused."""
    sending = Publisher(MemoryBroker(INGRESS, partitions), Settings(), lambda _: None)
    assert 0 <= sending.partition_for(PAYMENTS, key) < partitions
    assert 0 <= sending.partition_for("clock.ticks", key) < partitions


def test_a_namespace_is_part_of_the_topics_name() -> None:
    """Two systems on one broker stay apart."""
    wire = MemoryBroker(("mine.treasury.payments",), 4)
    sending = Publisher(wire, dataclasses.replace(Settings(), namespace="mine"), lambda _: None)
    sending.send(Message(PAYMENTS, b"652722", b"x"))
    assert len(wire.topics["mine.treasury.payments"]) == 1
