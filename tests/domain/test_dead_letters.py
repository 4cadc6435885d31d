"""What a refused record leaves behind, and what of it is hidden."""

from __future__ import annotations

import base64
import json

import pytest

from domain.dead_letters import DeadLetter, decode, encode, key_of, letter_of
from domain.intake import Refused
from tests.domain.examples import envelope, example, verdict_on, wire

FIELDS = [
    *("topic", "partition", "offset", "key", "refused_at", "code", "field", "expected"),
    *("event_id", "type", "region", "is_redacted", "value_base64"),
]


def letter(event: dict[str, object], key: bytes | None = b"652722", value: bytes | None = b"{}") -> DeadLetter:
    """The letter of an event that the intake refuses."""
    refused = verdict_on(event)
    assert isinstance(refused, Refused)
    return letter_of(
        refused,
        topic="treasury.payments",
        partition=3,
        offset=42,
        key=key,
        value=value,
        refused_at="2019-10-09T10:00:00.000+08:00",
    )


def test_a_letter_has_the_fields_of_the_contract() -> None:
    """All of wire.md 5.1, the original bytes among them, and it reads back as it was written."""
    event = example("payment.recorded", amount_fen=0)
    written = encode(letter(event, value=wire(event)))
    fields = json.loads(written)
    assert list(fields) == FIELDS
    assert base64.b64decode(fields["value_base64"]) == wire(event)
    assert (fields["field"], fields["expected"].rpartition("; ")[2]) == ("body.amount_fen", "found 0")
    assert encode(decode(written)) == written


def test_a_redacted_letter_has_no_bytes() -> None:
    """What holds a plain identity is not kept anywhere in the letter."""
    written = encode(letter(example("payment.recorded", purpose="卡6228480402564890")))
    assert json.loads(written)["value_base64"] is None
    assert b"6228480402564890" not in written


def test_a_tombstone_has_no_bytes_to_keep() -> None:
    """A record without value has none in its letter, and is not redacted."""
    made = letter(example("payment.recorded", amount_fen=0), value=None)
    assert (made.value_base64, made.is_redacted) == (None, False)


@pytest.mark.parametrize(
    ("key", "text"),
    [
        (None, None),
        (b"", ""),
        (b"652722", "652722"),
        (b"\xff", None),
        (b"x" * 201, None),
        (b"11010519491231002X", None),
    ],
)
def test_a_key_is_repeated_while_it_can_be_read(key: bytes | None, text: str | None) -> None:
    """A key that is no text, endless or somebody's number is not repeated."""
    assert letter(example("payment.recorded", amount_fen=0), key=key).key == text


@pytest.mark.parametrize(("region", "key"), [("652722", b"652722"), ("999999", b"999999"), ("x", b""), (None, b"")])
def test_letters_are_kept_by_region(region: str | None, key: bytes) -> None:
    """The letter's own key is the region where it has the form of one, else empty."""
    assert key_of(letter(envelope(region=region, schema_version=2))) == key
