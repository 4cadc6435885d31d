"""What a rule set says of one custom rule, read and checked: everything that its judging needs."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from rules.custom.expressions import Expression
from rules.custom.facts import TODAY, Look
from rules.custom.message import Template
from rules.custom.spent import Window
from rules.fold.folding import SubjectKind


@dataclass(frozen=True, slots=True)
class Band:
    """When a subject has this severity, and from which day on (None: at once)."""

    severity: int
    when: Expression
    since: Expression | None


@dataclass(frozen=True, slots=True)
class Definition:
    """One custom rule. ``version`` is the digest of what it says."""

    id: str
    version: str
    name_zh: str
    name_en: str
    category: str
    owner: str
    basis: tuple[str, ...]
    profiles: frozenset[str]
    subject: SubjectKind
    bands: tuple[Band, ...]
    thresholds: type[msgspec.Struct]
    windows: tuple[Window, ...]
    judged: Look  # what the bands ask for
    told: Look  # what the alert shows besides
    observed: str  # names of facts; empty: none
    limit: str
    amount: str
    message_zh: Template
    message_en: Template

    @property
    def expressions(self) -> tuple[Expression, ...]:
        """All of them."""
        return tuple(each for band in self.bands for each in (band.when, band.since) if each is not None)

    @property
    def is_daily(self) -> bool:
        """Whether the passing of each day may change what it says."""
        return any(TODAY in each.facts for each in self.expressions)
