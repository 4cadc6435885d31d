"""`fundwatch feed`: a section's live alerts in the terminal; `--serve` runs the service; `feed token` makes tokens."""

from __future__ import annotations

import asyncio
import getpass
import signal
import time
from itertools import islice
from types import FrameType

import click
from rich.console import Console

from alerts.alert import decode
from alerts.cursor import NOW
from alerts.routing import Section
from alerts.scope import ScopeRefused, region_of
from alerts.tokens import VALID_DAYS_MAX, WHOLE_COUNTRY, Grant, GrantRefused, Post, issue
from domain.settings import Settings
from fundwatch import feed_server
from fundwatch.environment import configured
from fundwatch.feed_client import FeedRefused, follow
from fundwatch.feed_screen import lines
from fundwatch.redis_needed import need_admitting_redis
from fundwatch.services.runtime import read_runtime
from fundwatch.token_secret import audience, token_secret

# The terminal's own token is made anew at every connection, so it need not outlive one for long.
_OWN_TOKEN_S = 3_600
_SECTIONS = click.Choice([section.value for section in Section])


@click.group(invoke_without_command=True)
@click.option("--serve", is_flag=True, help="Run the feed service instead of reading it.")
@click.option("--section", "sections", multiple=True, type=_SECTIONS, help="Only this section; may be given again.")
@click.option("--region", default="", help="Only this region and below; 6527 is short for 652700.")
@click.option(
    "--token", default="", envvar="FUNDWATCH_FEED_TOKEN", help="Without one, this machine's secret makes one."
)
@click.option("--url", default="", help="Address of the service; default: the one `fundwatch up` started.")
@click.option("--new", "is_new_only", is_flag=True, help="Only what comes from now on, not what is in the queues.")
@click.option("--json", "is_json", is_flag=True, help="The records as JSON Lines.")
@click.option("--count", type=click.IntRange(1), help="End after so many records.")
@click.pass_context
def feed(
    context: click.Context,
    *,
    serve: bool,
    sections: tuple[str, ...],
    region: str,
    token: str,
    url: str,
    is_new_only: bool,
    is_json: bool,
    count: int | None,
) -> None:
    """Show live alerts in the terminal, or serve the feed."""
    if context.invoked_subcommand is not None:
        return
    settings = configured()
    if serve:
        _serve(settings)
        return
    try:
        show(
            settings,
            sections=sections,
            region=region,
            token=token,
            url=url,
            is_new_only=is_new_only,
            is_json=is_json,
            count=count,
        )
    except (FeedRefused, GrantRefused, ScopeRefused) as error:
        raise click.ClickException(str(error)) from error
    except KeyboardInterrupt:
        return


def show(
    settings: Settings,
    *,
    sections: tuple[str, ...] = (),
    region: str = "",
    token: str = "",
    url: str = "",
    is_new_only: bool = False,
    is_json: bool = False,
    count: int | None = None,
    console: Console | None = None,
) -> None:
    """Print records as they come, for ever or until there were ``count``. Raises FeedRefused, ScopeRefused."""
    address = url or read_runtime(settings.folder).feed
    if not address:
        raise click.ClickException("no feed: run `fundwatch up`, or give --url and --token")
    root = region_of(region) if region else WHOLE_COUNTRY
    parameters = [("section", section) for section in sections]
    parameters += [("region", root)] if region else []
    parameters += [("cursor", NOW)] if is_new_only else []
    console = console or Console(highlight=False)
    notices = Console(stderr=True, style="dim", highlight=False)
    events = follow(
        address,
        (lambda: token) if token else (lambda: _own_token(settings, sections, root)),
        parameters,
        interrupted=lambda why: notices.print(f"连接中断，正在重连 (reconnecting): {why}", markup=False),
    )
    for event in islice(events, count):
        if is_json:
            click.echo(event.record)
        else:
            console.print(lines(decode(event.record)))


def _own_token(settings: Settings, sections: tuple[str, ...], region: str) -> str:
    """A token for who can read this machine's secret, for no more than was asked for."""
    now_s = int(time.time())
    wanted = tuple(Section(section) for section in sections) or tuple(Section)
    grant = Grant(getpass.getuser(), Post.APPLICATION_USER, wanted, region, expires_at=now_s + _OWN_TOKEN_S)
    return issue(grant, token_secret(settings), audience=audience(settings), now_s=now_s)


def _serve(settings: Settings) -> None:
    need_admitting_redis(settings)
    # uvicorn shuts down in order and then raises the signal again: to be told to stop is a good end.
    signal.signal(signal.SIGTERM, _end)
    try:
        asyncio.run(feed_server.serve(settings))
    except KeyboardInterrupt:
        return


def _end(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)


@feed.command("token")
@click.option("--subject", required=True, help="Who holds it: an operator's id, or the name of a system.")
@click.option("--post", type=click.Choice([post.value for post in Post]), required=True, help="The holder's post.")
@click.option("--section", "sections", multiple=True, required=True, type=_SECTIONS, help="May be given again.")
@click.option("--region", required=True, help="This region and below; 000000 is the whole country.")
@click.option("--business-section", "business_sections", multiple=True, help="Of section business only this 处/科/股.")
@click.option("--days", type=click.IntRange(1, VALID_DAYS_MAX), default=30, show_default=True, help="Valid for.")
def mint(
    *,
    subject: str,
    post: str,
    sections: tuple[str, ...],
    region: str,
    business_sections: tuple[str, ...],
    days: int,
) -> None:
    """Make a token for somebody. Whoever can run this has the secret: keep it on the service's own machine."""
    settings = configured()
    now_s = int(time.time())
    try:
        grant = Grant(
            subject=subject,
            post=Post(post),
            sections=tuple(Section(section) for section in sections),
            region=region_of(region),
            business_sections=business_sections,
            expires_at=now_s + days * 86_400,
        )
        click.echo(issue(grant, token_secret(settings), audience=audience(settings), now_s=now_s))
    except (GrantRefused, ScopeRefused) as error:
        raise click.ClickException(str(error)) from error
