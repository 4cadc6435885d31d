"""What a rule may look at: a region's folded state as of the last tick, by the derived names of rules.md section 3."""

from __future__ import annotations

from collections.abc import Iterator

from domain.regions import tier
from rules.account_state import Switch
from rules.custom.failures import Failure, Noted
from rules.derivation import (
    is_category_in_scope,
    is_payment_in_scope,
    is_quota_in_scope,
    lines_of,
    names_of_quota,
    quota_key,
    quota_net_fen,
)
from rules.fold.confirmations import confirmation_key, is_confirmed, is_quota_excluded
from rules.fold.payments import is_fiscal, payment_key
from rules.ledger import RegionLedger
from rules.list_state import RowRow
from rules.management_state import PostRow
from rules.project_state import ScanRow, TargetRow
from rules.rule import Rule
from rules.state import (
    NO_DAY,
    AccountRow,
    DocumentRow,
    EntryRow,
    LineOrigin,
    LineRow,
    Mark,
    PaymentRow,
    QuotaRow,
    RegionRow,
)

# Fund natures paid from the budget, so by the treasury (`budget_money`).
_BUDGET_NATURES = frozenset(("general_budget", "government_fund", "government_bond"))


class View:
    """One region as of a log date (``today``, an ordinal: the day of the last tick)."""

    __slots__ = ("code", "failures", "last_tick", "ledger", "opening_on", "profile", "region", "rules", "tier", "today")

    def __init__(self, ledger: RegionLedger, region: RegionRow, today: int, rules: tuple[Rule, ...] = ()) -> None:
        """``rules``: the catalogue, whichever of its rules are judged here; for alerts that name rules."""
        self.ledger = ledger
        self.rules = rules
        self.region = region
        self.code = ledger.code
        self.profile = region.profile
        self.opening_on = region.opening_on
        self.tier = tier(ledger.code)
        self.today = today
        self.last_tick = today  # at a tick the day of the one before (0: none), so the days between have passed now
        # Where custom rules had no value at the present record; the engine takes it out.
        self.failures: dict[Noted, Failure] = {}

    def move_to(self, region: RegionRow, today: int, last_tick: int) -> None:
        """Look at the region as it is on another log date; one view serves a region for the engine's life."""
        self.region, self.today, self.last_tick = region, today, last_tick
        self.profile, self.opening_on = region.profile, region.opening_on

    # Quotas

    def quota(self, quota_id: str) -> QuotaRow | None:
        """The quota a name counts for, replacements followed; None when not known."""
        return self.ledger.quotas.get(quota_key(self.ledger, quota_id))

    def quota_of_line(self, line: LineRow) -> QuotaRow | None:
        """The line's quota, replacements followed."""
        return self.ledger.quotas.get(line.quota_key) if line.quota_key else None

    def quota_is_in_scope(self, quota: QuotaRow) -> bool:
        """`quota_in_scope` (calibres.md section 2)."""
        return is_quota_in_scope(quota, self.region, self.code)

    def quota_net_fen(self, quota: QuotaRow) -> int:
        """`quota_net_fen`."""
        return quota_net_fen(quota)

    def quota_is_excluded(self, quota: QuotaRow) -> bool:
        """`quota_excluded`: a person confirmed that it is entered twice, so figures leave it out."""
        return is_quota_excluded(self.ledger, quota.id)

    # Candidates

    def is_confirmed(self, rule_id: str, kind: str, subject_id: str) -> bool:
        """Whether a person confirmed this candidate, and nobody called it false later (rules.md section 2)."""
        return is_confirmed(self.ledger, rule_id, kind, subject_id)

    def confirmation_marks(self, rule_id: str, kind: str, subject_id: str) -> tuple[Mark, ...]:
        """The record that confirmed it, for evidence."""
        row = self.ledger.confirmations.get(confirmation_key(rule_id, kind, subject_id))
        return () if row is None else (row.mark,)

    def quotas_of_notice(self, linkage_id: str) -> list[QuotaRow]:
        """Received quotas that name the notice, live or not."""
        rows = map(self.ledger.quotas.get, self.ledger.linkage_quotas.children(linkage_id))
        return [row for row in rows if row is not None]

    def quotas_of_year(self, budget_year: int) -> Iterator[QuotaRow]:
        """All quotas of a budget year, whatever became of them."""
        rows = map(self.ledger.quotas.get, self.ledger.year_quotas.children(str(budget_year)))
        return (row for row in rows if row is not None)

    # Lines

    def known_line(self, line_id: str | None) -> LineRow | None:
        """The payable line of this id; None for null, and while no event has created it."""
        if line_id is None:
            return None
        row = self.ledger.lines.get(line_id)
        return row if row is not None and row.is_payable else None

    def line_is_live(self, line: LineRow) -> bool:
        """Whether neither the line nor the block it was refined from is void."""
        block = self.ledger.lines.get(line.block_id) if line.block_id else None
        return not line.is_void and not (block is not None and block.is_void)

    def line_paid_fen(self, line: LineRow) -> int:
        """`line_paid_fen`: counted payments and out entries net of refunds, with what an opening brought."""
        return (line.paid_fen if line.in_scope else 0) + line.opening_paid_fen

    def line_unpaid_fen(self, line: LineRow) -> int:
        """`line_unpaid_fen`: not below 0, less what live carry-over of the quota took from this line."""
        unpaid = max(0, line.net_fen - self.line_paid_fen(line))
        if not line.has_carry or not unpaid:
            return unpaid
        quota = self.quota_of_line(line)
        left = 0 if quota is None else quota.carried_fen
        for other in self.lines_in_carry_order(line.quota_key):
            taken = min(left, max(0, other.net_fen - self.line_paid_fen(other)))
            if other.id == line.id:
                return unpaid - taken
            left -= taken
        return unpaid

    def lines_in_carry_order(self, quota_id: str) -> list[LineRow]:
        """Lines of a quota in the order in which carry-over takes from them: available first, then by id as text."""
        lines = [line for line in lines_of(self.ledger, quota_id) if not line.to_lower]
        return sorted(lines, key=lambda line: (line.available_on, line.id))

    def out_entries(self, line_id: str) -> Iterator[EntryRow]:
        """Counted out entries of a line with a positive net amount (`entry_counted`)."""
        line = self.known_line(line_id)
        if line is None or not line.in_scope:
            return
        for entry_id in self.ledger.line_entries.children(line_id):
            entry = self.ledger.entries.get(entry_id)
            if entry is not None and entry.given is not None and entry.given.fen > 0:
                yield entry

    # Payments

    def payment_is_in_scope(self, payment: PaymentRow) -> bool:
        """Scope of a payment: its known line's, else by category (Xinjiang) or subject 21305 (Henan)."""
        return is_payment_in_scope(self.ledger, self.region, payment)

    def payment_is_counted(self, payment: PaymentRow) -> bool:
        """`payment_counted` (calibres.md 3.1)."""
        return is_fiscal(payment) and self.payment_is_in_scope(payment)

    def quota_of_payment(self, payment: PaymentRow) -> QuotaRow | None:
        """The quota of its line; without a known line the one it names itself."""
        line = self.known_line(payment.line_id)
        if line is not None:
            return self.quota_of_line(line)
        return None if payment.quota_id is None else self.quota(payment.quota_id)

    def is_budget_money(self, payment: PaymentRow) -> bool:
        """`budget_money`; true also while no quota is known."""
        quota = self.quota_of_payment(payment)
        return quota is None or quota.fund_nature in _BUDGET_NATURES

    def onward_payments(self, payment: PaymentRow) -> Iterator[PaymentRow]:
        """Live payments with a positive net amount that name this one, or one it replaced, as their upstream."""
        for name in (payment.id, *payment.replaces):
            for onward_id in self.ledger.onward_payments.children(name):
                onward = self.ledger.payments.get(onward_id)
                if onward is not None and onward.net_fen > 0 and payment_key(self.ledger, name) == payment.id:
                    yield onward

    # Accounts and functions

    def function_on(self, function_name: str, day: int) -> bool:
        """`function_on`: as the latest switch up to the day left it; off before the first one."""
        is_enabled = False
        for switch in self.switches(function_name):
            if switch.day > day:
                break
            is_enabled = switch.is_enabled
        return is_enabled

    def switches(self, function_name: str) -> tuple[Switch, ...]:
        """All switches of a function, in order of their days."""
        row = self.ledger.functions.get(function_name)
        return () if row is None else row.switches

    def entry_is_in_scope(self, entry: EntryRow) -> bool:
        """Scope of an entry: its known line's, else by category in Xinjiang; in Henan it is out then."""
        line = self.known_line(entry.line_id)
        if line is not None:
            return line.in_scope
        return self.profile == "xinjiang" and is_category_in_scope(entry.fund_category, self.code)

    def is_out_entry(self, entry: EntryRow) -> bool:
        """Whether it is a live out entry of a special account (rules.md section 2, out entry)."""
        account = self.account(entry.account_id)
        is_special = account is not None and account.account_kind == "special_fiscal"
        return is_special and entry.direction == "out" and not entry.is_void

    def account(self, account_id: str) -> AccountRow | None:
        """The account's row, once anything named it."""
        return self.ledger.accounts.get(account_id)

    # Posts

    def posts(self, organisation_code: str) -> list[PostRow]:
        """Posts of an organisation that are held: assigned and not released."""
        rows = map(self.ledger.posts.get, self.ledger.organisation_posts.children(organisation_code))
        return [row for row in rows if row is not None and not row.is_released]

    # Lists

    def row_is_live(self, row: RowRow) -> bool:
        """Whether neither the row nor its list is void; a row whose list is not known yet is on no list."""
        of_list = self.ledger.lists.get(row.list_id)
        return not row.is_void and of_list is not None and not of_list.is_void

    # Documents

    def documents(self, quota_id: str, document_no: str) -> list[DocumentRow]:
        """Live allocation documents of this number for a quota, or for one that it replaced, earliest first."""
        found: list[DocumentRow] = []
        if quota_key(self.ledger, quota_id) != quota_id:
            return found
        for name in names_of_quota(self.ledger, quota_id):
            for document_id in self.ledger.quota_documents.children(name):
                row = self.ledger.documents.get(document_id)
                if row is not None and not row.is_withdrawn and row.document_no == document_no:
                    found.append(row)
        return sorted(found, key=lambda row: (row.printed_on, row.id))

    def scans(self, document_no: str) -> list[ScanRow]:
        """Live scans of a document, earliest first."""
        rows = map(self.ledger.scans.get, self.ledger.numbered_scans.children(document_no))
        return sorted((row for row in rows if row is not None and not row.is_withdrawn), key=lambda row: row.scanned_on)

    def is_named_by_document(self, quota_id: str) -> bool:
        """Whether a live allocation document names the quota, or one that it replaced."""
        for name in names_of_quota(self.ledger, quota_id):
            for document_id in self.ledger.quota_documents.children(name):
                row = self.ledger.documents.get(document_id)
                if row is not None and not row.is_withdrawn:
                    return True
        return False

    def allocations(self, quota_id: str, document_no: str | None) -> list[LineRow]:
        """Allocations of a quota, to whomever, that carry a document's number (None: all)."""
        found: list[LineRow] = []
        for name in names_of_quota(self.ledger, quota_id):
            for line_id in self.ledger.quota_lines.children(name):
                line = self.ledger.lines.get(line_id)
                if line is not None and line.origin == LineOrigin.ALLOCATION:
                    if document_no is not None and line.document_no != document_no:
                        continue
                    found.append(line)
        return found

    def refined_lines(self, block_id: str) -> list[LineRow]:
        """Refined lines of a block."""
        rows = map(self.ledger.lines.get, self.ledger.block_lines.children(block_id))
        return [row for row in rows if row is not None]

    # Projects

    def project_lines(self, project_id: str, budget_year: int) -> list[LineRow]:
        """In-scope lines of a project for a budget year that are not 0; a block refined beyond its amount is below."""
        rows = map(self.ledger.lines.get, self.ledger.project_lines.children(project_id))
        return [
            row
            for row in rows
            if row is not None and row.in_scope and row.is_payable and row.net_fen and row.budget_year == budget_year
        ]

    def has_target(self, project_id: str, budget_year: int) -> bool:
        """`project_target`: a live target of the year with a revision that was approved and entered."""
        return self.target_done_on(project_id, budget_year) != NO_DAY

    def target_done_on(self, project_id: str, budget_year: int) -> int:
        """The first day on which a revision of such a target was both approved and entered; NO_DAY: there is none.

        A target is of the project and year of its highest revision, which replaces the earlier ones.
        """
        days = [
            max(revision.approved_on, revision.entered_on)
            for target in self.targets(project_id)
            if target.is_of(project_id, budget_year)
            for revision in target.revisions.values()
            if revision.is_approved and revision.is_entered
        ]
        return min(days, default=NO_DAY)

    def targets(self, project_id: str) -> list[TargetRow]:
        """Live targets with a revision of this project."""
        rows = map(self.ledger.targets.get, self.ledger.project_targets.children(project_id))
        return [row for row in rows if row is not None and not row.is_void]
