"""Laws of alert episodes (rules.md section 2)."""

from __future__ import annotations

from domain.findings import Transition
from rules.episodes import Decision, decide, dismiss, raise_and_clear_late
from rules.rule import NONE, RED, YELLOW
from rules.state import FindingState

TODAY = 737_000


def follow(state: FindingState, *severities: int, is_exempt: bool = False) -> list[Decision | None]:
    """What each severity in turn leads to."""
    return [decide(state, severity, TODAY, is_exempt=is_exempt) for severity in severities]


def test_a_fault_is_raised_once_and_cleared_once() -> None:
    """While nothing changes, nothing is told."""
    told = follow(FindingState(), NONE, YELLOW, YELLOW, NONE, NONE)
    assert told == [None, Decision(Transition.RAISED, YELLOW), None, Decision(Transition.CLEARED, YELLOW), None]


def test_the_next_fault_on_the_same_subject_is_the_next_episode() -> None:
    """Episodes count from 1."""
    state = FindingState()
    follow(state, YELLOW, NONE, RED)
    assert state.episode == 2


def test_severity_may_fall_and_the_highest_is_kept() -> None:
    """One alert, many events."""
    state = FindingState()
    told = follow(state, YELLOW, RED, YELLOW)
    assert told[1:] == [Decision(Transition.ESCALATED, RED), Decision(Transition.EASED, YELLOW)]
    assert state.highest == RED


def test_a_fault_under_an_exemption_is_told_once_as_suppressed() -> None:
    """While it lasts, its severity and its end are not reported."""
    state = FindingState()
    told = follow(state, YELLOW, RED, NONE, YELLOW, is_exempt=True)
    suppressed = Decision(Transition.SUPPRESSED, YELLOW)
    assert told == [suppressed, None, None, suppressed]
    assert state.episode == 0


def test_a_fault_that_outlives_its_exemption_is_raised_then() -> None:
    """It becomes the episode under whose id it was suppressed."""
    state = FindingState()
    follow(state, RED, is_exempt=True)
    assert follow(state, RED) == [Decision(Transition.RAISED, RED)]
    assert state.episode == 1


def test_an_open_alert_goes_on_under_an_exemption() -> None:
    """An exemption suppresses raising, nothing else."""
    state = FindingState()
    follow(state, YELLOW)
    assert follow(state, RED, NONE, is_exempt=True) == [
        Decision(Transition.ESCALATED, RED),
        Decision(Transition.CLEARED, RED),
    ]


def test_a_dismissed_subject_stays_silent_while_the_fault_lasts() -> None:
    """A person called it false."""
    state = FindingState()
    follow(state, YELLOW)
    assert dismiss(state) == Decision(Transition.DISMISSED, YELLOW)
    assert follow(state, YELLOW, YELLOW) == [None, None]


def test_a_dismissed_subject_speaks_again_when_it_is_worse() -> None:
    """A higher severity than the dismissed one is a new episode."""
    state = FindingState()
    follow(state, YELLOW)
    dismiss(state)
    assert follow(state, RED) == [Decision(Transition.RAISED, RED)]
    assert state.episode == 2


def test_a_dismissed_subject_speaks_again_after_the_fault_ended() -> None:
    """The condition has been false once."""
    state = FindingState()
    follow(state, YELLOW)
    dismiss(state)
    assert follow(state, NONE, YELLOW) == [None, Decision(Transition.RAISED, YELLOW)]


def test_a_dismissed_subject_that_got_worse_under_an_exemption_speaks_after_it() -> None:
    """Its silence ended when it got worse, though it has eased again by then."""
    state = FindingState()
    follow(state, YELLOW)
    dismiss(state)
    assert follow(state, RED, YELLOW, is_exempt=True) == [Decision(Transition.SUPPRESSED, RED), None]
    assert follow(state, YELLOW) == [Decision(Transition.RAISED, YELLOW)]
    assert state.episode == 2


def test_dismissing_what_is_not_open_changes_nothing() -> None:
    """What is said of an alert that is not open changes nothing."""
    state = FindingState()
    assert dismiss(state) is None
    assert state == FindingState()


def test_a_duty_seen_late_is_told_once() -> None:
    """Raised red and cleared, so that lateness counts are right; never again."""
    state = FindingState()
    assert raise_and_clear_late(state, RED, TODAY) == (
        Decision(Transition.RAISED, RED),
        Decision(Transition.CLEARED, RED),
    )
    assert raise_and_clear_late(state, RED, TODAY) is None
