"""重复领取(含跨县): a person or household is paid twice for the same subsidy and period, here or in another county.

Flags:
    Two live rows of one claimant for one subsidy with overlapping periods, in one county or in two: red when both are
    paid, yellow before. Each county has its own alert, named by the earlier period of the two.

Why it matters:
    002_cd118f177911e14b.txt L52 names 虚报冒领; no single county can see that its neighbour paid the same household.

Example:
    A household is on the lists of two counties for the housing grant of 2019; both pay: red in both.

Not a fault when:
    Fewer than two such rows remain, or a person called it false. A row without a claimant's key is not compared.
"""

from __future__ import annotations

from domain.money import yuan_text
from rules.catalogue.evidence import claim_facts, proofs_of, with_facts
from rules.facts.records import Claim
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

Pair = tuple[Claim, Claim]


def judge(subject_id: str, view: FactsView, _: NoThresholds) -> Steps:
    """Red where a pair is paid on both sides."""
    pairs = view.overlapping_claims(subject_id)
    if not pairs:
        return NO_FAULT
    return RED_AT_ONCE if any(map(_is_paid_twice, pairs)) else YELLOW_AT_ONCE


def _is_paid_twice(pair: Pair) -> bool:
    return all(claim.paid_on != NO_DAY for claim in pair)


def explain(subject_id: str, view: FactsView, _: NoThresholds) -> Explanation:
    """All rows of the pairs; of an alert that is over, what is left of them."""
    pairs = sorted(view.overlapping_claims(subject_id), key=_is_paid_twice, reverse=True)
    claims = list(dict.fromkeys(claim.id for pair in pairs for claim in pair))
    key, subsidy_code, period_from = subject_id.split("|")
    known = {claim.id: claim for claim in view.people.get(key).claims() if claim.subsidy_code == subsidy_code}
    shown = [known[claim_id] for claim_id in claims] or [next(iter(known.values()))]
    own = next((claim for claim in shown if claim.region == view.code), shown[0])
    amount_fen = sum(claim.net_fen for claim in shown)
    rows = "、".join(f"{claim.region}/{claim.row_id}" for claim in shown)
    return Explanation(
        title=own.name_masked,
        observed=len(claims),
        limit=1,
        unit="rows",
        amount_fen=amount_fen,
        facts=with_facts(
            claim_facts(own), row_id=rows, paid_per=own.paid_per, household_key=own.household_key, amount_fen=amount_fen
        ),
        marks=(),
        proofs=proofs_of(shown),
        message_zh=f"同一对象{period_from}起的{subsidy_code}列入{len(claims)}笔发放明细:{rows},共{yuan_text(amount_fen)}元",
        message_en=(
            f"{len(claims)} rows for one claimant of {subsidy_code} from {period_from}: {rows}, "
            f"{yuan_text(amount_fen)} yuan"
        ),
        fund_category=own.fund_category,
    )


RULE = Rule(
    id="duplicate_claim",
    version="1",
    name_zh="重复领取(含跨县)",
    name_en="The same person or household paid twice for the same subsidy and period, in one county or across counties",
    category="个人风险",
    owner="农财",
    kind=Kind.JOIN,
    profiles=ALL_PROFILES,
    thresholds=NoThresholds,
    judgements={SubjectKind.CLAIM: Judgement(judge=judge, explain=explain)},
    basis=("002_cd118f177911e14b.txt L52", "peer study R43 R49"),
    stage=Stage.PERSON,
)
