"""The whole way: events published as any source does, two workers with every stage, to the last entry in Redis."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

from bench.machine import Rate, Worker, cpu_s, worker
from bench.records import Sent
from connectors.broker import KafkaWire
from connectors.publisher import Message, Outcome, Publisher, Receipt
from domain.settings import Settings
from domain.topics import INTAKE, JUDGE

WORKERS = 2
_LOOK_S = 0.2
_RUN_S_MAX = 300.0


def measure(settings: Settings, records: Sequence[Sent]) -> Rate:
    """Events a second, from the first one's being sent to the last alert's being in its queue.

    By processor time: of both workers together, so a core's worth of them; servers and publisher come on top.
    """
    with workers(settings) as running:
        publisher = Publisher(KafkaWire(settings), settings, _refuse_failure)
        for topic in {sent.topic for sent in records}:
            publisher.partitions(topic)  # a source that runs has asked long ago
        began_s, cpu_began_s = time.monotonic(), _cpu_s(running)
        for sent in records:
            publisher.send(Message(sent.topic, sent.key, sent.value))
        publisher.close()
        took_s = wait_until_delivered(running, len(records)) - began_s
        return Rate(len(records) / took_s, len(records) / (_cpu_s(running) - cpu_began_s))


@contextmanager
def workers(settings: Settings) -> Iterator[list[Worker]]:
    """Two workers with every stage, ready."""
    with ExitStack() as stack:
        running = [stack.enter_context(worker(settings, name=f"worker-{number}")) for number in range(1, WORKERS + 1)]
        # The first is ready with all partitions before the second takes its share: so is it again, after the second.
        for _ in range(2):
            for each in running:
                each.wait_until_ready()
        yield running


def wait_until_delivered(running: Sequence[Worker], published: int) -> float:
    """The moment at which every stage had done all that there was to do for it."""
    deadline_s = time.monotonic() + _RUN_S_MAX
    while True:
        looks = [each.progress() for each in running]
        records: Counter[str] = sum((look.records for look in looks), Counter())
        findings, alerts = sum(look.findings for look in looks), sum(look.alerts for look in looks)
        is_judged = records[INTAKE] == records[JUDGE] == published
        if is_judged and records["desk"] == findings and records["deliver"] == alerts:
            return looks[-1].at_s
        assert time.monotonic() < deadline_s, f"{published} published: {records}, {findings} findings, {alerts} alerts"
        time.sleep(_LOOK_S)


def _cpu_s(running: Sequence[Worker]) -> float:
    return sum(cpu_s(each.process.pid) for each in running)


def _refuse_failure(receipt: Receipt) -> None:
    assert receipt.outcome is Outcome.DELIVERED, receipt
