"""Laws of `fundwatch rules` as somebody types it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from domain.settings import Settings
from fundwatch.cli import main
from rules.catalogue import RULES
from rules.thresholds import PROFILES
from tests.services.test_commands import fundwatch

TEXT = 'version = "1"\nauthor = "li"\nbasis = "b"\n[rules.funds_idle]\nyellow_after_days = 60\n'


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A rule set."""
    path = tmp_path / "rules.toml"
    path.write_text(TEXT, encoding="utf-8")
    return path


@pytest.mark.broker
def test_a_rule_set_goes_its_way_into_force(topics: Settings, file: Path) -> None:
    """Published by one person, approved by another, listed as what the next tick names; restored under a new name."""
    told = [
        fundwatch(topics, *arguments)
        for arguments in (
            ("rules", "validate", str(file)),
            ("rules", "publish", str(file), "--by", "li"),
            ("rules", "approve", "1", "--by", "li"),
            ("rules", "approve", "1", "--by", "zhao"),
            ("rules", "restore", "1", "--as", "2", "--by", "sun", "--basis", "as before"),
            ("rules", "list"),
            ("rules", "diff", "builtin-1", "1"),
        )
    ]
    assert [each.returncode for each in told] == [0, 0, 1, 0, 0, 0, 0]
    assert "does not approve" in told[2].stderr
    assert [line[:3] for line in told[5].stdout.splitlines()] == ["  b", "* 1", "  2"]
    assert "rules.funds_idle.yellow_after_days: - -> 60" in told[6].stdout


@pytest.mark.broker
def test_the_built_in_rule_set_is_restored_as_a_draft_of_its_content(topics: Settings, file: Path) -> None:
    """Which a second person approves like any other; then nothing is in force but what the catalogue says."""
    told = [
        fundwatch(topics, *arguments)
        for arguments in (
            ("rules", "publish", str(file), "--by", "li"),
            ("rules", "approve", "1", "--by", "zhao"),
            ("rules", "restore", "builtin-1", "--as", "2", "--by", "sun", "--basis", "as before"),
            ("rules", "approve", "2", "--by", "zhao"),
            ("rules", "diff", "builtin-1", "2"),
            ("rules", "diff", "1", "builtin-1"),
            ("rules", "show", "2"),
        )
    ]
    assert [each.returncode for each in told] == [0] * 7
    said = [line.partition(":")[0] for line in told[4].stdout.splitlines()]
    assert said == ["author", "basis", "version"]
    assert "rules.funds_idle.yellow_after_days: 60 -> -" in told[5].stdout
    assert json.loads(told[6].stdout)["restored_from"] == "builtin-1"


def test_the_built_in_rule_set_is_shown_with_the_values_of_the_catalogue() -> None:
    """By profile, each rule that the profile has; nobody published it, so no system is needed."""
    shown = json.loads(CliRunner().invoke(main, ["rules", "show", "builtin-1"]).stdout)
    assert (shown["version"], shown["state"], shown["content"]) == ("builtin-1", "built_in", {})
    idle = shown["values"]["henan"]["funds_idle"]
    assert (idle["mode"], idle["yellow_after_days"], idle["red_after_days"]) == ("on", 90, 180)
    by_profile = {profile: list(values) for profile, values in shown["values"].items()}
    assert by_profile == {each: sorted(rule.id for rule in RULES if each in rule.profiles) for each in PROFILES}


def test_the_built_in_rule_set_is_not_approved() -> None:
    """It is no draft; the way back to it is told."""
    told = CliRunner().invoke(main, ["rules", "approve", "builtin-1", "--by", "zhao"])
    assert told.exit_code == 1
    assert "fundwatch rules restore builtin-1 --as" in told.stderr


@pytest.mark.broker
@pytest.mark.parametrize(
    "command", [("rules", "list"), ("explain", "0"), ("backtest", "--rule-set", "1")], ids=" ".join
)
def test_a_system_without_topics_is_told_in_one_line(settings: Settings, command: tuple[str, ...]) -> None:
    """Kafka answers, but nobody has made the topics yet."""
    told = fundwatch(settings, *command)
    assert told.returncode == 1
    assert "fundwatch topics create" in told.stderr
    assert told.stderr.count("\n") == 1


def test_a_bad_rule_set_is_refused_by_its_fields(servers: Settings, file: Path) -> None:
    """Every field at once."""
    file.write_text(TEXT.replace("60", '"soon"').replace('"b"', "3"), encoding="utf-8")
    refused = fundwatch(servers, "rules", "validate", str(file))
    assert refused.returncode == 1
    assert "basis: expected a text" in refused.stderr
    assert "rules.funds_idle.yellow_after_days: expected `int`, got `str`" in refused.stderr
