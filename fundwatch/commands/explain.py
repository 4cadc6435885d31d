"""`fundwatch explain`: why an alert was raised, by which records and numbers, and what would have had to differ."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import click

from domain.findings import Parameter
from fundwatch.backtest.courses import Step
from fundwatch.commands.journal_options import journal_options, rules_and_days
from fundwatch.environment import configured
from fundwatch.explaining import AlertUnknown, Explained, History, Link, explained
from fundwatch.rule_set_files import RuleSetFile, RuleSetFrom, in_order


@click.command()
@journal_options
@click.option("--alert", "alert_id", required=True, help="The alert's id.")
@click.option("--rule-set", "rule_sets", type=RuleSetFile(), multiple=True, help="The rule set that it was raised by.")
def explain(  # noqa: PLR0917 - click passes them by name
    events: Path, first: datetime, last: datetime, rules: str, alert_id: str, rule_sets: tuple[RuleSetFrom, ...]
) -> None:
    """Judge EVENTS (one wire event per line) again and show why this alert is there."""
    _, first_day, last_day = rules_and_days(rules, first, last)
    names = tuple(filter(None, (name.strip() for name in rules.split(","))))
    history = History(events, first_day, last_day, names, configured().partitions)
    rule_set, _ = in_order(rule_sets)
    try:
        found = explained(history, rule_set, alert_id)
    except AlertUnknown as error:
        raise click.ClickException(str(error)) from error
    for line in _lines(found):
        click.echo(line)


def _lines(found: Explained) -> Iterator[str]:
    last = found.records[-1]
    yield f"{last.rule_id} (version {last.rule_version}, rule set {last.rule_set_version}): {last.subject.key}"
    yield from (f"  {clause}" for clause in last.basis)
    yield "what happened:"
    for record in found.records:
        yield f"  {record.log_on} {record.transition} {record.severity}: {record.message_zh}"
        yield f"    {record.message_en}; observed {record.observed}, limit {record.limit} {record.unit}"
    yield "judged by:"
    yield from (f"  {_parameter(name, parameter)}" for name, parameter in last.thresholds.items())
    yield "rests on:"
    for link in found.chain:
        yield from _link_lines(link, found)
    agrees = "come out again" if found.is_confirmed else "do NOT come out again"
    yield f"judged anew from what the record carries: its numbers {agrees}"


def _parameter(name: str, parameter: Parameter) -> str:
    value = ", ".join(parameter.value) if isinstance(parameter.value, tuple) else parameter.value
    return f"{name} = {value} ({parameter.basis})"


def _link_lines(link: Link, found: Explained) -> Iterator[str]:
    yield f"  {link.occurred_on} {link.type} {link.proof.event_id} ({link.proof.role}, from {link.source})"
    yield f"    {link.body.decode()}"
    if link.without is not None:
        course = tuple(Step(each.log_on, each.transition, each.severity) for each in found.records)
        yield f"    without it: {_course(link.without) if link.without != course else 'the same'}"


def _course(steps: tuple[Step, ...]) -> str:
    return ", ".join(f"{step.log_on} {step.transition} {step.severity}" for step in steps) or "no alert"
