"""Alert episodes: what a severity means for the alert of one rule on one subject (rules.md section 2).

Decides, does not act: the caller tells what it returns.
"""

from __future__ import annotations

from typing import NamedTuple

from domain.findings import Transition
from rules.rule import NONE
from rules.state import FindingState


class Decision(NamedTuple):
    """A transition to be told, with the severity it is told with."""

    transition: Transition
    severity: int


def decide(state: FindingState, severity: int, today: int, *, is_exempt: bool) -> Decision | None:
    """Move ``state`` to the present ``severity`` (0 none, 1 yellow, 2 red) and return the transition, if there is one.

    ``is_exempt``: an exemption covers the subject today. An alert that is open goes on under an exemption; a fault that
    appears under one is told once as suppressed, and raised when it is still there afterwards.
    """
    if state.severity != NONE:
        return _move_open(state, severity)
    if severity == NONE:
        state.dismissed = NONE
        state.is_suppressed = False
        return None
    if severity <= state.dismissed:
        return None  # called false before: silent until the condition was false once, or is more severe
    if is_exempt:
        if state.is_suppressed:
            return None
        state.is_suppressed = True
        state.dismissed = NONE  # it was more severe than what was called false: that silence is over
        return Decision(Transition.SUPPRESSED, severity)
    return _raise(state, severity, today)


def _raise(state: FindingState, severity: int, today: int) -> Decision:
    state.episode += 1
    state.severity = state.highest = severity
    state.raised_on = today
    state.dismissed = NONE
    state.is_suppressed = False
    return Decision(Transition.RAISED, severity)


def _move_open(state: FindingState, severity: int) -> Decision | None:
    before = state.severity
    if severity == before:
        return None
    state.severity = severity
    if severity == NONE:
        return Decision(Transition.CLEARED, before)
    if severity > before:
        state.highest = max(state.highest, severity)
        return Decision(Transition.ESCALATED, severity)
    return Decision(Transition.EASED, severity)


def dismiss(state: FindingState) -> Decision | None:
    """A person found that the open alert is false; what is said of an alert that is not open changes nothing."""
    if state.severity == NONE:
        return None
    before = state.severity
    state.dismissed, state.severity = before, NONE
    return Decision(Transition.DISMISSED, before)


def raise_and_clear_late(state: FindingState, severity: int, today: int) -> tuple[Decision, Decision] | None:
    """A duty done late before it was known is raised and cleared once, so that lateness counts are right."""
    if state.episode or state.is_late_seen or state.is_suppressed:
        return None
    state.is_late_seen = True
    raised = _raise(state, severity, today)
    state.severity = NONE
    return raised, Decision(Transition.CLEARED, severity)


def is_idle(state: FindingState) -> bool:
    """Whether nothing needs to be remembered of the subject: it never had an alert and nothing is scheduled."""
    return state == FindingState()
