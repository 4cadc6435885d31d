"""A journal record keeps its event's own bytes."""

from __future__ import annotations

import json

import msgspec

from domain.events import decode_trusted
from domain.journal import JournalRecord, decode, encode
from tests.domain.examples import EXAMPLES


def test_an_event_goes_through_the_journal_verbatim() -> None:
    """Unknown fields, order of keys and spelling of the event stay as the source wrote them."""
    event = json.dumps(EXAMPLES["payment.recorded"] | {"x": [1.50]}, indent=1).replace("1.5", "15e-1").encode()
    record = decode(encode(JournalRecord(7, "2019-10-09T10:00:00.000+08:00", ("unknown_field",), msgspec.Raw(event))))
    assert (record.position, record.flags, bytes(record.event)) == (7, ("unknown_field",), event)
    assert decode_trusted(record.event).type == "payment.recorded"


def test_a_journal_record_has_the_fields_of_the_contract() -> None:
    """Position, moment, flags and event, in this order."""
    record = JournalRecord(7, "2019-10-09T10:00:00.000+08:00", (), msgspec.Raw(b"{}"))
    assert encode(record) == b'{"position":7,"accepted_at":"2019-10-09T10:00:00.000+08:00","flags":[],"event":{}}'
