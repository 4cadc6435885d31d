"""The demonstration's year, whole: an ordinary year, what was planted in it, and the truth about it.

Deterministic: one seed, the same bytes. Four in a hundred records are sent twice, as sources do after a time-out.
"""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import NamedTuple

import msgspec

from connectors.demo_county import faults_of_accounts, faults_of_payments, faults_of_time
from connectors.demo_county.book import FIRST_DAY, LAST_DAY, YEAR, Body, Book, Sent
from connectors.demo_county.budgeting import close_batches
from connectors.demo_county.corrections import correct_everything
from connectors.demo_county.office import Office
from connectors.demo_county.ordinary import ordinary_year
from connectors.demo_county.places import PLACES, THEMES
from connectors.demo_county.refused import refused_records
from connectors.demo_county.truth import Expectations, Truth
from domain.calendar import is_working_day

SEED = 20190102
REDELIVERED_SHARE = 25
EVENTS_FILE, TRUTH_FILE = "events.jsonl", "truth.json"


class DemoYear(NamedTuple):
    """What is sent on each day, from the first to the last, and what must come of it."""

    days: dict[date, list[Sent]]
    truth: Truth


def demo_year(seed: int = SEED) -> DemoYear:
    """Write the year."""
    book, random, expected = Book(), Random(seed), Expectations()  # noqa: S311  # invented data, no secret
    offices: dict[str, Office] = {}
    for place in PLACES:
        offices[place.region] = Office(place, book, offices.get(place.superior), random)
        _open(offices[place.region])
    for office in offices.values():
        ordinary_year(office)
        if not office.place.is_city:
            correct_everything(office)
    _plant(offices, expected)
    subject_codes = {theme.category: theme.subject_code for themes in THEMES.values() for theme in themes}
    for office in offices.values():
        close_batches(office, subject_codes)
    return _sent(book.sent(), random, expected)


def _open(office: Office) -> None:
    opened: Body = {"opening_on": date(YEAR, 1, 1), "profile": office.place.profile, "superior_connected": True}
    office.write("region.opened", office.place.region, opened, FIRST_DAY, by="u-3001")


def _plant(offices: dict[str, Office], expected: Expectations) -> None:
    for module in (faults_of_accounts, faults_of_payments, faults_of_time):
        for region, on, story in module.STORIES:
            story(offices[region], on, expected)
    for city, county, on in faults_of_time.CITY_STORIES:
        faults_of_time.city_issues_late(offices[city], offices[county], on, expected)


def _sent(good: list[Sent], random: Random, expected: Expectations) -> DemoYear:
    days: dict[date, list[Sent]] = {}
    for number in range((LAST_DAY - FIRST_DAY).days + 1):
        days[FIRST_DAY + timedelta(days=number)] = []
    refused = refused_records(good, [day for day in days if is_working_day(day)])
    redelivered = 0
    for sent in (*good, *(each.sent for each in refused)):
        days[sent.day].append(sent)
    for sent in good:
        if random.randrange(REDELIVERED_SHARE) == 0:
            # the same day behind the first, or some days later
            again = min(sent.day + timedelta(days=random.choice((0, 0, 1, 3))), LAST_DAY)
            days[again].append(sent)
            redelivered += 1
    truth = Truth(
        events_in=sum(map(len, days.values())),
        redelivered=redelivered,
        dead_letters=dict(sorted(Counter(each.code for each in refused).items())),
        alerts=sorted(expected.alerts),
    )
    return DemoYear(days, truth)


def write_files(year: DemoYear, folder: Path) -> None:
    """The events in the order of arrival, for `fundwatch judge`, and the truth."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / EVENTS_FILE).open("wb") as file:
        file.writelines(sent.value + b"\n" for day in year.days.values() for sent in day)
    (folder / TRUTH_FILE).write_bytes(msgspec.json.format(msgspec.json.encode(year.truth)) + b"\n")
