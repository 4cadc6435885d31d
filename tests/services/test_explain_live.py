"""Laws of `fundwatch explain` on a running system: what it told comes out again, or it is said not to."""

from __future__ import annotations

import asyncio
import gzip
import json
from datetime import date
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest
from aiokafka import AIOKafkaProducer
from click.testing import CliRunner, Result

from alerts.alert import AlertRecord, decode, encode
from domain.identifiers import partition_of
from domain.settings import Settings
from fundwatch.cli import main
from fundwatch.environment import environ_of
from fundwatch.explain.live_trial import live_trial
from fundwatch.explain.trial import Explained, explained
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


class Played(NamedTuple):
    """A system that has judged the case; alerts by id, what a backtest says of them, and of each rule one explained."""

    settings: Settings
    alerts: dict[str, list[AlertRecord]]
    differing: str
    explained: dict[str, Explained]

    @property
    def of_a_person(self) -> AlertRecord:
        """The first record of an alert about a person."""
        return next(each.records[0] for rule_id, each in self.explained.items() if STAGES[rule_id] is Stage.PERSON)


@pytest.fixture(scope="module")
def played(running_for_all: Settings) -> Played:
    """Looked at before any test forges something."""
    asyncio.run(play(running_for_all))
    alerts = told(running_for_all)
    by_rule = {records[0].rule_id: alert_id for alert_id, records in alerts.items()}
    found = {rule_id: explained(live_trial(running_for_all, alert_id)) for rule_id, alert_id in by_rule.items()}
    return Played(running_for_all, alerts, differing(running_for_all), found)


async def play(settings: Settings) -> None:
    """The case, with its ticks."""
    async with Player(settings, "builtin-1").opened() as player:
        lines = [json.dumps(event).encode() for event in CASE["events"]]
        await player.play(lines, date.fromisoformat(CASE["start"]), date.fromisoformat(CASE["end"]))


def test_alerts_of_every_stage_come_out_again(played: Played) -> None:
    """One of every rule that spoke."""
    assert {STAGES[rule_id] for rule_id in played.explained} == set(Stage)
    assert [rule_id for rule_id, each in played.explained.items() if not each.is_confirmed] == []


def test_an_alert_is_explained_by_the_records_that_were_told(played: Played) -> None:
    """All of them, in their order."""
    found = [each.records for each in played.explained.values()]
    assert found == [played.alerts[records[0].alert_id] for records in found]


def test_every_record_that_an_alert_rests_on_is_found(played: Played) -> None:
    """At the place of the journal that its evidence names."""
    links = [link for each in played.explained.values() for link in each.chain]
    assert len(links) > len(played.explained)
    assert [link.proof for link in links if link.event is None or link.event.event_id != link.proof.event_id] == []


def test_a_backtest_by_what_was_in_force_differs_in_nothing_from_what_was_told(played: Played) -> None:
    """Of all alerts, not of one of each rule only."""
    assert played.differing == "no difference\n"


def test_the_beginning_of_an_id_is_enough(played: Played) -> None:
    """It is told that the numbers come out again, and what there would be without a record."""
    shown = ran(played.settings, played.of_a_person.alert_id[:12])
    assert (shown.exit_code, "their numbers come out again" in shown.stdout) == (0, True)
    assert "without it: no alert" in shown.stdout


def test_no_pseudonym_is_shown(played: Played) -> None:
    """The key of a person's alert holds one."""
    alert = played.of_a_person
    assert "|k1:" in alert.subject.key
    assert alert.subject.key not in ran(played.settings, alert.alert_id).stdout


def test_an_alert_that_no_rule_has_made_is_told_as_different(played: Played) -> None:
    """A forged one does not come out again, and the command fails."""
    asyncio.run(forge(played.settings, msgspec.structs.replace(played.of_a_person, alert_id="f" * 32)))
    refused = ran(played.settings, "f" * 32)
    assert (refused.exit_code, "DIFFERENT" in refused.stdout) == (1, True)


def test_an_alert_that_was_never_told_is_unknown(played: Played) -> None:
    """By its id."""
    unknown = ran(played.settings, "0" * 32)
    assert (unknown.exit_code, "no alert 0000" in unknown.stderr) == (1, True)
