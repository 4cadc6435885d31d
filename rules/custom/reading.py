"""Custom rules as a rule set writes them (``[[custom]]``), read and checked; whatever is wrong is told by its field.

docs/custom_rules.md says what may stand there, with an example that is tested.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from typing import Annotated, Any, Final

import msgspec

from rules.custom.definition import Band, Definition
from rules.custom.expressions import Expression, ExpressionRefused, FactType, compiled
from rules.custom.facts import GROUPS, PARAMETER, TODAY, WINDOW, look, types_of
from rules.custom.limits import (
    CLAUSE_CHARACTERS_MAX,
    CLAUSES_MAX,
    CUSTOM_RULES_MAX,
    DAILY_RULES_MAX,
    ID_CHARACTERS_MAX,
    LANGUAGES_MAX,
    MESSAGE_CHARACTERS_MAX,
    NAME_CHARACTERS_MAX,
    NUMBER_MAX,
    PARAMETER_CHARACTERS_MAX,
    PARAMETERS_MAX,
    TEXT_CHARACTERS_MAX,
    TEXTS_MAX,
    WINDOW_DAYS_MAX,
    WINDOWS_MAX,
)
from rules.custom.message import Template, is_money, template, unit_of
from rules.custom.rule import AMOUNTS, rule_of
from rules.custom.spent import Window
from rules.fold.folding import SubjectKind
from rules.rule import ALL_PROFILES, RED, YELLOW, Basis, Rule
from rules.thresholds import PARAMETERS_CHARACTERS_MAX, SETTING_WORDS, Fault, Mode, MonthDay, Source

PREFIX: Final = "custom_"
_ID: Final = re.compile(PREFIX + f"[a-z0-9_]{{1,{ID_CHARACTERS_MAX}}}").fullmatch
_NAME: Final = re.compile(f"[a-z][a-z0-9_]{{0,{NAME_CHARACTERS_MAX - 1}}}").fullmatch
_FIELDS: Final = (
    *("id", "name_zh", "name_en", "subject", "mode", "category", "owner", "basis", "message_zh", "message_en"),
    *("profiles", "yellow", "red", "observed", "limit", "amount", "parameters", "windows"),
)

_Number = Annotated[int, msgspec.Meta(ge=-NUMBER_MAX, le=NUMBER_MAX)]
_Text = Annotated[str, msgspec.Meta(max_length=PARAMETER_CHARACTERS_MAX)]
_Texts = Annotated[tuple[_Text, ...], msgspec.Meta(max_length=TEXTS_MAX)]
_since = msgspec.json.Decoder(MonthDay)


class Read(msgspec.Struct, frozen=True):
    """The custom rules of a rule set, the mode of each by its id, and everything that is wrong."""

    rules: tuple[Rule, ...]
    modes: dict[str, Mode]
    faults: tuple[Fault, ...]


def custom_rules(found: object, catalogue: tuple[Rule, ...]) -> Read:
    """The rules of ``custom``, an array of tables."""
    if not isinstance(found, list) or not all(isinstance(each, Mapping) for each in found):
        return Read((), {}, (Fault("custom", "tables, each headed [[custom]]"),))
    if len(found) > CUSTOM_RULES_MAX:
        return Read((), {}, (Fault("custom", f"at most {CUSTOM_RULES_MAX} rules"),))
    categories = tuple(sorted({rule.category for rule in catalogue}))
    owners = tuple(sorted({rule.owner for rule in catalogue}))
    rules: dict[str, Rule] = {}
    modes: dict[str, Mode] = {}
    faults: list[Fault] = []
    daily = 0
    for number, table in enumerate(found):
        path = f"custom[{number}]"
        said = {name: value for name, value in table.items() if name != "mode"}
        made = _made(msgspec.json.encode(said, order="sorted"), categories, owners)
        faults += [Fault(f"{path}.{fault.field}", fault.expected, fault.found) for fault in made.faults]
        if table.get("mode") not in tuple(Mode):
            faults.append(Fault(f"{path}.mode", "off, shadow or on"))
        elif made.rule is not None and made.rule.id in rules:
            faults.append(Fault(f"{path}.id", "an id that no other rule has"))
        elif made.rule is not None:
            rules[made.rule.id], modes[made.rule.id] = made.rule, Mode(table["mode"])
            daily += made.is_daily
    if daily > DAILY_RULES_MAX:
        faults.append(Fault("custom", f"at most {DAILY_RULES_MAX} rules that ask for {TODAY}"))
    return Read(tuple(rules.values()), modes, tuple(faults))


class _Made(msgspec.Struct, frozen=True):
    """One rule, or what is wrong with its table."""

    rule: Rule | None
    is_daily: bool
    faults: tuple[Fault, ...]


@lru_cache(maxsize=LANGUAGES_MAX)
def _made(table: bytes, categories: tuple[str, ...], owners: tuple[str, ...]) -> _Made:
    """The same content makes the same rule: taking up a rule set that keeps it changes nothing about it."""
    reader = _Reader(msgspec.json.decode(table))
    definition = reader.definition(sha256(table).hexdigest()[:12], categories, owners)
    if definition is None or reader.faults:
        return _Made(None, is_daily=False, faults=tuple(reader.faults))
    return _Made(rule_of(definition), definition.is_daily, ())


@dataclass(slots=True)
class _Reader:
    """Reads one table and collects what is wrong with it."""

    table: Mapping[str, Any]
    faults: list[Fault] = field(default_factory=list)

    def definition(self, version: str, categories: tuple[str, ...], owners: tuple[str, ...]) -> Definition | None:
        """Everything, or None where the kind of subject is not known: then no expression can be read."""
        for name in self.table:
            if name not in _FIELDS:
                self.refuse(name, f"one of {', '.join(_FIELDS)}")
        rule_id = self.text("id", TEXT_CHARACTERS_MAX)
        if rule_id and not _ID(rule_id):
            self.refuse("id", f"{PREFIX} and at most {ID_CHARACTERS_MAX} small letters, digits and underscores")
        kind = self.one_of("subject", tuple(map(str, GROUPS)))
        thresholds, parameters = self.parameters()
        windows = self.windows(kind)
        if not kind:
            return None
        subject = SubjectKind(kind)
        types = types_of(subject) | parameters | {f"{WINDOW}.{each.name}": FactType.INT for each in windows}
        bands = self.bands(types)
        messages = (self.message("message_zh", types), self.message("message_en", types))
        shown = {name: self.fact(name, types) for name in ("observed", "limit", "amount")}
        if shown["amount"] and not is_money(shown["amount"]):
            self.refuse("amount", "a fact in fen: a window, or one whose name ends in _fen")
        shown["amount"] = shown["amount"] or AMOUNTS[subject]
        asked = {name for band in bands for each in (band.when, band.since) if each for name in each.facts}
        told = {name for each in messages for name in each.facts} | set(shown.values())
        return Definition(
            id=rule_id,
            version=f"{PREFIX}{version}",
            name_zh=self.text("name_zh", TEXT_CHARACTERS_MAX),
            name_en=self.text("name_en", TEXT_CHARACTERS_MAX),
            category=self.one_of("category", categories),
            owner=self.one_of("owner", owners),
            basis=self.basis(),
            profiles=self.profiles(),
            subject=subject,
            bands=bands,
            thresholds=thresholds,
            windows=tuple(each for each in windows if f"{WINDOW}.{each.name}" in asked | told),
            judged=look(subject, asked),
            told=look(subject, told - asked),
            message_zh=messages[0],
            message_en=messages[1],
            **shown,
        )

    def refuse(self, name: str, expected: str, found: str = "") -> None:
        """Note a fault; reading goes on, so that all of them are told at once."""
        self.faults.append(Fault(name, expected, found))

    def text(self, name: str, most: int) -> str:
        """A text that is not blank, of so many characters at most."""
        found = self.table.get(name)
        if isinstance(found, str) and 0 < len(found.strip()) <= len(found) <= most:
            return found
        self.refuse(name, f"a text of at most {most} characters")
        return ""

    def one_of(self, name: str, choices: tuple[str, ...]) -> str:
        """One of these texts."""
        found = self.table.get(name)
        if isinstance(found, str) and found in choices:
            return found
        self.refuse(name, f"one of {', '.join(choices)}")
        return ""

    def basis(self) -> tuple[str, ...]:
        """One clause, or several."""
        found = self.table.get("basis")
        clauses = [found] if isinstance(found, str) else found
        if isinstance(clauses, list) and 0 < len(clauses) <= CLAUSES_MAX and all(map(_is_clause, clauses)):
            return tuple(clauses)
        most = f"at most {CLAUSES_MAX}, each of at most {CLAUSE_CHARACTERS_MAX} characters"
        self.refuse("basis", f"the clause that it rests on, or several: {most}")
        return ()

    def profiles(self) -> frozenset[str]:
        found = self.table.get("profiles", sorted(ALL_PROFILES))
        if isinstance(found, list) and found and ALL_PROFILES.issuperset(map(str, found)):
            return frozenset(map(str, found))
        self.refuse("profiles", f"some of {', '.join(sorted(ALL_PROFILES))}")
        return ALL_PROFILES

    def tables(self, name: str, most: int) -> Mapping[str, Any]:
        """A table of named things."""
        found = self.table.get(name, {})
        if not isinstance(found, Mapping) or len(found) > most:
            self.refuse(name, f"a table of at most {most} names")
            return {}
        for each in found:
            if not _NAME(each):
                self.refuse(
                    f"{name}.{each}", f"a name of at most {NAME_CHARACTERS_MAX} small letters, digits and underscores"
                )
        return {each: value for each, value in found.items() if _NAME(each)}

    def parameters(self) -> tuple[type[msgspec.Struct], dict[str, FactType]]:
        """The rule's own values as the struct of its thresholds, and as facts."""
        fields: list[tuple[str, Any, Any]] = []
        types: dict[str, FactType] = {}
        tables = self.tables("parameters", PARAMETERS_MAX)
        if len(msgspec.json.encode(tables).decode()) > PARAMETERS_CHARACTERS_MAX:
            self.refuse("parameters", f"at most {PARAMETERS_CHARACTERS_MAX} characters in all")
        for name, value in tables.items():
            if name in SETTING_WORDS:
                self.refuse(f"parameters.{name}", f"another name: regions say their {name} by it")
                continue
            kind, declared = _parameter_type(value)
            try:
                default = msgspec.convert(value, declared)
            except msgspec.ValidationError as error:
                self.refuse(f"parameters.{name}", str(error).removeprefix("Expected "))
                continue
            fields.append((name, Annotated[declared, Source(Basis.OVERRIDE, unit_of(name))], default))
            types[f"{PARAMETER}.{name}"] = kind
        return msgspec.defstruct("CustomThresholds", fields, frozen=True, kw_only=True), types

    def windows(self, kind: str) -> tuple[Window, ...]:
        """Sums over days; of a payment there are none, since each payment would change those of all others."""
        tables = self.tables("windows", WINDOWS_MAX)
        if tables and kind == SubjectKind.PAYMENT:
            self.refuse("windows", "none on payments: a rule on line, quota or project has them")
            return ()
        return tuple(filter(None, (self._window(name, each) for name, each in tables.items())))

    def _window(self, name: str, found: object) -> Window | None:
        match found:
            case {"days": int(days), **rest} if not rest and type(days) is int and 1 <= days <= WINDOW_DAYS_MAX:
                return Window(name, days=days)
            case {"since": str(since), **rest} if not rest and _is_month_day(since):
                return Window(name, since=since)
        self.refuse(f"windows.{name}", f'{{ days = 1 to {WINDOW_DAYS_MAX} }} or {{ since = "MM-DD" }}')
        return None

    def bands(self, types: Mapping[str, FactType]) -> tuple[Band, ...]:
        if "yellow" not in self.table and "red" not in self.table:
            self.refuse("red", "a condition here, at yellow, or at both")
        bands = (self._band(name, severity, types) for name, severity in (("yellow", YELLOW), ("red", RED)))
        return tuple(filter(None, bands))

    def _band(self, name: str, severity: int, types: Mapping[str, FactType]) -> Band | None:
        match self.table.get(name):
            case None:
                return None
            case str(when):
                condition, day = self.expression(name, when, types, FactType.BOOL), None
            case {"when": str(when), "from": str(since), **rest} if not rest:
                condition = self.expression(f"{name}.when", when, types, FactType.BOOL)
                day = self.expression(f"{name}.from", since, types, FactType.INT)
            case _:
                self.refuse(name, "an expression, or { when = an expression, from = one that gives a day }")
                return None
        return None if condition is None else Band(severity, condition, day)

    def expression(self, path: str, text: str, types: Mapping[str, FactType], wanted: FactType) -> Expression | None:
        try:
            return compiled(text, types, wanted)
        except ExpressionRefused as refused:
            self.refuse(path, refused.expected, refused.found)
            return None

    def message(self, name: str, types: Mapping[str, FactType]) -> Template:
        text = self.text(name, MESSAGE_CHARACTERS_MAX)
        found = template(text)
        if found is None:
            self.refuse(name, "each fact in one pair of braces")
            return Template("", ())
        for fact in found.facts:
            self._known(name, fact, types)
        return found

    def fact(self, name: str, types: Mapping[str, FactType]) -> str:
        """The name of a fact; empty where none is said."""
        found = self.table.get(name, "")
        if found == "" or self._known(name, found, types):
            return str(found)
        return ""

    def _known(self, name: str, fact: object, types: Mapping[str, FactType]) -> bool:
        if isinstance(fact, str) and fact in types:
            return True
        self.refuse(name, f"one of {', '.join(sorted(types))}", f"unknown fact `{fact}`")
        return False


def _is_clause(found: object) -> bool:
    return isinstance(found, str) and 0 < len(found.strip()) <= len(found) <= CLAUSE_CHARACTERS_MAX


def _parameter_type(value: object) -> tuple[FactType, Any]:
    match value:
        case bool():
            return FactType.BOOL, bool
        case str():
            return FactType.STRING, _Text
        case list():
            return FactType.STRINGS, _Texts
        case _:
            return FactType.INT, _Number


def _is_month_day(text: str) -> bool:
    try:
        _since.decode(msgspec.json.encode(text))
    except msgspec.ValidationError:
        return False
    return True
