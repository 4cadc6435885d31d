"""发放对象非建档立卡: money for the registered poor goes to somebody who is not registered.

Flags:
    A live row of a list that only the registered poor may be on: its person is not on the register on the day of
    payment (red), or is there under another name only (yellow). An unpaid row is tested for the end of its period.

Why it matters:
    000_4e8d71f0a3c23610.txt ㈤ L36 and 002_cd118f177911e14b.txt L52: who receives is compared with 建档立卡 data.

Example:
    A housing grant of 28,500.00 yuan is paid on 3 June; no listing of the person covers that day: red.

Not a fault when:
    A listing covers the day; the row has no sound identity number; or the region's register has not come that far yet.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Final

import msgspec

from domain.money import yuan_text
from rules.catalogue.evidence import claim_explanation, date_or_none
from rules.days import text_of_day
from rules.facts.records import Claim, Listing
from rules.facts.view import FactsView
from rules.fold.folding import SubjectKind
from rules.fold.registers import REGISTERED_POOR
from rules.rule import (
    ALL_PROFILES,
    AT_ONCE_OF,
    NONE,
    RED,
    YELLOW,
    Basis,
    Explanation,
    Judgement,
    Kind,
    Rule,
    Stage,
    Steps,
)
from rules.thresholds import Days, Source
from rules.wording import Sentence

_WORDS: Final = {
    "not_listed": ("不在建档立卡", "is not listed"),
    "other_name": ("姓名与建档立卡不符", "is listed under another name"),
    "listed": ("已在建档立卡", "is listed"),
}


class Thresholds(msgspec.Struct, frozen=True, kw_only=True):
    """How old a register may be."""

    register_lag_days: Annotated[Days, Source(Basis.PROPOSED, "days")] = 180


def judge(subject_id: str, view: FactsView, thresholds: Thresholds) -> Steps:
    """The gravest of the person's rows for this subsidy and period."""
    claims = view.claims(subject_id)
    return AT_ONCE_OF[max((_severity(claim, view, thresholds) for claim in claims), default=NONE)]


def _severity(claim: Claim, view: FactsView, thresholds: Thresholds) -> int:
    if not (claim.is_live and claim.requires_registered_poor and claim.is_identified):
        return NONE
    day = claim.test_on
    as_of = claim.registry_as_of.get(REGISTERED_POOR)
    if as_of is None or as_of < day - thresholds.register_lag_days:
        return NONE  # not evaluable
    listings = view.people.get(claim.key).listed_on(REGISTERED_POOR, day)
    if not listings:
        return RED
    return NONE if _is_named(claim, listings) else YELLOW


def _is_named(claim: Claim, listings: Iterable[Listing]) -> bool:
    """Whether the register has the recipient under the same name."""
    return any(each.name_key == claim.name_key for each in listings)


def explain(subject_id: str, view: FactsView, thresholds: Thresholds) -> Explanation:
    """The gravest row, or the last one known when none is at fault any more."""
    claim = max(view.claims(subject_id), key=lambda each: (_severity(each, view, thresholds), each.row_id))
    listings = view.people.get(claim.key).listed_on(REGISTERED_POOR, claim.test_on)
    amount, day = yuan_text(claim.net_fen), text_of_day(claim.test_on)
    observed = "not_listed" if not listings else "listed" if _is_named(claim, listings) else "other_name"
    zh, en = _WORDS[observed]
    return claim_explanation(
        claim,
        Sentence(
            f"发放明细{claim.row_id}({amount}元)的领取人{day}{zh}",
            f"The recipient of row {claim.row_id}, {amount} yuan, {en} as registered poor on {day}",
        ),
        observed=observed,
        limit=thresholds.register_lag_days,
        unit="days",
        proofs=listings,
        id_number_masked=claim.id_number_masked,
        registry_as_of=date_or_none(claim.registry_as_of.get(REGISTERED_POOR, 0)),
    )


RULE = Rule(
    id="recipient_not_registered_poor",
    version="1",
    name_zh="发放对象非建档立卡",
    name_en="Recipient not among the registered poor",
    category="个人风险",
    owner="农财",
    kind=Kind.JOIN,
    profiles=ALL_PROFILES,
    thresholds=Thresholds,
    judgements={SubjectKind.CLAIM: Judgement(judge=judge, explain=explain)},
    basis=("000_4e8d71f0a3c23610.txt ㈤ L36", "002_cd118f177911e14b.txt L52"),
    stage=Stage.PERSON,
)
