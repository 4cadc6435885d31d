"""Folding of function.switched: from which day on a source function is used."""

from __future__ import annotations

from domain.events.management_filings import FunctionSwitched
from rules.account_state import FunctionRow, Switch
from rules.fold.books import SPECIAL_ACCOUNT_ACCOUNTING
from rules.fold.folding import Folding, SubjectKind
from rules.fold.payments import MANUAL_ENTRY
from rules.ledger import SPECIAL_ACCOUNTS


def switched(folding: Folding, body: FunctionSwitched) -> None:
    """function.switched: on or off from its own day, whenever it arrives."""
    ledger = folding.ledger
    row = ledger.functions.get(body.function_name) or FunctionRow()
    switch = Switch(body.switched_on.toordinal(), folding.position, body.is_enabled)
    row.switches = tuple(sorted((*row.switches, switch), key=lambda each: (each.day, each.position)))
    row.marks = (*row.marks, folding.mark("switch"))
    ledger.functions.set(body.function_name, row)
    if body.function_name == "centralised_payment":
        for payment_id in ledger.manual_payments.children(MANUAL_ENTRY):
            folding.touch(SubjectKind.PAYMENT, payment_id)
    if body.function_name == SPECIAL_ACCOUNT_ACCOUNTING:
        for account_id in ledger.special_accounts.children(SPECIAL_ACCOUNTS):
            folding.touch(SubjectKind.ACCOUNT, account_id)
