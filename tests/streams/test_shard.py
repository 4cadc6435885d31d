"""Laws of a shard on a real broker: a batch is all or nothing, and a copy is continued only if it can be trusted."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from kafka.admin import KafkaAdminClient

from connectors import broker
from domain.settings import Settings
from streams.changelog import CommitFailedError
from streams.driver import Driver
from streams.meters import Instruments
from streams.metrics import Metrics
from streams.restore import Copy, Log, Verdict, verdict
from streams.shard import StageShard
from streams.stage import Record
from streams.state import shared_cache
from streams.tally import Tally
from tests.streams.worker_process import CHANGELOG, OUTPUT, committed, make_topics

STAGE = Tally(name="tally.0")
NUMBERS = [(b"a", 5), (b"b", 7), (b"a", -2), (b"c", 1), (b"b", 0), (b"a", 4), (b"b", 3)]
DAY_MS = 86_400_000


def records(numbers: Sequence[tuple[bytes, int]], start: int = 0) -> list[Record]:
    """Numbers as records of the input topic."""
    return [Record("numbers", 0, offset, key, b"%d" % number, 0) for offset, (key, number) in enumerate(numbers, start)]


class Bench:
    """Shards of partition 0, each as a worker would open it."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.now_ms = time.time_ns() // 1_000_000
        self.metrics = Metrics({"stage": [STAGE.name]})
        self._cache = shared_cache()

    def shard(self) -> StageShard:
        """A shard on the bench's folder, not opened yet."""
        meter = Instruments(self.metrics, lambda: self.now_ms).meter(STAGE.name, 0)
        return StageShard(self.settings, STAGE, 0, cache=self._cache, meter=meter, clock=lambda: self.now_ms)

    def verdicts(self) -> dict[str, float]:
        """How often a copy was continued or not, by verdict."""
        samples = next(family for family in self.metrics.registry.collect() if family.name == "fundwatch_restores")
        return {sample.labels["verdict"]: sample.value for sample in samples.samples if sample.value}


async def taken(bench: Bench, *batches: list[Record]) -> StageShard:
    """An open shard that has taken these batches."""
    shard = bench.shard()
    await shard.open()
    for batch in batches:
        await shard.take(batch)
    return shard


async def held(bench: Bench) -> dict[bytes, bytes]:
    """The rows that a shard has which is opened now."""
    shard = await taken(bench)
    assert shard._restored is not None
    rows = dict(shard._restored.rows.scan(b""))
    await shard.close()
    return rows


def outputs(settings: Settings) -> list[tuple[bytes | None, bytes | None]]:
    """What downstream sees."""
    return [(record.key, record.value) for record in committed(settings, OUTPUT)]


@pytest.fixture
def bench(settings: Settings) -> Bench:
    """Topics of its own, and an empty folder."""
    make_topics(settings)
    return Bench(settings)


def run(law: Callable[[], Awaitable[None]]) -> None:
    """Run one law's steps."""

    async def steps() -> None:
        await law()

    asyncio.run(steps())


@pytest.mark.broker
def test_a_shard_does_what_the_driver_does(bench: Bench) -> None:
    """Same records, same batches: same outputs, same rows, same changelog but for the lineage's random text."""
    driver = Driver([STAGE], batch_records_max=2)
    for key, number in NUMBERS:
        driver.feed("numbers", key, b"%d" % number)
    driver.run()
    batches = [records(NUMBERS[start : start + 2], start) for start in range(0, len(NUMBERS), 2)]

    async def law() -> None:
        await (await taken(bench, *batches)).close()
        assert await held(bench) == dict(driver.rows(STAGE.name))

    run(law)
    assert outputs(bench.settings) == [(record.key, record.value) for record in driver.records(OUTPUT)]
    changelog = [(record.key, record.value) for record in committed(bench.settings, CHANGELOG)]
    assert changelog[1:] == list(driver.changelog(STAGE.name))[1:]


@pytest.mark.broker
def test_records_seen_before_are_skipped(bench: Bench) -> None:
    """A broker that hands everything out again changes nothing."""

    async def law() -> None:
        await (await taken(bench, records(NUMBERS), records(NUMBERS))).close()
        await (await taken(bench, records(NUMBERS))).close()

    run(law)
    assert len(outputs(bench.settings)) == len(NUMBERS)


@pytest.mark.broker
def test_crash_between_commit_and_rocksdb_changes_nothing(bench: Bench) -> None:
    """What the disk missed is in the changelog."""

    async def law() -> None:
        shard = await taken(bench, records(NUMBERS[:3]))
        assert shard._opened is not None
        await shard._writer.commit(shard._opened.take(records(NUMBERS[3:], 3), bench.now_ms), bench.now_ms)
        await shard.close()
        again = await taken(bench, records(NUMBERS))
        assert again.next_offsets == {"numbers": len(NUMBERS)}
        await again.close()
        assert await held(bench) == {b"a": b"7", b"b": b"3", b"c": b"1"}

    run(law)
    assert len(outputs(bench.settings)) == len(NUMBERS)


@pytest.mark.broker
def test_a_second_shard_fences_the_first(bench: Bench, tmp_path: Path) -> None:
    """Whoever opens last has the partition; what the other tries to commit is refused and seen by nobody."""
    elsewhere = Bench(replace(bench.settings, home=str(tmp_path / "elsewhere")))

    async def law() -> None:
        first = await taken(bench, records(NUMBERS[:3]))
        second = await taken(elsewhere, records(NUMBERS[3:], 3))
        with pytest.raises(CommitFailedError):
            await first.take(records([(b"zombie", 1)], 3))
        await second.take(records([(b"a", 1)], len(NUMBERS)))
        await second.close()
        await first.close()

    run(law)
    assert [key for key, _ in outputs(bench.settings)] == [*(key for key, _ in NUMBERS), b"a"]


@pytest.mark.broker
def test_what_a_killed_worker_left_open_is_aborted(bench: Bench) -> None:
    """Opening a shard ends the transaction of its last holder; nothing of it is seen or counted."""

    async def law() -> None:
        dead = await taken(bench, records(NUMBERS[:3]))
        assert dead._opened is not None
        assert dead._writer._producer is not None
        turn = dead._opened.take(records(NUMBERS[3:], 3), bench.now_ms)
        producer = dead._writer._producer
        await producer.begin_transaction()
        (builder,) = dead._writer._builders(producer, turn.changes.items(), bench.now_ms)
        await (await producer.send_batch(builder, bench.settings.topic(CHANGELOG), partition=0))
        assert dead._restored is not None
        dead._restored.rows.close()
        alive = await taken(bench, records(NUMBERS))
        await alive.close()
        await dead._writer.stop()
        assert await held(bench) == {b"a": b"7", b"b": b"3", b"c": b"1"}

    run(law)
    assert len(outputs(bench.settings)) == len(NUMBERS)


@pytest.mark.broker
def test_a_batch_larger_than_a_request_is_still_one_batch(bench: Bench) -> None:
    """Thirty thousand rows take many requests and one transaction; restoring them takes the way for many rows."""
    numbers = [(b"key-%050d" % number, 1) for number in range(30_000)]
    elsewhere = Bench(replace(bench.settings, home=bench.settings.home + "/elsewhere"))

    async def law() -> None:
        await (await taken(bench, records(numbers))).close()
        assert await held(bench) == dict.fromkeys((key for key, _ in numbers), b"1")
        assert await held(elsewhere) == await held(bench)
        again = await taken(elsewhere, records(numbers))
        assert again.next_offsets == {"numbers": len(numbers)}
        await again.close()

    run(law)
    assert [key for key, _ in outputs(bench.settings)] == [key for key, _ in numbers]


@pytest.mark.broker
def test_a_copy_of_a_topic_made_anew_is_rebuilt(bench: Bench) -> None:
    """State of a changelog that is gone does not come back."""

    async def law() -> None:
        await (await taken(bench, records(NUMBERS))).close()
        _delete_changelog(bench.settings)
        make_topics(bench.settings)
        assert await held(bench) == {}

    run(law)
    assert bench.verdicts() == {Verdict.NOTHING_YET: 1, Verdict.AHEAD: 1}


@pytest.mark.broker
def test_a_copy_of_another_changelog_of_the_same_length_is_rebuilt(bench: Bench) -> None:
    """The first row tells one changelog from another."""

    async def law() -> None:
        await (await taken(bench, records(NUMBERS))).close()
        _delete_changelog(bench.settings)
        make_topics(bench.settings)
        other = Bench(replace(bench.settings, home=bench.settings.home + "/other"))
        await (await taken(other, records([(b"x", 1), (b"y", 2), (b"z", 3), (b"w", 4)]))).close()
        assert sorted(await held(bench)) == [b"w", b"x", b"y", b"z"]

    run(law)
    assert bench.verdicts() == {Verdict.NOTHING_YET: 1, Verdict.OTHER_LINEAGE: 1}


@pytest.mark.parametrize(
    ("copy", "log", "now_ms", "expected"),
    [
        (None, Log(0, 10, b"l"), 0, Verdict.NOTHING_YET),
        (Copy(9, 0, b"l"), Log(0, 10, b"l"), 0, Verdict.CONTINUE),
        (Copy(5, 0, b"l"), Log(0, 10, b"l"), DAY_MS // 4, Verdict.CONTINUE),
        # Only the marker of its own last commit follows: nothing was missed, however long ago.
        (Copy(9, 0, b"l"), Log(0, 10, b"l"), 365 * DAY_MS, Verdict.CONTINUE),
        # Deletions of the time between may have been compacted away.
        (Copy(5, 0, b"l"), Log(0, 10, b"l"), DAY_MS, Verdict.TOO_OLD),
        (Copy(11, 0, b"l"), Log(0, 10, b"l"), 0, Verdict.AHEAD),
        (Copy(9, 0, b"l"), Log(0, 10, b"other"), 0, Verdict.OTHER_LINEAGE),
        (Copy(9, 0, b"l"), Log(0, 10, None), 0, Verdict.OTHER_LINEAGE),
        (Copy(5, 0, b"l"), Log(6, 10, b"l"), 0, Verdict.CUT_OFF),
    ],
)
def test_a_copy_is_continued_only_where_nothing_can_be_missing(
    copy: Copy | None, log: Log, now_ms: int, expected: Verdict
) -> None:
    """Every doubt costs a rebuild, never a wrong row."""
    assert verdict(copy, log, now_ms) is expected


def _delete_changelog(settings: Settings) -> None:
    admin = KafkaAdminClient(bootstrap_servers=settings.kafka)
    admin.delete_topics([settings.topic(CHANGELOG)])
    admin.close()
    broker.refuse_unusable(settings)
