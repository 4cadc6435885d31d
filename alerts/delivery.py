"""The words in which alerts are handed to the sections' queues: entries, watermark, and what a queue store promises.

One contract suite (tests/alerts/test_queue_contract.py) runs against both stores: `alerts.queues` (Redis) and
`alerts.queues_in_memory`. Errors: ``QueuesUnavailable`` is the only retryable one; ``QueuesRefused`` and
``HistoryDiffers`` are for a person to mend; everything else is a defect.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

# No alert applied yet: the offset before the first one.
NOTHING_APPLIED = -1


class QueuesUnavailable(Exception):
    """The store cannot be reached or cannot take writes now; the same call may be made again later."""


class QueuesRefused(Exception):
    """The store does not let us in, and waiting does not help; the message names the setting to look at."""


class HistoryDiffers(Exception):
    """The store was filled from another ``alerts`` topic than the one at hand: a person has to rebuild the queues."""

    def __init__(self, partition: int, applied: int, end: int) -> None:
        super().__init__(
            f"partition {partition}: the queues were filled up to offset {applied}, but topic alerts ends before "
            f"offset {end}; run 'fundwatch queues rebuild'",
        )
        self.partition, self.applied, self.end = partition, applied, end


class Entry(NamedTuple):
    """One alert record on its way into the queues. ``offset`` is its place in the partition of topic ``alerts``."""

    offset: int
    alert_id: str
    sequence: int
    transition: str
    region: str
    sections: tuple[str, ...]  # owner first, then those it is copied to
    business_section: str  # "" when the owner is not `business`
    record: bytes


class QueueName(NamedTuple):
    """One desk: what a section of a region has to look at."""

    partition: int
    region: str
    section: str


class Queued(NamedTuple):
    """One entry as it lies in a queue or in the feed of its partition. Its stream id is ``<offset>-1``."""

    offset: int
    transition: str
    record: bytes


class Fed(NamedTuple):
    """One entry of a partition's feed: what the live feed needs to decide who sees it, without parsing the record."""

    offset: int
    after: int  # offset of the entry before it: a reader that is not there has missed something
    transition: str
    region: str
    sections: tuple[str, ...]
    business_section: str
    record: bytes


class Applied(NamedTuple):
    """The batch is in the queues, and so is its watermark."""

    through: int


class Differs(NamedTuple):
    """Nothing was written: the watermark is not the one the caller believed in."""

    actual: int


class Depth(NamedTuple):
    """How much of a queue its desk has not acknowledged. ``oldest`` is the longest waiting entry, if any."""

    queue: QueueName
    length: int
    unacknowledged: int
    oldest: Queued | None


class Page(NamedTuple):
    """Entries of some queues of one partition, in order; ``through`` is how far the reading has come.

    Everything up to ``through`` has been looked at; ``more`` says that there is something behind it.
    """

    entries: tuple[Queued, ...]
    through: int
    more: bool


class QueueWriter(Protocol):
    """What the deliverer needs."""

    async def applied(self, partition: int) -> int:
        """Offset of the last alert in the queues, or NOTHING_APPLIED. Raises QueuesUnavailable."""

    async def apply(self, partition: int, believed: int, entries: Sequence[Entry]) -> Applied | Differs:
        """Put the entries (ascending offsets) and the new watermark in, all or nothing.

        Refused when the watermark is not ``believed``. Entries at or below it are skipped. Raises QueuesUnavailable,
        after which the batch may or may not have been applied: ask again with the same arguments and read the answer.
        """

    async def wipe(self, partition: int) -> None:
        """Forget everything of the partition, watermark and queues in one step. Raises QueuesUnavailable."""


class QueueReader(Protocol):
    """What the feed and the sections' desks need."""

    async def queues(self, partition: int) -> tuple[QueueName, ...]:
        """Every queue that has ever had an entry, in order."""

    async def page(self, queues: Sequence[QueueName], *, after: int, through: int, limit: int) -> Page:
        """Entries of these queues of one partition behind offset ``after``: at most ``limit``, in order, each once.

        ``through`` is the watermark as it was *before* the names of the queues were read: what lies behind it may be
        in a queue that was not there yet, and is left for the next page.
        """

    def reading_groups(self, partitions: Sequence[int]) -> tuple[tuple[int, ...], ...]:
        """Which partitions one call of `fed` can watch together."""

    async def fed(self, after: Mapping[int, int], *, wait_ms: int, limit: int) -> Mapping[int, Sequence[Fed]]:
        """New entries of the partitions' feeds behind the given offsets; waits up to ``wait_ms`` for the first."""

    async def current(self, partition: int, alert_ids: Sequence[str]) -> tuple[bytes | None, ...]:
        """The present record of each alert."""

    async def take(self, queue: QueueName, consumer: str, *, limit: int) -> tuple[Queued, ...]:
        """Entries that no consumer of the desk has had yet; they are ``consumer``'s until acknowledged."""

    async def acknowledge(self, queue: QueueName, offsets: Sequence[int]) -> int:
        """Done with: they are nobody's any more. Returns how many had been outstanding."""

    async def reclaim(self, queue: QueueName, consumer: str, *, idle_ms: int, limit: int) -> tuple[Queued, ...]:
        """Take over what another consumer has left lying for ``idle_ms`` (its process died, or the person is away)."""

    async def depths(self, queues: Sequence[QueueName]) -> tuple[Depth, ...]:
        """How much is waiting in each queue."""
