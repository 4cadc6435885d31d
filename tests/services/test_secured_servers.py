"""Laws of an existing Kafka and Redis with TLS and passwords: the whole runs there, and what does not fit is said."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from click.testing import CliRunner

from connectors import broker
from domain.topics import TOPICS
from fundwatch.cli import main
from fundwatch.services import processes
from tests.conftest import PROJECT
from tests.rules.tape import read_lines
from tests.services.secured_servers import KAFKA_PASSWORD, REDIS_PASSWORD, USER, Secured, secured
from tests.streams.counties import COUNTIES

pytestmark = pytest.mark.broker

# In whatever form they might come to light: a URL has signs of its own for some of theirs.
SECRETS = (KAFKA_PASSWORD, REDIS_PASSWORD, quote(REDIS_PASSWORD, safe=""))
TAPE = f"""
region {COUNTIES[0]} xinjiang opened 2019-01-01
2019-01-02  quota.received    Q1  yuan=200,000.00
2019-01-02  quota.allocated   A1  quota_id=Q1 yuan=100,000.00 target_kind=project is_pending=false project_id=P1
2019-01-03  payment.recorded  Z1  line_id=A1 yuan=1,000.00 settlement_method=cash
2019-01-04  payment.recorded  Z2  line_id=A1 yuan=5,000.00 settlement_method=cash
"""
RULE = "cash_withdrawal"
DAYS = ("--from", "2019-01-01", "--to", "2019-01-04", "--rules", RULE)
OTHER = "not-the-password"
NO_LOGIN = {"KAFKA_SECURITY_PROTOCOL": "SSL", "KAFKA_SASL_MECHANISM": "", "KAFKA_PASSWORD": ""}
PLAIN_CLIENT = NO_LOGIN | {"KAFKA_SECURITY_PROTOCOL": "", "KAFKA_CAFILE": ""}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    """Servers as a site has them."""
    with secured(str(PROJECT / ".fundwatch"), tmp_path_factory.mktemp("site")) as found:
        yield found


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """All events but the last in a file to be played, and the last one in a file to be published."""
    lines = [json.dumps(event) + "\n" for event in read_lines(TAPE.splitlines(), RULE).events]
    folder = tmp_path_factory.mktemp("story")
    files = [folder / "played.jsonl", folder / "published.jsonl"]
    files[0].write_text("".join(lines[:-1]), encoding="utf-8")
    files[1].write_text(lines[-1], encoding="utf-8")
    return files


def fundwatch(arguments: Sequence[str | Path], settings: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """The command line as somebody types it, with these settings and no others."""
    bare = {name: value for name, value in os.environ.items() if not name.startswith("FUNDWATCH_")}
    return subprocess.run(
        [sys.executable, "-m", "fundwatch", *map(str, arguments)],
        env={**bare, **settings},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


class Line:
    """The command line of a system on these servers; keeps all that it says."""

    def __init__(self, site: Secured, home: Path) -> None:
        # At DEBUG libraries tell what they are made with.
        self._settings = site.environ(HOME=str(home), RULES=RULE, LOG_LEVEL="DEBUG")
        self.home, self.said = home, ""

    def __call__(self, *arguments: str | Path) -> str:
        """Its output, where it goes well."""
        told = fundwatch(arguments, self._settings)
        self.said += told.stdout + told.stderr
        assert told.returncode == 0, told.stderr
        return told.stdout


@pytest.fixture
def line(site: Secured, tmp_path: Path) -> Iterator[Line]:
    """A system of the test's own, which is stopped in any case."""
    here = Line(site, tmp_path / "home")
    yield here
    here("down")


def records(output: str) -> list[dict[str, Any]]:
    """JSON Lines."""
    return [json.loads(each) for each in output.splitlines()]


def test_the_whole_system_runs_on_secured_servers_and_tells_no_secret(line: Line, story: list[Path]) -> None:
    """Topics, worker, feed, clock, publisher, replay, backtest: each client of either server gets in.

    No password is shown, logged or kept, nor to be seen among the arguments of a process.
    """
    assert f"{len(TOPICS)} topics created" in line("topics", "create")
    line("up", "--clock", "manual")
    played = records(line("replay", story[0], *DAYS))
    assert [(each["rule_id"], each["transition"]) for each in played] == [(RULE, "raised")]
    line("publish", story[1], "--rejects", line.home / "rejects.csv")
    fed = records(line("feed", "--json", "--count", "2"))
    assert fed[0] == played[0]
    assert (fed[1]["rule_id"], fed[1]["severity"]) == (RULE, "red")
    assert "builtin-1" in line("rules", "list")
    assert line("backtest", "--rule-set", "in-force", "--processes", "1") == "no difference\n"
    status = json.loads(line("status", "--json"))
    assert {each["state"] for each in status["processes"]} == {"running"}
    assert {shard["health"] for shards in status["stages"].values() for shard in shards} == {"ready"}
    assert status["redis"].startswith(f"rediss://{USER}@127.0.0.1:")
    running = [process.pid for found in processes.marked(str(line.home)).values() for process in found]
    assert len(running) == 3  # supervisor, worker, feed
    places = [line.said, *(Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8") for pid in running)]
    places += [path.read_bytes().decode(errors="replace") for path in line.home.rglob("*") if path.is_file()]
    assert [secret for secret in SECRETS if any(secret in place for place in places)] == []
    line("down")
    assert processes.marked(str(line.home)) == {}


def the_line(exit_code: int, output: str, error: str) -> str:
    """What a command says that cannot go well: one line, with no secret in it."""
    said = error.strip().splitlines()
    assert exit_code in {1, 2}
    assert len(said) == 1, error
    assert [secret for secret in (*SECRETS, OTHER) if secret in output + error] == []
    return said[0]


def tried(site: Secured, home: Path, arguments: str, **changed: str) -> str:
    """What a command says in this process."""
    told = CliRunner().invoke(main, arguments.split(), env=site.environ(HOME=str(home), **changed))
    return the_line(told.exit_code, told.stdout, told.stderr)


def tried_apart(site: Secured, home: Path, arguments: str, **changed: str) -> str:
    """What a command says in a process of its own: asyncio does not close a connection whose handshake has failed."""
    told = fundwatch(arguments.split(), site.environ(HOME=str(home), **changed))
    return the_line(told.returncode, told.stdout, told.stderr)


@pytest.mark.parametrize(
    "arguments",
    [
        "topics create",
        "up",
        "worker",
        "rules list",
        "backtest --rule-set in-force",
        "publish FILE",
        "queues rebuild",
        "replay FILE --from 2019-01-01 --to 2019-01-01",
    ],
)
def test_whichever_command_meets_a_kafka_that_does_not_let_in_says_so(
    arguments: str, site: Secured, story: list[Path], tmp_path: Path
) -> None:
    """A wrong password, and no client that tries it for ever."""
    said = tried(site, tmp_path, arguments.replace("FILE", str(story[0])), KAFKA_PASSWORD=OTHER)
    assert "wrong user or password; see FUNDWATCH_KAFKA_USERNAME (monitor), FUNDWATCH_KAFKA_PASSWORD" in said


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"KAFKA_USERNAME": "nobody"}, "FUNDWATCH_KAFKA_USERNAME (nobody), FUNDWATCH_KAFKA_PASSWORD"),
        ({"KAFKA_SASL_MECHANISM": "PLAIN", "KAFKA_PASSWORD": OTHER}, "wrong user or password"),
        ({"KAFKA_SASL_MECHANISM": "SCRAM-SHA-256"}, "FUNDWATCH_KAFKA_SASL_MECHANISM (SCRAM-SHA-256)"),
        ({"KAFKA_CAFILE": "UNKNOWN"}, "its certificate is not trusted"),
        ({"KAFKA_CAFILE": ""}, "FUNDWATCH_KAFKA_CAFILE (empty: the authorities of this machine)"),
        (PLAIN_CLIENT, "FUNDWATCH_KAFKA_SECURITY_PROTOCOL (PLAINTEXT)"),
        ({"KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT", "KAFKA_CAFILE": ""}, "(SASL_PLAINTEXT)"),
        (NO_LOGIN, "FUNDWATCH_KAFKA_SECURITY_PROTOCOL (SSL)"),
    ],
)
def test_what_does_not_fit_a_secured_kafka_is_one_line_that_names_the_setting(
    changed: dict[str, str], named: str, site: Secured, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """User, mechanism, authority, no TLS, no login."""
    monkeypatch.setattr(broker, "_CONNECT_S_MAX", 0.2)  # no broker is about to start
    changed = {name: site.unknown_cafile if value == "UNKNOWN" else value for name, value in changed.items()}
    assert named in tried(site, tmp_path, "topics create", **changed)


@pytest.mark.parametrize(
    "arguments",
    ["up", "worker", "feed --serve", "queues list", "replay FILE --from 2019-01-01 --to 2019-01-01"],
)
def test_whichever_command_meets_a_redis_that_does_not_let_in_says_so(
    arguments: str, site: Secured, story: list[Path], tmp_path: Path
) -> None:
    """A wrong password, and nobody who waits for it to become right."""
    said = tried_apart(site, tmp_path, arguments.replace("FILE", str(story[0])), REDIS=site.redis_url(password=OTHER))
    assert said.startswith(f"Error: Redis at rediss://{USER}@{site.redis}/0 refuses access: ")
    assert said.endswith("see user and password in FUNDWATCH_REDIS")


@pytest.mark.parametrize("cafile", ["UNKNOWN", ""])
def test_an_authority_that_did_not_sign_redis_is_named(cafile: str, site: Secured, tmp_path: Path) -> None:
    """Another one, or those of this machine."""
    changed = cafile.replace("UNKNOWN", site.unknown_cafile)
    assert "FUNDWATCH_REDIS_CAFILE" in tried_apart(site, tmp_path, "queues list", REDIS_CAFILE=changed)


def test_a_plain_client_of_a_redis_with_tls_is_one_line(site: Secured, tmp_path: Path) -> None:
    """A server that hangs up on it may also be one that is about to end, so no fault is named, but the setting."""
    said = tried_apart(site, tmp_path, "up", REDIS=site.redis_url("redis"), REDIS_CAFILE="")
    assert "cannot be reached" in said
    assert said.endswith("see FUNDWATCH_REDIS")


def test_either_mechanism_lets_in(site: Secured, tmp_path: Path) -> None:
    """PLAIN, beside SCRAM-SHA-512, which every other test here uses."""
    told = CliRunner().invoke(
        main, ["topics", "create"], env=site.environ(HOME=str(tmp_path), KAFKA_SASL_MECHANISM="PLAIN", NAMESPACE="p")
    )
    assert (told.exit_code, told.stderr) == (0, "")


@pytest.mark.parametrize(
    ("arguments", "namespace", "right"),
    [
        ("topics create", "looked", "make topics such as looked."),
        ("topics create", "strange", "describe topic strange."),
        ("rules list", "strange", "describe topic strange."),
        ("explain 0", "strange", "describe topic strange."),
        ("backtest --rule-set in-force", "strange", "describe topic strange."),
    ],
)
def test_a_right_that_lacks_is_one_line_that_names_the_user(
    arguments: str, namespace: str, right: str, site: Secured, tmp_path: Path
) -> None:
    """Whoever reads it goes to the broker's administrator with it."""
    told = tried(site, tmp_path, arguments, NAMESPACE=namespace)
    assert f"the broker does not let {USER} {right}" in told
    assert told.endswith("see Kafka and Redis in docs/operations.md")
