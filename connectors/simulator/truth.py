"""The ground truth: what each story says must come of it, and when. Nobody ran a rule to find it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

import msgspec

RAISE, ESCALATE, LOWER, CLEAR = "raise", "escalate", "lower", "clear"
YELLOW, RED = "yellow", "red"
# Rules about alerts do not count one another (rules.md section 2).
DESK_RULES = frozenset(
    ("alert_feedback_overdue", "rectification_overdue", "alerts_three_consecutive_months", "alerts_remain_frequent")
)


class Expected(msgspec.Struct, frozen=True, order=True):
    """One transition of one alert, as the contract's cases tell it; ``scene`` names the story that causes it."""

    date: date
    action: str
    rule_id: str
    severity: str
    subject_key: str
    scene: str = ""


class Planted(msgspec.Struct, frozen=True):
    """One story: which rule it is about, whether it stays just inside the limit, where and from when."""

    rule_id: str
    scene: str
    is_near_miss: bool
    region: str
    starts_on: date


class Step(NamedTuple):
    """From this log date on the alert has this severity; "" = it is over."""

    day: date
    severity: str


def transitions(rule_id: str, subject_key: str, steps: Iterable[Step], scene: str) -> list[Expected]:
    """The steps of one alert in the words of the contract's cases."""
    found: list[Expected] = []
    now = ""
    for step in steps:
        action = _action(now, step.severity)
        found.append(Expected(step.day, action, rule_id, step.severity or now, subject_key, scene))
        now = step.severity
    return found


def _action(before: str, after: str) -> str:
    if not before:
        return RAISE
    if not after:
        return CLEAR
    return ESCALATE if after == RED else LOWER
