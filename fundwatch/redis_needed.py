"""What commands say that need Redis where it is not there, or does not let us in: one sentence, with what to do."""

from __future__ import annotations

import asyncio
from typing import Final

import click

from alerts.delivery import QueuesRefused, QueuesUnavailable
from alerts.queues import connected
from domain.settings import Settings, without_password

NO_REDIS: Final = "no Redis: run `fundwatch up`, or set FUNDWATCH_REDIS"


def need_redis(settings: Settings) -> None:
    """Refuse where Redis has no address. Raises ClickException."""
    if not settings.redis:
        raise click.ClickException(NO_REDIS)


def need_answering_redis(settings: Settings) -> None:
    """Refuse where Redis has no address, does not answer there, or does not let us in. Raises ClickException."""
    need_redis(settings)
    try:
        asyncio.run(_call(settings))
    except (QueuesRefused, QueuesUnavailable) as error:
        raise click.ClickException(unusable(settings, error)) from error


def need_admitting_redis(settings: Settings) -> None:
    """The same for a process that waits as long as nobody answers: that it only says. Raises ClickException."""
    need_redis(settings)
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
