"""Where the subjects of rules lie in a region's state."""

from __future__ import annotations

from rules.fold.folding import SubjectKind
from rules.view import View

# Kinds of subjects that are rows of their own, and the region's table that holds them.
TABLES: dict[str, str] = {
    SubjectKind.PAYMENT: "payments",
    SubjectKind.LINE: "lines",
    SubjectKind.ENTRY: "entries",
    SubjectKind.ACCOUNT: "accounts",
    SubjectKind.LIST: "lists",
    SubjectKind.SOURCE: "sources",
    SubjectKind.DOUBT: "doubts",
    SubjectKind.FLAG: "flags",
    SubjectKind.ALERT: "alerts_heard",
    SubjectKind.PROBLEM: "desk_problems",
    SubjectKind.TARGET: "targets",
    SubjectKind.QUOTA: "quotas",
    SubjectKind.ROW: "list_rows",
    SubjectKind.LINKAGE: "notices",
    SubjectKind.PLAN: "plans",
}


def subject_of(view: View, kind: str, subject_id: str) -> object | None:
    """What the rules of this kind take: a row, or the id where a subject is no row of its own."""
    name = TABLES.get(kind)
    if name is None:
        return subject_id
    found: object | None = getattr(view.ledger, name).get(subject_id)
    return found
