"""Laws of the backtest of a running system: its journal judged again is what it has told."""

from __future__ import annotations

import asyncio
import json

import pytest
from click.testing import CliRunner, Result

from domain.identifiers import partition_of
from domain.settings import Settings
from fundwatch.cli import main
from fundwatch.environment import environ_of
from fundwatch.replaying import Player
from streams.rule_sets import write
from tests.streams.counties import COUNTIES, in_each
from tests.streams.test_rule_sets import CHANGE, FIRST, HASTY, LAST, TAPE, record
from tests.streams.worker_process import committed

pytestmark = pytest.mark.broker

STORY = in_each(TAPE.replace("652722", "REGION"), "funds_idle")


@pytest.fixture
def played(running: Settings) -> Settings:
    """A system that has judged by another rule set from the day of the change on."""

    async def play() -> None:
        await write(running, record(HASTY))
        async with Player(running, "builtin-1", {CHANGE: "hasty"}).opened() as player:
            await player.play(STORY, FIRST, LAST)

    asyncio.run(play())
    return running


def tried(settings: Settings, *arguments: str) -> Result:
    """The command on this system."""
    return CliRunner().invoke(main, ["backtest", *arguments], env=environ_of(settings))


def test_the_journal_judged_again_is_what_was_told(played: Settings) -> None:
    """By what each tick names, a change of rule set in the middle: no difference; and nobody who works has noticed."""
    assert {partition_of(county.encode(), played.partitions) for county in COUNTIES} == set(range(4))
    journal = committed(played, "journal")
    told = tried(played, "--rule-set", "in-force", "--against", "recorded")
    assert (told.exit_code, told.stdout) == (0, "no difference\n")
    assert f"{len(journal):,} events judged once" in told.stderr
    assert committed(played, "journal") == journal
    both = tried(played, "--rule-set", "in-force")
    assert both.stdout == "no difference\n"
    assert f"{len(journal):,} events judged twice" in both.stderr


def test_a_published_rule_set_is_tried_on_what_was_in_force(played: Settings) -> None:
    """Had it been in force from the beginning alerts would have come in February, and not at the change."""
    told = json.loads(tried(played, "--rule-set", "hasty", "--rules", "funds_idle", "--as", "json").stdout)
    assert [each["region"] for each in told["counts"]] == sorted(COUNTIES)
    assert {each["before"][0][0] for each in told["alerts"]} == {CHANGE.isoformat()}
    assert {each["after"][0][0] for each in told["alerts"]} == {"2019-02-10"}
    later = tried(played, "--rule-set", "hasty", "--rules", "funds_idle", "--from", "2019-04-01")
    assert later.stdout == "no difference\n"
    until = tried(played, "--rule-set", "hasty", "--rules", "funds_idle", "--to", "2019-02-09")
    assert until.stdout == "no difference\n"


def test_what_was_told_otherwise_is_found(played: Settings) -> None:
    """Against another rule set than the one that was in force, alerts differ; one that is nowhere is not guessed."""
    told = tried(played, "--rule-set", "builtin-1", "--against", "recorded", "--rules", "funds_idle", "--as", "json")
    alerts = json.loads(told.stdout)["alerts"]
    assert {(each["before"][0][0], each["after"][0][0]) for each in alerts} == {(CHANGE.isoformat(), "2019-04-11")}
    nowhere = tried(played, "--rule-set", "hastier")
    assert "neither a file nor a rule set; there are builtin-1, hasty" in nowhere.stderr
