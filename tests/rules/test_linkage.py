"""Laws of notices between regions: what a superior's judge writes into the journal of a lower region, and back."""

from __future__ import annotations

import json
from copy import deepcopy
from datetime import date
from itertools import permutations
from typing import Any

import pytest

from domain.intake import Accepted, Reference, check
from fundwatch.judging import FileJudge, Memory
from rules.catalogue import RULES
from rules.engine import Engine
from rules.fold.folding import Message
from rules.thresholds import rule_set_of
from tests.rules.tape import EXAMPLES, opening

SUPERIOR, LOWER = "652700", "652722"
DAY = "2019-03-01"


def event(kind: str, event_id: str, region: str = SUPERIOR, **body: Any) -> dict[str, Any]:
    """The contract's example of a type with these fields, recorded at noon."""
    made = deepcopy(EXAMPLES[kind])
    made.update(event_id=event_id, region=region, occurred_on=DAY, recorded_at=f"{DAY}T12:00:00+08:00")
    made["body"].update(body)
    return made


QUOTA = event("quota.arranged", "quota", quota_id="Q1", is_poverty_fund=None, fund_category="central-36")
ALLOCATION = event(
    "quota.allocated",
    "allocation",
    allocation_id="A1",
    quota_id="Q1",
    target_kind="lower_region",
    target_region=LOWER,
    amount_fen=500,
    is_pending=False,
    allocated_on=DAY,
)
REDUCTION = event("allocation.adjusted", "reduction", adjustment_id="J1", allocation_id="A1", delta_fen=-200)
FLAG = event("quota.reflagged", "flag", quota_id="Q1", is_poverty_fund=True)
VOID = event("allocation.voided", "void", allocation_id="A1")
RECEPTION = event("quota.received", "reception", LOWER, quota_id="Q9", linkage_id="A1", amount_fen=300)


def sent_of(*events: dict[str, Any], openings: tuple[str, ...] = (SUPERIOR, LOWER)) -> list[Message]:
    """What one partition's engine sends of the events; what it sends is journaled right after."""
    engine = Engine(RULES, rule_set_of(RULES))
    sent: list[Message] = []
    position = 0
    for each in (*(opening(region, "xinjiang", "opened", "2019-01-01") for region in openings), *events):
        waiting = [json.dumps(each).encode()]
        while waiting:
            engine.take(position, waiting.pop(0))
            position += 1
            sent += engine.sent
            waiting += [message.value for message in engine.sent]
            engine.sent = []
    return sent


def bodies(sent: list[Message]) -> list[tuple[str, str, Any, Any]]:
    """Each notice in short: to whom, what, how much, and the flag above (of a receipt: as what it was received)."""
    told = []
    for message in sent:
        notice = json.loads(message.value)
        body = notice["body"]
        amount = body.get("amount_fen", body.get("received_fen"))
        told.append(
            (message.key, notice["type"], amount, body.get("superior_is_poverty_fund", body.get("lower_quota_id")))
        )
    return told


def test_an_allocation_to_a_lower_region_is_told_there_and_its_reception_back() -> None:
    """Issued below, received there, answered above."""
    assert bodies(sent_of(QUOTA, ALLOCATION, RECEPTION)) == [
        (LOWER, "linkage.quota_issued", 500, None),
        (SUPERIOR, "linkage.quota_received", 300, "Q9"),
    ]


def test_setting_the_superior_quota_right_is_not_told() -> None:
    """As much is received under the same notice as before."""
    relinked = event("quota.relinked", "relinked", LOWER, quota_id="Q9", linkage_id="A1", superior_quota_id="Q1")
    assert sent_of(QUOTA, ALLOCATION, RECEPTION, relinked) == sent_of(QUOTA, ALLOCATION, RECEPTION)


def test_each_correction_above_is_told_below_once() -> None:
    """Amount and flag as they are now; what changes neither is not told."""
    untouched = event("quota.reflagged", "other", quota_id="Q1", is_household=True)
    assert bodies(sent_of(QUOTA, ALLOCATION, REDUCTION, FLAG, untouched, VOID)) == [
        (LOWER, "linkage.quota_issued", 500, None),
        (LOWER, "linkage.quota_changed", 300, None),
        (LOWER, "linkage.quota_changed", 300, True),
        (LOWER, "linkage.quota_changed", 0, True),
    ]


@pytest.mark.parametrize("order", list(permutations([QUOTA, ALLOCATION, REDUCTION])))
def test_what_is_told_in_the_end_does_not_depend_on_the_order(order: tuple[dict[str, Any], ...]) -> None:
    """Between topics no order is promised, and a quota may come after its allocation."""
    assert bodies(sent_of(*order)) == [
        (LOWER, "linkage.quota_issued", 500, None),
        (LOWER, "linkage.quota_changed", 300, None),
    ]


def test_an_allocation_to_no_region_of_the_tree_is_told_to_nobody() -> None:
    """A notice that no intake would take is not written."""
    nowhere = deepcopy(ALLOCATION)
    nowhere["body"]["target_region"] = "999999"
    assert sent_of(QUOTA, nowhere) == []


def test_a_notice_of_a_connector_is_not_answered() -> None:
    """Its superior is not on the platform."""
    notice = event("linkage.quota_issued", "notice", LOWER, linkage_id="A1", issued_on=DAY) | {
        "source": "budget_execution"
    }
    assert sent_of(notice, RECEPTION) == []


def test_a_notice_waits_for_the_opening_of_its_region() -> None:
    """The region's judge meets it when the region is opened; its receipt comes then."""
    opened = opening(LOWER, "xinjiang", "opened", "2019-01-01")
    assert bodies(sent_of(QUOTA, ALLOCATION, RECEPTION, opened, openings=(SUPERIOR,))) == [
        (LOWER, "linkage.quota_issued", 500, None),
        (SUPERIOR, "linkage.quota_received", 300, "Q9"),
    ]


def test_the_same_journal_sends_the_same_bytes() -> None:
    """Judged again after a crash, what was sent before is a redelivery."""
    assert sent_of(QUOTA, ALLOCATION, FLAG) == sent_of(QUOTA, ALLOCATION, FLAG)


def test_every_notice_passes_the_intake() -> None:
    """Also of an allocation dated ahead, and with the longest id there is."""
    ahead = deepcopy(ALLOCATION)
    ahead["body"].update(allocation_id="A" * 64, allocated_on="2019-12-31")
    reception = deepcopy(RECEPTION)
    reception["body"].update(linkage_id="A" * 64, received_on="2019-12-31")
    verdicts = [
        check(message.topic, None, message.key.encode(), message.value, reference=Reference(), known=Memory())
        for message in sent_of(QUOTA, ahead, FLAG, reception)
    ]
    assert [type(verdict) for verdict in verdicts] == [Accepted] * 3


@pytest.mark.parametrize("partitions", [1, 4])
def test_a_file_of_several_regions_is_judged_with_its_notices(partitions: int) -> None:
    """Whatever partitions the regions lie in, nothing that the judge sends is refused."""
    openings = [opening(region, "xinjiang", "opened", "2019-01-01") for region in (SUPERIOR, LOWER)]
    lines = [json.dumps(each).encode() for each in (*openings, QUOTA, ALLOCATION, RECEPTION)]
    judge = FileJudge(RULES, rule_set_of(RULES), emitted_at="2020-01-01T00:00:00.000+08:00", partitions=partitions)
    list(judge.run(lines, date(2019, 1, 1), date(2019, 3, 2)))
    assert judge.dead_letters == []
