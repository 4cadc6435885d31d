"""All state of a partition by region: which tables and indexes there are (`rules.tables` says what these are)."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from rules import (
    account_state,
    desk_state,
    figure_state,
    linkage_state,
    list_state,
    management_state,
    project_state,
    record_state,
    register_state,
    relocation_state,
    spending_state,
    state,
)
from rules.custom.failures import FailureRow
from rules.tables import CACHED_ROWS_MAX, Encode, Index, Rows, Table

T = TypeVar("T", bound=msgspec.Struct)

# The one parent of `PartitionLedger.opened`.
OPENED = "opened"
# The one parent of `RegionLedger.special_accounts`.
SPECIAL_ACCOUNTS = "special_fiscal"


class RegionLedger:
    """All state of one region. The byte before the region names the table and must never be used for another."""

    def __init__(self, code: str, rows: Rows | None) -> None:
        self.code = code
        self._rows = rows
        self._tables: list[Table[Any]] = []  # of every record type
        self._indexes: list[Index] = []
        self._make_tables()
        self._make_indexes()
        self._make_of_numbers()
        self._make_of_categories()
        self._make_of_projects()
        self._make_of_lists()
        self._make_of_linkage()
        self._make_of_figures()
        self._make_of_functions()
        self._make_of_spending()
        self._make_of_management()
        self._make_of_registers()
        self._make_of_records()
        self._make_of_desk()
        self._make_of_customs()

    def _table(self, letter: bytes, record_type: type[T]) -> Table[T]:
        made = Table(self._rows, letter + self.code.encode() + b"\x00", record_type)
        self._tables.append(made)
        return made

    def _index(self, letter: bytes, *, is_held: bool = False) -> Index:
        made = Index(self._rows, letter + self.code.encode() + b"\x00", is_held=is_held)
        self._indexes.append(made)
        return made

    def _make_tables(self) -> None:
        table = self._table
        self.region = table(b"R", state.RegionRow)
        self.quotas = table(b"Q", state.QuotaRow)
        self.lines = table(b"L", state.LineRow)
        self.payments = table(b"P", state.PaymentRow)
        self.accounts = table(b"A", state.AccountRow)
        self.entries = table(b"E", state.EntryRow)
        self.documents = table(b"D", state.DocumentRow)
        self.targets = table(b"T", project_state.TargetRow)
        self.lists = table(b"I", list_state.ListRow)
        self.exemptions = table(b"X", state.ExemptionRow)
        self.alerts = table(b"N", state.AlertRow)
        self.watches = table(b"W", state.WatchRow)
        self.parked = table(b"K", state.ParkedRow)
        self.seen = table(b"S", state.SeenRow)
        self.scans = table(b"Ud", project_state.ScanRow)
        self.copies = table(b"Uf", project_state.CopyRow)  # by document number
        self.confirmations = table(b"Ua", state.ConfirmationRow)  # "rule|kind|subject"

    def _make_indexes(self) -> None:
        index = self._index
        self.replaced_quotas = index(b"a", is_held=True)  # replacement -> originals
        self.replaced_payments = index(b"p", is_held=True)  # replacement -> originals
        self.quota_lines = index(b"b")  # quota as named -> allocations and opening lines
        self.block_lines = index(b"c")  # pending allocation -> refined lines
        self.line_payments = index(b"d")  # line as named -> payments
        self.line_entries = index(b"e")  # line as named -> entries
        self.onward_payments = index(b"f")  # payment as named in upstream_payment_id -> payments
        self.account_entries = index(b"g")
        self.quota_documents = index(b"h")  # quota as named -> documents
        self.project_lines = index(b"i")
        self.project_targets = index(b"j")
        self.carried_quotas = index(b"k", is_held=True)  # prior-year quota as named -> quotas carried over from it
        self.rule_exemptions = index(b"l", is_held=True)
        self.suppressed = index(b"m", is_held=True)  # rule -> subjects ("kind|id") suppressed now
        self.quota_payments = index(b"n")  # quota named by a payment itself
        self.confirmed = index(b"Uj", is_held=True)  # keys of confirmations -> nothing; asked for with every payment

    def _make_of_numbers(self) -> None:
        """What carries a document's number."""
        index = self._index
        self.numbered_quotas = index(b"Ub")
        self.numbered_allocations = index(b"Uc")
        self.numbered_scans = index(b"Ue")
        self.numbered_notices = index(b"Ui")

    def _make_of_categories(self) -> None:
        """Quotas by category and budget year ("category|year")."""
        self.category_quotas = self._index(b"Ug")
        self.arranged_quotas = self._index(b"Uh", is_held=True)  # those of quota.arranged

    def _make_of_projects(self) -> None:
        table, index = self._table, self._index
        self.projects = table(b"Ja", project_state.ProjectRow)
        self.filings = table(b"Jc", project_state.FilingRow)
        self.proofs = table(b"Jd", project_state.ProofRow)
        self.announcements = table(b"Je", project_state.AnnouncementRow)
        self.problems = table(b"Jf", project_state.ProblemRow)
        self.project_payments = index(b"Jb")  # project that a payment names itself, its line having none -> payments
        self.project_filings = index(b"Jg")
        self.filing_proofs = index(b"Jh")
        self.project_announcements = index(b"Ji")
        self.document_announcements = index(b"Jj")  # document number -> announcements
        self.project_problems = index(b"Jk")
        self.numbered_documents = index(b"Jl")  # document number -> documents, of whatever kind

    def _make_of_lists(self) -> None:
        table, index = self._table, self._index
        self.list_rows = table(b"Ga", list_state.RowRow)
        self.batches = table(b"Gb", list_state.BatchRow)
        self.rows_of_list = index(b"Gc")  # list as named -> rows
        self.project_lists = index(b"Gd")  # project -> lists
        self.batch_payments = index(b"Ge")  # batch as named -> payments
        self.failed_in = index(b"Gf", is_held=True)  # row as named in a receipt -> batches that failed to pay it
        self.batch_failures = index(b"Gg")  # batch -> rows that it failed to pay, or that came back from it
        self.lists_by_condition = index(b"Gh")  # POOR_ONLY -> lists that only the registered poor may be on

    def _make_of_linkage(self) -> None:
        table, index = self._table, self._index
        self.issued = table(b"Ha", linkage_state.IssuedRow)  # by allocation to a lower region
        self.notices = table(b"Hb", linkage_state.NoticeRow)
        self.linkage_quotas = index(b"Hc")  # notice -> quotas that name it

    def _make_of_figures(self) -> None:
        table, index = self._table, self._index
        self.sums = table(b"Fa", figure_state.SumsRow)  # by quota, replacements followed
        self.paid_days = table(b"Fb", figure_state.PaidDaysRow)  # by line
        self.year_quotas = index(b"Fc")  # budget year -> quotas
        self.loose_payments = index(b"Fd")  # budget year -> payments on no known line
        self.special_accounts = index(b"Fe", is_held=True)  # SPECIAL_ACCOUNTS -> accounts
        self.year_notices = index(b"Ff")  # budget year -> notices of superiors
        self.progress = table(b"Fg", figure_state.ProgressRow)  # by budget year
        self.reported = table(b"Fh", figure_state.ReportedRow)  # figure kind | amount kind | category | budget year
        self.year_reported = index(b"Fi")  # budget year -> keys of reported
        self.untouched_lines = index(b"Fj")  # budget year -> day it is available (`day_key`) | line with nothing paid
        self.financing = table(b"Fk", relocation_state.FinancingRow)
        self.relocation_spending = table(b"Fl", relocation_state.SpendingRow)

    def _make_of_registers(self) -> None:
        table = self._table
        self.listings = table(b"Gi", register_state.ListingRow)
        self.registers = table(b"Gj", register_state.RegisterRow)
        self.enterprise_records = table(b"Gk", register_state.EnterpriseRecordRow)  # "credit code|state from"
        self.enterprise_listings = table(b"Gl", register_state.EnterpriseListingRow)
        self.told = table(b"Gm", register_state.ToldRow)  # "kind|id" of what other stages were told

    def _make_of_functions(self) -> None:
        table, index = self._table, self._index
        self.functions = table(b"Va", account_state.FunctionRow)
        self.manual_payments = index(b"Vb")  # one parent: payments entered by hand
        self.books = table(b"Vc", account_state.BooksRow)  # by account

    def _make_of_spending(self) -> None:
        table, index = self._table, self._index
        self.plans = table(b"Ve", spending_state.PlanRow)
        self.line_plans = index(b"Vf")  # line as named -> plans
        self.posted_payments = index(b"Vg")  # "plan|id" or "unit|code" -> payments that add to its sums
        self.units = table(b"Vh", spending_state.UnitRow)
        self.all_units = index(b"Vi", is_held=True)  # one parent: units

    def _make_of_management(self) -> None:
        table, index = self._table, self._index
        self.sources = table(b"Ma", management_state.SourceRow)
        self.reports = table(b"Mb", management_state.ReportRow)
        self.posts = table(b"Mc", management_state.PostRow)
        self.doubts = table(b"Md", management_state.DoubtRow)
        self.organisation_posts = index(b"Mf")  # organisation -> posts

    def _make_of_records(self) -> None:
        table, index = self._table, self._index
        self.records = table(b"Mm", record_state.RecordRow)  # by kind and id of the object
        self.flags = table(b"Mn", record_state.FlagRow)
        self.looking = index(b"Mo", is_held=True)  # object -> objects whose flags depend on it
        self.waiting_for = index(b"Mp", is_held=True)  # object -> one entry, where corrections wait for it

    def _make_of_desk(self) -> None:
        table, index = self._table, self._index
        self.alerts_heard = table(b"Mg", desk_state.HeardRow)
        self.desk_problems = table(b"Mh", desk_state.ProblemRow)
        self.months = table(b"Mi", desk_state.MonthRow)  # by month
        self.inspections = table(b"Mj", desk_state.InspectionRow)
        self.counted_alerts = index(b"Mk")  # running, or ended since the last month-end -> alerts
        self.closed_inspections = index(b"Ml")  # one parent: inspections

    def _make_of_customs(self) -> None:
        self.custom_failures = self._table(b"Mq", FailureRow)  # by rule

    def flush(self, encode: Encode) -> None:
        """Write everything that changed."""
        for table in self._tables:
            if table.changed:
                table.flush(encode)
        for index in self._indexes:
            if index.changed:
                index.flush()

    def held(self) -> int:
        """See `Table.held`."""
        return sum(table.held() for table in self._tables) + sum(index.held() for index in self._indexes)

    def age(self) -> None:
        """See `Table.age`."""
        for table in self._tables:
            table.age()
        for index in self._indexes:
            index.age()


class PartitionLedger:
    """The regions of one journal partition, its clock, and the days on which ticks must look again."""

    def __init__(self, rows: Rows | None = None) -> None:
        self._rows = rows
        self._regions: dict[str, RegionLedger] = {}
        self._touched: set[str] = set()
        self._held: dict[str, int] = {}  # rows held decoded, by region
        self._encode = msgspec.msgpack.Encoder().encode
        self.clock = Table(rows, b"C", state.ClockRow)
        self.due = Index(rows, b"o")  # day -> "region|kind|subject id"
        self.opened = Index(rows, b"q", is_held=True)  # OPENED -> regions

    def region(self, code: str) -> RegionLedger:
        """The ledger of one region; its changes are written at the next `flush`."""
        self._touched.add(code)
        found = self._regions.get(code)
        if found is None:
            found = self._regions[code] = RegionLedger(code, self._rows)
        return found

    def flush(self) -> None:
        """Write everything that changed since the last flush to the rows."""
        for code in sorted(self._touched):
            region = self._regions[code]
            region.flush(self._encode)
            self._held[code] = region.held()
        self._touched.clear()
        if sum(self._held.values()) > CACHED_ROWS_MAX:
            self._held.clear()
            for region in self._regions.values():
                region.age()
        self.clock.flush(self._encode)
        self.due.flush()
        self.opened.flush()
