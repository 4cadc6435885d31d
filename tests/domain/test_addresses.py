"""Laws of addresses: every record goes somewhere, and what is wrong in one member spoils no other."""

from __future__ import annotations

import pytest

from domain.addresses import Address, address_of


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b'{"type":"payment.recorded","region":"652722"}', Address("treasury.payments", "652722", None)),
        (b'{"type":"payment.recorded","region":7,"recorded_at":"x"}', Address("treasury.payments", None, "x")),
        (b'{"type":"of nobody","region":"652722"}', Address("quota.changes", "652722", None)),
        (b'{"type":["payment.recorded"],"recorded_at":null}', Address("quota.changes", None, None)),
        (b'{"type":"payment.recorded","region":"\xff"}', Address("treasury.payments", None, None)),
        (b'["payment.recorded"]', Address("quota.changes", None, None)),
        (b"{", Address("quota.changes", None, None)),
    ],
)
def test_what_can_be_read_of_an_event_says_where_it_goes(value: bytes, expected: Address) -> None:
    """What names no topic goes to the first one, where the intake refuses it by name."""
    assert address_of(value) == expected


@pytest.mark.parametrize(
    ("body", "topic"),
    [
        (b'{"registry":"enterprise"}', "registry.enterprises"),
        (b'{"registry":"deceased"}', "registry.persons"),
        (b"[]", "registry.persons"),
    ],
)
def test_a_completed_snapshot_follows_its_register(body: bytes, topic: str) -> None:
    """Behind the rows that it completes, in the same topic."""
    assert address_of(b'{"type":"registry.snapshot_completed","body":%b}' % body).topic == topic
