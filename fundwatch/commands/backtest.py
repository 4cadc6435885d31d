"""`fundwatch backtest`: what another rule set would have said of a history."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

import click

from fundwatch.backtest_report import as_html, as_json, as_table
from fundwatch.backtesting import History, backtest
from fundwatch.commands.journal_options import journal_options, rules_and_days
from fundwatch.environment import configured
from fundwatch.rule_set_files import read_content
from rules.catalogue import RULES
from rules.rule_set_text import Content, rule_set_from
from rules.thresholds import RuleSetRefused

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("backtest")
@journal_options
@click.option("--rule-set", "after", type=_FILE, required=True, help="The rule set that is tried.")
@click.option("--against", "before", type=_FILE, help="The rule set it is compared with; else the catalogue's values.")
@click.option("--as", "form", type=click.Choice(("table", "json", "html")), default="table", show_default=True)
def backtest_(  # noqa: PLR0917 - click passes them by name
    events: Path, first: datetime, last: datetime, rules: str, after: Path, before: Path | None, form: str
) -> None:
    """Judge EVENTS (one wire event per line) by two rule sets and print the alerts in which these differ.

    Exit code 0 whether or not there is a difference; progress goes to stderr.
    """
    _, first_day, last_day = rules_and_days(rules, first, last)
    names = tuple(filter(None, (name.strip() for name in rules.split(","))))
    history = History(events, first_day, last_day, names, configured().partitions)
    found = backtest(history, None if before is None else _checked(before), _checked(after), _tell)
    if form == "json":
        click.echo(as_json(found))
    elif form == "html":
        click.echo(as_html(found, f"{before or 'builtin-1'} → {after}"), nl=False)
    else:
        click.echo(as_table(found))


def _checked(path: Path) -> Content:
    try:
        content = read_content(path)
        rule_set_from(content, RULES)
    except (OSError, UnicodeDecodeError, RuleSetRefused) as error:
        raise click.UsageError(f"{path}: {error}") from error
    return content


def _tell(share: float) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r{share:4.0%}", err=True, nl=share >= 1)
