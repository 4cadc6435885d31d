"""Laws of CSV exports: the samples as golden files, encodings proved, units not guessed, reruns double nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.csv_events import EventsOfRows, GivenMissing
from connectors.csv_rows import Encoding, Export, FileRefused, Row, RowFault, encoding_of
from connectors.mapping import READY_MADE, Mapping, MappingRefused, read_mapping
from connectors.rejects import COLUMNS, Reject, RejectsFile, redacted
from domain.intake import Accepted, Redelivered, Reference, Refused, check
from fundwatch.judging import Memory
from tests.connectors.sending import KEYS, SAMPLES, broker, ship

GOLDEN = pytest.mark.parametrize(
    ("sample", "mapping"),
    [
        ("payments_gb18030", "payments"),
        ("quotas_utf8", "quotas"),
        ("allocations_utf8_mark", "allocations"),
        ("distribution_rows_utf8", "distribution_rows"),
    ],
)
HEADER = (
    "区划编码,分配流水号,指标编号,分配对象,项目编号,{},扶贫标识,是否待分配,是否到人到户,"
    "文号,印发日期,分配到位日期,归口股室,录入时间,录入单位编码\n"
)
ROW = "652722,A1,Q1,项目,P1,{},扶贫,否,否,精财扶〔2019〕6号,2019/4/26,2019/4/28,农业股,2019/4/28 14:35,652722-czj\n"


def verdict(memory: Memory, value: bytes) -> Accepted | Refused | Redelivered:
    """What the intake would say, and remember, of a published event."""
    event = json.loads(value)
    topic = "treasury.payments"
    said = check(topic, None, event["region"].encode(), value, reference=Reference(), known=memory)
    if not isinstance(said, Redelivered):
        memory.remember(said)
    return said


@GOLDEN
def test_a_sample_gives_its_golden_events_and_rejects(sample: str, mapping: str, tmp_path: Path) -> None:
    """Every accepted row as the exact bytes of its event, every other one in the rejects file by row and column."""
    sent = ship(SAMPLES / f"{sample}.csv", mapping, tmp_path, broker())
    assert b"".join(value + b"\n" for value in sent.values) == (SAMPLES / f"{sample}.events.jsonl").read_bytes()
    assert sent.rejects == (SAMPLES / f"{sample}.rejects.csv").read_text(encoding="utf-8")
    assert sent.counts.sent + sent.counts.rejected == sent.counts.rows


def test_publishing_a_file_again_doubles_nothing(tmp_path: Path) -> None:
    """The second run sends the same bytes, and the intake knows every one of them."""
    path = SAMPLES / "payments_gb18030.csv"
    first, second = ship(path, "payments", tmp_path, broker()), ship(path, "payments", tmp_path, broker())
    memory = Memory()
    assert [type(verdict(memory, value)) for value in first.values] == [Accepted] * 3
    assert [type(verdict(memory, value)) for value in second.values] == [Redelivered] * 3


def test_a_row_corrected_in_the_source_meets_its_first_version(tmp_path: Path) -> None:
    """Same record, other content: one dead letter event_id_conflict, not a second payment."""
    original = SAMPLES / "payments_gb18030.csv"
    corrected = tmp_path / "corrected.csv"
    corrected.write_bytes(original.read_bytes().replace(b"2850.5", b"2850.6"))
    memory = Memory()
    for value in ship(original, "payments", tmp_path, broker()).values:
        verdict(memory, value)
    said = [verdict(memory, value) for value in ship(corrected, "payments", tmp_path, broker()).values]
    assert [type(each) for each in said] == [Redelivered, Refused, Redelivered]
    assert [each.code for each in said if isinstance(each, Refused)] == ["event_id_conflict"]


def test_no_person_is_named_in_what_is_sent_or_rejected(tmp_path: Path) -> None:
    """Neither names, ID numbers nor card numbers of the samples appear in events or rejects."""
    payments = ship(SAMPLES / "payments_gb18030.csv", "payments", tmp_path, broker())
    rows = ship(SAMPLES / "distribution_rows_utf8.csv", "distribution_rows", tmp_path, broker())
    everything = b"".join(payments.values + rows.values).decode() + rows.rejects
    for secret in ("张小三", "买买提", "张三", "王五", "652722198001011233", "6217001234562210", "6228480931000931"):
        assert secret not in everything
    assert '"payee_name":"张**"' in everything


@given(st.text(alphabet=st.characters(codec="gb18030", exclude_characters='\r\n"'), min_size=1, max_size=30))
def test_an_encoding_is_known_for_certain(text: str) -> None:
    """Whatever the text, UTF-8 with and without mark is read back as what was written."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "export.csv"
        path.write_text(text, encoding="utf-8")
        assert path.read_text(encoding=encoding_of(path)) in (text, text.removeprefix("\ufeff"))
        path.write_text(text, encoding="utf-8-sig")
        assert encoding_of(path) is Encoding.UTF_8_WITH_MARK


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("区划编码\n".encode("utf-16"), "UTF-16"),
        (b"PK\x03\x04xlsx", "spreadsheet file"),
        (b"\xef\xbb\xbf\xe5\x8c", "as its byte order mark says; line 1"),
        (b"good\n\xff\xff\xff\n", "as UTF-8 line 2"),
    ],
)
def test_what_cannot_be_read_for_certain_is_refused(tmp_path: Path, content: bytes, expected: str) -> None:
    """The message says which encoding failed at which line."""
    path = tmp_path / "export.csv"
    path.write_bytes(content)
    with pytest.raises(FileRefused, match=expected):
        encoding_of(path)


def test_gb18030_is_found_behind_a_million_plain_characters(tmp_path: Path) -> None:
    """The whole file is the proof, not its beginning."""
    path = tmp_path / "export.csv"
    path.write_bytes(b"a" * 1_500_000 + "县".encode("gb18030"))
    assert encoding_of(path) is Encoding.GB18030


def allocations(path: Path, header: str, amount: str) -> list[object]:
    """What one row of an allocation export comes to."""
    path.write_text(HEADER.format(header) + ROW.format(amount), encoding="utf-8")
    events = EventsOfRows(read_mapping(Path("allocations")), None, {})
    with Export(path, ",") as export:
        return list(events.read(export))


def test_a_unit_that_the_file_names_must_be_the_mappings(tmp_path: Path) -> None:
    """万元 in the header or above it against 元 in the mapping: refused, for it would be a factor of ten thousand."""
    path = tmp_path / "export.csv"
    with pytest.raises(FileRefused, match="分配金额"):
        allocations(path, "分配金额(万元)", "60")
    path.write_text("单位：万元\n" + HEADER.format("分配金额") + ROW.format("60"), encoding="utf-8")
    events = EventsOfRows(read_mapping(Path("allocations")), None, {})
    with Export(path, ",") as export, pytest.raises(FileRefused, match="says 万元"):
        list(events.read(export))


def test_a_header_that_lacks_columns_is_refused_with_their_names(tmp_path: Path) -> None:
    """The nearest row is shown beside what is missing, so that a renamed column is found at once."""
    path = tmp_path / "export.csv"
    path.write_text("区划编码,金额\n652722,3\n", encoding="utf-8")
    events = EventsOfRows(read_mapping(Path("allocations")), None, {})
    with Export(path, ",") as export, pytest.raises(FileRefused, match=r"分配流水号.*nearest was 区划编码、金额"):
        list(events.read(export))


def test_damaged_rows_are_named_and_the_rest_is_read(tmp_path: Path) -> None:
    """Too few cells, a comma unquoted, a quote left open: each a named fault; blank rows are no rows."""
    path = tmp_path / "export.csv"
    path.write_text('a,b\n1,2\n,\n3\n4,5,6\n7,8\n9,"open\n', encoding="utf-8")
    with Export(path, ",") as export:
        export.find_header(lambda names: () if "a" in names else ("a",))
        rows = list(export.rows())
    assert [row.number for row in rows] == [2, 4, 5, 6, 7]
    assert [type(row) for row in rows] == [Row, RowFault, RowFault, Row, RowFault]
    assert [row.fault for row in rows if isinstance(row, RowFault)] == ["cell_count", "cell_count", "csv_fault"]


READY = pytest.mark.parametrize("path", sorted(READY_MADE.glob("*.toml")), ids=lambda path: path.stem)


@READY
def test_a_ready_made_mapping_is_sound(path: Path) -> None:
    """Every file under connectors/mappings can be read, and by its name too."""
    assert read_mapping(path) == read_mapping(Path(path.stem))


@READY
def test_a_mapping_may_begin_with_a_byte_order_mark(path: Path, tmp_path: Path) -> None:
    """Editors on Windows write one."""
    marked = tmp_path / "mine.toml"
    marked.write_text(path.read_text(encoding="utf-8"), encoding="utf-8-sig")
    assert read_mapping(marked) == read_mapping(path)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('unit = "yuan", ', "", "body.amount_fen: unit"),
        ('unit = "yuan"', 'unit = "dollar"', "Invalid enum value"),
        ('"quota.allocated"', '"quota.assigned"', "type: an event type"),
        ('"budget_execution"', '"one_card"', "source: one of"),
        ("document_no = {", "document_number = {", "body.document_no: a rule"),
        ('"扶贫" = "poverty"', '"扶贫" = "poor"', "body.line_kind: one of poverty non_poverty, not 'poor'"),
        ('{ constant = "system" }', '{ constant = "system", given = "x" }', "exactly one of"),
        ('{ copy = "allocated_on" }', '{ copy = "paid_on" }', "copy: paid_on is filled by no rule"),
        ('native_id = "allocation_id"', 'native_id = "quota_no"', "native_id"),
        ("title =", "titel =", "titel"),
    ],
)
def test_a_faulty_mapping_is_refused_by_its_place(tmp_path: Path, old: str, new: str, expected: str) -> None:
    """Before any row is read, naming the rule that is wrong."""
    text = (READY_MADE / "allocations.toml").read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "mine.toml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(MappingRefused, match=expected):
        read_mapping(path)


def test_a_mapping_says_what_it_must_be_given(tmp_path: Path) -> None:
    """A file without a region column takes the region from --set; without it nothing starts."""
    text = (READY_MADE / "allocations.toml").read_text(encoding="utf-8")
    path = tmp_path / "mine.toml"
    path.write_text(text.replace('{ column = ["区划编码", "行政区划代码"] }', '{ given = "region" }'), encoding="utf-8")
    mapping: Mapping = read_mapping(path)
    with pytest.raises(GivenMissing, match="--set region=VALUE"):
        EventsOfRows(mapping, KEYS, {})
    export_path = tmp_path / "export.csv"
    export_path.write_text(HEADER.format("分配金额") + ROW.format("60"), encoding="utf-8")
    with Export(export_path, ",") as export:
        (event,) = EventsOfRows(mapping, KEYS, {"region": "652723"}).read(export)
    assert not isinstance(event, Reject)
    assert json.loads(event.value)["event_id"] == "budget_execution:allocated:652723-A1:1"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("付李四652722198001011233", "付李四652722********1233"),
        ("6222 0212 3456 7890 123", "6222 0********123"),
        ("１１０１０５１９４９１２３１００２Ｘ", "110105********002X"),
        ("2019-07-15", "2019-07-15"),
        ("=HYPERLINK(1)", "=HYPERLINK(1)"),
    ],
)
def test_rejected_values_show_no_identity(value: str, shown: str) -> None:
    """Long numbers are cut, however they are spaced or spelt; dates and amounts stay."""
    assert redacted(value)[:5] == shown[:5]
    assert redacted(value)[-3:] == shown[-3:]
    assert len([c for c in redacted(value) if c.isdigit()]) <= 11


def test_a_rejects_file_is_harmless_in_a_spreadsheet_and_absent_when_clean(tmp_path: Path) -> None:
    """A cell that would be a formula is text; a run without rejects leaves no file behind, not even an old one."""
    path = tmp_path / "rejects.csv"
    path.write_text(",".join(COLUMNS) + "\nof an earlier run\n", encoding="utf-8-sig")
    with RejectsFile(path) as rejects:
        assert not path.exists()
        rejects.add(Path("a.csv"), Reject(3, "用途", "field_bad", "text", "=1+1"))
    assert "'=1+1" in path.read_text(encoding="utf-8-sig")


def test_reading_needs_no_memory_for_the_file(tmp_path: Path, peak_bytes: Callable[[Callable[[], int]], int]) -> None:
    """Seven megabytes of rows are read within three: a gigabyte would be too."""
    path = tmp_path / "large.csv"
    with path.open("w", encoding="utf-8") as file:
        file.write(HEADER.format("分配金额"))
        file.writelines(ROW.format("60") for _ in range(60_000))
    assert path.stat().st_size > 7_000_000

    def read() -> int:
        with Export(path, ",") as export:
            export.find_header(lambda names: () if "分配金额" in names else ("分配金额",))
            return sum(1 for _ in export.rows())

    assert peak_bytes(read) < 3_000_000
