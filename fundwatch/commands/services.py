"""`fundwatch up | down | status`: the system on this machine."""

from __future__ import annotations

import click
import msgspec
from rich.console import Console
from rich.table import Table

from connectors import broker
from domain.settings import Settings
from fundwatch.environment import configured, declared
from fundwatch.redis_needed import need_answering_redis
from fundwatch.services import parts, system
from fundwatch.services.part import ServiceError
from fundwatch.status import Status, not_evaluable
from fundwatch.status import status as status_of


@click.command()
@click.option("--workers", type=click.IntRange(0, 64), default=1, show_default=True, help="How many workers to run.")
@click.option("--no-workers", is_flag=True, help="Servers, topics and nothing else.")
@click.option(
    "--clock", type=click.Choice(["live", "manual"]), help="Who ticks: the wall clock, or whoever plays a file."
)
def up(workers: int, no_workers: bool, clock: str | None) -> None:
    """Start Kafka, Redis, the topics, the workers and the feed on this machine, as far as they do not run."""
    try:
        bring_up(declared(clock=clock), 0 if no_workers else workers)
    except (ServiceError, broker.BrokerRefusedError) as error:
        raise click.ClickException(str(error)) from error


def bring_up(settings: Settings, workers: int) -> None:
    """Start what is missing of this system, in the order in which the parts need each other."""
    servers = [name for name, given in ((parts.KAFKA, settings.kafka), (parts.REDIS, settings.redis)) if not given]
    if servers:
        system.start(settings, servers, click.echo)
    if settings.redis:
        need_answering_redis(settings)
    made = broker.create_topics(configured())
    click.echo(f"{'topics':<10} {len(made.created)} created, {len(made.present)} were there")
    if workers:
        system.start(settings, [*parts.worker_names(workers), parts.FEED], click.echo)


@click.command()
@click.option("--all", "everything", is_flag=True, help="Also the systems of all other namespaces of this home folder.")
def down(everything: bool) -> None:
    """Stop what `up` started; data and addresses are kept."""
    settings = declared()
    try:
        for namespace in system.namespaces(settings.home) if everything else (settings.namespace,):
            system.stop(declared(namespace=namespace), click.echo)
    except ServiceError as error:
        raise click.ClickException(str(error)) from error
    click.echo("nothing is running")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="As JSON, for programs.")
def status(as_json: bool) -> None:
    """Show what runs, and each stage's lag, last tick and health."""
    found = status_of(configured())
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(found)))
        return
    console = Console()
    console.print(
        f"Kafka {found.kafka or '-'}   Redis {found.redis or '-'}   feed {found.feed or '-'}", highlight=False
    )
    console.print(_processes(found))
    console.print(_stages(found))
    for line in not_evaluable(found):
        click.echo(line)


def _processes(found: Status) -> Table:
    table = Table("process", "state", "pid", "ports", "started", "restarts")
    for process in found.processes:
        ports = ", ".join(f"{name} {port}" for name, port in process.ports.items())
        table.add_row(
            process.name, process.state, str(process.pid or "-"), ports, process.started, str(process.restarts)
        )
    return table


def _stages(found: Status) -> Table:
    table = Table("stage", "partition", "worker", "health", "lag", "last tick")
    for stage, shards in found.stages.items():
        for shard in shards:
            lag = "-" if shard.lag is None else str(shard.lag)
            row = (str(shard.partition), shard.worker or "-", shard.health, lag, shard.last_tick or "-")
            table.add_row(stage, *row)
    return table
