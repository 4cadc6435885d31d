"""Folding of doubts about records (topic desk.actions)."""

from __future__ import annotations

from domain.events.desk_actions import DoubtRaised, DoubtResolved
from rules.fold.folding import Folding, SubjectKind
from rules.management_state import DoubtRow
from rules.state import NO_DAY


def raised(folding: Folding, body: DoubtRaised) -> None:
    """doubt.raised: someone doubts a record, and a section is told."""
    if folding.ledger.doubts.get(body.doubt_id) is not None:
        return
    row = DoubtRow(
        id=body.doubt_id,
        record_id=body.record_id,
        cause_level=body.cause_level,
        notified_section=body.notified_section,
        notified_on=body.notified_on.toordinal(),
        marks=(folding.mark("doubt"),),
    )
    folding.ledger.doubts.set(row.id, row)
    folding.touch(SubjectKind.DOUBT, row.id)


def resolved(folding: Folding, body: DoubtResolved) -> None:
    """doubt.resolved: settled, whatever came of it; said twice, the earlier day counts."""
    row = folding.ledger.doubts.get(body.doubt_id)
    if row is None:
        folding.park(f"doubt:{body.doubt_id}")
        return
    day = body.resolved_on.toordinal()
    row.resolved_on = day if row.resolved_on == NO_DAY else min(row.resolved_on, day)
    row.marks = (*row.marks, folding.mark("resolution"))
    folding.ledger.doubts.keep(row.id)
    folding.touch(SubjectKind.DOUBT, row.id)
