"""The contract's worked and sample cases, judged as `fundwatch judge` does, with the rules there are.

What a case expects of rules that are not in the catalogue is left out; all the rest must follow, and nothing else.
Desk rules judge what all the others found, so they are asked only in cases whose other rules are all there.
"""

from __future__ import annotations

import gzip
import json
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from alerts.alert import AlertRecord
from fundwatch.figures_wanted import FiguresWanted
from fundwatch.judging import FileJudge
from rules.catalogue import RULES
from rules.rule import Stage
from rules.selection import chosen_rules
from rules.thresholds import rule_set_of

DATA = Path(__file__).parent.parent / "data" / "contract"
OURS = frozenset(rule.id for rule in RULES)
ACTIONS = {
    "raised": "raise",
    "escalated": "escalate",
    "eased": "lower",
    "cleared": "clear",
    "suppressed": "suppress",
    "dismissed": "dismiss",
}

DESK = frozenset(rule.id for rule in RULES if rule.stage is Stage.DESK)

Case = dict[str, Any]


def cases(name: str) -> list[Case]:
    """The cases of a contract file that name one of our rules."""
    path = DATA / name
    text = gzip.decompress(path.read_bytes()).decode() if name.endswith(".gz") else path.read_text("utf-8")
    found = json.loads(text) if name.endswith(".json") else [json.loads(line) for line in text.splitlines()]
    return [case for case in found if ours(case)]


def ours(case: Case) -> frozenset[str]:
    """The rules of a case that can be judged."""
    enabled = frozenset(case["enabled_rules"])
    return enabled & OURS if enabled <= OURS else enabled & OURS - DESK


def judged(case: Case) -> tuple[list[AlertRecord], FileJudge]:
    """The alert records of a case, and the judge for what it refused and the figures it found."""
    rules = chosen_rules(RULES, ours(case))
    judging = FileJudge(rules, rule_set_of(RULES), emitted_at="2020-01-01T00:00:00.000+08:00", figures=wanted(case))
    lines = [json.dumps(event, ensure_ascii=False).encode() for event in case["events"]]
    first, last = date.fromisoformat(case["start"]), date.fromisoformat(case["end"])
    return list(judging.run(lines, first, last)), judging


def wanted(case: Case) -> set[FiguresWanted]:
    """The figures that a case expects, as requests."""
    return {
        FiguresWanted(date.fromisoformat(each["date"]), tuple(each["regions"]), each["budget_year"], each["calibre"])
        for each in case["expected_figures"]
    }


def figured(case: Case, judging: FileJudge) -> list[object]:
    """Our values of the figures that a case expects, in its order."""
    found = {
        (one["figures_on"], str(one["regions"]), one["budget_year"], one["calibre"]): one for one in judging.figured
    }
    return [
        found[each["date"], str(each["regions"]), each["budget_year"], each["calibre"]][each["figure"]]
        for each in case["expected_figures"]
    ]


def told(record: AlertRecord) -> tuple[str, ...]:
    """A record in the words of the expectation."""
    return (record.log_on, ACTIONS[record.transition], record.rule_id, record.severity, record.subject.key)


def expected(case: Case) -> Counter[tuple[str, ...]]:
    """What must follow, of our rules."""
    return Counter(
        (alert["date"], alert["action"], alert["rule_id"], alert["severity"], alert["subject_key"])
        for alert in case["expected_alerts"]
        if alert["rule_id"] in ours(case)
    )


@pytest.mark.parametrize("case", cases("worked_cases.json"), ids=lambda case: f"case-{case['case']}")
def test_a_worked_case_gives_exactly_its_alerts(case: Case) -> None:
    """Worked cases are the contract's own examples."""
    records, judging = judged(case)
    assert Counter(map(told, records)) == expected(case)
    assert figured(case, judging) == [each["value"] for each in case["expected_figures"]]


@pytest.mark.parametrize("case", cases("sample_cases.jsonl.gz"), ids=lambda case: f"sample-{case['case']}")
def test_a_sample_case_gives_exactly_its_alerts(case: Case) -> None:
    """Random cases at the edges of the limits, with corrections, late records, exemptions and desk work."""
    records, judging = judged(case)
    assert Counter(map(told, records)) == expected(case)
    assert [refused.code for _, refused in judging.dead_letters] == [code for *_, code in case["expected_dead_letters"]]
    assert figured(case, judging) == [each["value"] for each in case["expected_figures"]]


@pytest.mark.parametrize("case", cases("sample_disordered.jsonl.gz"), ids=lambda case: f"disordered-{case['case']}")
def test_a_disordered_case_ends_with_the_same_open_alerts(case: Case) -> None:
    """Redelivered and permuted as Kafka may: what is open at the end rests on the set of events alone."""
    records, judging = judged(case)
    assert figured(case, judging) == [each["value"] for each in case["expected_figures"]]
    last = {(record.rule_id, record.subject.key): record for record in records}
    open_at_end = {
        (rule_id, str(record.severity), key)
        for (rule_id, key), record in last.items()
        if record.transition not in ("cleared", "dismissed", "suppressed")
    }
    assert open_at_end == {
        (alert["rule_id"], alert["severity"], alert["subject_key"])
        for alert in case["expected_open_alerts"]
        if alert["rule_id"] in ours(case)
    }


def test_classified_funds_are_refused_along_the_chain() -> None:
    """Worked case 12: the quota, and the payment and document that name it."""
    text = (DATA / "worked_cases.json").read_text("utf-8")
    case = next(case for case in json.loads(text) if case["case"] == 12)
    _, judging = judged(case)
    assert [refused.code for _, refused in judging.dead_letters] == [code for *_, code in case["expected_dead_letters"]]


def test_judging_twice_gives_the_same_bytes() -> None:
    """Same journal, same alerts, byte for byte."""
    case = cases("sample_cases.jsonl.gz")[0]
    assert judged(case)[0] == judged(case)[0]
