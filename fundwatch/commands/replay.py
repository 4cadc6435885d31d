"""`fundwatch replay`: play a file of wire events through the running system, for tests and to see it work."""

from __future__ import annotations

import asyncio
import dataclasses
import os
import secrets
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path

import click

from alerts.alert import encode
from alerts.queues import connected
from connectors import broker
from domain.settings import Settings
from domain.ticks import moment_text
from fundwatch.commands.journal_options import journal_options, rules_and_days
from fundwatch.environment import configured
from fundwatch.journal_file import opened
from fundwatch.judging import refusal_text
from fundwatch.kafka_needed import need_answering_kafka
from fundwatch.playability import why_not_here
from fundwatch.redis_needed import need_answering_redis
from fundwatch.replaying import Answer, Player, ReplayStuckError
from fundwatch.rule_set_files import RuleSetFile, RuleSetFrom, in_order
from fundwatch.services import parts, processes, system
from fundwatch.services.part import ServiceError
from rules.rule_set_record import Refusal, RuleSetRecord, drafted
from rules.thresholds import RuleSet
from streams.rule_sets import write


@click.command()
@journal_options
@click.option(
    "--rule-set",
    "rule_sets",
    type=RuleSetFile(),
    multiple=True,
    help="Have ticks name this rule set, or from DATE on; may be given again and again.",
)
def replay(events: Path, first: datetime, last: datetime, rules: str, rule_sets: tuple[RuleSetFrom, ...]) -> None:
    """Play EVENTS (one wire event per line) through the system and print the alert records as JSON Lines.

    They equal those of `fundwatch judge` but for emitted_at. A system with a manual clock that has not reached --from,
    judges the same rules and knows the rule sets is played into; else one of its own is made beside it, and removed.
    """
    _, first_day, last_day = rules_and_days(rules, first, last)
    rule_set, changes = in_order(rule_sets, last_day)
    settings = configured()
    need_answering_kafka(settings)
    need_answering_redis(settings)
    try:
        with _stage_of_play(settings, first_day, rules, rule_sets) as target:
            answer = asyncio.run(_play(target, events, (first_day, last_day), rule_set, changes))
    except (ReplayStuckError, ServiceError, broker.BrokerRefusedError) as error:
        raise click.ClickException(str(error)) from error
    for record in answer.records:
        sys.stdout.buffer.write(encode(record) + b"\n")
    sys.stdout.buffer.flush()
    for number, letter in sorted(answer.refusals):
        click.echo(refusal_text(number, letter.code, letter.field, letter.expected), err=True)


async def _play(
    settings: Settings, events: Path, days: tuple[date, date], rule_set: RuleSet, changes: Mapping[date, RuleSet]
) -> Answer:
    versions = {day: each.version for day, each in changes.items()}
    async with Player(settings, rule_set.version, versions).opened() as player:
        with opened(events) as lines:
            return await player.play(lines, *days)


@contextmanager
def _stage_of_play(
    settings: Settings, first: date, rules: str, rule_sets: tuple[RuleSetFrom, ...]
) -> Iterator[Settings]:
    """The system to play into: this one if it is free for it, else a private one that is gone afterwards."""
    reason = why_not_here(settings, first, rules, rule_sets)
    if not reason:
        yield settings
        return
    name = "-".join(filter(None, (settings.namespace, "replay", secrets.token_hex(4))))
    click.echo(f"{reason}: playing in a system of its own, {name}", err=True)
    private = dataclasses.replace(settings, namespace=name, clock="manual", rules=rules)
    try:
        broker.create_topics(private)
        asyncio.run(_tell_rule_sets(private, rule_sets))
        owner = processes.identity_of(os.getpid())
        system.start(private, parts.worker_names(1), lambda line: click.echo(line, err=True), owner=owner)
        yield private
    finally:
        system.stop(private, lambda _: None)
        broker.delete_topics(private)
        asyncio.run(_forget_queues(private))
        system.erase(private)


async def _tell_rule_sets(settings: Settings, rule_sets: tuple[RuleSetFrom, ...]) -> None:
    """Put them where workers read them, in force at no moment by themselves: the ticks of the replay name them."""
    at = moment_text(time.time_ns() // 1_000_000)
    known: dict[str, RuleSetRecord] = {}
    for each in rule_sets:
        draft = drafted(each.content, by="replay", at=at, known=known)
        if isinstance(draft, Refusal):
            raise click.UsageError(f"--rule-set {each.rule_set.version}: {draft}")
        known[draft.version] = draft
        await write(settings, draft)


async def _forget_queues(settings: Settings) -> None:
    async with connected(settings.redis, prefix=settings.redis_key(""), cafile=settings.redis_cafile) as queues:
        for partition in range(settings.partitions):
            await queues.wipe(partition)
