"""A custom rule as the engine judges it: the same pure functions as a rule of the catalogue has, made of expressions.

An expression without a value on a subject (`rules.custom.failures.Why`) makes the rule say nothing new of
that subject: no alert is raised, and one that is open stays as it is, since a fault that cannot be looked at is not
gone. The view notes it, so that it is counted and shown. Other subjects and other rules are judged as ever.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from rules.catalogue.evidence import (
    LINE_PAYMENTS_SHOWN_MAX,
    category_of_payment,
    line_marks,
    payment_marks,
    quota_line_marks,
    section_of_payment,
)
from rules.custom.definition import Band, Definition
from rules.custom.facts import PARAMETER, WINDOW
from rules.custom.failures import Failure, Noted, Why
from rules.custom.message import is_a_day, sentence, shown, unit_of
from rules.custom.spent import Paid, TooLarge, lines_of_project, lines_of_quota, paid_in
from rules.derivation import lines_of
from rules.fold.folding import SubjectKind
from rules.project_state import ProjectRow
from rules.rule import AT_ONCE, NO_FAULT, NONE, RED, Explanation, Judgement, Kind, Rule, Step, Steps
from rules.state import LineRow, Mark, PaymentRow, QuotaRow
from rules.view import View

Row = PaymentRow | LineRow | QuotaRow | ProjectRow
# By kind of subject the fact that is the alert's amount unless the rule says otherwise.
AMOUNTS: Final = {
    SubjectKind.PAYMENT: "payment.amount_fen",
    SubjectKind.LINE: "line.amount_fen",
    SubjectKind.QUOTA: "quota.amount_fen",
    SubjectKind.PROJECT: "project.amount_fen",
}


def rule_of(definition: Definition) -> Rule:
    """The rule; on unless its rule set says otherwise."""
    judge = CustomJudge(definition)
    return Rule(
        id=definition.id,
        version=definition.version,
        name_zh=definition.name_zh,
        name_en=definition.name_en,
        category=definition.category,
        owner=definition.owner,
        kind=Kind.AGGREGATE if definition.windows or definition.is_daily else Kind.EVENT,
        profiles=definition.profiles,
        thresholds=definition.thresholds,
        conditions=_conditions(definition),
        looks_at=frozenset(name.partition(".")[0] for each in definition.expressions for name in each.facts),
        judgements={definition.subject: Judgement(judge=judge.judge, explain=judge.explain, stays=judge.stays)},
        basis=definition.basis,
    )


def _conditions(definition: Definition) -> dict[str, str]:
    """The expressions, as alerts carry them."""
    found: dict[str, str] = {}
    for band in definition.bands:
        name = "red" if band.severity == RED else "yellow"
        found[f"{name}.when"] = band.when.text
        if band.since is not None:
            found[f"{name}.from"] = band.since.text
    return found


@dataclass(frozen=True, slots=True)
class _Looked:
    """What was read of a subject: facts by name, and the next day on which they are others by themselves (0: none)."""

    facts: dict[str, object]
    changes_on: int


class CustomJudge:
    """Judges and explains the subjects of one custom rule; knows nothing but its definition."""

    def __init__(self, definition: Definition) -> None:
        self._definition = definition

    def judge(self, subject: Row | str, view: View, values: Any) -> Steps:
        """The bands that hold; and, as a step without severity, the day on which to look again."""
        row = _judged_row(subject, view)
        if row is None:
            return NO_FAULT
        steps, failure = self._evaluated(row, view, values)
        if failure is not None:
            view.failures[Noted(self._definition.id, self._definition.subject, row.id)] = failure
        return steps

    def stays(self, subject: Row | str, view: View, values: Any) -> bool:
        """Whether an open alert stays because nobody can tell whether its fault is gone."""
        row = _judged_row(subject, view)
        return row is not None and self._evaluated(row, view, values)[1] is not None

    def _evaluated(self, row: Row, view: View, values: Any) -> tuple[Steps, Failure | None]:
        try:
            looked = self._look(row, view, values)
        except TooLarge as error:
            return NO_FAULT, Failure(Why.TOO_LARGE, str(error))
        # Also where there is no value now: time alone may give one.
        again = (Step(looked.changes_on, NONE),) if looked.changes_on else NO_FAULT
        bands = self._definition.bands
        bound = bands[0].when.bound(looked.facts)
        steps: list[Step] = []
        for band in bands:
            found = _from_day(band, bound)
            if isinstance(found, Failure):
                return again, found
            if found is not None:
                steps.append(Step(found, band.severity))
        return (*steps, *again), None

    def _look(self, row: Row, view: View, values: Any) -> _Looked:
        definition = self._definition
        facts: dict[str, object] = dict(definition.judged.at(row, view))
        facts.update(_parameters(values))
        days = [view.today + 1] if definition.is_daily else []
        for name, paid in self._windows(row, view).items():
            facts[name] = paid.fen
            days += [paid.changes_on] if paid.changes_on else []
        return _Looked(facts, min(days, default=0))

    def _windows(self, row: Row, view: View) -> dict[str, Paid]:
        windows = self._definition.windows
        lines = _lines(row, view) if windows else ()
        return {f"{WINDOW}.{window.name}": paid_in(window, lines, view) for window in windows}

    def explain(self, subject: Row | str, view: View, values: Any) -> Explanation:
        """The facts that the rule asks for, its expressions, and its messages with these facts."""
        definition, row = self._definition, _row(subject, view)
        facts = {} if row is None else self._told(row, view, values)
        asked = [name for each in definition.expressions for name in each.facts]
        measured = sentence(definition.message_zh, definition.message_en, facts, asked)
        amount = facts.get(definition.amount)
        return Explanation(
            title=_title(row, view) or (subject if isinstance(subject, str) else ""),
            observed=_number_or_text(definition.observed, facts),
            limit=_number_or_text(definition.limit, facts),
            unit=unit_of(definition.observed),
            amount_fen=amount if isinstance(amount, int) else None,
            facts={name: shown(name, value) for name, value in facts.items()},
            marks=() if row is None else _marks(row, view),
            message_zh=measured.zh,
            message_en=measured.en,
            fund_category=_category(row, view),
            responsible_section=_section(row, view),
        )

    def _told(self, row: Row, view: View, values: Any) -> dict[str, object]:
        """Parameters too, which are shown among the thresholds: a message may name them."""
        facts: dict[str, object] = dict(_parameters(values))
        for look in (self._definition.judged, self._definition.told):
            with suppress(TooLarge):  # what is too large to add up is not shown either
                facts.update(look.at(row, view))
        with suppress(TooLarge):
            facts.update({name: paid.fen for name, paid in self._windows(row, view).items()})
        return facts


def _from_day(band: Band, bound: object) -> int | Failure | None:
    """From which day on a band holds; None: it does not."""
    holds = band.when.evaluate(bound)
    if isinstance(holds, Failure):
        return holds
    if not holds:
        return None
    if band.since is None:
        return AT_ONCE
    day = band.since.evaluate(bound)
    if isinstance(day, Failure) or is_a_day(day):
        return day
    return Failure(Why.NOT_A_DAY, f"{day} is no day")


def _parameters(values: Any) -> dict[str, object]:
    """The rule's own values; lists as the language takes them."""
    return {
        f"{PARAMETER}.{name}": list(value) if isinstance(value, tuple) else value
        for name in values.__struct_fields__
        for value in (getattr(values, name),)
    }


def _row(subject: Row | str, view: View) -> Row | None:
    """A project is known to the engine by its id."""
    return view.ledger.projects.get(subject) if isinstance(subject, str) else subject


def _judged_row(subject: Row | str, view: View) -> Row | None:
    """The subject while it counts: what was voided, replaced, withdrawn, or is only named so far is not judged."""
    row = _row(subject, view)
    if isinstance(row, LineRow):
        return row if row.is_payable and view.line_is_live(row) else None
    return row if row is not None and row.is_live() else None


def _lines(row: Row, view: View) -> Iterable[LineRow]:
    if isinstance(row, LineRow):
        return (row,)
    if isinstance(row, QuotaRow):
        return lines_of_quota(row, view)
    return lines_of_project(row, view) if isinstance(row, ProjectRow) else ()


def _quota(row: Row | None, view: View) -> QuotaRow | None:
    if isinstance(row, LineRow):
        return view.quota_of_line(row)
    return row if isinstance(row, QuotaRow) else None


def _title(row: Row | None, view: View) -> str:
    if isinstance(row, PaymentRow):
        return row.payee_name
    if isinstance(row, ProjectRow):
        return row.name
    quota = _quota(row, view)
    return "" if quota is None else quota.fund_name


def _category(row: Row | None, view: View) -> str | None:
    if isinstance(row, PaymentRow):
        return category_of_payment(row, view)
    quota = _quota(row, view)
    return None if quota is None else quota.fund_category


def _section(row: Row | None, view: View) -> str | None:
    if isinstance(row, PaymentRow):
        return section_of_payment(row, view)
    quota = _quota(row, view)
    return None if quota is None else quota.responsible_section


def _marks(row: Row, view: View) -> tuple[Mark, ...]:
    if isinstance(row, PaymentRow):
        return payment_marks(row, view)
    if isinstance(row, LineRow):
        return line_marks(row, view)
    if isinstance(row, QuotaRow):
        return quota_line_marks(row, lines_of(view.ledger, row.id))
    lines = map(view.ledger.lines.get, view.ledger.project_lines.children(row.id))
    marks = sorted((mark for line in lines if line for mark in line.marks), key=lambda mark: mark.position)
    return (*row.marks, *marks[-LINE_PAYMENTS_SHOWN_MAX:])


def _number_or_text(name: str, facts: Mapping[str, object]) -> int | str | None:
    value = facts.get(name)
    return None if value is None else shown(name, value)
