"""Laws of custom rules, live: taken up while running, failing without harm, counted and shown."""

from __future__ import annotations

import asyncio
import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from alerts.alert import AlertRecord
from domain.intake import Reference
from domain.settings import Settings
from domain.topics import FINDINGS, JOURNAL, RULE_FAILURES
from fundwatch.journal_file import DayBegins, steps
from fundwatch.judging import FileJudge
from fundwatch.replaying import Player
from fundwatch.services.ports import HOST
from fundwatch.services.runtime import read_runtime
from rules.catalogue import RULES
from rules.custom.failures import FailureRecord
from rules.custom.failures import decode as decode_failure
from rules.rule_set_record import RuleSetRecord, drafted, encode
from rules.thresholds import RuleSet
from streams.desk import DeskStage
from streams.driver import Crash, Driver
from streams.intake import IntakeStage
from streams.judge import JudgeStage
from streams.meters import Instruments
from streams.metrics import PREFIX, Metrics
from streams.partition import Turn
from streams.rule_failures import read_failures
from streams.rule_set_book import RuleSetBook, RuleSetWatch
from streams.rule_sets import read_book, write
from streams.stage import Output
from tests.rules.custom.rule_sets import content_of
from tests.rules.tape import read_lines
from tests.services.test_commands import fundwatch
from tests.streams.stories import alerts_of, feed, timeless
from tests.streams.test_rule_sets import AT, record

TAPE = """
region 652722 xinjiang opened 2019-01-01
2019-01-10  quota.received    Q1  yuan=2,000.00
2019-01-10  quota.allocated   A1  quota_id=Q1 yuan=2,000.00 target_kind=project is_pending=false project_id=P1
2019-02-10  payment.recorded  Z1  line_id=A1 yuan=500.00 settlement_method=cash
2019-03-05  payment.recorded  Z2  line_id=A1 yuan=500.00
2019-03-06  payment.recorded  Z3  line_id=A1 yuan=500.00 settlement_method=cash
2019-03-10  payment.voided    Z2  payment_id=Z2
"""
LINES = [json.dumps(event).encode() for event in read_lines(TAPE.splitlines(), "funds_idle").events]
FIRST, CHANGE, LAST = date(2019, 1, 1), date(2019, 3, 1), date(2019, 3, 15)
# The first fails on lines of which half is paid, the second wherever it looks, the third never.
TABLES: tuple[dict[str, Any], ...] = (
    {"id": "custom_half_paid", "red": "10000000 / (line.unpaid_fen - line.paid_fen) < 0"},
    {"id": "custom_divides", "subject": "payment", "red": "1 / (payment.amount_fen - payment.amount_fen) > 0"},
    {"id": "custom_paid", "subject": "quota", "yellow": "window.month >= 100000", "windows": {"month": {"days": 30}}},
)
OWN = content_of(*TABLES)
NONE = content_of()
# The same version but for a fault in one of its rules.
BROKEN = content_of(*TABLES, {"id": "custom_broken", "red": "quoata.amount_fen > 1"}, version="broken")


def rule_set_of(content: dict[str, Any]) -> RuleSet:
    """As a worker has it."""
    book = RuleSetBook(RULES)
    book.take(str(content["version"]).encode(), encoded(content))
    return book.rule_sets[str(content["version"])]


def encoded(content: dict[str, Any]) -> bytes:
    """The record of an approved rule set."""
    return encode(record(content))


def judged(content: dict[str, Any], partitions: int = 1) -> tuple[list[AlertRecord], list[FailureRecord]]:
    """From a file: alerts, and where custom rules had no value."""
    built_in = RuleSetBook(RULES).built_in
    judge = FileJudge(RULES, built_in, emitted_at="", partitions=partitions, changes={CHANGE: rule_set_of(content)})
    return list(judge.run(LINES, FIRST, LAST)), judge.failures()


def played(stage: str = "", moment: Crash = Crash.BEFORE_COMMIT, *, at: date = CHANGE) -> Driver:
    """The story on the driver; from the day of the change on by the custom rules. A stage may die at a tick."""
    book = RuleSetBook(RULES)
    book.take(b"own", encoded(OWN))
    judge = JudgeStage(RULES, book.built_in, book.rule_sets)
    driver = Driver([IntakeStage(Reference()), judge, DeskStage(RULES, book.built_in, rule_sets=book.rule_sets)])
    version = book.built_in.version
    for step in steps(LINES, FIRST, LAST):
        if isinstance(step, DayBegins):
            version = "own" if step.day >= CHANGE else version
            if stage and step.day == at:
                driver.crash(stage, moment)
        feed(driver, step, version)
        driver.run()
    return driver


def counts(failures: list[FailureRecord]) -> dict[tuple[str, str], tuple[int, str, str]]:
    """By rule and region: how often, why and where last."""
    return {(each.rule_id, each.region): (each.count, each.reason, each.subject_id) for each in failures}


def told_by(driver: Driver) -> list[FailureRecord]:
    """What is on the topic, compacted."""
    last = {each.key: decode_failure(each.value or b"") for each in driver.records(RULE_FAILURES)}
    return list(last.values())


def test_a_rule_that_fails_does_no_harm() -> None:
    """The other rules' records are those of a rule set without custom rules; one that does not fail speaks."""
    having, failures = judged(OWN)
    without, _ = judged(NONE)
    others = [each for each in having if not each.rule_id.startswith("custom_")]
    assert timeless(others) == timeless(without)
    own = [(each.log_on, each.transition, each.rule_id) for each in having if each not in others]
    assert own == [
        ("2019-03-05", "raised", "custom_paid"),
        ("2019-03-06", "raised", "custom_half_paid"),
        ("2019-03-12", "cleared", "custom_paid"),
    ]
    assert counts(failures) == {
        ("custom_divides", "652722"): (3, "divide_by_zero", "Z3"),
        ("custom_half_paid", "652722"): (2, "divide_by_zero", "A1"),
    }


@pytest.mark.parametrize("moment", list(Crash))
@pytest.mark.parametrize("stage", ["judge", "desk"])
@pytest.mark.parametrize("at", [CHANGE, date(2019, 3, 6), date(2019, 3, 7)])
def test_alerts_and_counts_are_the_same_whatever_dies(stage: str, moment: Crash, at: date) -> None:
    """At the tick that takes the rules up, and at those around the payments on which they fail."""
    expected, failures = judged(OWN)
    driver = played(stage, moment, at=at)
    assert timeless(alerts_of(driver)) == timeless(expected)
    assert counts(told_by(driver)) == counts(failures)
    new = [decode_failure(each or b"").new for each in driver.values(RULE_FAILURES)]
    assert sum(each["divide_by_zero"] for each in new) == sum(each.count for each in failures)


def test_a_partition_judged_again_from_its_journal_says_the_same() -> None:
    """Rows lost, changelog kept or not: what could not be evaluated is part of the state."""
    driver = played()
    journal = driver.records(JOURNAL)
    again = Driver(
        [JudgeStage(RULES, RuleSetBook(RULES).built_in, {"own": rule_set_of(OWN)} | RuleSetBook(RULES).rule_sets)]
    )
    for each in journal:
        again.feed(JOURNAL, each.key, each.value)
    again.run()
    assert again.values(FINDINGS) == driver.values(FINDINGS)
    assert counts(told_by(again)) == counts(told_by(driver))


def instruments() -> Instruments:
    """Of a worker with one stage."""
    return Instruments(Metrics({"stage": ("judge",), "rule": ()}), lambda: 0)


def sample(found: Instruments, name: str, **labels: str) -> float | None:
    """The value of one series."""
    return found.metrics.registry.get_sample_value(PREFIX + name, labels)


def test_what_could_not_be_evaluated_is_counted_by_reason() -> None:
    """Once for each subject and record, whatever the batches are; reasons that did not occur are 0."""
    found = instruments()
    for each in played().records(RULE_FAILURES):
        output = Output(RULE_FAILURES, each.key, each.value)
        found.meter("judge", 0).batch(Turn([each._replace(topic="journal")], [], (output,), {}, {}), 0.0, 0.0)
    assert sample(found, "custom_rule_failures_total", reason="divide_by_zero") == 5
    assert sample(found, "custom_rule_failures_total", reason="absent_fact") == 0


def test_versions_that_cannot_be_used_and_ticks_that_wait_are_measured() -> None:
    """Of the partitions that are held here; both are 0 where nothing is wrong."""
    book, found = RuleSetBook(RULES), instruments()
    watch = RuleSetWatch(book, ("judge",))
    watch.measure(lambda _: (0, 1), found.metrics)
    assert (sample(found, "rule_sets_refused"), sample(found, "rule_sets_awaited", stage="judge")) == (0, 0)
    book.take(b"broken", encoded(BROKEN))
    book.awaited |= {("judge", 1): "broken", ("judge", 2): "broken"}
    watch.measure(lambda _: (0, 1), found.metrics)
    assert (sample(found, "rule_sets_refused"), sample(found, "rule_sets_awaited", stage="judge")) == (1, 1)
    assert "custom[3].red: unknown fact or function `quoata.amount_fen`" in book.refused["broken"]


def metric(settings: Settings, name: str) -> float:
    """What the workers say, summed."""
    ports = [
        port
        for name, part in read_runtime(settings.folder).parts.items()
        if "worker" in name
        for port in part.ports.values()
    ]
    pages = [httpx.get(f"http://{HOST}:{port}/metrics", trust_env=False).text for port in ports]
    return sum(float(line.rpartition(" ")[2]) for page in pages for line in page.splitlines() if line.startswith(name))


@pytest.mark.broker
def test_a_running_system_takes_up_rules_that_fail_and_refuses_a_broken_draft(
    running: Settings, tmp_path: Path
) -> None:
    """Published, approved and in force while events flow: the other alerts are those without it, and it is told."""
    own, broken = tmp_path / "own.toml", tmp_path / "broken.toml"
    own.write_text(toml_of(OWN), encoding="utf-8")
    broken.write_text(toml_of(BROKEN), encoding="utf-8")

    async def play(version: str, lines: list[bytes], first: date, last: date) -> list[AlertRecord]:
        async with Player(running, version).opened() as player:
            return (await player.play(lines, first, last)).records

    before = asyncio.run(play("builtin-1", LINES[:4], FIRST, CHANGE - timedelta(days=1)))
    refused = fundwatch(running, "rules", "publish", str(broken), "--by", "li")
    assert (refused.returncode, "custom[3].red: unknown fact or function `quoata.amount_fen`" in refused.stderr) == (
        1,
        True,
    )
    # Past the commands: a draft that the workers have to refuse themselves.
    draft = drafted(BROKEN, by="li", at=AT, known={})
    assert isinstance(draft, RuleSetRecord)
    asyncio.run(write(running, draft))
    for arguments in (("publish", str(own), "--by", "li"), ("approve", "own", "--by", "zhao")):
        assert fundwatch(running, "rules", *arguments).returncode == 0
    after = asyncio.run(play("own", LINES[4:], CHANGE, LAST))

    expected, failures = judged(OWN, running.partitions)
    assert timeless(before + after) == timeless(expected)
    assert counts(asyncio.run(read_failures(running))) == counts(failures)
    assert metric(running, "fundwatch_custom_rule_failures_total{") == 5
    assert metric(running, "fundwatch_rule_sets_refused") == 1
    shown = fundwatch(running, "rules", "show", "own")
    assert "custom_divides could not be evaluated 3 times in 652722, last on 2019-03-06 on payment Z3" in shown.stderr
    assert {each["rule_id"] for each in json.loads(shown.stdout)["could_not_be_evaluated"]} == {
        "custom_divides",
        "custom_half_paid",
    }
    assert list(asyncio.run(read_book(running, RULES)).refused) == ["broken"]
    alert = next(each for each in after if each.rule_id == "custom_half_paid")
    explained = fundwatch(running, "explain", alert.alert_id)
    assert (explained.returncode, "red.when = 10000000 / (line.unpaid_fen" in explained.stdout) == (0, True)
    again = fundwatch(running, "backtest", "--rule-set", "in-force", "--against", "recorded")
    assert (again.returncode, again.stdout) == (0, "no difference\n")


def toml_of(content: dict[str, Any]) -> str:
    """The content as people write it; JSON's texts, numbers and lists are TOML's too."""
    head = [f"{name} = {json.dumps(value)}" for name, value in content.items() if name != "custom"]
    tables = (
        ("[[custom]]", *(f"{name} = {inline(value)}" for name, value in each.items())) for each in content["custom"]
    )
    return "\n".join((*head, *(line for table in tables for line in table)))


def inline(value: Any) -> str:
    """A value, tables in one line."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{name} = {inline(each)}" for name, each in value.items()) + " }"
    return json.dumps(value, ensure_ascii=False)
