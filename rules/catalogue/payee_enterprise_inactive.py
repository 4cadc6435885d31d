"""收款企业注销吊销或异常: poverty money is paid to an enterprise that is closed, or on a list of offenders.

Flags:
    A live in-scope payment or special-account out entry to an enterprise that was cancelled or revoked on that day
    (red), or stood on a list of abnormal, delinquent or dishonest ones (yellow).

Why it matters:
    004_6d54267a7b8d1056.txt art. 2 L25 and art. 17 L62 name 企业风险; 002_cd118f177911e14b.txt L54 orders the exchange
    of the departments' data.

Example:
    A firm cancelled on 1 May is paid on 3 June: red. Listed for abnormal operation on that day: yellow.

Not a fault when:
    The state was another on the day of payment; the payment is void, replaced or refunded in full; no enterprise
    register has come yet.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from domain.events.registry_enterprises import ListKind
from domain.money import yuan_text
from rules.catalogue.evidence import date_or_none, enterprise_payment_facts, proofs_of, with_facts
from rules.days import text_of_day
from rules.facts.enterprises import ANY_REGION, EnterpriseRow, PaidRow
from rules.facts.records import EnterpriseListing, EnterpriseRecord
from rules.facts.view import FactsView
from rules.fold.folding import SubjectKind
from rules.rule import (
    ALL_PROFILES,
    AT_ONCE_OF,
    NO_FAULT,
    NONE,
    RED,
    YELLOW,
    Basis,
    Explanation,
    Judgement,
    Kind,
    Rule,
    Stage,
    Steps,
)
from rules.state import NO_DAY
from rules.thresholds import Source

_ENDED = ("cancelled", "revoked")


class Thresholds(msgspec.Struct, frozen=True, kw_only=True):
    """Lists that ask for a second look."""

    yellow_lists: Annotated[tuple[ListKind, ...], Source(Basis.PROPOSED, "list")] = (
        "abnormal_operation",
        "tax_delinquent",
        "seriously_dishonest",
    )


def judge(subject_id: str, view: FactsView, thresholds: Thresholds) -> Steps:
    """The gravest of the days on which the enterprise was paid."""
    paid = view.enterprises.paid(view.code, subject_id)
    if paid is None or paid.credit_code is None or not view.enterprises.is_covered(ANY_REGION):
        return NO_FAULT
    enterprise = view.enterprises.get(paid.key)
    return AT_ONCE_OF[max((_severity(enterprise, day, thresholds) for day in paid.days if day != NO_DAY), default=NONE)]


def _severity(enterprise: EnterpriseRow, day: int, thresholds: Thresholds) -> int:
    record = enterprise.state_on(day)
    if record is not None and record.enterprise_state in _ENDED:
        return RED
    return YELLOW if _listing(enterprise, day, thresholds) is not None else NONE


def _listing(enterprise: EnterpriseRow, day: int, thresholds: Thresholds) -> EnterpriseListing | None:
    found = (enterprise.listed_on(kind, day) for kind in thresholds.yellow_lists)
    return next((listing for listing in found if listing is not None), None)


def explain(subject_id: str, view: FactsView, thresholds: Thresholds) -> Explanation:
    """The days of the gravest kind, with a payment of the first one."""
    paid = view.enterprises.paid(view.code, subject_id)
    if paid is None:
        raise LookupError(f"no payment to {subject_id} was ever told")
    enterprise = view.enterprises.get(paid.key)
    days = _gravest_days(enterprise, paid, thresholds)
    day = days[0] if days else NO_DAY
    record = enterprise.state_on(day)
    listing = _listing(enterprise, day, thresholds)
    payments = view.enterprises.payments_on(view.code, subject_id, day)
    amount_fen = sum(paid.days[each][1] for each in days)
    state = _state(record, listing)
    return Explanation(
        title=paid.payee_name,
        observed=state,
        limit=None,
        unit="enterprise_state",
        amount_fen=amount_fen,
        facts=with_facts(
            enterprise_payment_facts(paid, payments),
            amount_fen=amount_fen,
            paid_on=date_or_none(day),
            enterprise_state=None if record is None else record.enterprise_state,
            state_from=None if record is None else text_of_day(record.state_from),
            list_kind=None if listing is None else listing.list_kind,
            effective_from=None if listing is None else text_of_day(listing.effective_from),
        ),
        marks=(),
        proofs=proofs_of((*payments, *(each for each in (record, listing) if each is not None))),
        message_zh=f"向{paid.payee_name}支付{yuan_text(amount_fen)}元,付款日企业状态:{state or '无'}",
        message_en=f"{yuan_text(amount_fen)} yuan were paid to {paid.payee_name}, then in state: {state or 'none'}",
        fund_category=payments[0].fund_category if payments else None,
    )


def _gravest_days(enterprise: EnterpriseRow, paid: PaidRow, thresholds: Thresholds) -> list[int]:
    """The days of payment at fault, of the gravest kind; without any fault none."""
    severities = {day: _severity(enterprise, day, thresholds) for day in sorted(paid.days) if day != NO_DAY}
    highest = max(severities.values(), default=NONE)
    return [day for day, severity in severities.items() if severity == highest != NONE]


def _state(record: EnterpriseRecord | None, listing: EnterpriseListing | None) -> str | None:
    if record is not None and record.enterprise_state in _ENDED:
        return record.enterprise_state
    return None if listing is None else listing.list_kind


RULE = Rule(
    id="payee_enterprise_inactive",
    version="1",
    name_zh="收款企业注销吊销或异常",
    name_en="Payee enterprise cancelled, revoked, abnormal or delinquent",
    category="企业风险",
    owner="农财",
    kind=Kind.JOIN,
    profiles=ALL_PROFILES,
    thresholds=Thresholds,
    judgements={SubjectKind.ENTERPRISE_YEAR: Judgement(judge=judge, explain=explain)},
    basis=(
        "004_6d54267a7b8d1056.txt art. 2 L25",
        "004_6d54267a7b8d1056.txt art. 17 L62",
        "002_cd118f177911e14b.txt L54",
    ),
    stage=Stage.ENTERPRISE,
)
