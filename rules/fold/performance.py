"""Folding of topic performance.filings: targets, node monitoring, fund-use filings, self-evaluations."""

from __future__ import annotations

from domain.events.performance_filings import (
    EvaluationFiled,
    FilingVoided,
    MonitoringFiled,
    TargetEntered,
    TargetReviewed,
    TargetSubmitted,
    UseFiled,
)
from rules.fold.folding import Folding, SubjectKind
from rules.project_state import FilingKind, FilingRow, RevisionRow, TargetRow
from rules.project_touches import touch_project_year
from rules.state import NO_DAY


def target_submitted(folding: Folding, body: TargetSubmitted) -> None:
    """target.submitted: a new revision; the same revision twice is id_reused."""
    row = folding.ledger.targets.get(body.target_id)
    if row is None:
        row = folding.ledger.targets.set(body.target_id, TargetRow(id=body.target_id))
    if body.revision in row.revisions:
        return
    row.revisions[body.revision] = RevisionRow(
        project_id=body.project_id,
        budget_year=body.budget_year,
        amount_fen=body.amount_fen,
        target_text=body.target_text,
        is_quantified=any(indicator.target_value is not None for indicator in body.indicators),
        author_unit_code=body.author_unit_code,
    )
    folding.ledger.project_targets.add(body.project_id, row.id)
    _target_changed(folding, row, "target")


def target_reviewed(folding: Folding, body: TargetReviewed) -> None:
    """target.reviewed: the review with the highest round decides."""
    row = _revision(folding, body.target_id, body.revision)
    if row is not None and body.review_round >= row.revisions[body.revision].review_round:
        revision = row.revisions[body.revision]
        revision.review_round, revision.is_approved = body.review_round, body.review_result == "approved"
        revision.approved_on = body.reviewed_on.toordinal() if revision.is_approved else NO_DAY
        revision.issue_codes = body.issue_codes
        _target_changed(folding, row, "review")


def target_entered(folding: Folding, body: TargetEntered) -> None:
    """target.entered: from here an approved revision counts for coverage; of several dates the first."""
    row = _revision(folding, body.target_id, body.revision)
    if row is not None:
        revision, day = row.revisions[body.revision], body.entered_on.toordinal()
        revision.is_entered = True
        revision.entered_on = day if revision.entered_on == NO_DAY else min(day, revision.entered_on)
        _target_changed(folding, row, "entry")


def monitoring_filed(folding: Folding, body: MonitoringFiled) -> None:
    """monitoring.filed: what was found of a project at a node."""
    row = FilingRow(
        id=body.monitoring_id,
        kind=FilingKind.MONITORING,
        project_id=body.project_id,
        filed_on=body.filed_on.toordinal(),
        position=folding.position,
        entered_on=body.entered_on.toordinal(),
        budget_year=body.budget_year,
        node=body.node,
        execution_rate_percent=body.execution_rate_percent,
        planned_rate_percent=body.planned_rate_percent,
        problem_found=body.problem_found,
        problem_text=body.problem_text,
    )
    _file(folding, row)


def use_filed(folding: Folding, body: UseFiled) -> None:
    """use.filed: what the using unit says of its use of the money."""
    row = FilingRow(
        id=body.filing_id,
        kind=FilingKind.USE,
        project_id=body.project_id,
        filed_on=body.filed_on.toordinal(),
        position=folding.position,
    )
    _file(folding, row)


def evaluation_filed(folding: Folding, body: EvaluationFiled) -> None:
    """evaluation.filed: the self-evaluation of a project."""
    row = FilingRow(
        id=body.evaluation_id,
        kind=FilingKind.EVALUATION,
        project_id=body.project_id,
        filed_on=body.filed_on.toordinal(),
        position=folding.position,
        entered_on=body.entered_on.toordinal(),
    )
    _file(folding, row)


def filing_voided(folding: Folding, body: FilingVoided) -> None:
    """filing.voided: whatever filing has this id."""
    target = folding.ledger.targets.get(body.filing_id)
    filings = [row for kind in FilingKind if (row := folding.ledger.filings.get(f"{kind}|{body.filing_id}"))]
    if target is None and not filings:
        folding.park(f"filing:{body.filing_id}")
    if target is not None and not target.is_void:
        target.is_void = True
        _target_changed(folding, target, "correction")
    for row in filings:
        if not row.is_void:
            row.is_void = True
            row.marks = (*row.marks, folding.mark("correction"))
            folding.ledger.filings.keep(row.key)
            _touch_filing(folding, row)


def _file(folding: Folding, row: FilingRow) -> None:
    if folding.ledger.filings.get(row.key) is not None:
        return  # id_reused
    row.marks = (folding.mark("filing"),)
    folding.ledger.filings.set(row.key, row)
    folding.ledger.project_filings.add(row.project_id, row.key)
    _touch_filing(folding, row)


def _touch_filing(folding: Folding, row: FilingRow) -> None:
    folding.touch(SubjectKind.FILING, row.id)
    folding.touch(SubjectKind.PROJECT, row.project_id)
    if row.budget_year:
        touch_project_year(folding, row.project_id, row.budget_year)


def _revision(folding: Folding, target_id: str, revision: int) -> TargetRow | None:
    row = folding.ledger.targets.get(target_id)
    if row is None or revision not in row.revisions:
        folding.park(f"revision:{target_id}|{revision}")
        return None
    return None if row.is_void else row


def _target_changed(folding: Folding, row: TargetRow, role: str) -> None:
    row.marks = (*row.marks, folding.mark(role))
    folding.ledger.targets.keep(row.id)
    for revision in row.revisions.values():
        touch_project_year(folding, revision.project_id, revision.budget_year)
