"""All 3,000 records of the contract's intake sample meet their fate, by the pure check."""

from __future__ import annotations

from domain.intake import Reference, Refused, check
from tests.domain.examples import Memory, Verdict
from tests.domain.sample import SAMPLE, Fate, Sent


def fate_of(sent: Sent, memory: Memory) -> Fate:
    """What becomes of one record after those before it."""
    verdict: Verdict = memory.take(check(sent.topic, None, sent.key, sent.value, reference=Reference(), known=memory))
    if isinstance(verdict, Refused):
        return Fate("dead_letter", verdict.code, verdict.is_redacted, frozenset())
    flags = frozenset(getattr(verdict, "flags", ()))
    return Fate(type(verdict).__name__.lower(), None, is_redacted=False, flags=flags)


def test_every_record_of_the_sample_meets_its_fate() -> None:
    """Outcome, code, redaction and flags are exactly those of the sample, record by record."""
    memory = Memory()
    fates = [(sent, fate_of(sent, memory)) for sent in SAMPLE]
    assert [(sent.number, sent.note, fate, sent.fate) for sent, fate in fates if fate != sent.fate] == []
    assert len(fates) == 3_000
