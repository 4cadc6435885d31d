"""A backtest as people read it: a table for the terminal, JSON for programs, a page for those who decide."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import msgspec

from fundwatch.backtesting import Differing, Step, tallied

_COLUMNS = ("rule", "region", "added", "removed", "changed")


def as_table(found: Sequence[Differing]) -> str:
    """By rule and region; one line where nothing differs."""
    if not found:
        return "no difference"
    rows = [_COLUMNS, *_rows(found)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_COLUMNS))]
    return "\n".join("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)) for row in rows)


def as_json(found: Sequence[Differing]) -> str:
    """Counts by rule and region, and every alert that differs."""
    return msgspec.json.encode({"counts": tallied(found), "alerts": found}).decode()


def as_html(found: Sequence[Differing], title: str) -> str:
    """One page without anything from elsewhere."""
    counts = _table(_COLUMNS, _rows(found))
    alerts = _table(
        ("change", "rule", "subject", "before", "after"),
        [(each.change, each.rule_id, each.subject_key, _course(each.before), _course(each.after)) for each in found],
    )
    return (
        '<!doctype html><html lang="zh"><meta charset="utf-8">'
        f"<title>{escape(title)}</title><style>td,th{{text-align:left;padding:.2em 1em}}</style>"
        f"<h1>{escape(title)}</h1>{counts}{alerts}</html>\n"
    )


def _rows(found: Sequence[Differing]) -> list[tuple[str, ...]]:
    return [
        (f"{each.rule_id} (shadow)" if each.is_shadow else each.rule_id, each.region, *map(str, numbers))
        for each in tallied(found)
        for numbers in [(each.added, each.removed, each.changed)]
    ]


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    head = "".join(f"<th>{escape(column)}" for column in columns)
    body = "".join("<tr>" + "".join(f"<td>{escape(text)}" for text in row) for row in rows)
    return f"<table><tr>{head}{body}</table>"


def _course(steps: Sequence[Step]) -> str:
    return ", ".join(f"{step.log_on} {step.transition} {step.severity}" for step in steps) or "-"
