"""Findings and alert records for the tests of the desk and the queues: complete ones, changed where a law needs it."""

from __future__ import annotations

from typing import NamedTuple

from alerts.alert import AlertRecord, encode, record_of
from domain.findings import Evidence, Finding, Parameter, Reason, Severity, Transition

EMITTED_AT = "2019-04-01T08:00:00.000+08:00"
# A county, its neighbour and its city in Xinjiang; a county in Henan.
JINGHE, WENQUAN, BORTALA, LUANCHUAN = "652722", "652723", "652700", "410324"


def finding(**changes: object) -> Finding:
    """A red alert of 100,000 yuan raised on 1 April 2019 in a county of Xinjiang, owned by 国库."""
    fields: dict[str, object] = {
        "alert_id": "a" * 32,
        "rule_id": "payment_exceeds_quota",
        "rule_version": "1",
        "rule_set_version": "default",
        "category": "资金风险",
        "owner": "国库",
        "region": JINGHE,
        "profile": "xinjiang",
        "subject_kind": "line",
        "subject_key": "652722|L1",
        "subject_title": "村道硬化",
        "episode": 1,
        "transition": Transition.RAISED,
        "reason": Reason.THRESHOLD_CROSSED,
        "severity": Severity.RED,
        "severity_highest": Severity.RED,
        "log_on": "2019-04-01",
        "raised_on": "2019-04-01",
        "observed": 30_000_000,
        "limit": 20_000_000,
        "unit": "fen",
        "amount_fen": 10_000_000,
        "fund_category": "central-22",
        "responsible_section": "农业股",
        "facts": {},
        "thresholds": {"yellow_after_days": Parameter(90, "proposed"), "red_after_days": Parameter(180, "proposed")},
        "evidence": (Evidence("e-1", 3, "payment"),),
        "basis": ("000_4e8d71f0a3c23610.txt L35",),
        "message_zh": "支付超过可用指标",
        "message_en": "Paid more than the line holds",
        "partition": 1,
        "position": 7,
    }
    return Finding(**{**fields, **changes})  # type: ignore[arg-type]  # the fields are Finding's own, by name


def record(**changes: object) -> AlertRecord:
    """The first record of an alert."""
    return record_of(finding(**changes), None, emitted_at=EMITTED_AT)


class Stored(NamedTuple):
    """A record of topic ``alerts``."""

    offset: int
    value: bytes | None


def stored(offset: int, **changes: object) -> Stored:
    """The first record of an alert of its own, at an offset of topic ``alerts``."""
    return Stored(offset, encode(record(**{"alert_id": f"{offset:032x}", **changes})))


def history(length: int, *, step: int = 2) -> list[Stored]:
    """A topic of alerts of two counties and two sections; offsets have gaps, as behind transactions."""
    regions, owners = (JINGHE, WENQUAN), ("国库", "预算", "归口业务处室")
    return [
        stored(number * step, region=regions[number % 2], owner=owners[number % 3], position=number)
        for number in range(length)
    ]
