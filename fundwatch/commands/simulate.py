"""`fundwatch simulate`: a province of realistic money as wire events, with the ground truth beside it."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from datetime import date
from itertools import chain, count
from pathlib import Path
from random import Random
from typing import BinaryIO

import click
import msgspec

from connectors.broker import KafkaWire
from connectors.publisher import Message, Outcome, Publisher, PublishError, Receipt
from connectors.simulator.book import Sent
from connectors.simulator.disorder import disordered
from connectors.simulator.province import Province
from domain.settings import Settings
from domain.ticks import moment_text
from fundwatch.environment import configured
from fundwatch.journal_file import DayBegins, FileEvent
from fundwatch.kafka_needed import need_answering_kafka
from fundwatch.playability import why_not_here
from fundwatch.replaying import Answer, Order, Player, ReplayStuckError
from fundwatch.services.runtime import read_runtime
from rules.catalogue import RULES
from streams.rule_sets import read_book

# With so many people in each county's monthly lists, 100 regions have more than 2,000,000 events in two years.
HOUSEHOLDS = 1_550
# From 2019 on, as far as the calendar of working days reaches.
_YEARS_MAX = 8
# Beyond it the ground truth, which allows alerts to be late by as much, would say nothing.
_DISORDER_DAYS_MAX = 30
_PATH = click.Path(dir_okay=False, writable=True, path_type=Path)
_PERCENT = click.IntRange(0, 100)

Days = Iterable[tuple[date, list[Sent]]]


@click.command()
@click.option(
    "--regions",
    type=click.IntRange(1),
    default=6,
    show_default=True,
    help="How many; cities of both profiles with their counties.",
)
@click.option("--years", type=click.IntRange(1, _YEARS_MAX), default=2, show_default=True, help="How many, from 2019.")
@click.option("--seed", default=1, show_default=True, help="Another province of the same kind.")
@click.option("--out", type=_PATH, help="Write the events to this file instead of stdout, in journal order.")
@click.option("--truth", type=_PATH, help="Write what was planted, and each alert that must come of it, as JSON Lines.")
@click.option("--kafka", "to_kafka", is_flag=True, help="Send the events to the running system.")
@click.option(
    "--rate", type=click.IntRange(0), default=0, help="With --kafka: events a second; 0 = as fast as they go."
)
@click.option(
    "--households",
    type=click.IntRange(0),
    default=HOUSEHOLDS,
    show_default=True,
    help="People in a county's lists: the volume.",
)
@click.option(
    "--per-rule",
    type=click.IntRange(0),
    help="Faults and near misses of each rule.  [default: a quarter of regions x years]",
)
@click.option(
    "--disorder-days",
    type=click.IntRange(0, _DISORDER_DAYS_MAX),
    default=0,
    help="Let one record in four arrive up to so many days late.",
)
@click.option("--redelivered-percent", type=_PERCENT, default=0, help="Send so many of 100 records twice.")
@click.option(
    "--corrected-percent", type=_PERCENT, default=0, help="Have so many of 100 ordinary records set right later."
)
def simulate(  # noqa: PLR0917  # click passes each option by name
    regions: int,
    years: int,
    seed: int,
    out: Path | None,
    truth: Path | None,
    to_kafka: bool,
    rate: int,
    households: int,
    per_rule: int | None,
    disorder_days: int,
    redelivered_percent: int,
    corrected_percent: int,
) -> None:
    """Simulate a province: ordinary money, planted violations and near misses of the rules, and the truth about them.

    Disorder, redelivery and correction change nothing of what must be open in the end. A system with a manual clock
    (`fundwatch up --clock manual`) lives through the province's days; one that follows the wall clock gets the events
    alone, and its alerts bear today's date.
    """
    if to_kafka and out is not None:
        raise click.UsageError("--out and --kafka: the events go to a file or to the system, not to both")
    if rate and not to_kafka:
        raise click.UsageError("--rate is for --kafka")
    try:
        province = Province(
            regions, years, seed, households=households, per_rule=per_rule, corrected_percent=corrected_percent
        )
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    if truth is not None:
        write_truth(province, truth)
    days: Days = province.days()
    if disorder_days or redelivered_percent:
        random = Random(seed)  # noqa: S311  # invented data, no secret
        how = {"days_late": disorder_days, "redelivered_percent": redelivered_percent}
        days = disordered(days, province.last, random, **how)
    sent_count = _send(days, province, rate) if to_kafka else _write(days, out)
    click.echo(f"{sent_count} events, {len(province.planted)} scenes, {len(province.expected)} alert records", err=True)


def write_truth(province: Province, path: Path) -> None:
    """One line for each scene, then one for each alert record, told apart by ``kind``."""
    planted = ({"kind": "planted", **msgspec.to_builtins(each)} for each in province.planted)
    expected = ({"kind": "expected", **msgspec.to_builtins(each)} for each in province.expected)
    with path.open("wb") as file:
        file.writelines(msgspec.json.encode(each) + b"\n" for each in chain(planted, expected))


def _write(days: Days, out: Path | None) -> int:
    with ExitStack() as stack:
        file: BinaryIO = sys.stdout.buffer if out is None else stack.enter_context(out.open("wb"))
        written = 0
        for sent in _records(days):
            file.write(sent.value + b"\n")
            written += 1
        file.flush()
    return written


def _records(days: Days) -> Iterator[Sent]:
    return chain.from_iterable(records for _, records in days)


def _send(days: Days, province: Province, rate: int) -> int:
    """To the running system, at most ``rate`` a second."""
    settings = configured()
    if not settings.kafka:
        raise click.UsageError("no Kafka: run `fundwatch up --clock manual` first, or set FUNDWATCH_KAFKA")
    if read_runtime(settings.folder).clock == "manual":
        return _play(settings, days, province, rate)
    return _publish(settings, days, rate)


def _play(settings: Settings, days: Days, province: Province, rate: int) -> int:
    """Day by day, with the ticks that nobody else sends."""
    need_answering_kafka(settings)
    reason = why_not_here(settings, province.first, "", ())
    if reason:
        raise click.ClickException(f"{reason}: a province is played into a system that waits for its first day")
    try:
        return asyncio.run(_play_days(settings, days, rate)).journaled
    except ReplayStuckError as error:
        raise click.ClickException(str(error)) from error


async def _play_days(settings: Settings, days: Days, rate: int) -> Answer:
    book = await read_book(settings, RULES)
    version = book.version_at(moment_text(time.time_ns() // 1_000_000))
    async with Player(settings, version, rate=rate).opened() as player:
        return await player.play_steps(steps_of(days), Order.TOGETHER)


def steps_of(days: Days) -> Iterator[FileEvent | DayBegins]:
    """Each day's tick, then what arrives on it."""
    numbers = count(1)
    for day, records in days:
        yield DayBegins(day)
        for sent in records:
            yield FileEvent(next(numbers), sent.topic, sent.key, sent.value)


def _publish(settings: Settings, days: Days, rate: int) -> int:
    """To the ingress topics alone. Sent again nothing doubles: intake knows the event ids."""
    lost: list[Receipt] = []
    try:
        publisher = Publisher(KafkaWire(settings), settings, lambda it: _keep_lost(it, lost))
        began_s, sent_count = time.monotonic(), 0
        for sent in _records(days):
            publisher.send(Message(sent.topic, sent.key, sent.value, sent_count))
            sent_count += 1
            if rate and (ahead_s := sent_count / rate - (time.monotonic() - began_s)) > 0:
                time.sleep(ahead_s)
        publisher.close()
    except PublishError as error:
        raise click.ClickException(str(error)) from error
    if lost:
        raise click.ClickException(f"{len(lost)} records were not acknowledged; run the same command again")
    return sent_count


def _keep_lost(receipt: Receipt, lost: list[Receipt]) -> None:
    if receipt.outcome is not Outcome.DELIVERED:
        lost.append(receipt)
