"""The region tree (行政区划): level and superior by the code (wire.md 2.1), names from GB/T 2260.

The table holds every province, city and county of the years 2010 to 2026: a county merged in 2021 still owns its money
of 2018. Reference data may name counties that lie directly under their province (省直管县); they are an argument.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final, Literal

from domain.tables import table

Tier = Literal["province", "city", "county"]

_NAMES: Final[dict[str, str]] = {row["code"]: row["name"] for row in table("regions.tsv")}
_NONE: Final[frozenset[str]] = frozenset()


def exists(region: str) -> bool:
    """Whether the code is a finance jurisdiction: never 100000 (central), 000000 (ticks) or a grouping row."""
    return region in _NAMES


def name(region: str) -> str:
    """Chinese name; the code itself when the tree does not know it."""
    return _NAMES.get(region, region)


def tier(region: str) -> Tier:
    """Level by the code: NN0000 province, NNNN00 city, all others county."""
    if region.endswith("0000"):
        return "province"
    return "city" if region.endswith("00") else "county"


def superior(region: str, direct_counties: Collection[str] = _NONE) -> str | None:
    """The region directly above; None above a province.

    A county NN90NN and one of ``direct_counties`` lie directly under the province. So does a district of a
    municipality: Beijing's code 110100 only groups its districts and is no jurisdiction.
    """
    level = tier(region)
    if level == "province":
        return None
    province = region[:2] + "0000"
    city = region[:4] + "00"
    if level == "city" or region[2:4] == "90" or region in direct_counties or city not in _NAMES:
        return province
    return city


def full_name(region: str) -> str:
    """Name with the names above it, for people: 河南省洛阳市栾川县."""
    above = superior(region)
    return (full_name(above) if above else "") + name(region)


def all_regions() -> tuple[str, ...]:
    """Every code of the tree, in order."""
    return tuple(sorted(_NAMES))
