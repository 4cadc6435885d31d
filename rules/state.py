"""What the judge remembers of a region: one mutable record per object, as msgspec structs that are also the state rows.

Rows keep what a later correction may need (wire.md section 4), not only running sums, and the few derived values that
every payment asks for (`LineRow.in_scope` and the like); `rules.derivation` keeps these in step. Days are proleptic
ordinals (``date.toordinal``) so that dates compare and add as plain integers; 0 stands for "no day". Money is fen.

No row can be part of a reference cycle, so none is tracked by the garbage collector (``gc=False``), and lists are
tuples: a million tracked rows would cost a fifth of the judge's time.

The row format is public: changing it needs a CHANGELOG line, since changelogs then must be rebuilt from the journal.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from rules.figure_state import Share

NO_DAY = 0


class Mark(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """One journal record that a row rests on, for evidence."""

    event_id: str
    position: int
    role: str


class Change(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A signed change of an amount, applied in journal order and never below 0 (correction_excess, wire.md 5.2)."""

    position: int
    delta_fen: int
    day: int
    is_refund: bool = False


class RegionRow(msgspec.Struct, array_like=True, kw_only=True, gc=False):
    """A finance jurisdiction on the platform (region.opened)."""

    is_open: bool = False
    opening_on: int = NO_DAY
    profile: str = ""
    superior_connected: bool = False
    opened_position: int = 0
    parked_targets: int = 0  # for how many unknown targets corrections wait; 0 spares a look-up per new record
    opened_log_on: int = NO_DAY
    present_year: int = 0  # of the last tick since the opening; 0 = none yet
    changed_years: tuple[int, ...] = ()  # budget years whose money changed since the last tick
    journal_partition: int = 0  # kept by stages that hear of regions of several partitions
    self_reported_years: tuple[int, ...] = ()  # budget years of which somebody reported what was paid


class QuotaRow(msgspec.Struct, array_like=True, kw_only=True, gc=False):
    """A quota 指标, whichever way it was created."""

    id: str
    origin: str  # arranged, received, carried_over
    is_opening: bool
    budget_year: int
    fund_category: str
    fund_name: str
    fund_nature: str
    amount_fen: int
    poverty_amount_fen: int | None
    subject_code: str | None
    expenditure_kind: str
    is_poverty_fund: bool | None
    is_integrable: bool | None
    is_household: bool | None
    available_on: int
    registered_on: int
    document_no: str
    document_printed_on: int
    responsible_section: str
    carried_from: str | None = None
    issued_down_fen: int = 0
    carried_fen: int = 0  # brought forward to the next year by live carried_over quotas that name it
    is_void: bool = False
    replaced_by: str | None = None
    changes: tuple[Change, ...] = ()
    marks: tuple[Mark, ...] = ()
    arranging_level: str = ""
    # Of a received quota: from whom, and the notice and quota above that it answers (quota.received, quota.relinked).
    superior_region: str = ""
    linkage_id: str | None = None
    superior_quota_id: str | None = None
    entry_mode: str = ""
    entered_by: str = ""
    entered_by_unit: str = ""

    def is_live(self) -> bool:
        """Neither voided nor replaced (`quota_live`)."""
        return not self.is_void and self.replaced_by is None


class LineOrigin(StrEnum):
    """What created a line; UNKNOWN is a line that payments name and no event has created yet."""

    UNKNOWN = ""
    ALLOCATION = "allocation"
    REFINEMENT = "refinement"
    OPENING = "opening"


class LineRow(msgspec.Struct, array_like=True, kw_only=True, gc=False):
    """A payable line, a pending block, or an allocation to a lower region (allocated, refined, or of an opening).

    The row exists from the first record that names it, so that sums of what is paid from it need no second pass when
    its creating event arrives late.
    """

    id: str
    origin: LineOrigin = LineOrigin.UNKNOWN
    quota_id: str = ""  # as named; of a refined line its block's, through `block_id`
    block_id: str = ""
    to_lower: bool = False
    is_payable: bool = False  # created, and not an allocation to a lower region: payments can hang on it
    project_id: str | None = None
    amount_fen: int = 0
    line_kind: str = "poverty"
    is_pending: bool = False
    is_household: bool | None = None
    day: int = NO_DAY  # allocated_on, refined_on, or the opening quota's available_on
    document_no: str = ""
    opening_paid_fen: int = 0
    is_void: bool = False
    position: int = 0
    changes: tuple[Change, ...] = ()
    marks: tuple[Mark, ...] = ()

    # Sums over what names the line, kept by contribution (see PaymentRow.given): payments and out entries that would
    # count were the line in scope. Scope is one for the whole line, so it is not part of the sums.
    paid_fen: int = 0
    out_fen: int = 0  # of it by special-account out entries
    last_paid_on: int = NO_DAY
    last_paid_count: int = 0  # contributions dated on that day: when it falls to 0 the day is found anew
    special_payments: tuple[
        str, ...
    ] = ()  # payments into special accounts, which look at the line's amount and out entries

    # Derived from quota and block (rules.derivation).
    quota_key: str = ""  # the quota after replacements; "" = not known yet
    in_scope: bool = False
    net_fen: int = 0
    available_on: int = NO_DAY
    budget_year: int = 0
    has_carry: bool = False  # the quota brought money forward: what is unpaid depends on the quota's other lines
    share: Share | None = None  # what the line adds to its quota's sums
    untouched: tuple[int, int] | None = None  # budget year and day under which it is listed while nothing is paid

    entered_by: str = ""  # of the record that created it
    first_paid_on: int = NO_DAY  # first day with a contribution above 0 by a payment
    # What only an allocation says of itself, for rules about how it was made.
    document_printed_on: int = NO_DAY
    target_region: str = ""
    unit_code: str | None = None
    township_code: str | None = None
    entered_by_unit: str = ""


class Given(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """What a payment or out entry adds to the sums of its line at present."""

    line_id: str
    fen: int
    day: int
    is_out_entry: bool
    refunds: tuple[tuple[int, int], ...] = ()  # day and amount (below 0) of each refund that is in fen


class Posting(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """What a payment adds to the sums of its plan, or to those of a unit in one month, at present (rules.postings)."""

    owner: str  # "plan|id" or "unit|code"
    month: str
    fen: int
    entries: int


class PaymentRow(msgspec.Struct, array_like=True, kw_only=True, gc=False):
    """One payment record (payment.recorded and its corrections)."""

    id: str
    amount_fen: int
    paid_on: int
    is_valid: bool
    fund_category: str
    budget_year: int
    line_id: str | None
    quota_id: str | None
    project_id: str | None
    channel: str
    settlement_method: str
    subject_code: str | None
    purpose: str
    payer_unit_code: str
    payee_name: str
    payee_unit_code: str | None
    payee_account_kind: str
    payee_account_tail: str | None
    spending_stage: str
    upstream_payment_id: str | None
    recorded_on: int
    recorded_at: str
    source: str
    entered_by: str
    net_fen: int
    is_void: bool = False
    replaced_by: str | None = None
    replaces: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()  # adjustments and refunds
    given: Given | None = None
    marks: tuple[Mark, ...] = ()
    batch_id: str | None = None
    payee_kind: str = ""
    payee_person_key: str | None = None
    payee_credit_code: str | None = None
    payee_account_key: str | None = None
    payer_account_key: str | None = None
    payment_method: str = ""
    economic_subject_code: str | None = None
    use_code: str | None = None
    plan_id: str | None = None
    entered_by_unit: str = ""
    entered_for: str | None = None
    first_recorded_on: int = NO_DAY  # the earlier of its own and of the records it replaces (`first_recorded_on`)
    is_loose: bool = False  # on no known line
    postings: tuple[Posting, ...] = ()
    log_on: int = NO_DAY

    def is_live(self) -> bool:
        """Neither voided nor replaced (`payment_live`)."""
        return not self.is_void and self.replaced_by is None

    def is_refunded(self) -> bool:
        """Whether any money was refunded, live or not."""
        return any(change.is_refund for change in self.changes)


class AccountRow(msgspec.Struct, array_like=True, kw_only=True, gc=False):
    """A fiscal account; known once account.registered has come."""

    id: str
    is_known: bool = False
    account_kind: str = ""
    holds_poverty_money: bool = False
    balance_on: int = NO_DAY
    balance_fen: int = 0
    balance_position: int = -1
    marks: tuple[Mark, ...] = ()


class EntryRow(msgspec.Struct, array_like=True, kw_only=True, gc=False):
    """One receipt or payment of an account (account.entry_recorded)."""

    id: str
    account_id: str
    direction: str
    amount_fen: int
    booked_on: int
    fund_category: str
    line_id: str | None
    project_id: str | None
    payee_account_kind: str
    net_fen: int
    is_void: bool = False
    changes: tuple[Change, ...] = ()
    given: Given | None = None
    marks: tuple[Mark, ...] = ()
    payee_kind: str = ""  # as all payee fields: of an out entry only
    payee_name: str = ""
    purpose: str = ""
    entered_on: int = NO_DAY
    accounted_on: int = NO_DAY  # `accounting_completed_on`
    moved: tuple[tuple[int, int], ...] = ()  # day and signed amount, as its account's books have it (rules.fold.books)
    entered_by: str = ""
    entered_by_unit: str = ""
    payee_credit_code: str | None = None
    spending_stage: str = ""  # of an out entry: whether it reached the final payee


class DocumentRow(msgspec.Struct, array_like=True, kw_only=True, gc=False):
    """A printed document; one per quota named in it (document.printed)."""

    id: str
    document_no: str
    document_kind: str
    quota_id: str
    amount_fen: int
    printed_on: int
    issuing_section: str
    position: int
    is_withdrawn: bool = False
    marks: tuple[Mark, ...] = ()

    def is_allocation(self) -> bool:
        """Whether it orders an allocation of its quota; the other kinds start no clock."""
        return self.document_kind == "allocation"


class ExemptionRow(msgspec.Struct, array_like=True, kw_only=True, gc=False):
    """A rule silenced for a subject, or for every subject of the region (exemption.granted)."""

    id: str
    rule_id: str
    subject_key: str | None
    valid_from: int
    valid_until: int
    ended_on: int = NO_DAY

    def covers(self, subject_key: str, day: int) -> bool:
        """Whether it silences the subject on a log date (both ends included; ended: to the day before)."""
        return (
            (self.subject_key is None or self.subject_key == subject_key)
            and self.valid_from <= day <= self.valid_until
            and (self.ended_on == NO_DAY or day < self.ended_on)
        )


class ParkedRow(msgspec.Struct, array_like=True, kw_only=True, gc=False):
    """Corrections and follow-ups whose target is not known yet, in journal order; or what waits for an opening."""

    events: list[tuple[int, bytes, int]] = []  # journal position, event as it is in the journal, its log date


class SeenRow(msgspec.Struct, array_like=True):
    """A creating event's own id where no other row keeps it (id_reused)."""

    position: int


class AlertRow(msgspec.Struct, array_like=True):
    """Which subject of which rule an alert id stands for."""

    rule_id: str
    subject_kind: str
    subject_id: str


class ConfirmationRow(msgspec.Struct, array_like=True, kw_only=True, gc=False):
    """A candidate that a person confirmed (alert.verified); gone when it is later called false."""

    mark: Mark


class FindingState(msgspec.Struct, array_like=True, kw_only=True, gc=False):
    """Where the alert of one rule on one subject stands (rules.md section 2). Severity: 0 none, 1 yellow, 2 red."""

    episode: int = 0  # of the last one raised
    severity: int = 0  # of the open alert
    highest: int = 0
    raised_on: int = NO_DAY
    dismissed: int = 0  # severity at which a person called it false; silent until it ends or is exceeded
    is_suppressed: bool = False
    is_late_seen: bool = False  # done late, seen late: already told
    scheduled: int = NO_DAY  # first day on which a tick looks again


class WatchRow(msgspec.Struct, array_like=True):
    """The alerts of all rules on one subject."""

    findings: dict[str, FindingState] = {}


class ClockRow(msgspec.Struct, array_like=True):
    """The last tick of a partition."""

    tick_on: int = NO_DAY
    reference_version: str = ""  # of the rule set in force
    moment: str = ""  # of the last tick, also an hourly one: all have one offset, so text keeps their order
