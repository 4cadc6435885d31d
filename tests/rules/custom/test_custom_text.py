"""Laws of custom rules as people write them: refused by field, bounded, and the same as long as the text is."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.catalogue import RULES
from rules.custom import limits
from rules.custom.expressions import Expression, ExpressionRefused, FactType, compiled
from rules.custom.failures import Failure, Why
from rules.custom.limits import CUSTOM_RULES_MAX, DAILY_RULES_MAX
from rules.planning import Planner, changed
from rules.rule_set_record import differences
from rules.rule_set_text import rule_set_from
from rules.thresholds import PARAMETERS_CHARACTERS_MAX, RuleSetRefused
from tests.rules.custom.rule_sets import PAGE, content_of, documented, rule_set_with

at_length = settings(max_examples=300, deadline=None)
SOUND: dict[str, Any] = {"red": "line.unpaid_fen > 0"}
DAILY = {"red": "today - line.available_on > 3"}


def faults(*tables: dict[str, Any], **more: Any) -> list[str]:
    """What is wrong with a rule set of these custom rules."""
    with pytest.raises(RuleSetRefused) as refused:
        rule_set_with(*tables, **more)
    return [str(fault) for fault in refused.value.faults]


@pytest.mark.parametrize(
    ("table", "fault"),
    [
        ({"red": "quoata.amount_fen > 1"}, "custom[0].red: unknown fact or function `quoata.amount_fen`, expected one"),
        ({"red": "line.unpayd > 1"}, "custom[0].red: unknown fact or function `line.unpayd`, expected one of line.all"),
        ({"red": "now() > 1"}, "custom[0].red: unknown fact or function `now`, expected one of line.allocated_on"),
        ({"red": "line.unpaid_fen"}, "custom[0].red: type int, expected an expression of type bool"),
        ({"red": "line.unpaid_fen > 1.5"}, "custom[0].red: 1:17: found no matching overload for '_>_' applied to"),
        ({"red": "line.id > 1"}, "custom[0].red: 1:9: found no matching overload for '_>_' applied to '(string, int)'"),
        ({"red": "line.unpaid_fen >"}, "custom[0].red: 1:18: Syntax error"),
        ({"red": "[1, 2].exists(each, each > 1)"}, "custom[0].red: unknown fact or function `each`, expected one of"),
        ({"red": "line.id.matches('A.*')"}, "custom[0].red: unknown fact or function `matches`, expected one of"),
        ({"red": "double(line.unpaid_fen) > 0.5"}, "custom[0].red: unknown fact or function `double`, expected one of"),
        ({"red": "dyn(line.id) > 1"}, "custom[0].red: unknown fact or function `dyn`, expected one of"),
        ({"red": ""}, "custom[0].red: expected an expression of 1 to 1000 characters"),
        ({"red": f"'{'x' * 1_000}' == ''"}, "custom[0].red: expected an expression of 1 to 1000 characters"),
        ({"red": f"[{'1,' * 200}1] == [1]"}, "custom[0].red: 205 names, values and operators, expected at most 200"),
        ({"red": f"{'(' * 40}true{')' * 40}"}, "custom[0].red: expected an expression nested less than 32 deep"),
        ({"red": 3}, "custom[0].red: expected an expression, or { when = an expression, from = one that gives a day }"),
        ({"red": {"when": "true"}}, "custom[0].red: expected an expression, or { when"),
        (
            {"red": {"when": "true", "from": "'soon'"}},
            "custom[0].red.from: type string, expected an expression of type",
        ),
        ({"red": {"when": "1", "from": "1"}}, "custom[0].red.when: type int, expected an expression of type bool"),
        ({}, "custom[0].red: expected a condition here, at yellow, or at both"),
        (SOUND | {"id": "funds_idle"}, "custom[0].id: expected custom_ and at most 50 small letters"),
        (SOUND | {"subject": "person"}, "custom[0].subject: expected one of payment, line, quota, project"),
        (SOUND | {"mode": "maybe"}, "custom[0].mode: expected off, shadow or on"),
        (SOUND | {"mode": None}, "custom[0].mode: expected off, shadow or on"),
        (SOUND | {"category": "其他"}, "custom[0].category: expected one of"),
        (SOUND | {"owner": "某处"}, "custom[0].owner: expected one of"),
        (SOUND | {"basis": []}, "custom[0].basis: expected the clause that it rests on, or several"),
        (
            SOUND | {"basis": "条" * 301},
            "custom[0].basis: expected the clause that it rests on, or several: at most 10",
        ),
        (
            SOUND | {"basis": ["第六条"] * 11},
            "custom[0].basis: expected the clause that it rests on, or several: at most",
        ),
        (SOUND | {"basis": ["第六条", " "]}, "custom[0].basis: expected the clause that it rests on, or several"),
        (SOUND | {"profiles": ["hebei"]}, "custom[0].profiles: expected some of henan, xinjiang"),
        (SOUND | {"name_zh": ""}, "custom[0].name_zh: expected a text of at most 200 characters"),
        (SOUND | {"colour": "red"}, "custom[0].colour: expected one of id, name_zh"),
        (SOUND | {"message_zh": "{line.unpayd}"}, "custom[0].message_zh: unknown fact `line.unpayd`, expected one of"),
        (SOUND | {"message_en": "{line.id"}, "custom[0].message_en: expected each fact in one pair of braces"),
        (SOUND | {"observed": "quota.paid_fen"}, "custom[0].observed: unknown fact `quota.paid_fen`, expected one of"),
        (SOUND | {"amount": "line.id"}, "custom[0].amount: expected a fact in fen: a window, or one whose name"),
        (SOUND | {"parameters": {"Most": 1}}, "custom[0].parameters.Most: expected a name of at most 41 small"),
        *(
            (SOUND | {"parameters": {word: 1}}, f"custom[0].parameters.{word}: expected another name")
            for word in ("mode", "author", "basis", "valid_from", "valid_until")
        ),
        (SOUND | {"parameters": {"most": 1.5}}, "custom[0].parameters.most: expected `int`, got `float`"),
        (SOUND | {"parameters": {"most": 2**60}}, "custom[0].parameters.most: expected `int` <= 9007199254740991"),
        (
            SOUND | {"parameters": {f"p{n}": 1 for n in range(21)}},
            "custom[0].parameters: expected a table of at most 20",
        ),
        (
            SOUND | {"parameters": {f"p{n}": ["条" * 1000] * 10 for n in range(6)}},
            "custom[0].parameters: expected at most 50000 characters in all",
        ),
        (
            SOUND | {"windows": {f"w{n}": {"days": 1} for n in range(5)}},
            "custom[0].windows: expected a table of at most",
        ),
        (SOUND | {"windows": {"recent": {"days": 0}}}, "custom[0].windows.recent: expected { days = 1 to 1100 } or"),
        (SOUND | {"windows": {"recent": {"since": "02-30"}}}, "custom[0].windows.recent: expected { days = 1 to"),
        (
            {"subject": "payment", "red": "payment.is_valid", "windows": {"recent": {"days": 3}}},
            "custom[0].windows: expected none on payments",
        ),
        (SOUND | {"observed": ["line.net_fen"]}, "custom[0].observed: unknown fact `['line.net_fen']`"),
        (
            {"subject": "payment", "red": "today > 1"},
            "custom[0].red: unknown fact or function `today`, expected one of",
        ),
    ],
)
def test_a_custom_rule_is_refused_by_the_field_at_fault(table: dict[str, Any], fault: str) -> None:
    """With what was found there and what is expected; of facts those that there are."""
    (found,) = faults(table)
    assert found.startswith(fault)


def test_every_fault_of_every_rule_is_told() -> None:
    """One reading tells all there is to mend."""
    found = faults(SOUND, {"red": "1", "owner": "x"}, {"red": "true", "id": "X", "mode": 1})
    assert [each.partition(":")[0] for each in found] == [
        "custom[1].red",
        "custom[1].owner",
        "custom[2].id",
        "custom[2].mode",
    ]


def test_custom_rules_are_bounded_in_number() -> None:
    """All of them, and those that are judged anew each day."""
    many = [SOUND | {"id": f"custom_{number}"} for number in range(CUSTOM_RULES_MAX + 1)]
    assert faults(*many) == [f"custom: expected at most {CUSTOM_RULES_MAX} rules"]
    daily = [DAILY | {"id": f"custom_{number}"} for number in range(DAILY_RULES_MAX + 1)]
    assert faults(*daily) == [f"custom: expected at most {DAILY_RULES_MAX} rules that ask for today"]
    assert len(rule_set_with(*many[1:]).customs) == CUSTOM_RULES_MAX


def test_facts_are_bounded_in_number() -> None:
    """Each has to be fetched."""
    types = {f"line.f{number}": FactType.INT for number in range(25)}
    with pytest.raises(ExpressionRefused, match="25 different facts, expected at most 24"):
        compiled(" + ".join(types) + " > 0", types, FactType.BOOL)


def test_an_id_is_used_once() -> None:
    """Within the rule set and beside the settings of the catalogue's rules."""
    assert faults(SOUND, SOUND | {"name_en": "again"}) == ["custom[1].id: expected an id that no other rule has"]
    own = {"rules": {"custom_tried": {"mode": "off"}}}
    assert faults(SOUND, **own) == ["rules.custom_tried: expected nothing: [[custom]] says all of it"]


@pytest.mark.parametrize("custom", [3, [3], {"id": "x"}])
def test_custom_rules_are_tables(custom: object) -> None:
    """Anything else is refused as a whole."""
    with pytest.raises(RuleSetRefused, match="custom: expected tables"):
        rule_set_from(content_of() | {"custom": custom}, RULES)


def test_a_rule_that_says_the_same_is_the_same_in_the_next_version() -> None:
    """So that taking up another version judges again only what it changes; the mode is no part of the rule."""
    first, second = (
        rule_set_with(SOUND, version="1"),
        rule_set_with(SOUND | {"mode": "shadow"}, DAILY | {"id": "custom_b"}),
    )
    assert second.customs[0] is first.customs[0]
    plans = [
        Planner((), each, has_customs=True).plans("652722", "xinjiang", 1)
        for each in (first, rule_set_with(SOUND, version="2"))
    ]
    assert changed(*plans) == ()
    other = rule_set_with(SOUND | {"red": "line.unpaid_fen > 1"})
    assert other.customs[0].version != first.customs[0].version


def test_two_versions_are_compared_by_rule_and_field() -> None:
    """Not as one long list."""
    found = differences(content_of(SOUND), content_of(DAILY, SOUND | {"id": "custom_b"}))
    assert found[0].path == "custom.custom_b.basis"
    assert [(each.before, each.after) for each in found if each.path == "custom.custom_tried.red"] == [
        (SOUND["red"], DAILY["red"])
    ]


def test_an_expression_tells_what_it_asks_for() -> None:
    """Texts and comments that look like facts are none."""
    types = {"line.id": FactType.STRING, "line.unpaid_fen": FactType.INT, "today": FactType.INT}
    found = compiled("line.id == 'today' // line.unpaid_fen", types, FactType.BOOL)
    assert isinstance(found, Expression)
    assert found.facts == ("line.id",)


def test_the_examples_of_the_documentation_are_sound() -> None:
    """docs/custom_rules.md shows a rule set that can be used as it stands."""
    assert [rule.id for rule in documented().customs] == [
        "custom_much_money_lies",
        "custom_rush_in_december",
        "custom_cash_on_a_holiday",
    ]


def test_limits_are_told_as_they_are() -> None:
    """docs/custom_rules.md names each limit with its number."""
    page = " ".join(PAGE.read_text("utf-8").split())
    said = {
        "CUSTOM_RULES_MAX": "{} custom rules",
        "DAILY_RULES_MAX": "{} of them with `today`",
        "EXPRESSION_CHARACTERS_MAX": "expressions of {} characters",
        "EXPRESSION_NODES_MAX": "{} names, values and operators",
        "FACTS_MAX": "over {} facts",
        "WINDOWS_MAX": "{} windows of at most",
        "WINDOW_DAYS_MAX": "windows of at most {} days",
        "PARAMETERS_MAX": "{} parameters",
        "PARAMETER_CHARACTERS_MAX": "texts of {} characters",
        "SHOWN_CHARACTERS_MAX": "show of each fact the first {} characters",
        "MESSAGE_CHARACTERS_MAX": "messages of {} characters",
        "LINES_MAX": "more than {} lines",
        "PAID_DAYS_MAX": "more than {} days with payments",
        "ID_CHARACTERS_MAX": "ids of {} characters after `custom_`",
        "NAME_CHARACTERS_MAX": "names of parameters and windows of {}",
        "TEXT_CHARACTERS_MAX": "names of a rule of {}",
        "CLAUSES_MAX": "{} clauses",
        "CLAUSE_CHARACTERS_MAX": "clauses of {} characters each",
        "TEXTS_MAX": "lists of {} texts",
        "NUMBER_MAX": "numbers up to {}",
        "DETAIL_CHARACTERS_MAX": "Of what went wrong {} characters",
    }
    inner = {"LANGUAGES_MAX"}  # of the memory of a process, not of what people write
    found = {name: value for name, value in vars(limits).items() if name.endswith("_MAX") and name not in inner}
    assert found.keys() == said.keys()
    assert f"{PARAMETERS_CHARACTERS_MAX:,} characters in all" in page
    assert [name for name, value in found.items() if said[name].format(f"{value:,}") not in page] == []


PIECES = (
    *(
        "line.id",
        "line.unpaid_fen",
        "today",
        "parameter.terms",
        "0",
        "1",
        "-9223372036854775808",
        "'x'",
        "true",
        "null",
    ),
    *(
        "+",
        "-",
        "*",
        "/",
        "%",
        "&&",
        "||",
        "!",
        "==",
        "<",
        ">=",
        "?",
        ":",
        "in",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        ",",
        ".",
    ),
    *(
        "day",
        "month",
        "weekday",
        "is_working_day",
        "size",
        "contains",
        "all",
        "map",
        "x",
        "\u4e2d",
        '"',
        "\\",
        "//",
        "\n",
    ),
)
TYPES = {
    "line.id": FactType.STRING,
    "line.unpaid_fen": FactType.INT,
    "today": FactType.INT,
    "parameter.terms": FactType.STRINGS,
}


FACTS = {"line.id": "中", "line.unpaid_fen": 3, "today": 737_000, "parameter.terms": ["x"]}


def tried(text: str) -> list[str]:
    """What comes of a text: why it is refused, or its values where all facts are there and where none is."""
    try:
        found = compiled(text, TYPES, FactType.BOOL)
    except ExpressionRefused as refused:
        return [str(refused)]
    values = [found.evaluate(found.bound(known)) for known in (FACTS, {})]
    assert all(each.reason in tuple(Why) if isinstance(each, Failure) else isinstance(each, bool) for each in values)
    return [str(each) for each in values]


@at_length
@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join) | st.text(max_size=60))
def test_any_text_is_an_expression_with_a_value_or_refused(text: str) -> None:
    """Whatever people type: never another error than those that are told by field, or counted."""
    assert all(tried(text))


# Sound pieces with holes, so that most of what comes out is an expression.
NUMBERS = st.recursive(
    st.sampled_from(("line.unpaid_fen", "today", "0", "1", "9223372036854775807", "size(line.id)")),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-*/%"), inner).map(lambda each: f"({' '.join(each)})"),
        inner.map(lambda each: f"month({each})"),
        inner.map(lambda each: f"size(parameter.terms[{each}])"),
    ),
    max_leaves=8,
)


@at_length
@given(st.tuples(NUMBERS, st.sampled_from(("<", "==", ">=")), NUMBERS))
def test_a_sound_expression_has_the_same_value_each_time(parts: tuple[str, str, str]) -> None:
    """A value, or a reason why there is none: compiled again and evaluated again it is the same."""
    assert tried(" ".join(parts)) == tried(" ".join(parts))
