"""How long a section has for an alert: working-day limits by severity, and the days they end on.

The seeds say "in time" (及时) and "within a limit" (限时) and give one number; the others are proposals that a
deployment may have to change (`limits_from`, which no process calls yet). Where each comes from:

* verify, red: 5 working days, stated for provincial corrections (004_6d54267a7b8d1056.txt L61, D019);
  yellow: 10, the proposal for feedback on an alert (open point C091, rule ``alert_feedback_overdue``).
* rectify: 15 working days after the verification, the proposal for 限时整改 (C093): 5 + 15 and 10 + 15.
* acknowledge: the next working day for a breach, three for an approach; nobody states one. It has to leave most of
  the verification time to the work itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

import msgspec

from domain.findings import Severity

# A limit beyond a working year (about 250 days) is a slip of the pen; below 1 the alert would be overdue when raised.
WORKING_DAYS_MAX = 250

WorkingDaysAfter = Callable[[date, int], date]


class LimitRefused(ValueError):
    """A limit cannot be used; carries its name and value."""

    def __init__(self, name: str, value: object, expected: str) -> None:
        super().__init__(f"deadlines {name} = {value!r}: expected {expected}")
        self.name, self.value = name, value


@dataclass(frozen=True, slots=True)
class Limits:
    """Working days for the three steps of one severity, all counted from the same day."""

    acknowledge_within: int
    verify_within: int
    rectify_within: int

    def __post_init__(self) -> None:
        """Refuse what no section could keep, or what would fall due in the wrong order."""
        steps = (self.acknowledge_within, self.verify_within, self.rectify_within)
        for name, value in zip(("acknowledge_within", "verify_within", "rectify_within"), steps, strict=True):
            if type(value) is not int or not 1 <= value <= WORKING_DAYS_MAX:
                raise LimitRefused(name, value, f"a whole number of working days from 1 to {WORKING_DAYS_MAX}")
        if list(steps) != sorted(steps):
            raise LimitRefused("acknowledge_within, verify_within, rectify_within", steps, "an ascending order")


@dataclass(frozen=True, slots=True)
class Deadlines:
    """The limits in force, by severity."""

    red: Limits = Limits(acknowledge_within=1, verify_within=5, rectify_within=20)
    yellow: Limits = Limits(acknowledge_within=3, verify_within=10, rectify_within=25)

    def limits(self, severity: Severity) -> Limits:
        """Those of one severity."""
        return self.red if severity is Severity.RED else self.yellow


class Due(msgspec.Struct, frozen=True):
    """The last days in time, ISO dates; all None while the alert was never raised (suppressed)."""

    acknowledge_on: str | None
    verify_on: str | None
    rectify_on: str | None


NOT_DUE = Due(None, None, None)


def due_after(day: date, severity: Severity, deadlines: Deadlines, working_days_after: WorkingDaysAfter) -> Due:
    """The days on which the limits end that begin on ``day``."""
    limits = deadlines.limits(severity)
    return Due(
        acknowledge_on=working_days_after(day, limits.acknowledge_within).isoformat(),
        verify_on=working_days_after(day, limits.verify_within).isoformat(),
        rectify_on=working_days_after(day, limits.rectify_within).isoformat(),
    )


def sooner(running: Due, new: Due) -> Due:
    """Each limit at the earlier of two days: an escalation tightens what runs, it never gives time back."""
    return Due(
        acknowledge_on=_earlier(running.acknowledge_on, new.acknowledge_on),
        verify_on=_earlier(running.verify_on, new.verify_on),
        rectify_on=_earlier(running.rectify_on, new.rectify_on),
    )


def _earlier(one: str | None, other: str | None) -> str | None:
    return min((day for day in (one, other) if day is not None), default=None)


def limits_from(table: Mapping[str, object]) -> Deadlines:
    """Deadlines from a TOML document with the tables ``[red]`` and ``[yellow]``; what is absent keeps its default.

    Raises LimitRefused naming the entry.
    """
    for name in table:
        if name not in ("red", "yellow"):
            raise LimitRefused(name, table[name], "the tables red and yellow")
    default = Deadlines()
    return Deadlines(
        red=_limits("red", table.get("red", {}), default.red),
        yellow=_limits("yellow", table.get("yellow", {}), default.yellow),
    )


def _limits(name: str, table: object, default: Limits) -> Limits:
    if not isinstance(table, Mapping):
        raise LimitRefused(name, table, "a table")
    values = {step: getattr(default, step) for step in Limits.__slots__}
    for step, value in table.items():
        if step not in values:
            raise LimitRefused(f"{name}.{step}", value, "acknowledge_within, verify_within or rectify_within")
        values[step] = value
    return Limits(**values)
