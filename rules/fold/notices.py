"""Notices that one region's judge writes into another's journal (wire.md section 4, Levels).

They are functions of the journal alone, ids included: judged again, the same records make the same notices, which the
other region's intake drops as redelivered.
"""

from __future__ import annotations

from hashlib import sha256

from domain.own_events import own_event
from domain.regions import exists
from domain.topics import LINKAGE_DERIVED
from rules.days import text_of_day
from rules.fold.folding import Folding, Message, remaining
from rules.linkage_state import IssuedRow, NoticeRow
from rules.state import LineRow, QuotaRow

_ID_CHARACTERS_MAX = 64  # wire.md 2.1
_DIGEST_CHARACTERS = 32
# Which field is the business date of each type.
_BUSINESS_DATE = {"quota_issued": "issued_on", "quota_changed": "changed_on", "quota_received": "received_on"}

Body = dict[str, str | int | bool | None]


def tell_lower(folding: Folding, line: LineRow, quota: QuotaRow) -> None:
    """Tell a lower region what is issued to it, and whenever amount or flag change.

    A superior whose quota comes after its allocation, or after corrections of it, says the first amount first: what the
    notice says in the end is the same in whatever order they come.
    """
    row = folding.ledger.issued.get(line.id)
    if row is None or not exists(row.target_region):
        return
    if not row.times:
        row.told_fen, row.told_is_poverty, row.times = line.amount_fen, quota.is_poverty_fund, 1
        body = _issued(row, line, quota, folding.ledger.code)
        _send(folding, "quota_issued", row.target_region, row.times, body)
    amount_fen = 0 if line.is_void else remaining(line.amount_fen, line.changes)
    if (amount_fen, quota.is_poverty_fund) != (row.told_fen, row.told_is_poverty):
        row.told_fen, row.told_is_poverty, row.times = amount_fen, quota.is_poverty_fund, row.times + 1
        body = {
            "linkage_id": line.id,
            "amount_fen": amount_fen,
            "superior_is_poverty_fund": quota.is_poverty_fund,
            "changed_on": folding.event.occurred_on.isoformat(),
        }
        _send(folding, "quota_changed", row.target_region, row.times, body)
    folding.ledger.issued.keep(line.id)


def _issued(row: IssuedRow, line: LineRow, quota: QuotaRow, region: str) -> Body:
    return {
        "linkage_id": line.id,
        "superior_region": region,
        "superior_quota_id": quota.id,
        "superior_is_poverty_fund": quota.is_poverty_fund,
        "fund_category": quota.fund_category,
        "budget_year": quota.budget_year,
        "arranging_level": quota.arranging_level,
        "amount_fen": line.amount_fen,
        "line_kind": line.line_kind,
        "is_household": line.is_household,
        "document_no": line.document_no,
        "document_printed_on": text_of_day(row.document_printed_on),
        "issued_on": text_of_day(line.day),
    }


def answer_superior(folding: Folding, notice: NoticeRow) -> None:
    """Tell the superior how much was received in all; only one whose judge told of the money is on the platform."""
    if not notice.is_derived:
        return
    notice.receipts += 1
    body: Body = {
        "linkage_id": notice.id,
        "lower_region": folding.ledger.code,
        "lower_quota_id": notice.received_as,
        "received_fen": notice.received_fen,
        "received_on": text_of_day(notice.received_on),
    }
    _send(folding, "quota_received", notice.superior_region, notice.receipts, body)


def _send(folding: Folding, name: str, region: str, number: int, body: Body) -> None:
    """``number``: the how-manieth about this object, so that no two have one id and each has the same every time."""
    recorded_at = folding.event.recorded_at
    value = own_event(
        event_id=_event_id(name, f"{folding.ledger.code}:{body['linkage_id']}", number),
        type_name=f"linkage.{name}",
        region=region,
        # A business date that lies ahead is the body's; no event is of a day after its recording (wire.md 5.1).
        occurred_on=min(str(body[_BUSINESS_DATE[name]]), recorded_at[:10]),
        recorded_at=recorded_at,
        body=body,
    )
    folding.sent.append(Message(LINKAGE_DERIVED, region, value))


def _event_id(name: str, origin: str, number: int) -> str:
    """The sender's region is part of it: ids are unique per region, and two superiors may use the same one."""
    event_id = f"monitor:{name}:{origin}:{number}"
    if len(event_id) <= _ID_CHARACTERS_MAX:
        return event_id
    return f"monitor:{name}:{sha256(origin.encode()).hexdigest()[:_DIGEST_CHARACTERS]}:{number}"
