"""A province for some years: its quiet life, what is planted in it, and the truth. One seed, the same bytes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from random import Random
from typing import NamedTuple

from connectors.office_days import later
from connectors.simulator.book import Book, Draft, Sent
from connectors.simulator.office import Office
from connectors.simulator.places import FIRST_YEAR, Place, places
from connectors.simulator.projects import REGISTERED_BEFORE_DAYS
from connectors.simulator.quiet import QuietLife
from connectors.simulator.scene import Scene
from connectors.simulator.scenes.all_scenes import SCENES
from connectors.simulator.truth import DESK_RULES, RAISE, Expected, Planted
from domain.calendar import roll_forward

# Scenes end before the year does: what is under way then would be unspent money (year_end_unspent).
LAST_SCENE_DAY = (12, 22)
# Alerts of Henan are answered six days after, and before the month ends (`Office.alert`).
_RAISED_BY_DAY = 22
# How often a day is tried until a scene fits between the year's ends; a scene that never fits is a mistake in it.
_TRIES = 1_000
# A place's serial numbers are the numbers of its local funds, of three digits at most; 998 and 999 are taken.
_SCENES_PER_PLACE = 990


# From so many alerts in two months on a region has alerts_remain_frequent.
_FREQUENT = 10


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
        # by region: alerts raised in a month, and months whose ends a story is about
        self._raised: dict[str, Counter[int]] = {}
        self._open_months: dict[str, set[int]] = {}
        self.expected: list[Expected] = []
        self.planted: list[Planted] = []
        self._plant(per_rule if per_rule is not None else max(1, regions * years * 13 // 50))

    def days(self) -> Iterator[tuple[date, list[Sent]]]:
        """Each day with what is recorded on it."""
        self._quiet.begin()
        return self._book.days(self.first, self.last)

    # --- planting ----------------------------------------------------------------------------------------------

    def _plant(self, per_rule: int) -> None:
        by_kind: dict[tuple[str, bool], list[Scene]] = {}
        # The stories about whole regions first, since all others keep apart from them.
        for scene in sorted(SCENES, key=lambda each: each.rule_id not in DESK_RULES):
            by_kind.setdefault((scene.rule_id, scene.is_near_miss), []).append(scene)
        kinds = [scenes for scenes in by_kind.values() if len(self.years) > 1 or not scenes[0].over_the_year]
        for number in range(per_rule):
            for scenes in kinds:
                is_planted = self._plant_one(scenes[number % len(scenes)])
                if not is_planted and not number:
                    raise ValueError(
                        f"{scenes[0].story.__name__}: fits nowhere; more regions or years have room for it"
                    )
        self.expected.sort()

    def _plant_one(self, scene: Scene) -> bool:
        """Whether there was room for it: a story about a whole region needs one for some months."""
        for _ in range(_TRIES):
            planting = self._somewhere(scene)
            if planting is None:
                return False
            office, drafts = self._rehearse(planting)
            if self._fits(planting, office, drafts):
                self._serials[planting.place.region] += 1
                self.expected += office.expected
                self.planted.append(
                    Planted(scene.rule_id, office.scene, scene.is_near_miss, office.region, planting.on)
                )
                self._quiet.left_out |= {(office.region, what) for what in office.reserved}
                self._book.at(_begins(planting), partial(self._play, planting))
                self._note(office)
                return True
        return False

    def _note(self, office: Office) -> None:
        self._raised.setdefault(office.region, Counter()).update(_months_raised(office))
        self._open_months.setdefault(office.region, set()).update(_months_open(office))

    def _somewhere(self, scene: Scene) -> Planting | None:
        """A place and day for the story; None when no place of the province suits it."""
        suited = [
            place for place in self.places if scene.suits(place) and self._serials[place.region] < _SCENES_PER_PLACE
        ]
        if not suited:
            return None
        place = self._random.choice(suited)
        years = self.years[:-1] if scene.over_the_year else self.years
        year, month = self._random.choice(years), self._random.randint(*scene.months)
        on = roll_forward(date(year, month, self._random.randint(3, scene.by_day)))
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
        if max(days) > last or min(days) < max(_begins(planting), self.first):
            return False
        if office.is_xinjiang:
            return True
        return max((day.day for day in office.answered), default=0) <= _RAISED_BY_DAY and self._keeps_apart(office)

    def _keeps_apart(self, office: Office) -> bool:
        """Whether what must be told of alerts open over a month's end stays true with these alerts among them."""
        months, ours = _months_raised(office), _months_open(office)
        before = self._raised.get(office.region, Counter())
        theirs = self._open_months.get(office.region, set())
        if office.place.is_host:
            return not (theirs & months.keys()) and not (ours & before.keys())
        total = before + months
        watched = sorted(ours | theirs)
        return all(total[month] + total[month + 1] < _FREQUENT for month in {*watched, *(each - 1 for each in watched)})

    def _play(self, planting: Planting) -> None:
        _, drafts = self._rehearse(planting)
        for draft in drafts:
            self._book.write(draft)


def _begins(planting: Planting) -> date:
    """Its project may be in the library before."""
    return later(planting.on, -REGISTERED_BEFORE_DAYS)


def _months_raised(office: Office) -> Counter[int]:
    """How many alerts a story raises in each month, counted from the year 0; those of the desk are not counted."""
    days = (each.date for each in office.expected if each.action == RAISE and each.rule_id not in DESK_RULES)
    return Counter(day.year * 12 + day.month for day in days)


def _months_open(office: Office) -> set[int]:
    """The months over whose ends a story keeps an alert open."""
    named = (what.removeprefix("open ") for what in office.reserved if what.startswith("open "))
    return {int(month[:4]) * 12 + int(month[5:]) for month in named}
