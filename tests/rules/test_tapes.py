"""Each rule does what its tape says, and a tape says all that happens."""

from __future__ import annotations

from pathlib import Path

import pytest

from rules.catalogue import RULES
from rules.rule import Stage
from tests.rules.tape import findings_of, play, read

TAPES = Path(__file__).parent / "tapes"


@pytest.mark.parametrize("path", sorted(TAPES.glob("*.tape")), ids=lambda path: path.stem)
def test_a_rule_does_what_its_tape_says(path: Path) -> None:
    """Every transition on the tape happens on its day with its reason, and no other does."""
    tape = read(path)
    assert play(tape) == tape.expected


def test_every_rule_has_a_tape() -> None:
    """A rule without a tape is not specified."""
    assert {path.stem for path in TAPES.glob("*.tape")} == {rule.id for rule in RULES}


@pytest.mark.parametrize("path", sorted(TAPES.glob("*.tape")), ids=lambda path: path.stem)
def test_a_tape_has_a_firing_and_a_silent_line(path: Path) -> None:
    """A rule that always fires, or never, is no rule."""
    tape = read(path)
    assert tape.expected
    assert len(tape.expected) < len(tape.events)


@pytest.mark.parametrize("rule_id", [rule.id for rule in RULES if rule.stage is Stage.REGION])
def test_what_a_rule_says_is_a_sentence_whatever_is_known(rule_id: str) -> None:
    """Also when its ground is gone and there is no day or name left to tell."""
    for finding in findings_of(read(TAPES / f"{rule_id}.tape")):
        for message in (finding.message_zh, finding.message_en):
            assert "None" not in message
            assert message == message.strip()
            assert "  " not in message
