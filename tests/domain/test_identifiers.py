"""Names that follow from content."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kafka.partitioner.default import murmur2 as murmur2_of_kafka_python

from domain.identifiers import alert_id, murmur2, partition_of


@given(st.binary(max_size=64))
def test_a_key_hashes_as_in_kafka_python(key: bytes) -> None:
    """The hash is that of the client that publishes, for keys of any length."""
    assert murmur2(key) == murmur2_of_kafka_python(key) & 0xFFFFFFFF


@pytest.mark.parametrize(
    ("key", "hashed"),
    [
        (b"21", -973932308),
        (b"foobar", -790332482),
        (b"a-little-bit-long-string", -985981536),
        (b"a-little-bit-longer-string", -1486304829),
        (b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971),
        (b"abc", 479470107),
    ],
)
def test_a_key_hashes_as_in_the_java_client(key: bytes, hashed: int) -> None:
    """These are the test vectors of Kafka's own Utils.murmur2."""
    assert murmur2(key) == hashed & 0xFFFFFFFF


@given(st.binary(max_size=16), st.integers(1, 64))
def test_a_partition_exists(key: bytes, partitions: int) -> None:
    """Every key has one of the partitions."""
    assert 0 <= partition_of(key, partitions) < partitions


def test_an_alert_id_is_that_of_the_worked_cases() -> None:
    """The id in worked case 10 of the contract is this hash of rule, subject and episode."""
    found = alert_id("carry_over_entered_as_current", "652722|Q34", 1)
    assert found == "644f707b6137700090e48f73c33e4f2e"


def test_an_episode_is_another_alert() -> None:
    """A new fault on the same subject has an id of its own, 32 hex digits long."""
    first, second = (alert_id("funds_idle", "652722|L1", episode) for episode in (1, 2))
    assert first != second
    assert {len(first), len(second)} == {32}
