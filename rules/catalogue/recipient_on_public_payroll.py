"""财政供养等人员领取: money for the registered poor goes to somebody whom another register rules out.

Flags:
    A live row of a list that only the registered poor may be on: its person is on the public payroll on the day of
    payment (red), or on a register that asks for a second look (yellow). An unpaid row: at the end of its period.

Why it matters:
    002_cd118f177911e14b.txt L54: the departments' data on people are shared so that such lists can be compared.

Example:
    A grant paid on 3 June to a village cadre is yellow; to a teacher on the payroll that day, red.

Not a fault when:
    The listing does not cover the day; the row has no sound identity number; no snapshot of the register has come.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from domain.money import yuan_text
from rules.catalogue.evidence import claim_explanation
from rules.days import text_of_day
from rules.facts.records import Claim, Listing
from rules.facts.view import FactsView
from rules.fold.folding import SubjectKind
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
from rules.thresholds import Source
from rules.wording import Sentence

PAYROLL = "public_payroll"
# Registers that may be named beside it; the poor are on that of the poor, and of the dead another rule speaks.
Conflicting = Literal["village_cadre", "vehicle_owner", "urban_house_owner", "enterprise_owner"]


class Thresholds(msgspec.Struct, frozen=True, kw_only=True):
    """Which registers beside the payroll ask for a second look."""

    yellow_registries: Annotated[tuple[Conflicting, ...], Source(Basis.PROPOSED, "list")] = ("village_cadre",)


def judge(subject_id: str, view: FactsView, thresholds: Thresholds) -> Steps:
    """The gravest of the person's rows for this subsidy and period."""
    claims = view.claims(subject_id)
    return AT_ONCE_OF[max((_measured(claim, view, thresholds)[0] for claim in claims), default=NONE)]


def _measured(claim: Claim, view: FactsView, thresholds: Thresholds) -> tuple[int, Listing | None]:
    """How grave it is, and by which listing."""
    if not (claim.is_live and claim.requires_registered_poor and claim.is_identified):
        return NONE, None
    for registry in (PAYROLL, *thresholds.yellow_registries):
        if registry in claim.registry_as_of:
            listings = view.people.get(claim.key).listed_on(registry, claim.test_on)
            if listings:
                return RED if registry == PAYROLL else YELLOW, listings[0]
    return NONE, None


def explain(subject_id: str, view: FactsView, thresholds: Thresholds) -> Explanation:
    """The gravest row, or the last one known when none is at fault any more."""
    claims = view.claims(subject_id)
    claim = max(claims, key=lambda each: (_measured(each, view, thresholds)[0], each.row_id))
    _, listing = _measured(claim, view, thresholds)
    amount, day = yuan_text(claim.net_fen), text_of_day(claim.test_on)
    registry = None if listing is None else listing.registry
    return claim_explanation(
        claim,
        Sentence(
            f"发放明细{claim.row_id}({amount}元)的领取人{day}在册:{registry or '无'}",
            f"The recipient of row {claim.row_id}, {amount} yuan, is listed on {day} as {registry or 'nothing'}",
        ),
        observed=registry,
        unit="registry",
        proofs=() if listing is None else (listing,),
        registry=registry,
        effective_from=None if listing is None else text_of_day(listing.effective_from),
        providing_department=None if listing is None else listing.providing_department,
    )


RULE = Rule(
    id="recipient_on_public_payroll",
    version="1",
    name_zh="财政供养等人员领取",
    name_en="Recipient on the public payroll or another conflicting register",
    category="个人风险",
    owner="农财",
    kind=Kind.JOIN,
    profiles=ALL_PROFILES,
    thresholds=Thresholds,
    judgements={SubjectKind.CLAIM: Judgement(judge=judge, explain=explain)},
    basis=("002_cd118f177911e14b.txt L54", "peer study R38 R39 R40 R54"),
    stage=Stage.PERSON,
)
