"""A made-up province for the chaos test: many counties, much money moving, and a plain sum of it beside.

Deterministic from a seed. The plain sums are kept while the events are made, by addition alone: no code of the system.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from copy import deepcopy
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

from fundwatch.journal_file import DayBegins, FileEvent

_EXAMPLES = {
    event["type"]: event
    for event in map(
        json.loads,
        (Path(__file__).parent.parent / "data" / "contract" / "wire_examples.jsonl").read_text("utf-8").splitlines(),
    )
}
COUNTIES = ("652722", "652723", "652701", "653121", "653221", "410324", "410325", "411728", "411321", "410326")
# The prefecture above some of them, and who gets money from it.
SUPERIOR, LOWER = "652700", ("652722", "652723", "652701")
LINES_PER_COUNTY = 40
# Persons who are on the lists of several counties, and the enterprises that are paid: unknown, unsound, registered.
PERSONS = tuple(f"k1:{number:032x}" for number in range(500))
CREDIT_CODES = (None, "91652722MA775A1B2X", "91652722MA775A1B20")
FIRST_DAY = date(2019, 3, 1)


class Province:
    """Makes the events of some days; afterwards ``paid`` holds what every line has had paid, in fen."""

    def __init__(self, events: int, days: int, seed: int) -> None:
        """About ``events`` events over ``days`` days."""
        self._random = Random(seed)  # noqa: S311 - repeatable, not secret
        self._per_day = max(1, events // days)
        self._days = days
        self.paid: dict[tuple[str, str], int] = defaultdict(int)
        self.sent: set[str] = set()
        self._live: list[tuple[str, str, str, int]] = []
        self._issued: list[tuple[str, str]] = []
        self._count = 0

    def steps(self) -> Iterator[FileEvent | DayBegins]:
        """Openings and quotas on the first day, then payments and corrections, a tick before each day."""
        yield DayBegins(FIRST_DAY)
        yield from self._openings(str(FIRST_DAY))
        for number in range(1, self._days + 1):
            day = FIRST_DAY + timedelta(days=number)
            yield DayBegins(day)
            for _ in range(self._per_day):
                yield self._any(str(day))
        yield DayBegins(FIRST_DAY + timedelta(days=self._days + 120))

    def _openings(self, day: str) -> Iterator[FileEvent]:
        yield self._event("region.opened", SUPERIOR, day, opening_on=day, profile="xinjiang")
        yield self._event("quota.arranged", SUPERIOR, day, quota_id="Q0", amount_fen=10**12)
        for county in COUNTIES:
            profile = "xinjiang" if county.startswith("65") else "henan"
            yield self._event("region.opened", county, day, opening_on=day, profile=profile)
            yield self._event("distribution.list_imported", county, day, list_id="L1")
            yield self._event("registry.snapshot_completed", county, day, snapshot_id="S1", registry="enterprise")
            for line in range(LINES_PER_COUNTY):
                if line % 20 == 0:
                    quota = f"Q{line // 20}"
                    yield self._event("quota.received", county, day, quota_id=quota, amount_fen=10**12)
                yield self._event(
                    "quota.allocated",
                    county,
                    day,
                    allocation_id=f"A{line}",
                    quota_id=f"Q{line // 20}",
                    target_kind="project",
                    project_id=f"P{line}",
                    is_pending=False,
                    amount_fen=self._random.choice((10**6, 10**9, 10**10)),
                )

    def _any(self, day: str) -> FileEvent:
        roll = self._random.random()
        if roll < 0.01:
            return self._issue(day)
        if roll < 0.02:
            return self._row(day)
        if roll < 0.9 or not self._live:
            return self._payment(day)
        place = self._random.randrange(len(self._live))
        county, payment, line, left = self._live[place]
        if roll < 0.95:
            part = self._random.randint(1, left)
            self._forget_or_keep(place, left - part)
            self.paid[county, line] -= part
            return self._event(
                "payment.refunded", county, day, refund_id=f"T{self._count}", payment_id=payment, amount_fen=part
            )
        if roll < 0.97:
            delta = self._random.randint(1, 10_000)
            self._forget_or_keep(place, left + delta)
            self.paid[county, line] += delta
            return self._event("payment.adjusted", county, day, payment_id=payment, delta_fen=delta, paid_on=None)
        self._forget_or_keep(place, 0)
        self.paid[county, line] -= left
        return self._event("payment.voided", county, day, payment_id=payment)

    def _issue(self, day: str) -> FileEvent:
        """The prefecture issues money to a county, changes how much, or the county receives it."""
        roll = self._random.random()
        if roll < 0.4 or not self._issued:
            county, allocation = self._random.choice(LOWER), f"D{self._count}"
            self._issued.append((county, allocation))
            return self._event(
                "quota.allocated",
                SUPERIOR,
                day,
                allocation_id=allocation,
                quota_id="Q0",
                target_kind="lower_region",
                target_region=county,
                is_pending=False,
                amount_fen=10**6,
            )
        county, allocation = self._random.choice(self._issued)
        if roll < 0.7:
            adjustment = f"J{self._count}"
            return self._event(
                "allocation.adjusted",
                SUPERIOR,
                day,
                adjustment_id=adjustment,
                allocation_id=allocation,
                delta_fen=10**3,
            )
        quota = f"R{self._count}"
        return self._event("quota.received", county, day, quota_id=quota, linkage_id=allocation, amount_fen=10**6)

    def _row(self, day: str) -> FileEvent:
        """A person is on the list of some county, perhaps of two."""
        person = self._random.choice(PERSONS)
        return self._event(
            "distribution.row_recorded",
            self._random.choice(COUNTIES),
            day,
            row_id=f"W{self._count}",
            list_id="L1",
            person_key=person,
            household_key=person,
        )

    def _payment(self, day: str) -> FileEvent:
        county = self._random.choice(COUNTIES)
        line = f"A{self._random.randrange(LINES_PER_COUNTY)}"
        amount = self._random.randint(1, 1_000_000)
        payment = f"Z{self._count}"
        roll = self._random.random()
        is_dated = roll >= 0.002
        if is_dated:
            self.paid[county, line] += amount
            self._live.append((county, payment, line, amount))
        return self._event(
            "payment.recorded",
            county,
            day,
            payment_id=payment,
            line_id=line,
            project_id=f"P{line[1:]}",
            amount_fen=amount,
            paid_on=day if is_dated else None,
            settlement_method="cash" if 0.002 <= roll < 0.004 else "transfer",
            payee_credit_code=self._random.choice(CREDIT_CODES),
        )

    def _forget_or_keep(self, place: int, left: int) -> None:
        """Only the newest of a payment is kept, so that no correction exceeds what is left."""
        county, payment, line, _ = self._live[place]
        self._live[place] = self._live[-1]
        self._live.pop()
        if left > 0:
            self._live.append((county, payment, line, left))

    def _event(self, kind: str, county: str, day: str, **body: Any) -> FileEvent:
        event = deepcopy(_EXAMPLES[kind])
        self._count += 1
        event_id = f"chaos:{self._count}"
        for name in event["body"]:
            if name.endswith("_on") and event["body"][name] is not None:
                event["body"][name] = day
        event["body"].update(body)
        if kind == "payment.adjusted":
            del event["body"]["paid_on"]
        event.update(event_id=event_id, region=county, occurred_on=day, recorded_at=f"{day}T10:00:00+08:00")
        self.sent.add(event_id)
        topic = _TOPICS[kind.split(".", maxsplit=1)[0]]
        return FileEvent(self._count, topic, county.encode(), json.dumps(event, ensure_ascii=False).encode())


_TOPICS = {
    "region": "management.filings",
    "quota": "quota.changes",
    "allocation": "quota.changes",
    "payment": "treasury.payments",
    "distribution": "distribution.lists",
    "registry": "registry.persons",
}
