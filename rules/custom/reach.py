"""What custom rules must be judged again beyond what a record touched: subjects that a changed fact belongs to.

A line's money is in the sums of its quota and project, with every record. What a quota, line or project says of itself
is seen by rules about what hangs on it, and changes with few types of records only: with these all of it is looked at,
as the folds do where the catalogue's own rules need it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from rules.derivation import lines_of, names_of_quota, quota_key
from rules.fold.folding import SubjectKind
from rules.ledger import RegionLedger
from rules.rule import Rule

# Records that change what lines say of themselves, beside those that change what quotas do.
_OF_LINES: Final = ("quota.allocated", "quota.refined", "allocation.")
_OF_PROJECTS: Final = ("project.",)
_OF_QUOTAS: Final = ("quota.",)
# Everything that waited for it comes into the state with it.
_OPENING: Final = "region.opened"

Subject = tuple[str, str]  # kind and id


@dataclass(frozen=True, slots=True)
class Reach:
    """What the custom rules of a rule set are about: by kind of subject the groups of facts that they ask for."""

    groups: dict[str, frozenset[str]]

    def beyond(self, ledger: RegionLedger, touched: Iterable[Subject], event_type: str) -> list[Subject]:
        """Subjects to be judged by custom rules besides those that a record of this type touched; each once."""
        found: dict[Subject, None] = {}
        for kind, subject_id in touched:
            for each in self._around(ledger, kind, subject_id, event_type):
                found[each] = None
        return list(found)

    def _around(self, ledger: RegionLedger, kind: str, subject_id: str, event_type: str) -> Iterator[Subject]:
        if kind == SubjectKind.LINE:
            yield from self._above(ledger, subject_id)
            if _is_of(event_type, _OF_QUOTAS) or _is_of(event_type, _OF_LINES):
                yield from self._payments(ledger, subject_id, "line", "quota", "project")
        elif kind == SubjectKind.QUOTA and _is_of(event_type, _OF_QUOTAS) and not _is_of(event_type, _OF_LINES):
            yield from self._below_quota(ledger, subject_id)
        elif kind == SubjectKind.PROJECT and _is_of(event_type, _OF_PROJECTS):
            yield from self._below_project(ledger, subject_id)

    def _above(self, ledger: RegionLedger, line_id: str) -> Iterator[Subject]:
        """The quota and project whose sums the line is in."""
        line = ledger.lines.get(line_id)
        if line is not None and line.quota_key and SubjectKind.QUOTA in self.groups:
            yield SubjectKind.QUOTA, line.quota_key
        if line is not None and line.project_id and SubjectKind.PROJECT in self.groups:
            yield SubjectKind.PROJECT, line.project_id

    def _below_quota(self, ledger: RegionLedger, quota_id: str) -> Iterator[Subject]:
        if not (self._asks(SubjectKind.LINE, "quota") or self._asks(SubjectKind.PAYMENT, "quota")):
            return
        key = quota_key(ledger, quota_id)
        for line in lines_of(ledger, key):
            yield from self._line(ledger, line.id, "quota")
        for name in names_of_quota(ledger, key):
            for payment_id in ledger.quota_payments.children(name):
                yield SubjectKind.PAYMENT, payment_id

    def _below_project(self, ledger: RegionLedger, project_id: str) -> Iterator[Subject]:
        if not (self._asks(SubjectKind.LINE, "project") or self._asks(SubjectKind.PAYMENT, "project")):
            return
        for line_id in ledger.project_lines.children(project_id):
            yield from self._line(ledger, line_id, "project")
        for payment_id in ledger.project_payments.children(project_id):
            yield SubjectKind.PAYMENT, payment_id

    def _line(self, ledger: RegionLedger, line_id: str, group: str) -> Iterator[Subject]:
        if self._asks(SubjectKind.LINE, group):
            yield SubjectKind.LINE, line_id
        yield from self._payments(ledger, line_id, group)

    def _payments(self, ledger: RegionLedger, line_id: str, *groups: str) -> Iterator[Subject]:
        if self._asks(SubjectKind.PAYMENT, *groups):
            for payment_id in ledger.line_payments.children(line_id):
                yield SubjectKind.PAYMENT, payment_id

    def _asks(self, kind: SubjectKind, *groups: str) -> bool:
        return not self.groups.get(kind, frozenset()).isdisjoint(groups)


def _is_of(event_type: str, beginnings: tuple[str, ...]) -> bool:
    return event_type == _OPENING or event_type.startswith(beginnings)


def reach_of(customs: tuple[Rule, ...]) -> Reach | None:
    """None without custom rules: nothing is looked at then."""
    groups: dict[str, frozenset[str]] = {}
    for rule in customs:
        for kind in rule.judgements:
            groups[kind.value] = groups.get(kind.value, frozenset()) | rule.looks_at
    return Reach(groups) if groups else None
