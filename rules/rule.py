"""What a rule is: a module with data about itself and two pure functions for each kind of subject.

``judge`` says from which day on the subject is yellow, and from which day red; the engine passes the days. ``explain``
says what was measured, by which records; it is called only when an alert changes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

import msgspec

from domain.findings import Evidence, Reason
from rules.fold.folding import SubjectKind
from rules.state import Mark

AT_ONCE = 0  # a day before all days

# Severity as the engine counts it; `domain.findings.Severity` is what leaves it.
NONE, YELLOW, RED = 0, 1, 2


class Step(NamedTuple):
    """From this day (ordinal, AT_ONCE for no waiting) on, the subject has this severity."""

    from_day: int
    severity: int


Steps = tuple[Step, ...]
NO_FAULT: Steps = ()
RED_AT_ONCE: Steps = (Step(AT_ONCE, RED),)
YELLOW_AT_ONCE: Steps = (Step(AT_ONCE, YELLOW),)
# Of a severity that is measured now.
AT_ONCE_OF: Mapping[int, Steps] = {NONE: NO_FAULT, YELLOW: YELLOW_AT_ONCE, RED: RED_AT_ONCE}


class Basis(StrEnum):
    """Where a parameter's value comes from (rules.tsv)."""

    STATED = "stated"  # number or wording of a source document
    PROPOSED = "proposed"  # ours, to be confirmed
    EXTENDED = "extended"  # from the study of other systems
    OVERRIDE = "override"  # set by a rule set


class Kind(StrEnum):
    """When a rule is judged (rules.md section 1)."""

    EVENT = "event"
    DEADLINE = "deadline"
    AGGREGATE = "aggregate"
    JOIN = "join"


class Stage(StrEnum):
    """Where a rule is judged (rules.md section 1): by what its subjects are kept together."""

    REGION = "region"  # the journal of one region
    PERSON = "person"  # facts of all regions by person or household pseudonym
    ENTERPRISE = "enterprise"  # facts of all regions by credit code
    DESK = "desk"  # alerts of one region


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What a rule measured on a subject, enough to recompute it. Amounts are fen."""

    title: str
    observed: int | str | None
    limit: int | str | None
    unit: str
    amount_fen: int | None
    facts: Mapping[str, int | str | bool | None]
    marks: tuple[Mark, ...]
    message_zh: str
    message_en: str
    fund_category: str | None = None
    responsible_section: str | None = None
    owner: str | None = None  # where the section depends on what was found; else the rule's
    proofs: tuple[Evidence, ...] = ()  # beside the marks: records of other journal partitions


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """How a rule treats one kind of subject. The callables take (subject row or id, view, thresholds).

    ``ending`` tells why a fault that is over ended; None = the ground was removed.
    """

    judge: Callable[[Any, Any, Any], Steps]
    explain: Callable[[Any, Any, Any], Explanation]
    ending: Callable[[Any, Any, Any], Reason] | None = None
    # A duty done late before it was known: raised and cleared at the next tick ("Done late, seen late").
    was_done_late: Callable[[Any, Any, Any], bool] | None = None
    # "human only": while this holds, an open alert keeps its severity though the steps say less (rules.md section 1).
    stays: Callable[[Any, Any, Any], bool] | None = None
    # Of a rule that raises at some ticks only, from the view: the day of the next such tick; today = it may raise now.
    raised_on: Callable[[Any], int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule, the catalogue's (rules.tsv) or a rule set's own. ``profiles``: where it is on if no set says else."""

    id: str
    version: str
    name_zh: str
    name_en: str
    category: str
    owner: str
    kind: Kind
    profiles: frozenset[str]
    thresholds: type[msgspec.Struct]
    judgements: Mapping[SubjectKind, Judgement]
    basis: tuple[str, ...]
    stage: Stage = Stage.REGION
    is_on: bool = True
    # It only points: what a person confirms of it is kept (rules.md section 2, Candidates; `View.is_confirmed`).
    is_candidate: bool = False
    # Values that differ by profile, by field name; the basis stays that of the field.
    profile_thresholds: Mapping[str, Mapping[str, int | str | bool | tuple[str, ...]]] = field(default_factory=dict)
    # Expressions of a custom rule, which its alerts carry among the thresholds.
    conditions: Mapping[str, str] = field(default_factory=dict)
    # Groups of facts that it asks for, as of `rules.custom.facts`.
    looks_at: frozenset[str] = frozenset()

    @property
    def is_custom(self) -> bool:
        """Whether a rule set defines it, and not the catalogue."""
        return bool(self.conditions)


ALL_PROFILES = frozenset(("henan", "xinjiang"))
HENAN = frozenset(("henan",))
XINJIANG = frozenset(("xinjiang",))


class NoThresholds(msgspec.Struct, frozen=True):
    """Of a rule without parameters: forbidden outright, or an invariant of the ledger."""
