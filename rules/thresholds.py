"""Thresholds are data: the values of every rule's parameters, by profile, with where each comes from.

A rule declares its parameters as a frozen struct; each field is annotated with its basis and unit. A rule set
overrides values; what it may not say is refused by the field's name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import msgspec

from domain.findings import Parameter
from rules.rule import Basis, Rule


@dataclass(frozen=True, slots=True)
class Source:
    """Annotation of a parameter: where its default comes from, and its unit."""

    basis: Basis
    unit: str


Days = Annotated[int, msgspec.Meta(ge=0, le=3_660)]
Count = Annotated[int, msgspec.Meta(ge=1, le=1_000)]
MonthDay = Annotated[str, msgspec.Meta(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])$|^(0[13-9]|1[0-2])-(29|30)$")]
Percent = Annotated[int, msgspec.Meta(ge=0, le=1_000)]
# Names or terms, in the order in which they are shown.
Terms = Annotated[tuple[str, ...], msgspec.Meta(max_length=1_000)]
Fen = Annotated[int, msgspec.Meta(ge=0, le=9_007_199_254_740_991)]


class RuleSetRefused(ValueError):
    """A rule set that cannot be used; carries the field (``rule.parameter``) and what was expected."""

    def __init__(self, field: str, expected: str) -> None:
        super().__init__(f"{field}: {expected}")
        self.field, self.expected = field, expected


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The thresholds in force: ``values[profile][rule id]`` is the rule's struct, ``used`` the same for alerts."""

    version: str
    values: Mapping[str, Mapping[str, msgspec.Struct]]
    used: Mapping[str, Mapping[str, dict[str, Parameter]]]


def rule_set_of(
    rules: tuple[Rule, ...],
    overrides: Mapping[str, Mapping[str, Any]] | None = None,
    version: str = "builtin-1",
) -> RuleSet:
    """Defaults of the catalogue with overrides by rule id and parameter name. Raises RuleSetRefused."""
    overrides = overrides or {}
    known = {rule.id for rule in rules}
    for rule_id in overrides:
        if rule_id not in known:
            raise RuleSetRefused(rule_id, "a rule of the catalogue")
    values: dict[str, dict[str, msgspec.Struct]] = {}
    used: dict[str, dict[str, dict[str, Parameter]]] = {}
    for profile in ("henan", "xinjiang"):
        values[profile], used[profile] = {}, {}
        for rule in rules:
            override = overrides.get(rule.id, {})
            fields = dict(rule.profile_thresholds.get(profile, {})) | dict(override)
            values[profile][rule.id] = made = _struct(rule, fields)
            used[profile][rule.id] = _parameters(rule, made, frozenset(override))
    return RuleSet(version, values, used)


def _struct(rule: Rule, fields: Mapping[str, Any]) -> msgspec.Struct:
    names = rule.thresholds.__struct_fields__
    for name in fields:
        if name not in names:
            raise RuleSetRefused(f"{rule.id}.{name}", f"one of {', '.join(names) or 'no parameters'}")
    try:
        return msgspec.convert(fields, rule.thresholds)
    except msgspec.ValidationError as fault:
        path = str(fault).rpartition("`$.")[2].rstrip("`") or "?"
        raise RuleSetRefused(f"{rule.id}.{path}", str(fault)) from None


def sources_of(rule: Rule) -> dict[str, Source]:
    """Where the default of each parameter comes from, by name."""
    hints = get_type_hints(rule.thresholds, include_extras=True)
    return {name: _source(hints[name]) for name in rule.thresholds.__struct_fields__}


def _parameters(rule: Rule, made: msgspec.Struct, overridden: frozenset[str]) -> dict[str, Parameter]:
    found: dict[str, Parameter] = {}
    for name, source in sources_of(rule).items():
        basis = Basis.OVERRIDE if name in overridden else source.basis
        found[name] = Parameter(getattr(made, name), basis.value)
    return found


def _source(hint: Any) -> Source:
    for part in get_args(hint)[1:] if get_origin(hint) is Annotated else ():
        if isinstance(part, Source):
            return part
    raise TypeError(f"a parameter without a Source annotation: {hint}")
