"""Which events of a file may make the judge of one region write into the journal of another (wire.md section 4)."""

from __future__ import annotations

import msgspec

from fundwatch.journal_file import FileEvent

# Everything that says what is issued to a lower region, or received from above; and a region's opening, for which
# notices wait.
_TOPICS = frozenset(("quota.changes", "management.filings"))
_MARK = b"lower_region"


class _Body(msgspec.Struct):
    target_region: str = ""


class _Allocation(msgspec.Struct):
    body: _Body


_decode = msgspec.json.Decoder(_Allocation).decode


class Levels:
    """The regions of a file that have issued money down, or got some, as far as it was read."""

    def __init__(self) -> None:
        self._regions: set[bytes | None] = set()

    def may_tell(self, event: FileEvent) -> bool:
        """Whether the event may be answered by a notice; rather once too often."""
        if event.topic not in _TOPICS or not event.value:
            return False
        if _MARK in event.value:
            self._regions.update((event.key, _target(event.value)))
        return event.key in self._regions


def _target(value: bytes) -> bytes | None:
    try:
        return _decode(value).body.target_region.encode()
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
