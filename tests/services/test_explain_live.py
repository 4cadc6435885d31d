"""Laws of `fundwatch explain` on a running system: what it told comes out again, or it is said not to."""

from __future__ import annotations

import asyncio
import gzip
import json
from datetime import date
from pathlib import Path

import msgspec
import pytest
from aiokafka import AIOKafkaProducer
from click.testing import CliRunner, Result

from alerts.alert import AlertRecord, decode, encode
from domain.identifiers import partition_of
from domain.settings import Settings
from fundwatch.cli import main
from fundwatch.environment import environ_of
from fundwatch.explain.live_trial import LiveTrial
from fundwatch.explain.trial import explained
from fundwatch.replaying import Player
from rules.catalogue import RULES
from rules.rule import Stage
from streams.connection import client_arguments
from tests.streams.worker_process import committed

pytestmark = [pytest.mark.broker, pytest.mark.timeout(600)]

SAMPLE = Path(__file__).parents[1] / "data" / "contract" / "sample_cases.jsonl.gz"
STAGES = {rule.id: rule.stage for rule in RULES}


def told(settings: Settings) -> dict[str, list[AlertRecord]]:
    """All alerts with their records."""
    found: dict[str, list[AlertRecord]] = {}
    for record in committed(settings, "alerts"):
        alert = decode(record.value)
        found.setdefault(alert.alert_id, []).append(alert)
    return found


def ran(settings: Settings, alert_id: str) -> Result:
    """The command on this system."""
    return CliRunner().invoke(main, ["explain", alert_id], env=environ_of(settings))


def differing(settings: Settings) -> str:
    """What a backtest finds of all that was told, by what was in force."""
    command = ["backtest", "--rule-set", "in-force", "--against", "recorded"]
    return CliRunner().invoke(main, command, env=environ_of(settings)).stdout


async def forge(settings: Settings, record: AlertRecord) -> None:
    """An alert record that no rule has made."""
    producer = AIOKafkaProducer(**client_arguments(settings))
    await producer.start()
    partition = partition_of(record.region.encode(), settings.partitions)
    for topic, key in (("alerts", record.region), ("alerts.current", record.alert_id)):
        await producer.send_and_wait(settings.topic(topic), encode(record), key=key.encode(), partition=partition)
    await producer.stop()


# Two months of three regions: alerts of all stages.
CASE = next(case for case in map(json.loads, gzip.decompress(SAMPLE.read_bytes()).splitlines()) if case["case"] == 21)


@pytest.fixture
def played(running: Settings) -> Settings:
    """A system that has judged the case."""

    async def play() -> None:
        async with Player(running, "builtin-1").opened() as player:
            lines = [json.dumps(event).encode() for event in CASE["events"]]
            await player.play(lines, date.fromisoformat(CASE["start"]), date.fromisoformat(CASE["end"]))

    asyncio.run(play())
    return running


def test_what_was_told_comes_out_again(played: Settings) -> None:
    """One alert of every rule and stage with the very records it rests on, and all in a backtest; no forged one."""
    alerts = told(played)
    by_rule = {records[0].rule_id: alert_id for alert_id, records in alerts.items()}
    assert {STAGES[rule_id] for rule_id in by_rule} == set(Stage)
    found = {rule_id: explained(LiveTrial(played, alert_id)) for rule_id, alert_id in by_rule.items()}
    assert [rule_id for rule_id, each in found.items() if not each.is_confirmed] == []
    links = [link for each in found.values() for link in each.chain]
    assert [link.proof for link in links if link.event is None or link.event.event_id != link.proof.event_id] == []
    assert [each.records for each in found.values()] == [alerts[each.records[0].alert_id] for each in found.values()]

    assert differing(played) == "no difference\n"

    (person,) = [alert_id for rule_id, alert_id in by_rule.items() if STAGES[rule_id] is Stage.PERSON][:1]
    shown = ran(played, person[:12])
    assert (shown.exit_code, "their numbers come out again" in shown.stdout) == (0, True)
    assert "without it: no alert" in shown.stdout
    assert alerts[person][0].subject.key not in shown.stdout  # it holds a pseudonym

    forged = msgspec.structs.replace(alerts[person][0], alert_id="f" * 32)
    asyncio.run(forge(played, forged))
    refused = ran(played, "f" * 32)
    assert (refused.exit_code, "DIFFERENT" in refused.stdout) == (1, True)
    unknown = ran(played, "0" * 32)
    assert (unknown.exit_code, "no alert 0000" in unknown.stderr) == (1, True)
