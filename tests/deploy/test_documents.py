"""Laws of the operator's documents: what they name is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
ROW = re.compile(r"^\| ([^|]+) \| ([^|]+) \| `([^|`]+)` \| ([^|]+) \|$", re.MULTILINE)
TERMS = ROW.findall((PROJECT / "docs" / "glossary.md").read_text(encoding="utf-8"))
SOURCES = "\n".join(
    path.read_text(encoding="utf-8")
    for folder in ("domain", "rules", "alerts", "streams", "connectors", "fundwatch", "docs/schemas")
    for path in sorted((PROJECT / folder).rglob("*"))
    if path.suffix in {".py", ".json"}
)
DECISIONS = sorted((PROJECT / "docs" / "adr").glob("[0-9]*.md"))
OPERATIONS = (PROJECT / "docs" / "operations.md").read_text(encoding="utf-8")


def test_the_glossary_has_the_terms_of_the_documents() -> None:
    """There are enough terms to read the code by, and each Chinese one has one line."""
    assert len(TERMS) >= 60
    chinese = [term[0] for term in TERMS]
    assert len(chinese) == len(set(chinese))


def test_a_name_of_the_glossary_is_one_of_the_code() -> None:
    """Each name in the third column occurs in a module or a published schema."""
    assert [name for _, _, name, _ in TERMS if not re.search(rf"(?<![\w.]){re.escape(name)}(?!\w)", SOURCES)] == []


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem[:4])
def test_a_decision_says_what_it_costs(path: Path) -> None:
    """Each ADR has its context, decides in the words "We will", and has its consequences."""
    text = path.read_text(encoding="utf-8")
    assert re.search(r"^# \d{4} ", text)
    assert re.findall(r"^## (Context|Decision|Consequences)$", text, flags=re.MULTILINE) == [
        "Context",
        "Decision",
        "Consequences",
    ]
    assert "We will" in text


def test_links_within_the_runbook_lead_somewhere() -> None:
    """Each link to a heading of the page has that heading."""
    headings = {
        re.sub(r"[^\w\- ]", "", line.lstrip("# ").lower()).replace(" ", "-")
        for line in OPERATIONS.splitlines()
        if line.startswith("#")
    }
    assert set(re.findall(r"\]\(#([^)]+)\)", OPERATIONS)) <= headings
