"""A finance bureau and its numbering; what it writes is in `budgeting`, `projects` and `paying`."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Any

from connectors.demo_county.book import YEAR, Body, Book
from connectors.demo_county.places import LOCAL_FUND_NAMES, Place, Theme
from domain.calendar import roll_forward
from domain.catalogue import entry


def fen(yuan: int) -> int:
    """Whole yuan as fen: the stories count in yuan."""
    return yuan * 100


@dataclass(frozen=True, slots=True)
class Quota:
    """A quota and what its lines inherit from it."""

    quota_id: str
    category: str
    subject_code: str
    section: str


@dataclass(frozen=True, slots=True)
class Line:
    """A payable line, from the day on which it can be paid. ``payee`` picks the enterprise that builds it."""

    line_id: str
    quota: Quota
    theme: Theme
    project_id: str | None
    fen: int
    available_on: date
    payee: int


class Office:
    """One place's books. ``above`` is the office that passes money down to it."""

    def __init__(self, place: Place, book: Book, above: Office | None, random: Random) -> None:
        self.place = place
        self.book = book
        self.above = above
        self.random = random
        # what was drawn from each batch of the province's money, by fund: the batch's amount is their sum
        self.drawn: dict[tuple[str, int], int] = {}
        self._counters: Counter[str] = Counter()

    def count(self, kind: str) -> int:
        """The next number of a kind of record, from 1."""
        self._counters[kind] += 1
        return self._counters[kind]

    def new_id(self, kind: str) -> str:
        """The next identifier of a kind of record: 652722-2019-Z0001."""
        return f"{self.place.region}-{YEAR}-{kind}{self.count(kind):04}"

    def new_document_no(self) -> str:
        """The next document of the bureau: 精财扶〔2019〕6号."""
        return f"{self.place.document_prefix}〔{YEAR}〕{self.count('document')}号"

    def unit(self, suffix: str) -> str:
        """Code of a budget unit of the place."""
        return f"{self.place.region}-{suffix}"

    def key(self, *parts: str) -> str:
        """The ``subject_key`` of an alert: the region and what it is about."""
        return "|".join((self.place.region, *parts))

    def write(self, type_name: str, native_id: str, body: Body, on: date, **when: Any) -> None:
        """Write one event into the book; ``when`` as `Book.write` takes it."""
        self.book.write(self.place, type_name, native_id, body, on, **when)

    def correct(self, type_name: str, native_id: str, on: date, reason: str, **fields: object) -> None:
        """A correction of any kind: its own fields, and the reason (wire.md 6.3)."""
        self.write(type_name, native_id, {**fields, "reason": reason}, roll_forward(on))


def fund_name(category: str) -> str:
    """Name of a fund as documents print it."""
    listed = entry(category)
    return listed.name_zh if listed else LOCAL_FUND_NAMES[category]
