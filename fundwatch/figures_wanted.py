"""Figures on demand: which regions' figures of which year somebody wants to see, as of the end of which day."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Literal, NamedTuple, cast

from domain.regions import exists
from rules.cuts import paid_cut, scale_cut
from rules.figures import figures_of
from rules.rates import rates_of
from rules.state import NO_DAY
from rules.view import View

Calibre = Literal["now", "old"]
FiguresRecord = dict[str, str | int | list[str] | dict[str, dict[str, dict[str, int]]] | None]
_CALIBRES = ("now", "old")


class FiguresWanted(NamedTuple):
    """One request: a set of regions is one figure each, not the sum of theirs (calibres.md 2.3)."""

    day: date
    regions: tuple[str, ...]
    budget_year: int
    calibre: Calibre = "now"
    cuts: tuple[str, ...] = ()
    counted_until: date | None = None  # of the old calibre: its last day; None: it has no end


class FiguresRefused(ValueError):
    """A request that cannot be read; carries its text and what was expected."""

    def __init__(self, text: str) -> None:
        self.text, self.expected = text, "DATE:REGION[+REGION...]:YEAR[:now|old[@DATE]], regions that exist, each once"
        super().__init__(f"{text!r} is not {self.expected}")


def wanted_of(text: str) -> FiguresWanted:
    """Read a request. Raises FiguresRefused."""
    parts = text.split(":")
    try:
        day, regions, year = date.fromisoformat(parts[0]), tuple(parts[1].split("+")), int(parts[2])
    except (IndexError, ValueError):
        raise FiguresRefused(text) from None
    calibre, has_end, end = (parts[3] if len(parts) > 3 else "now").partition("@")
    is_twice = len(set(regions)) < len(regions)  # it would count twice
    if len(parts) > 4 or calibre not in _CALIBRES or is_twice or (has_end and calibre != "old"):
        raise FiguresRefused(text)
    if not all(map(exists, regions)):
        raise FiguresRefused(text)
    try:
        counted_until = date.fromisoformat(end) if has_end else None
    except ValueError:
        raise FiguresRefused(text) from None
    return FiguresWanted(day, regions, year, cast("Calibre", calibre), counted_until=counted_until)


def with_cuts(wanted: FiguresWanted, cuts: Collection[str]) -> FiguresWanted:
    """The same request, with the parts of its figures by these cuts."""
    return wanted._replace(cuts=tuple(cuts))


def record_of_figures(wanted: FiguresWanted, views: Collection[View]) -> FiguresRecord:
    """The answer, with the figures of the regions that are open."""
    end = wanted.counted_until
    record: FiguresRecord = {
        "figures_on": wanted.day.isoformat(),
        "regions": list(wanted.regions),
        "budget_year": wanted.budget_year,
        "calibre": wanted.calibre if end is None else f"{wanted.calibre}@{end}",
        **figures_of(
            views,
            wanted.budget_year,
            is_old_calibre=wanted.calibre == "old" and end is None,
            counted_until=NO_DAY if end is None else end.toordinal(),
        ),
        **rates_of(views, wanted.budget_year),
    }
    if wanted.cuts:
        record["cuts"] = {cut: _parts(wanted, views, cut) for cut in wanted.cuts}
    return record


def _parts(wanted: FiguresWanted, views: Collection[View], cut: str) -> dict[str, dict[str, int]]:
    """By the calibre of today; of the scale where it has this cut."""
    scale = scale_cut(views, wanted.budget_year, cut)
    paid = paid_cut(views, wanted.budget_year, cut)
    return {"paid_fen": paid} if scale is None else {"scale_fen": scale, "paid_fen": paid}
