"""Laws of a rule set's way into force: two persons, one content per version, and the moment says which is in force."""

from __future__ import annotations

from itertools import permutations

import msgspec
import pytest

from rules.rule_set_record import (
    Difference,
    Refusal,
    RuleSetRecord,
    State,
    approved,
    decode,
    differences,
    drafted,
    encode,
    restored,
    version_at,
)

CONTENT = {"version": "2", "author": "li", "basis": "b", "rules": {"funds_idle": {"yellow_after_days": 60}}}
AT = "2026-01-05T10:00:00.000+08:00"
LATER = "2026-01-06T10:00:00.000+08:00"


def draft(version: str = "2") -> RuleSetRecord:
    """A draft of li's, brought in by wang."""
    made = drafted({**CONTENT, "version": version}, by="wang", at=AT, known={})
    assert isinstance(made, RuleSetRecord)
    return made


def in_force(version: str, at: str, takes_effect_at: str | None = None) -> RuleSetRecord:
    """The same, approved."""
    made = approved(draft(version), by="zhao", at=at, takes_effect_at=takes_effect_at)
    assert isinstance(made, RuleSetRecord)
    return made


def test_neither_its_author_nor_who_brought_it_in_approves_a_rule_set() -> None:
    """However the name is written."""
    names = ("li", " LI ", "ｌｉ", "l\u200bi", "wang")
    assert [approved(draft(), by=by, at=LATER) for by in names] == [Refusal.OWN_AUTHOR] * 5


@pytest.mark.parametrize("by", ["", "  ", "\u3000", "\u200b", "\x00"])
def test_nobody_approves_or_drafts_a_rule_set(by: str) -> None:
    """Two people is one more than one and a blank."""
    assert approved(draft(), by=by, at=LATER) is Refusal.NAMELESS
    assert drafted(CONTENT, by=by, at=AT, known={}) is Refusal.NAMELESS


def test_what_is_approved_is_what_was_drafted() -> None:
    """A content that was changed under way is refused, and so is approving twice."""
    changed = msgspec.structs.replace(draft(), content={**CONTENT, "note": "more"})
    assert approved(changed, by="zhao", at=LATER) is Refusal.CHANGED
    assert approved(in_force("2", LATER), by="sun", at=LATER) is Refusal.APPROVED_ALREADY


def test_a_version_has_one_content_for_ever() -> None:
    """The same content again is as it was, whatever has become of it."""
    known = {"2": in_force("2", LATER)}
    assert drafted(CONTENT, by="wang", at=LATER, known=known) is known["2"]
    assert drafted({**CONTENT, "note": "more"}, by="wang", at=LATER, known=known) is Refusal.VERSION_TAKEN


def test_the_approved_version_that_was_due_last_is_in_force() -> None:
    """Drafts never; of what is due at one moment the one approved last; in whatever order the records come."""
    records = (draft("9"), in_force("3", AT), in_force("4", AT, LATER), in_force("5", LATER))
    for order in permutations(records):
        found = [version_at(order, moment) for moment in ("2026-01-05T09:00:00+08:00", "2026-01-05T11:00:00+08:00")]
        assert found == ["builtin-1", "3"]
        assert version_at(order, "2026-01-07T00:00:00+08:00") == "5"


def test_nothing_takes_effect_before_it_is_approved() -> None:
    """An earlier moment than the approval's is the approval's: a tick that was sent keeps its version."""
    assert in_force("2", LATER, AT).takes_effect_at == LATER


def test_an_old_content_comes_back_as_a_new_version() -> None:
    """To be approved like any other."""
    content = restored(in_force("2", LATER).content, "7", author="sun", basis="as before")
    made = drafted(content, by="sun", at=LATER, known={}, restored_from="2")
    assert isinstance(made, RuleSetRecord)
    assert (made.state, made.author, made.restored_from) == (State.DRAFT, "sun", "2")
    assert differences(CONTENT, content) == [
        Difference("author", "li", "sun"),
        Difference("basis", "b", "as before"),
        Difference("version", "2", "7"),
    ]


def test_a_record_is_read_as_it_was_written() -> None:
    """What the topic keeps."""
    record = in_force("2", LATER)
    assert decode(encode(record)) == record
