"""The records that every part of the bench takes: a quarter of many counties' money, the same bytes on every machine.

Built from the contract's own examples, one template a type. Of 100 records about 85 are payments from known lines, 11
are the quotas, documents, allocations, projects and targets behind them, 2 corrections and refunds; one payment in 30
has a fault that is an alert at once, and ticks pass the days. A test sends all of them through `domain.intake.check`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import msgspec

from domain import journal
from domain.events import TOPIC_OF_TYPE
from domain.identifiers import partition_of
from domain.journal import JournalRecord
from domain.regions import all_regions, tier
from domain.ticks import daily_tick, tick_event
from rules.thresholds import BUILT_IN

_EXAMPLES = Path(__file__).parents[1] / "tests" / "data" / "contract" / "wire_examples.jsonl"
_TEMPLATES: dict[str, dict[str, Any]] = {
    event["type"]: event for event in map(json.loads, _EXAMPLES.read_text("utf-8").splitlines())
}
SEED = 20190102
FIRST_DAY = date(2019, 1, 2)
DAYS = 60
# Both profiles, in the proportions of the two provinces' counties.
XINJIANG_COUNTIES, HENAN_COUNTIES = 32, 32
QUOTAS_PER_COUNTY, LINES_PER_QUOTA = 6, 6
RECORDS = 100_000
_LINE_FEN = 5_000_000_00
_PAYMENT_FEN_MAX = 60_000_00
_ACCEPTED_AT = "2019-01-02T09:00:00.000+08:00"


class Sent(NamedTuple):
    """One record of an ingress topic. ``raises``: its event_id where it is an alert at once, else nothing."""

    topic: str
    partition: int
    key: bytes
    value: bytes
    raises: str = ""


class Journaled(NamedTuple):
    """One record of the journal."""

    key: bytes
    value: bytes


class _Line(NamedTuple):
    region: str
    line_id: str
    project_id: str


class _Story:
    """The counties' quarter, day by day."""

    def __init__(self, count: int, partitions: int, seed: int) -> None:
        self._random = Random(seed)  # noqa: S311  # the same records every time is what it is for
        self._partitions = partitions
        self._regions = _counties("65", XINJIANG_COUNTIES) + _counties("41", HENAN_COUNTIES)
        self._lines: list[_Line] = []
        self._paid: list[tuple[str, str]] = []  # region and payment, correctable
        self._number = 0
        background = len(self._regions) * (2 + QUOTAS_PER_COUNTY * (2 + 5 * LINES_PER_QUOTA)) + DAYS * partitions
        self._payments_per_day = max(0, count - background) * 100 // (102 * DAYS) + 1

    def days(self) -> Iterator[Sent]:
        """All records in order."""
        for number in range(DAYS):
            day = FIRST_DAY + timedelta(days=number)
            for partition in range(self._partitions):
                tick = tick_event(daily_tick(day), partition, BUILT_IN)
                yield Sent("clock.ticks", partition, b"%d" % partition, tick)
            if number == 0:
                for region in self._regions:
                    yield from self._opening(region, day)
            period = DAYS // QUOTAS_PER_COUNTY
            if number % period == 0:
                for region in self._regions:
                    yield from self._quota(region, number // period, day)
            for _ in range(self._payments_per_day):
                yield self._payment(day)
                if self._random.random() < 0.02:
                    yield self._correction(day)

    def _opening(self, region: str, day: date) -> Iterator[Sent]:
        profile = "xinjiang" if region.startswith("65") else "henan"
        opened = {"opening_on": "2019-01-01", "profile": profile, "superior_connected": False}
        yield self._event("region.opened", region, day, opened)
        yield self._event("account.registered", region, day, {"account_id": f"{region}-ZH-01"})

    def _quota(self, region: str, number: int, day: date) -> Iterator[Sent]:
        """A quota with its document, and its lines with their projects and targets."""
        quota_id, document_no = f"{region}-Q{number:02}", f"财扶〔2019〕{number + 1}号"
        when = {"document_no": document_no, "document_printed_on": day}
        quota = {"quota_id": quota_id, "amount_fen": LINES_PER_QUOTA * _LINE_FEN, "received_on": day} | when
        yield self._event("quota.received", region, day, quota | {"registered_on": day})
        document = {"document_id": f"{region}-W{number:02}", "document_no": document_no, "quota_id": quota_id}
        fen = {"amount_fen": LINES_PER_QUOTA * _LINE_FEN}
        yield self._event("document.printed", region, day, document | fen | {"printed_on": day})
        for index in range(LINES_PER_QUOTA):
            line = _Line(region, f"{region}-A{number:02}-{index}", f"{region}-P{number:02}{index}")
            # One line in 25 is far too small for what will be paid from it.
            held = _PAYMENT_FEN_MAX if self._random.random() < 0.04 else _LINE_FEN
            yield self._event("project.registered", region, day, {"project_id": line.project_id, "registered_on": day})
            allocated = {"allocation_id": line.line_id, "quota_id": quota_id, "project_id": line.project_id}
            payable = {"amount_fen": held, "is_pending": False, "target_kind": "project", "township_code": None}
            yield self._event("quota.allocated", region, day, allocated | payable | {"allocated_on": day} | when)
            yield from self._target(line, day)
            self._lines.append(line)

    def _target(self, line: _Line, day: date) -> Iterator[Sent]:
        target = {"target_id": f"M-{line.line_id}", "revision": 1}
        about = {"project_id": line.project_id, "budget_year": 2019, "amount_fen": _LINE_FEN, "submitted_on": day}
        yield self._event("target.submitted", line.region, day, target | about)
        review = {"review_round": 1, "review_result": "approved", "issue_codes": [], "reviewed_on": day}
        yield self._event("target.reviewed", line.region, day, target | review)
        yield self._event("target.entered", line.region, day, target | {"entered_on": day})

    def _payment(self, day: date) -> Sent:
        line = self._random.choice(self._lines)
        self._number += 1
        payment_id = f"{line.region}-Z{self._number:07}"
        body = {
            "payment_id": payment_id,
            "amount_fen": self._random.randrange(1_000_00, _PAYMENT_FEN_MAX),
            "paid_on": day,
            "line_id": line.line_id,
            "project_id": line.project_id,
            "plan_id": None,
        }
        fault = self._random.random()
        raises = True
        if fault < 0.015:
            body["settlement_method"] = "cash"
        elif fault < 0.030 and line.region.startswith("65"):
            body["payee_account_kind"] = "unit_real_fund"
        else:
            raises = False
        if 0.030 <= fault < 0.035:
            body["line_id"] = body["project_id"] = None  # not tied: an alert when working days have passed
        self._paid.append((line.region, payment_id))
        return self._event("payment.recorded", line.region, day, body, raises=raises)

    def _correction(self, day: date) -> Sent:
        region, payment_id = self._paid[-1 - self._random.randrange(min(2_000, len(self._paid)))]
        target: dict[str, object] = {"payment_id": payment_id}
        verb = self._random.random()
        if verb < 0.5:
            self._number += 1
            refund = {"refund_id": f"{region}-T{self._number:07}", "amount_fen": 500_00, "refunded_on": day}
            return self._event("payment.refunded", region, day, target | refund)
        if verb < 0.8:
            return self._event("payment.adjusted", region, day, target | {"adjusted_on": day, "paid_on": day})
        return self._event("payment.voided", region, day, target | {"voided_on": day})

    def _event(self, kind: str, region: str, day: date, body: dict[str, Any], *, raises: bool = False) -> Sent:
        self._number += 1
        template = _TEMPLATES[kind]
        event_id = f"bench:{self._number}"
        event = {
            **template,
            "event_id": event_id,
            "region": region,
            "occurred_on": day,
            "recorded_at": f"{day}T10:07:00+08:00",
            "entered_by_unit": f"{region}-czj",
            "body": template["body"] | body,
        }
        key = region.encode()
        place = partition_of(key, self._partitions)
        return Sent(TOPIC_OF_TYPE[kind], place, key, msgspec.json.encode(event), event_id if raises else "")


def _counties(province: str, number: int) -> list[str]:
    """Counties spread over the province."""
    all_counties = [code for code in all_regions() if code.startswith(province) and tier(code) == "county"]
    return list(islice(all_counties, 0, None, len(all_counties) // number))[:number]


def wire_records(count: int = RECORDS, partitions: int = 4, seed: int = SEED) -> Iterator[Sent]:
    """About ``count`` records in the order in which they are published."""
    return _Story(count, partitions, seed).days()


def journal_records(count: int = RECORDS, partitions: int = 4, seed: int = SEED) -> list[list[Journaled]]:
    """The same records by partition, as the intake writes them into the journal."""
    journals: list[list[Journaled]] = [[] for _ in range(partitions)]
    for sent in wire_records(count, partitions, seed):
        records = journals[sent.partition]
        record = JournalRecord(len(records), _ACCEPTED_AT, (), msgspec.Raw(sent.value))
        records.append(Journaled(sent.key, journal.encode(record)))
    return journals
