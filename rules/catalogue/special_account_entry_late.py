"""专户收支未当天录入: a special account's accounting is not entered on the day it is done.

Flags:
    A live entry, in or out, of whatever money, on a special fiscal account that holds poverty money, entered after the
    day on which its accounting was completed.

Why it matters:
    004_6d54267a7b8d1056.txt art. 7 L35: the accounting of special-account receipts and payments is entered on the same
    day (当天).

Example:
    Accounted on 20 November, entered on the 21st: red. Entered on the 20th: no fault.

Not a fault when:
    The entry is voided, or the accounting is not complete yet (another rule watches that). A date corrected later does
    not undo the lateness: people close the alert.
"""

from __future__ import annotations

from domain.money import yuan_text
from rules.catalogue.evidence import date_or_none, entry_explanation
from rules.fold.folding import SubjectKind
from rules.rule import HENAN, NO_FAULT, RED_AT_ONCE, Explanation, Judgement, Kind, NoThresholds, Rule, Steps
from rules.state import NO_DAY, EntryRow
from rules.view import View
from rules.wording import Sentence


def judge(entry: EntryRow, view: View, _: NoThresholds) -> Steps:
    """Red at once when it was entered after the day of its accounting."""
    if entry.accounted_on == NO_DAY or entry.entered_on <= entry.accounted_on or not stays(entry, view, _):
        return NO_FAULT
    return RED_AT_ONCE


def stays(entry: EntryRow, view: View, _: NoThresholds) -> bool:
    """Whether it is a live entry of a special account that holds poverty money: then only people end the alert."""
    account = view.account(entry.account_id)
    is_ours = account is not None and account.account_kind == "special_fiscal" and account.holds_poverty_money
    return is_ours and not entry.is_void


def explain(entry: EntryRow, view: View, _: NoThresholds) -> Explanation:
    """The two days, and who entered it."""
    accounted_on, entered_on = date_or_none(entry.accounted_on), date_or_none(entry.entered_on)
    amount = yuan_text(entry.net_fen)
    message = Sentence(
        f"专户收支{entry.id}({amount}元)于{accounted_on}核算完成,{entered_on}才录入",
        f"Entry {entry.id} of {amount} yuan was accounted on {accounted_on} and entered only on {entered_on}",
    )
    return entry_explanation(
        entry,
        view,
        message,
        observed=entered_on,
        limit=accounted_on,
        unit="date",
        accounting_completed_on=accounted_on,
        entered_on=entered_on,
        entered_by=entry.entered_by,
        entered_by_unit=entry.entered_by_unit,
    )


RULE = Rule(
    id="special_account_entry_late",
    version="1",
    name_zh="专户收支未当天录入",
    name_en="Special-account accounting not entered the same day",
    category="账户风险",
    owner="国库",
    kind=Kind.EVENT,
    profiles=HENAN,
    thresholds=NoThresholds,
    judgements={SubjectKind.ENTRY: Judgement(judge=judge, explain=explain, stays=stays)},
    basis=("004_6d54267a7b8d1056.txt art. 7 L35",),
)
