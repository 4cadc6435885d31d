"""`fundwatch replay` against `fundwatch judge`: the system over real topics says what the pure engine says.

A private system takes seconds to start, and every day four ticks, so the short form plays cases of one year together;
``--long`` plays each worked case by itself, and ten sample cases of six years.
"""

from __future__ import annotations

import dataclasses
import gzip
import json
import os
import subprocess
import sys
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import redis

from connectors import broker
from domain.settings import Settings
from fundwatch.environment import environ_of
from fundwatch.services import parts, processes, system
from rules.catalogue import RULES
from rules.facts.telling import TOPICS

pytestmark = [pytest.mark.broker, pytest.mark.timeout(600)]

DATA = Path(__file__).parent / "data" / "contract"
# Persons and enterprises are judged in the order of their facts, which differs where regions do not wait for another.
OURS = frozenset(rule.id for rule in RULES if rule.stage not in TOPICS)

WORKED = (1, 2, 9, 10)
# A sample case in which a province issues money to a city of the same case, each in a partition of its own.
LEVELS = 62
# Two months, with alerts in both.
SHORT = 21
# Others of the same year: few events, and alerts of fifty rules with it.
OF_ONE_YEAR = (8, 23, 36, 77, 93, 152)

Case = dict[str, Any]
Record = dict[str, Any]


def cases(name: str) -> list[Case]:
    """The cases of a contract file that name one of our rules."""
    content = (DATA / name).read_bytes()
    found = map(json.loads, gzip.decompress(content).splitlines()) if name.endswith(".gz") else json.loads(content)
    return [case for case in found if OURS & set(case["enabled_rules"])]


def worked_case(number: int) -> Case:
    """One of the contract's worked cases."""
    return next(case for case in cases("worked_cases.json") if case["case"] == number)


def merged(several: Iterable[Case]) -> Case:
    """Several cases as one file, in the order in which their events were recorded."""
    together = list(several)
    events = sorted((event for case in together for event in case["events"]), key=lambda event: event["recorded_at"])
    return {
        "start": min(case["start"] for case in together),
        "end": max(case["end"] for case in together),
        "enabled_rules": sorted({rule for case in together for rule in case["enabled_rules"]}),
        "events": events,
    }


def said(command: str, case: Case, settings: Settings, folder: Path, *more: str) -> tuple[list[Record], list[str]]:
    """What a command prints on a case: records without their wall clock, and its lines on the error stream.

    The file begins with a byte order mark, which is no part of the first event.
    """
    path = folder / "events.jsonl"
    path.write_text("".join(f"{json.dumps(event, ensure_ascii=False)}\n" for event in case["events"]), "utf-8-sig")
    rules = ",".join(sorted(OURS & set(case["enabled_rules"])))
    bare = {name: value for name, value in os.environ.items() if not name.startswith("FUNDWATCH_")}
    options = ("--from", case["start"], "--to", case["end"], "--rules", rules, *more)
    done = subprocess.run(
        [sys.executable, "-m", "fundwatch", command, str(path), *options],
        env={**bare, **environ_of(settings)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [without_time(json.loads(line)) for line in done.stdout.splitlines()], done.stderr.splitlines()


def without_time(record: Record) -> Record:
    """A record without the wall clock: all else is equal, journal positions included."""
    return {name: value for name, value in record.items() if name != "emitted_at"}


def alike(case: Case, settings: Settings, folder: Path, *more: str) -> list[Record]:
    """What `judge` and `replay`, in a system of its own, both say of a case; fails where they differ."""
    judged, refused = said("judge", case, settings, folder, *more)
    replayed, notes = said("replay", case, settings, folder, *more)
    assert replayed == judged
    assert [line for line in notes if line.startswith("line ")] == refused
    return judged


def test_cases_of_one_year_are_judged_alike_by_the_system(settings: Settings, tmp_path: Path) -> None:
    """Seven random cases and four worked ones in one file give the same records and refusals with both.

    Money is issued to a region in another partition: the notice takes the same place in its journal.
    """
    samples = [case for case in cases("sample_cases.jsonl.gz") if case["case"] in (*OF_ONE_YEAR, LEVELS)]
    judged = alike(merged([*map(worked_case, WORKED), *samples]), settings, tmp_path)
    assert len({record["rule_id"] for record in judged}) > 40
    assert any(each["event_id"].startswith("monitor:") for record in judged for each in record["evidence"])


def test_rule_sets_are_judged_alike_by_the_system(settings: Settings, tmp_path: Path) -> None:
    """One from the start, another one from a day on: the same records with both commands, of both rule sets."""
    (case,) = [case for case in cases("sample_cases.jsonl.gz") if case["case"] == SHORT]
    for version, days in (("first", 20), ("second", 40)):
        head = f'version = "{version}"\nauthor = "li"\nbasis = "b"\n'
        (tmp_path / version).write_text(f"{head}[rules.funds_idle]\nyellow_after_days = {days}\n", encoding="utf-8")
    change = date.fromisoformat(case["start"]) + timedelta(days=30)
    sets = ("--rule-set", str(tmp_path / "first"), "--rule-set", f"{change}:{tmp_path / 'second'}")
    judged = alike(case, settings, tmp_path, *sets)
    assert {record["rule_set_version"] for record in judged} == {"first", "second"}


@pytest.mark.usefixtures("only_long")
@pytest.mark.parametrize("number", WORKED)
def test_a_worked_case_is_judged_alike_by_the_system(number: int, settings: Settings, tmp_path: Path) -> None:
    """By itself, with its own rules only."""
    assert alike(worked_case(number), settings, tmp_path)


@pytest.mark.usefixtures("only_long")
def test_cases_of_six_years_are_judged_alike_by_the_system(settings: Settings, tmp_path: Path) -> None:
    """The first ten sample cases: 2,000 days."""
    assert len(alike(merged(cases("sample_cases.jsonl.gz")[:10]), settings, tmp_path)) > 50


def test_a_free_system_with_a_manual_clock_is_played_into_once(settings: Settings, tmp_path: Path) -> None:
    """A running system that judges the same rules and has not reached the first day takes the file itself, once."""
    case = worked_case(1)
    mine = dataclasses.replace(settings, rules=",".join(sorted(OURS & set(case["enabled_rules"]))))
    broker.create_topics(mine)
    system.start(mine, parts.worker_names(1), print, owner=processes.identity_of(os.getpid()))
    first, notes = said("replay", case, mine, tmp_path)
    assert notes == []
    again, notes = said("replay", case, mine, tmp_path)
    assert notes[0].startswith(f"this system is already at {case['end']}: playing in a system of its own, ")
    assert again == first


def test_a_private_replay_leaves_nothing_behind(settings: Settings, tmp_path: Path) -> None:
    """After a replay in a system of its own there is no topic, key, folder or process of it."""
    _, notes = said("replay", worked_case(1), settings, tmp_path)
    private = dataclasses.replace(settings, namespace=notes[0].rpartition(" ")[2])
    assert private.namespace.startswith(f"{settings.namespace}-replay-")
    assert broker.delete_topics(private) == ()
    assert processes.marked(private.folder) == {}
    assert system.namespaces(settings.home) == ("",)
    with redis.Redis.from_url(settings.redis) as store:
        assert list(store.scan_iter(match=private.redis_key("*"))) == []
