"""Figures on demand: which regions' figures of which year somebody wants to see, as of the end of which day."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Literal, NamedTuple, cast

from rules.figures import figures_of
from rules.view import View

Calibre = Literal["now", "old"]
FiguresRecord = dict[str, str | int | list[str] | None]
_CALIBRES = ("now", "old")


class FiguresWanted(NamedTuple):
    """One request: a set of regions is one figure each, not the sum of theirs (calibres.md 2.3)."""

    day: date
    regions: tuple[str, ...]
    budget_year: int
    calibre: Calibre = "now"


class FiguresRefused(ValueError):
    """A request that cannot be read; carries its text and what was expected."""

    def __init__(self, text: str) -> None:
        self.text, self.expected = text, "DATE:REGION[+REGION...]:YEAR[:now|old]"
        super().__init__(f"{text!r} is not {self.expected}")


def wanted_of(text: str) -> FiguresWanted:
    """Read a request. Raises FiguresRefused."""
    parts = text.split(":")
    try:
        day, regions, year = date.fromisoformat(parts[0]), tuple(parts[1].split("+")), int(parts[2])
    except (IndexError, ValueError):
        raise FiguresRefused(text) from None
    calibre = parts[3] if len(parts) > 3 else "now"
    if len(parts) > 4 or calibre not in _CALIBRES or not all(regions):
        raise FiguresRefused(text)
    return FiguresWanted(day, regions, year, cast("Calibre", calibre))


def record_of_figures(wanted: FiguresWanted, views: Collection[View]) -> FiguresRecord:
    """The answer, with the figures of the regions that are open."""
    return {
        "figures_on": wanted.day.isoformat(),
        "regions": list(wanted.regions),
        "budget_year": wanted.budget_year,
        "calibre": wanted.calibre,
        **figures_of(views, wanted.budget_year, is_old_calibre=wanted.calibre == "old"),
    }
