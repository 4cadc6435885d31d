"""What the contract says of an event type besides its fields: who may send it, and what it does to a record."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from msgspec import Struct

from domain.events.types import Source


class Role(StrEnum):
    """What an event does to the record it is about (the verbs of wire.md section 4)."""

    CREATES = "creates"  # it is a record of its own
    VOIDS = "voids"  # 作废: it should never have been recorded
    REFUNDS = "refunds"  # 退回: it happened, and money came back
    ADJUSTS = "adjusts"  # 更正: an amount or value is wrong or missing
    RELINKS = "relinks"  # 改关联: it hangs on the wrong thing
    REPLACES = "replaces"  # 替换: a new record takes its place
    FOLLOWS = "follows"  # 后续: the next step of a known object
    TICKS = "ticks"  # time passes


@dataclass(frozen=True, slots=True)
class EventType:
    """One type of the contract.

    ``own_ids`` are the fields with the ids that a creating event gives its own records (``lines.line_id`` = of each
    entry); none where the event is known by no id of its own. ``target`` is the field by which a correction or
    follow-up names its record. ``payee_if`` is the field and value with which the payee group (wire.md 6.2) belongs to
    the body. ``topics`` are those of the contract that it comes on; ``own_topic`` is where this system itself sends it,
    when sources send it, too.
    """

    name: str
    body: type[Struct]
    role: Role
    sources: tuple[Source, ...]
    own_ids: tuple[str, ...] = ()
    target: str = ""
    payee_if: tuple[str, str] | None = None
    topics: tuple[str, ...] = ()
    own_topic: str = ""

    @property
    def creates(self) -> bool:
        """Whether the event makes a record, and is no correction, follow-up or tick."""
        return self.role is Role.CREATES


def of_topic(topic: str, *types: EventType) -> tuple[EventType, ...]:
    """The types, said to be of the topic."""
    return tuple(replace(each, topics=(topic, *each.topics)) for each in types)
