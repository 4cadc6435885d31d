"""Why an alert: judged again by the values that its records carry, and what would have prevented it.

What would have had to differ is tried, not guessed: the history is judged once more without each record that the alert
rests on, as if it had never been sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

import msgspec

from alerts.alert import AlertRecord, Proof
from domain.findings import Finding, Parameter

# An alert on a year's progress may rest on a hundred quotas, and each costs one judging of the history: twelve of
# them half a minute with a file of 12,000 records over two years, a hundred would take four. Those that are not tried
# are told as such.
_TRIED_MAX = 12

Values = dict[str, int | str | bool | tuple[str, ...]]


class Said(NamedTuple):
    """What the rule says with one transition: all that must come out again."""

    log_on: str
    transition: str
    severity: str
    observed: int | str | None
    limit: int | str | None
    amount_fen: int | None
    thresholds: Values


class EvidenceEvent(msgspec.Struct, frozen=True):
    """A record that an alert rests on, as it was sent."""

    event_id: str
    type: str
    occurred_on: str
    source: str
    body: msgspec.Raw


class Link(NamedTuple):
    """One record that the alert rests on; ``without``: what would be said had it never come."""

    proof: Proof
    event: EvidenceEvent | None  # None: it is not there
    without: tuple[Said, ...] | None  # None: not tried


class Explained(NamedTuple):
    """An alert's records in order, what is said of it now, and what it rests on."""

    records: Sequence[AlertRecord]
    again: tuple[Said, ...]
    chain: tuple[Link, ...]

    @property
    def is_confirmed(self) -> bool:
        """Whether the records say what comes out now; what people did with the alert does not come out of its rule."""
        return tuple(said(each) for each in self.records if each.is_a_rules) == self.again


class Trial(Protocol):
    """An alert with the history that it comes from."""

    @property
    def records(self) -> Sequence[AlertRecord]:
        """Of the alert, in order; at least one."""

    def again(self, without: str = "") -> tuple[Said, ...]:
        """What its rule says of the history, up to the last of the records, without the event of this id."""

    def event(self, proof: Proof) -> EvidenceEvent | None:
        """The record at this place of the journal."""


class AlertUnknown(LookupError):
    """There is no such alert; the message says where."""


def said(each: AlertRecord | Finding) -> Said:
    """Of a record, or of a finding."""
    return Said(
        each.log_on,
        each.transition.value,
        each.severity.value,
        each.observed,
        each.limit,
        each.amount_fen,
        values_of(each.thresholds),
    )


def values_of(thresholds: dict[str, Parameter]) -> Values:
    """The parameters without where they come from."""
    return {name: parameter.value for name, parameter in thresholds.items()}


def explained(trial: Trial) -> Explained:
    """Everything about one alert."""
    proofs = list(dict.fromkeys(proof for record in reversed(trial.records) for proof in record.evidence))
    chain = [
        Link(proof, trial.event(proof), trial.again(proof.event_id) if number < _TRIED_MAX else None)
        for number, proof in enumerate(proofs)
    ]
    return Explained(trial.records, trial.again(), tuple(chain))


def event_of(value: bytes | msgspec.Raw) -> EvidenceEvent | None:
    """The event in these bytes; None where they hold none."""
    try:
        return _decode(value)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


_decode = msgspec.json.Decoder(EvidenceEvent).decode


def up_to_the_last_day(found: Iterable[Said], records: Sequence[AlertRecord]) -> tuple[Said, ...]:
    """What is said up to the day of the last record, to that day's end: of later days the records know nothing."""
    last = records[-1].log_on
    return tuple(each for each in found if each.log_on <= last)
