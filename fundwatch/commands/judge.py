"""`fundwatch judge`: judge a file of wire events in memory, for people, tests and backtests."""

from __future__ import annotations

import sys
import time
from datetime import datetime
from pathlib import Path

import click

from alerts.alert import encode
from domain.ticks import moment_text
from fundwatch.commands.journal_options import journal_options, rules_and_days
from fundwatch.environment import configured
from fundwatch.judging import FileJudge
from rules.catalogue import RULES
from rules.thresholds import rule_set_of


@click.command()
@journal_options
def judge(events: Path, first: datetime, last: datetime, rules: str) -> None:
    """Judge EVENTS (one wire event per line) and print the alert records as JSON Lines.

    Refused events are counted on stderr with their line, code and field; they are in no figure.
    """
    chosen, first_day, last_day = rules_and_days(rules, first, last)
    judging = FileJudge(
        chosen,
        rule_set_of(RULES),
        emitted_at=moment_text(time.time_ns() // 1_000_000),
        partitions=configured().partitions,
    )
    out = sys.stdout.buffer
    with events.open("rb") as lines:
        for record in judging.run(lines, first_day, last_day):
            out.write(encode(record) + b"\n")
    out.flush()
    for number, refused in judging.dead_letters:
        click.echo(f"line {number}: {refused.code}: {refused.field or 'record'}: expected {refused.expected}", err=True)
