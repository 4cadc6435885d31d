"""Laws of who answers for a faulty record or list: the section of the quota behind it (rules.md section 1)."""

from __future__ import annotations

import json
from datetime import date

import pytest

from domain.findings import Finding
from rules.catalogue import RULES
from rules.engine import Engine
from rules.selection import chosen_rules
from rules.thresholds import rule_set_of
from tests.rules.tape import read_lines, with_ticks

MONEY = """
region 652722 xinjiang opened 2019-07-01
2019-07-01  project.registered  P1
2019-07-01  quota.received    Q1  reviewed_by=u-9 responsible_section=社保股 fund_category=central-27
2019-07-01  quota.allocated   A1  quota_id=Q1 project_id=P1 target_kind=project target_region=- is_pending=false
2019-07-01  payment.recorded  Z1  line_id=A1 project_id=P1 plan_id=- reviewed_by=u-9 fund_category=central-36
"""
LISTED = "2019-07-01  distribution.list_imported L1  project_id=P1 declared_row_count=1 declared_amount_fen=100"


def told(rule_id: str, *lines: str, last: str) -> list[Finding]:
    """What one rule found of the money and these lines up to a day."""
    story = read_lines([*MONEY.splitlines(), *lines], rule_id)
    story.last_day = date.fromisoformat(last)
    rules = chosen_rules(RULES, (rule_id,))
    engine = Engine(rules, rule_set_of(RULES))
    events = (json.dumps(event, ensure_ascii=False).encode() for _, event in with_ticks(story))
    return [finding for position, event in enumerate(events) for finding in engine.take(position, event)]


@pytest.mark.parametrize(
    "line",
    [
        "2019-07-01  payment.relinked   Z1  line_id=A1 project_id=P9",
        "2019-07-01  payment.refunded   F1  payment_id=Z1 yuan=900,000,000.00",
        "2019-07-01  plan.submitted     N1  line_id=A1\n2019-07-01  plan.submitted N1  line_id=A1",
        "2019-07-01  account.entry_recorded E1  line_id=A1 project_id=P1 account_id=K1 source_payment_id=-",
        "2019-07-01  document.printed   D1  quota_id=Q1\n2019-07-01  document.printed   D1  quota_id=Q1",
        "2019-07-01  distribution.list_imported L1  line_id=A1 project_id=P9",
        f"{LISTED} line_id=-\n2019-07-01  distribution.row_recorded  R1  list_id=L1 batch_id=B9",
        "2019-07-01  project.registered P1",
    ],
)
def test_a_record_is_put_right_by_the_section_of_its_quota(line: str) -> None:
    """Payments, plans, entries, documents, lists, rows and projects through their line or quota."""
    (found,) = told("record_incomplete", *line.splitlines(), last="2019-07-05")
    assert (found.responsible_section, found.fund_category) == ("社保股", "central-27")


def test_who_answers_for_a_correction_answers_for_its_fault() -> None:
    """A correction of something that nobody knows has no quota, but it may say whose it is."""
    line = "2019-07-01  quota.voided  Q9  responsible_section=农业股"
    (found,) = told("record_incomplete", line, last="2019-07-05")
    assert (found.responsible_section, found.fund_category) == ("农业股", None)


def test_without_a_quota_the_record_is_for_the_section_of_its_category() -> None:
    """The list names neither line nor project that is known."""
    line = "2019-07-01  distribution.list_imported L1  line_id=- project_id=P9 fund_category=central-36"
    (found,) = told("record_incomplete", line, last="2019-07-05")
    assert (found.responsible_section, found.fund_category) == (None, "central-36")


def test_a_record_waits_in_working_days_as_its_limits_do() -> None:
    """Monday 1 July to Monday 15 July are ten working days; on the 16th the longer term is over."""
    yellow, red = told("record_incomplete", "2019-07-01  quota.voided  Q9", last="2019-07-16")
    assert (yellow.observed, yellow.limit, yellow.unit) == (4, 3, "working days")
    assert (red.observed, red.limit, red.unit) == (11, 10, "working days")


@pytest.mark.parametrize("line_id", ["A1", "A9", "-"])
def test_a_faulty_list_is_for_the_section_of_the_money_that_pays_it(line_id: str) -> None:
    """By its line; where that is not known or not given, by its project's."""
    (found,) = told("distribution_list_faulty", f"{LISTED} line_id={line_id}", last="2019-07-04")
    assert found.responsible_section == "社保股"


@pytest.mark.parametrize(
    ("rows", "measured"),
    [
        ("yuan=0.99", (99, 100, "fen")),
        ("yuan=0.50\n2019-07-01  distribution.row_recorded  R2  list_id=L1 yuan=0.50", (2, 1, "rows")),
        ("yuan=1.00 person_key=null", (1, 0, "rows")),
    ],
)
def test_a_faulty_list_shows_what_disagrees(rows: str, measured: tuple[int, int, str]) -> None:
    """Amounts before numbers of rows, these before identity numbers."""
    lines = f"{LISTED}\n2019-07-01  distribution.row_recorded  R1  list_id=L1 {rows}".splitlines()
    (found,) = told("distribution_list_faulty", *lines, last="2019-07-04")
    assert (found.observed, found.limit, found.unit) == measured
