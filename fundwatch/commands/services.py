"""`fundwatch up | down | status`: the system on this machine."""

from __future__ import annotations

import click

from domain.settings import Settings
from fundwatch import broker
from fundwatch.environment import configured, declared
from fundwatch.services import parts, system
from fundwatch.services.part import ServiceError


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
    system.start(settings, servers, click.echo)
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
