"""`fundwatch publish`: wire events (JSON Lines) and CSV exports to the ingress topics.

Exit code 0: everything was sent; 1: some rows were refused and are in the rejects file; 2: the run could not begin or
could not end (a mapping, a file's encoding, a key file, the broker). Running it again doubles nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, NoReturn

import click

from connectors import pseudonyms
from connectors.broker import KafkaWire
from connectors.csv_events import EventsOfRows, GivenMissing
from connectors.csv_rows import Export, FileRefused
from connectors.json_lines import Lines
from connectors.mapping import READY_MADE, Mapping, MappingRefused, read_mapping
from connectors.memory_broker import MemoryBroker
from connectors.pseudonyms import KeyFileRefused, Keys
from connectors.publisher import Publisher, PublishError, Receipt, Wire
from connectors.rejects import Reject, RejectsFile, RejectsPathRefused
from connectors.shipment import Draft, Shipment
from domain.settings import Settings
from domain.topics import INGRESS
from fundwatch.environment import configured
from fundwatch.kafka_needed import NO_KAFKA
from fundwatch.publish_progress import Progress

_JSON_LINES = (".jsonl", ".ndjson", ".json")
UNUSABLE = 2
_PATH = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--mapping", "mapping_path", type=_PATH, help="TOML file, or the name of a ready-made one, for CSV files."
)
@click.option("--key-file", type=_PATH, help="Secrets of the pseudonyms; readable by you only.")
@click.option("--rejects", "rejects_path", type=_PATH, default="rejects.csv", show_default=True, help="Refused rows.")
@click.option("--set", "givens", multiple=True, metavar="NAME=VALUE", help="A value that the mapping asks for.")
@click.option("--check", "is_check", is_flag=True, help="Check everything, send nothing; needs no broker.")
@click.option("--make-key", is_flag=True, help="Make the key file and stop.")
@click.option("--rotate-key", is_flag=True, help="Add a new version to the key file, make it current, and stop.")
def publish(  # noqa: PLR0917  # click passes each option by name
    files: tuple[Path, ...],
    mapping_path: Path | None,
    key_file: Path | None,
    rejects_path: Path,
    givens: tuple[str, ...],
    is_check: bool,
    make_key: bool,
    rotate_key: bool,
) -> None:
    """Send FILES to the ingress topics: *.jsonl as wire events, all else as CSV exports by a mapping."""
    try:
        if make_key or rotate_key:
            _look_after_key(key_file, rotate=rotate_key)
            return
        if not files:
            _unusable("no FILES")
        reader = _reader(files, mapping_path, key_file, givens)
        settings = configured()
        wire = MemoryBroker(INGRESS, settings.partitions, keep=False) if is_check else _broker(settings)
        progress = Progress(files, is_check=is_check)
        rejected = _ship(files, reader, wire, _without_namespace(settings, is_check), rejects_path, progress)
    except (MappingRefused, KeyFileRefused, FileRefused, GivenMissing, PublishError, RejectsPathRefused) as error:
        _unusable(str(error))
    except KeyboardInterrupt:
        _unusable("interrupted; running it again sends the rest and doubles nothing")
    sys.exit(1 if rejected else 0)


def _look_after_key(key_file: Path | None, *, rotate: bool) -> None:
    if key_file is None:
        _unusable("--key-file FILE says where")
    if rotate:
        version = pseudonyms.rotate_key_file(key_file)
        print(f"{key_file}: version {version} is current; send all lists and registers anew, versions do not match")
    else:
        pseudonyms.make_key_file(key_file)
        print(f"{key_file}: made, readable by you only; keep a copy apart from the data")


def _reader(
    files: tuple[Path, ...], mapping_path: Path | None, key_file: Path | None, givens: tuple[str, ...]
) -> Reader:
    if all(map(_is_json_lines, files)):
        return Reader(None, None, {})
    if mapping_path is None:
        names = " ".join(sorted(each.stem for each in READY_MADE.glob("*.toml")))
        _unusable(f"CSV files need --mapping: a TOML file, or one of {names}")
    mapping = read_mapping(mapping_path)
    keys: Keys | None = None
    if mapping.needs_keys():
        if key_file is None:
            _unusable("this mapping makes pseudonyms: --key-file FILE (--make-key makes one)")
        keys = pseudonyms.read_keys(key_file)
    return Reader(mapping, keys, dict(map(_pair, givens)))


def _pair(given: str) -> tuple[str, str]:
    name, sign, value = given.partition("=")
    if not name or not sign:
        _unusable(f"--set {given}: expected NAME=VALUE")
    return name, value


def _broker(settings: Settings) -> Wire:
    if not settings.kafka:
        _unusable(NO_KAFKA)
    return KafkaWire(settings)


def _without_namespace(settings: Settings, is_check: bool) -> Settings:
    """The broker in memory has the contract's topics under their plain names."""
    return Settings(partitions=settings.partitions) if is_check else settings


def _ship(  # noqa: PLR0917  # each is a part of the run
    files: tuple[Path, ...], read: Reader, wire: Wire, settings: Settings, rejects_path: Path, progress: Progress
) -> int:
    def connect(report: Callable[[Receipt], None]) -> Publisher:
        return Publisher(wire, settings, report)

    with RejectsFile(rejects_path) as rejects, progress:
        shipment = Shipment(rejects, connect)
        try:
            for path in files:
                with read(path) as reading:
                    drafts = progress.follow(path, reading.drafts, reading.bytes_read, shipment.counts)
                    shipment.send_file(path, drafts, reading.place)
        finally:
            shipment.close()
            progress.close(shipment.counts, rejects)
    return shipment.counts.rejected


class Reading(NamedTuple):
    """An open file as drafts, how far it has been read, and which column a field of its events came from."""

    drafts: Iterator[Draft | Reject]
    bytes_read: Callable[[], int]
    place: Callable[[str], tuple[str, bool]]


class Reader:
    """Opens each file as what it is."""

    def __init__(self, mapping: Mapping | None, keys: Keys | None, givens: dict[str, str]) -> None:
        self._mapping = mapping
        self._events = EventsOfRows(mapping, keys, givens) if mapping else None

    @contextmanager
    def __call__(self, path: Path) -> Iterator[Reading]:
        """The file, open for the block."""
        if _is_json_lines(path):
            with Lines(path) as lines:
                yield Reading(lines.read(), lines.bytes_read, lambda field: (field, False))
            return
        if self._mapping is None or self._events is None:
            _unusable("CSV files need --mapping")
        events = self._events
        with Export(path, self._mapping.delimiter) as export:
            yield Reading(
                events.read(export),
                export.bytes_read,
                lambda field: (events.column_of(field), events.is_personal(field)),
            )


def _is_json_lines(path: Path) -> bool:
    return path.suffix.lower() in _JSON_LINES  # some systems write names in capitals


def _unusable(message: str) -> NoReturn:
    click.echo(f"Error: {message}", err=True)
    sys.exit(UNUSABLE)
