"""Thresholds are data: whether each rule speaks, and the values of its parameters, with where each comes from.

A rule declares its parameters as a frozen struct; each field is annotated with its basis and unit. A rule set
says otherwise for all regions or for one of them for a time; what it may not say is refused by the field's name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import Annotated, Any, Final, get_args, get_origin, get_type_hints

import msgspec

from domain.findings import Parameter
from rules.rule import Basis, Rule

BUILT_IN = "builtin-1"  # version of the catalogue's own values
PROFILES = ("henan", "xinjiang")
# What a rule set says of a rule beside its parameters: of one region only, and of all. No parameter can be called so.
REGION_WORDS = ("author", "basis", "valid_from", "valid_until")
SETTING_WORDS = ("mode", *REGION_WORDS)
# What is set of a rule, together: an alert carries it several times, and what is longer than a Kafka record may be
# would stop a worker.
PARAMETERS_CHARACTERS_MAX: Final = 50_000
# Of a setting without these days: from the beginning, for ever.
FIRST_DAY, LAST_DAY = 0, 9_999_999


@dataclass(frozen=True, slots=True)
class Source:
    """Annotation of a parameter: where its default comes from, and its unit."""

    basis: Basis
    unit: str


Days = Annotated[int, msgspec.Meta(ge=0, le=3_660)]
Count = Annotated[int, msgspec.Meta(ge=1, le=1_000)]
MonthDay = Annotated[str, msgspec.Meta(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])$|^(0[13-9]|1[0-2])-(29|30)$")]
Percent = Annotated[int, msgspec.Meta(ge=0, le=1_000)]
# Terms, in the order in which they are shown. One of blanks alone would be found in nearly every text.
Term = Annotated[str, msgspec.Meta(max_length=200, pattern=r"\S")]
Terms = Annotated[tuple[Term, ...], msgspec.Meta(max_length=1_000)]
Fen = Annotated[int, msgspec.Meta(ge=0, le=9_007_199_254_740_991)]


class Mode(StrEnum):
    """Whether a rule is judged, and who hears of it."""

    OFF = "off"
    SHADOW = "shadow"  # judged, its alerts kept apart: on trial
    ON = "on"


def shadow_of(rule_id: str) -> str:
    """Under which the alerts of a rule on trial are kept and identified: they count for themselves."""
    return f"{rule_id}.shadow"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that a rule set may not say."""

    field: str
    expected: str
    found: str = ""  # where the field alone does not show what is wrong

    def __str__(self) -> str:
        return f"{self.field}: {self.found + ', ' if self.found else ''}expected {self.expected}"


class RuleSetRefused(ValueError):
    """A rule set that cannot be used; carries every field at fault, and the first one's name."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = faults
        self.field = faults[0].field


class RuleSetUnknown(KeyError):
    """A tick names a rule set that is not here; carries its version. To be waited for, not guessed."""

    def __init__(self, version: str) -> None:
        super().__init__(version)
        self.version = version

    def __str__(self) -> str:
        return f"rule set {self.version!r} is in force but not known here"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What a rule set says of one rule: for all regions, or for one region for a time (ordinals, both included)."""

    mode: Mode | None = None  # None: as it is otherwise
    parameters: Mapping[str, Any] = field(default_factory=dict)
    valid_from: int = FIRST_DAY
    valid_until: int = LAST_DAY

    def is_in_force(self, day: int) -> bool:
        """Whether it holds on this day."""
        return self.valid_from <= day <= self.valid_until


@dataclass(frozen=True, slots=True)
class InForce:
    """How one rule is judged in a region: whether it speaks, by which values, and what alerts say of these."""

    rule: Rule
    mode: Mode
    values: msgspec.Struct
    used: Mapping[str, Parameter] = field(compare=False)


@dataclass(frozen=True, slots=True)
class RuleSet:
    """What is in force: ``settings`` by rule id, ``regions`` the same by region's code.

    ``values[profile][rule id]`` is the rule's struct without what is said of single regions, ``used`` the same for
    alerts. ``customs`` are rules that only this rule set has, ``rules`` those of the catalogue.
    """

    version: str
    values: Mapping[str, Mapping[str, msgspec.Struct]]
    used: Mapping[str, Mapping[str, dict[str, Parameter]]]
    settings: Mapping[str, Setting] = field(default_factory=dict)
    regions: Mapping[str, Mapping[str, Setting]] = field(default_factory=dict)
    customs: tuple[Rule, ...] = ()
    rules: tuple[Rule, ...] = ()

    def in_force(self, rule: Rule, profile: str, code: str = "", day: int = FIRST_DAY) -> InForce:
        """How a rule is judged in a region of this profile on a day; without a region as everywhere."""
        mode = self._mode(rule, profile)
        own = self.regions.get(code, {}).get(rule.id)
        if own is None or not own.is_in_force(day):
            return InForce(rule, mode, self.values[profile][rule.id], self.used[profile][rule.id])
        general = self.settings.get(rule.id, Setting()).parameters
        values, used = _valued(rule, profile, {**general, **own.parameters})
        return InForce(rule, own.mode or mode, values, used)

    def _mode(self, rule: Rule, profile: str) -> Mode:
        if profile not in rule.profiles:
            return Mode.OFF
        setting = self.settings.get(rule.id)
        return (setting.mode if setting is not None else None) or (Mode.ON if rule.is_on else Mode.OFF)

    def says_of(self, code: str, day: int) -> tuple[str, ...]:
        """The rules of which something else is in force in this region on this day."""
        return tuple(rule_id for rule_id, own in self.regions.get(code, {}).items() if own.is_in_force(day))


def named_of(fixed: RuleSet, rule_sets: Mapping[str, RuleSet] | None, version: str) -> RuleSet:
    """The rule set of a tick that names ``version``; without ``rule_sets`` the ``fixed`` one. Raises RuleSetUnknown."""
    if rule_sets is None:
        return fixed
    found = rule_sets.get(version)
    if found is None:
        raise RuleSetUnknown(version)
    return found


def rule_set_of(
    rules: tuple[Rule, ...],
    settings: Mapping[str, Setting] | None = None,
    regions: Mapping[str, Mapping[str, Setting]] | None = None,
    version: str = BUILT_IN,
    customs: tuple[Rule, ...] = (),
) -> RuleSet:
    """Defaults of the catalogue with what is set otherwise. Raises RuleSetRefused."""
    settings, regions = settings or {}, regions or {}
    known = {rule.id: rule for rule in (*rules, *customs)}
    faults = list(_faults(known, settings, "rules", {}))
    for code, own in regions.items():
        faults += _faults(known, own, f"regions.{code}.rules", settings)
    if faults:
        raise RuleSetRefused(*faults)
    values: dict[str, dict[str, msgspec.Struct]] = {}
    used: dict[str, dict[str, dict[str, Parameter]]] = {}
    for profile in PROFILES:
        values[profile], used[profile] = {}, {}
        for rule in known.values():
            fields = settings[rule.id].parameters if rule.id in settings else {}
            values[profile][rule.id], used[profile][rule.id] = _valued(rule, profile, fields)
    return RuleSet(version, values, used, settings, regions, customs, rules)


def _faults(
    known: Mapping[str, Rule], settings: Mapping[str, Setting], path: str, general: Mapping[str, Setting]
) -> Iterator[Fault]:
    """What the settings may not say; those of a region stand upon the ``general`` ones."""
    for rule_id, setting in settings.items():
        rule = known.get(rule_id)
        if rule is None:
            yield Fault(f"{path}.{rule_id}", "a rule of the catalogue")
            continue
        names = rule.thresholds.__struct_fields__
        unknown = [name for name in setting.parameters if name not in names]
        for name in unknown:
            yield Fault(f"{path}.{rule_id}.{name}", f"one of {', '.join(('mode', *names))}")
        below = general[rule_id].parameters if rule_id in general else {}
        if not unknown:
            yield from _value_faults(rule, setting.parameters, f"{path}.{rule_id}")
        if len(msgspec.json.encode({**below, **setting.parameters}).decode()) > PARAMETERS_CHARACTERS_MAX:
            yield Fault(f"{path}.{rule_id}", f"at most {PARAMETERS_CHARACTERS_MAX} characters in all")


def _value_faults(rule: Rule, fields: Mapping[str, Any], path: str) -> Iterator[Fault]:
    """Each value by itself, so that all faults are told at once: none of a rule depends on another one."""
    for name, value in fields.items():
        try:
            msgspec.convert({name: value}, rule.thresholds)
        except msgspec.ValidationError as fault:
            text, _, place = str(fault).partition(" - at ")
            inside = place.rpartition("`$.")[2].rstrip("`")
            yield Fault(f"{path}.{inside or name}", text.removeprefix("Expected "))


def _valued(rule: Rule, profile: str, fields: Mapping[str, Any]) -> tuple[msgspec.Struct, dict[str, Parameter]]:
    """The rule's struct, and what alerts say of it. Raises msgspec.ValidationError."""
    made = msgspec.convert({**rule.profile_thresholds.get(profile, {}), **fields}, rule.thresholds)
    sources = parameter_sources(rule)
    used = {
        name: Parameter(getattr(made, name), Basis.OVERRIDE.value if name in fields else source.basis.value)
        for name, source in sources.items()
    }
    used |= {name: Parameter(text, Basis.OVERRIDE.value) for name, text in rule.conditions.items()}
    return made, used


def parameter_sources(rule: Rule) -> dict[str, Source]:
    """Where the default of each parameter comes from, by name."""
    return _sources(rule.thresholds)


@cache
def _sources(thresholds: type[msgspec.Struct]) -> dict[str, Source]:
    hints = get_type_hints(thresholds, include_extras=True)
    return {name: _source(hints[name]) for name in thresholds.__struct_fields__}


def _source(hint: Any) -> Source:
    for part in get_args(hint)[1:] if get_origin(hint) is Annotated else ():
        if isinstance(part, Source):
            return part
    raise TypeError(f"a parameter without a Source annotation: {hint}")
