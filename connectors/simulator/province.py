"""A province for some years: its quiet life, what is planted in it, and the truth. One seed, the same bytes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from random import Random
from typing import NamedTuple

from connectors.simulator.book import Book, Draft, Sent, working_day
from connectors.simulator.office import Office
from connectors.simulator.places import Place, places
from connectors.simulator.quiet import QuietLife
from connectors.simulator.scene import Scene
from connectors.simulator.scenes.all_scenes import SCENES
from connectors.simulator.truth import RAISE, Expected, Planted

FIRST_YEAR = 2019
# Scenes end before the year does: what is under way then would be unspent money (year_end_unspent).
LAST_SCENE_DAY = (12, 22)
# Alerts of Henan are answered six days after, and before the month ends (`Office.alert`).
_RAISED_BY_DAY = 22
# How often a day is tried until a scene fits between the year's ends; a scene that never fits is a mistake in it.
_TRIES = 400
# A place's serial numbers are the numbers of its local funds, of three digits at most; 998 and 999 are taken.
_SCENES_PER_PLACE = 990


class Planting(NamedTuple):
    """One scene where and when it is played. ``seed`` makes it play the same whenever it is asked to."""

    scene: Scene
    place: Place
    serial: str
    on: date
    seed: str


class Province:
    """A simulated province; `days` may be asked for once."""

    def __init__(
        self,
        regions: int,
        years: int,
        seed: int,
        *,
        households: int,
        per_rule: int | None = None,
        corrected_percent: int = 0,
    ) -> None:
        """``households``: people of each county's monthly lists; ``per_rule``: faults, and near misses, of each.

        Without ``per_rule`` a fault of each rule meets a region every fourth year. Raises ValueError for more regions
        than there are.
        """
        self.places = places(regions)
        self.years = range(FIRST_YEAR, FIRST_YEAR + years)
        self.first, self.last = date(FIRST_YEAR, 1, 1), date(FIRST_YEAR + years - 1, 12, 31)
        self._seed = seed
        self._book = Book()
        self._random = Random(seed)  # noqa: S311  # invented data, no secret
        self._quiet = QuietLife(self._book, self.places, self.years, self._random, households, corrected_percent)
        self._serials: Counter[str] = Counter()
        self.expected: list[Expected] = []
        self.planted: list[Planted] = []
        self._plant(per_rule if per_rule is not None else max(1, regions * years // 4))

    def days(self) -> Iterator[tuple[date, list[Sent]]]:
        """Each day with what is recorded on it."""
        self._quiet.begin()
        return self._book.days(self.first, self.last)

    # --- planting ----------------------------------------------------------------------------------------------

    def _plant(self, per_rule: int) -> None:
        by_kind: dict[tuple[str, bool], list[Scene]] = {}
        for scene in SCENES:
            by_kind.setdefault((scene.rule_id, scene.is_near_miss), []).append(scene)
        for scenes in by_kind.values():
            if scenes[0].over_the_year and len(self.years) == 1:
                continue
            for number in range(per_rule):
                self._plant_one(scenes[number % len(scenes)])
        self.expected.sort()

    def _plant_one(self, scene: Scene) -> None:
        for _ in range(_TRIES):
            planting = self._somewhere(scene)
            office, drafts = self._rehearse(planting)
            if self._fits(planting, office, drafts):
                self._serials[planting.place.region] += 1
                self.expected += office.expected
                self.planted.append(
                    Planted(scene.rule_id, office.scene, scene.is_near_miss, office.region, planting.on)
                )
                self._quiet.left_out |= {(office.region, what) for what in office.reserved}
                self._book.at(planting.on, partial(self._play, planting))
                return
        raise ValueError(f"{scene.story.__name__}: fits nowhere between the ends of a year")

    def _somewhere(self, scene: Scene) -> Planting:
        suited = [
            place
            for place in self.places
            if place.profile in scene.profiles
            and not place.is_city
            and place.is_host == scene.on_host
            and self._serials[place.region] < _SCENES_PER_PLACE
        ]
        place = self._random.choice(suited)
        years = self.years[:-1] if scene.over_the_year else self.years
        year, month = self._random.choice(years), self._random.randint(*scene.months)
        on = working_day(date(year, month, self._random.randint(3, 28)))
        serial = str(self._serials[place.region] + 1)
        return Planting(scene, place, serial, on, f"{self._seed}:{place.region}:{serial}")

    def _rehearse(self, planting: Planting) -> tuple[Office, list[Draft]]:
        drafts: list[Draft] = []
        office = Office(planting.place, planting.serial, Random(planting.seed), drafts.append)  # noqa: S311  # as above
        office.scene = f"{planting.scene.story.__name__}@{planting.place.region}-{planting.serial}"
        planting.scene.story(office, planting.on)
        return office, drafts

    def _fits(self, planting: Planting, office: Office, drafts: list[Draft]) -> bool:
        year = planting.on.year + (1 if planting.scene.over_the_year else 0)
        month, day = (2, 28) if planting.scene.over_the_year else LAST_SCENE_DAY
        last = min(date(year, month, day), self.last - timedelta(days=9))
        if any((office.region, what) in self._quiet.left_out for what in office.reserved):
            return False
        days = [draft.recorded_on for draft in drafts] + [each.date for each in office.expected]
        if max(days) > last or min(days) < planting.on:
            return False
        raised = [each.date.day for each in office.expected if each.action == RAISE]
        return office.is_xinjiang or max(raised, default=0) <= _RAISED_BY_DAY

    def _play(self, planting: Planting) -> None:
        _, drafts = self._rehearse(planting)
        for draft in drafts:
            self._book.write(draft)
