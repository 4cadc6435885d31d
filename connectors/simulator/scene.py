"""What a scene is: a story about one rule, planted somewhere on some day, that says all alerts it causes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from connectors.simulator.office import Office
from connectors.simulator.places import Place, Profile

Story = Callable[[Office, date], None]
BOTH: tuple[Profile, ...] = ("xinjiang", "henan")
XINJIANG: tuple[Profile, ...] = ("xinjiang",)
HENAN: tuple[Profile, ...] = ("henan",)


class Where(StrEnum):
    """Kinds of places that a story may need."""

    COUNTY = "county"  # an ordinary county
    HOST = "host"  # a county where little else goes on: the story is about the whole region
    BUDGET = "budget"  # an ordinary county or a city


@dataclass(frozen=True, slots=True)
class Scene:
    """A story with its rule. ``is_near_miss``: just inside the limit, so that nothing may come of it.

    ``months`` and ``by_day``: when it may begin. ``over_the_year``: it ends in the next one.
    """

    rule_id: str
    story: Story
    is_near_miss: bool
    profiles: tuple[Profile, ...] = BOTH
    months: tuple[int, int] = (1, 12)
    by_day: int = 28
    where: Where = Where.COUNTY
    over_the_year: bool = False

    def suits(self, place: Place) -> bool:
        """Whether it may be planted there."""
        if place.profile not in self.profiles:
            return False
        if place.is_city:
            return self.where is Where.BUDGET
        return place.is_host == (self.where is Where.HOST)


def fault(rule_id: str, story: Story, profiles: tuple[Profile, ...] = BOTH, **when_and_where: Any) -> Scene:
    """A violation of the rule."""
    return Scene(rule_id, story, is_near_miss=False, profiles=profiles, **when_and_where)


def near(rule_id: str, story: Story, profiles: tuple[Profile, ...] = BOTH, **when_and_where: Any) -> Scene:
    """A near miss of the rule."""
    return Scene(rule_id, story, is_near_miss=True, profiles=profiles, **when_and_where)
