"""A finance bureau's pen: numbering, names, and the alerts that a story says must come of what it writes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date
from random import Random

from connectors.demo_county.credit_codes import credit_code
from connectors.office_days import later
from connectors.pseudonyms import Keys
from connectors.simulator.book import Body, Draft, source_of
from connectors.simulator.places import ENTERPRISES, GIVEN_NAMES, SURNAMES, TOWNSHIPS, Place
from connectors.simulator.truth import Expected, Step, transitions
from domain.calendar import working_days_after
from domain.identifiers import alert_id

# Invented people get invented pseudonyms: the secret protects nobody.
KEYS = Keys(1, {1: b"fundwatch simulation, no secret at all"})
# An alert in Henan is answered within ten working days (alert_feedback_overdue) and before its month ends.
ANSWERED_AFTER_DAYS = 6
_FEEDBACK_WORKING_DAYS = 10


def fen(yuan: int) -> int:
    """Whole yuan as fen: the stories count in yuan."""
    return yuan * 100


class Office:
    """One place's pen for one story. Its numbers carry the story's ``serial``, so no two stories share one."""

    def __init__(self, place: Place, serial: str, random: Random, sink: Callable[[Draft], None]) -> None:
        self.place = place
        self.serial = serial
        self.random = random
        self.scene = ""
        self.expected: list[Expected] = []
        # what the quiet life leaves to this story: a report of a month, a source's sign of life on a day
        self.reserved: set[str] = set()
        # alerts that are answered six days after they were raised
        self.answered: list[date] = []
        self._sink = sink
        self._counters: Counter[str] = Counter()

    @property
    def region(self) -> str:
        """The region's code."""
        return self.place.region

    @property
    def is_xinjiang(self) -> bool:
        """Whether the rules of Xinjiang apply."""
        return self.place.profile == "xinjiang"

    def superior(self) -> Office:
        """The pen of the city above, for the same story."""
        city = Place(self.place.city, self.place.profile, is_host=False)
        above = Office(city, f"{self.serial}u{self.region[4:]}", self.random, self._sink)
        above.scene, above.expected = self.scene, self.expected
        return above

    def new_id(self, kind: str) -> str:
        """The next number of a kind of record: 652722-Z17-3."""
        self._counters[kind] += 1
        return f"{self.region}-{kind}{self.serial}-{self._counters[kind]}"

    def new_document_no(self, on: date) -> str:
        """The next document of the bureau: 精财扶〔2019〕17-6号."""
        self._counters["document"] += 1
        return f"{self.place.name[:1]}财扶〔{on.year}〕{self.serial}-{self._counters['document']}号"

    def own_category(self) -> str:
        """A fund of the region's own list, for this story alone."""
        return f"local-{self.region}-{self.serial}"

    def unit(self, suffix: str) -> str:
        """Code of a budget unit of the place."""
        return f"{self.region}-{suffix}"

    def township_code(self, number: int = 0) -> str:
        """One of its townships."""
        return f"{self.region}{100 + number % len(TOWNSHIPS)}"

    def enterprise(self) -> tuple[str, str]:
        """Name and credit code of one of the registered enterprises of the place."""
        return enterprises(self.place)[self.random.randrange(len(ENTERPRISES))]

    def person(self) -> tuple[str, str, str]:
        """Somebody new: pseudonyms of number and name, and the masked name."""
        number = self.new_id("person")
        surname = self.random.choice(SURNAMES)
        name = surname + self.random.choice(GIVEN_NAMES)
        return KEYS.pseudonym(number), KEYS.pseudonym(f"{name} {number}"), f"{surname}**"

    def write(
        self,
        type_name: str,
        native_id: str,
        body: Body,
        on: date,
        *,
        recorded_on: date | None = None,
        source: str | None = None,
    ) -> str:
        """Write one event that happened ``on`` a day; recorded the same day unless said otherwise. Returns its id."""
        recorded_on = recorded_on or on
        is_payment = type_name.startswith("payment.")
        source = source or source_of(type_name, self.place.payment_system if is_payment else self.place.system)
        self._counters[f"{type_name} {native_id}"] += 1
        event_id = f"{source}:{type_name.partition('.')[2]}:{native_id}:{self._counters[f'{type_name} {native_id}']}"
        by = "u-3108" if source in {"manual_entry", "desk_console"} else "system"
        self._sink(Draft(type_name, self.region, on, recorded_on, source, by, event_id, body))
        return event_id

    def correct(self, type_name: str, native_id: str, on: date, reason: str, **fields: object) -> None:
        """A correction of any kind: its own fields, and the reason (wire.md 6.3)."""
        self.write(type_name, native_id, {**fields, "reason": reason}, on)

    def key(self, *parts: str) -> str:
        """The ``subject_key`` of an alert: the region and what it is about."""
        return "|".join((self.region, *parts))

    def alert(
        self, rule_id: str, subject: str, *steps: tuple[date, str], episode: int = 1, answered: bool = True
    ) -> None:
        """One alert that must come, as severities from log dates on; "" ends it. Henan's bureaus answer in time."""
        key = self.key(*filter(None, [subject]))
        taken = [Step(*step) for step in steps]
        self.expected += transitions(rule_id, key, taken, self.scene)
        if answered and not self.is_xinjiang:
            self._answer(alert_id(rule_id, key, episode), taken)

    def _answer(self, alert: str, steps: list[Step]) -> None:
        raised_on, over = steps[0].day, steps[-1]
        is_over = over.severity == "" and over.day.replace(day=1) == raised_on.replace(day=1)
        if is_over and over.day <= working_days_after(raised_on, _FEEDBACK_WORKING_DAYS):
            return
        self.answered.append(raised_on)
        on = later(raised_on, ANSWERED_AFTER_DAYS)
        self.write("alert.rectified", alert, {"alert_id": alert, "rectified_on": on, "measure": "已整改"}, on)


def enterprises(place: Place) -> list[tuple[str, str]]:
    """The registered enterprises of a place: names and credit codes."""
    names = [form.format(place.name) for form in ENTERPRISES]
    return [(name, credit_code(place.region, name)) for name in names]
