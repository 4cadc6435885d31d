"""证明材料缺失: a unit filed what it did, and nothing proves it.

Flags:
    A live use filing, monitoring or self-evaluation without live proof: yellow when `yellow_after_working_days` since
    it was filed are over, red after `red_after_working_days`.

Why it matters:
    000_4e8d71f0a3c23610.txt ㈢ L34 and 002_cd118f177911e14b.txt L64: what is filed is proved by uploaded material.

Example:
    Filed on Friday 3 July 2020: the tenth working day is the 17th; yellow at the tick of the 18th, red from 1 August.

Not a fault when:
    Proof is uploaded, before the filing or after it; or the filing is voided. When the proof is withdrawn it is missing
    again, counted from the day of filing.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated

import msgspec

from domain.calendar import working_days_after_ordinal, working_days_between
from domain.findings import Reason
from rules.catalogue.evidence import date_or_none
from rules.fold.folding import SubjectKind
from rules.project_state import FilingKind, FilingRow, ProofRow
from rules.project_view import funded_lines, quota_of_lines
from rules.rule import NO_FAULT, RED, XINJIANG, YELLOW, Basis, Explanation, Judgement, Kind, Rule, Step, Steps
from rules.state import NO_DAY
from rules.thresholds import Days, Source
from rules.view import View


class Thresholds(msgspec.Struct, frozen=True, kw_only=True):
    """How long proof may follow a filing."""

    yellow_after_working_days: Annotated[Days, Source(Basis.PROPOSED, "working days")] = 10
    red_after_working_days: Annotated[Days, Source(Basis.PROPOSED, "working days")] = 20


def judge(filing_id: str, view: View, thresholds: Thresholds) -> Steps:
    """Yellow and red from the days after their terms; ids are unique per kind of filing only, so each decides."""
    filings = [row for row in _filings(view, filing_id) if row.filed_on >= view.opening_on]
    if not filings or _proofs(view, filing_id):
        return NO_FAULT
    filed_on = min(row.filed_on for row in filings)
    return (
        Step(working_days_after_ordinal(filed_on, thresholds.yellow_after_working_days) + 1, YELLOW),
        Step(working_days_after_ordinal(filed_on, thresholds.red_after_working_days) + 1, RED),
    )


def _filings(view: View, filing_id: str) -> list[FilingRow]:
    """Live filings of this id, of whatever kind."""
    rows = (view.ledger.filings.get(f"{kind}|{filing_id}") for kind in FilingKind)
    return [row for row in rows if row is not None and not row.is_void]


def _proofs(view: View, filing_id: str) -> list[ProofRow]:
    rows = map(view.ledger.proofs.get, view.ledger.filing_proofs.children(filing_id))
    return [row for row in rows if row is not None and not row.is_withdrawn]


def ending(filing_id: str, view: View, thresholds: Thresholds) -> Reason:
    """Satisfied by the proof, late when it was uploaded after the first term."""
    filings, proofs = _filings(view, filing_id), _proofs(view, filing_id)
    if not filings or not proofs:
        return Reason.GROUND_REMOVED
    filed_on = min(row.filed_on for row in filings)
    due_on = working_days_after_ordinal(filed_on, thresholds.yellow_after_working_days)
    is_in_time = min(row.uploaded_on for row in proofs) <= due_on
    return Reason.SATISFIED_IN_TIME if is_in_time else Reason.SATISFIED_LATE


def explain(filing_id: str, view: View, thresholds: Thresholds) -> Explanation:
    """What was filed, and how long ago."""
    filing = min(_filings(view, filing_id), key=lambda row: row.filed_on, default=None)
    lines = [] if filing is None else funded_lines(view, filing.project_id)
    quota = quota_of_lines(view, lines)
    waited, is_red = 0, False
    if filing is not None:
        waited = working_days_between(date.fromordinal(filing.filed_on), date.fromordinal(view.today))
        is_red = view.today > working_days_after_ordinal(filing.filed_on, thresholds.red_after_working_days)
    return Explanation(
        title=filing_id,
        observed=waited,
        limit=thresholds.red_after_working_days if is_red else thresholds.yellow_after_working_days,
        unit="working days",
        amount_fen=sum(line.net_fen for line in lines) or None,
        facts={
            "filing_id": _id_of(filing, FilingKind.USE),
            "monitoring_id": _id_of(filing, FilingKind.MONITORING),
            "evaluation_id": _id_of(filing, FilingKind.EVALUATION),
            "project_id": None if filing is None else filing.project_id,
            "filed_on": date_or_none(NO_DAY if filing is None else filing.filed_on),
        },
        marks=(
            *(filing.marks if filing is not None else ()),
            *(mark for proof in _proofs(view, filing_id) for mark in proof.marks),
        ),
        message_zh=f"填报{filing_id}后{waited}个工作日,未上传证明材料",
        message_en=f"Filing {filing_id} has no proof after {waited} working days",
        fund_category=None if quota is None else quota.fund_category,
        responsible_section=None if quota is None else quota.responsible_section,
    )


def _id_of(filing: FilingRow | None, kind: FilingKind) -> str | None:
    return filing.id if filing is not None and filing.kind == kind else None


RULE = Rule(
    id="proof_material_missing",
    version="1",
    name_zh="证明材料缺失",
    name_en="Filing without proof",
    category="绩效",
    owner="绩效",
    kind=Kind.DEADLINE,
    profiles=XINJIANG,
    thresholds=Thresholds,
    judgements={SubjectKind.FILING: Judgement(judge=judge, explain=explain, ending=ending)},
    basis=("000_4e8d71f0a3c23610.txt ㈢ L34", "002_cd118f177911e14b.txt L64"),
)
