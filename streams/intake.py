"""Stage ``intake``: what the outside sends is checked, and enters the journal or the dead letters, exactly once.

The decision is `domain.intake.check`; here is what it remembers, and what is written. Rows of a partition:

    e<region><event_id>   digest of the event journaled under this id: a second one is a redelivery or a conflict
    r<region><id>         an own id of a creating event that was refused as classified
    p                     position of the next journal record: 0, 1, 2 … without gaps, whatever Kafka's offsets are

Regions have six digits, so no row is another's prefix. Rows of ``e`` are never deleted: an ``event_id`` is unique for
ever, and a source may send a file of last year again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final

from msgspec import Raw

from domain import dead_letters, journal
from domain.intake import Accepted, Redelivered, Reference, Refused, check
from domain.journal import JournalRecord
from domain.ticks import moment_text
from domain.topics import DEAD_LETTERS, INGRESS, INTAKE, JOURNAL, LINKAGE_DERIVED
from streams.stage import Output, Record, Rows

_EVENT: Final = b"e"
_REFUSED: Final = b"r"
_POSITION: Final = b"p"
_REGION_END: Final = len(_REFUSED) + 6


class IntakeStage:
    """The stage as the worker knows it."""

    name = INTAKE
    inputs = (*INGRESS, LINKAGE_DERIVED)

    def __init__(self, reference: Reference | None = None) -> None:
        """``reference``: what the deployment knows, by default nothing; with ``partitions`` the place is checked."""
        self._reference = reference or Reference()

    def open(self, partition: int, rows: Rows) -> Intake:  # noqa: ARG002 - a record says where it lies
        """See `Stage`."""
        return Intake(rows, self._reference)


class Intake:
    """The intake of one partition. A redelivery is dropped: what is neither journaled nor a dead letter is one."""

    def __init__(self, rows: Rows, reference: Reference) -> None:
        self._rows, self._reference = rows, reference
        self._known = _Remembered(rows)
        self._next = int(rows.get(_POSITION) or b"0")

    def step(self, records: Iterable[Record], now_ms: int) -> Sequence[Output]:
        """See `Processor`."""
        now = moment_text(now_ms)
        first = self._next
        outputs = [output for record in records if (output := self._take(record, now)) is not None]
        if self._next != first:
            self._rows.put(_POSITION, b"%d" % self._next)
        return outputs

    def _take(self, record: Record, now: str) -> Output | None:
        verdict = check(
            record.topic,
            record.partition,
            record.key,
            record.value,
            reference=self._reference,
            known=self._known,
        )
        if isinstance(verdict, Accepted):
            return self._journal(verdict, record, now)
        if isinstance(verdict, Redelivered):
            return None
        return self._refuse(verdict, record, now)

    def _journal(self, accepted: Accepted, record: Record, now: str) -> Output:
        self._known.journaled(accepted)
        # White space around the object is allowed on the wire; a journal record has none at its ends.
        event = Raw((record.value or b"").strip())
        value = journal.encode(JournalRecord(self._next, now, accepted.flags, event))
        self._next += 1
        # The record's own key: the region, or of a tick the number of its partition.
        return Output(JOURNAL, record.key, value)

    def _refuse(self, refused: Refused, record: Record, now: str) -> Output:
        self._known.refused(refused)
        letter = dead_letters.letter_of(
            refused,
            topic=record.topic,
            partition=record.partition,
            offset=record.offset,
            key=record.key,
            value=record.value,
            refused_at=now,
        )
        return Output(DEAD_LETTERS, dead_letters.key_of(letter), dead_letters.encode(letter))


class _Remembered:
    """`domain.intake.Known` on the partition's rows.

    The refused ids are few and asked for with every record, so they are held in memory too; the batch that adds one is
    committed or the process ends, so memory and rows cannot part.
    """

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._refused: defaultdict[str, set[str]] = defaultdict(set)
        for key, _ in rows.scan(_REFUSED):
            self._refused[key[len(_REFUSED) : _REGION_END].decode()].add(key[_REGION_END:].decode())

    def content(self, region: str, event_id: str) -> bytes | None:
        """See `Known`."""
        return self._rows.get(_EVENT + region.encode() + event_id.encode())

    def refused_ids(self, region: str) -> set[str] | frozenset[str]:
        """See `Known`."""
        return self._refused.get(region, frozenset())

    def journaled(self, accepted: Accepted) -> None:
        """Remember the event."""
        self._rows.put(_EVENT + accepted.region.encode() + accepted.event_id.encode(), accepted.content)

    def refused(self, refused: Refused) -> None:
        """Remember the ids that go with a classified fund."""
        if refused.region is None:
            return
        for record_id in refused.refused_ids:
            self._refused[refused.region].add(record_id)
            self._rows.put(_REFUSED + refused.region.encode() + record_id.encode(), b"1")
