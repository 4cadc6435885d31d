"""The contract's intake sample: raw records in order, with their fate."""

from __future__ import annotations

import base64
import gzip
import json
from typing import Any, NamedTuple

from tests.domain.examples import CONTRACT


class Fate(NamedTuple):
    """What becomes of a record: accepted, redelivered or dead_letter."""

    outcome: str
    code: str | None
    is_redacted: bool
    flags: frozenset[str]


class Sent(NamedTuple):
    """One record as a producer sent it."""

    number: int
    topic: str
    key: bytes | None
    value: bytes | None
    fate: Fate
    note: str


def _sent(row: dict[str, Any]) -> Sent:
    return Sent(
        number=row["n"],
        topic=row["topic"],
        key=None if row["key"] is None else row["key"].encode(),
        value=None if row["value_base64"] is None else base64.b64decode(row["value_base64"]),
        fate=Fate(row["expect"], row["code"], row["redacted"], frozenset(row["flags"])),
        note=row["note"],
    )


with gzip.open(CONTRACT / "sample_intake.jsonl.gz", "rt", encoding="utf-8") as lines:
    SAMPLE: tuple[Sent, ...] = tuple(_sent(json.loads(line)) for line in lines)
