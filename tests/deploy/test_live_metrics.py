"""The dashboard and the alert rules against reality: Prometheus scrapes a worker and the feed at work."""

from __future__ import annotations

import asyncio
import gzip
import json
import math
import os
import subprocess
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from deploy.grafana import panels
from domain.settings import Settings
from fundwatch.replaying import Answer, Player
from fundwatch.services import parts, processes, system
from fundwatch.services.ports import HOST, free_port
from fundwatch.services.runtime import read_runtime
from rules.thresholds import BUILT_IN
from tests.waiting import until

pytestmark = pytest.mark.broker

PROJECT = Path(__file__).parents[2]
CASES = PROJECT / "tests" / "data" / "contract" / "sample_cases.jsonl.gz"
QUERIES = [query.expression for row in panels.ROWS for panel in row.panels for query in panel.queries]
# What Grafana puts in for these: here the whole of the test.
SPANS = {"$__rate_interval": "5m", "$__range": "5m"}
# Everything is scraped each second and the queues are measured every ten; a busy machine gets several times that.
PATIENCE_S = 60.0


class Server:
    """A Prometheus that runs."""

    def __init__(self, port: int) -> None:
        self._url = f"http://{HOST}:{port}/api/v1"

    def is_ready(self) -> bool:
        """Whether it has started; while it does it refuses connections, then answers 503."""
        try:
            return httpx.get(f"{self._url.removesuffix('/api/v1')}/-/ready", trust_env=False).is_success
        except httpx.TransportError:
            return False

    def ask(self, page: str, **parameters: str) -> Any:
        """The data of an answer. A query that is not valid fails with the reason."""
        answer = httpx.get(f"{self._url}/{page}", params=parameters, trust_env=False)
        assert answer.is_success, answer.text
        return answer.json()["data"]

    def values(self, expression: str) -> list[float]:
        """The values that a query has now and that can be drawn."""
        for name, span in SPANS.items():
            expression = expression.replace(name, span)
        found = [float(series["value"][1]) for series in self.ask("query", query=expression)["result"]]
        return [value for value in found if math.isfinite(value)]

    def empty(self, expressions: list[str]) -> list[str]:
        """Those of the queries that still have nothing to show when patience is at its end."""
        deadline_s = time.monotonic() + PATIENCE_S
        while (left := [expression for expression in expressions if not self.values(expression)]) and (
            time.monotonic() < deadline_s
        ):
            time.sleep(0.5)
        return left


@pytest.fixture
def flowing(running: Settings) -> Settings:
    """A system with one worker and the feed."""
    system.start(running, [parts.FEED], print, owner=processes.identity_of(os.getpid()))
    return running


@pytest.fixture
def scraped(flowing: Settings, prometheus: str, tmp_path: Path) -> Iterator[Server]:
    """A Prometheus with the committed configuration, but for the scrape interval and the folder of the targets."""
    configuration = yaml.safe_load((PROJECT / "deploy" / "prometheus" / "prometheus.yml").read_text(encoding="utf-8"))
    configuration["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    configuration["rule_files"] = [str(PROJECT / "deploy" / "prometheus" / "rules.yml")]
    (job,) = configuration["scrape_configs"]
    job["file_sd_configs"] = [{"files": [f"{flowing.folder}/prometheus.json"], "refresh_interval": "1s"}]
    path = tmp_path / "prometheus.yml"
    path.write_text(yaml.safe_dump(configuration), encoding="utf-8")
    port = free_port()
    with (tmp_path / "prometheus.log").open("wb") as log:
        running = subprocess.Popen(
            [
                prometheus,
                f"--config.file={path}",
                f"--storage.tsdb.path={tmp_path / 'tsdb'}",
                f"--web.listen-address={HOST}:{port}",
            ],
            stdout=log,
            stderr=log,
        )
    try:
        server = Server(port)
        wait_until_scraped(server)
        yield server
    finally:
        running.terminate()
        running.wait()


def wait_until_scraped(server: Server) -> None:
    """Return when worker and feed have been scraped once: what is counted from now on is seen to rise."""
    until(
        lambda: server.is_ready() and sum(server.values('up{job=~"fundwatch-.*"}')) == 2,
        "Prometheus scrapes the worker and the feed",
        every_s=0.1,
        patience_s=PATIENCE_S,
    )


def play(settings: Settings) -> Answer:
    """Play a short case of the contract through the system, and one record that the intake refuses."""
    case = json.loads(gzip.decompress(CASES.read_bytes()).splitlines()[1])
    refused = {**case["events"][0], "event_id": "refused-1", "schema_version": 2}
    lines = [json.dumps(event).encode() for event in [*case["events"], refused]]

    async def played() -> Answer:
        async with Player(settings, BUILT_IN).opened() as player:
            return await player.play(lines, date.fromisoformat(case["start"]), date.fromisoformat(case["end"]))

    return asyncio.run(played())


def rules_that_fail_or_call(server: Server) -> list[str]:
    """Alert rules that Prometheus could not evaluate, or that call somebody about a system that does well."""
    rules = [rule for group in server.ask("rules")["groups"] for rule in group["rules"]]
    return [rule["name"] for rule in rules if rule["health"] != "ok" or rule["state"] == "firing"]


def complaints(promtool: str, settings: Settings) -> dict[str, bytes]:
    """What promtool has to say on the metrics page of each process."""
    own = {name: part for name, part in read_runtime(settings.folder).parts.items() if name not in parts.SERVERS}
    pages = {
        name: httpx.get(f"http://{HOST}:{part.ports['http']}/metrics", trust_env=False) for name, part in own.items()
    }
    return {
        name: subprocess.run(
            [promtool, "check", "metrics"], input=page.content, capture_output=True, check=False
        ).stderr
        for name, page in pages.items()
    }


# One system serves all of it: to start one takes longer than to ask it.
@pytest.mark.timeout(600)
def test_what_is_asked_of_a_running_system_is_there(flowing: Settings, scraped: Server, promtool: str) -> None:
    """Events went through: every query shows numbers, every rule evaluates, every metrics page is well-formed."""
    answer = play(flowing)
    assert answer.records
    assert len(answer.refusals) == 1
    assert scraped.empty(QUERIES) == []
    assert rules_that_fail_or_call(scraped) == []
    assert complaints(promtool, flowing) == {"worker-1": b"", parts.FEED: b""}
