"""The documented facts of custom rules: what an expression about a payment, line, quota or project may ask for.

Each group of facts is read from one state row. Of another object than the subject only what does not change with each
payment can be asked for: so `rules.custom.reach` can have judged again whatever a change touches, and a subject costs
the same however busy its quota is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from rules.custom.expressions import FactType
from rules.custom.spent import Totals, totals_of
from rules.figure_state import SumsRow
from rules.fold.folding import SubjectKind
from rules.project_state import ProjectRow
from rules.quota_money import ALL_DAYS, sums_of, unallocated_fen
from rules.state import LineRow, PaymentRow, QuotaRow
from rules.view import View

INT, STRING, BOOL = FactType.INT, FactType.STRING, FactType.BOOL
Value = int | str | bool
# The fact that a custom rule has instead of a clock.
TODAY: Final = "today"
# Groups of facts that are the rule's own.
PARAMETER, WINDOW = "parameter", "window"


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact: ``of`` takes its group's row and the view; None: absent, an expression that needs it has no value."""

    name: str
    type: FactType
    says: str
    of: Callable[[Any, View], Value | None]


@dataclass(frozen=True, slots=True)
class Group:
    """Facts of one object: ``row`` finds it from the subject; None: it is not known, and all its facts are absent."""

    name: str
    says: str
    row: Callable[[Any, View], object | None]
    facts: tuple[Fact, ...]


def _own(name: str, kind: FactType, says: str, attribute: str = "") -> Fact:
    """A field of the row; a text that is null is empty, a flag that is null is false."""
    field = attribute or name
    empty: Value = False if kind is BOOL else ""

    def of(row: Any, _: View) -> Value:
        found: Value | None = getattr(row, field)
        return empty if found is None else found

    return Fact(name, kind, says, of)


def _day(name: str, says: str, attribute: str = "") -> Fact:
    """A day of the row; absent where there is none."""
    field = attribute or name
    return Fact(name, INT, says, lambda row, _: getattr(row, field) or None)


def _itself(row: object, _: View) -> object:
    return row


def _line_of_payment(payment: PaymentRow, view: View) -> LineRow | None:
    return view.known_line(payment.line_id)


def _quota_of_payment(payment: PaymentRow, view: View) -> QuotaRow | None:
    return view.quota_of_payment(payment)


def _quota_of_line(line: LineRow, view: View) -> QuotaRow | None:
    return view.quota_of_line(line)


def _project_of_line(line: LineRow, view: View) -> ProjectRow | None:
    return _registered(line.project_id, view)


def _project_of_payment(payment: PaymentRow, view: View) -> ProjectRow | None:
    """That of its line; where the line has none, or is not known, the one that the payment names."""
    line = view.known_line(payment.line_id)
    named = None if line is None else line.project_id
    return _registered(payment.project_id if named is None else named, view)


def _registered(project_id: str | None, view: View) -> ProjectRow | None:
    row = None if project_id is None else view.ledger.projects.get(project_id)
    return row if row is not None and row.is_registered else None


def _has(name: str, says: str, row: Callable[[Any, View], object | None]) -> Fact:
    return Fact(name, BOOL, says, lambda subject, view: row(subject, view) is not None)


_PAYMENT: Final = (
    _own("id", STRING, "payment_id"),
    _own("amount_fen", INT, "amount less refunds", "net_fen"),
    _own("recorded_fen", INT, "amount as it was recorded", "amount_fen"),
    _day("paid_on", "day of payment"),
    _day("recorded_on", "day on which it was recorded"),
    _day("first_recorded_on", "the earliest such day in its chain of replacements"),
    _own("is_valid", BOOL, "the record is valid"),
    Fact("is_refunded", BOOL, "something of it was refunded", lambda row, _: row.is_refunded()),
    Fact("in_scope", BOOL, "poverty money (calibres.md section 2)", lambda row, view: view.payment_is_in_scope(row)),
    _has("has_line", "its line is known, so `line.*` is there", _line_of_payment),
    _has("has_quota", "its quota is known, so `quota.*` is there", _quota_of_payment),
    _has("has_project", "its project is registered, so `project.*` is there", _project_of_payment),
    _own("budget_year", INT, "budget year"),
    _own("fund_category", STRING, "fund category"),
    _own("channel", STRING, "channel of payment"),
    _own("settlement_method", STRING, "method of settlement, such as `cash`"),
    _own("payment_method", STRING, "direct or authorised payment"),
    _own("spending_stage", STRING, "stage of spending"),
    _own("subject_code", STRING, "functional subject"),
    _own("economic_subject_code", STRING, "economic subject"),
    _own("use_code", STRING, "use of the money"),
    _own("purpose", STRING, "purpose, as written"),
    _own("payer_unit_code", STRING, "unit that pays"),
    _own("entered_by", STRING, "who entered it"),
    _own("source", STRING, "system that it came from"),
)
_PAYEE: Final = (
    _own("name", STRING, "name", "payee_name"),
    _own("kind", STRING, "kind of payee", "payee_kind"),
    _own("account_kind", STRING, "kind of account", "payee_account_kind"),
    _own("account_tail", STRING, "last digits of the account", "payee_account_tail"),
    _own("unit_code", STRING, "unit, of a budget unit", "payee_unit_code"),
    _own("credit_code", STRING, "unified credit code, of an enterprise", "payee_credit_code"),
    _own("person_key", STRING, "pseudonym, of a person", "payee_person_key"),
)
_LINE: Final = (
    _own("id", STRING, "allocation_id or line_id"),
    _own("amount_fen", INT, "amount after adjustments; of a block what is left unrefined", "net_fen"),
    _own("kind", STRING, "`poverty`, or which other money it is", "line_kind"),
    _own("in_scope", BOOL, "poverty money (calibres.md section 2)"),
    _own("is_pending", BOOL, "a block that is still to be refined"),
    _own("is_household", BOOL, "money for households"),
    _day("allocated_on", "day of allocation or refinement", "day"),
    _day("available_on", "day from which on it can be paid"),
    _own("budget_year", INT, "budget year of its quota"),
    _own("document_no", STRING, "number of the document it came with"),
    _own("unit_code", STRING, "unit that it was allocated to"),
    _own("township_code", STRING, "township that it was allocated to"),
    _has("has_quota", "its quota is known, so `quota.*` is there", _quota_of_line),
    _has("has_project", "its project is registered, so `project.*` is there", _project_of_line),
)
_LINE_MONEY: Final = (
    Fact("paid_fen", INT, "paid from it, net of refunds", lambda row, view: view.line_paid_fen(row)),
    Fact("unpaid_fen", INT, "not paid, less what was carried over", lambda row, view: view.line_unpaid_fen(row)),
    Fact("is_paid", BOOL, "something was paid from it", lambda row, _: row.last_paid_on > 0),
    _day("first_paid_on", "first day of payment"),
    _day("last_paid_on", "last day of payment"),
)
_QUOTA: Final = (
    _own("id", STRING, "quota_id"),
    Fact("amount_fen", INT, "amount after adjustments", lambda row, view: view.quota_net_fen(row)),
    _own("origin", STRING, "`arranged`, `received` or `carried_over`"),
    _own("is_opening", BOOL, "recorded at the opening of the region"),
    Fact("in_scope", BOOL, "poverty money (calibres.md section 2)", lambda row, view: view.quota_is_in_scope(row)),
    _own("is_poverty_fund", BOOL, "flagged as poverty money"),
    _own("is_integrable", BOOL, "flagged as integrable"),
    _own("is_household", BOOL, "flagged as money for households"),
    _own("budget_year", INT, "budget year"),
    _own("fund_category", STRING, "fund category"),
    _own("fund_name", STRING, "name of the fund"),
    _own("fund_nature", STRING, "nature of the fund"),
    _own("subject_code", STRING, "functional subject"),
    _own("expenditure_kind", STRING, "basic or project expenditure"),
    _own("arranging_level", STRING, "level that arranged it"),
    _own("superior_region", STRING, "region it was received from"),
    _own("document_no", STRING, "number of its document"),
    _day("document_printed_on", "day on which the document was printed"),
    _day("registered_on", "day of registration"),
    _day("available_on", "day from which on it can be allocated"),
    _own("responsible_section", STRING, "section that answers for it (归口业务处室)"),
    _own("entry_mode", STRING, "how it was entered"),
)


def _sum(name: str, says: str) -> Fact:
    return Fact(name, INT, says, lambda row, view: getattr(_sums(row, view), name))


def _sums(quota: QuotaRow, view: View) -> SumsRow:
    return sums_of(view, quota, ALL_DAYS)


_QUOTA_MONEY: Final = (
    Fact(
        "unallocated_fen",
        INT,
        "of its poverty part not allocated; below 0 when more is",
        lambda row, view: unallocated_fen(row, _sums(row, view), ALL_DAYS),
    ),
    _sum("line_fen", "poverty money on its own lines, blocks included"),
    _sum("lower_fen", "poverty money issued to lower regions"),
    _sum("other_fen", "parts that are no poverty money"),
    _sum("pending_fen", "of `line_fen`: in blocks not yet refined"),
    _sum("paid_fen", "paid from its poverty lines, without what an opening brought"),
    _sum("unpaid_fen", "not paid from its poverty lines"),
    _own("carried_fen", INT, "carried over to the next year"),
)
_PROJECT: Final = (
    _own("id", STRING, "project_id"),
    _own("name", STRING, "name"),
    _own("is_withdrawn", BOOL, "it left the library"),
    _own("in_county_plan", BOOL, "in the county's plan"),
    _own("is_household", BOOL, "a project for households"),
    _own("measure_kind", STRING, "kind of measure"),
    _own("using_unit_code", STRING, "unit that uses the money"),
    _own("managing_department_code", STRING, "department in charge"),
    _own("township_code", STRING, "township"),
    _own("village_code", STRING, "village"),
    _day("registered_on", "day on which it entered the library"),
    Fact("is_completed", BOOL, "it is complete", lambda row, _: row.completed_on > 0),
    _day("completed_on", "day of completion"),
)


def _total(name: str, kind: FactType, says: str, of: Callable[[Totals], Value | None]) -> Fact:
    return Fact(name, kind, says, lambda row, view: of(totals_of(row, view)))


_PROJECT_MONEY: Final = (
    _total("lines", INT, "number of its lines in scope that hold or have paid something", lambda found: found.lines),
    _total("amount_fen", INT, "on these lines", lambda found: found.amount_fen),
    _total("paid_fen", INT, "paid from them", lambda found: found.paid_fen),
    _total("unpaid_fen", INT, "not paid from them", lambda found: found.unpaid_fen),
    _total("is_paid", BOOL, "something was paid from them", lambda found: found.last_paid_on > 0),
    _total("first_paid_on", INT, "first day of payment", lambda found: found.first_paid_on or None),
    _total("last_paid_on", INT, "last day of payment", lambda found: found.last_paid_on or None),
)

_TODAY: Final = Group(
    "", "The log date.", _itself, (Fact(TODAY, INT, "day of the last tick", lambda _, view: view.today),)
)
# What each kind of subject sees, its own group first.
GROUPS: Final[dict[SubjectKind, tuple[Group, ...]]] = {
    SubjectKind.PAYMENT: (
        Group("payment", "The payment, as it is after its corrections.", _itself, _PAYMENT),
        Group("payee", "Who is paid, as the payment says.", _itself, _PAYEE),
        Group("line", "The line (指标明细) it is paid from, once that is known.", _line_of_payment, _LINE),
        Group("quota", "The quota it is paid from, once that is known.", _quota_of_payment, _QUOTA),
        Group("project", "Its line's project or its own, once registered.", _project_of_payment, _PROJECT),
    ),
    SubjectKind.LINE: (
        Group("line", "The line (指标明细), with what was paid from it.", _itself, (*_LINE, *_LINE_MONEY)),
        Group("quota", "Its quota, once that is known.", _quota_of_line, _QUOTA),
        Group("project", "Its project, once registered.", _project_of_line, _PROJECT),
        _TODAY,
    ),
    SubjectKind.QUOTA: (
        Group("quota", "The quota, with what became of it.", _itself, (*_QUOTA, *_QUOTA_MONEY)),
        _TODAY,
    ),
    SubjectKind.PROJECT: (
        Group("project", "The project, with the money of its lines.", _itself, (*_PROJECT, *_PROJECT_MONEY)),
        _TODAY,
    ),
}


def full_name(group: Group, fact: Fact) -> str:
    """How an expression names it."""
    return f"{group.name}.{fact.name}" if group.name else fact.name


def types_of(kind: SubjectKind) -> dict[str, FactType]:
    """All facts of a kind of subject by name."""
    return {full_name(group, fact): fact.type for group in GROUPS[kind] for fact in group.facts}


RowOf = Callable[[Any, View], object | None]
Of = Callable[[Any, View], Value | None]


@dataclass(frozen=True, slots=True)
class Look:
    """Reads some facts of subjects of one kind: where each object is found, and its facts by their full names."""

    groups: tuple[tuple[RowOf, tuple[tuple[str, Of], ...]], ...]

    def at(self, subject: object, view: View) -> dict[str, Value]:
        """Facts by name, absent ones left out. Raises rules.custom.spent.TooLarge."""
        found: dict[str, Value] = {}
        for row_of, facts in self.groups:
            row = row_of(subject, view)
            if row is None:
                continue
            for name, of in facts:
                value = of(row, view)
                if value is not None:
                    found[name] = value
        return found


def look(kind: SubjectKind, names: Iterable[str]) -> Look:
    """What reads these facts and no others."""
    wanted = frozenset(names)
    groups = (
        (group.row, tuple((name, fact.of) for fact in group.facts if (name := full_name(group, fact)) in wanted))
        for group in GROUPS[kind]
    )
    return Look(tuple((row, facts) for row, facts in groups if facts))
