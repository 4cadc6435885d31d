"""Records that the intake must refuse, some for each code of wire.md 5.1, each a good one with one fault."""

from __future__ import annotations

import codecs
import json
from collections.abc import Callable
from datetime import date
from typing import Any

from connectors.demo_county.book import YEAR, Body, Sent
from connectors.demo_county.truth import Refused

Change = Callable[[dict[str, Any]], None]


def _bytes(event: dict[str, Any]) -> bytes:
    return json.dumps(event, ensure_ascii=False).encode()


# --- bytes that are no event -------------------------------------------------------------------------------------


def _cut_off(event: dict[str, Any]) -> bytes:
    return _bytes(event)[:-40]


def _with_mark(event: dict[str, Any]) -> bytes:
    return codecs.BOM_UTF8 + _bytes(event)


def _in_gbk(event: dict[str, Any]) -> bytes:
    return json.dumps(event, ensure_ascii=False).encode("gb18030")


def _said_twice(event: dict[str, Any]) -> bytes:
    return _bytes(event).replace(b'{"event_id"', b'{"region": "652722", "event_id"', 1)


MALFORMED: tuple[Callable[[dict[str, Any]], bytes], ...] = (_cut_off, _with_mark, _in_gbk, _said_twice)


# --- events with one fault ---------------------------------------------------------------------------------------


def _set(path: str, value: object) -> Change:
    def change(event: dict[str, Any]) -> None:
        target = event["body"] if path.startswith("body.") else event
        target[path.removeprefix("body.")] = value

    return change


def _without(path: str) -> Change:
    def change(event: dict[str, Any]) -> None:
        target = event["body"] if path.startswith("body.") else event
        del target[path.removeprefix("body.")]

    return change


FAULTS: tuple[tuple[str, Change], ...] = (
    ("unknown_type", _set("type", "payment.cancelled")),
    ("schema_version_unsupported", _set("schema_version", 2)),
    ("schema_version_unsupported", _without("schema_version")),
    ("field_missing", _without("body.amount_fen")),
    ("field_missing", _set("body.payee_account_kind", None)),
    ("field_bad", _set("body.amount_fen", 1234.5)),
    ("field_bad", _set("body.amount_fen", "100000")),
    ("field_bad", _set("body.amount_fen", -500)),
    ("field_bad", _set("body.paid_on", "2019-02-30")),
    ("field_bad", _set("body.payment_id", "652722-2019-Z0001 ")),
    ("region_unknown", _set("region", "659999")),
    ("occurred_in_future", _set("occurred_on", "2020-01-01")),
    ("village_entry", _set("entered_by_unit", "village-652722101203")),
    ("source_not_allowed", _set("source", "poverty_registry")),
    ("plain_identity", _set("body.purpose", "付张三补助，身份证11010519491231002X")),
    ("classified_fund", _set("body.fund_category", "regional-8")),
)


def refused_records(good: list[Sent], days: list[date]) -> list[Refused]:
    """Faulty copies of payments, spread over the days; each under an event_id of its own."""
    payments = [sent for sent in good if sent.topic == "treasury.payments" and b'"payment.recorded"' in sent.value]
    step = len(payments) // (len(FAULTS) + len(MALFORMED) + 2)
    samples = iter(payments[::step])
    made: list[Refused] = []
    for number, (code, change) in enumerate(FAULTS):
        sample = next(samples)
        event = _renamed(sample, f"demo:refused:{number:02}")
        change(event)
        made.append(Refused(_sent(sample, str(event["region"]).encode(), _bytes(event)), code))
    for number, spoil in enumerate(MALFORMED):
        sample = next(samples)
        made.append(
            Refused(_sent(sample, sample.key, spoil(_renamed(sample, f"demo:spoilt:{number:02}"))), "malformed")
        )
    sample = next(samples)
    strayed = _renamed(sample, "demo:strayed:01")
    made.append(Refused(_sent(sample, b"652799", _bytes(strayed)), "key_mismatch"))
    return [*made, *_changed_afterwards(payments, days), *_classified_chain(payments)]


def _renamed(sample: Sent, event_id: str) -> dict[str, Any]:
    event: dict[str, Any] = json.loads(sample.value)
    event["event_id"] = event_id
    return event


def _sent(sample: Sent, key: bytes, value: bytes) -> Sent:
    return Sent(sample.day, sample.topic, key, value)


def _changed_afterwards(payments: list[Sent], days: list[date]) -> list[Refused]:
    """Two payments exported again with other content under their old event_id."""
    made: list[Refused] = []
    for sample in (payments[7], payments[len(payments) // 2]):
        event = json.loads(sample.value)
        event["body"]["purpose"] += "（更正）"
        later = next(day for day in days if day > sample.day)
        made.append(Refused(Sent(later, sample.topic, sample.key, _bytes(event)), "event_id_conflict"))
    return made


_CLASSIFIED_QUOTA: Body = {
    "quota_id": f"652700-{YEAR}-QS01",
    "budget_year": YEAR,
    "fund_category": "regional-8",
    "fund_name": "护边员补助经费",
    "fund_nature": "general_budget",
    "amount_fen": 77_700_000,
    "subject_code": "2040299",
    "expenditure_kind": "project",
    "is_poverty_fund": True,
    "is_integrable": False,
    "is_household": True,
    "arranging_level": "province",
    "entry_mode": "direct",
    "document_no": "密件",
    "document_printed_on": f"{YEAR}-04-09",
    "registered_on": f"{YEAR}-04-10",
    "responsible_section": "行政政法科",
}
_DOCUMENT_OF_IT: Body = {
    "document_id": f"652700-{YEAR}-WS01",
    "document_no": "密件",
    "document_kind": "allocation",
    "quota_id": _CLASSIFIED_QUOTA["quota_id"],
    "amount_fen": 77_700_000,
    "printed_on": f"{YEAR}-04-15",
    "issuing_section": "行政政法科",
}


def _classified_chain(payments: list[Sent]) -> list[Refused]:
    """A quota of a classified fund is refused, and days later what names it."""
    sample = next(sent for sent in payments if sent.key == b"652700")
    chain = (
        (date(YEAR, 4, 10), "quota.changes", "quota.arranged", _CLASSIFIED_QUOTA),
        (date(YEAR, 4, 15), "document.filings", "document.printed", _DOCUMENT_OF_IT),
    )
    made: list[Refused] = []
    for day, topic, type_name, body in chain:
        event = _renamed(sample, f"demo:classified:{type_name}")
        dates = {"occurred_on": day.isoformat(), "recorded_at": f"{day}T09:00:00+08:00"}
        event |= {**dates, "type": type_name, "source": "integrated_fiscal", "body": body}
        made.append(Refused(Sent(day, topic, sample.key, _bytes(event)), "classified_fund"))
    return made
