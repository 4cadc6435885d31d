"""Laws of the rules' pages: they are those of the code, and say all that it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from rules.catalogue import RULES
from rules.custom.pages import FACTS_FILE, facts_page
from rules.pages import HEADINGS, INDEX_FILE, rule_pages, sections_of
from rules.rule import Rule
from rules.thresholds import parameter_sources

PROJECT = Path(__file__).parents[2]
PAGES = rule_pages(RULES)


def test_the_published_pages_are_those_of_the_code() -> None:
    """docs/rules holds exactly what `python -m fundwatch.rule_pages docs/rules` writes."""
    published = {path.name: path.read_text("utf-8") for path in (PROJECT / "docs" / "rules").glob("*.md")}
    assert published == PAGES | {FACTS_FILE: facts_page()}


def test_there_is_a_page_for_every_rule() -> None:
    """One page per rule, and the list of all."""
    assert set(PAGES) == {f"{rule.id}.md" for rule in RULES} | {INDEX_FILE}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_page_says_what_its_rule_says(rule: Rule) -> None:
    """Names, clauses, every parameter, and each of the four sections."""
    page = PAGES[f"{rule.id}.md"]
    said = sections_of(rule)
    assert tuple(said) == HEADINGS
    wanted = (
        rule.name_zh,
        rule.name_en,
        *rule.basis,
        *said.values(),
        *(f"`{name}`" for name in parameter_sources(rule)),
    )
    assert [text for text in wanted if text not in page] == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_page_leads_to_its_tape(rule: Rule) -> None:
    """The story that shows the rule day by day is there."""
    assert (PROJECT / "tests" / "rules" / "tapes" / f"{rule.id}.tape").is_file()
