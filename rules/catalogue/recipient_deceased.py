"""死亡后领取: money is paid to a person who had died.

Flags:
    A live row whose person died before the period began (red) or within it, before the day of payment (yellow); a live
    in-scope payment to a person dated after the death (red). An unpaid row is tested for the end of its period.

Why it matters:
    002_cd118f177911e14b.txt L52, L54: lists are compared with the departments' data, so that nobody draws for the dead.

Example:
    A grant for 2019 paid on 3 June to a person who died on 2 May is yellow; had the death been in 2018, red.

Not a fault when:
    The row or payment is void or came back in full; the listing is withdrawn; the identity number is not sound.
"""

from __future__ import annotations

from domain.money import yuan_text
from rules.catalogue.evidence import claim_explanation, date_or_none, proofs_of, with_facts
from rules.days import text_of_day
from rules.facts.records import Claim, Listing, PersonPayment
from rules.facts.view import FactsView
from rules.fold.folding import SubjectKind
from rules.rule import (
    ALL_PROFILES,
    AT_ONCE_OF,
    NO_FAULT,
    NONE,
    RED,
    RED_AT_ONCE,
    YELLOW,
    Explanation,
    Judgement,
    Kind,
    NoThresholds,
    Rule,
    Stage,
    Steps,
)
from rules.wording import Sentence


def judge_claim(subject_id: str, view: FactsView, _: NoThresholds) -> Steps:
    """The gravest of the person's rows for this subsidy and period."""
    return AT_ONCE_OF[max((_severity(claim, view) for claim in view.claims(subject_id)), default=NONE)]


def judge_payment(subject_id: str, view: FactsView, _: NoThresholds) -> Steps:
    """Red at once when the death lies before the day of payment."""
    payment = view.person_payment(subject_id)
    if payment is None or not payment.is_live or _death(payment.key, payment.paid_on, view) is None:
        return NO_FAULT
    return RED_AT_ONCE


def _severity(claim: Claim, view: FactsView) -> int:
    death = _death(claim.key, claim.test_on, view)
    if death is None or not claim.is_live or not claim.is_identified:
        return NONE
    return RED if death.effective_from < claim.period_from else YELLOW


def _death(key: str, before: int, view: FactsView) -> Listing | None:
    """The earliest death before a day; no day, no death."""
    return next((each for each in view.people.get(key).deaths() if each.effective_from < before), None)


def explain_claim(subject_id: str, view: FactsView, _: NoThresholds) -> Explanation:
    """The gravest row, or the last one known when none is at fault any more."""
    claim = max(view.claims(subject_id), key=lambda each: (_severity(each, view), each.row_id))
    death = _death(claim.key, claim.test_on, view)
    amount = yuan_text(claim.net_fen)
    return claim_explanation(
        claim,
        Sentence(
            f"发放明细{claim.row_id}({amount}元)的领取人{_died_zh(death)}",
            f"The recipient of row {claim.row_id}, {amount} yuan, {_died_en(death)}",
        ),
        observed=None if death is None else text_of_day(death.effective_from),
        limit=text_of_day(claim.period_from),
        unit="date",
        proofs=() if death is None else (death,),
        payment_id=None,
        **_of_death(death),
    )


def explain_payment(subject_id: str, view: FactsView, _: NoThresholds) -> Explanation:
    """The payment and the death before it."""
    payment = view.person_payment(subject_id)
    if payment is None:
        raise LookupError(f"no payment {subject_id} was ever told")
    death = _death(payment.key, payment.paid_on, view)
    amount = yuan_text(payment.net_fen)
    return Explanation(
        title=payment.name_masked,
        observed=None if death is None else text_of_day(death.effective_from),
        limit=date_or_none(payment.paid_on),
        unit="date",
        amount_fen=payment.net_fen,
        facts=with_facts(_of_payment(payment), **_of_death(death)),
        marks=(),
        proofs=proofs_of((payment,) if death is None else (payment, death)),
        message_zh=f"支付{payment.payment_id}({amount}元)的收款人{_died_zh(death)}",
        message_en=f"The payee of payment {payment.payment_id}, {amount} yuan, {_died_en(death)}",
        fund_category=payment.fund_category,
    )


def _of_payment(payment: PersonPayment) -> dict[str, int | str | bool | None]:
    return {
        "row_id": None,
        "payment_id": payment.payment_id,
        "person_key": payment.key,
        "name_masked": payment.name_masked,
        "amount_fen": payment.net_fen,
        "paid_on": date_or_none(payment.paid_on),
    }


def _of_death(death: Listing | None) -> dict[str, str | None]:
    return {
        "effective_from": None if death is None else text_of_day(death.effective_from),
        "providing_department": None if death is None else death.providing_department,
    }


def _died_zh(death: Listing | None) -> str:
    return "无死亡登记" if death is None else f"已于{text_of_day(death.effective_from)}死亡"


def _died_en(death: Listing | None) -> str:
    return "is not listed as deceased" if death is None else f"died on {text_of_day(death.effective_from)}"


RULE = Rule(
    id="recipient_deceased",
    version="1",
    name_zh="死亡后领取",
    name_en="Paid to a person who had died",
    category="个人风险",
    owner="农财",
    kind=Kind.JOIN,
    profiles=ALL_PROFILES,
    thresholds=NoThresholds,
    judgements={
        SubjectKind.CLAIM: Judgement(judge=judge_claim, explain=explain_claim),
        SubjectKind.PERSON_PAYMENT: Judgement(judge=judge_payment, explain=explain_payment),
    },
    basis=("002_cd118f177911e14b.txt L52", "002_cd118f177911e14b.txt L54", "peer study R41"),
    stage=Stage.PERSON,
)
