"""Rule sets in files, as commands are given them."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import NamedTuple

import click

from rules.catalogue import RULES
from rules.rule_set_text import Content, content_of, rule_set_from
from rules.thresholds import RuleSet, RuleSetRefused, rule_set_of


class RuleSetFrom(NamedTuple):
    """A rule set, what its file says, and the day at whose tick it takes effect; None: in force from the start."""

    rule_set: RuleSet
    content: Content
    day: date | None


class RuleSetFile(click.ParamType):
    """``FILE``, or ``DATE:FILE`` for a rule set that takes effect at the tick of that day."""

    name = "[DATE:]FILE"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> RuleSetFrom:
        """Read and check the file; what is wrong with it is told field by field."""
        if isinstance(value, RuleSetFrom):
            return value
        day, path = self._parted(value)
        try:
            content = read_content(path)
            return RuleSetFrom(rule_set_from(content, RULES), content, day)
        except (OSError, UnicodeDecodeError, RuleSetRefused) as error:
            self.fail(f"{path}: {error}", param, ctx)

    def _parted(self, value: str) -> tuple[date | None, Path]:
        day, colon, path = value.partition(":")
        try:
            return (date.fromisoformat(day), Path(path)) if colon else (None, Path(value))
        except ValueError:
            return None, Path(value)


def read_content(path: Path) -> Content:
    """What a file says, with a byte order mark or without. Raises OSError, UnicodeDecodeError, RuleSetRefused."""
    return content_of(path.read_text(encoding="utf-8-sig"))


def checked_content(path: Path) -> Content:
    """What a sound file says. Raises click.ClickException with every field at fault."""
    try:
        content = read_content(path)
        rule_set_from(content, RULES)
    except (OSError, UnicodeDecodeError, RuleSetRefused) as error:
        raise click.ClickException(f"{path}: {error}") from error
    return content


def in_order(given: tuple[RuleSetFrom, ...], last: date) -> tuple[RuleSet, dict[date, RuleSet]]:
    """The rule set of the start, the built-in one where none is named, and those that follow it until the last day.

    Raises UsageError where two take effect on one day, or one after the last: nobody would see that it is not used.
    """
    by_day: dict[date | None, RuleSet] = {}
    for each in given:
        if each.day in by_day:
            raise click.UsageError(f"--rule-set: two take effect {'at the start' if each.day is None else each.day}")
        if each.day is not None and each.day > last:
            raise click.UsageError(f"--rule-set: {each.day} is after --to {last}")
        by_day[each.day] = each.rule_set
    changes = {day: rule_set for day, rule_set in by_day.items() if day is not None}
    return by_day.get(None) or rule_set_of(RULES), changes
