"""The plain judge agrees with the contract's own cases: the worked ones, the random ones and the disordered ones."""

from __future__ import annotations

import gzip
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.rules.plain_judge import PlainJudge, Step, daily
from tests.rules.plain_rules import RULE_IDS

CONTRACT = Path(__file__).parent.parent / "data" / "contract"
TRANSITION = {
    "raise": "raised",
    "escalate": "escalated",
    "lower": "eased",
    "clear": "cleared",
    "suppress": "suppressed",
    "dismiss": "dismissed",
}

Case = dict[str, Any]


def cases(name: str) -> list[Case]:
    """The cases of a file of the contract that have one of the ten rules."""
    lines = gzip.decompress((CONTRACT / name).read_bytes()).splitlines()
    return [case for case in map(json.loads, lines) if rules_of(case)]


def worked() -> list[Case]:
    """The worked cases that have one of the ten rules."""
    return [case for case in json.loads((CONTRACT / "worked_cases.json").read_text("utf-8")) if rules_of(case)]


def rules_of(case: Case) -> frozenset[str]:
    """Those of the ten rules that the case switches on."""
    return RULE_IDS.intersection(case["enabled_rules"])


def played(case: Case) -> tuple[PlainJudge, list[Step]]:
    """The case in file order with daily ticks, to its last day."""
    judge = PlainJudge(rules_of(case))
    journal = daily(case["events"], date.fromisoformat(case["start"]), date.fromisoformat(case["end"]))
    return judge, [step for event in journal for step in judge.take(event)]


def expected(case: Case) -> list[Step]:
    """What the contract says the ten rules do in the case."""
    return [
        Step(it["date"], it["by"], TRANSITION[it["action"]], it["rule_id"], it["subject_key"], it["severity"])
        for it in case["expected_alerts"]
        if it["rule_id"] in RULE_IDS
    ]


@pytest.mark.parametrize("case", [*worked(), *cases("sample_cases.jsonl.gz")], ids=lambda case: str(case["case"]))
def test_every_transition_of_a_contract_case_is_found_and_no_other(case: Case) -> None:
    """The expectations are exact and complete."""
    assert sorted(played(case)[1]) == sorted(expected(case))


@pytest.mark.parametrize("case", cases("sample_disordered.jsonl.gz"), ids=lambda case: str(case["case"]))
def test_disorder_and_redelivery_leave_the_same_alerts_open(case: Case) -> None:
    """Days permuted and a fifth of the events sent again: what is open at the end is as said."""
    judge, _ = played(case)
    still_open = {(*fault, severity) for fault, severity in judge.open_alerts()}
    stated = case["expected_open_alerts"]
    assert still_open == {
        (each["rule_id"], each["subject_key"], each["severity"]) for each in stated if each["rule_id"] in RULE_IDS
    }
