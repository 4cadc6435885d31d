"""Journal records that the judge passes on to the desk, among its findings on topic ``findings``.

The desk judges alerts by ticks and by what people do, and must meet both in the order in which the judge did. Such a
record is ``{"journal": <journal record>}``; everything else on the topic is a `domain.findings.Finding`.
"""

from __future__ import annotations

from typing import Final

# No finding starts like this: its first field is ``alert_id``.
_HEAD: Final = b'{"journal":'
_TAIL: Final = b"}"


def passed_on(journal_record: bytes) -> bytes:
    """The record as it goes over the topic."""
    return _HEAD + journal_record + _TAIL


def journal_record_of(value: bytes) -> bytes | None:
    """The journal record that was passed on; None for a finding."""
    return value[len(_HEAD) : -len(_TAIL)] if value.startswith(_HEAD) else None
