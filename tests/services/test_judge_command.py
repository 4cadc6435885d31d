"""Laws of `fundwatch judge` as somebody types it."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from fundwatch.cli import main


@pytest.fixture
def nothing(tmp_path: Path) -> Path:
    """A file without events."""
    path = tmp_path / "events.jsonl"
    path.write_bytes(b"")
    return path


def judged(path: Path, first: str, last: str, *more: str) -> Result:
    """The command on a file and two days."""
    return CliRunner().invoke(main, ["judge", str(path), "--from", first, "--to", last, *more])


def test_a_year_without_calendar_is_told(nothing: Path) -> None:
    """Deadlines of such a year rest on Monday to Friday: whoever reads the alerts has to know."""
    assert judged(nothing, "2019-12-30", "2020-01-02").stderr == ""
    told = judged(nothing, "2100-12-30", "2100-12-31")
    assert told.exit_code == 0
    assert "no statutory calendar of 2100" in told.stderr


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("2019-12-31", "2019-12-30"), "--to is before --from"),
        (("2019-12-30", "2019-12-31", "--rules", "funds_idle,nonesuch"), "no rule 'nonesuch'"),
    ],
)
def test_what_cannot_be_judged_is_refused_by_name(nothing: Path, arguments: tuple[str, ...], reason: str) -> None:
    """Before anything is judged, as a fault of usage."""
    refused = judged(nothing, *arguments)
    assert refused.exit_code == 2
    assert reason in refused.stderr
