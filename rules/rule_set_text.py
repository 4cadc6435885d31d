"""A rule set as people write it: TOML in, checked whole; and its canonical form, by which it is kept and hashed.

version = "2026.2"
author = "li.wei"
basis = "豫财监〔2026〕2号"
note = "idle money is to be seen earlier"

[rules.funds_idle]
mode = "on"                  # off, shadow or on; without it as the catalogue says
yellow_after_days = 60

[regions."652722".rules.funds_idle]
author = "wang.fang"
basis = "博财预〔2026〕7号"
valid_from = 2026-01-01
valid_until = 2026-12-31     # included; without it until a later rule set says otherwise
yellow_after_days = 30

Rules of its own are tables [[custom]] (`rules.custom.reading`).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from typing import Any, Final

import msgspec

from domain.regions import exists
from rules.custom.reading import custom_rules
from rules.rule import Rule
from rules.thresholds import (
    BUILT_IN,
    FIRST_DAY,
    LAST_DAY,
    REGION_WORDS,
    Fault,
    Mode,
    RuleSet,
    RuleSetRefused,
    Setting,
    rule_set_of,
)

# What was read: tables, lists and plain values, days as ISO text.
Content = Mapping[str, Any]

_VERSION: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}").fullmatch
# Who, on whose word, and a note: paragraphs. A name longer than a page is a file pasted by mistake, and would be kept.
_TEXT_CHARACTERS_MAX: Final = 2_000
_TEXTS: Final = ("version", "author", "basis")
_TABLES: Final = ("rules", "regions", "custom")


def content_of(text: str) -> Content:
    """What a TOML text says, with days as ISO text. Raises RuleSetRefused, naming the line."""
    try:
        return {name: _plain(value) for name, value in tomllib.loads(text).items()}
    except ValueError as error:  # not TOML, or a number of thousands of digits
        raise RuleSetRefused(Fault("file", f"TOML: {error}")) from None
    except RecursionError:
        raise RuleSetRefused(Fault("file", "TOML: arrays or tables are nested too deep")) from None


def canonical(content: Content) -> bytes:
    """The one form in bytes of this content."""
    return msgspec.json.encode(content, order="sorted")


def content_hash(content: Content) -> str:
    """By which two contents are told apart."""
    return sha256(canonical(content)).hexdigest()


def rule_set_from(content: Content, rules: tuple[Rule, ...]) -> RuleSet:
    """The rule set of a content. Raises RuleSetRefused with every field at fault."""
    reader = _Reader()
    reader.check_head(content)
    settings = reader.settings(content.get("rules", {}), "rules")
    customs = reader.customs(content.get("custom", []), rules, settings)
    regions = {
        code: reader.region(table, f"regions.{code}")
        for code, table in reader.table(content.get("regions", {}), "regions").items()
    }
    try:
        made = rule_set_of(rules, settings, regions, version=str(content.get("version")), customs=customs)
    except RuleSetRefused as refused:
        reader.faults += refused.faults
    if reader.faults:
        raise RuleSetRefused(*reader.faults)
    return made


@dataclass(slots=True)
class _Reader:
    """Reads settings and collects what is wrong with them."""

    faults: list[Fault] = field(default_factory=list)

    def check_head(self, content: Content) -> None:
        self._only(content, (*_TEXTS, "note", *_TABLES), "")
        for name in _TEXTS:
            self._text(content, name, name)
        version = content.get("version")
        if isinstance(version, str) and (not _VERSION(version) or version == BUILT_IN):
            self._refuse("version", f"letters, digits, dots and dashes, at most 64, and not {BUILT_IN}")
        if "note" in content:
            self._text(content, "note", "note")

    def table(self, found: object, path: str) -> Mapping[str, Any]:
        """The table at this place; an empty one, and a fault, where there is none."""
        if isinstance(found, Mapping):
            return found
        self._refuse(path, "a table")
        return {}

    def settings(self, found: object, path: str) -> dict[str, Setting]:
        """What is set for all regions, by rule."""
        return {
            rule_id: self._setting(self.table(table, f"{path}.{rule_id}"), f"{path}.{rule_id}")
            for rule_id, table in self.table(found, path).items()
        }

    def customs(self, found: object, rules: tuple[Rule, ...], settings: dict[str, Setting]) -> tuple[Rule, ...]:
        """The rule set's own rules; the mode of each joins the settings, where nothing else is said of them."""
        read = custom_rules(found, rules)
        self.faults += read.faults
        for rule_id, mode in read.modes.items():
            if rule_id in settings:
                self._refuse(f"rules.{rule_id}", "nothing: [[custom]] says all of it")
            settings[rule_id] = Setting(mode=mode)
        return read.rules

    def region(self, found: object, path: str) -> dict[str, Setting]:
        """What is set for one region, by rule, with who says so, why, and for how long."""
        if not exists(path.rpartition(".")[2]):
            self._refuse(path, "the six digits of a region")
        table = self.table(found, path)
        self._only(table, ("rules",), f"{path}.")
        settings: dict[str, Setting] = {}
        for rule_id, own in self.table(table.get("rules", {}), f"{path}.rules").items():
            settings[rule_id] = self._own(self.table(own, f"{path}.rules.{rule_id}"), f"{path}.rules.{rule_id}")
        return settings

    def _own(self, table: Mapping[str, Any], path: str) -> Setting:
        for name in ("author", "basis"):
            self._text(table, name, f"{path}.{name}")
        first = self._day(table, "valid_from", path, None)
        last = self._day(table, "valid_until", path, LAST_DAY)
        if first > last:
            self._refuse(f"{path}.valid_until", "a day not before valid_from")
        setting = self._setting({name: value for name, value in table.items() if name not in REGION_WORDS}, path)
        return Setting(mode=setting.mode, parameters=setting.parameters, valid_from=first, valid_until=last)

    def _setting(self, table: Mapping[str, Any], path: str) -> Setting:
        parameters = {name: value for name, value in table.items() if name != "mode"}
        return Setting(mode=self._mode(table, path), parameters=parameters)

    def _mode(self, table: Mapping[str, Any], path: str) -> Mode | None:
        if "mode" not in table:
            return None
        try:
            return Mode(table["mode"])
        except ValueError:
            self._refuse(f"{path}.mode", "off, shadow or on")
            return None

    def _day(self, table: Mapping[str, Any], name: str, path: str, default: int | None) -> int:
        if name not in table and default is not None:
            return default
        try:
            return date.fromisoformat(table[name]).toordinal()
        except (KeyError, TypeError, ValueError):
            self._refuse(f"{path}.{name}", "a day, such as 2026-01-31")
            return FIRST_DAY

    def _text(self, table: Mapping[str, Any], name: str, path: str) -> None:
        found = table.get(name)
        if not isinstance(found, str) or not 0 < len(found.strip()) <= len(found) <= _TEXT_CHARACTERS_MAX:
            self._refuse(path, f"a text of at most {_TEXT_CHARACTERS_MAX} characters")

    def _only(self, table: Mapping[str, Any], names: tuple[str, ...], path: str) -> None:
        for name in table:
            if name not in names:
                self._refuse(f"{path}{name}", f"one of {', '.join(names)}")

    def _refuse(self, path: str, expected: str) -> None:
        self.faults.append(Fault(path, expected))


def settled(content: Content) -> Iterator[tuple[str, Any]]:
    """Every single value of a content by its path, in order: what a comparison of two contents is made of."""
    yield from _leaves(content, "")


def _leaves(found: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(found, Mapping):
        for name in sorted(found):
            yield from _leaves(found[name], f"{path}.{name}" if path else name)
    elif isinstance(found, list) and found and all(isinstance(each, Mapping) for each in found):
        for number, each in enumerate(found):  # custom rules: by their ids, so that their order makes no difference
            yield from _leaves(each, f"{path}.{each.get('id', number)}")
    else:
        yield path, found


def _plain(found: Any) -> Any:
    """The same with days as text: what JSON can say."""
    if isinstance(found, dict):
        return {name: _plain(value) for name, value in found.items()}
    if isinstance(found, list):
        return [_plain(value) for value in found]
    return found.isoformat() if hasattr(found, "isoformat") else found
