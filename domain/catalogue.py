"""The fund catalogue (资金清单): 41 central and 20 regional categories with the section that owns each.

The catalogue gives no years, so all its rows are in force every year; a local category (the own list of a region)
always is. A category is known by level and number: two of the same name stay apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from domain.regions import superior
from domain.tables import table

UNKNOWN: Final = "unknown"
# Paid to persons or households by their nature: the owner has marked none yet.
HOUSEHOLD: Final[frozenset[str]] = frozenset()
# Only part of the money is for poverty relief, by the category's own name (部分; 不含; by reference to outside
# documents): which part, the section decides (calibres.md 2.2).
PARTIAL: Final = frozenset(
    ("central-3", "central-10", "central-13", "central-16", "central-17", "central-19", "central-20", "regional-4")
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One category. ``classified`` (涉密): only the name may be known on this network. ``partial``: see PARTIAL.

    ``household``: see HOUSEHOLD.
    """

    category: str
    level: str
    no: int
    name_zh: str
    section_zh: str
    classified: bool
    partial: bool
    note: str
    household: bool = False


def _entry(row: dict[str, str]) -> Entry:
    category = f"{row['level']}-{row['no']}"
    return Entry(
        category=category,
        level=row["level"],
        no=int(row["no"]),
        name_zh=row["name_zh"],
        section_zh=row["responsible_section_zh"],
        classified=row["classified"] == "yes",
        partial=category in PARTIAL,
        note=row["note"],
        household=category in HOUSEHOLD,
    )


ENTRIES: Final[tuple[Entry, ...]] = tuple(_entry(row) for row in table("fund_catalogue.tsv"))
_BY_CATEGORY: Final[dict[str, Entry]] = {each.category: each for each in ENTRIES}
CLASSIFIED: Final = frozenset(each.category for each in ENTRIES if each.classified)


def entry(category: str) -> Entry | None:
    """The catalogue's row of a category; None for a local, an unknown or an unlisted one."""
    return _BY_CATEGORY.get(category)


def is_local(category: str) -> bool:
    """Whether the category is of a region's own list (``local-RRRRRR-N``)."""
    return category.startswith("local-")


def is_listed(category: str) -> bool:
    """Whether the category is in the catalogue; local ones always are."""
    return category in _BY_CATEGORY or is_local(category)


def is_in_list_of(category: str, region: str) -> bool:
    """Whether the category is in the region's list: central, regional, its own, and those of the regions above it."""
    if not is_local(category):
        return category in _BY_CATEGORY
    owner = category.split("-")[1]
    at: str | None = region
    while at is not None and at != owner:
        at = superior(at)
    return at is not None
