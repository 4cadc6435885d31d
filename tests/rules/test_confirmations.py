"""Laws of candidates: what a person confirms stays true until the object ends or a person takes it back."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from rules.engine import Engine
from rules.fold.folding import SubjectKind
from rules.rule import (
    ALL_PROFILES,
    NO_FAULT,
    RED_AT_ONCE,
    YELLOW_AT_ONCE,
    Explanation,
    Judgement,
    Kind,
    NoThresholds,
    Rule,
    Steps,
)
from rules.state import QuotaRow
from rules.thresholds import rule_set_of
from rules.view import View
from tests.rules.tape import read_lines, tick_event

RULE_ID = "received_quota_reentered"
STORY = (
    "region 652722 xinjiang opened 2019-01-01",
    "2019-01-10 quota.arranged Q1 yuan=1,000.00 entry_mode=direct",
)


def judge(quota: QuotaRow, view: View, _: NoThresholds) -> Steps:
    """Yellow while the quota has not its full amount of 2,000 yuan, red once confirmed."""
    if not view.quota_is_in_scope(quota):
        return NO_FAULT
    if view.is_confirmed(RULE_ID, SubjectKind.QUOTA, quota.id):
        return RED_AT_ONCE
    return YELLOW_AT_ONCE if view.quota_net_fen(quota) < 200_000 else NO_FAULT


def explain(quota: QuotaRow, view: View, _: NoThresholds) -> Explanation:
    """Nothing but what the engine wants."""
    return Explanation(
        title=quota.id,
        observed=None,
        limit=None,
        unit="",
        amount_fen=None,
        facts={"quota_excluded": view.quota_is_excluded(quota)},
        marks=(),
        message_zh="",
        message_en="",
    )


def candidate(*, is_candidate: bool = True) -> Rule:
    """A rule that points at small quotas."""
    return Rule(
        id=RULE_ID,
        version="1",
        name_zh="",
        name_en="",
        category="",
        owner="",
        kind=Kind.AGGREGATE,
        profiles=ALL_PROFILES,
        thresholds=NoThresholds,
        judgements={SubjectKind.QUOTA: Judgement(judge=judge, explain=explain)},
        basis=(),
        is_candidate=is_candidate,
    )


def told(rule: Rule, *words: str) -> list[list[tuple[str, str, bool]]]:
    """What the rule says after each further line of the story: transition, severity, and whether it is excluded."""
    engine = Engine((rule,), rule_set_of((rule,)))
    events: list[dict[str, Any]] = read_lines((*STORY, *words), RULE_ID).events
    records = [tick_event(date(2019, 1, 1)), *events]
    found = [engine.take(number, json.dumps(event).encode()) for number, event in enumerate(records)]
    return [
        [(each.transition.value, each.severity.value, bool(each.facts["quota_excluded"])) for each in findings]
        for findings in found[3:]
    ]


def verified(day: int, outcome: str, episode: int = 1) -> str:
    """A line: a person says what the quota's alert is."""
    return f"2019-01-{day} alert.verified Q1@{episode} outcome={outcome}"


RAISED = "2019-01-12 quota.adjusted J1 quota_id=Q1 delta_fen=100000"
LOWERED = "2019-01-13 quota.adjusted J2 quota_id=Q1 delta_fen=-100000"
OUT = "2019-01-14 quota.reflagged Q1 is_poverty_fund=false"
IN = "2019-01-15 quota.reflagged Q1 is_poverty_fund=true"


def test_a_confirmed_candidate_is_red_also_when_the_match_has_ended() -> None:
    """The figure changes with the confirmation; what was confirmed does not end by an adjustment."""
    assert told(candidate(), verified(11, "confirmed"), RAISED) == [[("escalated", "red", True)], []]


def test_a_confirmed_candidate_ends_out_of_scope_and_is_red_again_when_it_comes_back() -> None:
    """Nobody has to confirm it twice."""
    steps = told(candidate(), verified(11, "confirmed"), OUT, IN)
    assert steps == [[("escalated", "red", True)], [("cleared", "red", True)], [("raised", "red", True)]]


def test_a_later_false_positive_takes_the_confirmation_back() -> None:
    """The alert is dismissed, and the lesser fault that is still there stays silent until it has ended once."""
    steps = told(candidate(), verified(11, "confirmed"), verified(11, "false_positive"), RAISED, LOWERED)
    assert steps == [[("escalated", "red", True)], [("dismissed", "red", False)], [], [("raised", "yellow", False)]]


def test_a_match_that_ended_while_confirmed_is_a_new_fault_after_the_false_positive() -> None:
    """With the confirmation gone the condition is false at once, so the next match is not silent."""
    steps = told(candidate(), verified(11, "confirmed"), RAISED, verified(12, "false_positive"), LOWERED)
    assert steps[2:] == [[("dismissed", "red", False)], [("raised", "yellow", False)]]


@pytest.mark.parametrize("outcome", ["data_error", "superior_problem"])
def test_other_outcomes_change_no_alert(outcome: str) -> None:
    """They only tell whose problem it is."""
    assert told(candidate(), verified(11, outcome)) == [[]]


def test_what_is_said_of_an_alert_that_is_not_open_changes_nothing() -> None:
    """Neither of one that ended, nor of an earlier episode's, nor of one that never was."""
    late = verified(13, "confirmed")
    assert told(candidate(), RAISED, late, LOWERED, late, verified(13, "confirmed", 9))[1:] == [
        [],
        [("raised", "yellow", False)],
        [],
        [],
    ]


def test_only_candidates_are_confirmed() -> None:
    """Of any other rule a confirmation is a note for the desk."""
    assert told(candidate(is_candidate=False), verified(11, "confirmed")) == [[]]
