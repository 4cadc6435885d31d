"""`fundwatch explain`: why an alert was raised, by which records and numbers, and what would have had to differ."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

import click
from aiokafka.errors import KafkaError

from connectors import broker
from domain.findings import Parameter
from fundwatch.commands.journal_options import DAY, FILE, rules_and_days
from fundwatch.environment import configured
from fundwatch.explain.file_trial import History, file_trial
from fundwatch.explain.live_trial import live_trial
from fundwatch.explain.masking import masked, masked_body
from fundwatch.explain.trial import AlertUnknown, Explained, Link, Said, Trial, explained, said
from fundwatch.history.reader import JournalUnreadableError
from fundwatch.kafka_needed import need_history
from fundwatch.rule_set_files import RuleSetFile, RuleSetFrom, in_order
from rules.thresholds import RuleSetUnknown
from streams.connection import TopicUnfitError

_ALERT_ID = re.compile(r"[0-9a-f]{1,32}").fullmatch


def _alert_id(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    if not _ALERT_ID(value):
        raise click.BadParameter(f"{value!r} is no id of an alert: 32 digits and letters a to f, or the first of them")
    return value


@click.command()
@click.argument("alert", callback=_alert_id)
@click.argument("events", type=FILE, required=False)
@click.option("--from", "first", type=DAY, help="With a file: day of the first daily tick.")
@click.option("--to", "last", type=DAY, help="With a file: day of the last daily tick.")
@click.option("--rules", default="", help="With a file: comma-separated rule ids, judge only these.")
@click.option(
    "--rule-set", "rule_sets", type=RuleSetFile(), multiple=True, help="With a file: the rule set, or from DATE on."
)
def explain(  # noqa: PLR0917 - click passes them by name
    alert: str,
    events: Path | None,
    first: datetime | None,
    last: datetime | None,
    rules: str,
    rule_sets: tuple[RuleSetFrom, ...],
) -> None:
    """Show why ALERT (its id, or the beginning of it) is there, and judge it again from what it carries.

    It is an alert of the running system, or of EVENTS (one wire event per line) with --from and --to. Exit code 1 where
    the alert does not come out again.
    """
    if events is None and (first or last or rules or rule_sets):
        raise click.UsageError("--from, --to, --rules and --rule-set are for a file of events; none is named")
    try:
        found = explained(_live(alert) if events is None else _of_file(alert, events, first, last, rules, rule_sets))
    except (
        AlertUnknown,
        JournalUnreadableError,
        RuleSetUnknown,
        TopicUnfitError,
        KafkaError,
        broker.BrokerRefusedError,
    ) as error:
        raise click.ClickException(str(error)) from error
    for line in _lines(found):
        click.echo(line)
    if not found.is_confirmed:
        raise click.exceptions.Exit(1)


def _live(alert: str) -> Trial:
    settings = configured()
    need_history(settings)
    return live_trial(settings, alert)


def _of_file(  # noqa: PLR0917 - as the command has them
    alert: str,
    events: Path,
    first: datetime | None,
    last: datetime | None,
    rules: str,
    rule_sets: tuple[RuleSetFrom, ...],
) -> Trial:
    if first is None or last is None:
        raise click.UsageError("--from and --to are needed with a file")
    names, first_day, last_day = rules_and_days(rules, first, last)
    history = History(events, first_day, last_day, names, configured().partitions, *in_order(rule_sets, last_day))
    return file_trial(history, alert)


def _lines(found: Explained) -> Iterator[str]:
    last = found.records[-1]
    yield f"{last.alert_id}: {masked(last.subject.title)} ({masked(last.subject.key)})"
    yield f"rule {last.rule_id}, version {last.rule_version}, by rule set {last.rule_set_version}"
    yield from (f"  {masked(clause)}" for clause in last.basis)
    yield "what happened:"
    for record in found.records:
        yield f"  {record.log_on} {record.transition} {record.severity}, {record.reason}: {masked(record.message_zh)}"
        yield f"    {masked(record.message_en)}"
        yield f"    {_measured(said(record))}; journal {record.position.partition}, record {record.position.offset}"
    yield "judged by:"
    yield from (f"  {_parameter(name, parameter)}" for name, parameter in last.thresholds.items())
    yield "rests on:"
    for link in found.chain:
        yield from _link_lines(link, found)
    yield from _verdict(found)


def _measured(each: Said) -> str:
    limit = "no limit" if each.limit is None else f"limit {masked(str(each.limit))}"
    away = ""
    if isinstance(each.observed, int) and isinstance(each.limit, int) and each.observed != each.limit:
        away = f", {abs(each.observed - each.limit):,} {'above' if each.observed > each.limit else 'below'} it"
    return f"observed {masked(str(each.observed))}, {limit}{away}"


def _parameter(name: str, parameter: Parameter) -> str:
    value = ", ".join(parameter.value) if isinstance(parameter.value, tuple) else parameter.value
    return f"{name} = {value} ({parameter.basis})"


def _link_lines(link: Link, found: Explained) -> Iterator[str]:
    place = f"journal {link.proof.position.partition}, record {link.proof.position.offset}"
    if link.event is None:
        yield f"  {link.proof.event_id} ({link.proof.role}, {place}): not found"
    else:
        event = link.event
        yield f"  {event.occurred_on} {event.type} {event.event_id} ({link.proof.role}, from {event.source}, {place})"
        yield f"    {masked_body(event.body)}"
    if link.without is None:
        yield "    without it: not tried"
        return
    is_same = _course(link.without) == _course(found.again)
    yield f"    without it: {'the same' if is_same else _course(link.without)}"


def _verdict(found: Explained) -> Iterator[str]:
    if found.is_confirmed:
        yield "judged anew from what the records carry: their numbers come out again"
        return
    yield "judged anew from what the records carry: DIFFERENT, they do NOT come out again:"
    for each in found.again or ():
        yield f"  {each.log_on} {each.transition} {each.severity}: {_measured(each)}"
    if not found.again:
        yield "  no alert"


def _course(steps: Sequence[Said]) -> str:
    return ", ".join(f"{step.log_on} {step.transition} {step.severity}" for step in steps) or "no alert"
