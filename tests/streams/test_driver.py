"""Laws of exactly once, on the in-memory driver: crash, redelivery, replay, rebalance and lost disks change nothing."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.driver import Crash, Driver
from streams.tally import Tally

NUMBERS = [(b"a", 5), (b"b", 7), (b"a", -2), (b"c", 1), (b"b", 0), (b"a", 4), (b"b", 3)]
TOTALS = [(b"a", b"5"), (b"b", b"7"), (b"a", b"3"), (b"c", b"1"), (b"b", b"0"), (b"a", b"7"), (b"b", b"3")]


def chained(batch_records_max: int = 2) -> Driver:
    """Two stages, the second reading the first one's totals as numbers."""
    first = Tally()
    second = Tally(name="second", inputs=("numbers", "more"), output="seconds")
    driver = Driver([first, second], batch_records_max=batch_records_max)
    for key, number in NUMBERS:
        driver.feed("numbers", key, b"%d" % number)
    return driver


@pytest.fixture
def clean() -> Driver:
    """The run in which nothing happens."""
    driver = chained()
    driver.run()
    return driver


def results(driver: Driver, topic: str) -> list[tuple[bytes | None, bytes | None]]:
    """Keys and totals in the order they were written."""
    return [(record.key, record.value) for record in driver.records(topic)]


def outcome(driver: Driver) -> tuple[object, ...]:
    """All that the outside can see."""
    return (
        results(driver, "totals"),
        results(driver, "seconds"),
        dict(driver.rows("tally")),
        dict(driver.rows("second")),
    )


def test_a_clean_run_sums(clean: Driver) -> None:
    """The plain computation: a=5,5-2,3+4; b=7,0,3; c=1."""
    assert results(clean, "totals") == TOTALS
    assert dict(clean.rows("tally")) == {b"a": b"7", b"b": b"3", b"c": b"1"}


@pytest.mark.parametrize("moment", list(Crash))
@pytest.mark.parametrize("stage", ["tally", "second"])
def test_crash_between_commit_and_rocksdb_changes_nothing(clean: Driver, stage: str, moment: Crash) -> None:
    """Whenever a worker dies, the next run of it ends where the clean run ends."""
    driver = chained()
    driver.crash(stage, moment)
    driver.run()
    assert outcome(driver) == outcome(clean)


def test_crash_before_commit_leaves_nothing_behind() -> None:
    """What was not committed is not in the output, and the batch is taken once more."""
    driver = chained(batch_records_max=100)
    driver.crash("tally", Crash.BEFORE_COMMIT)
    driver.turn(driver._shards[0])
    assert (driver.values("totals"), driver.changelog("tally")) == ([], ())


def test_replay_from_the_beginning_is_skipped(clean: Driver) -> None:
    """A shard knows what it has seen, whatever the broker hands it again."""
    before = outcome(clean)
    clean.replay("tally")
    clean.replay("second")
    clean.run()
    assert outcome(clean) == before


def test_a_lost_disk_is_rebuilt_from_the_changelog(clean: Driver) -> None:
    """The local copy is a cache."""
    before = outcome(clean)
    clean.lose_disk("tally")
    assert outcome(clean) == before
    assert clean.restored_rows("tally") == len(clean.changelog("tally"))


def test_a_kept_disk_restores_only_what_it_missed(clean: Driver) -> None:
    """Opening again on the same disk reads nothing."""
    clean.rebalance("tally", "worker-1")
    outcome(clean)
    assert clean.restored_rows("tally") == 0


def test_a_worker_with_an_old_disk_catches_up() -> None:
    """Back and forth between two workers, each with the disk it had, equals staying with one."""
    stayed, moved = chained(), chained()
    stayed.run()
    moved.turn(moved._shards[0])
    moved.rebalance("tally", "worker-2")
    moved.turn(moved._shards[0])
    moved.rebalance("tally", "worker-1")
    moved.run()
    assert outcome(moved) == outcome(stayed)


def test_compaction_of_the_changelog_changes_nothing(clean: Driver) -> None:
    """The last record of each key is all that a restore needs."""
    before = outcome(clean)
    clean.compact("tally")
    assert outcome(clean) == before


@settings(max_examples=50, deadline=None)
@given(seed=st.integers(0, 10_000), batch=st.integers(1, 5), moments=st.lists(st.sampled_from(Crash), max_size=4))
def test_any_order_of_turns_and_crashes_gives_the_same_sums(seed: int, batch: int, moments: list[Crash]) -> None:
    """Shards side by side, batches of any size and crashes at any batch give each key the same total."""
    driver = chained(batch)
    order = Random(seed)  # noqa: S311  # repeatable, not secret
    for moment in moments:
        driver.crash(order.choice(["tally", "second"]), moment)
        driver.turn(driver._shards[order.randint(0, 1)], order=order)
    driver.run(order=order)
    assert dict(driver.rows("tally")) == {b"a": b"7", b"b": b"3", b"c": b"1"}
    assert results(driver, "totals") == TOTALS


def test_redelivered_records_are_new_records_to_a_shard(clean: Driver) -> None:
    """An upstream that sends again makes new offsets; telling them apart is the stage's business."""
    clean.redeliver("numbers")
    clean.run()
    assert len(clean.values("totals")) == 2 * len(NUMBERS)
