"""What commands on a history are asked alike: a file of events or the journal, the days of its ticks, and the rules."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from domain.calendar import uncovered_years
from domain.events import types
from domain.settings import names_in
from rules.catalogue import RULES
from rules.selection import UnknownRule, chosen_rules


class _Day(click.DateTime):
    """A day of the contract's calendar: of no other is there a tick, nor are its working days known."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """See click's own: midnight of the day."""
        moment = super().convert(value, param, ctx)
        if not types.DAY.accepts(moment.date().isoformat()):
            self.fail(f"{value!r} is not {types.DAY.expected}", param, ctx)
        return moment


DAY = _Day(formats=["%Y-%m-%d"])
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


def journal_options(command: Callable[..., None]) -> Callable[..., None]:
    """The argument EVENTS and the options --from, --to and --rules."""
    for add in (
        click.option(
            "--rules", default="", help="Comma-separated rule ids: judge only these, also those off by default."
        ),
        click.option("--to", "last", type=DAY, required=True, help="Day of the last daily tick."),
        click.option("--from", "first", type=DAY, required=True, help="Day of the first daily tick."),
        click.argument("events", type=FILE),
    ):
        command = add(command)
    return command


def rules_and_days(rules: str, first: datetime, last: datetime) -> tuple[tuple[str, ...], date, date]:
    """What the options say: names of rules, first and last day. Raises UsageError.

    Years whose working days are not known are told on stderr.
    """
    names = known_rules(rules)
    known_days(first.date(), last.date())
    return names, first.date(), last.date()


def known_rules(rules: str) -> tuple[str, ...]:
    """The names in a comma-separated list, all of rules that there are; an empty text: all rules. Raises UsageError."""
    names = names_in(rules)
    if rules and not names:
        raise click.UsageError(f"--rules: {rules!r} names no rule; leave it out for all of them")
    try:
        chosen_rules(RULES, names)
    except UnknownRule as error:
        raise click.UsageError(str(error)) from None
    return names


def known_days(first: date | None, last: date | None) -> None:
    """Refuse days in the wrong order, and tell of years whose working days are not known. Raises UsageError."""
    if first is None or last is None:
        return
    if last < first:
        raise click.UsageError("--to is before --from")
    if years := uncovered_years(first, last):
        named = ", ".join(map(str, years))
        click.echo(f"no statutory calendar of {named}: Monday to Friday count as working days", err=True)
