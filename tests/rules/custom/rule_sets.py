"""Rule sets with rules of their own, for tests: a table with what differs from a plain one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rules.catalogue import RULES
from rules.rule_set_text import content_of as toml_content
from rules.rule_set_text import rule_set_from
from rules.thresholds import RuleSet

PAGE = Path(__file__).parents[3] / "docs" / "custom_rules.md"

PLAIN: dict[str, Any] = {
    "id": "custom_tried",
    "name_zh": "试行规则",
    "name_en": "Rule tried",
    "subject": "line",
    "mode": "on",
    "category": "支付周期",
    "owner": "国库",
    "basis": "豫财监〔2026〕2号 第六条",
    "message_zh": "试行",
    "message_en": "tried",
}


def content_of(*tables: dict[str, Any], version: str = "own", **more: Any) -> dict[str, Any]:
    """A rule set with these custom rules, each a plain one with other fields; None leaves one out."""
    customs = [{name: value for name, value in (PLAIN | table).items() if value is not None} for table in tables]
    return {"version": version, "author": "li", "basis": "b", "custom": customs, **more}


def rule_set_with(*tables: dict[str, Any], version: str = "own", **more: Any) -> RuleSet:
    """The same, read. Raises RuleSetRefused."""
    return rule_set_from(content_of(*tables, version=version, **more), RULES)


def documented() -> RuleSet:
    """The example of docs/custom_rules.md, as it stands there. Raises RuleSetRefused."""
    return rule_set_from(toml_content(PAGE.read_text("utf-8").partition("```toml\n")[2].partition("```")[0]), RULES)
