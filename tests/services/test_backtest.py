"""Laws of the backtest: the same rule set differs in nothing, another one in what it says otherwise."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from msgspec.structs import replace

from alerts.lifecycle import Command
from fundwatch.backtest.courses import Alert, Change, Comparison, Life, Lives, Step, compared, together
from fundwatch.backtest.report import as_json
from fundwatch.cli import main
from fundwatch.explain.trial import Explained, said
from fundwatch.judging import FileJudge
from rules.catalogue import RULES
from rules.thresholds import rule_set_of
from tests.streams.test_rule_sets import LINES

HEAD = 'version = "2"\nauthor = "li"\nbasis = "b"\n'
RAISED = Step("2019-04-11", "raised", "yellow")
CLEARED = Step("2019-06-01", "cleared", "yellow")
DAYS = ("--from", "2019-01-01", "--to", "2019-08-01")


@pytest.fixture
def history(tmp_path: Path) -> Path:
    """A line that is never paid from."""
    path = tmp_path / "events.jsonl"
    path.write_bytes(b"\n".join(LINES))
    return path


def tried(history: Path, text: str, *more: str, days: tuple[str, ...] = DAYS) -> Result:
    """The command with this rule set."""
    path = history.with_name("rules.toml")
    path.write_text(HEAD + text, encoding="utf-8")
    return CliRunner().invoke(
        main, ["backtest", str(history), *days, "--rules", "funds_idle", "--rule-set", str(path), *more]
    )


def life(alert_id: str, *steps: Step) -> Life:
    """An alert."""
    return Life(Alert(alert_id, "funds_idle", "652722", "652722|A1", "A1", is_shadow=False), steps)


def comparison(before: list[Life], after: list[Life], since: str = "") -> Comparison:
    """Of two judgements."""
    was, now = ({each.alert.alert_id: each for each in lives} for lives in (before, after))
    return compared(was, now, since)


def test_the_same_rule_set_differs_in_nothing(history: Path) -> None:
    """Whatever its version is called; how fast it was is told beside."""
    told = tried(history, "")
    assert (told.exit_code, told.stdout) == (0, "no difference\n")
    assert "events judged twice" in told.stderr


def test_another_threshold_differs_in_the_alerts_it_moves(history: Path) -> None:
    """Counted by rule and region, with the course of each alert."""
    told = json.loads(tried(history, "[rules.funds_idle]\nyellow_after_days = 30", "--as", "json").stdout)
    counted = {"before": 1, "after": 1, "added": 0, "removed": 0, "changed": 1}
    assert told["counts"] == [{"rule_id": "funds_idle", "region": "652722", "is_shadow": False, **counted}]
    assert [each["before"][0][0] for each in told["alerts"]] == ["2019-04-11"]
    assert [each["after"][0][0] for each in told["alerts"]] == ["2019-02-10"]


def test_what_came_before_the_first_day_is_judged_and_not_compared(history: Path) -> None:
    """The alert that is raised in April only under one of them has been there since February under the other."""
    days = ("--from", "2019-03-01", "--to", "2019-08-01")
    told = json.loads(tried(history, "[rules.funds_idle]\nyellow_after_days = 30", "--as", "json", days=days).stdout)
    assert [(each["change"], each["after"][0][0]) for each in told["alerts"]] == [("changed", "2019-02-10")]
    late = ("--from", "2019-07-15", "--to", "2019-08-01")
    assert tried(history, "[rules.funds_idle]\nyellow_after_days = 30", days=late).stdout == "no difference\n"


def test_a_trial_is_counted_apart(history: Path) -> None:
    """As removed from the alerts, and added to the trial's."""
    table = tried(history, '[rules.funds_idle]\nmode = "shadow"').stdout
    assert [line.split() for line in table.splitlines()[1:]] == [
        ["funds_idle", "652722", "1", "0", "0", "1", "0"],
        ["funds_idle", "(shadow)", "652722", "0", "1", "1", "0", "0"],
    ]


def test_the_page_shows_both_courses(history: Path) -> None:
    """In Chinese first; nothing of it is fetched from elsewhere."""
    page = tried(history, '[rules.funds_idle]\nmode = "off"', "--as", "html").stdout
    assert "2019-04-11 产生（黄）" in page
    assert "资金" in page
    assert "精河县" in page
    assert [part for part in ("http", "<script", "<link", "src=") if part in page] == []


def test_a_name_that_is_no_file_needs_a_system_that_knows_it(history: Path) -> None:
    """Versions of rule sets are with the running system; where there is none, that is what is missing."""
    told = CliRunner().invoke(
        main, ["backtest", str(history), *DAYS, "--rule-set", "nowhere"], env={"FUNDWATCH_KAFKA": "127.0.0.1:1"}
    )
    assert told.exit_code == 1
    assert "no Kafka" in told.stderr


def test_what_could_not_be_judged_is_told_beside(history: Path) -> None:
    """A rule that has no value, and lines that are no events, would else look like no difference."""
    custom = """[[custom]]
id = "custom_x"
name_zh = "x"
name_en = "x"
subject = "line"
mode = "shadow"
category = "支付周期"
owner = "国库"
basis = "b"
red = "line.amount_fen / (line.amount_fen - line.amount_fen) > 0"
message_zh = "x"
message_en = "x"
"""
    with history.open("ab") as lines:
        lines.write(b'\nno event\n{"type": "clock.tick"}\n')
    told = tried(history, custom)
    assert told.stdout == "no difference\n"
    assert "custom_x could not be evaluated" in told.stderr
    assert "divide_by_zero" in told.stderr
    assert f"2 lines are refused, so nobody judged them; the first: line {len(LINES) + 1}: malformed" in told.stderr


def test_alerts_are_compared_by_their_ids() -> None:
    """Added, removed, or of another course; an alert of the same course is none of these."""
    before, after = (
        [life("a", RAISED), life("b", RAISED), life("c", RAISED)],
        [life("b", RAISED), life("c"), life("d", RAISED)],
    )
    found = comparison(before, after)
    assert sorted(each.change for each in found.alerts) == [Change.ADDED, Change.CHANGED, Change.REMOVED]
    assert [(each.before, each.after, each.added, each.removed, each.changed) for each in found.tallied()] == [
        (3, 2, 1, 1, 1)
    ]


def test_programs_get_an_alert_as_one_flat_object() -> None:
    """What it is about beside its steps on both sides; scripts read these names."""
    (alert,) = json.loads(as_json(comparison([life("a", RAISED)], [])))["alerts"]
    assert alert == {
        "change": "removed",
        "alert_id": "a",
        "rule_id": "funds_idle",
        "region": "652722",
        "subject_key": "652722|A1",
        "title": "A1",
        "is_shadow": False,
        "before": [["2019-04-11", "raised", "yellow"]],
        "after": [],
    }


def test_what_people_did_with_an_alert_is_no_difference(history: Path) -> None:
    """The course of an alert is what its rule says; one that was acknowledged has the same."""
    judge = FileJudge(RULES, rule_set_of(RULES), emitted_at="")
    record = next(judge.run(history.read_bytes().splitlines(), date(2019, 1, 1), date(2019, 8, 1)))
    acknowledged = replace(record, transition=Command.ACKNOWLEDGED)
    told, again = Lives(), Lives()
    for each in (record, acknowledged):
        told.take_record(each, is_shadow=False)
    again.take_record(record, is_shadow=False)
    assert compared(told.by_id, again.by_id).alerts == []
    assert Explained((record, acknowledged), (said(record),), ()).is_confirmed


def test_only_steps_from_the_first_day_on_are_compared() -> None:
    """What began otherwise before it and goes on alike is no difference; what goes on otherwise is one."""
    earlier = Step("2019-02-10", "raised", "yellow")
    assert comparison([life("a", RAISED, CLEARED)], [life("a", earlier, CLEARED)], "2019-05-01").alerts == []
    (found,) = comparison([life("a", RAISED, CLEARED)], [life("a", earlier)], "2019-05-01").alerts
    assert (found.change, found.before, found.after) == (Change.CHANGED, (RAISED, CLEARED), (earlier,))


def test_parts_add_up() -> None:
    """Parts have no alert in common."""
    parts = [comparison([life("a", RAISED)], []), comparison([life("b", RAISED)], [life("b", RAISED)])]
    (tally,) = together(parts).tallied()
    assert (tally.before, tally.after, tally.removed) == (2, 1, 1)
