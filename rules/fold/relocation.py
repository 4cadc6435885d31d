"""Folding of relocation.financing (wire.md section 7.14). No rule reads it; the figures do."""

from __future__ import annotations

from domain.events.relocation_financing import (
    RelocationRaised,
    RelocationRefunded,
    RelocationSpent,
    RelocationVoided,
)
from rules.fold.folding import NO_DAY, Folding
from rules.relocation_state import FinancingRow, SpendingRow
from rules.state import Change


def raised(folding: Folding, body: RelocationRaised) -> None:
    """relocation.raised: financing is drawn."""
    table, day = folding.ledger.financing, body.raised_on.toordinal()
    if table.get(body.financing_id) is None:
        table.set(body.financing_id, FinancingRow(id=body.financing_id, amount_fen=body.amount_fen, raised_on=day))


def spent(folding: Folding, body: RelocationSpent) -> None:
    """relocation.spent: financing is spent; without a date it waits for one that never comes."""
    table = folding.ledger.relocation_spending
    day = NO_DAY if body.spent_on is None else body.spent_on.toordinal()
    if table.get(body.spending_id) is None:
        table.set(body.spending_id, SpendingRow(id=body.spending_id, amount_fen=body.amount_fen, spent_on=day))


def refunded(folding: Folding, body: RelocationRefunded) -> None:
    """relocation.refunded: money came back."""
    row = folding.ledger.relocation_spending.get(body.spending_id)
    if row is None:
        folding.park(f"spending:{body.spending_id}")
        return
    change = Change(folding.position, -body.amount_fen, body.refunded_on.toordinal(), is_refund=True)
    row.changes = (*row.changes, change)
    folding.ledger.relocation_spending.keep(row.id)


def voided(folding: Folding, body: RelocationVoided) -> None:
    """relocation.voided: a record of either kind is as if it had never been; every one of this id is meant."""
    ledger, name = folding.ledger, body.record_id
    financing, spending = ledger.financing.get(name), ledger.relocation_spending.get(name)
    if financing is None and spending is None:
        folding.park(f"relocation:{name}")
    if financing is not None:
        financing.is_void = True
        ledger.financing.keep(name)
    if spending is not None:
        spending.is_void = True
        ledger.relocation_spending.keep(name)
