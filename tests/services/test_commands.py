"""Laws of `fundwatch up | status | down` as somebody types them."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from connectors import broker
from domain.settings import Settings
from domain.topics import STAGES, TOPICS
from fundwatch.environment import environ_of
from fundwatch.services import processes, system

pytestmark = pytest.mark.broker


def fundwatch(settings: Settings, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command line with these settings."""
    bare = {name: value for name, value in os.environ.items() if not name.startswith("FUNDWATCH_")}
    return subprocess.run(
        [sys.executable, "-m", "fundwatch", *arguments],
        env={**bare, **environ_of(settings)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def beside(servers: Settings, tmp_path: Path) -> Iterator[Settings]:
    """A system of its own home that uses the session's servers."""
    settings = dataclasses.replace(servers, home=str(tmp_path / "home"), namespace=f"test-{uuid4().hex[:12]}")
    yield settings
    system.stop(settings, print)
    broker.delete_topics(settings)


def test_up_on_existing_servers_starts_none_of_its_own(beside: Settings) -> None:
    """With FUNDWATCH_KAFKA and FUNDWATCH_REDIS set, `up --no-workers` makes the topics and starts nothing."""
    up = fundwatch(beside, "up", "--no-workers")
    assert (up.returncode, up.stderr) == (0, "")
    assert f"{len(TOPICS)} created" in up.stdout
    assert processes.marked(beside.folder) == {}


def test_status_names_addresses_and_every_shard(beside: Settings) -> None:
    """`status --json` has the servers, the processes, and each stage on each partition, though nobody works."""
    found: dict[str, Any] = json.loads(fundwatch(beside, "status", "--json").stdout)
    assert (found["kafka"], found["redis"], found["namespace"]) == (beside.kafka, beside.redis, beside.namespace)
    assert found["processes"] == []
    assert list(found["stages"]) == list(STAGES)
    health = [[shard["health"] for shard in shards] for shards in found["stages"].values()]
    assert health == [["unassigned"] * 4] * len(STAGES)


def test_down_where_nothing_runs_is_no_fault(beside: Settings) -> None:
    """`down` can be run at any time."""
    down = fundwatch(beside, "down")
    assert (down.returncode, down.stdout, down.stderr) == (0, "nothing is running\n", "")


def test_a_setting_that_cannot_be_used_is_one_line(beside: Settings) -> None:
    """A wrong value is said by name, value and what was expected, without a traceback."""
    up = fundwatch(dataclasses.replace(beside, clock="sundial"), "up")  # type: ignore[arg-type]  # the fault
    assert (up.returncode, up.stdout) == (1, "")
    assert up.stderr == "Error: FUNDWATCH_CLOCK='sundial': expected live or manual\n"
