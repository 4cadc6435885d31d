"""Laws of deploy/prometheus: what promtool accepts, and what each alert tells whoever is called."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import generate_latest

from alerts.feed_metrics import FeedMetrics
from streams.metrics import METRICS, PREFIX, Metrics

PROJECT = Path(__file__).parents[2]
FOLDER = PROJECT / "deploy" / "prometheus"
RULES: list[dict[str, Any]] = [
    rule
    for group in yaml.safe_load((FOLDER / "rules.yml").read_text(encoding="utf-8"))["groups"]
    for rule in group["rules"]
]
TESTS = yaml.safe_load((FOLDER / "rules_test.yml").read_text(encoding="utf-8"))["tests"]
OUTCOMES = {
    (case["alertname"], bool(case["exp_alerts"])) for test in TESTS for case in test["alert_rule_test"]
}  # (alert, whether it is expected to fire)
OPERATIONS = (PROJECT / "docs" / "operations.md").read_text(encoding="utf-8")


def run(promtool: str, *arguments: str, text: str | None = None) -> subprocess.CompletedProcess[str]:
    """Promtool on these arguments, in the folder that its files refer to each other from."""
    return subprocess.run(
        [promtool, *arguments], cwd=FOLDER, input=text, capture_output=True, text=True, check=False, timeout=60
    )


def anchor(heading: str) -> str:
    """The fragment that a heading of a Markdown page is linked by."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def test_the_rules_are_valid(promtool: str) -> None:
    """Promtool reads the alert rules and has nothing to say against them."""
    checked = run(promtool, "check", "rules", "--lint-fatal", "rules.yml")
    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize("name", ["prometheus.yml", "prometheus.kubernetes.yml"])
def test_a_scrape_configuration_is_valid(promtool: str, name: str) -> None:
    """Promtool reads each configuration with the rules that it names."""
    checked = run(promtool, "check", "config", name)
    assert checked.returncode == 0, checked.stderr


def test_the_rules_fire_when_they_should(promtool: str) -> None:
    """Every case of rules_test.yml comes out as written there."""
    tested = run(promtool, "test", "rules", "rules_test.yml")
    assert tested.returncode == 0, tested.stdout + tested.stderr


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_alert_has_a_firing_and_a_silent_case(rule: dict[str, Any]) -> None:
    """For each alert the tests know what makes it fire, and of something that must not."""
    assert (rule["alert"], True) in OUTCOMES
    silent_alone = any(
        case["alertname"] == rule["alert"] and not case["exp_alerts"]
        for test in TESTS
        for case in test["alert_rule_test"]
    )
    assert silent_alone


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_alert_says_what_to_do(rule: dict[str, Any]) -> None:
    """Each alert has a summary, patience, a severity, and a heading of the runbook that it links to."""
    page, _, fragment = rule["annotations"]["runbook_url"].partition("#")
    assert page == "docs/operations.md"
    assert fragment in {anchor(line.lstrip("# ")) for line in OPERATIONS.splitlines() if line.startswith("#")}
    assert rule["annotations"]["summary"]
    assert rule["for"]
    assert rule["labels"]["severity"] in {"page", "ticket"}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_alert_rests_on_metrics_that_exist(rule: dict[str, Any]) -> None:
    """Each series in a rule is declared by the worker (or is Prometheus' own `up`)."""
    named = set(re.findall(r"fundwatch_\w+(?![\w-])", re.sub(r'"[^"]*"', "", rule["expr"])))
    assert {name.removesuffix("_total") for name in named} <= {PREFIX + metric.name for metric in METRICS}


def test_what_the_feed_exposes_is_well_formed(promtool: str) -> None:
    """Promtool accepts the feed's metrics: names, units, help texts."""
    checked = run(promtool, "check", "metrics", text=generate_latest(FeedMetrics().registry).decode())
    assert (checked.returncode, checked.stderr) == (0, "")


def test_what_a_worker_declares_is_well_formed(promtool: str) -> None:
    """Promtool accepts every metric of a worker with at least one series."""
    values = {"stage": ["judge"], "rule": ["funds_idle"], "code": ["malformed"], "verdict": ["continue"]}
    metrics = Metrics({**values, "partition": ["0"]})
    checked = run(promtool, "check", "metrics", text=metrics.exposition().decode())
    assert (checked.returncode, checked.stderr) == (0, "")
