"""What one reader may see: the token's grant, narrowed by the request. Pure.

Everything here errs to the narrow side: what is not granted is refused by name, never quietly left out, so that an
empty feed always means "no alerts" and not "no rights".
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from alerts.delivery import QueueName
from alerts.routing import Section
from alerts.tokens import WHOLE_COUNTRY, Grant, Post
from domain import regions

CODE_DIGITS = 6
# More regions than the country has, so that nothing is looked up twice.
_KNOWN_PAIRS_MAX = 65_536


class ScopeFault(StrEnum):
    """Why a request is not served; used verbatim in answers and metrics."""

    POST = "post_not_allowed"  # administrators are not operators
    SECTION = "section_not_granted"
    SECTION_UNKNOWN = "section_unknown"
    REGION = "region_not_granted"
    REGION_UNKNOWN = "region_unknown"
    BUSINESS_SECTION = "business_section_not_granted"


class ScopeRefused(Exception):
    """The request asks for more than the token grants, or for what does not exist; carries the fault and the value."""

    def __init__(self, fault: ScopeFault, value: str) -> None:
        super().__init__(f"{fault}: {value}")
        self.fault, self.value = fault, value

    @property
    def is_forbidden(self) -> bool:
        """Whether rights are missing (403), or the request makes no sense (400)."""
        return self.fault not in (ScopeFault.SECTION_UNKNOWN, ScopeFault.REGION_UNKNOWN)


@dataclass(frozen=True, slots=True)
class Scope:
    """Alerts of these sections, in this region and below."""

    sections: frozenset[str]
    region: str
    business_sections: frozenset[str] = frozenset()  # of `business` only these; empty = all

    def includes(self, region: str, sections: Collection[str], business_section: str) -> bool:
        """Whether a record of ``region`` for ``sections`` (owner and copies) is to be seen."""
        mine = self.sections.intersection(sections)
        if not mine or not is_within(region, self.region):
            return False
        return mine != {Section.BUSINESS} or not self.business_sections or business_section in self.business_sections

    def queues(self, existing: Sequence[QueueName]) -> tuple[QueueName, ...]:
        """Those of the existing queues that hold something of it."""
        return tuple(
            queue for queue in existing if queue.section in self.sections and is_within(queue.region, self.region)
        )


@lru_cache(maxsize=_KNOWN_PAIRS_MAX)
def is_within(region: str, root: str) -> bool:
    """Whether ``region`` is ``root`` or lies below it, by the chain of superiors: digits do not tell it."""
    if root == WHOLE_COUNTRY:
        return True
    at: str | None = region
    while at is not None and at != root:
        at = regions.superior(at)
    return at == root


def region_of(prefix: str) -> str:
    """The region that a shortened code names: 65 and 650000 are Xinjiang, 6527 is 652700. Raises ScopeRefused."""
    code = prefix.ljust(CODE_DIGITS, "0")
    if code == WHOLE_COUNTRY or (
        code.isascii() and code.isdigit() and len(code) == CODE_DIGITS and regions.exists(code)
    ):
        return code
    raise ScopeRefused(ScopeFault.REGION_UNKNOWN, prefix)


def narrowed(
    grant: Grant,
    *,
    sections: Sequence[str] = (),
    region: str = "",
    business_sections: Sequence[str] = (),
) -> Scope:
    """The scope of a request that names these sections and this region; nothing named = all that is granted.

    Raises ScopeRefused when it asks for anything beyond.
    """
    if grant.post is Post.SYSTEM_ADMINISTRATOR:
        raise ScopeRefused(ScopeFault.POST, grant.post)
    for section in sections:
        if section not in frozenset(Section):
            raise ScopeRefused(ScopeFault.SECTION_UNKNOWN, section)
        if section not in grant.sections:
            raise ScopeRefused(ScopeFault.SECTION, section)
    root = region_of(region) if region else grant.region
    if not is_within(root, grant.region):
        raise ScopeRefused(ScopeFault.REGION, root)
    for name in business_sections:
        if grant.business_sections and name not in grant.business_sections:
            raise ScopeRefused(ScopeFault.BUSINESS_SECTION, name)
    return Scope(
        sections=frozenset(sections or grant.sections),
        region=root,
        business_sections=frozenset(business_sections or grant.business_sections),
    )
