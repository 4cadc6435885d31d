"""Laws of `fundwatch rules` as somebody types it."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.settings import Settings
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


def test_a_bad_rule_set_is_refused_by_its_fields(servers: Settings, file: Path) -> None:
    """Every field at once."""
    file.write_text(TEXT.replace("60", '"soon"').replace('"b"', "3"), encoding="utf-8")
    refused = fundwatch(servers, "rules", "validate", str(file))
    assert refused.returncode == 1
    assert "basis: expected a text" in refused.stderr
    assert "rules.funds_idle.yellow_after_days: expected `int`, got `str`" in refused.stderr
