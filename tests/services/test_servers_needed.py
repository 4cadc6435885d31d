"""Laws of commands where no server is: one sentence, the same with each, that says what to do."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from fundwatch.cli import main

KAFKA = "no Kafka: run `fundwatch up`, or set FUNDWATCH_KAFKA"
REDIS = "no Redis: run `fundwatch up`, or set FUNDWATCH_REDIS"
DAYS = ("--from", "2019-01-01", "--to", "2019-01-02")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a system that was never started, with a file of no events in it."""
    for name in ("KAFKA", "REDIS"):
        monkeypatch.delenv(f"FUNDWATCH_{name}", raising=False)
    monkeypatch.setenv("FUNDWATCH_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "events.jsonl").touch()
    return tmp_path


def ran(*arguments: str, **addresses: str) -> Result:
    """A command; ``addresses`` of the servers that there are said to be."""
    return CliRunner().invoke(main, arguments, env={f"FUNDWATCH_{name.upper()}": at for name, at in addresses.items()})


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    "command",
    [
        ("rules", "list"),
        ("rules", "show", "1"),
        ("rules", "diff", "1", "2"),
        ("topics", "create"),
        ("worker",),
        ("backtest", "--rule-set", "in-force"),
        ("explain", "0"),
        ("publish", "events.jsonl"),
        ("replay", "events.jsonl", *DAYS),
    ],
    ids=" ".join,
)
def test_without_kafka_every_command_says_the_same(command: tuple[str, ...]) -> None:
    """One line, no traceback."""
    told = ran(*command)
    assert told.exit_code in (1, 2)
    assert told.stderr.startswith(f"Error: {KAFKA}")
    assert told.stderr.count("\n") == 1


@pytest.mark.usefixtures("home")
def test_a_worker_of_no_stage_is_refused() -> None:
    """It would run, and do nothing."""
    told = ran("worker", "--stages", ", ", kafka="127.0.0.1:1")
    assert told.exit_code == 2
    assert "names none; there are intake" in told.stderr


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("command", [("queues", "list"), ("queues", "rebuild"), ("feed", "--serve")], ids=" ".join)
def test_without_redis_every_command_says_the_same(command: tuple[str, ...]) -> None:
    """The same way."""
    told = ran(*command)
    assert (told.exit_code, told.stderr) == (1, f"Error: {REDIS}\n")


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("command", [("rules", "list"), ("explain", "0"), ("worker",)], ids=" ".join)
def test_a_kafka_that_does_not_answer_is_named(command: tuple[str, ...]) -> None:
    """It was set: to be told to set it would help nobody."""
    told = ran(*command, kafka="127.0.0.1:1")
    assert (told.exit_code, told.stderr) == (
        1,
        "Error: no Kafka at 127.0.0.1:1: Connection refused; see FUNDWATCH_KAFKA\n",
    )
