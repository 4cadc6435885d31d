"""Sentences for people: what happened to an alert, before what its rule measured."""

from __future__ import annotations

from typing import NamedTuple

from domain.findings import Reason, Transition


class Sentence(NamedTuple):
    """One sentence in both languages."""

    zh: str
    en: str


_BEGINNINGS = {
    Reason.SATISFIED_IN_TIME: Sentence("已解除(按时办结):", "Cleared, done in time: "),
    Reason.SATISFIED_LATE: Sentence("已解除(逾期办结):", "Cleared, done late: "),
    Reason.GROUND_REMOVED: Sentence("已解除(依据消除):", "Cleared, the ground is gone: "),
    Reason.EXEMPTED: Sentence("豁免期内不预警:", "Exempted, not raised: "),
    Reason.FALSE_POSITIVE: Sentence("核实为误报:", "Found to be false: "),
}
_PLAIN = Sentence("", "")


def told(transition: Transition, reason: Reason, measured: Sentence) -> Sentence:
    """The rule's own sentence, with what became of the alert before it where it is not a fault that stands."""
    if transition in (Transition.RAISED, Transition.ESCALATED, Transition.EASED):
        return measured
    beginning = _BEGINNINGS.get(reason, _PLAIN)
    return Sentence(beginning.zh + measured.zh, beginning.en + measured.en)
