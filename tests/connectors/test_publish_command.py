"""Laws of `fundwatch publish`: what it answers, its exit codes, and that a broker's failure loses no record unnamed."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from click.testing import CliRunner, Result

from connectors.json_lines import EVENT_BYTES_MAX, LineEvent, Lines
from connectors.mapping import READY_MADE
from connectors.pseudonyms import make_key_file
from connectors.publisher import Publisher
from connectors.rejects import Reject, RejectsFile
from connectors.shipment import DeliveryFailed, Shipment
from domain.identifiers import partition_of
from domain.settings import Settings
from fundwatch.cli import main
from tests.connectors.sending import SAMPLES, broker

ALL_READY_MADE = sorted(path.stem for path in READY_MADE.glob("*.toml"))
EXAMPLES = Path(__file__).parents[1] / "data/contract/wire_examples.jsonl"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder with a key file, and no server configured."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FUNDWATCH_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("FUNDWATCH_KAFKA", raising=False)
    make_key_file(tmp_path / "keys.toml")
    return tmp_path


def publish(*arguments: str) -> Result:
    """Run the command."""
    return CliRunner().invoke(main, ["publish", *arguments])


def payment(**changes: object) -> dict[str, object]:
    """The contract's example of a payment, with changes to its envelope."""
    lines = EXAMPLES.read_text(encoding="utf-8").splitlines()
    event: dict[str, object] = next(e for e in map(json.loads, lines) if e["type"] == "payment.recorded")
    return {**event, **changes}


def test_all_sent_is_exit_code_0(folder: Path) -> None:
    """A clean file: the sum, no rejects file."""
    result = publish(str(SAMPLES / "allocations_utf8_mark.csv"), "--mapping", "allocations", "--check")
    assert (result.exit_code, result.stdout) == (0, "2 rows, 2 sound, 0 rejected\n")
    assert not (folder / "rejects.csv").exists()


@pytest.mark.parametrize("target", ["keys.toml", "payments.csv"])
def test_the_rejects_never_replace_another_file(folder: Path, target: str) -> None:
    """A mistyped --rejects costs neither the export nor the key."""
    sample = (SAMPLES / "payments_gb18030.csv").read_bytes()
    (folder / "payments.csv").write_bytes(sample)
    before = (folder / target).read_bytes()
    options = ("--mapping", "payments", "--key-file", "keys.toml", "--rejects", target, "--check")
    result = publish("payments.csv", *options)
    assert result.exit_code == 2
    assert target in result.stderr
    assert (folder / target).read_bytes() == before


@pytest.mark.parametrize("target", ["nowhere/rejects.csv", "keys.toml/rejects.csv", "."])
@pytest.mark.usefixtures("folder")
def test_rejects_that_no_file_can_take_are_refused_before_the_first_row(target: str) -> None:
    """At the first reject, half of the export might be sent; and exit code 1 would say that the other half was."""
    sample = str(SAMPLES / "payments_gb18030.csv")
    result = publish(sample, "--mapping", "payments", "--key-file", "keys.toml", "--rejects", target, "--check")
    assert (result.exit_code, result.stdout) == (2, "")
    assert target in result.stderr


def test_some_rejected_is_exit_code_1_with_every_row_accounted_for(folder: Path) -> None:
    """The sum names the rejects file; it holds one line per rejected row."""
    sample = str(SAMPLES / "payments_gb18030.csv")
    result = publish(sample, "--mapping", "payments", "--key-file", "keys.toml", "--rejects", "bad.csv", "--check")
    assert (result.exit_code, result.stdout) == (1, "12 rows, 3 sound, 9 rejected, see bad.csv\n")
    assert len((folder / "bad.csv").read_text(encoding="utf-8-sig").splitlines()) == 10


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "no FILES"),
        (["{sample}"], "CSV files need --mapping"),
        (["{sample}", "--mapping", "nothing"], f"ready-made: {' '.join(ALL_READY_MADE)}"),
        (["{sample}", "--mapping", "payments"], "--make-key makes one"),
        (["{sample}", "--mapping", "payments", "--key-file", "none.toml"], "cannot be read"),
        (["{sample}", "--mapping", "quotas", "--check"], "a header with the columns"),
        (["{sample}", "--mapping", "payments", "--key-file", "keys.toml"], "fundwatch up"),
        (["{sample}", "--mapping", "quotas", "--set", "region"], "--set region: expected NAME=VALUE"),
        (["--make-key"], "--key-file FILE says where"),
        (["--make-key", "--key-file", "keys.toml"], "exists already"),
    ],
)
@pytest.mark.usefixtures("folder")
def test_what_cannot_begin_is_exit_code_2_and_says_why(arguments: list[str], message: str) -> None:
    """One line on stderr that says what to do."""
    sample = str(SAMPLES / "payments_gb18030.csv")
    result = publish(*(argument.format(sample=sample) for argument in arguments))
    assert result.exit_code == 2
    assert message in result.stderr
    assert "Traceback" not in result.stderr


def test_no_broker_is_exit_code_2(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The address is named."""
    monkeypatch.setenv("FUNDWATCH_KAFKA", "127.0.0.1:1")
    (folder / "events.jsonl").write_text(json.dumps(payment()) + "\n", encoding="utf-8")
    result = publish("events.jsonl")
    assert (result.exit_code, "127.0.0.1:1" in result.stderr) == (2, True)


@pytest.mark.usefixtures("folder")
def test_every_example_of_the_contract_can_be_published() -> None:
    """All types but ticks and linkage notices, which only this system makes."""
    types = len(EXAMPLES.read_text(encoding="utf-8").splitlines())
    result = publish(str(EXAMPLES), "--check")
    assert result.stdout == f"{types} rows, {types - 4} sound, 4 rejected, see rejects.csv\n"


def test_the_kind_of_a_file_is_told_by_its_suffix_in_small_letters_or_capitals(folder: Path) -> None:
    """Wire events need no mapping, whoever named the file."""
    (folder / "EVENTS.JSONL").write_text(json.dumps(payment()) + "\n", encoding="utf-8")
    assert publish("EVENTS.JSONL", "--check").stdout == "1 rows, 1 sound, 0 rejected\n"


def test_lines_are_sent_as_they_stand(tmp_path: Path) -> None:
    """Byte for byte, blanks and unknown fields included; a byte order mark is the file's, not theirs."""
    line = json.dumps(payment(note="mine"), ensure_ascii=False, indent=None, separators=(" , ", " : ")).encode()
    path = tmp_path / "events.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + line + b"\r\n\n")
    with Lines(path) as lines:
        (event,) = lines.read()
    assert isinstance(event, LineEvent)
    assert (event.topic, event.region, event.value) == ("treasury.payments", "652722", line)


def test_an_endless_line_is_passed_over_without_being_held(tmp_path: Path) -> None:
    """It is one reject, and the next line is read."""
    path = tmp_path / "events.jsonl"
    path.write_bytes(b"x" * (3 * EVENT_BYTES_MAX) + b"\n" + json.dumps(payment()).encode())
    with Lines(path) as lines:
        first, second = lines.read()
    assert isinstance(first, Reject)
    assert (first.row, first.reason) == (1, "malformed")
    assert isinstance(second, LineEvent)


def test_a_broker_that_goes_away_stops_the_run_and_names_every_record(tmp_path: Path) -> None:
    """Five acknowledged: the others are in the rejects file, and the message says that running again is safe."""
    path = tmp_path / "events.jsonl"
    path.write_text("".join(json.dumps(payment(event_id=f"e{n}")) + "\n" for n in range(8)), encoding="utf-8")
    wire = broker(refuse_from=5)
    with RejectsFile(tmp_path / "rejects.csv") as rejects, Lines(path) as lines:
        shipment = Shipment(rejects, lambda report: Publisher(wire, Settings(), report))
        with pytest.raises(DeliveryFailed, match="nothing will be doubled"):
            shipment.send_file(path, lines.read(), lambda field: (field, False))
        shipment.close()
    assert shipment.counts.sent == 5
    assert shipment.counts.sent + shipment.counts.undelivered == shipment.counts.rows
    listed = (tmp_path / "rejects.csv").read_text(encoding="utf-8-sig").splitlines()[1:]
    assert len(listed) == shipment.counts.undelivered


async def stored(settings: Settings, topic: str, count: int) -> list[tuple[int, bytes | None, bytes | None]]:
    """The first records of a topic: partition, key, value."""
    consumer = AIOKafkaConsumer(bootstrap_servers=settings.kafka)
    await consumer.start()
    try:
        partitions = [TopicPartition(settings.topic(topic), number) for number in range(settings.partitions)]
        consumer.assign(partitions)
        await consumer.seek_to_beginning()
        return [(r.partition, r.key, r.value) for r in [await consumer.getone() for _ in range(count)]]
    finally:
        await consumer.stop()


@pytest.mark.broker
def test_a_file_reaches_the_real_broker(topics: Settings, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From CSV rows to records under the region's key in the region's partition."""
    monkeypatch.setenv("FUNDWATCH_KAFKA", topics.kafka)
    monkeypatch.setenv("FUNDWATCH_NAMESPACE", topics.namespace)
    sample = str(SAMPLES / "payments_gb18030.csv")
    result = publish(sample, "--mapping", "payments", "--key-file", str(folder / "keys.toml"))
    assert (result.exit_code, result.stdout) == (1, "12 rows, 3 sent, 9 rejected, see rejects.csv\n")
    records = asyncio.run(stored(topics, "treasury.payments", 3))
    assert {(partition, key) for partition, key, _ in records} == {
        (partition_of(b"652722", topics.partitions), b"652722")
    }
    ids = [json.loads(value or b"")["body"]["payment_id"] for _, _, value in records]
    assert ids == ["652722-2019-Z0210", "652722-2019-Z0211", "652722-2019-Z0212"]
