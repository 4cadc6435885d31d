"""Laws of workers on a real broker: killed, paused, joined by others, they lose nothing and double nothing."""

from __future__ import annotations

import signal
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from domain.settings import Settings
from streams.changelog import FencedError
from tests.streams.worker_process import INPUT, OUTPUT, applied, committed, make_topics, publish, workers
from tests.waiting import until

# Enough to be in the middle of it when something happens, and little enough for a busy machine.
RECORDS = 24_000
KEYS = 97


def numbers(settings: Settings, start: int, count: int) -> list[tuple[bytes, int, int]]:
    """A run of (key, number, partition), each key in one partition."""
    return [
        (b"key-%d" % (number % KEYS), number % 1000 + 1, number % KEYS % settings.partitions)
        for number in range(start, start + count)
    ]


def running_totals(sent: list[tuple[bytes, int, int]]) -> dict[bytes, list[int]]:
    """The plain computation: the totals of each key, in order."""
    sums: Counter[bytes] = Counter()
    totals: dict[bytes, list[int]] = defaultdict(list)
    for key, number, _ in sent:
        sums[key] += number
        totals[key].append(sums[key])
    return totals


def published_totals(settings: Settings) -> dict[bytes, list[int]]:
    """What the workers made of it."""
    totals: dict[bytes, list[int]] = defaultdict(list)
    for record in committed(settings, OUTPUT):
        totals[record.key].append(int(record.value))
    return totals


def until_done(settings: Settings, count: int) -> None:
    """Wait until so many records are applied."""
    until(lambda: applied(settings) >= count, f"{count} results")


@pytest.fixture
def tallied(settings: Settings) -> Settings:
    """A system of its own with the topics of one tally."""
    make_topics(settings)
    return settings


@pytest.mark.broker
@pytest.mark.chaos
def test_kill_minus_9_in_the_middle_of_a_batch_changes_nothing(tallied: Settings, tmp_path: Path) -> None:
    """Two workers, each killed while records come in: every key's totals are those of the plain computation."""
    sent = numbers(tallied, 0, RECORDS)
    with workers(tallied, tmp_path, ["one", "two"]) as (one, two):
        publish(tallied, sent[: RECORDS // 4])
        one.kill()
        one.until_ready()
        publish(tallied, sent[RECORDS // 4 : RECORDS // 2])
        two.kill()
        publish(tallied, sent[RECORDS // 2 :])
        one.kill()
        two.until_ready()
        one.until_ready()
        until_done(tallied, RECORDS)
    assert published_totals(tallied) == running_totals(sent)


@pytest.mark.broker
@pytest.mark.chaos
def test_a_worker_paused_past_its_session_commits_nothing_when_it_wakes_up(tallied: Settings, tmp_path: Path) -> None:
    """SIGSTOP, another takes over, SIGCONT: the zombie ends, and nothing of what it had in hand is seen."""
    sent = numbers(tallied, 0, RECORDS)
    with workers(tallied, tmp_path, ["zombie"]) as (zombie,):
        publish(tallied, sent[: RECORDS // 4])
        zombie.send(signal.SIGSTOP)
        publish(tallied, sent[RECORDS // 4 : RECORDS // 2])
        with workers(tallied, tmp_path, ["heir"]) as (heir,):
            everything = list(range(tallied.partitions))
            until(lambda: heir.partitions() == everything, f"all partitions taken over\n{heir.log}")
            until_done(tallied, RECORDS // 2)
            zombie.send(signal.SIGCONT)
            publish(tallied, sent[RECORDS // 2 :])
            until_done(tallied, RECORDS)
    assert published_totals(tallied) == running_totals(sent)


@pytest.mark.broker
@pytest.mark.chaos
def test_a_worker_that_joins_takes_its_share(tallied: Settings, tmp_path: Path) -> None:
    """Partitions move to a second worker and back while records come in."""
    sent = numbers(tallied, 0, RECORDS)
    everything = list(range(tallied.partitions))
    with workers(tallied, tmp_path, ["one"]) as (one,):
        publish(tallied, sent[: RECORDS // 3])
        with workers(tallied, tmp_path, ["two"]) as (two,):
            publish(tallied, sent[RECORDS // 3 : 2 * RECORDS // 3])
            until(
                lambda: sorted(one.partitions() + two.partitions()) == everything and bool(two.partitions()), "shares"
            )
            assert two.stop() == 0
            publish(tallied, sent[2 * RECORDS // 3 :])
        until(lambda: one.partitions() == everything, f"all partitions back\n{one.log}")
        until_done(tallied, RECORDS)
    assert published_totals(tallied) == running_totals(sent)


@pytest.mark.broker
def test_a_worker_told_to_end_ends_in_order(tallied: Settings, tmp_path: Path) -> None:
    """SIGTERM: exit code 0, what was sent before is applied or still in the topic, and nothing is doubled."""
    sent = numbers(tallied, 0, RECORDS // 4)
    with workers(tallied, tmp_path, ["one"]) as (one,):
        publish(tallied, sent)
        assert one.stop() == 0
        one.until_ready()
        until_done(tallied, len(sent))
    assert published_totals(tallied) == running_totals(sent)
    assert FencedError.__name__ not in one.log
    assert len(committed(tallied, INPUT)) == len(sent)
