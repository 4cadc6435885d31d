"""Laws of custom rules at the commands: judged, tried on history, on trial and explained as any rule is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from fundwatch.cli import main
from rules.thresholds import BUILT_IN
from tests.streams.test_rule_sets import LINES

DAYS = ("--from", "2019-01-01", "--to", "2019-06-01")
TEXT = """
version = "{version}"
author = "li"
basis = "b"
[[custom]]
id = "custom_lies"
name_zh = "资金滞留"
name_en = "Money lies"
subject = "line"
mode = "{mode}"
category = "支付周期"
owner = "国库"
basis = "豫财监〔2026〕2号 第六条"
yellow = {{ when = "line.unpaid_fen >= parameter.much_fen", from = "line.available_on + parameter.days" }}
red = "{red}"
observed = "line.unpaid_fen"
limit = "parameter.much_fen"
message_zh = "尚有{{line.unpaid_fen}}元"
message_en = "{{line.unpaid_fen}} yuan lie"
parameters = {{ much_fen = 1_000_000, days = {days} }}
"""


@pytest.fixture
def history(tmp_path: Path) -> Path:
    """A line of 200,000 yuan that is never paid from."""
    path = tmp_path / "events.jsonl"
    path.write_bytes(b"\n".join(LINES))
    return path


def rule_set(folder: Path, version: str, days: int = 30, mode: str = "on", red: str = "false") -> str:
    """A file with one custom rule."""
    path = folder / f"{version}.toml"
    path.write_text(TEXT.format(version=version, days=days, mode=mode, red=red), encoding="utf-8")
    return str(path)


def ran(command: str, history: Path, *arguments: str) -> Result:
    """A command on the history; of the catalogue one rule is judged beside."""
    return CliRunner().invoke(main, [command, str(history), *DAYS, "--rules", "cash_withdrawal", *arguments])


def records(result: Result) -> list[dict[str, Any]]:
    """What a command prints, a record a line."""
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_a_backtest_compares_custom_rules_too(history: Path) -> None:
    """Other values move its alert, a trial counts apart, and the same rule in another version differs in nothing."""
    folder = history.parent
    before = ("--against", rule_set(folder, "1"))
    same = ran("backtest", history, *before, "--rule-set", rule_set(folder, "2"))
    assert (same.exit_code, same.stdout) == (0, "no difference\n")
    later = ran("backtest", history, *before, "--rule-set", rule_set(folder, "3", days=60), "--as", "json")
    (moved,) = json.loads(later.stdout)["alerts"]
    assert (moved["change"], moved["rule_id"]) == ("changed", "custom_lies")
    assert [steps[0][0] for steps in (moved["before"], moved["after"])] == ["2019-02-09", "2019-03-11"]
    trial = ran("backtest", history, *before, "--rule-set", rule_set(folder, "4", mode="shadow"), "--as", "json")
    assert {(each["change"], each["is_shadow"]) for each in json.loads(trial.stdout)["alerts"]} == {
        ("removed", False),
        ("added", True),
    }


def test_the_page_of_a_backtest_names_custom_rules(history: Path) -> None:
    """Those of either side, in both languages: a rule that only the old rule set has, too."""
    own = rule_set(history.parent, "1")
    named = '资金滞留<br><span class="en">Money lies</span> <code>custom_lies</code>'
    assert named in ran("backtest", history, "--against", BUILT_IN, "--rule-set", own, "--as", "html").stdout
    assert named in ran("backtest", history, "--against", own, "--rule-set", BUILT_IN, "--as", "html").stdout


def test_an_alert_of_a_custom_rule_is_explained(history: Path) -> None:
    """By its expressions, values and clause, judged anew, and tried without each record it rests on."""
    chosen = ("--rule-set", rule_set(history.parent, "1"))
    (alert,) = records(ran("judge", history, *chosen))
    told = CliRunner().invoke(main, ["explain", alert["alert_id"], str(history), *DAYS, *chosen]).stdout
    assert "rule custom_lies, version custom_" in told
    assert "豫财监〔2026〕2号 第六条" in told
    assert "yellow.when = line.unpaid_fen >= parameter.much_fen (override)" in told
    assert "much_fen = 1000000 (override)" in told
    assert "observed 20000000, limit 1000000" in told
    assert "without it: no alert" in told
    assert "their numbers come out again" in told


def test_judging_a_file_says_where_a_rule_had_no_value(history: Path) -> None:
    """On stderr, beside what was refused; the alerts of other rules are not touched by it."""
    failing = ran("judge", history, "--rule-set", rule_set(history.parent, "1", red="1 / (line.unpaid_fen * 0) > 0"))
    assert (failing.exit_code, failing.stdout) == (0, "")
    assert "custom_lies could not be evaluated" in failing.stderr
    assert "on line A1: divide_by_zero (divide by zero)" in failing.stderr


def test_a_trial_is_written_apart(history: Path) -> None:
    """As of any rule in mode shadow."""
    shadow = history.with_name("shadow.jsonl")
    chosen = ("--rule-set", rule_set(history.parent, "1", mode="shadow"))
    assert ran("judge", history, *chosen, "--shadow", str(shadow)).stdout == ""
    assert [json.loads(line)["rule_id"] for line in shadow.read_text("utf-8").splitlines()] == ["custom_lies"]
