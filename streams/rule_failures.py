"""Where custom rules had no value, as topic ``rule.failures`` holds it."""

from __future__ import annotations

from domain.settings import Settings
from domain.topics import RULE_FAILURES
from rules.custom.failures import FailureRecord, decode
from streams.follower import read_once


async def read_failures(settings: Settings) -> list[FailureRecord]:
    """Where custom rules had no value: the last word on each rule in each region, by rule and region.

    Raises TopicUnfitError.
    """
    found: dict[bytes, FailureRecord] = {}

    def take(key: bytes | None, value: bytes | None) -> None:
        found[key or b""] = decode(value or b"")

    await read_once(settings, take, RULE_FAILURES)
    return sorted(found.values(), key=lambda each: (each.rule_id, each.region))
