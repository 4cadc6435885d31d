"""A threshold changed while a real system runs: at one place of every journal, whatever is killed, and for good."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import cast

import msgspec
import pytest
from click.testing import CliRunner

from alerts.alert import AlertRecord, decode, encode
from domain.events.clock_ticks import ClockTick
from domain.identifiers import partition_of
from domain.journal import decode as decode_journal
from domain.journal import read
from domain.settings import Settings
from fundwatch.cli import main
from fundwatch.environment import environ_of
from fundwatch.judging import FileJudge, canonical_order
from fundwatch.replaying import Player
from fundwatch.services.processes import is_alive, send
from fundwatch.services.runtime import read_runtime
from rules.catalogue import RULES
from rules.rule_set_text import rule_set_from
from rules.thresholds import rule_set_of
from tests.streams.counties import COUNTIES, in_each
from tests.streams.test_rule_sets import HASTY
from tests.streams.worker_process import committed
from tests.waiting import until

pytestmark = pytest.mark.broker

FIRST, CHANGE, LAST = date(2019, 1, 1), date(2019, 3, 1), date(2019, 6, 1)
# Cash before and after the change, and money that is idle for the new rule set soon after it.
STORY = in_each(
    """
region REGION xinjiang opened 2019-01-01
2019-01-10  quota.received    Q1  yuan=200,000.00
2019-01-10  quota.allocated   A1  quota_id=Q1 yuan=200,000.00 target_kind=project is_pending=false project_id=P1
2019-01-10  quota.allocated   A2  quota_id=Q1 yuan=100,000.00 target_kind=project is_pending=false project_id=P2
2019-02-01  payment.recorded  Z1  line_id=A1 yuan=50,000.00 settlement_method=cash
2019-04-15  payment.recorded  Z2  line_id=A1 yuan=50,000.00 settlement_method=cash
""",
    "cash_withdrawal",
)
BEFORE = [line for line in STORY if msgspec.json.decode(line)["recorded_at"] < CHANGE.isoformat()]
AFTER = STORY[len(BEFORE) :]


async def kill(settings: Settings) -> None:
    """`kill -9` of the worker that runs; its supervisor brings it back."""
    worker = read_runtime(settings.folder).parts["worker-1"].process
    assert worker is not None
    send(worker, signal.SIGKILL)
    await happened(lambda: not is_alive(worker), "the worker is gone")
    await happened(lambda: read_runtime(settings.folder).parts["worker-1"].process not in (None, worker), "it is back")


async def happened(look: Callable[[], bool], what: str) -> None:
    """While others go on; looked at so often that what comes next meets the moment."""
    await asyncio.to_thread(until, look, what, every_s=0.01)


def ordered(settings: Settings, *arguments: str) -> None:
    """A command about rule sets, in a process that knows this system."""
    done = CliRunner().invoke(main, ["rules", *arguments], env=environ_of(settings))
    assert done.exit_code == 0, done.output


def versions(settings: Settings) -> dict[int, list[tuple[int, str]]]:
    """By partition what each tick in the journal names, with its position."""
    found: dict[int, list[tuple[int, str]]] = {number: [] for number in range(settings.partitions)}
    for record in committed(settings, "journal"):
        position, event = read(record.value)
        if event.type == "clock.tick":
            found[record.partition].append((position, cast("ClockTick", event.body).reference_version))
    return found


def told(settings: Settings) -> list[AlertRecord]:
    """All alert records, without the wall clock."""
    records = [decode(record.value) for record in committed(settings, "alerts")]
    return canonical_order(msgspec.structs.replace(record, emitted_at="") for record in records)


def judged_again(settings: Settings) -> list[AlertRecord]:
    """What a file gives that holds what the journal holds, in the journal's order."""
    days: dict[str, list[bytes]] = {}
    for record in committed(settings, "journal"):
        _, event = read(record.value)
        if event.type != "clock.tick":
            days.setdefault(event.recorded_at, []).append(bytes(decode_journal(record.value).event))
    judge = FileJudge(
        RULES,
        rule_set_of(RULES),
        emitted_at="",
        partitions=settings.partitions,
        changes={CHANGE: rule_set_from(HASTY, RULES)},
    )
    return list(judge.run([line for day in sorted(days) for line in days[day]], FIRST, LAST))


@pytest.mark.parametrize("kills", [0, 4])
def test_a_threshold_changes_at_one_place_of_every_journal(running: Settings, tmp_path: Path, kills: int) -> None:
    """Published, approved and named by a tick, with the worker killed between each of these, or never restarted.

    Before that tick all is judged by the old values, from it on by the new ones, and the journal judged again gives
    the same bytes.
    """
    path = tmp_path / "hasty.toml"
    path.write_text('version = "hasty"\nauthor = "li"\nbasis = "b"\n[rules.funds_idle]\nyellow_after_days = 30\n')
    killed = kill if kills else _nothing

    async def play() -> None:
        async with Player(running, "builtin-1").opened() as player:
            await player.play(BEFORE, FIRST, CHANGE - timedelta(days=1))
        await asyncio.to_thread(ordered, running, "publish", str(path), "--by", "li")
        await killed(running)
        await asyncio.to_thread(ordered, running, "approve", "hasty", "--by", "zhao")
        await killed(running)
        async with Player(running, "builtin-1", {CHANGE: "hasty"}).opened() as player:
            ticks = len(committed(running, "clock.ticks"))
            playing = asyncio.create_task(player.play(AFTER, CHANGE, LAST))
            await happened(lambda: len(committed(running, "clock.ticks")) > ticks, "a tick is sent")
            await killed(running)  # the tick is sent: perhaps journaled, perhaps judged
            await happened(
                lambda: any(each.rule_set_version == "hasty" for each in told(running)), "one is judged by it"
            )
            await killed(running)
            await playing

    asyncio.run(play())
    assert read_runtime(running.folder).parts["worker-1"].restarts == kills
    changed = {}
    for partition, named in versions(running).items():
        old, new = (CHANGE - FIRST).days, (LAST - CHANGE).days + 1
        assert [version for _, version in named] == ["builtin-1"] * old + ["hasty"] * new
        changed[partition] = named[old][0]
    found = told(running)
    assert {partition_of(record.region.encode(), running.partitions) for record in found} == set(changed)
    assert {record.region for record in found} == set(COUNTIES)
    are_new = [record.position.offset >= changed[record.position.partition] for record in found]
    assert [record.rule_set_version == "hasty" for record in found] == are_new
    assert {record.rule_set_version for record in found} == {"builtin-1", "hasty"}
    assert {record.rule_set_version for record in found if record.rule_id == "cash_withdrawal"} == {
        "builtin-1",
        "hasty",
    }
    assert list(map(encode, found)) == list(map(encode, judged_again(running)))


async def _nothing(settings: Settings) -> None:
    """Nobody is killed."""
