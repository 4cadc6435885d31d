"""疑似挤占：用途在禁止清单: poverty money seems to pay for what it must not pay for.

Flags:
    A live in-scope payment or special-account out entry whose purpose contains one of `forbidden_terms`, or whose
    economic subject is among `forbidden_economic_codes`: yellow. Red once a person confirmed it, never by machine.

Why it matters:
    002_cd118f177911e14b.txt L52 names 挤占 among what must be watched. Words point at it; only a person can tell.

Example:
    A payment for 购置车辆 is yellow. The desk confirms it: red, also after the purpose was corrected.

Not a fault when:
    The payment or entry is voided, replaced or refunded in full; the purpose is corrected and nobody confirmed it; a
    person finds it a false positive.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import msgspec

from domain.money import yuan_text
from rules.catalogue.evidence import entry_explanation, payment_explanation
from rules.fold.folding import SubjectKind
from rules.rule import (
    ALL_PROFILES,
    NO_FAULT,
    RED_AT_ONCE,
    YELLOW_AT_ONCE,
    Basis,
    Explanation,
    Judgement,
    Kind,
    Rule,
    Steps,
)
from rules.state import EntryRow, PaymentRow
from rules.thresholds import Source, Terms
from rules.view import View
from rules.wording import Sentence

_ID = "payment_use_forbidden"


class Thresholds(msgspec.Struct, frozen=True, kw_only=True):
    """What a purpose must not name, as plain text within it, and which economic subjects must not be charged."""

    forbidden_terms: Annotated[Terms, Source(Basis.EXTENDED, "terms")] = (
        *("办公经费", "公用经费", "人员工资", "奖金", "津贴"),
        *("弥补亏损", "楼堂馆所", "偿还债务", "购置车辆", "通讯设备"),
    )
    forbidden_economic_codes: Annotated[Terms, Source(Basis.PROPOSED, "codes")] = ()


def judge_payment(payment: PaymentRow, view: View, thresholds: Thresholds) -> Steps:
    """Red while a person's word stands, else yellow by term or code."""
    if payment.net_fen <= 0:
        return NO_FAULT
    is_match = (
        _term(payment.purpose, thresholds) is not None
        or payment.economic_subject_code in thresholds.forbidden_economic_codes
    )
    is_confirmed = view.is_confirmed(_ID, SubjectKind.PAYMENT, payment.id)
    if not (is_match or is_confirmed) or not view.payment_is_in_scope(payment):
        return NO_FAULT
    return RED_AT_ONCE if is_confirmed else YELLOW_AT_ONCE


def judge_entry(entry: EntryRow, view: View, thresholds: Thresholds) -> Steps:
    """The same of an out entry; an entry has no economic subject."""
    if entry.net_fen <= 0 or not view.is_out_entry(entry) or not view.entry_is_in_scope(entry):
        return NO_FAULT
    if view.is_confirmed(_ID, SubjectKind.ENTRY, entry.id):
        return RED_AT_ONCE
    return NO_FAULT if _term(entry.purpose, thresholds) is None else YELLOW_AT_ONCE


def _term(purpose: str, thresholds: Thresholds) -> str | None:
    """The first forbidden term that the purpose contains."""
    for term in thresholds.forbidden_terms:  # a loop: next() with a generator costs a microsecond per payment
        if term in purpose:
            return term
    return None


def explain_payment(payment: PaymentRow, view: View, thresholds: Thresholds) -> Explanation:
    """The purpose and the word found in it."""
    observed = _term(payment.purpose, thresholds) or payment.economic_subject_code
    explanation = payment_explanation(
        payment,
        view,
        _message("支付", "Payment", payment.id, payment.purpose, payment.net_fen),
        observed=observed,
        unit="term",
        economic_subject_code=payment.economic_subject_code,
        matched=observed,
    )
    return _with_confirmation(explanation, view, SubjectKind.PAYMENT, payment.id)


def explain_entry(entry: EntryRow, view: View, thresholds: Thresholds) -> Explanation:
    """The same of an out entry."""
    observed = _term(entry.purpose, thresholds)
    explanation = entry_explanation(
        entry,
        view,
        _message("专户支出", "Out entry", entry.id, entry.purpose, entry.net_fen),
        observed=observed,
        unit="term",
        purpose=entry.purpose,
        payee_name=entry.payee_name,
        project_id=entry.project_id,
        line_id=entry.line_id,
        matched=observed,
    )
    return _with_confirmation(explanation, view, SubjectKind.ENTRY, entry.id)


def _message(zh: str, en: str, own_id: str, purpose: str, fen: int) -> Sentence:
    amount = yuan_text(fen)
    return Sentence(
        f"{zh}{own_id}({amount}元)用途“{purpose}”疑似挤占扶贫资金",
        f"{en} {own_id} of {amount} yuan is for a purpose that poverty money must not pay: {purpose}",
    )


def _with_confirmation(explanation: Explanation, view: View, kind: SubjectKind, own_id: str) -> Explanation:
    """The person's word is a record that the alert rests on."""
    return replace(explanation, marks=(*explanation.marks, *view.confirmation_marks(_ID, kind, own_id)))


RULE = Rule(
    id=_ID,
    version="1",
    name_zh="疑似挤占：用途在禁止清单",
    name_en="Purpose on the forbidden list",
    category="资金风险",
    owner="农财",
    kind=Kind.EVENT,
    profiles=ALL_PROFILES,
    thresholds=Thresholds,
    judgements={
        SubjectKind.PAYMENT: Judgement(judge=judge_payment, explain=explain_payment),
        SubjectKind.ENTRY: Judgement(judge=judge_entry, explain=explain_entry),
    },
    basis=("002_cd118f177911e14b.txt L52",),
    is_candidate=True,
)
