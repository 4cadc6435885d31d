"""What comes before the record that it names waits for it under a name that this record calls out when it comes."""

from __future__ import annotations

import json
import re

import pytest

from domain.events import BODY_TYPES, EVENT_TYPES, decode_trusted
from rules.engine import Engine
from rules.fold import desk
from rules.fold.journal import JOURNAL, Book
from rules.rule import Stage
from rules.thresholds import rule_set_of
from streams.state import MemoryRows
from tests.rules import tape

DESK = Book(Stage.DESK, desk.HANDLERS, desk.CREATES, ())
# Rows of what waits: behind the region and a zero byte "quota:Q1", "line:A1" and so on.
_WAITING = b"K"
_KIND = re.compile(rb"\x00([a-z_]+):")


def kinds_called(book: Book) -> set[bytes]:
    """The kinds of names that the examples of creating types call out."""
    bodies = {name: decode_trusted(json.dumps(tape.EXAMPLES[name]).encode()).body for name in book.creates}
    names = (name for made, body in bodies.items() for name in book.creates[made](body))
    return {name.partition(":")[0].encode() for name in names}


def kinds_awaited(book: Book, name: str) -> set[bytes]:
    """The kinds of names under which the example of a type waits in a region that knows nothing."""
    rows, example = MemoryRows(), tape.EXAMPLES[name]
    engine = Engine((), rule_set_of(()), rows, book=book)
    engine.take(0, json.dumps(tape.opening(example["region"], "xinjiang", "", "2018-01-01")).encode())
    engine.take(1, json.dumps(example).encode())
    engine.flush()
    return {kind for key, _ in rows.scan(_WAITING) for kind in _KIND.findall(key)}


FOLLOWING = [
    pytest.param(book, name, id=f"{book.stage}-{name}")
    for book in (JOURNAL, DESK)
    for name in book.handlers
    if EVENT_TYPES[name].target
]


@pytest.mark.parametrize(("book", "name"), FOLLOWING)
def test_what_waits_for_its_target_is_called_when_it_comes(book: Book, name: str) -> None:
    """A name that nothing calls out would keep a correction or follow-up waiting for ever, without a word."""
    assert kinds_awaited(book, name) <= kinds_called(book)


def test_most_corrections_and_follow_ups_wait() -> None:
    """The law above is about something: of a type without a row of its own until its target comes."""
    waiting = {name for book in (JOURNAL, DESK) for name in book.handlers if kinds_awaited(book, name)}
    assert {"payment.voided", "target.entered", "problem.rectified", "batch.settled"} <= waiting
    assert waiting <= BODY_TYPES.keys()
