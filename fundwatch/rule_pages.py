"""Writes a page for each rule, and one of the facts of custom rules: `python -m fundwatch.rule_pages docs/rules`."""

from __future__ import annotations

import sys
from pathlib import Path

from rules.catalogue import RULES
from rules.custom.pages import FACTS_FILE, facts_page
from rules.pages import rule_pages


def write_rule_pages(folder: Path) -> None:
    """Write every page below ``folder``, and remove those of rules that are no more."""
    folder.mkdir(parents=True, exist_ok=True)
    pages = rule_pages(RULES) | {FACTS_FILE: facts_page()}
    for stale in {path.name for path in folder.glob("*.md")} - pages.keys():
        (folder / stale).unlink()
    for name, text in pages.items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write_rule_pages(Path(sys.argv[1]))
