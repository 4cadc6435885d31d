"""Which rule sets the ticks among some records name: to be known before these records are judged."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from domain.events.clock_ticks import ClockTick
from domain.journal import read
from domain.passed_on import journal_record_of
from domain.topics import ENTERPRISE_FACTS, FINDINGS, JOURNAL, PERSON_FACTS
from rules.facts.records import DayBegan, decode
from streams.stage import Record

# Topics that are judged in order of their ticks.
_JUDGED = (JOURNAL, FINDINGS)
_FACTS = (PERSON_FACTS, ENTERPRISE_FACTS)
# What every record of a begun day holds, and hardly any other: looking for it spares decoding them all.
_DAY_BEGAN = b'"day_began"'


def ticked_versions(records: Sequence[Record]) -> list[str]:
    """The versions that ticks among records of the journal, or passed on to the desk, name; each once."""
    versions: dict[str, None] = {}
    for record in records:
        if record.topic in _FACTS:
            if _DAY_BEGAN in (record.value or b""):
                fact = decode(record.value or b"").fact
                if isinstance(fact, DayBegan) and fact.rule_set_version:
                    versions[fact.rule_set_version] = None
            continue
        if record.topic not in _JUDGED or record.value is None or record.key != str(record.partition).encode():
            continue  # ticks alone have their partition's number as key
        journaled = journal_record_of(record.value) or record.value
        _, event = read(journaled)
        if event.type == "clock.tick":
            versions[cast("ClockTick", event.body).reference_version] = None
    return list(versions)
