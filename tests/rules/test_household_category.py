"""The red band of household_flag_missing, which waits until the owner marks household categories."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain import catalogue
from tests.rules.tape import play, read_lines

LINE = "yuan=50,000.00 target_kind=project is_pending=false project_id=P1"
STORY = f"""
region 652722 xinjiang opened 2019-01-01
2019-03-01  quota.received     Q1  yuan=900,000.00 budget_year=2019 fund_category=central-27
2019-03-04  quota.allocated    A1  quota_id=Q1 {LINE} is_household=null   => raised red A1 threshold_crossed
2019-03-05  quota.allocated    A2  quota_id=Q1 {LINE} is_household=false  => raised red A2 threshold_crossed
2019-03-06  allocation.relinked A1 project_id=- is_household=true         => cleared red A1 ground_removed
2019-03-07  quota.reflagged    Q1  fund_category=central-36               => cleared red A2 ground_removed
""".splitlines()


def test_a_line_of_a_marked_category_must_say_household(monkeypatch: pytest.MonkeyPatch) -> None:
    """Red while its flag is not chosen or false, whatever the project says."""
    marked = replace(catalogue.ENTRIES[26], household=True)
    monkeypatch.setitem(catalogue._BY_CATEGORY, marked.category, marked)
    tape = read_lines(STORY, "household_flag_missing")
    assert marked.category == "central-27"
    assert play(tape) == tape.expected
