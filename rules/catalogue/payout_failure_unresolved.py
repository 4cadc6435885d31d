"""发放失败未重发未退回: a payout failed, and the money was neither paid again nor given back.

Flags:
    A live row that its batch could not pay, or whose money came back as failed, some working days after that.

Why it matters:
    Studied in other systems (R46): money that came back and lies with the bank or the one-card system has left the
    treasury and has not reached the household.

Example:
    A row that fails on 13 November 2018 is yellow from 5 December, red from 26 December.

Not a fault when:
    The row is reissued or voided, its list is voided, or the treasury was refunded what the batch failed to pay.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import accumulate
from typing import Annotated, NamedTuple

import msgspec

from domain.calendar import working_days_after_ordinal
from domain.findings import Reason
from domain.money import yuan_text
from rules.catalogue.evidence import date_or_none
from rules.days import text_of_day
from rules.fold.distributions import PAYOUT_FAILED, REISSUED
from rules.fold.folding import SubjectKind
from rules.list_state import Payout, RowRow
from rules.rule import ALL_PROFILES, NO_FAULT, RED, YELLOW, Basis, Explanation, Judgement, Kind, Rule, Step, Steps
from rules.state import NO_DAY, Mark
from rules.thresholds import Days, Source
from rules.view import View


class Thresholds(msgspec.Struct, frozen=True, kw_only=True):
    """How long a failed payout may wait."""

    yellow_after_working_days: Annotated[Days, Source(Basis.PROPOSED, "working days")] = 15
    red_after_working_days: Annotated[Days, Source(Basis.PROPOSED, "working days")] = 30


class Failure(NamedTuple):
    """One failed payout of a row."""

    day: int
    batch_id: str | None
    is_return: bool
    mark: Mark | None  # the receipt that names the row


def judge(row: RowRow, view: View, thresholds: Thresholds) -> Steps:
    """Yellow and red from the days after their terms. A duty that began before the opening is not judged."""
    failure = _unresolved(row, view)
    if failure is None or failure.day < view.opening_on:
        return NO_FAULT
    return (
        Step(working_days_after_ordinal(failure.day, thresholds.yellow_after_working_days) + 1, YELLOW),
        Step(working_days_after_ordinal(failure.day, thresholds.red_after_working_days) + 1, RED),
    )


def ending(row: RowRow, view: View, thresholds: Thresholds) -> Reason:
    """Satisfied when what ended it, a reissue or a refund, is dated by the first term; else late."""
    if not _is_live(row, view):
        return Reason.GROUND_REMOVED
    failure = _not_reissued(row, view)
    if failure is not None:
        done_on = _refunded_on(failure, view)
    else:
        failure, done_on = _last_reissued(row, view)
    if failure is None:
        return Reason.GROUND_REMOVED
    due_on = working_days_after_ordinal(failure.day, thresholds.yellow_after_working_days)
    return Reason.SATISFIED_IN_TIME if NO_DAY < done_on <= due_on else Reason.SATISFIED_LATE


def _last_reissued(row: RowRow, view: View) -> tuple[Failure | None, int]:
    """The failure that the last reissue answered and no earlier one, and the day of that reissue."""
    reissues = [each for each in row.payouts if each.kind == REISSUED]
    if not reissues:
        return None, NO_DAY
    *before, last = reissues
    answered = (failure for failure in _failures(row, view) if not _is_answered(failure, before))
    return min(answered, default=None, key=_day), last.day


def explain(row: RowRow, view: View, thresholds: Thresholds) -> Explanation:
    """Since when the payout waits; after it was resolved, since when it had waited."""
    failure = _unresolved(row, view) or min(_failures(row, view), default=None, key=_day)
    day = NO_DAY if failure is None else failure.day
    is_return = failure is not None and failure.is_return
    mark = None if failure is None else failure.mark
    of_list = view.ledger.lists.get(row.list_id)
    amount = yuan_text(row.gross_fen)
    since = "" if day == NO_DAY else text_of_day(day)
    return Explanation(
        title=row.name_masked,
        observed=date_or_none(day),
        limit=thresholds.yellow_after_working_days,
        unit="working days",
        amount_fen=row.gross_fen,
        facts={
            "row_id": row.id,
            "list_id": row.list_id,
            "batch_id": row.batch_id if failure is None else failure.batch_id,
            "amount_fen": row.gross_fen,
            "settled_on": None if is_return else date_or_none(day),
            "returned_on": date_or_none(day) if is_return else None,
        },
        marks=(*row.marks, *((mark,) if mark is not None else ())),
        message_zh=f"发放明细{row.id}({amount}元){since}发放失败,未重发未退回",
        message_en=f"Row {row.id} of {amount} yuan failed on {since} and was neither paid again nor given back",
        fund_category=None if of_list is None else of_list.fund_category,
    )


def _unresolved(row: RowRow, view: View) -> Failure | None:
    """The earliest failure that was not reissued, unless its batch was refunded."""
    if not _is_live(row, view):
        return None
    failure = _not_reissued(row, view)
    return None if failure is None or _refunded_on(failure, view) != NO_DAY else failure


def _is_live(row: RowRow, view: View) -> bool:
    of_list = view.ledger.lists.get(row.list_id)
    return not row.is_void and (of_list is None or not of_list.is_void)


def _failures(row: RowRow, view: View) -> Iterator[Failure]:
    for each in row.payouts:
        if each.kind == PAYOUT_FAILED:
            yield Failure(each.day, row.batch_id, is_return=True, mark=None)
    for batch_id in view.ledger.failed_in.children(row.id):
        batch = view.ledger.batches.get(batch_id)
        for receipt in () if batch is None else batch.receipts:
            if row.id in receipt.failed_row_ids:
                yield Failure(receipt.settled_on, batch_id, is_return=False, mark=receipt.mark)


def _not_reissued(row: RowRow, view: View) -> Failure | None:
    """The earliest failure on or after whose day nothing was paid again."""
    waiting = (failure for failure in _failures(row, view) if not _is_answered(failure, row.payouts))
    return min(waiting, default=None, key=_day)


def _is_answered(failure: Failure, payouts: Iterable[Payout]) -> bool:
    return any(each.kind == REISSUED and each.day >= failure.day for each in payouts)


def _refunded_on(failure: Failure, view: View) -> int:
    """The day on which refunds since the failure reach all that the batch failed to pay and nobody paid again."""
    if failure.batch_id is None:
        return NO_DAY
    refunds = _refunds(failure.batch_id, failure.day, view)
    if not refunds:
        return NO_DAY
    failed = 0
    for row_id in view.ledger.batch_failures.children(failure.batch_id):
        row = view.ledger.list_rows.get(row_id)
        if row is not None and _is_live(row, view) and _waits_for(row, failure.batch_id, view):
            failed += row.gross_fen
    refunded = accumulate(fen for _, fen in refunds)
    return next((day for (day, _), fen in zip(refunds, refunded, strict=True) if fen >= failed), NO_DAY)


def _waits_for(row: RowRow, batch_id: str, view: View) -> bool:
    return any(
        failure.batch_id == batch_id and not _is_answered(failure, row.payouts) for failure in _failures(row, view)
    )


def _refunds(batch_id: str, since: int, view: View) -> list[tuple[int, int]]:
    """Day and amount of what was refunded on live payments of a batch since a day, by day."""
    payments = map(view.ledger.payments.get, view.ledger.batch_payments.children(batch_id))
    return sorted(
        (change.day, -change.delta_fen)
        for payment in payments
        if payment is not None and payment.is_live()
        for change in payment.changes
        if change.is_refund and change.day >= since
    )


def _day(failure: Failure) -> int:
    return failure.day


RULE = Rule(
    id="payout_failure_unresolved",
    version="1",
    name_zh="发放失败未重发未退回",
    name_en="Failed or returned payout left unresolved",
    category="个人风险",
    owner="农财",
    kind=Kind.DEADLINE,
    profiles=ALL_PROFILES,
    thresholds=Thresholds,
    judgements={SubjectKind.ROW: Judgement(judge=judge, explain=explain, ending=ending)},
    basis=("peer study R46",),
)
