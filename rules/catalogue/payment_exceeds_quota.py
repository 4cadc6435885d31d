"""支付超过可用指标: paid more than the line holds.

Flags:
    An in-scope line, also a void one (0 fen), from which more was paid, net of refunds, than it holds.

Why it matters:
    A payment has no cover beyond its quota: 支付不超过可用指标, the ledger's own invariant;
    000_4e8d71f0a3c23610.txt ㈣ L35 wants quota and spending to match.

Example:
    A line of 1,000.00 yuan has 900.00 paid; a second payment of 200.00 makes it red, over by 100.00.

Not a fault when:
    The line is raised, the payment voided, moved to another line, or refunded down to what the line holds.
"""

from __future__ import annotations

from domain.money import yuan_text
from rules.catalogue.evidence import line_facts, line_marks, with_facts
from rules.fold.folding import SubjectKind
from rules.rule import ALL_PROFILES, NO_FAULT, RED_AT_ONCE, Explanation, Judgement, Kind, NoThresholds, Rule, Steps
from rules.state import LineRow
from rules.view import View


def judge(line: LineRow, view: View, _: NoThresholds) -> Steps:
    """Red at once while `line_paid_fen` > `line_net_fen`."""
    if line.in_scope and line.is_payable and view.line_paid_fen(line) > line.net_fen:
        return RED_AT_ONCE
    return NO_FAULT


def _latest_payment_id(line: LineRow, view: View) -> str | None:
    """The payment from the line that the journal holds last; None when out entries alone took from it."""
    rows = map(view.ledger.payments.get, view.ledger.line_payments.children(line.id))
    paid = [row for row in rows if row is not None and row.given is not None and row.given.fen > 0]
    return max(paid, key=lambda row: row.marks[0].position).id if paid else None


def explain(line: LineRow, view: View, _: NoThresholds) -> Explanation:
    """What was paid against what the line holds."""
    paid = view.line_paid_fen(line)
    quota = view.quota_of_line(line)
    over = max(0, paid - line.net_fen)
    return Explanation(
        title=line.id,
        observed=paid,
        limit=line.net_fen,
        unit="fen",
        amount_fen=over,
        facts=with_facts(line_facts(line, view), payment_id=_latest_payment_id(line, view)),
        marks=line_marks(line, view),
        message_zh=f"指标明细{line.id}可用{yuan_text(line.net_fen)}元,已支付{yuan_text(paid)}元,超出{yuan_text(over)}元",
        message_en=(
            f"Line {line.id} holds {yuan_text(line.net_fen)} yuan and {yuan_text(paid)} were paid: "
            f"{yuan_text(over)} too much"
        ),
        fund_category=None if quota is None else quota.fund_category,
        responsible_section=None if quota is None else quota.responsible_section,
    )


RULE = Rule(
    id="payment_exceeds_quota",
    version="1",
    name_zh="支付超过可用指标",
    name_en="Paid more than the line holds",
    category="资金风险",
    owner="国库",
    kind=Kind.EVENT,
    profiles=ALL_PROFILES,
    thresholds=NoThresholds,
    judgements={SubjectKind.LINE: Judgement(judge=judge, explain=explain)},
    basis=("账本不变式：支付不超过可用指标", "000_4e8d71f0a3c23610.txt ㈣ L35"),
)
