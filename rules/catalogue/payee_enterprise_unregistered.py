"""收款企业未登记或先付款后成立: the enterprise paid is on no register, or was founded after it was paid.

Flags:
    A live in-scope payment or special-account out entry to an enterprise whose credit code is missing, has a wrong
    check digit or is on no register (yellow); to one that was founded after the day of payment (red).

Why it matters:
    004_6d54267a7b8d1056.txt art. 17 L62 names 企业风险; 002_cd118f177911e14b.txt L54: a firm that no department knows
    is the plainest trace of a made-up project.

Example:
    A cooperative founded on 10 August is paid on 15 July: red.

Not a fault when:
    The register supplies the enterprise; the payment is void, replaced or refunded in full; or the register of the
    region in which a sound code is registered has not come yet.
"""

from __future__ import annotations

from domain.money import yuan_text
from rules.catalogue.evidence import date_or_none, enterprise_payment_facts, proofs_of, with_facts
from rules.days import text_of_day
from rules.facts.enterprises import PaidRow, credit_code_sound
from rules.facts.records import EnterpriseRecord
from rules.facts.view import FactsView
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
    Stage,
    Steps,
)
from rules.state import NO_DAY


def judge(subject_id: str, view: FactsView, _: NoThresholds) -> Steps:
    """Red when it was founded after its first payment, else yellow when no register has it."""
    paid = view.enterprises.paid(view.code, subject_id)
    if paid is None or not paid.days:
        return NO_FAULT
    code = paid.credit_code
    if code is None:
        return YELLOW_AT_ONCE
    is_sound = credit_code_sound(code)
    if is_sound and not view.enterprises.is_covered_for(code):
        return NO_FAULT  # not evaluable
    record = view.enterprises.get(paid.key).latest()
    if record is not None and NO_DAY < _first_paid_on(paid) < record.established_on:
        return RED_AT_ONCE
    return NO_FAULT if is_sound and record is not None else YELLOW_AT_ONCE


def _first_paid_on(paid: PaidRow) -> int:
    return min((day for day in paid.days if day != NO_DAY), default=NO_DAY)


def explain(subject_id: str, view: FactsView, _: NoThresholds) -> Explanation:
    """What was paid, and what the register says of the enterprise."""
    paid = view.enterprises.paid(view.code, subject_id)
    if paid is None:
        raise LookupError(f"no payment to {subject_id} was ever told")
    record = None if paid.credit_code is None else view.enterprises.get(paid.key).latest()
    day = _first_paid_on(paid)
    payments = view.enterprises.payments_on(view.code, subject_id, day)
    amount_fen = sum(fen for _, fen in paid.days.values())
    established_on = None if record is None else text_of_day(record.established_on)
    return Explanation(
        title=paid.payee_name,
        observed=established_on,
        limit=date_or_none(day),
        unit="date",
        amount_fen=amount_fen,
        facts=with_facts(
            enterprise_payment_facts(paid, payments),
            amount_fen=amount_fen,
            paid_on=date_or_none(day),
            established_on=established_on,
        ),
        marks=(),
        proofs=proofs_of((*payments, *((record,) if record is not None else ()))),
        message_zh=f"向{paid.payee_name}支付{yuan_text(amount_fen)}元,{_known_zh(paid, record)}",
        message_en=f"{yuan_text(amount_fen)} yuan were paid to {paid.payee_name}, {_known_en(paid, record)}",
        fund_category=payments[0].fund_category if payments else None,
    )


def _known_zh(paid: PaidRow, record: EnterpriseRecord | None) -> str:
    if record is not None:
        return f"该企业于{text_of_day(record.established_on)}成立"
    return "无统一社会信用代码" if paid.credit_code is None else f"企业名册无{paid.credit_code}"


def _known_en(paid: PaidRow, record: EnterpriseRecord | None) -> str:
    if record is not None:
        return f"which was founded on {text_of_day(record.established_on)}"
    return "which has no credit code" if paid.credit_code is None else f"and no register has {paid.credit_code}"


RULE = Rule(
    id="payee_enterprise_unregistered",
    version="1",
    name_zh="收款企业未登记或先付款后成立",
    name_en="Payee enterprise not on the register, or founded after payment",
    category="企业风险",
    owner="农财",
    kind=Kind.JOIN,
    profiles=ALL_PROFILES,
    thresholds=NoThresholds,
    judgements={SubjectKind.ENTERPRISE_YEAR: Judgement(judge=judge, explain=explain)},
    basis=("004_6d54267a7b8d1056.txt art. 17 L62", "002_cd118f177911e14b.txt L54"),
    stage=Stage.ENTERPRISE,
)
