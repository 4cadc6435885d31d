"""Where an alert stands, and what may happen to it next: one status enum, one table.

Sources: rules.md section 2, alerts.md.

Rules and people act on the same alert. A rule's transitions (raised, escalated, eased, updated, cleared, suppressed,
dismissed) come from the judge, which alone knows the condition; the others are commands of people or of the
deadline clock. Whatever the table does not name is refused with a reason; nothing is changed silently.

Three decisions the contract leaves open, argued in docs/contract/alerts.md:

* ``suppressed`` leaves the alert ``suspended``: it exists, nobody has to act, and ``raised`` opens it afterwards.
* A rectified or closed alert is still watched: escalating leaves it where people put it, clearing ends it.
* ``cleared`` and ``dismissed`` are final, since the next fault on the subject is a new episode with a new id.
"""

from __future__ import annotations

from enum import StrEnum


class Status(StrEnum):
    """State of an alert after its last transition (alerts.md)."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    CONFIRMED = "confirmed"
    RECTIFYING = "rectifying"
    RECTIFIED = "rectified"
    CLEARED = "cleared"
    DISMISSED = "dismissed"
    CLOSED = "closed"
    SUSPENDED = "suspended"


class Command(StrEnum):
    """Everything that can happen to an alert: the values of ``transition`` in alerts.md, in its order."""

    RAISED = "raised"
    ESCALATED = "escalated"
    EASED = "eased"
    UPDATED = "updated"
    CLEARED = "cleared"
    SUPPRESSED = "suppressed"
    ACKNOWLEDGED = "acknowledged"  # 签收
    ASSIGNED = "assigned"  # 交办
    CONFIRMED = "confirmed"  # 核实属实
    DISMISSED = "dismissed"  # 误报
    RECTIFYING = "rectifying"  # 整改中
    RECTIFIED = "rectified"  # 整改完成
    RETURNED = "returned"  # 复核退回
    CLOSED = "closed"  # 销号
    REOPENED = "reopened"
    TRANSFERRED = "transferred"  # 转办
    SUSPENDED = "suspended"
    NOTED = "noted"
    REMINDED = "reminded"  # 催办
    OVERDUE = "overdue"


class Refusal(StrEnum):
    """Why a command is not carried out."""

    NOT_RAISED = "not_raised"  # there is no such alert yet
    ALREADY_RAISED = "already_raised"
    ENDED = "ended"  # cleared or dismissed: a new fault is a new episode
    NOT_IN_THIS_STATE = "not_in_this_state"
    SAME_PERSON = "same_person"  # who reported the rectification may not close or return it
    NO_PERSON = "no_person"  # a decision of people needs a name


ENDED = frozenset({Status.CLEARED, Status.DISMISSED})
# What counts for deadlines: rules.md section 3 `alert_open` (raised, not cleared, not dismissed, not rectified).
BEING_HANDLED = frozenset({Status.OPEN, Status.ACKNOWLEDGED, Status.CONFIRMED, Status.RECTIFYING})
_WATCHED = frozenset(Status) - ENDED
_BEFORE_CONFIRMATION = frozenset({Status.OPEN, Status.ACKNOWLEDGED})
_RECEIVED = frozenset({Status.ACKNOWLEDGED, Status.CONFIRMED, Status.RECTIFYING})


def _to(status: Status, *, sources: frozenset[Status]) -> dict[Status, Status]:
    return dict.fromkeys(sources, status)


def _unchanged(sources: frozenset[Status]) -> dict[Status, Status]:
    return {status: status for status in sources}


# (status before -> status after) per command. None, "no such alert yet", is only for RAISED and SUPPRESSED.
_TABLE: dict[Command, dict[Status, Status]] = {
    Command.RAISED: {Status.SUSPENDED: Status.OPEN},  # the exemption that suppressed it is over
    Command.SUPPRESSED: {Status.SUSPENDED: Status.SUSPENDED},  # never raised, fault came again: the same episode
    Command.ESCALATED: _unchanged(_WATCHED),
    Command.EASED: _unchanged(_WATCHED),
    Command.UPDATED: _unchanged(_WATCHED),
    Command.CLEARED: _to(Status.CLEARED, sources=_WATCHED),
    Command.DISMISSED: _to(Status.DISMISSED, sources=_WATCHED),
    Command.ACKNOWLEDGED: {Status.OPEN: Status.ACKNOWLEDGED},
    Command.ASSIGNED: _unchanged(_RECEIVED),
    # The wire has no event for acknowledging (wire.md 7.11): verifying or rectifying an open alert implies it.
    Command.CONFIRMED: _to(Status.CONFIRMED, sources=_BEFORE_CONFIRMATION),
    Command.RECTIFYING: _to(Status.RECTIFYING, sources=BEING_HANDLED - {Status.RECTIFYING}),
    Command.RECTIFIED: _to(Status.RECTIFIED, sources=BEING_HANDLED),
    Command.RETURNED: {Status.RECTIFIED: Status.RECTIFYING},
    Command.CLOSED: {Status.RECTIFIED: Status.CLOSED},
    Command.REOPENED: _to(Status.OPEN, sources=frozenset({Status.CLOSED, Status.SUSPENDED})),
    Command.TRANSFERRED: _to(Status.OPEN, sources=BEING_HANDLED),  # the section that takes it over acknowledges anew
    Command.SUSPENDED: _to(Status.SUSPENDED, sources=BEING_HANDLED),
    Command.NOTED: _unchanged(frozenset(Status)),
    Command.REMINDED: _unchanged(BEING_HANDLED),
    Command.OVERDUE: _unchanged(BEING_HANDLED),
}
_OF_PEOPLE = frozenset(
    {
        Command.ACKNOWLEDGED,
        Command.ASSIGNED,
        Command.CONFIRMED,
        Command.RECTIFYING,
        Command.RECTIFIED,
        Command.RETURNED,
        Command.CLOSED,
        Command.REOPENED,
        Command.TRANSFERRED,
        Command.SUSPENDED,
        Command.NOTED,
    },
)
_OF_A_SECOND_PERSON = frozenset({Command.RETURNED, Command.CLOSED})


def status_after(
    status: Status | None,
    command: Command,
    *,
    actor: str | None = None,
    rectified_by: str | None = None,
) -> Status | Refusal:
    """The status that ``command`` leads to from ``status`` (None: no such alert yet), or why it does not.

    ``actor`` is who decides, None for a rule or the clock; ``rectified_by`` is who reported the rectification that a
    second person now closes or returns.
    """
    if command in _OF_PEOPLE and actor is None:
        return Refusal.NO_PERSON
    if status is None:
        return _first(command)
    after = _TABLE[command].get(status)
    if after is None:
        return _why_not(status, command)
    if command in _OF_A_SECOND_PERSON and actor == rectified_by:
        return Refusal.SAME_PERSON
    return after


def _first(command: Command) -> Status | Refusal:
    if command is Command.RAISED:
        return Status.OPEN
    if command is Command.SUPPRESSED:
        return Status.SUSPENDED
    return Refusal.NOT_RAISED


def _why_not(status: Status, command: Command) -> Refusal:
    if status in ENDED:
        return Refusal.ENDED
    if command in (Command.RAISED, Command.SUPPRESSED):
        return Refusal.ALREADY_RAISED
    return Refusal.NOT_IN_THIS_STATE
