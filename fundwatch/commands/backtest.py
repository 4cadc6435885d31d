"""`fundwatch backtest`: what another rule set would have said of a history."""

from __future__ import annotations

import asyncio
import sys
import time
from concurrent.futures.process import BrokenProcessPool
from datetime import date, datetime
from pathlib import Path
from typing import Final

import click
from aiokafka.errors import KafkaError

from connectors import broker
from domain.settings import Settings
from domain.topics import ALERTS, ALERTS_SHADOW, JOURNAL
from fundwatch.backtest.file_journals import EventFile
from fundwatch.backtest.journals import Journals, journals_now
from fundwatch.backtest.judges import IN_FORCE, RECORDED, Side, in_force
from fundwatch.backtest.report import Headline, as_html, as_json, as_table, names_of
from fundwatch.backtest.running import PROCESSES_MAX, Asked, Done, Progress, backtest
from fundwatch.commands.journal_options import DAY, FILE, known_days, known_rules
from fundwatch.environment import configured
from fundwatch.history.reader import JournalUnreadableError
from fundwatch.kafka_needed import need_history
from fundwatch.rule_set_files import checked_content
from rules.catalogue import RULES
from rules.facts.telling import TOPICS
from rules.rule_set_record import Difference, differences
from rules.thresholds import BUILT_IN, RuleSetRefused, RuleSetUnknown
from streams.connection import TopicUnfitError
from streams.rule_set_book import RuleSetBook
from streams.rule_sets import read_book

# Where no terminal shows progress as it changes, a line this often says that something goes on.
_TELL_EVERY_S: Final = 10.0


@click.command("backtest")
@click.argument("events", type=FILE, required=False)
@click.option("--rule-set", "after", required=True, metavar="FILE|VERSION|in-force", help="The rule set that is tried.")
@click.option(
    "--against",
    "before",
    default=IN_FORCE,
    show_default=True,
    metavar="FILE|VERSION|in-force|recorded",
    help="What it is compared with; in-force: what each tick of the journal names; recorded: what the system has told.",
)
@click.option("--from", "first", type=DAY, help="Compare alerts from this day on; all before is judged, too.")
@click.option("--to", "last", type=DAY, help="Judge up to the end of this day.")
@click.option("--rules", default="", help="Comma-separated rule ids: judge only these, also those off by default.")
@click.option("--as", "form", type=click.Choice(("table", "json", "html")), default="table", show_default=True)
@click.option("--processes", type=click.IntRange(1), default=PROCESSES_MAX, show_default=True, help="At most so many.")
def backtest_(  # noqa: PLR0917 - click passes them by name
    events: Path | None,
    after: str,
    before: str,
    first: datetime | None,
    last: datetime | None,
    rules: str,
    form: str,
    processes: int,
) -> None:
    """Judge a history by two rule sets and print the alerts in which these differ.

    The history is the journal of the running system as far as it is there now, or EVENTS (one wire event per line; then
    --to is needed). Exit code 0 whether or not there is a difference; progress goes to stderr.
    """
    if after == RECORDED or (before == RECORDED and events is not None):
        raise click.UsageError("recorded is for --against, and of the running system only")
    since, until = None if first is None else first.date(), None if last is None else last.date()
    known_days(since, until)
    settings = configured()
    names = known_rules(rules or settings.rules)
    try:
        book = RuleSetBook(RULES) if events is not None and not _needs_book(before, after) else _book(settings)
        history = _history(settings, events, since, until)
        sides = _side(before, book), _side(after, book)
        asked = Asked(*sides, names, since, until, settings.partitions, processes)
        done = backtest(asked, history, _Teller().told)
    except (
        RuleSetRefused,
        RuleSetUnknown,
        JournalUnreadableError,
        TopicUnfitError,
        KafkaError,
        broker.BrokerRefusedError,
    ) as error:
        raise click.ClickException(str(error)) from error
    except BrokenProcessPool as error:
        raise click.ClickException(
            "a process of the backtest was ended from outside: is there too little memory?"
        ) from error
    except KeyboardInterrupt:
        click.echo("\nstopped; nothing was changed", err=True)
        sys.exit(130)
    _print(done, form, _headline(asked, done))
    for each in done.failures:
        click.echo(each.sentence, err=True)
    if done.refused:
        count = f"{done.refused:,} lines are refused, so nobody judged them"
        click.echo(f"{count}; the first: {done.first_refusal}", err=True)
    rate = done.records / max(done.took_s, 0.001)
    line_end = "\n" if sys.stderr.isatty() else ""
    how_often = "once" if done.sides == 1 else "twice"  # what the system has told is not judged again
    speed = f"{done.records:,} events judged {how_often} in {done.took_s:.1f} s: {rate:,.0f} events/s"
    click.echo(f"{line_end}{speed}", err=True)


def _needs_book(*names: str) -> bool:
    """Whether one of these is a version that only the running system knows."""
    return any(name not in (IN_FORCE, RECORDED, BUILT_IN) and not Path(name).is_file() for name in names)


def _book(settings: Settings) -> RuleSetBook:
    need_history(settings)
    return asyncio.run(read_book(settings, RULES))


def _history(settings: Settings, events: Path | None, since: date | None, until: date | None) -> Journals | EventFile:
    if events is None:
        return journals_now(settings, (JOURNAL, *TOPICS.values(), ALERTS, ALERTS_SHADOW))
    if until is None:
        raise click.UsageError("--to is needed with a file: the day of its last tick")
    return EventFile(events, since or until, until)


def _side(name: str, book: RuleSetBook) -> Side:
    """What is named: a file, a version, or what was in force."""
    if name == IN_FORCE:
        return in_force({version: book.records[version].content for version in book.rule_sets if version != BUILT_IN})
    if name == RECORDED:
        return Side(name)
    if Path(name).is_file():
        return Side(name, checked_content(Path(name)))
    if name == BUILT_IN:
        return Side(name)
    if name in book.refused:
        raise click.ClickException(f"rule set {name} cannot be used: {book.refused[name]}")
    if name not in book.records:
        known = ", ".join((BUILT_IN, *sorted(book.records)))
        raise click.ClickException(f"{name}: neither a file nor a rule set; there are {known}")
    return Side(name, book.records[name].content)


def _headline(asked: Asked, done: Done) -> Headline:
    before, after = asked.before, asked.after
    is_fixed = before.named is None and after.named is None and before.name != RECORDED
    values: list[Difference] = differences(before.content or {}, after.content or {}) if is_fixed else []
    since, until = ("" if day is None else day.isoformat() for day in (asked.since, asked.until))
    return Headline(
        before.name,
        after.name,
        since,
        until,
        done.records,
        values,
        names_of((*RULES, *before.customs(), *after.customs())),
    )


def _print(done: Done, form: str, headline: Headline) -> None:
    if form == "json":
        click.echo(as_json(done.comparison))
    elif form == "html":
        click.echo(as_html(done.comparison, headline), nl=False)
    else:
        click.echo(as_table(done.comparison))


class _Teller:
    """Tells progress on stderr: on a terminal in one line that changes, else a line now and then."""

    def __init__(self) -> None:
        self._began_s = self._told_s = time.monotonic()
        self._is_shown = sys.stderr.isatty()

    def told(self, progress: Progress) -> None:
        """What there is to say now."""
        now_s = time.monotonic()
        text = f"{min(progress.share, 1):4.0%}  {progress.records / max(now_s - self._began_s, 0.001):>9,.0f} events/s"
        if self._is_shown:
            click.echo(f"\r{text}", err=True, nl=False)
        elif now_s - self._told_s >= _TELL_EVERY_S:
            self._told_s = now_s
            click.echo(text, err=True)
