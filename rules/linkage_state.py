"""Rows about money between levels: what was issued to lower regions, and what superiors issued here.

See `rules.state` for what all rows have in common.
"""

from __future__ import annotations

import msgspec

from rules.state import NO_DAY, Mark


class IssuedRow(msgspec.Struct, array_like=True, kw_only=True, gc=False):
    """What a lower region was told of an allocation to it (linkage.notices); its amount is the `LineRow`'s."""

    target_region: str
    document_printed_on: int
    told_fen: int = 0
    told_is_poverty: bool | None = None
    times: int = 0  # how often; 0: not yet, since its quota is not known


class NoticeChange(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """What a superior says of its notice from then on (linkage.quota_changed)."""

    position: int
    amount_fen: int
    superior_is_poverty_fund: bool | None
    day: int


class NoticeRow(msgspec.Struct, array_like=True, kw_only=True, gc=False):
    """Money that a superior issued to this region, to be received here (linkage.quota_issued)."""

    id: str
    superior_region: str
    superior_quota_id: str
    superior_is_poverty_fund: bool | None
    fund_category: str
    budget_year: int
    amount_fen: int  # as issued; `now_fen` is after changes
    line_kind: str
    document_no: str
    issued_on: int
    is_derived: bool  # told by the superior's judge, which wants a receipt
    changes: tuple[NoticeChange, ...] = ()
    received_fen: int = 0  # `linkage_received_fen`
    received_as: str = ""  # the quota that answered last, and when
    received_on: int = NO_DAY
    receipts: int = 0  # how many were sent
    marks: tuple[Mark, ...] = ()

    def now_fen(self) -> int:
        """The amount issued as the superior says now."""
        return self.changes[-1].amount_fen if self.changes else self.amount_fen

    def is_poverty_fund_now(self) -> bool | None:
        """The flag of the superior's quota as the superior says now."""
        return self.changes[-1].superior_is_poverty_fund if self.changes else self.superior_is_poverty_fund

    def outstanding_fen(self) -> int:
        """`linkage_outstanding_fen`; below 0 when more was received than issued."""
        return self.now_fen() - self.received_fen
