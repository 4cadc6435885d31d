"""Laws of the backtest: the same rule set differs in nothing, another one in what it says otherwise."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from fundwatch.backtesting import Change, Differing, Life, Step, compared, tallied
from fundwatch.cli import main
from tests.streams.test_rule_sets import LINES

HEAD = 'version = "2"\nauthor = "li"\nbasis = "b"\n'
RAISED = Step("2019-04-11", "raised", "yellow")


@pytest.fixture
def history(tmp_path: Path) -> Path:
    """A line that is never paid from."""
    path = tmp_path / "events.jsonl"
    path.write_bytes(b"\n".join(LINES))
    return path


def tried(history: Path, text: str, *more: str) -> Result:
    """The command with this rule set."""
    path = history.with_name("rules.toml")
    path.write_text(HEAD + text, encoding="utf-8")
    days = ("--from", "2019-01-01", "--to", "2019-08-01", "--rules", "funds_idle")
    return CliRunner().invoke(main, ["backtest", str(history), *days, "--rule-set", str(path), *more])


def life(alert_id: str, *steps: Step) -> Life:
    """An alert."""
    return Life(alert_id, "funds_idle", "652722", "652722|A1", is_shadow=False, steps=steps)


def test_the_same_rule_set_differs_in_nothing(history: Path) -> None:
    """Whatever its version is called."""
    told = tried(history, "")
    assert (told.exit_code, told.stdout) == (0, "no difference\n")


def test_another_threshold_differs_in_the_alerts_it_moves(history: Path) -> None:
    """Counted by rule and region, with the course of each alert."""
    told = json.loads(tried(history, "[rules.funds_idle]\nyellow_after_days = 30", "--as", "json").stdout)
    assert told["counts"] == [
        {"rule_id": "funds_idle", "region": "652722", "is_shadow": False, "added": 0, "removed": 0, "changed": 1}
    ]
    assert [each["before"][0][0] for each in told["alerts"]] == ["2019-04-11"]
    assert [each["after"][0][0] for each in told["alerts"]] == ["2019-02-10"]


def test_a_trial_is_counted_apart(history: Path) -> None:
    """As removed from the alerts, and added to the trial's."""
    table = tried(history, '[rules.funds_idle]\nmode = "shadow"').stdout
    assert [line.split() for line in table.splitlines()[1:]] == [
        ["funds_idle", "652722", "0", "1", "0"],
        ["funds_idle", "(shadow)", "652722", "1", "0", "0"],
    ]


def test_the_page_shows_both_courses(history: Path) -> None:
    """Nothing of it is fetched from elsewhere."""
    page = tried(history, '[rules.funds_idle]\nmode = "off"', "--as", "html").stdout
    assert "2019-04-11 raised yellow" in page
    assert "http" not in page


def test_alerts_are_compared_by_their_ids() -> None:
    """Added, removed, or of another course; an alert of the same course is none of these."""
    before, after = [life("a", RAISED), life("b", RAISED), life("c", RAISED)], [life("b", RAISED), life("c"), life("d")]
    found = compared(before, after)
    assert sorted(each.change for each in found) == [Change.ADDED, Change.CHANGED, Change.REMOVED]
    assert [(each.added, each.removed, each.changed) for each in tallied(found)] == [(1, 1, 1)]
    assert all(isinstance(each, Differing) for each in found)
