"""Whatever comes, the intake has an answer; and what it accepts can be trusted by those who read the journal."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import given, settings

from domain.dead_letters import decode, encode, letter_of
from domain.events import TOPIC_OF_TYPE, decode_trusted
from domain.intake import Accepted, Redelivered, Refused, check
from domain.plain_identity import has_id_number
from tests.domain.changes import changed_bytes, changed_events
from tests.domain.examples import ANYWHERE, EXAMPLES, Memory, key_of, verdict_on, wire


def can_be_read(value: bytes) -> bool:
    """Whether a journal reader makes an event of the bytes, with the same id and type."""
    event = decode_trusted(value)
    plain = msgspec.json.decode(value)
    return (event.event_id, event.type) == (plain["event_id"], plain["type"])


def keeps_no_id_number(refused: Refused, value: bytes) -> bool:
    """Whether the letter of a refusal can be written and read, and holds no ID number that the record had."""
    letter = letter_of(refused, topic="t", partition=0, offset=0, key=None, value=value, refused_at="")
    written = encode(decode(encode(letter)))
    return not has_id_number(written) and (letter.value_base64 is None) is refused.is_redacted


@settings(max_examples=300, deadline=None)
@given(changed_events())
def test_what_is_accepted_can_be_read(event: dict[str, Any]) -> None:
    """An event that passes the intake decodes; one that does not has a letter."""
    verdict = verdict_on(event, key=key_of(EXAMPLES[event["type"]]))
    assert isinstance(verdict, Accepted | Refused)
    assert can_be_read(wire(event)) if isinstance(verdict, Accepted) else keeps_no_id_number(verdict, wire(event))


@settings(max_examples=400, deadline=None)
@given(changed_bytes())
def test_no_bytes_are_beyond_an_answer(changed: tuple[str, bytes]) -> None:
    """Damaged bytes are accepted, and then read, or refused, and then written down: the intake never stops."""
    event_type, value = changed
    key = key_of(EXAMPLES[event_type])
    verdict = check(TOPIC_OF_TYPE[event_type], None, key, value, reference=ANYWHERE, known=Memory())
    assert isinstance(verdict, Accepted | Refused)
    assert can_be_read(value) if isinstance(verdict, Accepted) else keeps_no_id_number(verdict, value)


@settings(max_examples=100, deadline=None)
@given(changed_events())
def test_an_accepted_event_sent_again_is_a_redelivery(event: dict[str, Any]) -> None:
    """Once journaled, the same bytes are never journaled again nor refused."""
    memory = Memory()
    key = key_of(EXAMPLES[event["type"]])
    first = memory.take(verdict_on(event, key=key, memory=memory))
    second = verdict_on(event, key=key, memory=memory)
    assert isinstance(second, Redelivered if isinstance(first, Accepted) else Refused)
