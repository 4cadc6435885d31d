"""Whether a history can be played into the running system: one that follows a manual clock and is before its days."""

from __future__ import annotations

import asyncio
from datetime import date

from domain.settings import Settings, names_in
from domain.topics import INTAKE
from fundwatch.rule_set_files import RuleSetFrom
from fundwatch.services import parts, system
from fundwatch.services.runtime import read_runtime
from fundwatch.status import status
from rules.catalogue import RULES
from rules.rule_set_text import content_hash
from streams.rule_sets import read_book


def why_not_here(settings: Settings, first: date, rules: str, rule_sets: tuple[RuleSetFrom, ...]) -> str:
    """Why the running system cannot be played into; an empty text when it can."""
    runtime = read_runtime(settings.folder)
    if not any(name not in (*parts.SERVERS, parts.FEED) for name in runtime.parts) or not system.running(settings):
        return "no workers run here"
    if runtime.clock != "manual":
        return "this system follows the wall clock"
    if frozenset(names_in(runtime.rules)) != frozenset(names_in(rules)):
        return f"this system judges the rules {runtime.rules or 'of the catalogue'}"
    ticks = [shard.last_tick for shard in status(settings).stages[INTAKE] if shard.last_tick is not None]
    if ticks and date.fromisoformat(max(ticks)[:10]) >= first:
        return f"this system is already at {max(ticks)[:10]}"
    known = asyncio.run(read_book(settings, RULES)).records if rule_sets else {}
    for each in rule_sets:
        held = known.get(each.rule_set.version)
        if held is None or held.content_hash != content_hash(each.content):
            return f"this system does not know rule set {each.rule_set.version}"
    return ""
