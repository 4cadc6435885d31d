"""The lifecycle as a table: every (status, command) pair with its outcome, written out by hand."""

from __future__ import annotations

import pytest

from alerts.lifecycle import BEING_HANDLED, Command, Refusal, Status, status_after

# Rows are commands, columns the status before (none: no such alert yet). In the cells the status after, or why not:
#   -  not_raised    ALREADY  already_raised    ENDED  ended    NO  not_in_this_state
TABLE = """
command      none  open         acknowledged confirmed  rectifying rectified  suspended closed    cleared dismissed
raised       open  ALREADY      ALREADY      ALREADY    ALREADY    ALREADY    open      ALREADY   ENDED   ENDED
suppressed   suspended ALREADY  ALREADY      ALREADY    ALREADY    ALREADY    suspended ALREADY   ENDED   ENDED
# A rule goes on judging whatever people do: severity moves, and the end of the condition ends the alert.
escalated    -     open         acknowledged confirmed  rectifying rectified  suspended closed    ENDED   ENDED
eased        -     open         acknowledged confirmed  rectifying rectified  suspended closed    ENDED   ENDED
updated      -     open         acknowledged confirmed  rectifying rectified  suspended closed    ENDED   ENDED
cleared      -     cleared      cleared      cleared    cleared    cleared    cleared   cleared   ENDED   ENDED
dismissed    -     dismissed    dismissed    dismissed  dismissed  dismissed  dismissed dismissed ENDED   ENDED
# People, in the order of the work.
acknowledged -     acknowledged NO           NO         NO         NO         NO        NO        ENDED   ENDED
assigned     -     NO           acknowledged confirmed  rectifying NO         NO        NO        ENDED   ENDED
confirmed    -     confirmed    confirmed    NO         NO         NO         NO        NO        ENDED   ENDED
rectifying   -     rectifying   rectifying   rectifying NO         NO         NO        NO        ENDED   ENDED
rectified    -     rectified    rectified    rectified  rectified  NO         NO        NO        ENDED   ENDED
returned     -     NO           NO           NO         NO         rectifying NO        NO        ENDED   ENDED
closed       -     NO           NO           NO         NO         closed     NO        NO        ENDED   ENDED
reopened     -     NO           NO           NO         NO         NO         open      open      ENDED   ENDED
transferred  -     open         open         open       open       NO         NO        NO        ENDED   ENDED
suspended    -     suspended    suspended    suspended  suspended  NO         NO        NO        ENDED   ENDED
noted        -     open         acknowledged confirmed  rectifying rectified  suspended closed    cleared dismissed
# The deadline clock speaks only of what somebody has to work on.
reminded     -     open         acknowledged confirmed  rectifying NO         NO        NO        ENDED   ENDED
overdue      -     open         acknowledged confirmed  rectifying NO         NO        NO        ENDED   ENDED
"""
REFUSALS = {
    "-": Refusal.NOT_RAISED,
    "ALREADY": Refusal.ALREADY_RAISED,
    "ENDED": Refusal.ENDED,
    "NO": Refusal.NOT_IN_THIS_STATE,
}
HEADER, *ROWS = [line.split() for line in TABLE.splitlines() if line and not line.startswith("#")]
PAIRS = [
    pytest.param(None if before == "none" else Status(before), Command(row[0]), cell, id=f"{before}-{row[0]}")
    for row in ROWS
    for before, cell in zip(HEADER[1:], row[1:], strict=True)
]


def test_table_has_every_pair() -> None:
    """No status and no command is left out."""
    assert {Status(before) for before in HEADER[2:]} == set(Status)
    assert [Command(row[0]) for row in ROWS] != []
    assert {Command(row[0]) for row in ROWS} == set(Command)


@pytest.mark.parametrize(("before", "command", "expected"), PAIRS)
def test_outcome_of_every_status_and_command(before: Status | None, command: Command, expected: str) -> None:
    """One pair, one outcome: a status or the reason why not."""
    outcome = status_after(before, command, actor="u-2", rectified_by="u-1")
    assert outcome == REFUSALS.get(expected, expected)


@pytest.mark.parametrize("command", [Command.CLOSED, Command.RETURNED])
def test_who_reported_the_rectification_may_not_review_it(command: Command) -> None:
    """销号 and 退回 take a second person."""
    outcome = status_after(Status.RECTIFIED, command, actor="u-1", rectified_by="u-1")
    assert outcome is Refusal.SAME_PERSON


@pytest.mark.parametrize("command", [Command.ACKNOWLEDGED, Command.CONFIRMED, Command.RECTIFIED, Command.NOTED])
def test_decision_of_people_needs_a_name(command: Command) -> None:
    """Nobody acts without being named."""
    assert status_after(Status.OPEN, command) is Refusal.NO_PERSON


@pytest.mark.parametrize("command", [Command.ESCALATED, Command.CLEARED, Command.DISMISSED, Command.OVERDUE])
def test_rules_and_the_clock_need_no_name(command: Command) -> None:
    """A rule's transition has no actor."""
    assert isinstance(status_after(Status.OPEN, command), Status)


def test_deadlines_run_while_an_alert_is_open_by_the_rules_own_definition() -> None:
    """rules.md `alert_open`: not cleared, not dismissed, not rectified; and not suspended or closed by people."""
    assert {Status.OPEN, Status.ACKNOWLEDGED, Status.CONFIRMED, Status.RECTIFYING} == BEING_HANDLED
