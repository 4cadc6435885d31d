"""The page of facts that custom rules may ask for, generated from the facts themselves."""

from __future__ import annotations

from collections.abc import Iterator

from rules.custom.expressions import DAY_FUNCTIONS, FUNCTIONS
from rules.custom.facts import GROUPS, Group, full_name
from rules.custom.message import is_day, is_money
from rules.fold.folding import SubjectKind

FACTS_FILE = "custom_facts.md"
_TITLES = {
    SubjectKind.PAYMENT: "payment 支付",
    SubjectKind.LINE: "line 指标明细",
    SubjectKind.QUOTA: "quota 指标",
    SubjectKind.PROJECT: "project 项目",
}
_HEAD = """# Facts of custom rules

Generated from `rules/custom/facts.py` by `python -m fundwatch.rule_pages docs/rules`; how to write a rule is told in
[custom_rules.md](../custom_rules.md).

Amounts (`…_fen`) are whole fen. Days (`…_on`, `today`) are day numbers (1 is the first of January of the year 1): they
are compared, added to and subtracted, and written `day('2026-03-31')`. A text that a record leaves out is empty, a flag
that it leaves out is false. A day that there is not is absent, and so are all facts of an object that is not known: an
expression that comes to need one has no value on that subject, unless a guard such as `line.is_paid &&` or
`payment.has_line &&` stands beside it.

Every rule has its own `parameter.<name>` too, and a rule on lines, quotas or projects its `window.<name>`: what was
paid in the window, in fen, by day of payment, refunds on their own days.
"""


def facts_page() -> str:
    """The page as Markdown."""
    return "\n".join((_HEAD, *_functions(), *(line for kind in GROUPS for line in _kind(kind)))) + "\n"


def _functions() -> Iterator[str]:
    yield from ("## Functions", "", "| function | gives | what |", "|---|---|---|")
    for each in DAY_FUNCTIONS:
        yield f"| `{each.name}({'text' if each.name == 'day' else 'day'})` | {each.gives} | {each.says} |"
    yield "| `size(text)`, `size(list)` | int | number of characters, or of entries |"
    methods = ", ".join(f"`text.{name}(part)`" for name in FUNCTIONS if name != "size")
    yield f"| {methods} | bool | whether the text has this part, there or anywhere |"
    yield ""
    yield "Operators: `+ - * / %`, `== != < <= > >=`, `&& || !`, `a ? b : c`, `in`, `list[0]`."
    yield "Division drops the remainder."
    yield ""


def _kind(kind: SubjectKind) -> Iterator[str]:
    yield f"## A rule on a {_TITLES[kind]}"
    yield ""
    for group in GROUPS[kind]:
        yield group.says
        yield ""
        yield from ("| fact | type | what |", "|---|---|---|")
        yield from _rows(group)
        yield ""


def _rows(group: Group) -> Iterator[str]:
    for fact in group.facts:
        name = full_name(group, fact)
        kind = "fen" if is_money(name) else "day" if is_day(name) else fact.type.value
        yield f"| `{name}` | {kind} | {fact.says} |"
