"""What a well-formed event may not say: source, plain identities, classified funds, duplicates (wire.md 5.1)."""

from __future__ import annotations

from typing import Any

import pytest

from domain.intake import Accepted, Redelivered, Reference, Refused, check
from tests.domain.examples import (
    ANYWHERE,
    EXAMPLES,
    Memory,
    envelope,
    example,
    flags,
    refusal,
    refused,
    verdict_on,
    wire,
)

ID_NUMBER = "11010519491231002X"  # the example of GB 11643


@pytest.mark.parametrize("source", ["monitor", "desk_console", "project_library"])
def test_a_source_that_the_type_does_not_list_is_refused(source: str) -> None:
    """Each type says who may send it; this system itself sends ticks and notices only."""
    assert refusal(envelope(source=source)) == ("source_not_allowed", "source")


def test_a_source_outside_the_table_is_a_bad_field() -> None:
    """A system that the contract does not know is no source at all."""
    assert refusal(envelope(source="excel")) == ("field_bad", "source")


def test_a_region_may_register_its_sources() -> None:
    """Where reference data name a region's sources, others are refused there and nowhere else."""
    reference = Reference(sources={"652722": frozenset({"integrated_fiscal"})})
    assert refusal(envelope(), reference=reference) == ("source_not_allowed", "source")
    assert flags(envelope(source="integrated_fiscal"), reference=reference) == ()
    assert flags(envelope(region="652723"), reference=reference) == ()


def test_the_monitor_needs_no_registration() -> None:
    """Notices that this system derives are let in whatever sources a region registers."""
    region = EXAMPLES["linkage.quota_issued"]["region"]
    notice = example("linkage.quota_issued") | {"source": "monitor"}
    reference = Reference(sources={region: frozenset({"one_card"})}, own_topics=frozenset({"linkage.notices"}))
    assert flags(notice, reference=reference) == ()


def test_nobody_else_is_the_monitor() -> None:
    """On a topic that others may write to, the source `monitor` is somebody else's claim; ticks are this system's."""
    assert refusal(example("linkage.quota_issued"), reference=Reference()) == ("source_not_allowed", "source")
    assert flags(example("clock.tick"), reference=Reference()) == ()


@pytest.mark.parametrize(
    ("event", "field"),
    [
        (example("payment.recorded", purpose="卡6228480402564890"), "body.purpose"),
        (example("payment.recorded", purpose="卡６２２８４８０４０２５６４８９0"), "body.purpose"),
        (example("target.submitted", target_text="1" * 16), "body.target_text"),
        (
            example("target.submitted", indicators=[{**EXAMPLES["target.submitted"]["body"]["indicators"][0]},
                    {**EXAMPLES["target.submitted"]["body"]["indicators"][0], "indicator_name": "9" * 16}]),
            "body.indicators[1].indicator_name",
        ),
        (envelope(x_note="1" * 16), "x_note"),
        (envelope(x_note=[1, {"n": 6228480402564890}]), "x_note[1].n"),
        (envelope(x_note=-6228480402564890), "x_note"),
        (envelope() | {"6228480402564890": 1}, None),
        (example("payment.recorded", x_note={"1" * 17: True}), "body.x_note"),
        (example("quota.refined", lines=[EXAMPLES["quota.refined"]["body"]["lines"][0] | {"x": "1" * 16}]),
         "body.lines[0].x"),
        (example("account.entry_recorded", direction="in", payee_name="1" * 16), "body.payee_name"),
    ],
)  # fmt: skip
def test_a_plain_identity_is_refused_by_its_path_and_redacted(event: dict[str, Any], field: str | None) -> None:
    """16 digits in a row are refused in texts and in unknown fields; a name that is the number is not repeated."""
    verdict = verdict_on(event)
    assert isinstance(verdict, Refused)
    assert (verdict.code, verdict.field, verdict.is_redacted) == ("plain_identity", field, True)


@pytest.mark.parametrize(
    "event",
    [
        example("payment.recorded", purpose="卡622848040256489 0"),
        example("payment.recorded", payment_id="6228480402564890"),
        example("payment.recorded", use_code="6228480402564890", payer_unit_code="6228480402564890"),
        envelope(x_note=[0.1234567890123456, 1e300, True, None, 622848040256489]),
    ],
)
def test_digits_in_ids_and_parted_digits_are_no_identity(event: dict[str, Any]) -> None:
    """Ids, codes and organisations may be digits, blanks part a run, and a number with a point is no integer."""
    assert isinstance(verdict_on(event), Accepted)


def test_any_refusal_with_an_id_number_in_its_bytes_is_redacted() -> None:
    """Whatever the code, an ID number is not kept, nor told in what names the record."""
    verdict = refused(wire(envelope(event_id=ID_NUMBER, type="no.type")))
    assert (verdict.code, verdict.is_redacted, verdict.event_id) == ("unknown_type", True, None)
    assert "found" not in verdict.expected


def test_endless_names_are_not_repeated() -> None:
    """A letter repeats what names the record only while people can read it."""
    verdict = refused(wire(envelope(event_id="x" * 201, type="y" * 200)))
    assert (verdict.event_id, verdict.type) == (None, "y" * 200)


CLASSIFIED = example("quota.arranged", fund_category="regional-8", quota_id="Q8")


def test_a_classified_fund_is_refused_and_its_own_id_kept() -> None:
    """The category alone may be known here; the quota's id is remembered, for what names it."""
    verdict = verdict_on(CLASSIFIED)
    assert isinstance(verdict, Refused)
    assert (verdict.code, verdict.field, verdict.is_redacted) == ("classified_fund", "body.fund_category", True)
    assert verdict.refused_ids == ("Q8",)


@pytest.mark.parametrize(
    ("event", "field", "kept"),
    [
        (example("quota.allocated", quota_id="Q8", allocation_id="A8"), "body.quota_id", ("A8",)),
        (example("quota.voided", quota_id="Q8"), "body.quota_id", ()),
        (example("batch.settled", failed_row_ids=["a", "Q8"]), "body.failed_row_ids[1]", ()),
        (
            example("quota.refined", lines=[EXAMPLES["quota.refined"]["body"]["lines"][0] | {"project_id": "Q8"}]),
            "body.lines[0].project_id",
            ("652722-2019-R0004", "652722-2019-R0004-1"),
        ),
        (example("project.budgeted", project_id="Q8"), "body.project_id", ()),
        (CLASSIFIED | {"body": CLASSIFIED["body"] | {"fund_category": "central-1"}}, "body.quota_id", ("Q8",)),
    ],
)
def test_what_names_a_refused_id_is_refused_too(event: dict[str, Any], field: str, kept: tuple[str, ...]) -> None:
    """The refusal spreads along the chain by the own ids of creating events, and by nothing else."""
    memory = Memory()
    memory.take(verdict_on(CLASSIFIED))
    verdict = verdict_on(event | {"region": CLASSIFIED["region"]}, memory=memory)
    assert isinstance(verdict, Refused)
    assert (verdict.code, verdict.field, verdict.refused_ids) == ("classified_fund", field, kept)


def test_a_refusal_stays_in_its_region() -> None:
    """Ids are unique per region: another region's quota of the same id is another quota."""
    memory = Memory()
    memory.take(verdict_on(CLASSIFIED))
    elsewhere = example("quota.voided", quota_id="Q8") | {"region": "652723"}
    assert isinstance(verdict_on(elsewhere, memory=memory), Accepted)


def test_a_classified_correction_leaves_its_quota_alone() -> None:
    """Reflagging to a classified category is refused; the quota itself was not."""
    memory = Memory()
    verdict = memory.take(verdict_on(example("quota.reflagged", fund_category="regional-8")))
    assert isinstance(verdict, Refused)
    assert verdict.refused_ids == ()


def test_the_same_event_again_is_a_redelivery() -> None:
    """Order of keys, white space, escapes and the spelling of numbers make no other content."""
    memory = Memory()
    event = envelope(x_note=1.5)
    memory.take(verdict_on(event, memory=memory))
    turned = dict(reversed(event.items()))
    respelled = wire(turned).replace(b"1.5", b"15e-1").replace(b'"source"', b'"\\u0073ource"').replace(b",", b" ,\n")
    verdict = check("treasury.payments", None, b"652722", respelled, reference=ANYWHERE, known=memory)
    assert isinstance(verdict, Redelivered)


@pytest.mark.parametrize(
    "event",
    [
        example("payment.recorded", amount_fen=1),
        envelope(x_note=None),
        envelope(recorded_at="2019-07-15T12:27:01+08:00"),
    ],
)
def test_other_content_under_a_known_id_is_a_conflict(event: dict[str, Any]) -> None:
    """An `event_id` stands for one content for ever, and null is more than absent."""
    memory = Memory()
    memory.take(verdict_on(envelope(), memory=memory))
    assert refusal(event, memory=memory) == ("event_id_conflict", "event_id")


def test_the_same_id_in_another_region_is_another_event() -> None:
    """Events are remembered by region."""
    memory = Memory()
    memory.take(verdict_on(envelope(), memory=memory))
    assert isinstance(verdict_on(envelope(region="652723"), memory=memory), Accepted)
