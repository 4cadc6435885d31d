"""Where the simulation plays: cities of both profiles with their counties, from the region tree, and who lives there.

Names of people and enterprises are invented.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, zip_longest
from typing import Literal

from domain import regions

FIRST_YEAR = 2019
Profile = Literal["xinjiang", "henan"]
_PROVINCES: dict[Profile, str] = {"xinjiang": "65", "henan": "41"}
# A city with at most so many counties, so that a small province has several levels of both profiles.
COUNTIES_PER_CITY = 7


@dataclass(frozen=True, slots=True)
class Place:
    """A finance jurisdiction. ``is_host``: kept quiet for stories that are about a whole region."""

    region: str
    profile: Profile
    is_host: bool

    @property
    def name(self) -> str:
        """Its name in the region tree."""
        return regions.name(self.region)

    @property
    def is_city(self) -> bool:
        """Whether it is a prefecture or city, which passes money down."""
        return self.region.endswith("00")

    @property
    def city(self) -> str:
        """The city or prefecture that it belongs to or is."""
        return self.region[:4] + "00"

    @property
    def system(self) -> str:
        """Its main source for quotas (wire.md 2.2)."""
        return "integrated_fiscal" if self.profile == "xinjiang" else "budget_execution"

    @property
    def payment_system(self) -> str:
        """Where its payments come from."""
        return "integrated_fiscal" if self.profile == "xinjiang" else "treasury_payment"

    @property
    def heard_from(self) -> tuple[str, ...]:
        """The sources that its profile expects to hear from (rules.md section 3)."""
        return tuple(dict.fromkeys((self.system, self.payment_system)))


def places(count: int) -> tuple[Place, ...]:
    """So many regions: cities of the two profiles in turn, each with counties; every other county is a host."""
    columns = [_groups(profile) for profile in _PROVINCES]
    groups = [group for group in chain.from_iterable(zip_longest(*columns)) if group]
    if count < COUNTIES_PER_CITY * len(_PROVINCES):
        per_city = max(1, count // len(_PROVINCES) - 1)
        groups = [group[: per_city + 1] for group in groups[: len(_PROVINCES)]]
    found = [place for group in groups for place in group]
    if count > len(found):
        raise ValueError(f"{count} regions: expected at most {len(found)}")
    return tuple(found[:count])


def _groups(profile: Profile) -> Iterator[list[Place]]:
    codes = [code for code in regions.all_regions() if code.startswith(_PROVINCES[profile])]
    for city in codes:
        if regions.tier(city) != "city":
            continue
        counties = [code for code in codes if regions.superior(code) == city][:COUNTIES_PER_CITY]
        if len(counties) >= 2:
            rural = [Place(code, profile, number % 2 == 1) for number, code in enumerate(counties)]
            yield [Place(city, profile, is_host=False), *rural]


@dataclass(frozen=True, slots=True)
class Theme:
    """A kind of project and the money it is paid from."""

    category: str
    subject_code: str
    title: str
    measure_kind: str
    unit: str  # suffix of the using unit's code
    use_code: str
    section: str


THEMES: tuple[Theme, ...] = (
    Theme("central-36", "2130504", "通村道路硬化工程", "infrastructure", "jtj", "rural_road", "农业股"),
    Theme("central-36", "2130505", "特色种植产业扶持项目", "industry", "nyj", "industry", "农业股"),
    Theme("central-22", "2130505", "农村饮水安全巩固提升工程", "infrastructure", "slj", "water", "农业股"),
    Theme("central-23", "2130505", "牲畜棚圈建设项目", "industry", "xmj", "industry", "农业股"),
    Theme("central-24", "2130505", "经济林提质增效项目", "industry", "lcj", "industry", "农业股"),
    Theme("central-31", "2130599", "扶贫车间建设项目", "employment", "rsj", "employment", "社保股"),
    Theme("regional-15", "2130504", "村级综合服务设施项目", "infrastructure", "fpb", "village", "农业股"),
)
OWN = Theme("", "2130505", "产业发展到村项目", "industry", "nyj", "industry", "农业股")

SURNAMES = "王李张刘陈杨赵黄周吴徐孙马朱胡郭何林买阿"
GIVEN_NAMES = ("秀英", "桂兰", "建国", "保军", "拴柱", "玉梅", "小妮", "留根", "改香", "石头", "长河", "金凤")
ENTERPRISES = (
    "{}惠民建筑有限公司",
    "{}天山路桥工程有限公司",
    "{}兴农农民专业合作社",
    "{}清泉水利工程有限公司",
    "{}鑫源建设有限公司",
    "{}草原牧歌养殖农民专业合作社",
)
TOWNSHIPS = ("城关镇", "大河镇", "托里镇", "潭头镇", "庙子乡")
