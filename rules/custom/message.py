"""Messages of custom rules: sentences with facts in braces, written out for people."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final, NamedTuple

from domain.money import yuan_text
from rules.custom.facts import TODAY, WINDOW
from rules.custom.limits import SHOWN_CHARACTERS_MAX
from rules.days import text_of_day
from rules.wording import Sentence

# A fact in braces. There is no way to write a brace itself: whatever braces are left over are refused.
_FACT: Final = re.compile(r"\{([^{}]*)\}")
_BRACES: Final = re.compile(r"[{}]")


# The words for false and true.
Flags = tuple[str, str]
_ZH: Final = ("否", "是")
_EN: Final = ("no", "yes")


class Template(NamedTuple):
    """A message in one language, and the facts that it names."""

    text: str
    facts: tuple[str, ...]

    def written(self, facts: Mapping[str, object], flags: Flags, asked: Iterable[str], frame: str) -> str:
        """With the facts filled in, and in the ``frame`` those of the ``asked`` ones that it does not name."""
        said = _FACT.sub(lambda match: _shown(match[1], facts.get(match[1]), flags), self.text)
        rest = [f"{name} = {_shown(name, facts.get(name), flags)}" for name in asked if name not in self.facts]
        return said + (frame.format(", ".join(rest)) if rest else "")


def template(text: str) -> Template | None:
    """The message; None where braces do not pair."""
    if _BRACES.search(_FACT.sub("", text)):
        return None
    return Template(text, tuple(dict.fromkeys(_FACT.findall(text))))


def sentence(zh: Template, en: Template, facts: Mapping[str, object], asked: Iterable[str]) -> Sentence:
    """Both languages; what the rule asked for and the message does not name is added, so that the alert has it."""
    named = tuple(dict.fromkeys(asked))
    return Sentence(zh.written(facts, _ZH, named, "({})"), en.written(facts, _EN, named, " ({})"))


def is_day(name: str) -> bool:
    """Whether a fact of this name is a day."""
    return name == TODAY or (name.endswith("_on") and not _is_window(name))


def is_money(name: str) -> bool:
    """Whether a fact of this name is an amount in fen, as every window is, whatever it is called."""
    return name.endswith("_fen") or _is_window(name)


def _is_window(name: str) -> bool:
    return name.startswith(f"{WINDOW}.")


def shown(name: str, value: object) -> int | str | bool:
    """As an alert's facts have it: days as ISO text, lists joined, all else as it is."""
    if is_day(name) and isinstance(value, int):
        return _day_text(value)
    if isinstance(value, (tuple, list)):
        return ", ".join(map(str, value))
    return value if isinstance(value, (int, str)) else str(value)


def unit_of(name: str) -> str:
    """The unit of a fact, as alerts name it."""
    if is_money(name):
        return "fen"
    endings = {"_on": "date", "_days": "days", "_percent": "percent"}
    return next((unit for ending, unit in endings.items() if name.endswith(ending)), "value")


def _shown(name: str, value: object, flags: Flags) -> str:
    if value is None:
        return "—"
    if isinstance(value, bool):
        return flags[value]
    if is_money(name) and isinstance(value, int):
        return yuan_text(value)
    text = str(shown(name, value))
    return text if len(text) <= SHOWN_CHARACTERS_MAX else text[: SHOWN_CHARACTERS_MAX - 1] + "…"


def is_a_day(value: int) -> bool:
    """Whether a number is a day of the years 1 to 9999."""
    return 1 <= value <= date.max.toordinal()  # an expression may give any number


def _day_text(value: int) -> str:
    return text_of_day(value) if is_a_day(value) else str(value)
