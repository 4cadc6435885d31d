"""The records of one region's journal as plain dicts, built anew from the whole list of events: the slow, obvious way.

This is the folding half of `plain_judge`, our second reading of the contract. It is written from wire.md and rules.md
alone and shares nothing with ``rules/``. An event is its JSON; a record of the journal is a dict of the body with
``changes`` (signed amounts with what made them), ``status`` (live, void, replaced) and, for payments, ``refunds``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import date
from functools import wraps
from typing import Any, Final, TypeVar, TypeVarTuple

Record = dict[str, Any]
Held = TypeVar("Held", bound="Records")
About = TypeVarTuple("About")
T = TypeVar("T")

QUOTA_TYPES: Final = {
    "quota.arranged": "registered_on",
    "quota.received": "received_on",
    "quota.carried_over": "registered_on",
}
# wire.md section 4, Opening: these are as if not sent when their own date is before the opening.
OWN_DATE: Final = {
    **QUOTA_TYPES,
    "quota.allocated": "allocated_on",
    "quota.refined": "refined_on",
    "payment.recorded": "paid_on",
    "account.entry_recorded": "booked_on",
    "document.printed": "printed_on",
}
# wire.md section 4, the verbs: which field of a correction names its target, and of which kind the target is.
TARGETS: Final = {
    "quota.reflagged": ("quota", "quota_id"),
    "quota.adjusted": ("quota", "quota_id"),
    "quota.voided": ("quota", "quota_id"),
    "quota.replaced": ("quota", "quota_id"),
    "allocation.adjusted": ("line", "allocation_id"),
    "allocation.relinked": ("line", "allocation_id"),
    "allocation.voided": ("line", "allocation_id"),
    "payment.voided": ("payment", "payment_id"),
    "payment.refunded": ("payment", "payment_id"),
    "payment.adjusted": ("payment", "payment_id"),
    "payment.relinked": ("payment", "payment_id"),
    "payment.replaced": ("payment", "payment_id"),
    "account.entry_voided": ("entry", "entry_id"),
    "account.entry_refunded": ("entry", "entry_id"),
    "account.entry_adjusted": ("entry", "entry_id"),
    "document.withdrawn": ("document", "record_id"),
    "distribution.list_voided": ("list", "list_id"),
    "filing.voided": ("target", "filing_id"),
    "exemption.ended": ("exemption", "exemption_id"),
}
KINDS: Final = ("quota", "line", "payment", "account", "entry", "document", "list", "target", "exemption")
MAY_BECOME_NULL: Final = ("is_poverty_fund", "is_integrable", "is_household")  # flag? in quota.reflagged


def day(text: str) -> date:
    """The date of a wire date, or of the date part of a timestamp."""
    return date.fromisoformat(text[:10])


def left_of(amount: int, changes: list[tuple[int, int]]) -> int:
    """Amount after its changes, in the order of the journal: each is applied down to 0, the rest stays unapplied."""
    left = amount
    for _, delta in sorted(changes, key=lambda change: change[0]):
        left = max(0, left + delta)
    return left


def remembered(reading: Callable[[Held, *About], T]) -> Callable[[Held, *About], T]:
    """Answer the same question about the same finished records only once: daily ticks ask over and over."""

    @wraps(reading)
    def answer(held: Held, *about: *About) -> T:
        key = (reading.__name__, *(id(each) if isinstance(each, dict) else each for each in about))
        if key not in held.answers:
            held.answers[key] = reading(held, *about)
        found: T = held.answers[key]
        return found

    return answer


class Records:
    """All that a region's journal holds up to now; built by feeding every event once, in order."""

    def __init__(self, region: str, opening: Record, events: list[Record]) -> None:
        self.region = region
        self.opening_on = day(opening["opening_on"])
        self.profile = opening["profile"]
        self.of: dict[str, dict[str, Record]] = {kind: {} for kind in KINDS}
        self.parked: dict[tuple[str, str], list[tuple[int, Record]]] = defaultdict(list)
        self.refinements: set[str] = set()
        self.balances: list[Record] = []
        self.submissions: dict[tuple[str, int], Record] = {}
        self.reviews: list[Record] = []
        self.entered: list[Record] = []
        self.answers: dict[tuple[object, ...], Any] = {}
        for at, event in enumerate(events):
            self._take(at, event)

    # -- building

    def _take(self, at: int, event: Record) -> None:
        kind, body = event["type"], event["body"]
        if kind in OWN_DATE and day(body[OWN_DATE[kind]] or event["occurred_on"]) < self.opening_on:
            return
        if kind in TARGETS:
            target_kind, field = TARGETS[kind]
            target = self.of[target_kind].get(body[field])
            if target is None:
                self.parked[target_kind, body[field]].append((at, event))
            else:
                self._correct(target, at, event)
        elif kind == "account.balance_reported":
            self.balances.append(body)
        elif kind == "target.reviewed":
            self.reviews.append(body)
        elif kind == "target.entered":
            self.entered.append(body)
        else:
            self._create(at, event)

    def _create(self, at: int, event: Record) -> None:
        kind, body = event["type"], event["body"]
        if kind in QUOTA_TYPES:
            self._add("quota", body["quota_id"], at, event, available_on=body[QUOTA_TYPES[kind]])
        elif kind == "quota.opening_recorded":
            is_new = self._add("quota", body["quota_id"], at, event, available_on=body["available_on"])
            for line in body["lines"] if is_new else ():
                made = {**line, "quota_id": body["quota_id"], "block": None, "dated": None, "document_no": None}
                self._add("line", line["line_id"], at, event, made, target_kind=None)
        elif kind == "quota.allocated":
            made = {**body, "block": None, "dated": body["allocated_on"], "paid_fen": 0}
            self._add("line", body["allocation_id"], at, event, made)
        elif kind == "quota.refined":
            self._refine(at, event)
        elif kind == "payment.recorded":
            self._add("payment", body["payment_id"], at, event, refunds=[])
        elif kind == "account.registered":
            self._add("account", body["account_id"], at, event)
        elif kind == "account.entry_recorded":
            self._add("entry", body["entry_id"], at, event)
        elif kind == "document.printed":
            self._add("document", body["document_id"], at, event)
        elif kind == "distribution.list_imported":
            self._add("list", body["list_id"], at, event)
        elif kind == "exemption.granted":
            self._add("exemption", body["exemption_id"], at, event, ended_on=None)
        elif kind == "target.submitted" and (body["target_id"], body["revision"]) not in self.submissions:
            self.submissions[body["target_id"], body["revision"]] = body
            self._add("target", body["target_id"], at, event)

    def _refine(self, at: int, event: Record) -> None:
        body = event["body"]
        if body["refinement_id"] in self.refinements:
            return  # id_reused
        self.refinements.add(body["refinement_id"])
        for line in body["lines"]:
            made = {**line, "block": body["allocation_id"], "dated": body["refined_on"], "paid_fen": 0}
            made |= {"is_pending": False, "document_no": None, "target_kind": None, "quota_id": None}
            self._add("line", line["line_id"], at, event, made)

    def _add(self, kind: str, name: str, at: int, event: Record, made: Record | None = None, **more: Any) -> bool:
        if name in self.of[kind]:
            return False  # id_reused: the second is ignored
        record = {"status": "live", "by": None, "changes": [], "at": at, "id": name, **(made or event["body"]), **more}
        record["recorded_on"] = day(event["recorded_at"])
        record["type"] = event["type"]
        self.of[kind][name] = record
        for waiting_at, correction in self.parked.pop((kind, name), ()):
            self._correct(record, waiting_at, correction)
        return True

    def _correct(self, target: Record, at: int, event: Record) -> None:
        verb, body = event["type"].split(".")[1], event["body"]
        if target["status"] != "live" or self.is_void_block(target.get("block")):
            return  # target_not_live
        if verb in ("voided", "withdrawn", "entry_voided", "list_voided"):
            target["status"] = "void"
        elif verb == "replaced":
            target["status"] = "replaced"
            target["by"] = body.get("replacement_quota_id") or body["replacement_payment_id"]
        elif verb == "refunded":
            target["refunds"].append((at, -body["amount_fen"]))
        elif verb == "entry_refunded":
            target["changes"].append((at, -body["amount_fen"]))
        elif verb == "ended":
            target["ended_on"] = body["ended_on"]
        else:
            if body.get("delta_fen") is not None:
                target["changes"].append((at, body["delta_fen"]))
            target.update(self._new_values(event))

    def _new_values(self, event: Record) -> Record:
        changing = {
            "quota.reflagged": (
                *MAY_BECOME_NULL,
                "fund_category",
                "subject_code",
                "expenditure_kind",
                "poverty_amount_fen",
            ),
            "allocation.relinked": ("project_id", "unit_code", "line_kind"),
            "payment.adjusted": ("paid_on", "record_state", "subject_code", "spending_stage", "payee_account_kind"),
            "payment.relinked": ("line_id", "project_id"),
            "account.entry_adjusted": ("booked_on", "line_id"),
        }
        body, kind = event["body"], event["type"]
        keeps_null = (*MAY_BECOME_NULL,) if kind == "quota.reflagged" else ("line_id", "project_id")
        is_null_kept = kind in ("quota.reflagged", "payment.relinked")
        return {
            name: body[name]
            for name in changing.get(kind, ())
            if name in body and (body[name] is not None or (is_null_kept and name in keeps_null))
        }

    # -- reading

    def is_void_block(self, name: str | None) -> bool:
        """Whether the block a refined line comes from is known and void; then the line is void with it."""
        block = self.of["line"].get(name) if name is not None else None
        return block is not None and block["status"] == "void"

    def is_live(self, record: Record) -> bool:
        """Neither voided nor replaced, nor hanging on something void."""
        return record["status"] == "live" and not self.is_void_block(record.get("block"))

    def latest_of(self, kind: str, name: str | None) -> Record | None:
        """The record of that id, or the one that has taken its place; None while it is not known."""
        record = self.of[kind].get(name) if name is not None else None
        while record is not None and record["status"] == "replaced":
            record = self.of[kind].get(record["by"])
        return record

    @remembered
    def net_of_payment(self, payment: Record) -> int:
        """`payment_net_fen`; refunds booked on a payment it replaces count for it."""
        if payment["status"] != "live":
            return 0
        return left_of(payment["amount_fen"], payment["changes"] + self._refunds_of(payment))

    def _refunds_of(self, payment: Record) -> list[tuple[int, int]]:
        refunds = list(payment["refunds"])
        for other in self.of["payment"].values():
            if other["status"] == "replaced" and other["by"] == payment["id"]:
                refunds += self._refunds_of(other)
        return refunds

    def net_of(self, record: Record) -> int:
        """Amount with its adjustments (and an entry's refunds); 0 when not live."""
        return left_of(record["amount_fen"], record["changes"]) if self.is_live(record) else 0

    @remembered
    def quota_of(self, line: Record) -> Record | None:
        """The quota of a line (of a refined line: of its block), or the one that has taken its place."""
        if line["block"] is not None:
            block = self.of["line"].get(line["block"])
            return None if block is None else self.quota_of(block)
        return self.latest_of("quota", line["quota_id"])

    def line(self, name: str | None) -> Record | None:
        """A known line: an allocation to anything but a lower region, a refined or an opening line."""
        line = self.of["line"].get(name) if name is not None else None
        return None if line is None or line["target_kind"] == "lower_region" else line

    def lines(self) -> list[Record]:
        """Every known line, void ones too."""
        return [line for line in self.of["line"].values() if line["target_kind"] != "lower_region"]

    @remembered
    def net_of_line(self, line: Record) -> int:
        """`line_net_fen`: of a block, what is left unrefined."""
        if not self.is_live(line) or not line["is_pending"]:
            return self.net_of(line)
        return self.net_of(line) - sum(self.net_of(each) for each in self.refined_from(line["id"]))

    def refined_from(self, block: str) -> list[Record]:
        """The lines that were refined from a block."""
        return [line for line in self.of["line"].values() if line["block"] == block]
