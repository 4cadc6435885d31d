"""`fundwatch demo`: play a year of two prefectures through the whole system and see whether it says what it must.

It runs in a system of its own and begins anew every time; one with other data is left alone (`demonstration.start`).
"""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from alerts.routing import SECTION_ZH, Section
from connectors import broker
from connectors.demo_county.truth import RULES, Truth
from connectors.demo_county.year import SEED, DemoYear, demo_year, write_files
from domain.settings import Settings
from fundwatch import demonstration
from fundwatch.commands import feed
from fundwatch.demonstration import Outcome
from fundwatch.feed_client import FeedRefused
from fundwatch.replaying import Answer, Order, Player, ReplayStuckError
from fundwatch.services.part import ServiceError
from fundwatch.status import status
from rules.catalogue import RULES as CATALOGUE
from rules.selection import chosen_rules
from rules.thresholds import rule_set_of

_LOOK_S = 0.2
_LINE_EVERY_S = 10.0


@click.command()
@click.option("--seed", default=SEED, show_default=True, help="Another year of the same kind.")
@click.option("--write", "folder", type=click.Path(file_okay=False, path_type=Path), help="Write the data and stop.")
def demo(seed: int, folder: Path | None) -> None:
    """Play a year of two prefectures through the whole system, and compare its alerts with the ground truth.

    Exit code 0: equal; 1: different, or the system did not start. The services stay up; `fundwatch down --all` stops
    them. On a terminal the live feed follows until Ctrl-C.
    """
    chosen_rules(CATALOGUE, RULES)  # named rules that are gone stop the demonstration by name
    year = demo_year(seed)
    if folder is not None:
        write_files(year, folder)
        click.echo(f"{year.truth.events_in} events and the ground truth are in {folder}")
        return
    console = Console(highlight=False)
    began_s = time.monotonic()
    found: Outcome | None = None
    try:
        settings = demonstration.start(lambda line: console.print(line, markup=False))
        data = demonstration.keep_data(year, settings, write_files)
        with _live_feed(settings, console) as following:
            answer = asyncio.run(_play(settings, year, console))
            found = demonstration.outcome(answer, year.truth)
            _show_places(settings, data, console)
            _show_outcome(found, year.truth, console, time.monotonic() - began_s)
            if following is not None and found.is_equal:
                console.print("\n实时预警 (live feed; Ctrl-C ends it, the services stay up)", style="bold")
                following.join()
    except (ServiceError, broker.BrokerRefusedError, ReplayStuckError) as error:
        raise click.ClickException(str(error)) from error
    except KeyboardInterrupt:
        console.print()
    sys.exit(0 if found is not None and found.is_equal else 1)


@contextmanager
def _live_feed(settings: Settings, console: Console) -> Iterator[threading.Thread | None]:
    """Show the feed while the year is played, and after it; only where somebody looks."""
    if not console.is_terminal:
        yield None
        return
    # A daemon: it waits in a socket read, and the end of the program is its end.
    thread = threading.Thread(target=_follow, args=(settings, console), daemon=True)
    thread.start()
    yield thread


def _follow(settings: Settings, console: Console) -> None:
    try:
        feed.show(settings, console=console)
    except (FeedRefused, click.ClickException) as error:
        console.print(f"live feed: {error}", style="red", markup=False)


async def _play(settings: Settings, year: DemoYear, console: Console) -> Answer:
    async with Player(settings, rule_set_of(CATALOGUE).version).opened() as player:
        playing = asyncio.create_task(player.play_steps(demonstration.steps(year), Order.DAY))
        shown = asyncio.create_task(_show_progress(player, year.truth.events_in, console))
        try:
            return await playing
        finally:
            shown.cancel()
            await asyncio.gather(shown, return_exceptions=True)


async def _show_progress(player: Player, events: int, console: Console) -> None:
    """A bar on a terminal, a line every ten seconds otherwise."""
    if not console.is_terminal:
        while True:
            console.print(f"{player.day or 'beginning'}: {player.passed} of {events} events", markup=False)
            await asyncio.sleep(_LINE_EVERY_S)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bars:
        task = bars.add_task("", total=events)
        while True:
            bars.update(task, completed=player.passed, description=f"{player.day or ''}")
            await asyncio.sleep(_LOOK_S)


def _show_places(settings: Settings, data: Path, console: Console) -> None:
    found = status(settings)
    named = f"FUNDWATCH_NAMESPACE={settings.namespace} " if settings.namespace else ""
    table = Table.grid(padding=(0, 2))
    table.add_row("kafka", found.kafka)
    table.add_row("redis", found.redis)
    table.add_row("feed", f"{found.feed}/api/v1/feed   (a token: {named}fundwatch feed token --help)")
    for process in found.processes:
        if port := process.ports.get("http"):
            table.add_row(f"metrics of {process.name}", f"http://127.0.0.1:{port}/metrics")
    table.add_row("logs", f"{settings.folder}/logs")
    table.add_row("events and truth", str(data))
    table.add_row("look", f"{named}fundwatch feed --section treasury --region 6527")
    table.add_row("", f"{named}fundwatch status    {named}fundwatch queues list")
    table.add_row("stop", "fundwatch down --all")
    console.print()
    console.print(table)


def _show_outcome(found: Outcome, truth: Truth, console: Console, took_s: float) -> None:
    counts = Table("", "found", "truth", title="events")
    counts.add_row("sent", str(truth.events_in), str(truth.events_in))
    counts.add_row("journaled", str(found.journaled), str(truth.accepted))
    dead = sum(found.dead_letters.values())
    redelivered = truth.events_in - found.journaled - dead
    counts.add_row("sent again, dropped", str(redelivered), str(truth.redelivered))
    for code in sorted(found.dead_letters.keys() | truth.dead_letters.keys()):
        counts.add_row(
            f"dead letters {code}", str(found.dead_letters.get(code, 0)), str(truth.dead_letters.get(code, 0))
        )
    sections = Table("section", "", "status", "found", "truth", title="alerts")
    expected = truth.by_section()
    for section in sorted(found.sections.keys() | expected.keys()):
        there, wanted = found.sections.get(section, {}), expected.get(section, {})
        for state in sorted(there.keys() | wanted.keys()):
            numbers = (str(there.get(state, 0)), str(wanted.get(state, 0)))
            sections.add_row(section, SECTION_ZH[Section(section)], state, *numbers)
    console.print(counts, sections)
    for line in found.differences:
        console.print(line, style="red", markup=False)
    verdict = "equal" if found.is_equal else f"DIFFERENT in {len(found.differences)} places"
    console.print(f"ground truth: {verdict} ({len(truth.alerts)} alerts expected, {took_s:.0f} s)", style="bold")
