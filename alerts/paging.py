"""Reading several queues of one partition as one ordered list: what part of what was read is certain.

The entries of a partition are numbered by their offsets, whatever queue they lie in. A page read from many queues,
one after the other while new entries arrive, is complete only up to the watermark as it was before the first read, and
only up to the end of the shortest queue that was cut off by its limit.
"""

from __future__ import annotations

from collections.abc import Sequence

from alerts.delivery import Page, Queued

# Below this many a queue, a page of many quiet queues would need a round trip for every few entries.
PER_QUEUE_MIN = 8


def per_queue(limit: int, queues: int) -> int:
    """How many entries to ask each queue for: their sum is bounded by about four pages, however many queues."""
    return min(limit, max(PER_QUEUE_MIN, 4 * limit // max(queues, 1)))


def merged(read: Sequence[Sequence[Queued]], *, asked: int, after: int, watermark: int, limit: int) -> Page:
    """One page out of what each queue answered when it was asked for ``asked`` entries behind ``after``."""
    certain = min([watermark, *(entries[-1].offset for entries in read if len(entries) >= asked)])
    by_offset = {entry.offset: entry for entries in read for entry in entries if entry.offset <= certain}
    ordered = [by_offset[offset] for offset in sorted(by_offset)]
    if len(ordered) > limit:
        return Page(tuple(ordered[:limit]), ordered[limit - 1].offset, more=True)
    return Page(tuple(ordered), max(certain, after), more=certain < watermark)
