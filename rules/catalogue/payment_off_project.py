"""疑似挪用：支付与指标项目用途不符: a payment does not fit its line's project, permitted use or subject.

Flags:
    A live in-scope payment on a known line: payment and line name different projects (red); its use is not among the
    permitted uses of the line's project, or its functional subject and the quota's differ in their first
    characters (yellow).

Why it matters:
    002_cd118f177911e14b.txt L52 and L83 want 挪用 watched: money of one project that serves another.

Example:
    A line of project P1 pays an invoice that the treasury ties to P2: red until one of the two links is corrected.

Not a fault when:
    One of the two does not say (no project, no use, no subject, a project without permitted uses, not registered or
    withdrawn); a correction ends the conflict; the payment is voided, replaced or refunded in full.
"""

from __future__ import annotations

from domain.money import yuan_text
from rules.catalogue.evidence import payment_explanation
from rules.fold.folding import SubjectKind
from rules.rule import (
    ALL_PROFILES,
    NO_FAULT,
    RED_AT_ONCE,
    YELLOW_AT_ONCE,
    Explanation,
    Judgement,
    Kind,
    NoThresholds,
    Rule,
    Steps,
)
from rules.state import LineRow, PaymentRow
from rules.view import View
from rules.wording import Sentence

# So many characters of a functional subject are its class and section (类, 款).
_SECTION_CHARACTERS = 5


def judge(payment: PaymentRow, view: View, _: NoThresholds) -> Steps:
    """At once, by what payment, line, project and quota say of the same money."""
    line = view.known_line(payment.line_id)
    if line is None or payment.net_fen <= 0 or not line.in_scope:
        return NO_FAULT
    if _is_other_project(payment, line):
        return RED_AT_ONCE
    if _is_other_use(payment, line, view) or _is_other_subject(payment, line, view):
        return YELLOW_AT_ONCE
    return NO_FAULT


def _is_other_project(payment: PaymentRow, line: LineRow) -> bool:
    return payment.project_id is not None and line.project_id is not None and payment.project_id != line.project_id


def _is_other_use(payment: PaymentRow, line: LineRow, view: View) -> bool:
    if payment.use_code is None:
        return False
    permitted = _permitted_use_codes(line, view)
    return bool(permitted) and payment.use_code not in permitted


def _permitted_use_codes(line: LineRow, view: View) -> tuple[str, ...]:
    """Of the line's project, while it is registered and not withdrawn; empty when it names none."""
    project = None if line.project_id is None else view.ledger.projects.get(line.project_id)
    return () if project is None or not project.is_live() else project.permitted_use_codes or ()


def _is_other_subject(payment: PaymentRow, line: LineRow, view: View) -> bool:
    if payment.subject_code is None:
        return False
    quota = view.quota_of_line(line)
    if quota is None or quota.subject_code is None or quota.subject_code == payment.subject_code:
        return False
    return payment.subject_code[:_SECTION_CHARACTERS] != quota.subject_code[:_SECTION_CHARACTERS]


def explain(payment: PaymentRow, view: View, _: NoThresholds) -> Explanation:
    """Both sides of what does not fit."""
    line = view.known_line(payment.line_id)
    quota = view.quota_of_payment(payment)
    permitted = () if line is None else _permitted_use_codes(line, view)
    observed, limit, unit = _conflict(payment, line, view)
    amount = yuan_text(payment.net_fen)
    message = Sentence(
        f"支付{payment.id}({amount}元)与指标不符:{observed or '-'}/{limit or '-'}",
        f"Payment {payment.id} of {amount} yuan does not fit its line: {unit} {observed or '-'} against {limit or '-'}",
    )
    return payment_explanation(
        payment,
        view,
        message,
        observed=observed,
        limit=limit,
        unit=unit,
        line_project_id=None if line is None else line.project_id,
        use_code=payment.use_code,
        permitted_use_codes=",".join(permitted),
        subject_code=payment.subject_code,
        quota_subject_code=None if quota is None else quota.subject_code,
    )


def _conflict(payment: PaymentRow, line: LineRow | None, view: View) -> tuple[str | None, str | None, str]:
    """The gravest thing that does not fit: what the payment says, what the line says, and of what kind it is."""
    if line is not None and not _is_other_project(payment, line):
        if _is_other_use(payment, line, view):
            return payment.use_code, ",".join(_permitted_use_codes(line, view)), "use_code"
        quota = view.quota_of_line(line)
        if quota is not None and _is_other_subject(payment, line, view):
            return payment.subject_code, quota.subject_code, "subject_code"
    return payment.project_id, None if line is None else line.project_id, "project_id"


RULE = Rule(
    id="payment_off_project",
    version="1",
    name_zh="疑似挪用：支付与指标项目用途不符",
    name_en="Payment does not fit the line's project, permitted use or subject",
    category="资金风险",
    owner="农财",
    kind=Kind.JOIN,
    profiles=ALL_PROFILES,
    thresholds=NoThresholds,
    judgements={SubjectKind.PAYMENT: Judgement(judge=judge, explain=explain)},
    basis=("002_cd118f177911e14b.txt L52", "002_cd118f177911e14b.txt L83"),
)
