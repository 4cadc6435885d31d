"""`fundwatch judge`: judge a file of wire events in memory, for people, tests and backtests."""

from __future__ import annotations

import sys
import time
from datetime import datetime
from pathlib import Path

import click

from alerts.alert import encode
from domain.ticks import moment_text
from fundwatch.judging import FileJudge
from rules.catalogue import RULES
from rules.selection import UnknownRule, chosen_rules
from rules.thresholds import rule_set_of

DAY = click.DateTime(formats=["%Y-%m-%d"])


@click.command()
@click.argument("events", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--from", "first", type=DAY, required=True, help="Day of the first daily tick.")
@click.option("--to", "last", type=DAY, required=True, help="Day of the last daily tick.")
@click.option("--rules", default="", help="Comma-separated rule ids: judge only these, also those off by default.")
def judge(events: Path, first: datetime, last: datetime, rules: str) -> None:
    """Judge EVENTS (one wire event per line) and print the alert records as JSON Lines.

    Refused events are counted on stderr with their line, code and field; they are in no figure.
    """
    try:
        chosen = chosen_rules(RULES, rules.split(","))
    except UnknownRule as error:
        raise click.UsageError(str(error)) from None
    if last < first:
        raise click.UsageError("--to is before --from")
    judging = FileJudge(chosen, rule_set_of(RULES), emitted_at=moment_text(time.time_ns() // 1_000_000))
    out = sys.stdout.buffer
    with events.open("rb") as lines:
        for record in judging.run(lines, first.date(), last.date()):
            out.write(encode(record) + b"\n")
    out.flush()
    for number, refused in judging.dead_letters:
        click.echo(f"line {number}: {refused.code}: {refused.field or 'record'}: expected {refused.expected}", err=True)
