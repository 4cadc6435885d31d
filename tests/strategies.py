"""Hypothesis strategies: random journals in which events collide, relate, precede their targets and get corrected.

`journals` is the strategy to use, `seeded_journals` in bulk. A journal is a list of wire events (dicts of JSON) of one
partition: clock ticks, one or two regions, and the ingress types that the ten rules read. Each example picks a theme
(`THEMES`), so that a few dozen events of a dozen types meet on the same few ids (`tests.strategy_bodies`): they are
reused, named before they exist, and shared between kinds of objects. Dates come from the edges of every limit
(`edges_of`): days used so far, and 3, 5 and 10 working days or 30, 90 and 180 days after them, with the holidays of
2019 and 2020 in between.

What the contract leaves open is not drawn: replacements form no circle, an exemption is ended once, and all revisions
of a target are for one project and year.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any, Final, TypeVar

from hypothesis import strategies as st

from domain.calendar import working_days_after
from tests.rules.plain_judge import PlainJudge, alert_id, tick
from tests.rules.plain_records import OWN_DATE, day
from tests.rules.plain_rules import RULES
from tests.strategy_bodies import BODIES, OPTIONAL, POOLS

Event = dict[str, Any]
T = TypeVar("T")

_WIRE_EXAMPLES = Path(__file__).parent / "data" / "contract" / "wire_examples.jsonl"
EXAMPLES: Final[dict[str, Event]] = {
    event["type"]: event for event in map(json.loads, _WIRE_EXAMPLES.read_text("utf-8").splitlines())
}
# Two counties, two cities and a county directly under its province: above the county project_id may be null.
PROFILES: Final = {"652722": "xinjiang", "652700": "xinjiang", "410324": "henan", "419001": "henan", "410300": "henan"}
FIRST_DAYS: Final = (
    date(2019, 9, 26),  # before National Day with its make-up Sunday
    date(2019, 1, 30),  # before Spring Festival 2019
    date(2020, 1, 19),  # before Spring Festival 2020, whose holiday was prolonged
    date(2019, 5, 29),  # 30 days before 30 June
    date(2018, 12, 28),
)

_QUOTAS = ("quota.arranged", "quota.received", "quota.carried_over", "quota.opening_recorded")
_LINES = ("quota.allocated", "quota.allocated", "quota.refined")
_QUOTA_CORRECTIONS = ("quota.reflagged", "quota.adjusted", "quota.voided", "quota.replaced", "quota.relinked")
_LINE_CORRECTIONS = ("allocation.adjusted", "allocation.relinked", "allocation.voided")
_PAYMENTS = ("payment.recorded", "payment.recorded", "payment.recorded")
_PAYMENT_CORRECTIONS = (
    *("payment.voided", "payment.refunded", "payment.refunded", "payment.adjusted", "payment.adjusted"),
    *("payment.relinked", "payment.replaced"),
)
_ACCOUNTS = ("account.registered", "account.entry_recorded", "account.entry_recorded", "account.balance_reported")
_ENTRY_CORRECTIONS = ("account.entry_voided", "account.entry_refunded", "account.entry_adjusted")
_TARGETS = ("target.submitted", "target.reviewed", "target.entered", "filing.voided")
_LISTS = ("distribution.list_imported", "distribution.list_voided")
_DOCUMENTS = ("document.printed", "document.printed", "document.withdrawn")
_DESK = ("exemption.granted", "exemption.granted", "exemption.ended", "alert.verified")
_NO_RULE_READS = ("account.closed", "alert.rectified", "project.registered", "linkage.quota_issued", "plan.submitted")
_LEDGER = (*_QUOTAS, *_LINES, *_LINE_CORRECTIONS, *_QUOTA_CORRECTIONS)
_MONEY = (*_PAYMENTS, *_PAYMENT_CORRECTIONS, *_ACCOUNTS, *_ENTRY_CORRECTIONS)


@dataclass(frozen=True)
class Theme:
    """What an example is about: types to draw (one named twice comes twice as often) and values that meet."""

    types: tuple[str, ...]
    profile: str | None = None  # None: any
    has_scene: bool = True
    # Values of every second record of a type, one of the choices.
    usual: dict[str, tuple[Event, ...]] = field(default_factory=dict)


_INTO_SPECIAL = {"payee_account_kind": "special_fiscal", "line_id": "A1", "amount_fen": 90}
_NEARLY_LUMP = _INTO_SPECIAL | {"amount_fen": 89}
_OUT_OF_SPECIAL = {"direction": "out", "line_id": "A1", "account_id": "H1", "amount_fen": 11}
_ALL_OUT_OF_SPECIAL = _OUT_OF_SPECIAL | {"amount_fen": 90}
_TO_TREASURY = _OUT_OF_SPECIAL | {"payee_account_kind": "treasury"}
_INTO_TOWNSHIP = {"payee_account_kind": "township_real_fund", "payment_id": "Z1", "line_id": "A1"}
_ONWARD = {"upstream_payment_id": "Z1", "payment_id": "Z2", "spending_stage": "intermediate"}
_BLOCK = {"is_pending": True, "allocation_id": "A1", "quota_id": "Q1"}
_ORDER = {"document_kind": "allocation", "quota_id": "Q1", "document_no": POOLS["document_no"][0], "amount_fen": 100}
_PORTION = {"quota_id": "Q1", "document_no": POOLS["document_no"][0]}
_TARGET = {"target_id": "M1", "revision": 1}
_CASH = {"settlement_method": "cash", "line_id": None, "subject_code": "2130505", "fund_category": "central-36"}

THEMES: Final = {
    "lines": Theme((*_LEDGER, *_LINES, *_PAYMENTS, "payment.refunded", "payment.replaced", *_DESK)),
    "blocks": Theme(
        ("quota.arranged", *_LINES, "quota.refined", *_LINE_CORRECTIONS, *_LINE_CORRECTIONS, *_PAYMENTS),
        usual={"quota.allocated": (_BLOCK,), "payment.recorded": ({"line_id": "R1"}, {"line_id": "R2"})},
    ),
    "payments": Theme(("quota.received", "quota.allocated", *_PAYMENTS, *_PAYMENTS, *_PAYMENT_CORRECTIONS, *_DESK)),
    "replacements": Theme(
        (*_PAYMENTS, "payment.refunded", "payment.refunded", "payment.replaced", "payment.replaced", "quota.replaced"),
        usual={"payment.recorded": (_CASH,)},
    ),
    "lump transfers": Theme(
        (*_PAYMENTS, *_ACCOUNTS, "account.entry_recorded", *_ENTRY_CORRECTIONS, "payment.refunded", "payment.adjusted"),
        profile="henan",
        usual={
            "payment.recorded": (_INTO_SPECIAL, _NEARLY_LUMP),
            "account.entry_recorded": (_OUT_OF_SPECIAL, _ALL_OUT_OF_SPECIAL, _TO_TREASURY),
        },
    ),
    "special accounts": Theme(
        (*_PAYMENTS, *_ACCOUNTS, *_ENTRY_CORRECTIONS, "account.balance_reported", "account.balance_reported", *_DESK),
        profile="xinjiang",
        usual={"payment.recorded": (_INTO_SPECIAL,), "account.balance_reported": ({"account_id": "H1"},)},
    ),
    "real accounts": Theme(
        (*_PAYMENTS, *_PAYMENT_CORRECTIONS, "quota.received", "quota.allocated"),
        profile="xinjiang",
        usual={"payment.recorded": (_INTO_TOWNSHIP, _ONWARD)},
    ),
    "targets": Theme(
        ("quota.received", *_LINES, *_LINE_CORRECTIONS, *_TARGETS, *_TARGETS, *_TARGETS, *_DESK),
        profile="xinjiang",
        usual={
            "target.submitted": (_TARGET | {"project_id": "P1", "budget_year": 2019},),
            "target.reviewed": (_TARGET,),
            "target.entered": (_TARGET,),
            "quota.allocated": ({"quota_id": "Q1", "project_id": "P1"},),
        },
    ),
    "documents": Theme(
        ("quota.received", *_LINES, *_LINE_CORRECTIONS, *_DOCUMENTS, *_DOCUMENTS, *_DESK),
        profile="henan",
        usual={"document.printed": (_ORDER,), "quota.allocated": (_PORTION, _PORTION | _BLOCK)},
    ),
    "documents seen late": Theme(
        ("quota.received", *_LINES[:2], *_DOCUMENTS[:2], *_LINE_CORRECTIONS[::2], "exemption.granted"),
        profile="henan",
        has_scene=False,
        usual={
            "quota.received": ({"quota_id": "Q1", "is_poverty_fund": True, "is_integrable": True},),
            "quota.allocated": (_PORTION | {"is_pending": False, "amount_fen": 100},),
            "document.printed": (_ORDER,),
            "exemption.granted": ({"rule_id": "quota_allocation_overdue", "subject_key": None},),
        },
    ),
    "carry": Theme(
        ("quota.arranged", "quota.carried_over", *_LINES, *_PAYMENTS, *_QUOTA_CORRECTIONS),
        has_scene=False,
        usual={
            "quota.arranged": ({"quota_id": "Q1", "is_poverty_fund": True, "is_integrable": True},),
            "quota.carried_over": ({"quota_id": "Q2", "carried_from_quota_id": "Q1", "amount_fen": 100},),
            "quota.allocated": ({"quota_id": "Q1", "is_pending": False, "amount_fen": 100},),
        },
    ),
    "desk": Theme(
        ("payment.recorded", "payment.adjusted", "payment.refunded", *_LISTS, *_DESK, *_DESK, "exemption.granted"),
        usual={
            "payment.recorded": (_CASH, _CASH | {"payment_id": "Z1"}),
            "payment.adjusted": tuple({"payment_id": "Z1", "record_state": each} for each in ("invalid", "valid")),
            "exemption.granted": ({"rule_id": "cash_withdrawal", "subject_key": None},),
        },
    ),
    "scope": Theme(
        (*_QUOTAS, "quota.allocated", "payment.recorded", "quota.reflagged", "quota.reflagged"),
        has_scene=False,
        usual={"quota.allocated": ({"quota_id": "Q1", "is_pending": False, "line_kind": "poverty"},)},
    ),
    "everything": Theme((*_LEDGER, *_MONEY, *_TARGETS, *_LISTS, *_DOCUMENTS, *_DESK, *_NO_RULE_READS)),
}


def edges_of(start: date) -> set[date]:
    """The last day of every limit that may start on a day, and the day after it."""
    lasts = [working_days_after(start, n) for n in (3, 5, 10)]
    lasts += [start + timedelta(days=n) for n in (0, 30, 90, 180)]
    lasts += [date(start.year, 6, 30)]
    return {last + timedelta(days=n) for last in lasts for n in (0, 1)}


class Story:
    """A journal in the making. The plain judge follows it, so that people speak of alerts there are."""

    def __init__(self, choose: Callable[[Sequence[Any]], Any]) -> None:
        self.choose = choose
        self.theme = THEMES[self.pick(*THEMES)]
        self.judge = PlainJudge()
        self.events: list[Event] = []
        self.today: date = self.pick(*FIRST_DAYS)
        self.first_day = self.today
        self.days = {self.today}
        self.ended: set[tuple[str, str]] = set()

    # -- drawing

    def pick(self, *options: T) -> T:
        """One of them; hypothesis shrinks towards the first."""
        picked: T = self.choose(options)
        return picked

    def mostly(self, usual: T, *others: T) -> T:
        """The usual one, three times in four and more."""
        return self.pick(usual, usual, usual, self.pick(usual, *others))

    def some_day(self) -> date:
        """A day that has a meaning here: today, one used before, the eve of the first; now and then one to come."""
        past = sorted(each for each in self.days if each <= self.today)
        since = self.pick([each for each in past if each >= self.first_day], past)
        nearby = (self.today, self.today, *since[-4:], since[0], since[0])
        return self.pick(*nearby, *nearby, past[0] - timedelta(days=1), self.today + timedelta(days=4))

    def some_subject(self, region: str) -> tuple[str, str]:
        """Rule and subject key of a fault the region has had, or might have."""
        followed = self.judge.regions.get(region)
        known = sorted(followed.watches) if followed else []
        guess = (self.pick(*RULES).__name__, f"{region}|{self.pick(*POOLS['payment'], *POOLS['line'])}")
        return self.pick(*known, guess)

    def some_alert(self, region: str) -> str:
        """Id of an alert, most likely an open one of the region; else of any, or one that will be."""
        followed = self.judge.regions.get(region)
        watches = sorted(followed.watches.items(), key=lambda item: item[0]) if followed else []
        still_open = [alert_id(*fault, watch.episode) for fault, watch in watches if watch.open]
        others = [
            alert_id(*fault, max(1, watch.episode - 1))
            for each in self.judge.regions.values()
            for fault, watch in sorted(each.watches.items(), key=lambda item: item[0])
        ]
        guess = alert_id(*self.some_subject(region), 1)
        return self.pick(*still_open, self.pick(guess, *others)) if still_open else self.pick(guess, *others)

    def unended(self, region: str) -> str:
        """An exemption of the region that has not been ended yet; when all have been, one that never is granted."""
        followed = self.judge.regions.get(region)
        granted: Iterable[str] = followed.held.of["exemption"] if followed and followed.held else ()
        left = [name for name in (*granted, "H9") if (region, name) not in self.ended]
        name = self.pick(*left, *left[:-1], "H8")
        self.ended.add((region, name))
        return name

    # -- telling

    def add(self, event: Event) -> None:
        """The next record of the journal."""
        self.events.append(event)
        self.judge.take(event)

    def pass_days(self) -> None:
        """A tick: to the next day, to one of the next limits, or once more to the same day."""
        coming = sorted({edge for each in self.days for edge in edges_of(each) if edge > self.today})
        self.today = self.pick(self.today + timedelta(days=1), *coming[:6], *coming[6::3], self.today)
        self.add(tick(self.today, self.pick("daily", "hourly")))

    def set_scene(self, region: str) -> None:
        """A quota in scope with a line and an account, as most journals have them; what follows may correct them."""
        scope = {"is_poverty_fund": True, "is_integrable": True, "fund_category": "central-36"}
        line = {"target_kind": "project", "project_id": "P1", "line_kind": "poverty", "amount_fen": 100}
        self.happen("quota.received", region, quota_id="Q1", **scope)
        self.happen("quota.allocated", region, quota_id="Q1", allocation_id="A1", **line)
        self.happen("account.registered", region, account_id="H1", account_kind="special_fiscal")

    def happen(self, kind: str, region: str, **fixed: Any) -> None:
        """One event of the kind; what is fixed is not drawn."""
        event = deepcopy(EXAMPLES[kind])
        body, named_on = event["body"], self.some_day()
        for name in OPTIONAL.get(kind, ()):
            body.pop(name, None)
        for name in [name for name in body if name.endswith("_on")]:
            body[name] = str(named_on)
        usual = self.pick({}, self.pick(*self.theme.usual.get(kind, ({},))))
        body |= BODIES[kind](self, region) | usual | fixed
        self.days |= {each for each in (named_on, day(body.get("valid_until", str(named_on)))) if each <= self.today}
        own_date = min(day(body.get(OWN_DATE.get(kind, "")) or str(named_on)), self.today)
        recorded_on = self.mostly(self.today, own_date)
        self.days.add(recorded_on)
        event |= {"region": region, "event_id": f"{kind}:{len(self.events)}", "occurred_on": str(own_date)}
        event["recorded_at"] = f"{recorded_on}T10:00:00+08:00"
        self.add(event)

    def open(self, region: str) -> None:
        """The region joins the monitor."""
        opening_on = self.pick(date(2018, 1, 1), self.today, self.today - timedelta(days=1))
        event = deepcopy(EXAMPLES["region.opened"])
        event |= {"region": region, "event_id": f"opened:{region}", "occurred_on": str(opening_on)}
        event["recorded_at"] = f"{self.today}T08:00:00+08:00"
        event["body"] |= {"opening_on": str(opening_on), "profile": PROFILES[region]}
        self.days.add(opening_on)
        self.add(event)

    def again(self) -> None:
        """A redelivery of any event so far."""
        self.add(self.pick(*self.events))


def told(choose: Callable[[Sequence[Any]], Any], moves_max: int = 80) -> list[Event]:
    """A journal of which every choice is made by ``choose``; it begins with a tick, as a partition's does."""
    story = Story(choose)
    fitting = tuple(each for each in PROFILES if story.theme.profile in (None, PROFILES[each]))
    regions = [story.pick(*fitting)]
    if story.pick(False, False, True):
        regions = sorted({*regions, story.pick(*PROFILES)})
    story.add(tick(story.today))
    unopened = list(regions)
    if story.mostly(True, False):
        story.open(unopened.pop(0))
    if story.theme.has_scene and story.mostly(True, False):
        story.set_scene(regions[0])
    for _ in range(story.pick(*(each for each in (5, 10, 20, 30, 50, 80) if each <= moves_max))):
        move = story.pick("event", "event", "event", "event", "event", "tick", "tick", "tick", "open", "again")
        if move == "tick":
            story.pass_days()
        elif move == "again":
            story.again()
        elif move == "open" and unopened:
            story.open(unopened.pop(0))
        else:
            story.happen(story.pick(*story.theme.types), story.pick(*regions))
    return story.events


@st.composite
def journals(draw: Callable[[st.SearchStrategy[Any]], Any], moves_max: int = 80) -> list[Event]:
    """A journal of one partition, redeliveries included."""
    return told(lambda options: draw(st.sampled_from(options)), moves_max)


def seeded_journals(moves_max: int = 80) -> st.SearchStrategy[list[Event]]:
    """As `journals`, with all choices made evenly from one drawn seed: richer journals, but they hardly shrink."""
    return st.integers(0, 2**32).map(lambda seed: told(Random(seed).choice, moves_max))  # noqa: S311 - no secret
