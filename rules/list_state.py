"""What the judge remembers of distribution lists, their rows and one-card batches; as `rules.state`."""

from __future__ import annotations

import msgspec

from rules.state import NO_DAY, Change, Mark


class ListRow(msgspec.Struct, array_like=True, kw_only=True, gc=False):
    """Header of a distribution list 发放表."""

    id: str
    project_id: str
    line_id: str | None
    fund_category: str
    payout_channel: str
    declared_amount_fen: int
    importing_unit_code: str
    is_void: bool = False
    marks: tuple[Mark, ...] = ()
    declared_row_count: int = 0
    subsidy_code: str = ""
    period_from: int = NO_DAY
    period_to: int = NO_DAY
    paid_per: str = ""
    requires_registered_poor: bool = False
    imported_log_on: int = NO_DAY  # log date of the import

    # Sums over the live rows, kept by contribution (see RowRow.counted).
    rows_count: int = 0
    rows_fen: int = 0  # with adjustments, without returns and reissues
    faulty_count: int = 0  # of them with a faulty identity number

    imported_on: int = NO_DAY


class Counted(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """What a live row adds to the sums of its list at present."""

    fen: int
    is_faulty: bool


class Payout(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """Money of a row that came back, or was paid again."""

    position: int
    day: int
    fen: int
    kind: str  # the `return_kind`, or "reissued"


class RowRow(msgspec.Struct, array_like=True, kw_only=True, gc=False):
    """One person or household on a distribution list (distribution.row_recorded)."""

    id: str
    list_id: str
    person_key: str | None
    name_key: str | None
    name_masked: str
    id_number_masked: str | None
    id_number_state: str
    household_key: str | None
    amount_fen: int
    account_holder_matches: bool | None
    paid_on: int
    batch_id: str | None
    net_fen: int = 0  # with adjustments, returns and reissues; 0 when void
    gross_fen: int = 0  # with adjustments alone; 0 when void
    is_void: bool = False
    changes: tuple[Change, ...] = ()  # adjustments
    payouts: tuple[Payout, ...] = ()  # returns and reissues
    counted: Counted | None = None
    marks: tuple[Mark, ...] = ()


class Receipt(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """The bank's answer to a batch (batch.settled): which rows it could not pay."""

    settled_on: int
    failed_row_ids: tuple[str, ...]
    mark: Mark


class BatchRow(msgspec.Struct, array_like=True, kw_only=True, gc=False):
    """A one-card batch that went out (batch.submitted)."""

    id: str
    list_id: str
    submitted_on: int
    receipts: tuple[Receipt, ...] = ()
    marks: tuple[Mark, ...] = ()
