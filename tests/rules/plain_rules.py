"""The ten rules, each straight from its row of rules.tsv, over everything the journal holds: faults that hold today.

The judging half of `plain_judge`; nothing of ``rules/`` is used.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from domain.calendar import working_days_after
from domain.regions import tier
from tests.rules.plain_figures import Figures
from tests.rules.plain_records import Record, day

YELLOW: Final = "yellow"
RED: Final = "red"
RANK: Final = {None: 0, YELLOW: 1, RED: 2}
Fault = tuple[str, str]  # rule_id, subject_key

# rules.tsv, default_enabled: a rule never judges a region of another profile than the one named.
PROFILE_OF: Final = {
    "quota_allocation_overdue": "henan",
    "special_account_lump_transfer": "henan",
    "paid_through_unit_real_account": "xinjiang",
    "abolished_special_account_used": "xinjiang",
    "performance_target_missing": "xinjiang",
    "funds_idle": "all",
    "payment_unlinked": "all",
    "payment_exceeds_quota": "all",
    "cash_withdrawal": "all",
    "payment_invalid_or_undated": "all",
}


class Faults(dict[Fault, str]):
    """Severity by rule and subject; several facts with one subject are one, and red wins."""

    def note(self, rule: str, subject: str, severity: str) -> None:
        """A fact speaks for a fault."""
        if RANK[severity] > RANK[self.get((rule, subject))]:
            self[rule, subject] = severity


def payment_exceeds_quota(held: Figures, _today: date, faults: Faults) -> None:
    """Paid more than the line holds, also a void one (0 fen)."""
    for line in held.lines():
        if held.is_line_in_scope(line) and held.paid_on_line(line) > held.net_of_line(line):
            faults.note("payment_exceeds_quota", f"{held.region}|{line['id']}", RED)


def funds_idle(held: Figures, today: date, faults: Faults) -> None:
    """Money on a line not paid for 90, 180 days since it was available or last paid."""
    for line in held.lines():
        if not held.is_line_in_scope(line) or held.unpaid_on_line(line) <= 0:
            continue
        paid_on = [paid_on for paid_on, amount in held.spending_on(line) if amount > 0]
        idle = (today - max([held.available_on(line), *paid_on])).days
        if idle > 90:
            faults.note("funds_idle", f"{held.region}|{line['id']}", RED if idle > 180 else YELLOW)


def performance_target_missing(held: Figures, today: date, faults: Faults) -> None:
    """Project money without an approved and entered target after 30 days; red from 30 June on."""
    projects: dict[tuple[str, int], list[Record]] = {}
    for line in held.lines():
        if held.is_line_in_scope(line) and line["project_id"] is not None:
            quota = held.quota_of(line)
            assert quota is not None  # else the line would not be in scope
            projects.setdefault((line["project_id"], quota["budget_year"]), []).append(line)
    for (project, year), lines in projects.items():
        if sum(held.net_of_line(line) for line in lines) <= 0 or held.has_target(project, year):
            continue
        since = min(held.available_on(line) for line in lines if held.net_of_line(line) > 0)
        if since < held.opening_on:
            continue  # the duty began before the opening
        yellow_after = since + timedelta(days=30)
        if today > yellow_after:
            severity = RED if today > max(date(year, 6, 30), yellow_after) else YELLOW
            faults.note("performance_target_missing", f"{held.region}|{project}|{year}", severity)


def quota_allocation_overdue(held: Figures, today: date, faults: Faults) -> None:
    """An allocation document whose amount is not allocated within 3 working days of its printing."""
    for document, due_on in allocation_documents(held):
        if held.done_by(document) is None and today >= due_on:
            faults.note("quota_allocation_overdue", subject_of(held, document), RED if today > due_on else YELLOW)


def allocation_documents(held: Figures) -> list[tuple[Record, date]]:
    """Each live allocation document of a quota in scope, with its due date."""
    return [
        (document, working_days_after(day(document["printed_on"]), 3))
        for document in held.of["document"].values()
        if document["status"] == "live"
        and document["document_kind"] == "allocation"
        and held.is_quota_in_scope(held.latest_of("quota", document["quota_id"]))
    ]


def subject_of(held: Figures, document: Record) -> str:
    """Subject key of quota_allocation_overdue."""
    quota = held.latest_of("quota", document["quota_id"])
    assert quota is not None  # else the document would not be one of a quota in scope
    return f"{held.region}|{quota['id']}|{document['document_no']}"


def payment_unlinked(held: Figures, today: date, faults: Faults) -> None:
    """A payment not tied to line and (at a county) project, 5 and 10 working days after it was recorded."""
    for payment in payments_in_scope(held):
        lacks_project = tier(held.region) == "county" and payment["project_id"] is None
        if held.line(payment["line_id"]) is not None and not lacks_project:
            continue
        recorded_on = payment["recorded_on"]
        if held.net_of_payment(payment) == 0 or recorded_on < held.opening_on:
            continue
        if today > working_days_after(recorded_on, 5):
            severity = RED if today > working_days_after(recorded_on, 10) else YELLOW
            faults.note("payment_unlinked", f"{held.region}|{payment['id']}", severity)


def payments_in_scope(held: Figures) -> list[Record]:
    """Every live payment of poverty money, counted or not."""
    return [each for each in held.of["payment"].values() if each["status"] == "live" and held.is_payment_in_scope(each)]


def cash_withdrawal(held: Figures, _today: date, faults: Faults) -> None:
    """Poverty money paid in cash, by a payment or a list; red above 1,000 yuan."""
    for payment in payments_in_scope(held):
        net = held.net_of_payment(payment)
        if payment["settlement_method"] == "cash" and net > 0:
            faults.note("cash_withdrawal", f"{held.region}|{payment['id']}", RED if net > 100_000 else YELLOW)
    for each in held.of["list"].values():
        if each["status"] == "live" and each["payout_channel"] == "cash":
            severity = RED if each["declared_amount_fen"] > 100_000 else YELLOW
            faults.note("cash_withdrawal", f"{held.region}|{each['id']}", severity)


def paid_through_unit_real_account(held: Figures, _today: date, faults: Faults) -> None:
    """Budget money paid into a real-fund account of a unit or township, or on through one."""
    for payment in payments_in_scope(held):
        if (
            held.net_of_payment(payment) == 0
            or payment["channel"] == "own_account"
            or not is_budget_money(held, payment)
        ):
            continue
        onward = [
            each
            for each in held.of["payment"].values()
            if each["spending_stage"] == "intermediate"
            and held.net_of_payment(each) > 0
            and held.latest_of("payment", each.get("upstream_payment_id")) is payment
        ]
        severity = {"unit_real_fund": RED, "township_real_fund": RED if onward else YELLOW}
        if payment["payee_account_kind"] in severity:
            subject = f"{held.region}|{payment['id']}"
            faults.note("paid_through_unit_real_account", subject, severity[payment["payee_account_kind"]])


def is_budget_money(held: Figures, payment: Record) -> bool:
    """`budget_money`: by the quota of the line, else by the payment's own quota; true while no quota is known."""
    line = held.line(payment["line_id"])
    quota = held.quota_of(line) if line is not None else held.latest_of("quota", payment.get("quota_id"))
    return quota is None or quota["fund_nature"] in ("general_budget", "government_fund", "government_bond")


def abolished_special_account_used(held: Figures, _today: date, faults: Faults) -> None:
    """A payment into, an entry on, or a balance of a special account where all are abolished."""
    rule = "abolished_special_account_used"
    for payment in payments_in_scope(held):
        if payment["payee_account_kind"] == "special_fiscal" and held.net_of_payment(payment) > 0:
            faults.note(rule, f"{held.region}|{payment['id']}", RED)
    for entry in held.of["entry"].values():
        if held.is_on_special_account(entry) and held.net_of(entry) > 0:
            faults.note(rule, f"{held.region}|{entry['id']}", RED)
    for account in held.of["account"].values():
        balances = [each for each in held.balances if each["account_id"] == account["id"]]
        if not balances or account["account_kind"] != "special_fiscal" or not account["holds_poverty_money"]:
            continue
        last_on = max(each["balance_on"] for each in balances)
        if [each for each in balances if each["balance_on"] == last_on][-1]["balance_fen"] > 0:
            faults.note(rule, f"{held.region}|{account['id']}", RED)


def special_account_lump_transfer(held: Figures, today: date, faults: Faults) -> None:
    """At least 90 percent of a line moved into a special account at one stroke; red if nothing leaves it in 30 days."""
    for payment in payments_in_scope(held):
        line, net = held.line(payment["line_id"]), held.net_of_payment(payment)
        if payment["payee_account_kind"] != "special_fiscal" or line is None or net == 0:
            continue
        spent = [(booked_on, amount) for booked_on, amount in held.entries_on(line) if amount > 0]
        if net * 100 < 90 * held.net_of_line(line) or sum(amount for _, amount in spent) >= net:
            continue
        severity = YELLOW
        if payment["paid_on"] is not None:
            paid_on = day(payment["paid_on"])
            last = paid_on + timedelta(days=30)
            if today > last and not any(paid_on <= booked_on <= last for booked_on, _ in spent):
                severity = RED
        faults.note("special_account_lump_transfer", f"{held.region}|{payment['id']}", severity)


def payment_invalid_or_undated(held: Figures, today: date, faults: Faults) -> None:
    """A payment record invalid or without pay date, also one refunded in full; red after 10 working days."""
    for payment in payments_in_scope(held):
        if payment["record_state"] == "invalid" or payment["paid_on"] is None:
            is_late = today > working_days_after(payment["recorded_on"], 10)
            subject = f"{held.region}|{payment['id']}"
            faults.note("payment_invalid_or_undated", subject, RED if is_late else YELLOW)


RULES: Final = (
    payment_exceeds_quota,
    abolished_special_account_used,
    special_account_lump_transfer,
    paid_through_unit_real_account,
    payment_invalid_or_undated,
    payment_unlinked,
    quota_allocation_overdue,
    funds_idle,
    performance_target_missing,
    cash_withdrawal,
)
RULE_IDS: Final = frozenset(rule.__name__ for rule in RULES)
