"""发放表不完整: a distribution list does not add up, or identity numbers in it are faulty.

Flags:
    A live list, some days after it was imported: its live rows do not sum to the declared amount (red), are not as
    many as declared, or one of them has no sound identity number (yellow).

Why it matters:
    000_4e8d71f0a3c23610.txt ㈧ L39: what is entered is true, accurate and complete; a list that does not add up, or
    whose people nobody can look up, proves no payout.

Example:
    A list of 36 households imported on 1 June with 35 rows of the full amount is yellow at the tick of 4 June.

Not a fault when:
    The rows are completed or corrected, or the list is voided.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from domain.findings import Reason
from domain.money import yuan_text
from rules.fold.folding import SubjectKind
from rules.list_state import ListRow
from rules.record_view import quota_of_list
from rules.rule import ALL_PROFILES, NO_FAULT, RED, YELLOW, Basis, Explanation, Judgement, Kind, Rule, Step, Steps
from rules.state import Mark
from rules.thresholds import Days, Source
from rules.view import View

# Rows shown of a list that has more faulty ones: the first. A list of thousands would make an alert of megabytes.
ROWS_SHOWN_MAX = 50


class Thresholds(msgspec.Struct, frozen=True, kw_only=True):
    """How long rows may follow their list."""

    settle_days: Annotated[Days, Source(Basis.PROPOSED, "days")] = 3


def judge(row: ListRow, view: View, thresholds: Thresholds) -> Steps:
    """From the day by which all rows must be there."""
    if row.is_void or row.imported_log_on < view.opening_on:
        return NO_FAULT
    settled_on = row.imported_log_on + thresholds.settle_days
    if row.rows_fen != row.declared_amount_fen:
        return (Step(settled_on, RED),)
    if row.rows_count != row.declared_row_count or row.faulty_count:
        return (Step(settled_on, YELLOW),)
    return NO_FAULT


def ending(row: ListRow, _view: View, _: Thresholds) -> Reason:
    """An alert stands only after the rows were due, so a list that is put right is late."""
    return Reason.GROUND_REMOVED if row.is_void else Reason.SATISFIED_LATE


def explain(row: ListRow, view: View, _: Thresholds) -> Explanation:
    """Declared against listed, and the rows whose identity is faulty."""
    states, marks = _faulty_rows(row, view)
    quota = quota_of_list(view, row)
    observed, limit, unit = _measured(row)
    declared, listed = yuan_text(row.declared_amount_fen), yuan_text(row.rows_fen)
    return Explanation(
        title=row.id,
        observed=observed,
        limit=limit,
        unit=unit,
        amount_fen=row.declared_amount_fen,
        facts={
            "list_id": row.id,
            "project_id": row.project_id,
            "declared_row_count": row.declared_row_count,
            "list_rows_count": row.rows_count,
            "declared_amount_fen": row.declared_amount_fen,
            "list_rows_fen": row.rows_fen,
            "id_number_state": states,
            "importing_unit_code": row.importing_unit_code,
        },
        marks=(*row.marks, *marks),
        message_zh=(
            f"发放表{row.id}申报{row.declared_row_count}笔{declared}元,明细{row.rows_count}笔{listed}元,"
            f"身份证号有误{row.faulty_count}笔"
        ),
        message_en=(
            f"List {row.id} declares {row.declared_row_count} rows of {declared} yuan and has {row.rows_count} rows "
            f"of {listed} yuan, {row.faulty_count} of them with a faulty identity number"
        ),
        fund_category=row.fund_category,
        responsible_section=None if quota is None else quota.responsible_section,
    )


def _measured(row: ListRow) -> tuple[int, int, str]:
    """What disagrees: the amounts, else the number of rows, else how many identity numbers are faulty."""
    if row.rows_fen != row.declared_amount_fen:
        return row.rows_fen, row.declared_amount_fen, "fen"
    if row.rows_count != row.declared_row_count:
        return row.rows_count, row.declared_row_count, "rows"
    return row.faulty_count, 0, "rows"


def _faulty_rows(row: ListRow, view: View) -> tuple[str | None, tuple[Mark, ...]]:
    """The states of the faulty identity numbers of the list, and the records of the first such rows."""
    states: dict[str, None] = {}
    marks: list[Mark] = []
    shown = 0
    for row_id in view.ledger.rows_of_list.children(row.id) if row.faulty_count else ():
        listed = view.ledger.list_rows.get(row_id)
        if listed is not None and listed.counted is not None and listed.counted.is_faulty:
            states[listed.id_number_state] = None
            shown += 1
            marks += listed.marks if shown <= ROWS_SHOWN_MAX else ()
    return ",".join(sorted(states)) or None, tuple(marks)


RULE = Rule(
    id="distribution_list_faulty",
    version="1",
    name_zh="发放表不完整",
    name_en="List totals do not agree, or identity numbers are faulty",
    category="数据质量",
    owner="归口业务处室",
    kind=Kind.DEADLINE,
    profiles=ALL_PROFILES,
    thresholds=Thresholds,
    judgements={SubjectKind.LIST: Judgement(judge=judge, explain=explain, ending=ending)},
    basis=("000_4e8d71f0a3c23610.txt ㈧ L39", "peer study R43 R31"),
)
