"""Each rule does what its tape says, and a tape says all that happens."""

from __future__ import annotations

from pathlib import Path

import pytest

from rules.catalogue import RULES
from tests.rules.tape import play, read

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
