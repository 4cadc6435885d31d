"""`fundwatch judge`: judge a file of wire events in memory, for people, tests and backtests."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import BinaryIO

import click
import msgspec
from rich import progress
from rich.console import Console

from alerts.alert import encode
from domain.ticks import moment_text
from fundwatch.commands.journal_options import journal_options, rules_and_days
from fundwatch.environment import configured
from fundwatch.figures_wanted import FiguresRefused, FiguresWanted, wanted_of, with_cuts
from fundwatch.journal_file import without_mark
from fundwatch.judging import FileJudge, refusal_text
from fundwatch.rule_set_files import RuleSetFile, RuleSetFrom, in_order
from fundwatch.scratch import scratch_for
from rules.catalogue import RULES
from rules.cuts import CUTS
from rules.selection import chosen_rules


@click.command()
@journal_options
@click.option(
    "--figures",
    multiple=True,
    metavar="DATE:REGION[+REGION...]:YEAR[:now|old[@DATE]]",
    help="Print the figures of these regions as of the end of DATE, a day judged, too; may be given again and again.",
)
@click.option("--cut", "cuts", multiple=True, type=click.Choice(CUTS), help="Print the parts of these figures, too.")
@click.option(
    "--rule-set",
    "rule_sets",
    type=RuleSetFile(),
    multiple=True,
    help="Judge by this rule set, or from DATE on; may be given again and again.",
)
@click.option("--shadow", type=click.File("wb"), help="Write here what rules on trial (mode shadow) would have said.")
def judge(  # noqa: PLR0917 - click passes them by name
    events: Path,
    first: datetime,
    last: datetime,
    rules: str,
    figures: tuple[str, ...],
    cuts: tuple[str, ...],
    rule_sets: tuple[RuleSetFrom, ...],
    shadow: BinaryIO | None,
) -> None:
    """Judge EVENTS (one wire event per line) and print the alert records as JSON Lines.

    Figures of a day are a record of their own after the alerts of that day.

    Refused events are counted on stderr with their line, code and field; they are in no figure.
    """
    names, first_day, last_day = rules_and_days(rules, first, last)
    if cuts and not figures:
        raise click.UsageError("--cut prints parts of figures: it needs --figures")
    wanted = tuple(with_cuts(_figures_of(each, first_day, last_day), cuts) for each in figures)
    rule_set, changes = in_order(rule_sets, last_day)
    out = sys.stdout.buffer
    with scratch_for(events) as scratch, _shown(events) as lines:
        judging = FileJudge(
            chosen_rules(RULES, names),
            rule_set,
            emitted_at=moment_text(time.time_ns() // 1_000_000),
            partitions=configured().partitions,
            figures=wanted,
            changes=changes,
            scratch=scratch,
        )
        for record in judging.run(lines, first_day, last_day):
            _write_figures(judging, out)
            out.write(encode(record) + b"\n")
    _write_figures(judging, out)
    out.flush()
    if shadow is not None:
        shadow.writelines(encode(record) + b"\n" for record in judging.shadow)
    for each in judging.failures():
        click.echo(each.sentence, err=True)
    for number, refused in judging.dead_letters:
        click.echo(refusal_text(number, refused.code, refused.field, refused.expected), err=True)


def _figures_of(text: str, first: date, last: date) -> FiguresWanted:
    """One --figures; of a day that is not judged there are none. Raises UsageError."""
    try:
        wanted = wanted_of(text)
    except FiguresRefused as error:
        raise click.UsageError(f"--figures: {error}") from None
    if not first <= wanted.day <= last:
        raise click.UsageError(f"--figures: {text!r} is of a day outside --from {first} and --to {last}")
    return wanted


@contextmanager
def _shown(events: Path) -> Iterator[Iterable[bytes]]:
    """The file's lines; how far they are read is shown on a terminal that does not show the alerts themselves."""
    console = Console(stderr=True)
    is_off = not console.is_terminal or sys.stdout.isatty()
    with progress.open(events, "rb", description="judging", console=console, transient=True, disable=is_off) as lines:
        yield without_mark(lines)


def _write_figures(judging: FileJudge, out: BinaryIO) -> None:
    out.writelines(msgspec.json.encode(record) + b"\n" for record in judging.figured)
    judging.figured.clear()
