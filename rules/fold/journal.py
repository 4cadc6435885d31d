"""The entry to folding: one accepted event into the state of its region.

What comes before ``region.opened`` waits for it; a correction or follow-up whose target is not known waits for that
target. Both are applied later in journal order, with their own positions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple, cast

from domain.events import Event, decode_trusted
from domain.events.management_filings import RegionOpened
from rules.fold import (
    accounts,
    distributions,
    doubts,
    exemptions,
    filings,
    functions,
    lines,
    linkage,
    payments,
    performance,
    plans,
    posts,
    problems,
    projects,
    quotas,
    records,
    registers,
    relocation,
    reports,
    scans,
    sources,
    totals,
)
from rules.fold.folding import REGION, Folding, RawEvent
from rules.ledger import RegionLedger
from rules.passing import DAY_HANDLERS, Passing
from rules.rule import Stage
from rules.state import ParkedRow, RegionRow

_OPENING = "opening"

Handler = Callable[[Folding, Any], None]
Targets = Callable[[Any], tuple[str, ...]]

# Types that no rule reads yet change no state; their events stay in the journal.
HANDLERS: dict[str, Handler] = {
    "quota.arranged": quotas.arranged,
    "quota.received": quotas.received,
    "quota.carried_over": quotas.carried_over,
    "quota.opening_recorded": quotas.opening_recorded,
    "quota.reflagged": quotas.reflagged,
    "quota.adjusted": quotas.adjusted,
    "quota.relinked": quotas.relinked,
    "quota.voided": quotas.voided,
    "quota.replaced": quotas.replaced,
    "quota.allocated": lines.allocated,
    "quota.refined": lines.refined,
    "allocation.adjusted": lines.adjusted,
    "allocation.relinked": lines.relinked,
    "allocation.voided": lines.voided,
    "linkage.quota_issued": linkage.quota_issued,
    "linkage.quota_changed": linkage.quota_changed,
    "payment.recorded": payments.recorded,
    "payment.voided": payments.voided,
    "payment.refunded": payments.refunded,
    "payment.adjusted": payments.adjusted,
    "payment.relinked": payments.relinked,
    "payment.replaced": payments.replaced,
    "account.registered": accounts.registered,
    "account.entry_recorded": accounts.entry_recorded,
    "account.entry_voided": accounts.entry_voided,
    "account.entry_refunded": accounts.entry_refunded,
    "account.entry_adjusted": accounts.entry_adjusted,
    "account.balance_reported": accounts.balance_reported,
    "function.switched": functions.switched,
    "plan.submitted": plans.submitted,
    "plan.approved": plans.approved,
    "plan.voided": plans.voided,
    "document.printed": filings.document_printed,
    "announcement.published": filings.announcement_published,
    "proof.uploaded": filings.proof_uploaded,
    "document.scanned": scans.scanned,
    "document.copied": scans.copied,
    "document.withdrawn": filings.document_withdrawn,
    "target.submitted": performance.target_submitted,
    "target.reviewed": performance.target_reviewed,
    "target.entered": performance.target_entered,
    "monitoring.filed": performance.monitoring_filed,
    "use.filed": performance.use_filed,
    "evaluation.filed": performance.evaluation_filed,
    "filing.voided": performance.filing_voided,
    "project.registered": projects.registered,
    "project.corrected": projects.corrected,
    "project.withdrawn": projects.withdrawn,
    "project.completed": projects.completed,
    "distribution.list_imported": distributions.list_imported,
    "distribution.list_voided": distributions.list_voided,
    "distribution.row_recorded": distributions.row_recorded,
    "distribution.row_voided": distributions.row_voided,
    "distribution.row_adjusted": distributions.row_adjusted,
    "distribution.row_returned": distributions.row_returned,
    "distribution.row_reissued": distributions.row_reissued,
    "batch.submitted": distributions.batch_submitted,
    "batch.settled": distributions.batch_settled,
    "problem.registered": problems.registered,
    "problem.rectified": problems.rectified,
    "person.listed": registers.person_listed,
    "person.unlisted": registers.person_unlisted,
    "registry.snapshot_completed": registers.snapshot_completed,
    "enterprise.recorded": registers.enterprise_recorded,
    "enterprise.listed": registers.enterprise_listed,
    "enterprise.unlisted": registers.enterprise_unlisted,
    "relocation.raised": relocation.raised,
    "relocation.spent": relocation.spent,
    "relocation.refunded": relocation.refunded,
    "relocation.voided": relocation.voided,
    "figures.reported": totals.reported,
    "exemption.granted": exemptions.granted,
    "exemption.ended": exemptions.ended,
    "report.filed": reports.filed,
    "reconciliation.completed": reports.reconciled,
    "post.assigned": posts.assigned,
    "post.released": posts.released,
    "doubt.raised": doubts.raised,
    "doubt.resolved": doubts.resolved,
}

# Creating types: the targets for which parked corrections may wait, from the event's body.
_CREATES: dict[str, Targets] = {
    "quota.arranged": lambda body: (f"quota:{body.quota_id}",),
    "quota.received": lambda body: (f"quota:{body.quota_id}",),
    "quota.carried_over": lambda body: (f"quota:{body.quota_id}",),
    "quota.opening_recorded": lambda body: (
        f"quota:{body.quota_id}",
        *(f"line:{line.line_id}" for line in body.lines),
    ),
    "quota.allocated": lambda body: (f"line:{body.allocation_id}",),
    "quota.refined": lambda body: tuple(f"line:{line.line_id}" for line in body.lines),
    "linkage.quota_issued": lambda body: (f"notice:{body.linkage_id}",),
    "plan.submitted": lambda body: (f"plan:{body.plan_id}",),
    "payment.recorded": lambda body: (f"payment:{body.payment_id}",),
    "account.entry_recorded": lambda body: (f"entry:{body.entry_id}",),
    "document.printed": lambda body: (f"document:{body.document_id}",),
    "target.submitted": lambda body: (f"revision:{body.target_id}|{body.revision}", f"filing:{body.target_id}"),
    "announcement.published": lambda body: (f"document:{body.announcement_id}",),
    "document.scanned": lambda body: (f"document:{body.scan_id}",),
    "proof.uploaded": lambda body: (f"document:{body.proof_id}",),
    "monitoring.filed": lambda body: (f"filing:{body.monitoring_id}",),
    "use.filed": lambda body: (f"filing:{body.filing_id}",),
    "evaluation.filed": lambda body: (f"filing:{body.evaluation_id}",),
    "problem.registered": lambda body: (f"problem:{body.problem_id}",),
    "distribution.list_imported": lambda body: (f"list:{body.list_id}",),
    "project.registered": lambda body: (f"project:{body.project_id}",),
    "distribution.row_recorded": lambda body: (f"row:{body.row_id}",),
    "batch.submitted": lambda body: (f"batch:{body.batch_id}",),
    "person.listed": lambda body: (f"listing:{body.listing_id}",),
    "enterprise.listed": lambda body: (f"enterprise_listing:{body.listing_id}",),
    "relocation.raised": lambda body: (f"relocation:{body.financing_id}",),
    "relocation.spent": lambda body: (f"spending:{body.spending_id}", f"relocation:{body.spending_id}"),
    "exemption.granted": lambda body: (f"exemption:{body.exemption_id}",),
    "post.assigned": lambda body: (f"post:{body.assignment_id}",),
    "doubt.raised": lambda body: (f"doubt:{body.doubt_id}",),
}


class Book(NamedTuple):
    """What a stage folds of the journal: its handlers by event type, and what it does at openings, events and ticks."""

    stage: Stage
    handlers: Mapping[str, Handler]
    creates: Mapping[str, Targets]  # by creating type, the targets for which parked corrections may wait
    day_handlers: tuple[Callable[[Passing], None], ...]
    opened: Callable[[Folding], None] | None = None
    heard: Callable[[Folding], None] | None = None
    noted: Callable[[Folding], None] | None = None


JOURNAL = Book(Stage.REGION, HANDLERS, _CREATES, DAY_HANDLERS, sources.opened, sources.heard, records.noted)


def fold(
    book: Book, ledger: RegionLedger, position: int, event: Event, raw: RawEvent, *, log_on: int
) -> Folding | None:
    """Fold one event of a log date; None while it waits for its region's opening.

    The opening brings what waited for it, in journal order, into the state at once: rules are judged on all that is
    known after a record, so what was corrected while it waited is no fault, and alerts are none before it.
    """
    region = ledger.region.get(REGION)
    if region is None:
        region = ledger.region.set(REGION, RegionRow())
    if event.type == "region.opened":
        if region.is_open:
            return None
        folding = Folding(ledger, region, position, event, raw, log_on=log_on)
        _open(book, folding)
        for waiting_position, waiting_raw, waiting_log_on in _take(ledger, _OPENING):
            waiting = decode_trusted(waiting_raw)
            waited = Folding(
                ledger,
                region,
                waiting_position,
                waiting,
                partial(bytes, waiting_raw),
                log_on=waiting_log_on,
                today=log_on,
            )
            folding.include(_apply(book, waited))
        return folding
    if region.is_open:
        return _apply(book, Folding(ledger, region, position, event, raw, log_on=log_on))
    row = ledger.parked.get(_OPENING) or ledger.parked.set(_OPENING, ParkedRow())
    row.events.append((position, raw(), log_on))
    ledger.parked.keep(_OPENING)
    return None


def _open(book: Book, folding: Folding) -> None:
    region, body = folding.region, cast("RegionOpened", folding.event.body)
    region.is_open, region.opening_on, region.profile = True, body.opening_on.toordinal(), body.profile
    region.superior_connected, region.opened_position = body.superior_connected, folding.position
    region.opened_log_on = folding.log_on
    folding.ledger.region.keep(REGION)
    if book.opened is not None:
        book.opened(folding)


def _apply(book: Book, folding: Folding) -> Folding:
    if book.heard is not None:
        book.heard(folding)
    _handle(book, folding)
    if book.noted is not None:
        book.noted(folding)
    return folding


def _handle(book: Book, folding: Folding) -> None:
    event = folding.event
    handler = book.handlers.get(event.type)
    if handler is None:
        return
    handler(folding, event.body)
    targets = book.creates.get(event.type)
    if targets is not None and folding.region.parked_targets:
        for target in targets(event.body):
            _apply_parked(book, folding, target)


def _apply_parked(book: Book, folding: Folding, target: str) -> None:
    """Apply what waited for this target, in journal order; what still finds none (before_opening) is parked again."""
    waiting = _take(folding.ledger, target)
    if waiting:
        folding.region.parked_targets -= 1
        folding.ledger.region.keep(REGION)
    for position, raw, log_on in waiting:
        event = decode_trusted(raw)
        waited = Folding(
            folding.ledger, folding.region, position, event, partial(bytes, raw), log_on=log_on, today=folding.today
        )
        book.handlers[event.type](waited, event.body)
        folding.include(waited)


def _take(ledger: RegionLedger, target: str) -> list[tuple[int, bytes, int]]:
    row = ledger.parked.get(target)
    if row is None:
        return []
    ledger.parked.drop(target)
    return row.events
