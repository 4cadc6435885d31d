"""Laws of `fundwatch explain`: an alert is judged again from what it carries, and what it rests on is tried."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from fundwatch.cli import main
from tests.rules.tape import read_lines

TAPE = """
region 652722 xinjiang opened 2019-01-01
2019-01-10  quota.received    Q1  yuan=200,000.00
2019-01-10  quota.allocated   A1  quota_id=Q1 yuan=200,000.00 target_kind=project is_pending=false project_id=P1
2019-02-10  payment.recorded  Z1  line_id=A1 yuan=50,000.00
"""
# A year's money came in twenty parts and nothing of it is paid: what is found at the end of April rests on all of them.
UNPAID = "\nregion 652722 xinjiang opened 2019-01-01\n" + "\n".join(
    f"2019-01-{day}  quota.received  Q{day}  yuan=200,000.00 budget_year=2019" for day in range(11, 31)
)
DAYS = ("--from", "2019-01-01", "--to", "2019-06-01", "--rules", "funds_idle")


@pytest.fixture
def history(tmp_path: Path) -> Path:
    """A line that is paid from once."""
    return written(tmp_path, TAPE, "funds_idle")


def written(folder: Path, tape: str, rule_id: str) -> Path:
    """The tape as a file of wire events."""
    path = folder / "events.jsonl"
    path.write_text("\n".join(map(json.dumps, read_lines(tape.splitlines(), rule_id).events)))
    return path


def ran(*arguments: str) -> Result:
    """A command."""
    return CliRunner().invoke(main, arguments)


def test_an_alert_shows_its_numbers_and_what_each_record_changes(history: Path) -> None:
    """Without the payment it would have come earlier; without the line there would be none."""
    alert = json.loads(ran("judge", str(history), *DAYS).stdout.splitlines()[0])
    told = ran("explain", alert["alert_id"], str(history), *DAYS).stdout
    assert "2019-05-12 raised yellow" in told
    assert "yellow_after_days = 90 (proposed)" in told
    assert "002_cd118f177911e14b.txt L52" in told
    assert "without it: 2019-04-11 raised yellow" in told
    assert "without it: no alert" in told
    assert "their numbers come out again" in told


def test_a_record_that_is_not_tried_is_said_so(tmp_path: Path) -> None:
    """Of all that an alert rests on twelve records are tried."""
    history = str(written(tmp_path, UNPAID, "payment_progress_slow"))
    days = ("--from", "2019-01-01", "--to", "2019-05-01", "--rules", "payment_progress_slow")
    alert = json.loads(ran("judge", history, *days).stdout.splitlines()[0])
    told = ran("explain", alert["alert_id"], history, *days).stdout
    assert told.count("without it: ") == len(alert["evidence"])
    assert told.count("without it: not tried") == len(alert["evidence"]) - 12 > 0


@pytest.mark.parametrize("alert", ["", " ", "nonesuch", "ABCD", "0" * 33, "*"])
def test_what_is_no_id_of_an_alert_is_refused(history: Path, alert: str) -> None:
    """Before anything is read, as a fault of usage: no text means every alert, none means a pattern."""
    refused = ran("explain", alert, str(history), *DAYS)
    assert refused.exit_code == 2
    assert f"{alert!r} is no id of an alert" in refused.stderr


def test_options_of_a_file_are_refused_without_one() -> None:
    """The running system is judged by what was in force there, whatever is asked for."""
    refused = ran("explain", "0" * 32, *DAYS)
    assert refused.exit_code == 2
    assert "are for a file of events" in refused.stderr


def test_an_alert_that_does_not_follow_is_said_so(history: Path) -> None:
    """Of other events, other days or another rule set."""
    refused = ran("explain", "0" * 32, str(history), *DAYS)
    assert refused.exit_code == 1
    assert "no alert 0000" in refused.stderr


@pytest.mark.parametrize("options", [["--from", "2019-01-01"], ["--rules", "no_such_rule"]])
def test_what_is_for_a_file_is_refused_without_one(options: list[str]) -> None:
    """The running system has its own days and rules."""
    told = CliRunner().invoke(main, ["explain", "0123456789abcdef", *options])
    assert told.exit_code == 2
    assert "are for a file of events" in told.stderr
