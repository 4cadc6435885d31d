"""What every fold handler works with: the region's ledger, the record being folded, and the subjects it touched."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple

from domain.events import Event
from rules.ledger import RegionLedger
from rules.state import NO_DAY, Change, LineRow, Mark, ParkedRow, RegionRow

# Gives the event as it is in the journal, for the few that have to wait.
RawEvent = Callable[[], bytes]
# A day before all days: what is due then is looked at by whichever tick comes next.
_NEXT_TICK = 1
# Key of the one row of a region's own table.
REGION = "region"


class SubjectKind(StrEnum):
    """What a rule can be about. The values are part of state rows."""

    PAYMENT = "payment"
    LINE = "line"
    ENTRY = "entry"
    ACCOUNT = "account"
    DOCUMENT = "document"  # id: quota id | document number
    PROJECT_YEAR = "project_year"  # id: project id | budget year
    LIST = "list"
    PLAN = "plan"
    UNIT_MONTH = "unit_month"  # id: unit code | month
    SOURCE = "source"
    MONTHLY_REPORT = "monthly_report"  # id: report kind | section or empty | month
    POSTS = "posts"  # id: organisation, or organisation | operator
    DOUBT = "doubt"
    FLAG = "flag"  # id: event id | flag
    ALERT = "alert"
    PROBLEM = "problem"
    MONTH_ENDS = "month_ends"  # id: empty, there is one per region
    FREQUENCY = "frequency"  # id: empty, there is one per region
    PROJECT = "project"
    NOTICE = "notice"  # id: project id | announcement kind
    PROJECT_NODE = "project_node"  # id: project id | budget year | node
    TARGET = "target"
    QUOTA = "quota"
    QUOTA_FAULT = "quota_fault"  # id: quota id | fault
    ROW = "row"
    LINKAGE = "linkage"  # id: the notice's
    FILING = "filing"
    DOCUMENT_NO = "document_no"
    CATEGORY_YEAR = "category_year"  # id: fund category | budget year
    LISTING = "listing"
    REGISTER = "register"
    EXEMPTION = "exemption"
    ENTERPRISE_RECORD = "enterprise_record"  # id: credit code | state from
    ENTERPRISE_LISTING = "enterprise_listing"
    CLAIM = "claim"  # id: person or household | subsidy | period from
    PERSON_PAYMENT = "person_payment"  # id: person | payment
    ENTERPRISE_YEAR = "enterprise_year"  # id: credit code or name | budget year
    BUDGET_YEAR = "budget_year"
    MEASURE_YEAR = "measure_year"  # id: fund category | measure kind | budget year
    SPENDING_GAP = "spending_gap"  # id: fund category or nothing (all) | budget year
    BUSINESS_TOTAL = "business_total"  # id: amount kind | fund category or nothing (all) | budget year
    SELF_REPORT = "self_report"  # id: figure kind, then as of a business total


# Of these the contract says that they are judged at each daily tick only.
JUDGED_AT_TICKS = frozenset(
    (SubjectKind.POSTS, SubjectKind.MEASURE_YEAR, SubjectKind.BUSINESS_TOTAL, SubjectKind.SELF_REPORT)
)


class Message(NamedTuple):
    """One record for another partition or stage, which a fold or a judgement gives rise to."""

    topic: str  # by the contract's name
    key: str
    value: bytes
    is_for_all: bool = False  # goes to every partition of the topic, not to its key's


class Folding:
    """One event on its way into the state. ``log_on`` is its log date, of an event that had to wait its own.

    ``today`` is the log date of the record with which it comes into the state.
    ``touched`` collects the subjects whose rules must be judged again, each once, in the order in which they were met;
    ``touched_later`` those that a tick judges, and from which day on; ``sent`` what other regions or stages must be
    told.
    """

    __slots__ = (
        *("event", "ledger", "log_on", "position", "raw", "region"),
        *("sent", "today", "touched", "touched_later"),
    )

    def __init__(
        self,
        ledger: RegionLedger,
        region: RegionRow,
        position: int,
        event: Event,
        raw: RawEvent,
        *,
        log_on: int,
        today: int = NO_DAY,
    ) -> None:
        """``log_on`` is the event's own log date, also where it had to wait; only then ``today`` is another."""
        self.ledger = ledger
        self.region = region
        self.position = position
        self.log_on = log_on
        self.today = today or log_on
        self.event = event
        self.raw = raw
        self.touched: dict[tuple[str, str], bool] = {}  # True: made by this event
        self.touched_later: dict[tuple[int, str, str], None] = {}
        self.sent: list[Message] = []

    def include(self, waited: Folding) -> None:
        """Take over what an event that had to wait has touched and sent."""
        self.touched.update(waited.touched)
        self.touched_later.update(waited.touched_later)
        self.sent += waited.sent

    def touch(self, kind: str, subject_id: str) -> None:
        """Have the rules of this subject judged after the fold."""
        self.touched[kind, subject_id] = False

    def touch_new(self, kind: str, subject_id: str) -> None:
        """The same of a row that this event has made: there can be no alerts of its own to look for."""
        self.touched[kind, subject_id] = True

    def touch_tomorrow(self, kind: str, subject_id: str) -> None:
        """Have the rules of this subject judged at the next tick, and not now."""
        self.touch_on(_NEXT_TICK, kind, subject_id)

    def touch_on(self, day: int, kind: str, subject_id: str) -> None:
        """Have the rules of this subject judged at the first tick from this day on."""
        self.touched_later[day, kind, subject_id] = None

    def mark(self, role: str) -> Mark:
        """The present record as evidence."""
        return Mark(self.event.event_id, self.position, role)

    def park(self, target: str) -> None:
        """Keep the present correction until its target comes (target_unknown, wire.md 5.2)."""
        row = self.ledger.parked.get(target)
        if row is None:
            row = self.ledger.parked.set(target, ParkedRow())
            self.region.parked_targets += 1
            self.ledger.region.keep(REGION)
        row.events.append((self.position, self.raw(), self.log_on))
        self.ledger.parked.keep(target)

    def line(self, line_id: str) -> LineRow:
        """The line's row, made when nothing has named it before."""
        row = self.ledger.lines.get(line_id)
        return row if row is not None else self.ledger.lines.set(line_id, LineRow(id=line_id))

    def precedes_opening(self, day: int) -> bool:
        """Whether a creating event's own date lies before the opening: then it is as if it had not been sent."""
        return day < self.region.opening_on


def remaining(amount_fen: int, changes: tuple[Change, ...]) -> int:
    """An amount after its changes in journal order, each applied down to 0 at most (correction_excess)."""
    for change in sorted(changes, key=_journal_order) if len(changes) > 1 else changes:
        amount_fen = max(0, amount_fen + change.delta_fen)
    return amount_fen


def applied(amount_fen: int, changes: tuple[Change, ...]) -> list[tuple[Change, int]]:
    """The changes in journal order, each with what it really moved of the amount (see `remaining`)."""
    moved: list[tuple[Change, int]] = []
    for change in sorted(changes, key=_journal_order):
        left = max(0, amount_fen + change.delta_fen)
        moved.append((change, left - amount_fen))
        amount_fen = left
    return moved


def refunds_of(amount_fen: int, changes: tuple[Change, ...]) -> tuple[tuple[int, int], ...]:
    """Day and amount (below 0) of each refund, as far as `remaining` applied it."""
    if not changes:
        return ()
    return tuple((change.day, moved) for change, moved in applied(amount_fen, changes) if change.is_refund)


def _journal_order(change: Change) -> int:
    return change.position


__all__ = ["NO_DAY", "REGION", "Folding", "Message", "SubjectKind", "applied", "refunds_of", "remaining"]
