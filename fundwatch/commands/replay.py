"""`fundwatch replay`: play a file of wire events through the running system, for tests and to see it work."""

from __future__ import annotations

import asyncio
import dataclasses
import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path

import click

from alerts.alert import encode
from alerts.queues import connected
from domain.settings import Settings
from fundwatch import broker
from fundwatch.commands.journal_options import journal_options, rules_and_days
from fundwatch.environment import configured
from fundwatch.replaying import Answer, Player, ReplayStuckError
from fundwatch.services import parts, processes, system
from fundwatch.services.part import ServiceError
from fundwatch.services.runtime import read_runtime
from fundwatch.status import status
from rules.catalogue import RULES
from rules.thresholds import rule_set_of


@click.command()
@journal_options
def replay(events: Path, first: datetime, last: datetime, rules: str) -> None:
    """Play EVENTS (one wire event per line) through the system and print the alert records as JSON Lines.

    They equal those of `fundwatch judge` but for position and emitted_at. A system with a manual clock that has not
    reached --from and judges the same rules is played into; else one of its own is made beside it, and removed.
    """
    _, first_day, last_day = rules_and_days(rules, first, last)
    settings = configured()
    if not settings.kafka or not settings.redis:
        raise click.ClickException("no Kafka and Redis: run `fundwatch up`, or set FUNDWATCH_KAFKA and FUNDWATCH_REDIS")
    try:
        with _stage_of_play(settings, first_day, rules) as target:
            answer = asyncio.run(_play(target, events, first_day, last_day))
    except (ReplayStuckError, ServiceError, broker.BrokerRefusedError) as error:
        raise click.ClickException(str(error)) from error
    for record in answer.records:
        sys.stdout.buffer.write(encode(record) + b"\n")
    sys.stdout.buffer.flush()
    for number, letter in sorted(answer.refusals):
        click.echo(f"line {number}: {letter.code}: {letter.field or 'record'}: expected {letter.expected}", err=True)


async def _play(settings: Settings, events: Path, first: date, last: date) -> Answer:
    async with Player(settings, rule_set_of(RULES).version).opened() as player:
        with events.open("rb") as lines:
            return await player.play(lines, first, last)


@contextmanager
def _stage_of_play(settings: Settings, first: date, rules: str) -> Iterator[Settings]:
    """The system to play into: this one if it is free for it, else a private one that is gone afterwards."""
    reason = _why_not_here(settings, first, rules)
    if not reason:
        yield settings
        return
    name = "-".join(filter(None, (settings.namespace, "replay", secrets.token_hex(4))))
    click.echo(f"{reason}: playing in a system of its own, {name}", err=True)
    private = dataclasses.replace(settings, namespace=name, clock="manual", rules=rules)
    try:
        broker.create_topics(private)
        owner = processes.identity_of(os.getpid())
        system.start(private, parts.worker_names(1), lambda line: click.echo(line, err=True), owner=owner)
        yield private
    finally:
        system.stop(private, lambda _: None)
        broker.delete_topics(private)
        asyncio.run(_forget_queues(private))
        system.erase(private)


def _why_not_here(settings: Settings, first: date, rules: str) -> str:
    """Why the running system cannot be played into; an empty text when it can."""
    runtime = read_runtime(settings.folder)
    if not any(name not in (*parts.SERVERS, parts.FEED) for name in runtime.parts) or not system.running(settings):
        return "no workers run here"
    if runtime.clock != "manual":
        return "this system follows the wall clock"
    if _rule_ids(runtime.rules) != _rule_ids(rules):
        return f"this system judges the rules {runtime.rules or 'of the catalogue'}"
    ticks = [shard.last_tick for shard in status(settings).stages["intake"] if shard.last_tick is not None]
    if ticks and date.fromisoformat(max(ticks)[:10]) >= first:
        return f"this system is already at {max(ticks)[:10]}"
    return ""


def _rule_ids(text: str) -> frozenset[str]:
    return frozenset(filter(None, (rule_id.strip() for rule_id in text.split(","))))


async def _forget_queues(settings: Settings) -> None:
    async with connected(settings.redis, prefix=settings.redis_key(""), cafile=settings.redis_cafile) as queues:
        for partition in range(settings.partitions):
            await queues.wipe(partition)
