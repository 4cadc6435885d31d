"""以拨代支: money passed to someone who only passes it on is booked as final spending.

Flags:
    A live in-scope payment with `spending_stage` final to a township or a finance department (red), or to a village
    collective or a budget unit (yellow: a school or hospital may be the true payee).

Why it matters:
    004_6d54267a7b8d1056.txt art. 8 L37 forbids 以拨代支: progress would show money as spent that no one has received.

Example:
    100,000.00 yuan to the township government, booked as final: red. Booked as intermediate, no fault.

Not a fault when:
    The stage is corrected to intermediate; the payment is voided, replaced or refunded in full. What goes into a
    special fiscal account is the matter of other rules.
"""

from __future__ import annotations

from domain.money import yuan_text
from rules.catalogue.evidence import payment_explanation
from rules.fold.folding import SubjectKind
from rules.rule import (
    ALL_PROFILES,
    NO_FAULT,
    RED_AT_ONCE,
    YELLOW_AT_ONCE,
    Explanation,
    Judgement,
    Kind,
    NoThresholds,
    Rule,
    Steps,
)
from rules.state import PaymentRow
from rules.view import View
from rules.wording import Sentence

_STEPS = {
    "township_government": RED_AT_ONCE,
    "finance_department": RED_AT_ONCE,
    "village_collective": YELLOW_AT_ONCE,
    "budget_unit": YELLOW_AT_ONCE,
}


def judge(payment: PaymentRow, view: View, _: NoThresholds) -> Steps:
    """At once, by who received what is booked as final."""
    steps = _STEPS.get(payment.payee_kind, NO_FAULT)
    if not steps or payment.spending_stage != "final" or payment.net_fen <= 0:
        return NO_FAULT
    if payment.payee_account_kind == "special_fiscal" or not view.payment_is_in_scope(payment):
        return NO_FAULT
    return steps


def explain(payment: PaymentRow, view: View, _: NoThresholds) -> Explanation:
    """The payment, its stage and its payee."""
    amount = yuan_text(payment.net_fen)
    message = Sentence(
        f"支付{payment.id}将拨给{payment.payee_name}的{amount}元列作最终支出",
        f"Payment {payment.id} books {amount} yuan passed to {payment.payee_name} as final spending",
    )
    return payment_explanation(
        payment,
        view,
        message,
        observed=payment.payee_kind,
        unit="payee_kind",
        spending_stage=payment.spending_stage,
        payee_kind=payment.payee_kind,
        payee_unit_code=payment.payee_unit_code,
        payee_account_kind=payment.payee_account_kind,
    )


RULE = Rule(
    id="allocation_booked_as_spending",
    version="1",
    name_zh="以拨代支",
    name_en="Transfer to a non-final payee booked as final spending",
    category="资金风险",
    owner="国库",
    kind=Kind.EVENT,
    profiles=ALL_PROFILES,
    thresholds=NoThresholds,
    judgements={SubjectKind.PAYMENT: Judgement(judge=judge, explain=explain)},
    basis=("004_6d54267a7b8d1056.txt art. 8 L37",),
)
