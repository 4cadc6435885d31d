"""Folding of topic linkage.notices: what superiors issued to the region, and what it received of it."""

from __future__ import annotations

from domain.events.linkage_notices import LinkageQuotaChanged, LinkageQuotaIssued
from domain.own_events import MONITOR
from rules.derivation import quota_net_fen
from rules.fold.folding import Folding, SubjectKind
from rules.fold.notices import answer_superior
from rules.linkage_state import NoticeChange, NoticeRow
from rules.quota_matches import touch_numbered
from rules.state import QuotaRow


def quota_issued(folding: Folding, body: LinkageQuotaIssued) -> None:
    """linkage.quota_issued: from now on the region owes the reception of so much."""
    ledger, issued_on = folding.ledger, body.issued_on.toordinal()
    if folding.precedes_opening(issued_on) or ledger.notices.get(body.linkage_id) is not None:
        return
    row = NoticeRow(
        id=body.linkage_id,
        superior_region=body.superior_region,
        superior_quota_id=body.superior_quota_id,
        superior_is_poverty_fund=body.superior_is_poverty_fund,
        fund_category=body.fund_category,
        budget_year=body.budget_year,
        amount_fen=body.amount_fen,
        line_kind=body.line_kind,
        document_no=body.document_no,
        issued_on=issued_on,
        is_derived=folding.event.source == MONITOR,
        marks=(folding.mark("notice"),),
    )
    ledger.notices.set(row.id, row)
    ledger.numbered_notices.add(row.document_no, row.id)
    touch_numbered(folding, row.document_no)
    ledger.year_notices.add(str(row.budget_year), row.id)
    refresh_notice(folding, row.id)


def quota_changed(folding: Folding, body: LinkageQuotaChanged) -> None:
    """linkage.quota_changed: amount and flag of a notice as they are above now; the later in the journal holds."""
    row = folding.ledger.notices.get(body.linkage_id)
    if row is None:
        folding.park(f"notice:{body.linkage_id}")
        return
    day = body.changed_on.toordinal()
    change = NoticeChange(folding.position, body.amount_fen, body.superior_is_poverty_fund, day)
    row.changes = (*row.changes, change)
    row.marks = (*row.marks, folding.mark("correction"))
    refresh_notice(folding, row.id)


def name_notice(folding: Folding, quota: QuotaRow, linkage_id: str | None, superior_quota_id: str | None) -> None:
    """Have a received quota answer this notice (None: none) instead of the one that it answered before."""
    before, quota.linkage_id, quota.superior_quota_id = quota.linkage_id, linkage_id, superior_quota_id
    folding.ledger.quotas.keep(quota.id)
    if before == linkage_id:
        return  # only the quota above was set right: nothing was taken back and received again
    if before is not None:
        folding.ledger.linkage_quotas.remove(before, quota.id)
        refresh_notice(folding, before)
    if linkage_id is not None:
        folding.ledger.linkage_quotas.add(linkage_id, quota.id)
        refresh_notice(folding, linkage_id)


def refresh_notice(folding: Folding, linkage_id: str) -> None:
    """Sum again what was received under a notice, tell the superior, and touch what looks at either."""
    ledger = folding.ledger
    row = ledger.notices.get(linkage_id)
    if row is None:
        return
    quotas = [quota for quota in map(ledger.quotas.get, ledger.linkage_quotas.children(linkage_id)) if quota]
    received = sum(map(quota_net_fen, quotas))
    if received != row.received_fen:
        row.received_fen = received
        row.received_on, row.received_as = max(
            ((quota.available_on, quota.id) for quota in quotas if quota.is_live()),
            default=(row.received_on, row.received_as),
        )
        answer_superior(folding, row)
    ledger.notices.keep(linkage_id)
    folding.touch(SubjectKind.LINKAGE, linkage_id)
    for quota in quotas:
        folding.touch(SubjectKind.QUOTA, quota.id)
