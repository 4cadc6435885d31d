"""Where the demonstration plays: two prefectures with two counties each, as tables. Names of people are invented.

Xinjiang (special accounts abolished, performance targets due by 30 June) and Henan (special accounts allowed, three
working days to allocate) judge the same conduct differently; that is why both are here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Profile = Literal["xinjiang", "henan"]


@dataclass(frozen=True, slots=True)
class Township:
    """A township of a county."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Place:
    """A finance jurisdiction."""

    region: str
    name: str
    profile: Profile
    superior: str
    document_prefix: str  # of its documents: 精财扶〔2019〕6号
    superior_prefix: str  # of the documents it receives money by
    source: str  # its main source for quotas (wire.md 2.2)
    townships: tuple[Township, ...] = ()
    enterprises: tuple[str, ...] = ()
    people: tuple[str, ...] = ()

    @property
    def is_city(self) -> bool:
        """Whether it is a prefecture or city, which passes money down."""
        return self.region.endswith("00")


_XINJIANG_PEOPLE = (
    "买买提·吐尔逊",
    "阿依古丽·艾合买提",
    "巴特尔",
    "李建国",
    "王秀英",
    "叶尔肯·哈斯木",
    "马哈提",
    "张玉兰",
)
_HENAN_PEOPLE = ("张保军", "李桂花", "王拴柱", "赵小妮", "刘石头", "孙留根", "周改香", "吴铁锤")

PLACES: tuple[Place, ...] = (
    Place("652700", "博尔塔拉蒙古自治州", "xinjiang", "650000", "博州财扶", "新财扶", "integrated_fiscal"),
    Place(
        "652722",
        "精河县",
        "xinjiang",
        "652700",
        "精财扶",
        "博州财扶",
        "integrated_fiscal",
        (
            Township("652722100", "精河镇"),
            Township("652722101", "大河沿子镇"),
            Township("652722102", "托里镇"),
            Township("652722103", "托托镇"),
            Township("652722200", "茫丁乡"),
        ),
        (
            "精河县惠民建筑有限公司",
            "精河县天山路桥工程有限公司",
            "精河县枸杞红农民专业合作社",
            "新疆赛里木水利建设有限公司",
        ),
        _XINJIANG_PEOPLE,
    ),
    Place(
        "652723",
        "温泉县",
        "xinjiang",
        "652700",
        "温财扶",
        "博州财扶",
        "integrated_fiscal",
        (
            Township("652723100", "博格达尔镇"),
            Township("652723101", "哈日布呼镇"),
            Township("652723102", "安格里格镇"),
            Township("652723200", "查干屯格乡"),
        ),
        (
            "温泉县鑫源建设有限公司",
            "温泉县草原牧歌养殖农民专业合作社",
            "博州昌盛路桥有限公司",
            "温泉县清泉水利工程有限公司",
        ),
        _XINJIANG_PEOPLE,
    ),
    Place("410300", "洛阳市", "henan", "410000", "洛财预", "豫财农", "budget_execution"),
    Place(
        "410324",
        "栾川县",
        "henan",
        "410300",
        "栾财扶",
        "洛财预",
        "budget_execution",
        (
            Township("410324101", "赤土店镇"),
            Township("410324102", "合峪镇"),
            Township("410324103", "潭头镇"),
            Township("410324105", "庙子镇"),
            Township("410324107", "冷水镇"),
        ),
        (
            "栾川县君山建筑工程有限公司",
            "栾川县兴农农民专业合作社",
            "河南伏牛路桥有限公司",
            "栾川县伊源水利工程有限公司",
        ),
        _HENAN_PEOPLE,
    ),
    Place(
        "410325",
        "嵩县",
        "henan",
        "410300",
        "嵩财扶",
        "洛财预",
        "budget_execution",
        (
            Township("410325101", "田湖镇"),
            Township("410325102", "旧县镇"),
            Township("410325103", "车村镇"),
            Township("410325105", "德亭镇"),
        ),
        (
            "嵩县陆浑建设有限公司",
            "嵩县白云山中药材农民专业合作社",
            "洛阳万山公路工程有限公司",
            "嵩县汝河水利工程有限公司",
        ),
        _HENAN_PEOPLE,
    ),
)


@dataclass(frozen=True, slots=True)
class Theme:
    """A kind of project and the money it is paid from."""

    category: str
    subject_code: str
    title: str  # {} is the township
    measure: str
    measure_kind: str
    unit: str  # suffix of the using unit's code
    use_code: str
    wan_yuan: tuple[int, int]  # what one project costs, least and most
    section: str  # 归口股室 of the county
    is_household: bool = False
    subsidy: str = ""


ROAD = Theme(
    "central-36",
    "2130504",
    "{}通村道路硬化工程",
    "通村道路硬化",
    "infrastructure",
    "jtj",
    "rural_road",
    (30, 120),
    "农业股",
)
INDUSTRY = Theme(
    "central-36", "2130505", "{}特色种植产业扶持项目", "扶持特色种植", "industry", "nyj", "industry", (20, 90), "农业股"
)
WATER = Theme(
    "central-22",
    "2130305",
    "{}农村饮水安全巩固提升工程",
    "饮水管网改造",
    "infrastructure",
    "slj",
    "water",
    (25, 110),
    "农业股",
)
HERDING = Theme(
    "central-23", "2130122", "{}牲畜棚圈建设项目", "新建标准化棚圈", "industry", "nyj", "industry", (15, 80), "农业股"
)
FOREST = Theme(
    "central-24", "2130205", "{}经济林提质增效项目", "经济林改造", "industry", "lcj", "industry", (10, 60), "农业股"
)
JOBS = Theme(
    "central-31", "2080702", "{}扶贫车间建设项目", "扶贫车间", "employment", "rsj", "employment", (20, 60), "社保股"
)
HOUSING = Theme(
    "central-27",
    "2210105",
    "{}农村危房改造补助",
    "危房改造补助到户",
    "housing",
    "zjj",
    "housing",
    (10, 60),
    "社保股",
    is_household=True,
    subsidy="housing_renovation",
)
GRAIN = Theme(
    "central-36",
    "2130505",
    "{}贫困户种植补贴",
    "种植补贴到户",
    "industry",
    "nyj",
    "industry",
    (5, 30),
    "农业股",
    is_household=True,
    subsidy="planting",
)
REGIONAL = Theme(
    "regional-15",
    "2130504",
    "{}村级综合服务设施项目",
    "村级设施",
    "infrastructure",
    "fpb",
    "village",
    (20, 100),
    "农业股",
)
PROVINCIAL = Theme(
    "local-410000-1", "2130505", "{}产业发展到村项目", "产业发展", "industry", "fpb", "industry", (20, 100), "农业股"
)
THEMES: dict[Profile, tuple[Theme, ...]] = {
    "xinjiang": (ROAD, INDUSTRY, WATER, HERDING, HOUSING, REGIONAL, JOBS, GRAIN, FOREST),
    "henan": (ROAD, INDUSTRY, WATER, PROVINCIAL, HOUSING, HERDING, JOBS, GRAIN, FOREST),
}
# Funds that no list of the Ministry names.
LOCAL_FUND_NAMES = {
    "local-410000-1": "省级财政专项扶贫资金",
    "local-652722-1": "县本级财政扶贫资金",
    "local-652723-1": "县本级财政扶贫资金",
    "local-652700-1": "州本级财政扶贫资金",
    "local-410324-1": "县本级财政扶贫资金",
    "local-410325-1": "县本级财政扶贫资金",
    "local-410300-1": "市本级财政扶贫资金",
}
