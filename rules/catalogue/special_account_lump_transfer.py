"""一笔转入财政专户: the whole amount of a line is moved into a special account at one stroke.

Flags:
    A live in-scope payment into a special fiscal account of at least `share_percent` of its line. Yellow at once; red
    when `spend_within_days` days later nothing of the line has left the account.

Why it matters:
    001_d381d8650f0b9497.txt (四)4 L24-L26: such transfers used to be counted as progress although no one had been
    paid; money in a special account is not spent yet.

Example:
    50,000,000 fen of a line of 50,000,000 are moved on 1 November. Without an out entry by 1 December it is red at the
    tick of 2 December.

Not a fault when:
    The out entries of the line, of any date, together reach the payment's net amount; the payment is voided or
    refunded in full. In Xinjiang special accounts are abolished: another rule speaks.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

import msgspec

from domain.findings import Reason
from domain.money import yuan_text
from rules.catalogue.evidence import (
    category_of_payment,
    payment_facts,
    payment_marks,
    section_of_payment,
    with_facts,
)
from rules.fold.folding import SubjectKind
from rules.rule import AT_ONCE, HENAN, NO_FAULT, RED, YELLOW, Basis, Explanation, Judgement, Kind, Rule, Step, Steps
from rules.state import NO_DAY, EntryRow, PaymentRow
from rules.thresholds import Days, Percent, Source
from rules.view import View


class Thresholds(msgspec.Struct, frozen=True, kw_only=True):
    """How much of the line is a lump, and how soon it must begin to leave the account."""

    share_percent: Annotated[Percent, Source(Basis.PROPOSED, "percent")] = 90
    spend_within_days: Annotated[Days, Source(Basis.PROPOSED, "days")] = 30


def judge(payment: PaymentRow, view: View, thresholds: Thresholds) -> Steps:
    """Yellow at once; red from the day after the last one on which an out entry would have been in time."""
    if payment.payee_account_kind != "special_fiscal" or payment.net_fen <= 0:
        return NO_FAULT
    line = view.known_line(payment.line_id)
    if line is None or not line.in_scope or payment.net_fen * 100 < thresholds.share_percent * line.net_fen:
        return NO_FAULT
    entries = list(view.out_entries(line.id))
    if sum(entry.net_fen for entry in entries) >= payment.net_fen:
        return NO_FAULT
    yellow = Step(AT_ONCE, YELLOW)
    if payment.paid_on == NO_DAY:
        return (yellow,)
    last = payment.paid_on + thresholds.spend_within_days
    if _has_begun(payment, entries, last):
        return (yellow,)
    return (yellow, Step(last + 1, RED))


def _has_begun(payment: PaymentRow, entries: Iterable[EntryRow], last: int) -> bool:
    """Whether money of the line left the account by the last day."""
    return any(payment.paid_on <= entry.booked_on <= last for entry in entries)


def ending(payment: PaymentRow, view: View, thresholds: Thresholds) -> Reason:
    """Satisfied when the money has left the account: late when it began to only after the term."""
    entries = list(view.out_entries(payment.line_id)) if payment.line_id else []
    if not 0 < payment.net_fen <= sum(entry.net_fen for entry in entries):
        return Reason.GROUND_REMOVED
    last = payment.paid_on + thresholds.spend_within_days
    is_in_time = payment.paid_on == NO_DAY or _has_begun(payment, entries, last)
    return Reason.SATISFIED_IN_TIME if is_in_time else Reason.SATISFIED_LATE


def explain(payment: PaymentRow, view: View, thresholds: Thresholds) -> Explanation:
    """The transfer against its line, and what has left the account."""
    line = view.known_line(payment.line_id)
    held = 0 if line is None else line.net_fen
    out = 0 if line is None else sum(entry.net_fen for entry in view.out_entries(line.id))
    return Explanation(
        title=payment.payee_name,
        observed=payment.net_fen,
        limit=thresholds.share_percent * held // 100,
        unit="fen",
        amount_fen=payment.net_fen,
        facts=with_facts(
            payment_facts(payment),
            payment_net_fen=payment.net_fen,
            line_net_fen=held,
            out_entries_fen=out,
            payee_account_tail=payment.payee_account_tail,
        ),
        marks=payment_marks(payment, view),
        message_zh=(
            f"支付{payment.id}一笔转入财政专户{yuan_text(payment.net_fen)}元,指标{yuan_text(held)}元,"
            f"已从专户支出{yuan_text(out)}元"
        ),
        message_en=(
            f"Payment {payment.id} moved {yuan_text(payment.net_fen)} of the line's {yuan_text(held)} yuan into a "
            f"special account at one stroke; {yuan_text(out)} yuan have left it"
        ),
        fund_category=category_of_payment(payment, view),
        responsible_section=section_of_payment(payment, view),
    )


RULE = Rule(
    id="special_account_lump_transfer",
    version="1",
    name_zh="一笔转入财政专户",
    name_en="Whole amount moved into a special account at one stroke",
    category="账户风险",
    owner="国库",
    kind=Kind.DEADLINE,
    profiles=HENAN,
    thresholds=Thresholds,
    judgements={SubjectKind.PAYMENT: Judgement(judge=judge, explain=explain, ending=ending)},
    basis=("001_d381d8650f0b9497.txt (四)4 L24-L26",),
)
