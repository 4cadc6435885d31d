"""`fundwatch topics`: make the topics as the contract says, or see that they are."""

from __future__ import annotations

import click

from connectors import broker
from fundwatch.environment import configured
from fundwatch.kafka_needed import need_kafka


@click.group()
def topics() -> None:
    """Create the topics."""


@topics.command()
def create() -> None:
    """Make every topic that is missing; refuse when one is there with another partition count."""
    settings = configured()
    need_kafka(settings)
    try:
        made = broker.create_topics(settings)
    except broker.BrokerRefusedError as error:
        raise click.ClickException(str(error)) from error
    print(f"{len(made.created)} topics created, {len(made.present)} were there, {settings.partitions} partitions each")
