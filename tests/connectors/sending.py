"""How the tests publish a sample: the real reading, checking and sending, into a broker in memory."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from connectors.csv_events import EventsOfRows
from connectors.csv_rows import Export
from connectors.mapping import read_mapping
from connectors.memory_broker import MemoryBroker
from connectors.pseudonyms import Keys
from connectors.publisher import Publisher
from connectors.rejects import RejectsFile
from connectors.shipment import Counts, Shipment
from domain.settings import Settings
from domain.topics import INGRESS

KEYS = Keys(1, {1: bytes(range(32))})
SAMPLES = Path(__file__).parent / "samples"


class Sent(NamedTuple):
    """What one run of publishing came to."""

    counts: Counts
    values: list[bytes]
    rejects: str


def broker(**options: int) -> MemoryBroker:
    """A broker in memory with the ingress topics."""
    return MemoryBroker(INGRESS, 4, **options)  # type: ignore[arg-type]  # its own options


def ship(path: Path, mapping: str, folder: Path, wire: MemoryBroker) -> Sent:
    """Publish a CSV file by a ready-made mapping."""
    events = EventsOfRows(read_mapping(Path(mapping)), KEYS, {})
    before = sum(map(len, wire.topics.values()))
    with RejectsFile(folder / "rejects.csv") as rejects, Export(path, ",") as export:
        shipment = Shipment(rejects, lambda report: Publisher(wire, Settings(), report))
        shipment.send_file(
            path, events.read(export), lambda field: (events.column_of(field), events.is_personal(field))
        )
    values = [record.value or b"" for records in wire.topics.values() for record in records][before:]
    text = rejects.path.read_text(encoding="utf-8-sig") if rejects.path.exists() else ""
    return Sent(shipment.counts, values, text)
