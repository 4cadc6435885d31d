"""What a scene is: a story about one rule, planted somewhere on some day, that says all alerts it causes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from connectors.simulator.office import Office
from connectors.simulator.places import Profile

Story = Callable[[Office, date], None]
BOTH: tuple[Profile, ...] = ("xinjiang", "henan")
XINJIANG: tuple[Profile, ...] = ("xinjiang",)
HENAN: tuple[Profile, ...] = ("henan",)


@dataclass(frozen=True, slots=True)
class Scene:
    """A story with its rule. ``is_near_miss``: just inside the limit, so that nothing may come of it.

    ``months``: in which it may begin, first and last. ``on_host``: about a whole region, which must be a quiet one.
    """

    rule_id: str
    story: Story
    is_near_miss: bool
    profiles: tuple[Profile, ...] = BOTH
    months: tuple[int, int] = (1, 12)
    on_host: bool = False
    over_the_year: bool = False


def fault(
    rule_id: str,
    story: Story,
    profiles: tuple[Profile, ...] = BOTH,
    *,
    months: tuple[int, int] = (1, 12),
    on_host: bool = False,
    over_the_year: bool = False,
) -> Scene:
    """A violation of the rule."""
    return Scene(
        rule_id,
        story,
        is_near_miss=False,
        profiles=profiles,
        months=months,
        on_host=on_host,
        over_the_year=over_the_year,
    )


def near(
    rule_id: str,
    story: Story,
    profiles: tuple[Profile, ...] = BOTH,
    *,
    months: tuple[int, int] = (1, 12),
    on_host: bool = False,
    over_the_year: bool = False,
) -> Scene:
    """A near miss of the rule."""
    return Scene(
        rule_id,
        story,
        is_near_miss=True,
        profiles=profiles,
        months=months,
        on_host=on_host,
        over_the_year=over_the_year,
    )
