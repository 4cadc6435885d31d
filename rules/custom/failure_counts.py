"""Counting where custom rules had no value: kept by region and rule, and told to whoever asks after a batch."""

from __future__ import annotations

from collections import Counter

from rules.custom.failures import Failure, FailureRecord, FailureRow, Noted
from rules.days import text_of_day
from rules.ledger import RegionLedger
from rules.planning import Plans
from rules.view import View


class FailureCounts:
    """Of one engine. The counts are state, so that they go on after a restart; what is new is not."""

    def __init__(self) -> None:
        self._new: dict[tuple[str, str], Counter[str]] = {}  # by region and rule: reasons
        self._ledgers: dict[str, RegionLedger] = {}

    def note(self, view: View, plans: Plans, position: int) -> None:
        """Take what a view has noted at a record: each subject and rule counts once."""
        if not view.failures:
            return
        self._ledgers[view.code] = view.ledger
        for noted, failure in view.failures.items():
            terms = plans.terms.get(noted.rule_id)
            if terms is not None:
                _count(view, noted, failure, terms.rule.version, position)
                self._new.setdefault((view.code, noted.rule_id), Counter())[failure.reason.value] += 1
        view.failures.clear()

    def taken(self, rule_set_version: str) -> list[FailureRecord]:
        """What is to be told of each rule and region that had no value since the last call."""
        told, self._new = self._new, {}
        return [
            _record(code, rule_id, self._ledgers[code].custom_failures.get(rule_id), reasons, rule_set_version)
            for (code, rule_id), reasons in told.items()
        ]


def _count(view: View, noted: Noted, failure: Failure, version: str, position: int) -> None:
    rows = view.ledger.custom_failures
    row = rows.get(noted.rule_id)
    if row is None or row.rule_version != version:
        row = rows.set(noted.rule_id, FailureRow(rule_version=version, first_on=view.today))
    row.count += 1
    row.last_on, row.position = view.today, position
    row.reason, row.detail = failure.reason.value, failure.detail
    row.subject_kind, row.subject_id = noted.kind, noted.subject_id
    rows.keep(noted.rule_id)


def _record(
    code: str, rule_id: str, row: FailureRow | None, reasons: Counter[str], rule_set_version: str
) -> FailureRecord:
    if row is None:
        raise LookupError(f"{rule_id} has failed in {code}, but nothing is kept of it")
    return FailureRecord(
        region=code,
        rule_id=rule_id,
        rule_version=row.rule_version,
        rule_set_version=rule_set_version,
        count=row.count,
        new=dict(sorted(reasons.items())),
        first_on=text_of_day(row.first_on),
        last_on=text_of_day(row.last_on),
        reason=row.reason,
        detail=row.detail,
        subject_kind=row.subject_kind,
        subject_id=row.subject_id,
        position=row.position,
    )
