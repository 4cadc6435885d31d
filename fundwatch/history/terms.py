"""By which rule sets a history is judged again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from rules.thresholds import RuleSet


class JudgingTerms(NamedTuple):
    """As engines take them: ``rule_set`` until the first tick, from there on which of the others each tick names.

    Without others it is in force for good.
    """

    rule_set: RuleSet
    rule_sets: Mapping[str, RuleSet] | None
