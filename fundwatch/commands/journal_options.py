"""What `judge` and `replay` are asked alike: a file of events, the days of its ticks, and the rules to judge."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import click

from domain.calendar import uncovered_years
from rules.catalogue import RULES
from rules.rule import Rule
from rules.selection import UnknownRule, chosen_rules

DAY = click.DateTime(formats=["%Y-%m-%d"])


def journal_options(command: Callable[..., None]) -> Callable[..., None]:
    """The argument EVENTS and the options --from, --to and --rules."""
    for add in (
        click.option(
            "--rules", default="", help="Comma-separated rule ids: judge only these, also those off by default."
        ),
        click.option("--to", "last", type=DAY, required=True, help="Day of the last daily tick."),
        click.option("--from", "first", type=DAY, required=True, help="Day of the first daily tick."),
        click.argument("events", type=click.Path(exists=True, dir_okay=False, path_type=Path)),
    ):
        command = add(command)
    return command


def rules_and_days(rules: str, first: datetime, last: datetime) -> tuple[tuple[Rule, ...], date, date]:
    """What the options say. Years whose working days are not known are told on stderr. Raises UsageError."""
    chosen = known_rules(rules)
    known_days(first.date(), last.date())
    return chosen, first.date(), last.date()


def known_rules(rules: str) -> tuple[Rule, ...]:
    """The rules that are named, comma-separated; none: all. Raises UsageError."""
    try:
        return chosen_rules(RULES, rules.split(","))
    except UnknownRule as error:
        raise click.UsageError(str(error)) from None


def known_days(first: date | None, last: date | None) -> None:
    """Refuse days in the wrong order, and tell of years whose working days are not known. Raises UsageError."""
    if first is None or last is None:
        return
    if last < first:
        raise click.UsageError("--to is before --from")
    if years := uncovered_years(first, last):
        named = ", ".join(map(str, years))
        click.echo(f"no statutory calendar of {named}: Monday to Friday count as working days", err=True)
