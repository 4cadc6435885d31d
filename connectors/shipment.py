"""One run of publishing: files in, checked row by row, records out, every record accounted for at the end.

No journal of what was sent is kept on this side, on purpose. Intake drops a redelivered event_id (wire.md 5.1), and
event_ids here depend on nothing but the records; so the way to finish an interrupted run is to run it again. A journal
would be a second truth that could say "sent" of what the broker lost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from connectors.publisher import Message, Outcome, Publisher, PublishError, Receipt
from connectors.rejects import Reject, RejectsFile
from domain.intake import Reference, Refused, check


class Draft(Protocol):
    """A record ready to be checked: its row, and where it would go."""

    @property
    def row(self) -> int:
        """Row or line number in its file."""

    @property
    def topic(self) -> str:
        """The contract's name of the topic."""

    @property
    def region(self) -> str:
        """The key."""

    @property
    def value(self) -> bytes:
        """The event."""

    def cell(self, column: str) -> str:
        """What stands in a column of its row; empty where there are no columns."""


class _NothingBefore:
    """`domain.intake.Known` of a sender: it sees one record at a time; what was before is the intake's to know."""

    def content(self, region: str, event_id: str) -> bytes | None:
        """None is known."""

    def refused_ids(self, region: str) -> frozenset[str]:  # noqa: ARG002  # the protocol's argument
        """None are known."""
        return frozenset()


_REFERENCE = Reference()
_NOTHING_BEFORE = _NothingBefore()


@dataclass
class Counts:
    """What became of the rows of a run."""

    rows: int = 0
    sent: int = 0
    rejected: int = 0
    undelivered: int = 0


class DeliveryFailed(PublishError):
    """The broker did not take a record; the run stops, since the next ones would wait out the same time."""

    def __init__(self, path: Path, receipt: Receipt) -> None:
        super().__init__(
            f"{path} row {receipt.message.reference} was not acknowledged: {receipt.outcome} ({receipt.detail}); "
            "run the same command again, nothing will be doubled"
        )
        self.path, self.receipt = path, receipt


class Shipment:
    """Sends drafts through a publisher; keeps the counts and writes the rejects."""

    def __init__(
        self,
        rejects: RejectsFile,
        connect: Callable[[Callable[[Receipt], None]], Publisher],
    ) -> None:
        self.counts = Counts()
        self._rejects = rejects
        self._publisher = connect(self._take)
        self._path = Path()
        self._failed: Receipt | None = None

    def send_file(self, path: Path, drafts: Iterable[Draft | Reject], place: Callable[[str], tuple[str, bool]]) -> None:
        """Check and send the drafts of one file; ``place`` gives a field's column and whether it is personal.

        Returns when all are acknowledged. Raises DeliveryFailed and what the publisher raises.
        """
        self._path = path
        for draft in drafts:
            self.counts.rows += 1
            if isinstance(draft, Reject):
                self._reject(draft)
                continue
            key = draft.region.encode()
            verdict = check(draft.topic, None, key, draft.value, reference=_REFERENCE, known=_NOTHING_BEFORE)
            if isinstance(verdict, Refused):
                column, is_personal = place(verdict.field) if verdict.field else ("", False)
                expected, _, found = verdict.expected.partition("; found ")
                value = draft.cell(column) or found
                self._reject(Reject(draft.row, column, verdict.code, expected, value, is_personal=is_personal))
            else:
                self._publisher.send(Message(draft.topic, key, draft.value, draft.row))
                self._stop_on_failure()
        self._publisher.settle()
        self._stop_on_failure()

    def close(self) -> None:
        """Wait for what is under way and close the publisher."""
        self._publisher.close()

    def _reject(self, reject: Reject) -> None:
        self.counts.rejected += 1
        self._rejects.add(self._path, reject)

    def _take(self, receipt: Receipt) -> None:
        if receipt.outcome is Outcome.DELIVERED:
            self.counts.sent += 1
            return
        self.counts.undelivered += 1
        self._rejects.add(
            self._path, Reject(receipt.message.reference, "", f"not_delivered_{receipt.outcome}", receipt.detail)
        )
        self._failed = self._failed or receipt

    def _stop_on_failure(self) -> None:
        if self._failed is not None:
            self._publisher.settle()  # so that the rejects file names every record that was not acknowledged
            raise DeliveryFailed(self._path, self._failed)
