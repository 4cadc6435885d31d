"""One page for each rule, for people: made from the rule's module, so that page and rule cannot part."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterable
from inspect import cleandoc

from domain.money import yuan_text
from rules.rule import Rule
from rules.thresholds import Source, parameter_sources, rule_set_of

INDEX_FILE = "README.md"
HEADINGS = ("Flags", "Why it matters", "Example", "Not a fault when")
_FEN = "fen"
_NOTE = "<!-- Written by `python -m fundwatch.rule_pages docs/rules`; change the rule's module instead. -->"


def rule_pages(rules: tuple[Rule, ...]) -> dict[str, str]:
    """Every page by file name, the list of all rules among them."""
    return {INDEX_FILE: _index(rules)} | {f"{rule.id}.md": _page(rule) for rule in rules}


def sections_of(rule: Rule) -> dict[str, str]:
    """What the rule's module says under each of its four headings, a paragraph a line."""
    text = cleandoc(importlib.import_module(f"rules.catalogue.{rule.id}").__doc__ or "")
    parts = re.split(rf"^({'|'.join(HEADINGS)}):\n", text, flags=re.MULTILINE)[1:]
    return {heading: _unwrapped(body) for heading, body in zip(parts[::2], parts[1::2], strict=True)}


def _unwrapped(text: str) -> str:
    paragraphs = re.split(r"\n\s*\n", text.strip())
    return "\n\n".join(" ".join(line.strip() for line in paragraph.splitlines()) for paragraph in paragraphs)


def _index(rules: tuple[Rule, ...]) -> str:
    rows = [
        f"| [`{rule.id}`]({rule.id}.md) | {rule.name_zh} | {rule.name_en} | {rule.category} | {rule.owner} "
        f"| {rule.kind} | {rule.stage} | {_where_on(rule)} |"
        for rule in rules
    ]
    lines = [
        "# Rules",
        "",
        _NOTE,
        "",
        f"{len(rules)} rules, in the order in which one record's alerts come.",
        "",
        "What a rule set's own rules may ask for is in [custom_facts.md](custom_facts.md).",
        "",
        "| rule | 名称 | name | category | owner | kind | stage | on in |",
        "|---|---|---|---|---|---|---|---|",
        *rows,
    ]
    return _text(lines)


def _page(rule: Rule) -> str:
    said = sections_of(rule)
    lines = [
        f"# {rule.name_zh}",
        "",
        _NOTE,
        "",
        f"{rule.name_en}. Rule `{rule.id}`, version {rule.version}.",
        "",
        "| category | owner | kind | stage | on in |",
        "|---|---|---|---|---|",
        f"| {rule.category} | {rule.owner} | {rule.kind} | {rule.stage} | {_where_on(rule)} |",
        "",
        *_section("What it flags", said["Flags"]),
        *_section("Why it matters", said["Why it matters"]),
        *_section("Rests on", "\n".join(f"- {clause}" for clause in rule.basis)),
        *_section("Thresholds", _thresholds(rule)),
        *_section("Example", said["Example"]),
        *_section("Not a fault when", said["Not a fault when"]),
        f"Day by day: [`tests/rules/tapes/{rule.id}.tape`](../../tests/rules/tapes/{rule.id}.tape).",
    ]
    return _text(lines)


def _section(heading: str, text: str) -> tuple[str, ...]:
    return f"## {heading}", "", text, ""


def _text(lines: Iterable[str]) -> str:
    return "\n".join(lines) + "\n"


def _where_on(rule: Rule) -> str:
    return ", ".join(sorted(rule.profiles)) if rule.is_on else f"off ({', '.join(sorted(rule.profiles))} when named)"


def _thresholds(rule: Rule) -> str:
    """The parameters with their values in each profile that the rule is for, and where these come from."""
    sources = parameter_sources(rule)
    if not sources:
        return "None."
    profiles = sorted(rule.profiles)
    values = rule_set_of((rule,)).values
    rows = [
        f"| `{name}` | {' | '.join(_value(getattr(values[profile][rule.id], name), source) for profile in profiles)} "
        f"| {source.unit} | {source.basis} |"
        for name, source in sources.items()
    ]
    head = ["parameter", *profiles, "unit", "basis"]
    return "\n".join((f"| {' | '.join(head)} |", f"|{'---|' * len(head)}", *rows))


def _value(value: object, source: Source) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return f"{value:,} ({yuan_text(value)} yuan)" if source.unit == _FEN else f"{value:,}"
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "none"
    return str(value)
