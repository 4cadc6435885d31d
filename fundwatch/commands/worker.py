"""`fundwatch worker`: one worker in the foreground. What `fundwatch up` starts, and what a cluster runs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import msgspec

from domain.settings import Settings, names_in
from fundwatch.environment import configured
from fundwatch.flow import PARTS, UnknownStage, work_of
from fundwatch.kafka_needed import need_answering_kafka, need_kafka
from fundwatch.redis_needed import need_admitting_redis
from fundwatch.services.ports import free_port
from rules.selection import UnknownRule
from rules.thresholds import RuleSetRefused
from streams.app import run_worker


@click.command()
@click.option("--stages", default=",".join(PARTS), show_default=True, help="Comma-separated: what this worker does.")
@click.option("--name", default=None, help="Name that is the same after a restart; default FUNDWATCH_WORKER.")
def worker(stages: str, name: str | None) -> None:
    """Run one worker until it is told to end (SIGTERM, Ctrl-C), which it does after the batches under way.

    Exit code 0: ended in order. Anything else: it must be started again; it then goes on from what was committed.
    """
    names = names_in(stages)
    if not names:
        raise click.UsageError(f"--stages: {stages!r} names none; there are {', '.join(PARTS)}")
    settings = configured(worker=name)
    need_kafka(settings)
    try:
        work = work_of(settings, names)
    except (UnknownStage, UnknownRule, RuleSetRefused) as error:
        raise click.UsageError(str(error)) from None
    need_answering_kafka(settings)
    if work.sinks:
        need_admitting_redis(settings)
    port = settings.metrics_port or free_port()
    with _announced(settings, port, work.names):
        run_worker(settings, work, host=settings.metrics_host, port=port)


@contextmanager
def _announced(settings: Settings, port: int, stages: tuple[str, ...]) -> Iterator[None]:
    """Say where this process answers, for `fundwatch status`. A killed one leaves its file; its pid tells."""
    path = Path(settings.folder) / "run" / f"worker-{os.getpid()}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(msgspec.json.encode({"pid": os.getpid(), "port": port, "stages": stages}))
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
