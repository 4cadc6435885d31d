"""A story told in one county of each partition: what holds of a partition has to hold of all of them."""

from __future__ import annotations

import json

from tests.rules.tape import read_lines

# One in each of four partitions.
COUNTIES = ("652823", "652702", "652723", "652701")


def in_each(tape: str, rule_id: str) -> list[bytes]:
    """The events of a tape that is written for one county, of each of them, day by day."""
    events = read_lines(tape.replace("REGION", COUNTIES[0]).splitlines(), rule_id).events
    texts = [(event["recorded_at"], json.dumps(event)) for event in events]
    return [text.replace(COUNTIES[0], county).encode() for _, text in sorted(texts) for county in COUNTIES]
