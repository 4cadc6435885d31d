"""Laws of custom rules in the engine: bands, days, windows, what they reach, and what follows where they fail."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pytest

from domain.findings import Finding
from rules.catalogue import RULES
from rules.custom.failures import FailureRecord
from rules.custom.limits import SHOWN_CHARACTERS_MAX
from rules.engine import Engine
from rules.thresholds import RuleSet, rule_set_of
from tests.rules.custom.rule_sets import documented, rule_set_with
from tests.rules.tape import read_lines, with_ticks

BEGINNING = """
region 652722 xinjiang opened 2019-01-01
2019-01-10  quota.received    Q1  yuan=1,000.00
2019-01-10  project.registered P1
2019-01-10  quota.allocated   A1  quota_id=Q1 yuan=600.00 target_kind=project is_pending=false project_id=P1
"""
Told = tuple[str, str, str, str]


def records(story: str) -> Iterable[bytes]:
    """The journal of a story after the usual beginning, a tick every day."""
    return told_as(BEGINNING + story)


def told_as(story: str) -> Iterable[bytes]:
    """The journal of a story that has a beginning of its own."""
    tape = read_lines(story.splitlines(), "funds_idle")
    return [json.dumps(event, ensure_ascii=False).encode() for _, event in with_ticks(tape)]


def judged(story: str, rule_set: RuleSet, rules: tuple[Any, ...] = ()) -> tuple[list[Finding], list[FailureRecord]]:
    """Findings, and where custom rules had no value."""
    engine = Engine(rules, rule_set)
    findings = [finding for position, raw in enumerate(records(story)) for finding in engine.take(position, raw)]
    return findings, engine.failures()


def told(story: str, *tables: dict[str, Any]) -> list[Told]:
    """Day, transition, severity and subject of what the rules tell."""
    return [
        (each.log_on, each.transition, each.severity, each.subject_key)
        for each in judged(story, rule_set_with(*tables))[0]
    ]


def test_a_rule_on_payments_looks_at_payee_line_quota_and_project() -> None:
    """The graver of the bands that hold counts; a refund eases and clears."""
    rule = {
        "subject": "payment",
        "yellow": "payment.amount_fen > 10000 && line.id == 'A1' && project.id == 'P1'",
        "red": "payment.amount_fen > 20000 && payee.name.contains('公司') && quota.id == 'Q1'",
    }
    story = """
    2019-02-01  payment.recorded  Z1  line_id=A1 yuan=300.00 payee_name=某公司
    2019-02-02  payment.recorded  Z2  line_id=A1 yuan=300.00 payee_name=某村
    2019-02-03  payment.refunded  R1  payment_id=Z1 yuan=150.00
    2019-02-04  payment.refunded  R2  payment_id=Z1 yuan=100.00
    2019-02-05  payment.voided    Z2  payment_id=Z2
    """
    assert told(story, rule) == [
        ("2019-02-01", "raised", "red", "652722|Z1"),
        ("2019-02-02", "raised", "yellow", "652722|Z2"),
        ("2019-02-03", "eased", "yellow", "652722|Z1"),
        ("2019-02-04", "cleared", "yellow", "652722|Z1"),
        ("2019-02-05", "cleared", "yellow", "652722|Z2"),
    ]


@pytest.mark.parametrize(
    ("subject", "condition", "key"),
    [
        ("line", "line.paid_fen == 10000", "A1"),
        ("quota", "quota.paid_fen == 10000", "Q1"),
        ("project", "project.paid_fen == 10000", "P1"),
        ("project", "project.lines == 1 && project.unpaid_fen == 50000", "P1"),
    ],
)
def test_a_payment_reaches_what_it_is_paid_from(subject: str, condition: str, key: str) -> None:
    """Sums of line, quota and project are those after the record, and after its void."""
    story = """
    2019-02-01  payment.recorded  Z1  line_id=A1 yuan=100.00
    2019-02-05  payment.voided    Z1  payment_id=Z1
    """
    assert told(story, {"subject": subject, "red": condition}) == [
        ("2019-02-01", "raised", "red", f"652722|{key}"),
        ("2019-02-05", "cleared", "red", f"652722|{key}"),
    ]


@pytest.mark.parametrize("subject", ["payment", "line"])
@pytest.mark.parametrize(
    ("condition", "event"),
    [
        ("quota.amount_fen < 90000", "quota.adjusted     J1  quota_id=Q1 delta_fen=-20000"),
        ("project.is_completed", "project.completed  P1"),
        ("line.amount_fen < 60000", "allocation.adjusted  J1  allocation_id=A1 delta_fen=-20000"),
        ("project.name == '新'", "project.corrected  P1  project_name=新"),
    ],
)
def test_what_a_quota_line_or_project_says_of_itself_reaches_what_hangs_on_it(
    subject: str, condition: str, event: str
) -> None:
    """A correction is seen by the rules about its lines and payments at once."""
    story = f"""
    2019-02-01  payment.recorded  Z1  line_id=A1 yuan=100.00
    2019-02-03  {event}
    """
    key = {"payment": "Z1", "line": "A1"}[subject]
    expected = [("2019-02-03", "raised", "red", f"652722|{key}")]
    assert told(story, {"subject": subject, "red": condition}) == expected


def test_a_band_may_begin_on_a_day_of_its_own() -> None:
    """`from` gives the first day: the tick of that day raises, whatever day it is judged on."""
    rule = {
        "yellow": {"when": "line.unpaid_fen > 0", "from": "line.available_on + 30"},
        "red": {"when": "line.unpaid_fen > 0", "from": "day('2019-03-01')"},
    }
    story = "2019-03-20  payment.recorded  Z1  line_id=A1 yuan=600.00"
    assert told(story, rule) == [
        ("2019-02-09", "raised", "yellow", "652722|A1"),
        ("2019-03-01", "escalated", "red", "652722|A1"),
        ("2019-03-20", "cleared", "red", "652722|A1"),
    ]


def test_a_rule_that_asks_for_today_is_judged_each_day() -> None:
    """The log date is a fact like any other."""
    rule = {"red": "today - line.available_on > 20 && weekday(today) == 1"}
    assert told("2019-02-13  tick", rule) == [
        ("2019-02-04", "raised", "red", "652722|A1"),
        ("2019-02-05", "cleared", "red", "652722|A1"),
        ("2019-02-11", "raised", "red", "652722|A1"),
        ("2019-02-12", "cleared", "red", "652722|A1"),
    ]


@pytest.mark.parametrize(("subject", "key"), [("line", "A1"), ("quota", "Q1"), ("project", "P1")])
def test_a_window_moves_with_the_days(subject: str, key: str) -> None:
    """What was paid in the last ten days falls as days pass; nothing need happen for it."""
    rule = {"subject": subject, "red": "window.recent > 15000", "windows": {"recent": {"days": 10}}}
    story = """
    2019-02-01  payment.recorded  Z1  line_id=A1 yuan=100.00
    2019-02-05  payment.recorded  Z2  line_id=A1 yuan=100.00
    2019-03-01  tick
    """
    assert told(story, rule) == [
        ("2019-02-05", "raised", "red", f"652722|{key}"),
        ("2019-02-11", "cleared", "red", f"652722|{key}"),
    ]


def test_a_window_may_begin_on_a_day_of_the_year() -> None:
    """It is empty before that day, and ends with the year; a payment dated later counts from its date on."""
    rule = {"red": "window.late > 0", "windows": {"late": {"since": "12-01"}}}
    story = """
    2019-11-20  payment.recorded  Z1  line_id=A1 yuan=100.00
    2019-11-25  payment.recorded  Z2  line_id=A1 yuan=100.00 paid_on=2019-12-03
    2020-02-05  tick
    """
    assert told(story, rule) == [
        ("2019-12-03", "raised", "red", "652722|A1"),
        ("2020-01-01", "cleared", "red", "652722|A1"),
    ]


def test_a_window_is_money() -> None:
    """The documented example says in yuan what was paid in December; its sum is an amount as any in fen is."""
    story = BEGINNING.replace("xinjiang", "henan") + "2019-12-05  payment.recorded  Z1  line_id=A1 yuan=300.00"
    engine = Engine((), documented())
    (found,) = [finding for position, raw in enumerate(told_as(story)) for finding in engine.take(position, raw)]
    assert found.message_zh == "项目托里镇安居巷道硬化十二月支付300.00元,超过其600.00元的40%"
    assert found.message_en == "300.00 yuan of project 托里镇安居巷道硬化 were paid in December, above 40 % of 600.00"
    assert (found.observed, found.unit) == (30_000, "fen")


def test_a_window_may_be_the_amount_whatever_it_is_called() -> None:
    """A window's name says nothing of its unit: it is no day, and no number of days."""
    rule: dict[str, Any] = {"red": "window.paid_on > 0", "amount": "window.paid_on", "observed": "window.since_days"}
    rule |= {"windows": {"paid_on": {"days": 10}, "since_days": {"days": 10}}, "message_zh": "支付{window.paid_on}元"}
    (found,), _ = judged("2019-02-01  payment.recorded  Z1  line_id=A1 yuan=100.00", rule_set_with(rule))
    assert (found.amount_fen, found.observed, found.unit) == (10_000, 10_000, "fen")
    assert (found.message_zh, found.facts["window.paid_on"]) == ("支付100.00元", 10_000)


DIVIDES = {"id": "custom_divides", "red": "600000 / (line.amount_fen - 50000) > 20"}
SHRINKS = """
2019-02-01  allocation.adjusted  J1  allocation_id=A1 delta_fen=-9000
2019-02-02  allocation.adjusted  J2  allocation_id=A1 delta_fen=-1000
2019-02-03  allocation.adjusted  J3  allocation_id=A1 delta_fen=20000
"""


def test_an_alert_stays_while_its_rule_has_no_value() -> None:
    """Nobody can tell whether the fault is gone: the alert ends when the rule has a value again that says so."""
    findings, failures = judged(SHRINKS, rule_set_with(DIVIDES | {"red": DIVIDES["red"].replace("20", "60")}))
    assert [(each.log_on, each.transition) for each in findings] == [
        ("2019-02-01", "raised"),
        ("2019-02-03", "cleared"),
    ]
    assert [(each.rule_id, each.count, each.reason, each.subject_id, each.last_on) for each in failures] == [
        ("custom_divides", 1, "divide_by_zero", "A1", "2019-02-02")
    ]


@pytest.mark.parametrize(
    ("condition", "reason", "detail"),
    [
        ("1 / (line.amount_fen - line.amount_fen) > 0", "divide_by_zero", "divide by zero"),
        ("1 % (line.amount_fen - line.amount_fen) > 0", "divide_by_zero", "modulus by zero"),
        ("line.amount_fen * 9000000000000000000 > 0", "overflow", "integer overflow"),
        ("line.last_paid_on > 0", "absent_fact", "line.last_paid_on"),
        ("month(line.amount_fen - 70000) > 0", "not_a_day", "ordinal must be >= 1"),
        ("day(line.id) > 0", "not_a_day", "Invalid isoformat string: 'A1'"),
        ("parameter.terms[3] == ''", "other", "Index error: index=3 size=1"),
    ],
)
def test_a_rule_without_a_value_says_why(condition: str, reason: str, detail: str) -> None:
    """By a reason that metrics can count, and the fact or the words that help to mend it; no alert is raised."""
    rule_set = rule_set_with({"red": condition, "parameters": {"terms": ["x"]}})
    findings, (failure,) = judged("", rule_set)
    assert (findings, failure.reason, failure.detail, failure.new) == ([], reason, detail, {reason: 1})


def test_a_day_that_is_none_is_no_value() -> None:
    """A band cannot begin before the year 1."""
    rule_set = rule_set_with({"red": {"when": "true", "from": "line.available_on - 1000000"}})
    findings, (failure,) = judged("", rule_set)
    assert (findings, failure.reason) == ([], "not_a_day")


def test_a_guard_spares_a_rule_what_is_absent() -> None:
    """Of two conditions joined by && one that is false is enough, whichever stands first."""
    rule = {"red": "line.last_paid_on > 0 && line.is_paid"}
    findings, failures = judged("2019-02-01  payment.recorded  Z1  line_id=A1 yuan=1.00", rule_set_with(rule))
    assert ([each.log_on for each in findings], failures) == (["2019-02-01"], [])


def test_a_subject_with_too_many_parts_has_no_value() -> None:
    """What a rule may add up is bounded; beyond that it says so instead of slowing everything down."""
    story = "".join(
        f"2019-01-11  quota.allocated  B{number}  quota_id=Q1 yuan=0.01 target_kind=project is_pending=false "
        "project_id=P1\n"
        for number in range(500)
    )
    findings, (failure,) = judged(story, rule_set_with({"subject": "project", "red": "project.lines > 500"}))
    assert (findings, failure.reason, failure.subject_id) == ([], "too_large", "P1")


def test_other_rules_are_judged_as_without_it() -> None:
    """Whatever a custom rule asks for and wherever it fails, the catalogue's rules tell the very same."""
    story = """
    2019-02-01  payment.recorded  Z1  line_id=A1 yuan=100.00 settlement_method=cash
    2019-12-01  quota.adjusted    J1  quota_id=Q1 delta_fen=-20000
    2019-12-02  project.completed P1
    """
    tables = [
        DIVIDES,
        {"id": "custom_quota", "subject": "quota", "red": "quota.amount_fen / 0 > today"},
        {"id": "custom_paid", "subject": "payment", "red": "project.is_completed && quota.amount_fen / 0 > 1"},
        {"id": "custom_project", "subject": "project", "red": "project.unpaid_fen > 0"},
    ]
    without, _ = judged(story, rule_set_of(RULES, version="own"), RULES)
    having, failures = judged(story, rule_set_with(*tables), RULES)
    assert [each for each in having if not each.rule_id.startswith("custom_")] == without
    assert {each.rule_id for each in failures} == {"custom_quota", "custom_paid"}
    assert {each.rule_id for each in having} - {each.rule_id for each in without} == {
        "custom_divides",
        "custom_project",
    }


def test_an_alert_carries_all_that_its_rule_is() -> None:
    """Rule set, expressions, values, clause, amounts, and the facts asked for that its message leaves out."""
    when = "line.unpaid_fen >= parameter.most_fen && line.in_scope"
    rule = {
        "yellow": {"when": when, "from": "line.available_on"},
        "parameters": {"most_fen": 50_000, "terms": ["a", "b"]},
        "observed": "line.unpaid_fen",
        "limit": "parameter.most_fen",
        "amount": "line.unpaid_fen",
        "message_zh": "明细{line.id}有{line.unpaid_fen}元",
        "message_en": "{line.unpaid_fen} yuan of {line.id}",
    }
    (found,), _ = judged("", rule_set_with(rule))
    assert (found.rule_set_version, found.category, found.owner, found.basis) == (
        "own",
        "支付周期",
        "国库",
        ("豫财监〔2026〕2号 第六条",),
    )
    assert {name: each.value for name, each in found.thresholds.items()} == {
        "most_fen": 50_000,
        "terms": ("a", "b"),
        "yellow.when": when,
        "yellow.from": "line.available_on",
    }
    assert (found.observed, found.limit, found.unit, found.amount_fen) == (60_000, 50_000, "fen", 60_000)
    assert found.facts["line.available_on"] == "2019-01-10"
    assert [mark.role for mark in found.evidence] == ["quota", "line"]
    assert found.message_zh == (
        "明细A1有600.00元(line.in_scope = 是, parameter.most_fen = 500.00, line.available_on = 2019-01-10)"
    )
    assert found.message_en == (
        "600.00 yuan of A1 (line.in_scope = yes, parameter.most_fen = 500.00, line.available_on = 2019-01-10)"
    )


def test_a_region_may_have_other_values_and_another_mode() -> None:
    """As of any rule: for one region and a time, with author and clause."""
    own = {"author": "wang", "basis": "b", "valid_from": "2019-02-01", "valid_until": "2019-02-10", "most_fen": 90_000}
    rule = {"red": "line.unpaid_fen > parameter.most_fen", "parameters": {"most_fen": 10_000}}
    rule_set = rule_set_with(rule, regions={"652722": {"rules": {"custom_tried": own}}})
    findings, _ = judged("2019-02-20  tick", rule_set)
    assert [(each.log_on, each.transition) for each in findings] == [
        ("2019-01-10", "raised"),
        ("2019-02-01", "cleared"),
        ("2019-02-11", "raised"),
    ]


def test_a_rule_on_trial_is_apart() -> None:
    """Its findings are marked, and bear other ids than those of the rule when it is on."""
    rule = {"red": "line.unpaid_fen > 0"}
    (trial,), _ = judged("", rule_set_with(rule | {"mode": "shadow"}))
    (spoken,), _ = judged("", rule_set_with(rule))
    assert (trial.is_shadow, spoken.is_shadow) == (True, False)
    assert trial.alert_id != spoken.alert_id
    assert trial.rule_version == spoken.rule_version
    assert judged("", rule_set_with(rule | {"mode": "off"})) == ([], [])


def test_a_message_shows_the_beginning_of_a_long_list() -> None:
    """Named again and again it would make an alert that no Kafka record can hold."""
    texts = [f"{'条' * 990}{number}" for number in range(40)]
    rule = {"red": "!(line.id in parameter.l)", "message_en": "{parameter.l}" * 30, "parameters": {"l": texts}}
    (found,), _ = judged("", rule_set_with(rule))
    assert found.message_en.startswith(texts[0])
    assert len(found.message_en) < 30 * SHOWN_CHARACTERS_MAX + 500
