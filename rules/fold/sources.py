"""Which sources a region must be heard from, and when each was heard last."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from rules.fold.folding import NO_DAY, Folding, SubjectKind
from rules.management_state import SourceRow

# `expected_sources`, by profile (rules.md section 3).
EXPECTED_SOURCES: Final[Mapping[str, tuple[str, ...]]] = {
    "henan": ("budget_execution", "treasury_payment"),
    "xinjiang": ("integrated_fiscal",),
}


def opened(folding: Folding) -> None:
    """Before its first event a source counts as heard on the day on which the region came."""
    for source in EXPECTED_SOURCES[folding.region.profile]:
        row = SourceRow(id=source, heard_on=folding.log_on, marks=(folding.mark("opening"),))
        folding.ledger.sources.set(source, row)
        folding.touch(SubjectKind.SOURCE, source)


def heard(folding: Folding) -> None:
    """Any event of the source counts. Only the first one of a day changes something: this runs for every payment."""
    source = folding.event.source
    row = folding.ledger.sources.get(source)
    if row is not None and row.heard_on >= folding.log_on:
        return
    # Of a source that nobody waits for only the day is kept, for people who ask (`rules.freshness`).
    row = row or folding.ledger.sources.set(source, SourceRow(id=source, heard_on=NO_DAY))
    row.heard_on, row.marks = folding.log_on, (folding.mark("last_heard"),)
    folding.ledger.sources.keep(source)
    if source in EXPECTED_SOURCES[folding.region.profile]:
        folding.touch(SubjectKind.SOURCE, source)
