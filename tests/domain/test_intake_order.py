"""The first steps of the intake: parse, topic and type, key (wire.md section 5)."""

from __future__ import annotations

import pytest

from domain.identifiers import partition_of
from domain.intake import Accepted, Reference, Refused
from tests.domain.examples import (
    envelope,
    example,
    refusal,
    refused,
    verdict_on,
    wire,
    without,
)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, "a value; an empty one and a tombstone mean nothing here"),
        (b"", "a value; an empty one and a tombstone mean nothing here"),
        (b"[]", "one JSON object in UTF-8, not another value"),
        (b'{"a":1', "one JSON object in UTF-8: Input data was truncated"),
        (b'{"a":"\xff"}', "one JSON object in UTF-8: invalid start byte at byte 0"),
        (b"{" + b" " * 262_144 + b"}", "at most 262144 bytes, not 262146"),
        (b'{"a":1,"a":1}', "each key once in an object"),
    ],
)
def test_malformed_bytes_are_refused_by_what_was_expected(value: bytes | None, expected: str) -> None:
    """What is not one JSON object is refused before anything else, and no field of it is told."""
    verdict = refused(value, key=None, topic="no.topic")
    assert (verdict.code, verdict.expected) == ("malformed", expected)
    assert (verdict.field, verdict.event_id, verdict.type, verdict.region) == (None, None, None, None)


@pytest.mark.parametrize("name", ["payment.record", "", None, 5, ["payment.recorded"], {}])
def test_a_type_that_is_none_is_refused(name: object) -> None:
    """`type` has to be one of the contract, as text."""
    verdict = refused(wire(envelope(type=name)))
    assert (verdict.code, verdict.field) == ("unknown_type", "type")


def test_an_absent_type_is_refused() -> None:
    """An event without `type` is of no type."""
    assert refused(wire(without(envelope(), "type"))).code == "unknown_type"


def test_a_type_on_another_topic_is_refused_by_the_topic() -> None:
    """A type is known on its own topic only."""
    verdict = verdict_on(envelope(), topic="quota.changes")
    assert isinstance(verdict, Refused)
    assert verdict.expected == 'a type of topic quota.changes; found "payment.recorded"'


@pytest.mark.parametrize("key", [b"", b"410324", b"652722 ", b"652700", b'"652722"', "６５２７２２".encode(), b"\xff"])
def test_another_key_than_the_region_is_refused(key: bytes) -> None:
    """The key is the region's six digits, byte by byte."""
    assert refusal(envelope(), key=key) == ("key_mismatch", "region")


def test_a_record_without_key_is_refused() -> None:
    """No key is not the region."""
    assert (refused(wire(envelope()), key=None).code, refused(wire(envelope()), key=None).field) == (
        "key_mismatch",
        None,
    )


@pytest.mark.parametrize("region", [None, 652722, ["652722"]])
def test_a_region_that_is_no_text_mismatches(region: object) -> None:
    """A region that is no text equals no key."""
    assert refusal(envelope(region=region), key=b"652722") == ("key_mismatch", "region")


@pytest.mark.parametrize("partition", range(4))
def test_a_record_belongs_into_the_partition_of_its_key(partition: int) -> None:
    """Where the number of partitions is known, a record in another one than its key's is refused."""
    verdict = verdict_on(envelope(), partition=partition, reference=Reference(partitions=4))
    right = partition_of(b"652722", 4)
    assert isinstance(verdict, Accepted) is (partition == right)


@pytest.mark.parametrize(
    ("key", "partition", "named", "region", "expected"),
    [
        (b"3", 3, 3, "000000", None),
        (b"3", None, 3, "000000", None),
        (b"0", 0, 0, "000000", None),
        (b"3", 2, 3, "000000", ("key_mismatch", None)),
        (b"03", 3, 3, "000000", ("key_mismatch", None)),
        (b"tick", 3, 3, "000000", ("key_mismatch", None)),
        (b"-1", None, 3, "000000", ("key_mismatch", None)),
        (b"3", 3, 2, "000000", ("key_mismatch", "body.partition")),
        (b"3", 3, 3, "652722", ("key_mismatch", "region")),
    ],
)
def test_a_tick_lies_in_the_partition_that_it_names(
    key: bytes, partition: int | None, named: int, region: str, expected: tuple[str, str | None] | None
) -> None:
    """Key, place and `partition` of a tick are one number, and its region is 000000."""
    verdict = verdict_on(example("clock.tick", partition=named) | {"region": region}, key=key, partition=partition)
    assert (None if isinstance(verdict, Accepted) else (verdict.code, verdict.field)) == expected  # type: ignore[union-attr]  # no tick here is redelivered


def test_a_tick_without_body_is_refused_for_that() -> None:
    """A tick's key is looked at before its body."""
    assert refusal(example("clock.tick") | {"body": 5}, key=b"3") == ("field_bad", "body")
