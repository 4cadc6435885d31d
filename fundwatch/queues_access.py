"""Whether the queues' server lets us in: asked before a process rests on it."""

from __future__ import annotations

import asyncio

import click

from alerts.delivery import QueuesRefused, QueuesUnavailable
from alerts.queues import connected
from domain.settings import Settings, without_password


def refuse_unusable_queues(settings: Settings) -> None:
    """Call once. Raises ClickException in one line where nobody answers, or where we are not let in."""
    try:
        asyncio.run(_call(settings))
    except (QueuesRefused, QueuesUnavailable) as error:
        raise click.ClickException(unusable(settings, error)) from error


def refuse_refusing_queues(settings: Settings) -> None:
    """The same for a process that waits as long as nobody answers: it only says so."""
    try:
        asyncio.run(_call(settings))
    except QueuesRefused as error:
        raise click.ClickException(unusable(settings, error)) from error
    except QueuesUnavailable as error:
        click.echo(f"waiting: {unusable(settings, error)}", err=True)


def unusable(settings: Settings, error: QueuesRefused | QueuesUnavailable) -> str:
    """What to tell of it."""
    word = "refuses access" if isinstance(error, QueuesRefused) else "cannot be reached"
    return f"Redis at {without_password(settings.redis)} {word}: {error}"


async def _call(settings: Settings) -> None:
    async with connected(settings.redis, prefix=settings.redis_key(""), cafile=settings.redis_cafile) as queues:
        await queues.ping()
