"""Laws of rule sets as people write them: read whole or refused, every fault by the name of its field."""

from __future__ import annotations

from datetime import date

import pytest

from rules.catalogue import RULES
from rules.rule_set_text import canonical, content_hash, content_of, rule_set_from
from rules.thresholds import Mode, RuleSetRefused

HEAD = """
version = "2026.2"
author = "li.wei"
basis = "豫财监〔2026〕2号"
"""
GOOD = (
    HEAD
    + """
note = "idle money is to be seen earlier"

[rules.funds_idle]
mode = "shadow"
yellow_after_days = 60

[regions."652722".rules.funds_idle]
author = "wang.fang"
basis = "博财预〔2026〕7号"
valid_from = 2026-01-01
valid_until = 2026-12-31
red_after_days = 100
"""
)
OWN = """
[regions."652722".rules.funds_idle]
author = "wang.fang"
basis = "博财预〔2026〕7号"
valid_from = 2026-02-01
"""


def test_a_rule_set_says_what_its_text_says() -> None:
    """Values for all regions, and for one region for a time upon these."""
    found = rule_set_from(content_of(GOOD), RULES)
    idle = next(rule for rule in RULES if rule.id == "funds_idle")
    general = found.in_force(idle, "xinjiang")
    own = found.in_force(idle, "xinjiang", "652722", date(2026, 12, 31).toordinal())
    after = found.in_force(idle, "xinjiang", "652722", date(2027, 1, 1).toordinal())
    assert (found.version, general.mode, after) == ("2026.2", Mode.SHADOW, general)
    assert {name: parameter.value for name, parameter in general.used.items()} == {
        "yellow_after_days": 60,
        "red_after_days": 180,
        "unpaid_above_fen": 0,
    }
    assert {name: (parameter.value, parameter.basis) for name, parameter in own.used.items()} == {
        "yellow_after_days": (60, "override"),
        "red_after_days": (100, "override"),
        "unpaid_above_fen": (0, "proposed"),
    }


def test_a_region_may_switch_on_a_rule_of_another_profile() -> None:
    """Nothing else lets a rule judge beyond the profiles that it names."""
    rule = next(rule for rule in RULES if rule.profiles == {"henan"})
    text = HEAD + OWN.replace("funds_idle", rule.id) + 'mode = "on"'
    found = rule_set_from(content_of(text), RULES)
    day = date(2026, 2, 1).toordinal()
    assert found.in_force(rule, "xinjiang", "652722", day).mode is Mode.ON
    assert found.in_force(rule, "xinjiang", "652722", day - 1).mode is Mode.OFF
    assert found.in_force(rule, "xinjiang", "652701", day).mode is Mode.OFF


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        (HEAD.replace('version = "2026.2"', ""), ["version: expected a text of at most 2000 characters"]),
        (HEAD.replace("2026.2", "2026 2"), ["version"]),
        (HEAD.replace("2026.2", "builtin-1"), ["version"]),
        (HEAD + "rules = 3", ["rules: expected a table"]),
        (HEAD + "rule.funds_idle.mode = 'on'", ["rule: expected one of version, author, basis, note, rules, regions"]),
        (HEAD + "[rules.funds_idel]", ["rules.funds_idel: expected a rule of the catalogue"]),
        (HEAD + "[rules.funds_idle]\nmode = 'maybe'", ["rules.funds_idle.mode: expected off, shadow or on"]),
        (
            HEAD + "[rules.funds_idle]\nyellow_after_day = 1",
            ["rules.funds_idle.yellow_after_day: expected one of mode, yellow_after_days, red_after_days"],
        ),
        (
            HEAD + OWN + "yellow_after_days = 'ten'",
            ["regions.652722.rules.funds_idle.yellow_after_days: expected `int`, got `str`"],
        ),
        (HEAD + OWN + "valid_until = 2026-01-31", ["regions.652722.rules.funds_idle.valid_until"]),
        (HEAD + OWN.replace("2026-02-01", "'soon'"), ["regions.652722.rules.funds_idle.valid_from"]),
        (HEAD + OWN.replace('author = "wang.fang"', ""), ["regions.652722.rules.funds_idle.author"]),
        (HEAD + OWN.replace("652722", "652799"), ["regions.652799: expected the six digits of a region"]),
        (
            HEAD.replace("li.wei", "") + "[rules.funds_idle]\nmode = 1\nred_after_days = -1",
            ["author", "rules.funds_idle.mode", "rules.funds_idle.red_after_days: expected `int` >= 0"],
        ),
        (
            HEAD + "[rules.funds_idle]\nyellow_after_days = true\nred_after_days = 'x'\nunpaid_above_fen = 1.0",
            [
                "rules.funds_idle.yellow_after_days: expected `int`, got `bool`",
                "rules.funds_idle.red_after_days: expected `int`, got `str`",
                "rules.funds_idle.unpaid_above_fen: expected `int`, got `float`",
            ],
        ),
        (  # what the general values have wrong is told once
            HEAD + "[rules.funds_idle]\nyellow_after_days = -1" + OWN + "red_after_days = 3",
            ["rules.funds_idle.yellow_after_days: expected `int` >= 0"],
        ),
        ("version = ", ["file: expected TOML: Invalid value"]),
        ("note = " + "[" * 5_000, ["file: expected TOML: arrays or tables are nested too deep"]),
        ("note = " + "9" * 5_000, ["file: expected TOML: Exceeds the limit"]),
    ],
)
def test_a_bad_rule_set_is_refused_by_every_field_at_fault(text: str, faults: list[str]) -> None:
    """One reading tells all there is to mend."""
    with pytest.raises(RuleSetRefused) as refused:
        rule_set_from(content_of(text), RULES)
    found = [str(fault) for fault in refused.value.faults]
    assert len(found) == len(faults)
    assert [fault.startswith(expected) for fault, expected in zip(found, faults, strict=True)] == [True] * len(faults)


@pytest.mark.parametrize(
    ("told", "fault"),
    [
        ("payment_not_centralised.allowed_channels = ['treasury_centralized']", "allowed_channels[0]"),
        ("payee_enterprise_inactive.yellow_lists = ['abnormal_operation', ' tax_delinquent']", "yellow_lists[1]"),
        ("recipient_on_public_payroll.yellow_registries = ['village_cadres']", "yellow_registries[0]"),
        ("recipient_on_public_payroll.yellow_registries = ['registered_poor']", "yellow_registries[0]"),
        ("use_structure_out_of_band.bands = ['industri:60:100']", "bands[0]"),
        ("use_structure_out_of_band.bands = ['industry:60:50']", "bands"),
        ("use_structure_out_of_band.bands = ['industry:60:101']", "bands"),
        ("payment_use_forbidden.forbidden_terms = ['奖金', '']", "forbidden_terms[1]"),
        ("payment_use_forbidden.forbidden_economic_codes = [' ']", "forbidden_economic_codes[0]"),
    ],
)
def test_a_list_names_what_there_is(told: str, fault: str) -> None:
    """A name that nothing has would never match, and a blank term always: neither is noticed in force."""
    rule_id = told.partition(".")[0]
    with pytest.raises(RuleSetRefused) as refused:
        rule_set_from(content_of(HEAD + f"[rules]\n{told}"), RULES)
    assert [each.field for each in refused.value.faults] == [f"rules.{rule_id}.{fault}"]


@pytest.mark.parametrize("path", ["rules", 'regions."652722".rules'])
def test_what_is_set_of_a_rule_is_bounded_together(path: str) -> None:
    """An alert carries it; one that is longer than a Kafka record may be would stop a worker."""
    own = "author = 'a'\nbasis = 'b'\nvalid_from = 2026-02-01\n" if "regions" in path else ""
    terms = ", ".join(f"'{'条' * 190}{number}'" for number in range(300))
    text = f"{HEAD}[{path}.payment_use_forbidden]\n{own}forbidden_terms = [{terms}]"
    with pytest.raises(RuleSetRefused) as refused:
        rule_set_from(content_of(text), RULES)
    plain = path.replace('"', "")
    assert str(refused.value) == f"{plain}.payment_use_forbidden: expected at most 50000 characters in all"


def test_order_and_spacing_make_no_other_content() -> None:
    """The hash is of what is said, not of how it is written."""
    turned = content_of("basis = '豫财监〔2026〕2号'\nauthor='li.wei'\nversion   =   '2026.2'")
    assert canonical(turned) == canonical(content_of(HEAD))
    assert content_hash(turned) != content_hash(content_of(GOOD))
