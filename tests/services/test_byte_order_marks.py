"""Laws of files that an editor on Windows wrote: the byte order mark before the first line is no part of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from fundwatch.cli import main
from tests.rules.tape import read_lines

MARK = b"\xef\xbb\xbf"
# A quota that waits for its region, so that the alert rests on the very first line.
TAPE = """
region 652722 xinjiang opened 2019-01-01
2019-01-10  quota.received    Q1  yuan=200,000.00
2019-01-10  quota.allocated   A1  quota_id=Q1 yuan=200,000.00 target_kind=project is_pending=false project_id=P1
"""
DAYS = ("--from", "2019-01-01", "--to", "2019-06-01", "--rules", "funds_idle")
RULE_SET = 'version = "2"\nauthor = "li"\nbasis = "b"\n[rules.funds_idle]\nyellow_after_days = 30\n'


@pytest.fixture
def history(tmp_path: Path) -> Path:
    """A line that is never paid from; its file and the rule set's begin with a mark."""
    opened, *others = read_lines(TAPE.splitlines(), "funds_idle").events
    path = tmp_path / "events.jsonl"
    path.write_bytes(MARK + "\n".join(map(json.dumps, (*others, opened))).encode())
    path.with_name("rules.toml").write_bytes(MARK + RULE_SET.encode())
    return path


def ran(*arguments: str) -> Result:
    """A command."""
    return CliRunner().invoke(main, arguments)


def test_the_first_event_is_judged(history: Path) -> None:
    """No line is refused, and the alert rests on it."""
    told = ran("judge", str(history), *DAYS)
    assert told.stderr == ""
    assert len(json.loads(told.stdout.splitlines()[0])["evidence"]) == 2


def test_the_first_event_is_explained(history: Path) -> None:
    """It is found, and the alert is judged without it."""
    alert = json.loads(ran("judge", str(history), *DAYS).stdout.splitlines()[0])
    told = ran("explain", alert["alert_id"], str(history), *DAYS).stdout
    assert "not found" not in told
    assert told.count("without it: no alert") == 2


def test_a_rule_set_is_read(history: Path) -> None:
    """By the command that checks it, and by those that judge by it."""
    rules = str(history.with_name("rules.toml"))
    assert ran("rules", "validate", rules).stdout == "2: sound\n"
    assert json.loads(ran("judge", str(history), *DAYS, "--rule-set", rules).stdout.splitlines()[0])["limit"] == 30


def test_the_first_event_is_tried_on_another_rule_set(history: Path) -> None:
    """Also where its moment says on which day the journal begins."""
    rules = str(history.with_name("rules.toml"))
    told = ran("backtest", str(history), *DAYS, "--rule-set", rules, "--as", "json")
    assert [each["after"][0][0] for each in json.loads(told.stdout)["alerts"]] == ["2019-02-10"]
