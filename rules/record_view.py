"""Whose money a record is about: the quota of what it made or names, by the derived names of rules.md section 3."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from rules.list_state import ListRow
from rules.project_view import funded_lines, quota_of_lines
from rules.state import QuotaRow
from rules.view import View


def quota_of_object(view: View, key: str) -> QuotaRow | None:
    """The quota behind an object ``kind:id``; None where it has none, or none is known."""
    kind, _, identity = key.partition(":")
    find = _FINDERS.get(kind)
    return None if find is None else find(view, identity)


def quota_of_list(view: View, row: ListRow) -> QuotaRow | None:
    """The quota of the line that pays a list, else of its project's money."""
    return _of_line(view, row.line_id or "") or _of_project(view, row.project_id)


def _of_line(view: View, line_id: str) -> QuotaRow | None:
    line = view.ledger.lines.get(line_id)
    return None if line is None else view.quota_of_line(line)


def _of_project(view: View, project_id: str) -> QuotaRow | None:
    return quota_of_lines(view, funded_lines(view, project_id))


def _of_payment(view: View, payment_id: str) -> QuotaRow | None:
    payment = view.ledger.payments.get(payment_id)
    return None if payment is None else view.quota_of_payment(payment)


def _of_entry(view: View, entry_id: str) -> QuotaRow | None:
    entry = view.ledger.entries.get(entry_id)
    return None if entry is None else _of_line(view, entry.line_id or "")


def _of_plan(view: View, plan_id: str) -> QuotaRow | None:
    plan = view.ledger.plans.get(plan_id)
    return None if plan is None else _of_line(view, plan.line_id)


def _of_document(view: View, document_id: str) -> QuotaRow | None:
    document = view.ledger.documents.get(document_id)
    return None if document is None else view.quota(document.quota_id)


def _of_list(view: View, list_id: str) -> QuotaRow | None:
    row = view.ledger.lists.get(list_id)
    return None if row is None else quota_of_list(view, row)


def _of_row(view: View, row_id: str) -> QuotaRow | None:
    row = view.ledger.list_rows.get(row_id)
    return None if row is None else _of_list(view, row.list_id)


_FINDERS: Final[dict[str, Callable[[View, str], QuotaRow | None]]] = {
    "quota": View.quota,
    "line": _of_line,
    "payment": _of_payment,
    "entry": _of_entry,
    "plan": _of_plan,
    "document": _of_document,
    "list": _of_list,
    "row": _of_row,
    "project": _of_project,
}
