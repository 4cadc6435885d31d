"""Which rules are judged: the catalogue's own choice, or those named."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from rules.rule import Rule


class UnknownRule(ValueError):
    """A rule id that the catalogue does not have; carries the id and the ids there are."""

    def __init__(self, rule_id: str, known: tuple[str, ...]) -> None:
        super().__init__(f"no rule {rule_id!r}; the catalogue has {', '.join(known)}")
        self.rule_id, self.known = rule_id, known


def chosen_rules(catalogue: tuple[Rule, ...], names: Iterable[str] = ()) -> tuple[Rule, ...]:
    """The named rules, those off by default switched on; without names all, as a rule set may switch on any.

    In the catalogue's order. A rule of another profile stays off either way: it is judged only in regions of its
    profiles, unless the rule set says so of a region. Raises UnknownRule.
    """
    wanted = {name.strip() for name in names if name.strip()}
    known = tuple(rule.id for rule in catalogue)
    for name in sorted(wanted):
        if name not in known:
            raise UnknownRule(name, known)
    return tuple(replace(rule, is_on=True) for rule in catalogue if rule.id in wanted) if wanted else catalogue
