"""What commands say that need Kafka where it is not there, or does not let us in: one sentence, with what to do."""

from __future__ import annotations

from typing import Final

import click

from connectors import broker
from domain.settings import Settings

NO_KAFKA: Final = "no Kafka: run `fundwatch up`, or set FUNDWATCH_KAFKA"


def need_kafka(settings: Settings) -> None:
    """Refuse where Kafka has no address. Raises ClickException."""
    if not settings.kafka:
        raise click.ClickException(NO_KAFKA)


def need_answering_kafka(settings: Settings) -> None:
    """Refuse where Kafka has no address, does not answer there, does not let us in, or is parted otherwise.

    Raises ClickException.
    """
    need_kafka(settings)
    try:
        broker.refuse_other_partitions(settings)
    except broker.BrokerRefusedError as error:
        raise click.ClickException(str(error)) from error


def need_history(settings: Settings) -> None:
    """Refuse where no file is named and no system is there whose journal could be read. Raises ClickException."""
    if not settings.kafka:
        raise click.ClickException(f"{NO_KAFKA}; or name a file of events")
    need_answering_kafka(settings)
