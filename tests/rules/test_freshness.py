"""Laws of freshness: what a region was told when, and which rules cannot be judged by it."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from domain.findings import Finding
from rules.catalogue import RULES
from rules.engine import Engine
from rules.freshness import Freshness, Heard, Hearing, Lack
from rules.thresholds import Mode, Setting, rule_set_of
from tests.rules.tape import read_lines, with_ticks

HENAN = """
region 410324 henan opened 2019-07-01
2019-07-01  quota.arranged     Q1  yuan=200,000.00
"""
PAID = "2019-07-02  payment.recorded   Z1  line_id=none yuan=50.00\n"
REGISTER = "2019-07-02  registry.snapshot_completed S1 registry=registered_poor source=poverty_registry\n"


def judged(text: str, last: str, **settings: Setting) -> tuple[Engine, list[Finding]]:
    """The engine after the story and the ticks up to a day, and all that it found."""
    story = read_lines(text.splitlines(), "source_silent")
    story.last_day = date.fromisoformat(last)
    engine = Engine(RULES, rule_set_of(RULES, settings))
    records: list[dict[str, Any]] = [event for _, event in with_ticks(story)]
    return engine, [
        finding
        for position, event in enumerate(records)
        for finding in engine.take(position, json.dumps(event, ensure_ascii=False).encode())
    ]


def lacking(found: Freshness) -> dict[tuple[Lack, str], tuple[str, ...]]:
    """The rules that cannot be judged, by what lacks."""
    return {(each.lack, each.name): each.rules for each in found.not_evaluable}


def day(text: str) -> int:
    """As an ordinal."""
    return date.fromisoformat(text).toordinal()


def test_each_source_is_known_with_the_day_on_which_it_was_heard() -> None:
    """Expected ones from the opening on, others from their first event."""
    (found,) = judged(HENAN + PAID + REGISTER, "2019-07-03")[0].freshness()
    assert (found.region, found.today) == ("410324", day("2019-07-03"))
    assert set(found.sources) == {
        Heard("budget_execution", day("2019-07-01"), Hearing.HEARD),
        Heard("treasury_payment", day("2019-07-02"), Hearing.HEARD),
        Heard("poverty_registry", day("2019-07-02"), Hearing.NOT_EXPECTED),
    }


def test_rules_that_read_a_silent_source_cannot_be_judged() -> None:
    """Payments have not come for more than three working days: Monday to Friday."""
    before, after = (judged(HENAN + PAID, last)[0].freshness()[0] for last in ("2019-07-05", "2019-07-08"))
    assert (Lack.SOURCE_SILENT, "treasury_payment") not in lacking(before)
    rules = lacking(after)[Lack.SOURCE_SILENT, "treasury_payment"]
    assert {"funds_idle", "payment_unlinked", "payee_enterprise_inactive"} <= set(rules)
    assert not {"quota_without_project", "posts_improper", "source_silent", "pending_quota_unrefined"} & set(rules)


def test_a_source_that_speaks_again_is_fresh_again() -> None:
    """The very event ends it."""
    again = "2019-07-09  payment.recorded   Z2  line_id=none yuan=50.00\n"
    (found,) = judged(HENAN + PAID + again, "2019-07-09")[0].freshness()
    assert (Lack.SOURCE_SILENT, "treasury_payment") not in lacking(found)


@pytest.mark.parametrize(
    "setting",
    [
        Setting(parameters={"yellow_after_working_days": 30}),
        Setting(mode=Mode.OFF),
        Setting(mode=Mode.SHADOW),
    ],
    ids=["patient", "off", "shadow"],
)
def test_silence_is_what_the_rule_set_calls_so(setting: Setting) -> None:
    """By the region's own terms; a rule that is off says of nothing that it is silent."""
    (found,) = judged(HENAN + PAID, "2019-07-12", source_silent=setting)[0].freshness()
    assert Lack.SOURCE_SILENT not in {lack for lack, _ in lacking(found)}


def test_rules_without_their_register_cannot_be_judged() -> None:
    """Until its first snapshot; that of one region does for the rule that asks for any."""
    before, after = (judged(text, "2019-07-02")[0].freshness()[0] for text in (HENAN, HENAN + REGISTER))
    assert lacking(before)[Lack.REGISTER_MISSING, "registered_poor"] == ("recipient_not_registered_poor",)
    assert lacking(before)[Lack.REGISTER_MISSING, "public_payroll"] == ("recipient_on_public_payroll",)
    enterprise = (Lack.REGISTER_MISSING, "enterprise")
    assert lacking(before)[enterprise] == ("payee_enterprise_inactive", "payee_enterprise_unregistered")
    assert (Lack.REGISTER_MISSING, "registered_poor") not in lacking(after)
    (elsewhere,) = judged(HENAN, "2019-07-02")[0].freshness(is_any_enterprise_register=True)
    assert lacking(elsewhere)[enterprise] == ("payee_enterprise_unregistered",)


def test_a_register_that_lies_too_far_back_is_no_register() -> None:
    """180 days, by the rule's own parameter."""
    (found,) = judged(HENAN + REGISTER, "2019-12-30")[0].freshness()
    assert lacking(found)[Lack.REGISTER_OLD, "registered_poor"] == ("recipient_not_registered_poor",)
    (still,) = judged(HENAN + REGISTER, "2019-12-29")[0].freshness()
    assert (Lack.REGISTER_OLD, "registered_poor") not in lacking(still)


def test_nothing_is_fresh_before_the_first_tick() -> None:
    """Days are counted by ticks."""
    assert Engine(RULES, rule_set_of(RULES)).freshness() == []


def test_a_silent_source_is_named_with_the_rules_that_read_it() -> None:
    """In the alert's sentence and its facts; only rules that are on in the region's profile."""
    (alert,) = [each for each in judged(HENAN + PAID, "2019-07-08")[1] if each.subject_title == "treasury_payment"]
    assert "资金闲置" in alert.message_zh
    named = str(alert.facts["rules"]).split(",")
    assert {"funds_idle", "payment_unlinked", "special_account_lump_transfer"} <= set(named)
    assert not {"use_structure_out_of_band", "source_silent", "monthly_payment_entry_missing"} & set(named)
    assert all(name in alert.message_en for name in named)


def test_an_alert_of_a_rule_whose_source_is_silent_bears_the_sources_last_record() -> None:
    """A rule that does not read it bears none, and none does while the source is heard."""
    paid = "2019-07-02  payment.recorded   Z1  line_id=null yuan=50.00 settlement_method=cash\n"
    later = "2019-07-20  payment.voided     Z1\n"
    told = judged(HENAN + paid + later, "2019-07-20")[1]
    cash = [each for each in told if each.rule_id == "cash_withdrawal"]
    assert [each.transition.value for each in cash] == ["raised", "cleared"]
    marks = [[proof for proof in each.evidence if proof.role.startswith("silent_source")] for each in cash]
    assert [[(proof.event_id, proof.role) for proof in each] for each in marks] == [
        [],
        [("opened:410324", "silent_source:budget_execution")],
    ]
    silent = [each for each in told if each.rule_id == "source_silent"]
    assert not [proof for each in silent for proof in each.evidence if proof.role.startswith("silent_source")]
