"""What payments add to sums beyond their line's: what is paid of a plan, what is parked with a unit month by month.

A payment keeps its postings as they are in the sums at present, so a correction moves only the difference. Whether it
is poverty money is part of them: `rules.derivation` has them taken anew when its line's scope changes.
"""

from __future__ import annotations

from rules.days import month_before, month_of, months
from rules.fold.folding import NO_DAY, Folding, SubjectKind, applied
from rules.ledger import RegionLedger
from rules.spending_state import MonthRow, PlanRow, UnitRow
from rules.state import PaymentRow, Posting

# The one parent in the index of units.
UNITS = "units"
_PLAN, _UNIT = "plan", "unit"


def may_post(payment: PaymentRow) -> bool:
    """Whether it has, or might have, postings: most payments have none, and the rest need not be looked at."""
    return (
        payment.spending_stage == "intermediate"
        or payment.channel == "own_account"
        or payment.plan_id is not None
        or bool(payment.postings)
    )


def refresh_postings(folding: Folding, payment: PaymentRow, *, in_scope: bool) -> None:
    """Bring the sums that a payment adds to in step with it, and touch what they decide."""
    before, after = payment.postings, _postings(payment) if in_scope and _counts(payment) else ()
    if after == before:
        return
    for posting in before:
        _add(folding, posting, -1)
        folding.ledger.posted_payments.remove(posting.owner, payment.id)
    for posting in after:
        _add(folding, posting, 1)
        folding.ledger.posted_payments.add(posting.owner, payment.id)
    for owner, month in sorted({(posting.owner, posting.month) for posting in {*before} ^ {*after}}):
        _touch(folding, owner, month)
    payment.postings = after
    folding.ledger.payments.keep(payment.id)


def posted_to_plan(ledger: RegionLedger, plan_id: str) -> list[PaymentRow]:
    """The payments that count for a plan, by pay date."""
    return _posted(ledger, f"{_PLAN}|{plan_id}")


def posted_to_unit(ledger: RegionLedger, unit_code: str) -> list[PaymentRow]:
    """The payments that park money with a unit and those with which it passes money on, by pay date."""
    return _posted(ledger, f"{_UNIT}|{unit_code}")


def _posted(ledger: RegionLedger, owner: str) -> list[PaymentRow]:
    rows = map(ledger.payments.get, ledger.posted_payments.children(owner))
    return sorted((row for row in rows if row is not None), key=lambda row: (row.paid_on, row.id))


def _counts(payment: PaymentRow) -> bool:
    """Whether it is `payment_counted` or, by its channel, `payment_onward`, less the scope test."""
    is_dated = payment.is_valid and payment.paid_on != NO_DAY
    return is_dated and payment.payee_account_kind != "special_fiscal" and payment.is_live()


def _postings(payment: PaymentRow) -> tuple[Posting, ...]:
    if payment.channel == "own_account":
        return _by_month(payment, f"{_UNIT}|{payment.payer_unit_code}", -1)
    plan = () if payment.plan_id is None else (Posting(f"{_PLAN}|{payment.plan_id}", "", payment.net_fen, 0),)
    if payment.spending_stage != "intermediate" or payment.payee_unit_code is None:
        return plan
    return (*plan, *_by_month(payment, f"{_UNIT}|{payment.payee_unit_code}", 1))


def _by_month(payment: PaymentRow, owner: str, sign: int) -> tuple[Posting, ...]:
    """The amount in the month of its payment, and each refund in its own."""
    fen, refunds = payment.amount_fen, []
    for change, moved in applied(payment.amount_fen, payment.changes):
        if change.is_refund:
            refunds.append(Posting(owner, month_of(change.day), sign * moved, 0))
        else:
            fen += moved
    return (Posting(owner, month_of(payment.paid_on), sign * fen, 1 if sign < 0 else 0), *refunds)


def _add(folding: Folding, posting: Posting, sign: int) -> None:
    kind, _, own_id = posting.owner.partition("|")
    if kind == _PLAN:
        plan = plan_row(folding, own_id)
        plan.paid_fen += sign * posting.fen
        folding.ledger.plans.keep(own_id)
        return
    unit = unit_row(folding, own_id)
    month = unit.months.setdefault(posting.month, MonthRow())
    month.parked_fen += sign * posting.fen
    month.entries += sign * posting.entries
    folding.ledger.units.keep(own_id)


def plan_row(folding: Folding, plan_id: str) -> PlanRow:
    """The plan's row, made when nothing has named it before."""
    row = folding.ledger.plans.get(plan_id)
    return row if row is not None else folding.ledger.plans.set(plan_id, PlanRow(id=plan_id))


def unit_row(folding: Folding, unit_code: str) -> UnitRow:
    """The unit's row, made when nothing has named it before."""
    row = folding.ledger.units.get(unit_code)
    if row is None:
        row = folding.ledger.units.set(unit_code, UnitRow(id=unit_code))
        folding.ledger.all_units.add(UNITS, unit_code)
    return row


def _touch(folding: Folding, owner: str, month: str) -> None:
    kind, _, own_id = owner.partition("|")
    if kind == _PLAN:
        folding.touch(SubjectKind.PLAN, own_id)
    else:
        touch_unit(folding, own_id, month)


def touch_unit(folding: Folding, unit_code: str, since: str) -> None:
    """Have all months of a unit judged that are over, from this one on: what is parked in one is parked in the next.

    A month that is not over is judged when it is, by its first tick.
    """
    for month in months(since, month_before(month_of(folding.today))):
        folding.touch(SubjectKind.UNIT_MONTH, f"{unit_code}|{month}")
