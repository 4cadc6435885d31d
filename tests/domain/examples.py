"""The contract's own examples, one event of each type, and what tests need to change one and ask about it."""

from __future__ import annotations

import copy
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

from domain.events import TOPIC_OF_TYPE
from domain.intake import Accepted, Redelivered, Reference, Refused, check

CONTRACT = Path(__file__).parents[1] / "data" / "contract"
EXAMPLES: dict[str, dict[str, Any]] = {
    event["type"]: event
    for event in map(json.loads, (CONTRACT / "wire_examples.jsonl").read_text("utf-8").splitlines())
}
# The examples of linkage notices are this system's own.
ANYWHERE = Reference(own_topics=frozenset({"clock.ticks", "linkage.notices"}))
Verdict = Accepted | Redelivered | Refused


class Memory:
    """`domain.intake.Known` in two dictionaries, filled by hand or by `take`."""

    def __init__(self) -> None:
        self.contents: dict[tuple[str, str], bytes] = {}
        self.refused: defaultdict[str, set[str]] = defaultdict(set)

    def content(self, region: str, event_id: str) -> bytes | None:
        """See `Known`."""
        return self.contents.get((region, event_id))

    def refused_ids(self, region: str) -> set[str]:
        """See `Known`."""
        return self.refused[region]

    def take(self, verdict: Verdict) -> Verdict:
        """Remember what the verdict says is to be remembered."""
        if isinstance(verdict, Accepted):
            self.contents[verdict.region, verdict.event_id] = verdict.content
        elif isinstance(verdict, Refused):
            self.refused[str(verdict.region)].update(verdict.refused_ids)
        return verdict


def example(event_type: str, **body: Any) -> dict[str, Any]:
    """The contract's example of a type, with these fields of its body set."""
    event = copy.deepcopy(EXAMPLES[event_type])
    event["body"].update(body)
    return event


def envelope(event_type: str = "payment.recorded", **fields: Any) -> dict[str, Any]:
    """An example with these fields of its envelope set."""
    return example(event_type) | fields


def without(event: dict[str, Any], *path: str) -> dict[str, Any]:
    """The event without the field at the path."""
    inner = event
    for name in path[:-1]:
        inner = inner[name]
    del inner[path[-1]]
    return event


def wire(event: Any) -> bytes:
    """Its bytes, as most sources write them."""
    return json.dumps(event, ensure_ascii=False).encode()


def key_of(event: dict[str, Any]) -> bytes:
    """The key that its record should have."""
    is_tick = event["type"] == "clock.tick"
    return str(event["body"]["partition"]).encode() if is_tick else str(event["region"]).encode()


def verdict_on(
    event: dict[str, Any],
    *,
    memory: Memory | None = None,
    topic: str | None = None,
    key: bytes | None = None,
    partition: int | None = None,
    reference: Reference = ANYWHERE,
) -> Verdict:
    """What the intake says of an event, sent to its own topic under its own key unless told otherwise."""
    return check(
        topic or TOPIC_OF_TYPE[event["type"]],
        partition,
        key_of(event) if key is None else key,
        wire(event),
        reference=reference,
        known=memory or Memory(),
    )


def refusal(event: dict[str, Any], **how: Any) -> tuple[str, str | None]:
    """Code and field of a refusal."""
    verdict = verdict_on(event, **how)
    assert isinstance(verdict, Refused), verdict
    return verdict.code, verdict.field


def flags(event: dict[str, Any], **how: Any) -> tuple[str, ...]:
    """Flags of an accepted event."""
    verdict = verdict_on(event, **how)
    assert isinstance(verdict, Accepted), verdict
    return verdict.flags


def refused(value: bytes | None, key: bytes | None = b"652722", topic: str = "treasury.payments") -> Refused:
    """The refusal of raw bytes."""
    verdict = check(topic, None, key, value, reference=ANYWHERE, known=Memory())
    assert isinstance(verdict, Refused)
    return verdict
