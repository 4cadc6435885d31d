"""Laws of which events are answered by a notice in another region."""

from __future__ import annotations

from fundwatch.journal_file import FileEvent
from fundwatch.levels import Levels


def event(region: str, value: bytes = b"{}", topic: str = "quota.changes") -> FileEvent:
    """A line of a file."""
    return FileEvent(1, topic, region.encode(), value)


ALLOCATION = event("652700", b'{"body":{"target_kind":"lower_region","target_region":"652722"}}')


def test_only_regions_that_money_was_issued_between_tell_each_other() -> None:
    """Before the first allocation to a lower region nobody does."""
    levels = Levels()
    assert not levels.may_tell(event("652722"))
    assert levels.may_tell(ALLOCATION)
    assert levels.may_tell(event("652722"))
    assert levels.may_tell(event("652700"))
    assert not levels.may_tell(event("652701"))


def test_payments_tell_nobody() -> None:
    """No notice rests on them, and they are the many."""
    levels = Levels()
    assert levels.may_tell(ALLOCATION)
    assert not levels.may_tell(event("652722", topic="treasury.payments"))


def test_a_broken_line_is_no_reason_to_stop() -> None:
    """The intake refuses it later."""
    assert Levels().may_tell(event("652700", b'{"lower_region'))
