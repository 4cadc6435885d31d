"""Folding of topic treasury.payments."""

from __future__ import annotations

from domain.events.treasury_payments import (
    PaymentAdjusted,
    PaymentRecorded,
    PaymentRefunded,
    PaymentRelinked,
    PaymentReplaced,
    PaymentVoided,
)
from rules.days import day_of_moment
from rules.derivation import give, post
from rules.fold.distributions import touch_refunded
from rules.fold.folding import NO_DAY, Folding, SubjectKind, refunds_of, remaining
from rules.ledger import RegionLedger
from rules.project_touches import note_own_project
from rules.state import Change, Given, PaymentRow
from rules.sums import refresh_loose

# Source of what people type, and the one parent in the index of such payments.
MANUAL_ENTRY = "manual_entry"


def recorded(folding: Folding, body: PaymentRecorded) -> None:
    """payment.recorded: one payment record as the source holds it."""
    ledger = folding.ledger
    event = folding.event
    paid_on = NO_DAY if body.paid_on is None else body.paid_on.toordinal()
    if folding.precedes_opening(paid_on or event.occurred_on.toordinal()):
        return
    if ledger.payments.get(body.payment_id) is not None:
        return  # id_reused: one payment from two feeds counts once (calibres.md section 7)
    row = _row_of(folding, body, paid_on)
    ledger.payments.set(row.id, row)
    _index(ledger, row)
    for original_id in ledger.replaced_payments.children(row.id):
        original = ledger.payments.get(original_id)
        if original is not None:
            _inherit(row, original)
    refresh_payment(folding, row)
    folding.touch_new(SubjectKind.PAYMENT, row.id)


def _row_of(folding: Folding, body: PaymentRecorded, paid_on: int) -> PaymentRow:
    event = folding.event
    recorded_on = day_of_moment(event.recorded_at)
    return PaymentRow(
        id=body.payment_id,
        amount_fen=body.amount_fen,
        paid_on=paid_on,
        is_valid=body.record_state == "valid",
        fund_category=body.fund_category,
        budget_year=body.budget_year,
        line_id=body.line_id,
        quota_id=body.quota_id,
        project_id=body.project_id,
        channel=body.channel,
        settlement_method=body.settlement_method,
        subject_code=body.subject_code,
        purpose=body.purpose,
        payer_unit_code=body.payer_unit_code,
        payee_name=body.payee_name,
        payee_unit_code=body.payee_unit_code,
        payee_account_kind=body.payee_account_kind,
        payee_account_tail=body.payee_account_tail,
        spending_stage=body.spending_stage,
        upstream_payment_id=body.upstream_payment_id,
        recorded_on=recorded_on,
        recorded_at=event.recorded_at,
        source=event.source,
        entered_by=event.entered_by,
        net_fen=0,
        marks=(folding.mark("payment"),),
        batch_id=body.batch_id,
        payee_kind=body.payee_kind,
        payee_person_key=body.payee_person_key,
        payee_credit_code=body.payee_credit_code,
        payee_account_key=body.payee_account_key,
        payer_account_key=body.payer_account_key,
        payment_method=body.payment_method,
        economic_subject_code=body.economic_subject_code,
        use_code=body.use_code,
        plan_id=body.plan_id,
        entered_by_unit=event.entered_by_unit,
        entered_for=event.entered_for,
        first_recorded_on=recorded_on,
        log_on=folding.log_on,
    )


def _index(ledger: RegionLedger, row: PaymentRow) -> None:
    """Let everything that the payment names find it."""
    if row.line_id is not None:
        ledger.line_payments.add(row.line_id, row.id)
    if row.quota_id is not None:
        ledger.quota_payments.add(row.quota_id, row.id)
    if row.upstream_payment_id is not None:
        ledger.onward_payments.add(row.upstream_payment_id, row.id)
    if row.batch_id is not None:
        ledger.batch_payments.add(row.batch_id, row.id)
    if row.source == MANUAL_ENTRY:
        ledger.manual_payments.add(MANUAL_ENTRY, row.id)


def voided(folding: Folding, body: PaymentVoided) -> None:
    """payment.voided: as if it had never been."""
    row = _live(folding, body.payment_id)
    if row is not None:
        row.is_void = True
        _changed(folding, row)


def refunded(folding: Folding, body: PaymentRefunded) -> None:
    """payment.refunded: money came back, on its own date."""
    row = _live(folding, body.payment_id)
    if row is not None:
        row.changes = (
            *row.changes,
            Change(folding.position, -body.amount_fen, body.refunded_on.toordinal(), is_refund=True),
        )
        _changed(folding, row)


def adjusted(folding: Folding, body: PaymentAdjusted) -> None:
    """payment.adjusted: only the fields present change."""
    row = _live(folding, body.payment_id)
    if row is None:
        return
    if body.paid_on is not None:
        row.paid_on = body.paid_on.toordinal()
    if body.record_state is not None:
        row.is_valid = body.record_state == "valid"
    if body.delta_fen is not None:
        row.changes = (*row.changes, Change(folding.position, body.delta_fen, body.adjusted_on.toordinal()))
    row.subject_code = body.subject_code if body.subject_code is not None else row.subject_code
    row.use_code = body.use_code if body.use_code is not None else row.use_code
    row.purpose = body.purpose if body.purpose is not None else row.purpose
    row.spending_stage = body.spending_stage if body.spending_stage is not None else row.spending_stage
    if body.payee_account_kind is not None:
        row.payee_account_kind = body.payee_account_kind
    _changed(folding, row)


def relinked(folding: Folding, body: PaymentRelinked) -> None:
    """payment.relinked: tied to its line and project, or tied anew."""
    row = _live(folding, body.payment_id)
    if row is None:
        return
    note_own_project(folding, row)
    if body.line_id != row.line_id:
        if row.line_id is not None:
            folding.ledger.line_payments.remove(row.line_id, row.id)
            _leave_special(folding, row.line_id, row.id)
        row.line_id = body.line_id
        if row.line_id is not None:
            folding.ledger.line_payments.add(row.line_id, row.id)
    row.project_id = body.project_id
    row.plan_id = body.plan_id if body.plan_id is not None else row.plan_id
    _changed(folding, row)


def replaced(folding: Folding, body: PaymentReplaced) -> None:
    """payment.replaced: refunds booked on it and payments that name it count for the new one."""
    row = _live(folding, body.payment_id)
    if row is None or payment_key(folding.ledger, body.replacement_payment_id) == row.id:
        return
    row.replaced_by = body.replacement_payment_id
    folding.ledger.replaced_payments.add(body.replacement_payment_id, row.id)
    _changed(folding, row)
    _hand_on(folding, row)


def payment_key(ledger: RegionLedger, payment_id: str) -> str:
    """The id that a named payment counts for: itself, or what replaced it."""
    row = ledger.payments.get(payment_id)
    while row is not None and row.replaced_by is not None:
        payment_id = row.replaced_by
        row = ledger.payments.get(payment_id)
    return payment_id


def refresh_payment(folding: Folding, row: PaymentRow) -> None:
    """Bring the payment's net amount and its share in the line's sums up to date, and touch what depends on it."""
    before = row.given
    row.net_fen = remaining(row.amount_fen, row.changes) if row.is_live() else 0
    row.given = _given(row)
    folding.ledger.payments.keep(row.id)
    folding.touch(SubjectKind.PAYMENT, row.id)
    if row.payee_account_kind == "special_fiscal" and row.line_id is not None:
        line = folding.line(row.line_id)
        if row.id not in line.special_payments:
            line.special_payments = (*line.special_payments, row.id)
            folding.ledger.lines.keep(line.id)
    give(folding, before, row.given)
    post(folding, row)
    note_own_project(folding, row)
    refresh_loose(folding, row)
    if row.upstream_payment_id is not None:
        folding.touch(SubjectKind.PAYMENT, payment_key(folding.ledger, row.upstream_payment_id))
    if row.batch_id is not None and row.changes:
        touch_refunded(folding, row.batch_id)


def _given(row: PaymentRow) -> Given | None:
    """What the payment adds to its line were the line in scope: calibres.md 3.1, less the scope test."""
    if row.line_id is None or not is_fiscal(row):
        return None
    return Given(row.line_id, row.net_fen, row.paid_on, False, refunds_of(row.amount_fen, row.changes))


def is_fiscal(row: PaymentRow) -> bool:
    """Whether the payment counts as a fiscal one were it in scope (calibres.md 3.1)."""
    return row.payee_account_kind != "special_fiscal" and _is_spent(row)


def is_fiscal_by_old_calibre(row: PaymentRow) -> bool:
    """Whether it is a transfer into a special account that counts where these do (calibres.md section 6)."""
    return row.payee_account_kind == "special_fiscal" and _is_spent(row)


def _is_spent(row: PaymentRow) -> bool:
    return row.is_valid and row.paid_on != NO_DAY and row.channel != "own_account" and row.is_live()


def _hand_on(folding: Folding, row: PaymentRow) -> None:
    """Refunds and names go to the replacement, and on to what may have replaced that before."""
    while row.replaced_by is not None:
        replacement = folding.ledger.payments.get(row.replaced_by)
        if replacement is None:
            return
        _inherit(replacement, row)
        refresh_payment(folding, replacement)
        row = replacement


def _inherit(replacement: PaymentRow, original: PaymentRow) -> None:
    known = {change.position for change in replacement.changes}
    inherited = (change for change in original.changes if change.is_refund and change.position not in known)
    replacement.changes = (*replacement.changes, *inherited)
    names = (name for name in (original.id, *original.replaces) if name not in replacement.replaces)
    replacement.replaces = (*replacement.replaces, *names)
    replacement.first_recorded_on = min(replacement.first_recorded_on, original.first_recorded_on)


def _leave_special(folding: Folding, line_id: str, payment_id: str) -> None:
    line = folding.line(line_id)
    if payment_id in line.special_payments:
        line.special_payments = tuple(name for name in line.special_payments if name != payment_id)
        folding.ledger.lines.keep(line.id)


def _live(folding: Folding, payment_id: str) -> PaymentRow | None:
    row = folding.ledger.payments.get(payment_id)
    if row is None:
        folding.park(f"payment:{payment_id}")
        return None
    return row if row.is_live() else None


def _changed(folding: Folding, row: PaymentRow) -> None:
    row.marks = (*row.marks, folding.mark("correction"))
    refresh_payment(folding, row)
