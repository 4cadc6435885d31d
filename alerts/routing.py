"""Who gets an alert: from the owner that the rule catalogue names to the section codes of alerts.md.

Sources: rules.md section 1 (``owner``), art. 17 of 004_6d54267a7b8d1056.txt, 002_cd118f177911e14b.txt L83 (Xinjiang).
What they leave open is decided here and argued in docs/contract/alerts.md.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from domain import catalogue


class Section(StrEnum):
    """Section codes of alerts.md."""

    BUDGET = "budget"
    TREASURY = "treasury"
    RURAL_FINANCE = "rural_finance"
    BUSINESS = "business"
    PERFORMANCE = "performance"
    INSPECTION = "inspection"
    INFORMATION = "information"
    POVERTY_FUND_OFFICE = "poverty_fund_office"
    LEADERSHIP = "leadership"
    DISPATCH = "dispatch"


SECTION_ZH = {
    Section.BUDGET: "预算",
    Section.TREASURY: "国库",
    Section.RURAL_FINANCE: "农财",
    Section.BUSINESS: "归口业务处室",
    Section.PERFORMANCE: "绩效",
    Section.INSPECTION: "监督检查",
    Section.INFORMATION: "信息",
    Section.POVERTY_FUND_OFFICE: "扶贫资金管理办公室",
    Section.LEADERSHIP: "分管领导",
    Section.DISPATCH: "总收发岗",
}

BUSINESS_OWNER = "归口业务处室"
RURAL_FINANCE_OWNER = "农财"
XINJIANG = "xinjiang"
# An owner of the catalogue that is a desk of its own.
_DESK_OF_OWNER = {
    "预算": Section.BUDGET,
    "国库": Section.TREASURY,
    RURAL_FINANCE_OWNER: Section.RURAL_FINANCE,
    "绩效": Section.PERFORMANCE,
    "监督检查": Section.INSPECTION,
    "信息": Section.INFORMATION,
    "扶贫资金管理办公室": Section.POVERTY_FUND_OFFICE,
}
# Business sections that also have a desk of their own: they get a copy there, or they would have to watch two queues.
_DESK_OF_BUSINESS_SECTION = {
    "扶贫资金管理办公室": Section.POVERTY_FUND_OFFICE,
    "预算处": Section.BUDGET,
    "预算科": Section.BUDGET,
    "预算股": Section.BUDGET,
}


class Route(NamedTuple):
    """The section that answers, the business section when it is ``business``, and who gets a copy, in code order."""

    section: Section
    business_section: str | None
    copied_to: tuple[Section, ...]


def route(*, owner: str, profile: str, fund_category: str | None, responsible_section: str | None) -> Route:
    """Where an alert goes. An owner that the catalogue does not know, or money nobody owns, goes to ``dispatch``."""
    if owner == BUSINESS_OWNER:
        return _to_business(responsible_section or _catalogue_section(fund_category), also=())
    if owner == RURAL_FINANCE_OWNER and profile == XINJIANG:
        section = _catalogue_section(fund_category) or responsible_section
        return _to_business(section, also=(Section.POVERTY_FUND_OFFICE,))
    return _route(_DESK_OF_OWNER.get(owner, Section.DISPATCH), None, also=())


def _catalogue_section(fund_category: str | None) -> str | None:
    entry = catalogue.entry(fund_category) if fund_category else None
    return entry.section_zh if entry else None


def _to_business(business_section: str | None, *, also: tuple[Section, ...]) -> Route:
    if not business_section:
        return _route(Section.DISPATCH, None, also=also)
    desk = _DESK_OF_BUSINESS_SECTION.get(business_section)
    return _route(Section.BUSINESS, business_section, also=(*also, desk) if desk else also)


def _route(section: Section, business_section: str | None, *, also: tuple[Section, ...]) -> Route:
    copies = {*also, Section.INSPECTION} - {section}
    return Route(section, business_section, tuple(sorted(copies)))
