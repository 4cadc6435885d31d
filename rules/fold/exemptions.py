"""Folding of exemptions (topic desk.actions). What is said of single alerts is the engine's: `rules.episodes`."""

from __future__ import annotations

from domain.events.desk_actions import ExemptionEnded, ExemptionGranted
from rules.fold.folding import JUDGED_AT_TICKS, Folding, SubjectKind
from rules.state import ExemptionRow


def granted(folding: Folding, body: ExemptionGranted) -> None:
    """exemption.granted: a rule is silenced for a subject, or for every subject of the region, until a date."""
    if folding.ledger.exemptions.get(body.exemption_id) is not None:
        return
    folding.ledger.exemptions.set(
        body.exemption_id,
        ExemptionRow(
            id=body.exemption_id,
            rule_id=body.rule_id,
            subject_key=body.subject_key,
            valid_from=body.valid_from.toordinal(),
            valid_until=body.valid_until.toordinal(),
        ),
    )
    folding.ledger.rule_exemptions.add(body.rule_id, body.exemption_id)
    folding.touch(SubjectKind.EXEMPTION, body.exemption_id)


def ended(folding: Folding, body: ExemptionEnded) -> None:
    """exemption.ended: it holds to the day before; subjects that it suppressed are judged again."""
    row = folding.ledger.exemptions.get(body.exemption_id)
    if row is None:
        folding.park(f"exemption:{body.exemption_id}")
        return
    row.ended_on = body.ended_on.toordinal()
    folding.ledger.exemptions.keep(row.id)
    folding.touch(SubjectKind.EXEMPTION, row.id)
    for subject in folding.ledger.suppressed.children(row.rule_id):
        kind, subject_id = subject.split("|", 1)
        (folding.touch_tomorrow if kind in JUDGED_AT_TICKS else folding.touch)(kind, subject_id)
