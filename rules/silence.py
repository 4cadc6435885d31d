"""Sources that are silent, as rule `source_silent` says, and the mark that alerts of other rules bear meanwhile.

When a source is silent stands in that rule alone. Where it is off or on trial in a region, nobody says so of a source.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from domain.findings import Evidence
from rules.fold.folding import SubjectKind
from rules.fold.sources import EXPECTED_SOURCES
from rules.inputs import sources_of
from rules.management_state import SourceRow
from rules.thresholds import InForce, Mode
from rules.view import View

SOURCE_SILENT: Final = "source_silent"


def silent_sources(view: View, terms: Mapping[str, InForce]) -> tuple[SourceRow, ...]:
    """Sources of the region that are silent on the view's day; ``terms``: the rules judged there, by id."""
    of_rule = terms.get(SOURCE_SILENT)
    if of_rule is None or of_rule.mode is not Mode.ON:
        return ()
    rows = map(view.ledger.sources.get, EXPECTED_SOURCES[view.profile])
    return tuple(row for row in rows if row is not None and _is_silent(row, view, of_rule))


def _is_silent(source: SourceRow, view: View, of_rule: InForce) -> bool:
    judge = of_rule.rule.judgements[SubjectKind.SOURCE].judge
    return any(step.from_day <= view.today for step in judge(source, view, of_rule.values))


def silence_proofs(view: View, rule_id: str, terms: Mapping[str, InForce]) -> tuple[Evidence, ...]:
    """The mark of an alert whose rule reads what a silent source sends: that source's last record.

    Where it never sent any it is the record that opened the region.
    """
    return tuple(
        Evidence(mark.event_id, mark.position, f"silent_source:{row.id}")
        for row in silent_sources(view, terms)
        if row.id in sources_of(rule_id)
        for mark in row.marks
    )
