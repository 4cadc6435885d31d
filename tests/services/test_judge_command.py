"""Laws of `fundwatch judge` as somebody types it."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result

from alerts.alert import AlertRecord
from connectors.simulator.province import Province
from fundwatch import scratch
from fundwatch.cli import main
from fundwatch.journal_file import DayBegins, steps
from fundwatch.judging import FileJudge, canonical_order
from rules.catalogue import RULES
from rules.selection import chosen_rules
from rules.thresholds import rule_set_of
from tests.domain.examples import EXAMPLES


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
        (("2019-12-30", "2019-12-31", "--cut", "category"), "--cut prints parts of figures: it needs --figures"),
        (("2019-12-30", "2019-12-31", "--rules", ","), "--rules: ',' names no rule"),
        (("2019-12-30", "2019-12-31", "--rules", " "), "--rules: ' ' names no rule"),
        (("1899-12-31", "1900-01-01"), "'1899-12-31' is not a date such as 2019-09-30, from 1900-01-01 to 2100-12-31"),
        (("9999-12-30", "9999-12-31"), "'9999-12-30' is not a date such as 2019-09-30, from 1900-01-01 to 2100-12-31"),
    ],
)
def test_what_cannot_be_judged_is_refused_by_name(nothing: Path, arguments: tuple[str, ...], reason: str) -> None:
    """Before anything is judged, as a fault of usage."""
    refused = judged(nothing, *arguments)
    assert refused.exit_code == 2
    assert reason in refused.stderr


@pytest.mark.parametrize("moment", ["9999-12-31T00:00:00+08:00", "2101-01-01T00:00:00+08:00", "2019-12-31"])
def test_a_moment_that_is_none_of_the_contract_begins_no_day(tmp_path: Path, moment: str) -> None:
    """The record is refused, and what comes behind it is judged on its own days."""
    bad, good = tmp_path / "bad.jsonl", EXAMPLES["payment.recorded"]
    bad.write_text("\n".join(map(json.dumps, ({**good, "recorded_at": moment}, good))))
    told = judged(bad, "2019-12-30", "2019-12-31")
    assert (told.exit_code, told.stderr.count("recorded_at")) == (0, 1)
    day = date(2019, 12, 30)
    assert list(steps(bad.read_bytes().splitlines(), day, day))[-1] == DayBegins(day)


@pytest.mark.parametrize(
    "text",
    [
        *("2019-12-31", "2019-12-31:652722", "2019-13-01:652722:2019", "2019-12-31::2019:new"),
        *("2019-12-31:652722+652722:2019", "2019-12-31:999999:2019"),
    ],
)
def test_figures_that_cannot_be_read_are_refused_with_their_form(nothing: Path, text: str) -> None:
    """Before anything is judged, as a fault of usage."""
    refused = judged(nothing, "2019-12-30", "2019-12-31", "--figures", text)
    assert refused.exit_code == 2
    assert "DATE:REGION[+REGION...]:YEAR[:now|old[@DATE]]" in refused.stderr


@pytest.mark.parametrize("day", ["2019-12-29", "2020-01-01"])
def test_figures_of_a_day_that_is_not_judged_are_refused(nothing: Path, day: str) -> None:
    """Before anything is judged, naming the option and the days there are."""
    refused = judged(nothing, "2019-12-30", "2019-12-31", "--figures", f"{day}:652722:2019")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert f"--figures: '{day}:652722:2019' is of a day outside --from 2019-12-30 and --to 2019-12-31" in refused.stderr


def test_figures_are_printed_as_records_of_their_own(tmp_path: Path) -> None:
    """As of the end of the day asked for; of a region that is not open there are none, so every sum is 0."""
    path = tmp_path / "events.jsonl"
    opened = EXAMPLES["region.opened"]
    quota = EXAMPLES["quota.arranged"]
    path.write_text("\n".join(map(json.dumps, (opened, quota))), "utf-8")
    day, region = quota["recorded_at"][:10], quota["region"]
    told = judged(path, "2018-12-31", day, "--figures", f"{day}:{region}:{quota['body']['budget_year']}")
    figures = json.loads(told.stdout.splitlines()[-1])
    assert figures["figures_on"] == day
    assert figures["regions"] == [region]
    assert figures["scale_fen"] == quota["body"]["amount_fen"]
    assert figures["progress_basis_points"] == 0


def test_a_rule_set_that_cannot_be_used_is_told_by_its_fields(nothing: Path, tmp_path: Path) -> None:
    """Before anything is judged, every field at once."""
    path = tmp_path / "rules.toml"
    path.write_text(
        'version = "1"\nauthor = "a"\nbasis = "b"\nrules.funds_idle = {mode = "maybe", red_after_day = 1}\n'
    )
    refused = judged(nothing, "2019-12-30", "2019-12-31", "--rule-set", f"2019-12-31:{path}")
    assert refused.exit_code == 2
    assert "rules.funds_idle.mode: expected off, shadow or on" in refused.stderr
    assert "rules.funds_idle.red_after_day: expected one of" in refused.stderr


def test_a_rule_set_of_a_file_is_judged_by(nothing: Path, tmp_path: Path) -> None:
    """From the start, or from a day on."""
    path = tmp_path / "rules.toml"
    path.write_text('version = "1"\nauthor = "a"\nbasis = "b"\n')
    told = judged(nothing, "2019-12-30", "2019-12-31", "--rule-set", str(path), "--rule-set", f"2019-12-31:{path}")
    assert (told.exit_code, told.stderr) == (0, "")


@pytest.mark.parametrize(("day", "when"), [("", "at the start"), ("2019-12-31:", "2019-12-31")])
def test_two_rule_sets_do_not_take_effect_at_once(nothing: Path, tmp_path: Path, day: str, when: str) -> None:
    """One of them would be left out, whichever."""
    path = tmp_path / "rules.toml"
    path.write_text('version = "1"\nauthor = "a"\nbasis = "b"\n')
    twice = ("--rule-set", f"{day}{path}") * 2
    refused = judged(nothing, "2019-12-30", "2019-12-31", *twice)
    assert refused.exit_code == 2
    assert f"--rule-set: two take effect {when}" in refused.stderr


def test_a_rule_set_after_the_last_day_is_refused(nothing: Path, tmp_path: Path) -> None:
    """A slip in the year would judge by the other one in silence."""
    path = tmp_path / "rules.toml"
    path.write_text('version = "1"\nauthor = "a"\nbasis = "b"\n')
    refused = judged(nothing, "2019-12-30", "2019-12-31", "--rule-set", f"2020-12-31:{path}")
    assert refused.exit_code == 2
    assert "--rule-set: 2020-12-31 is after --to 2019-12-31" in refused.stderr


def test_judging_loads_no_client_of_a_server() -> None:
    """It needs none."""
    loaded = "import sys, fundwatch.commands.judge; print({'kafka', 'aiokafka', 'redis', 'faust'} & sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_a_large_file_is_judged_on_disk_as_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where state is kept makes no difference, and nothing of it is left."""
    path = tmp_path / "events.jsonl"
    made = Province(6, 1, 1, households=2, per_rule=1)
    path.write_bytes(b"".join(sent.value + b"\n" for _, records in made.days() for sent in records))
    in_memory = judged(path, "2019-01-01", "2019-12-31").stdout.splitlines()
    monkeypatch.setattr(scratch, "FILE_BYTES_IN_MEMORY_MAX", 0)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    on_disk = judged(path, "2019-01-01", "2019-12-31").stdout.splitlines()
    assert len(in_memory) > 100
    assert [{**json.loads(line), "emitted_at": ""} for line in on_disk] == [
        {**json.loads(line), "emitted_at": ""} for line in in_memory
    ]
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


def test_records_are_in_one_order_whenever_other_stages_got_to_theirs() -> None:
    """A running system judges persons in workers of their own; the print equals that of a file."""
    (first, *_) = alert_records("monthly_report_late")
    of_persons = [msgspec.structs.replace(first, rule_id=name) for name in ("duplicate_claim", "recipient_deceased")]
    printed = [first, *of_persons]
    assert canonical_order(printed) == canonical_order([*reversed(of_persons), first]) == printed


def alert_records(rule_id: str) -> list[AlertRecord]:
    """Of a rule, in a region that sends nothing."""
    judging = FileJudge(chosen_rules(RULES, (rule_id,)), rule_set_of(RULES), emitted_at="")
    return list(judging.run([json.dumps(EXAMPLES["region.opened"]).encode()], date(2019, 1, 1), date(2020, 1, 1)))
