"""The catalogue as a whole: every module is listed, and every rule says what a rule must say."""

from __future__ import annotations

import csv
import importlib
import pkgutil
from pathlib import Path
from types import ModuleType
from typing import get_type_hints

import pytest

import rules.catalogue
from rules.catalogue import RULES
from rules.rule import ALL_PROFILES, HENAN, XINJIANG, Rule
from rules.thresholds import SETTING_WORDS, RuleSetRefused, Setting, rule_set_of

HEADINGS = ("Flags:", "Why it matters:", "Example:", "Not a fault when:")
SUPPORT = {"evidence"}  # what several rules show; not a rule
OWNERS = {"预算", "国库", "农财", "归口业务处室", "绩效", "监督检查", "信息", "扶贫资金管理办公室"}

_TABLE = Path(__file__).parents[1] / "data" / "contract" / "rules.tsv"
CONTRACT = {row["rule_id"]: row for row in csv.DictReader(_TABLE.read_text("utf-8").splitlines(), delimiter="\t")}
WHERE_ON = {
    "on:all": ("on", ALL_PROFILES),
    "off:all": ("off", ALL_PROFILES),
    "on:henan": ("on", HENAN),
    "on:xinjiang": ("on", XINJIANG),
}


# Rules whose owner is not the contract's cell, and why: that says an owner for each thing that can be found, which the
# alert carries (`Explanation.owner`); the rule's own is the owner of what it does not name otherwise.
OTHER_OWNERS = {
    "monthly_report_late": (
        (
            "by report: county_monthly→归口业务处室; section_monthly→扶贫资金管理办公室; prefecture_performance→绩效; "
            "reconciliation→农财"
        ),
        "归口业务处室",
    ),
    "rectification_overdue": (
        "by kind: problem_kind evaluation, performance, target_unscientific→绩效; otherwise→监督检查",
        "监督检查",
    ),
}


def module_of(rule: Rule) -> ModuleType:
    """The module that a rule's id names."""
    return importlib.import_module(f"rules.catalogue.{rule.id}")


def test_every_module_of_the_catalogue_is_listed() -> None:
    """A rule that is written but not listed would never be judged."""
    modules = {module.name for module in pkgutil.iter_modules(rules.catalogue.__path__)}
    assert modules - SUPPORT == {rule.id for rule in RULES}


def test_rule_ids_are_unique() -> None:
    """An id is part of every alert's identity."""
    assert len({rule.id for rule in RULES}) == len(RULES)


def test_the_catalogue_is_in_the_order_of_the_contract() -> None:
    """Alerts of one record come in this order."""
    assert [rule.id for rule in RULES] == list(CONTRACT)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_is_named_and_placed_as_in_the_contract(rule: Rule) -> None:
    """Names, class, kind, stage, and where it is on; the owner, too, where it is one for the whole rule."""
    row = CONTRACT[rule.id]
    assert (rule.name_zh, rule.name_en, rule.category, rule.kind, rule.stage) == (
        *(row["name_zh"], row["name_en"], row["category"]),
        *(row["kind"], row["stage"]),
    )
    assert (("on" if rule.is_on else "off"), rule.profiles) == WHERE_ON[row["default_enabled"]]
    assert (row["owner"], rule.owner) == OTHER_OWNERS.get(rule.id, (rule.owner, rule.owner))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_is_what_its_module_says(rule: Rule) -> None:
    """The id is the module's name and the module holds the rule."""
    assert module_of(rule).RULE is rule


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_explains_itself_under_four_headings(rule: Rule) -> None:
    """The docstring begins with the Chinese name and has the four headings in their order."""
    text = module_of(rule).__doc__ or ""
    assert text.startswith(rule.name_zh)
    places = [text.find(heading) for heading in HEADINGS]
    assert places == sorted(places)
    assert min(places) > 0


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_names_owner_clause_and_profile(rule: Rule) -> None:
    """An alert goes to someone, and cites what it rests on."""
    assert rule.owner in OWNERS
    assert rule.basis
    assert rule.profiles


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_parameter_of_a_rule_has_a_default_and_a_basis(rule: Rule) -> None:
    """A threshold without a source cannot be defended."""
    used = rule_set_of((rule,)).used["henan"][rule.id]
    assert set(used) == set(get_type_hints(rule.thresholds))
    assert {parameter.basis for parameter in used.values()} <= {"stated", "proposed", "extended"}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_no_parameter_is_called_as_a_word_of_rule_sets(rule: Rule) -> None:
    """What a region says of it could not be told from who says so, or for how long."""
    assert set(SETTING_WORDS).isdisjoint(rule.thresholds.__struct_fields__)


def test_an_override_is_used_and_says_so() -> None:
    """The alert carries the number in force and that it was set."""
    used = rule_set_of(RULES, {"funds_idle": Setting(parameters={"yellow_after_days": 60})}).used["xinjiang"][
        "funds_idle"
    ]
    assert (used["yellow_after_days"].value, used["yellow_after_days"].basis) == (60, "override")
    assert used["red_after_days"].basis == "proposed"


@pytest.mark.parametrize(
    ("override", "field"),
    [
        ({"no_such_rule": {}}, "no_such_rule"),
        ({"funds_idle": {"yellow_after_dais": 60}}, "funds_idle.yellow_after_dais"),
        ({"funds_idle": {"yellow_after_days": -1}}, "funds_idle.yellow_after_days"),
        ({"funds_idle": {"yellow_after_days": "60"}}, "funds_idle.yellow_after_days"),
        (
            {"performance_target_missing": {"deadline_month_day": "02-30"}},
            "performance_target_missing.deadline_month_day",
        ),
    ],
)
def test_a_bad_override_is_refused_by_field_name(override: dict[str, dict[str, object]], field: str) -> None:
    """A bad rule set says which field is wrong; nothing is judged with it."""
    with pytest.raises(RuleSetRefused) as refused:
        rule_set_of(RULES, {rule_id: Setting(parameters=values) for rule_id, values in override.items()})
    assert refused.value.field == f"rules.{field}"
