"""Records to the ingress topics: idempotent, acknowledged by all replicas, one partitioner for every topic.

`Publisher` holds what is ours: the partition of a key (wire.md section 1), how much may be under way, and one `Receipt`
per record in the order sent. What is the client library's lies behind `Wire`, in `connectors.broker`;
`connectors.memory_broker` is the other implementation, for tests and dry runs.

Why the partition is computed here and passed on: 15 topics must put a region into the same partition number, and a
client's default partitioner is the client's to change.

    PublishError
    ├── BrokerUnreachable   retryable: start or name the broker, run again
    ├── TopicMissing        fatal until `fundwatch topics create` has run
    └── AccessRefused       fatal until the credentials or the rights of the user are right
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple, Protocol

from domain.identifiers import partition_of
from domain.settings import Settings
from domain.topics import CLOCK_TICKS

# kafka-python 3 has no bound on buffered bytes any more, so a fast reader and a slow broker would fill the memory.
# 4,000 records of 1 kB keep a local broker busy; the bytes bound the case of 256 kB records.
IN_FLIGHT_RECORDS_MAX = 4_000
IN_FLIGHT_BYTES_MAX = 16_777_216


class PublishError(Exception):
    """Publishing cannot begin or go on; nothing is known to be wrong with the records."""


class BrokerUnreachable(PublishError):
    """No broker answers at the address; carries the address."""

    def __init__(self, servers: str, detail: str) -> None:
        super().__init__(f"no Kafka broker answers at {servers or '(no address)'}: {detail}")
        self.servers, self.detail = servers, detail


class TopicMissing(PublishError):
    """The broker has no such topic; carries its name on the broker."""

    def __init__(self, topic: str, servers: str) -> None:
        super().__init__(f"topic {topic} does not exist at {servers}: run `fundwatch topics create` first")
        self.topic, self.servers = topic, servers


class AccessRefused(PublishError):
    """The broker refuses the user or its rights; carries what it said."""

    def __init__(self, servers: str, detail: str) -> None:
        super().__init__(f"the broker at {servers} refuses access: {detail}")
        self.servers, self.detail = servers, detail


class Outcome(StrEnum):
    """What became of one record."""

    DELIVERED = "delivered"  # in all replicas
    TOO_LARGE = "too_large"  # larger than a request may be; never sent
    TIMED_OUT = "timed_out"  # no acknowledgement in time; it may or may not be in the topic, sending again is safe
    REFUSED = "refused"  # the broker said no; `detail` says why


class Message(NamedTuple):
    """One record to send. ``topic`` is the contract's name, ``reference`` the sender's own (a line number)."""

    topic: str
    key: bytes | None
    value: bytes | None
    reference: int = 0


class Receipt(NamedTuple):
    """What became of one message; partition and offset are -1 unless it was delivered."""

    message: Message
    outcome: Outcome
    partition: int
    offset: int
    detail: str


class Placement(NamedTuple):
    """How the wire answers for one record."""

    outcome: Outcome
    offset: int
    detail: str


class Pending(Protocol):
    """A record handed to the wire and not yet answered for."""

    def settled(self) -> bool:
        """True when `placement` answers at once. Called often; must not block."""

    def placement(self) -> Placement:
        """Wait for the answer, at most the delivery time-out. Never raises for what befell one record."""


class Wire(Protocol):
    """What carries records to a broker."""

    def partitions(self, topic: str) -> int:
        """How many partitions the topic has. Called once per topic; may block; raises PublishError."""

    def hand_over(self, topic: str, partition: int, key: bytes | None, value: bytes | None) -> Pending:
        """Begin to send. Keeps the order of calls within a partition; does not wait for the broker."""

    def close(self) -> None:
        """Give up what is not acknowledged and release connections."""


class Publisher:
    """Sends messages and reports a receipt for each, in the order sent, from the caller's own thread."""

    def __init__(self, wire: Wire, settings: Settings, report: Callable[[Receipt], None]) -> None:
        self._wire = wire
        self._settings = settings
        self._report = report
        self._partitions: dict[str, int] = {}
        self._under_way: deque[tuple[Message, int, Pending]] = deque()
        self._bytes_under_way = 0

    def send(self, message: Message) -> int:
        """Send one message and return its partition. Blocks while too much is under way; raises PublishError.

        Receipts of earlier messages may be reported during the call.
        """
        self._report_settled()
        while self._under_way and (
            len(self._under_way) >= IN_FLIGHT_RECORDS_MAX or self._bytes_under_way >= IN_FLIGHT_BYTES_MAX
        ):
            self._report_oldest()
        partition = self.partition_for(message.topic, message.key)
        pending = self._wire.hand_over(self._settings.topic(message.topic), partition, message.key, message.value)
        self._under_way.append((message, partition, pending))
        self._bytes_under_way += _size(message)
        return partition

    def partition_for(self, topic: str, key: bytes | None) -> int:
        """The partition of a key: the one it names for ticks, the hash's for all else (wire.md section 1).

        A record without key cannot say where it belongs; it goes to partition 0, where the intake refuses it.
        """
        partitions = self.partitions(topic)
        if key is None:
            return 0
        if topic == CLOCK_TICKS and key.isdigit() and int(key) < partitions:
            return int(key)
        return partition_of(key, partitions)

    def partitions(self, topic: str) -> int:
        """How many partitions the topic has, asked once."""
        count = self._partitions.get(topic)
        if count is None:
            count = self._partitions[topic] = self._wire.partitions(self._settings.topic(topic))
        return count

    def settle(self) -> None:
        """Wait until every message sent so far has its receipt."""
        while self._under_way:
            self._report_oldest()

    def close(self) -> None:
        """Report what is under way as it comes, then release the wire."""
        try:
            self.settle()
        finally:
            self._wire.close()

    def _report_settled(self) -> None:
        while self._under_way and self._under_way[0][2].settled():
            self._report_oldest()

    def _report_oldest(self) -> None:
        message, partition, pending = self._under_way.popleft()
        self._bytes_under_way -= _size(message)
        placement = pending.placement()
        delivered = placement.outcome is Outcome.DELIVERED
        self._report(
            Receipt(message, placement.outcome, partition if delivered else -1, placement.offset, placement.detail)
        )


def _size(message: Message) -> int:
    return len(message.key or b"") + len(message.value or b"")


class Answered:
    """A pending record whose answer is already known."""

    def __init__(self, placement: Placement) -> None:
        self._placement = placement

    def settled(self) -> bool:
        """Always."""
        return True

    def placement(self) -> Placement:
        """The answer."""
        return self._placement
